"""Tables as connectors take them: rows under a header, every line accounted for.

Here belongs how lines of text become a table, and the one form of CSV that a service answers with:
UTF-8, comma, double quotes, or a fault that names the place. Files of the inbox are read by
tables.py. What the columns mean is the caller's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from assets.collection.formats.csv import decode_utf8, divide
from assets.collection.limits import Refused


@dataclass(frozen=True)
class RowFault:
    """Why a line could not be read: row (the header is 1, 0 is the file), code, particulars."""

    row: int
    code: str
    detail: str


class Notice(NamedTuple):
    """What a council is told although nothing is wrong: a code of the messages, particulars."""

    code: str
    seen: str


@dataclass(frozen=True)
class CsvTable:
    """A table: rows as wide as the header, their row numbers, and what could not be read.

    len(rows) + len(faults) is the number of data lines, or 1 fault on row 0 if there are none.
    sheet: the sheet of a workbook it stands on; cell_faults: (place in rows, column) -> why the
    cell cannot be used; divider: what divided the cells of a text file; copies: references to the
    return that stand elsewhere in the workbook.
    """

    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    numbers: Sequence[int] = ()
    faults: Sequence[RowFault] = field(default=())
    sheet: str | None = None
    cell_faults: Mapping[tuple[int, str], RowFault] = field(default_factory=dict)
    notices: Sequence[Notice] = ()
    divider: str = ","
    copies: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> list[str]:
        """The cells of a column; empty texts if there is no such column."""
        if name not in self.header:
            return [""] * len(self.rows)
        place = self.header.index(name)
        return [row[place] for row in self.rows]

    def cell_fault(self, place: int, columns: Collection[str]) -> RowFault | None:
        """Why the row at that place cannot be used, if it is a cell of one of the columns."""
        if not self.cell_faults:
            return None
        found = (self.cell_faults.get((place, name)) for name in columns)
        return next((fault for fault in found if fault), None)


def read_csv(body: bytes) -> CsvTable:
    """The table in the bytes of a CSV file.

    Codes of faults: empty_file, header_only, not_utf8, truncated_body, unreadable_body for the
    whole file (one fault per data line, or one on row 0), ragged_row for single rows. Lines
    without any text are no data lines.
    """
    try:
        return table_of(divide(decode_utf8(body)))
    except Refused as refused:
        return refused_lines(body, refused)


def table_of(lines: Sequence[Sequence[str]]) -> CsvTable:
    """The table in the lines of a text file, the header first.

    Columns at the end in which nothing stands, not even a name, are no columns: spreadsheets save
    cells that were only formatted as such.
    """
    width = max(map(_width, lines), default=0)
    header = [name.strip() for name in lines[0][:width]]
    rows, numbers, faults = [], [], []
    for number, line in enumerate(lines[1:], start=2):
        if not any(line):
            continue
        row = line[:width] if len(line) == len(lines[0]) else line
        if len(row) == len(header):
            rows.append(row)
            numbers.append(number)
        else:
            seen = f"{len(row)} cells instead of {len(header)}: {','.join(row)[:40]}"
            faults.append(RowFault(number, "ragged_row", seen))
    if not rows and not faults:
        faults.append(RowFault(0, "header_only", ",".join(header)[:40]))
    return CsvTable(header, rows, numbers, tuple(faults))


def _width(line: Sequence[str]) -> int:
    """The place of the last cell in which anything stands."""
    return max((place for place, cell in enumerate(line, start=1) if cell.strip()), default=0)


def refused_lines(body: bytes, refused: Refused) -> CsvTable:
    """Every line below the first as a fault, so that the file's figures are missed by number."""
    lines = body.replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    found = [number for number, line in enumerate(lines, start=1) if line.strip() and number > 1]
    if refused.code == "empty_file":
        found = []
    faults = (RowFault(number, refused.code, refused.detail) for number in found or [0])
    return CsvTable(faults=tuple(faults))
