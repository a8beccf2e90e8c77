"""The small tables beside the observations, column by column, whatever holds them.

Here belongs reading a column as plain Python; what its words mean is checked by its reader. A table
is a pandas frame or an Arrow table: the command reads Arrow, which spares it the import of pandas.
"""

import re
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from assets.methods.arrow import as_doubles, float_name, to_floats
from assets.methods.impossible import Floats, ImpossibleInput

if TYPE_CHECKING:  # half a second to import
    import pandas as pd

NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
"""A number as a table writes it; not nan, inf or 1_000."""
Table: TypeAlias = "pd.DataFrame | pa.Table"


def names_of(table: Table) -> list[str]:
    """The names of the columns."""
    names = table.column_names if isinstance(table, pa.Table) else table.columns
    return [str(name) for name in names]


def cells_of(table: Table, name: str) -> list[Any]:
    """The cells of a column, null as None; None throughout where there is no such column."""
    if name not in names_of(table):
        return [None] * len(table)
    floats = _floats_of(table, name)
    if floats is not None:
        return [None if np.isnan(number) else number for number in floats.tolist()]
    if isinstance(table, pa.Table):
        cells: list[Any] = table.column(name).to_pylist()
        return cells
    column = table[name]
    pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
    return [None if is_null else cell for cell, is_null in pairs]


def _floats_of(table: Table, name: str) -> Floats | None:
    """A column of floats as doubles, null as NaN; None for a column of anything else."""
    if isinstance(table, pa.Table):
        column = table.column(name)
        if not pa.types.is_floating(column.type):
            return None
        parts = [to_floats(chunk) for chunk in column.chunks if len(chunk)]
        return np.concatenate([np.zeros(0), *parts])
    kind = float_name(table[name].dtype)
    return None if kind is None else as_doubles(table[name].to_numpy(kind, na_value=np.nan))


def texts_of(table: Table, name: str) -> list[str]:
    """The cells of a column as text, null and absent as empty text."""
    return ["" if cell is None else str(cell) for cell in cells_of(table, name)]


def is_untidy(text: str) -> bool:
    """Whether a code has a space at either end, or a sign nobody sees: it would match no other."""
    return text != text.strip() or not text.isprintable()


def codes_of(table: Table, name: str, called: str) -> list[str]:
    """The cells of a column of codes as text; called: the table in words.

    Raises ImpossibleInput for a code that is_untidy.
    """
    found = texts_of(table, name)
    for text in found:
        if is_untidy(text):
            raise ImpossibleInput(
                f"{called}: {name} {text[:40]!r} has a space at an end, or a sign that cannot be"
                " seen. Remove it."
            )
    return found


def numbers_of(table: Table, name: str, rows: list[str]) -> Floats:
    """The cells of a column as numbers, null and empty text as NaN.

    rows: what a row is called where its cell is not a number. Raises ImpossibleInput for it, and
    for infinity.
    """
    found = np.full(len(rows), np.nan)
    for place, cell in enumerate(cells_of(table, name)):
        if cell is None or cell == "":
            continue
        number = _number(cell)
        if number is None or np.isinf(number):
            seen = repr(str(cell)[:40])
            raise ImpossibleInput(f"{rows[place]}: {name} is not a number ({seen}).")
        found[place] = number
    return found


def _number(cell: object) -> float | None:
    if isinstance(cell, str) and NUMBER.fullmatch(cell) is None:
        return None
    try:
        return float(cell)  # type: ignore[arg-type]  # whatever it is, float says
    except (TypeError, ValueError):
        return None
