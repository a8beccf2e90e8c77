"""The safe reader of CSV: every cell as text, exactly; every line accounted for.

Here belongs how bytes become cells. It guesses nothing: UTF-8, comma, double quotes, or a fault
that names the place. What the columns mean is the caller's.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RowFault:
    """Why a line could not be read: row (the header is 1, 0 is the file), code, particulars."""

    row: int
    code: str
    detail: str


@dataclass(frozen=True)
class CsvTable:
    """A CSV file: rows as wide as the header, their row numbers, and what could not be read.

    len(rows) + len(faults) is the number of data lines, or 1 fault on row 0 if there are none.
    """

    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    numbers: Sequence[int] = ()
    faults: Sequence[RowFault] = field(default=())

    def column(self, name: str) -> list[str]:
        """The cells of a column; empty texts if there is no such column."""
        if name not in self.header:
            return [""] * len(self.rows)
        place = self.header.index(name)
        return [row[place] for row in self.rows]


def read_csv(body: bytes) -> CsvTable:
    """The table in the bytes of a CSV file.

    Codes of faults: empty_file, header_only, not_utf8, truncated_body, unreadable_body for the
    whole file (one fault per data line, or one on row 0), ragged_row for single rows. Lines
    without any text are no data lines.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _refused(
            body, "not_utf8", f"byte {error.start + 1} is {error.object[error.start]:#x}"
        )
    if not text.strip():
        return CsvTable(faults=(RowFault(0, "empty_file", ""),))
    if "\0" in text:
        return _refused(body, "unreadable_body", "there are zero bytes in the text")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = list(reader)
    except csv.Error as error:
        code = "truncated_body" if "unexpected end" in str(error) else "unreadable_body"
        return _refused(body, code, f"line {reader.line_num} is not valid CSV")
    return _table(lines)


def _table(lines: list[list[str]]) -> CsvTable:
    header = [name.strip() for name in lines[0]]
    rows, numbers, faults = [], [], []
    for number, row in enumerate(lines[1:], start=2):
        if not any(row):
            continue
        if len(row) == len(header):
            rows.append(row)
            numbers.append(number)
        else:
            seen = f"{len(row)} cells instead of {len(header)}: {','.join(row)[:40]}"
            faults.append(RowFault(number, "ragged_row", seen))
    if not rows and not faults:
        faults.append(RowFault(0, "header_only", ",".join(header)[:40]))
    return CsvTable(header, rows, numbers, tuple(faults))


def _refused(body: bytes, code: str, detail: str) -> CsvTable:
    """Every line below the first as a fault, so that the file's figures are missed by number."""
    lines = body.replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    found = [number for number, line in enumerate(lines, start=1) if line.strip() and number > 1]
    return CsvTable(faults=tuple(RowFault(number, code, detail) for number in found or [0]))
