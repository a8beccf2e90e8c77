"""Decimal commas: accepted in text files divided by semicolons, and announced.

Here belongs what a comma in a figure means there. Elsewhere a comma divides thousands, which is the
rules' to read. A comma with exactly three digits behind it may be either, so that it is refused.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from assets.collection.reader import CsvTable, Notice, RowFault

SEMICOLON = ";"
_DECIMAL = re.compile(r"\s*([-−]?\d+),(\d{1,2}|\d{4,}|(?<=\d{4},)\d{3})\s*(%?)\s*")
_EITHER = re.compile(r"\s*\(?[-−]?£?\d{1,3}(,\d{3})+\s*%?\)?\s*")


def with_points(table: CsvTable, columns: Collection[str]) -> CsvTable:
    """The table with points for decimal commas in the columns of figures, if semicolons divide it.

    Cells that may mean thousands as well get a fault (comma_unclear).
    """
    places = [place for place, name in enumerate(table.header) if name in columns]
    if table.divider != SEMICOLON or not places:
        return table
    rows = [_with_points(row, places) for row in table.rows]
    n_changed = sum(new != old for new, old in zip(rows, map(list, table.rows), strict=True))
    faults = {
        (number, table.header[place]): RowFault(
            table.numbers[number], "comma_unclear", row[place].strip()[:40]
        )
        for number, row in enumerate(table.rows)
        for place in places
        if _EITHER.fullmatch(row[place])
    }
    notices = [Notice("read_decimal_comma", str(n_changed))] if n_changed else []
    return replace(
        table,
        rows=rows,
        cell_faults={**table.cell_faults, **faults},
        notices=[*table.notices, *notices],
    )


def _with_points(row: Sequence[str], places: Collection[int]) -> list[str]:
    return [
        _DECIMAL.sub(r"\1.\2\3", cell) if place in places and _DECIMAL.fullmatch(cell) else cell
        for place, cell in enumerate(row)
    ]
