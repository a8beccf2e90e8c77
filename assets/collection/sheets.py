"""The safe reader: every cell of a file as exact text with sheet and address, or the one reason.

Here belongs the way through the three gates: the scan, a process of its own for workbooks, exact
text. Which of the cells are answers is found in tables.py.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from assets.collection.formats.csv import read_lines
from assets.collection.formats.grid import Mark, SheetAnswer
from assets.collection.limits import Refused
from assets.collection.parse_child import parse
from assets.collection.scan import Kind, read_file, scan
from validations.messages import Lang, remedy, what


def address(row: int, column: int) -> str:
    """The address of a cell as a spreadsheet writes it: row 7, column 6 is F7."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


@dataclass(frozen=True)
class Refusal:
    """Why a file was refused whole: its name, and the reason with its particulars."""

    name: str
    reason: Refused

    @property
    def code(self) -> str:
        """The code of the message."""
        return self.reason.code

    def message(self, lang: Lang) -> str:
        """One sentence and its remedy."""
        values = {"seen": self.reason.seen[:40] or "-", "expected": self.reason.expected or "-"}
        said = what(self.code, lang, values)
        return f"{self.name[:80]}: {said} {remedy(self.code, lang, values)}"


class Cell(NamedTuple):
    """A filled cell: sheet, address, exact text, and what is odd about it."""

    sheet: str
    address: str
    text: str
    mark: Mark | None


@dataclass(frozen=True)
class Sheet:
    """A sheet: rows of texts from A1, each as long as its last filled cell; odd cells marked."""

    name: str
    rows: Sequence[Sequence[str]]
    marks: Mapping[tuple[int, int], Mark] = field(default_factory=dict)
    is_hidden: bool = False

    def cells(self) -> Iterator[Cell]:
        """The filled cells, row by row."""
        for row, texts in enumerate(self.rows, start=1):
            for column, text in enumerate(texts, start=1):
                mark = self.marks.get((row, column))
                if text or mark:
                    yield Cell(self.name, address(row, column), text, mark)


@dataclass(frozen=True)
class Sheets:
    """A file that was read: its sheets, in their order.

    properties: those of the document whose name begins with cb_; encoding and divider: of a CSV
    file, which has one sheet without a name.
    """

    name: str
    kind: Kind
    sheets: Sequence[Sheet]
    properties: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    divider: str = ""


def read_sheets(source: Path | bytes, name: str, wanted: Collection[str] = ()) -> Sheets | Refusal:
    """Every cell of a CSV, XLSX, ODS or XLS file, or the one reason why it is refused whole.

    The kind is told by the content; name is a label in messages. wanted: names that a header may
    have, by which the divider of a text file is told.
    """
    try:
        body = read_file(source) if isinstance(source, Path) else source
        kind = scan(body)
        if kind == "csv":
            text = read_lines(body, wanted)
            only = Sheet("", text.cells)
            return Sheets(name, kind, [only], encoding=text.encoding, divider=text.divider)
        found = parse(body, kind)
    except Refused as refused:
        return Refusal(name, refused)
    return Sheets(name, kind, [_sheet(told) for told in found["sheets"]], found["properties"])


def _sheet(told: SheetAnswer) -> Sheet:
    marks = {(row, column): mark for row, column, mark in told["marks"]}
    return Sheet(told["name"], told["rows"], marks, told["is_hidden"])
