"""A sheet on its way out of the child: filled cells and marks, kept within the limits.

Here belongs what all workbook formats share: the box is measured before anything is laid out.
"""

from typing import Literal, TypedDict

from assets.collection.limits import MOST_CELLS, box_fault

Mark = Literal["error", "formula", "no_result"]
"""What is odd about a cell: an error value; a formula with, or without, a saved result."""


class SheetAnswer(TypedDict):
    """A sheet as the child writes it: rows of texts from A1, and (row, column, mark)."""

    name: str
    is_hidden: bool
    rows: list[list[str]]
    marks: list[tuple[int, int, Mark]]


class Grid:
    """The filled cells of one sheet, by row and column from 1."""

    def __init__(self, name: str, *, is_hidden: bool = False) -> None:
        self.name = name
        self.is_hidden = is_hidden
        self.cells: dict[tuple[int, int], str] = {}
        self.marks: dict[tuple[int, int], Mark] = {}
        self.height = self.width = 0

    def put(self, row: int, column: int, text: str, mark: Mark | None = None) -> None:
        """Add a cell; Refused once the box around the filled cells is too large."""
        if not text and mark is None:
            return
        if not text.isascii() or "\0" in text:
            text = _whole_letters(text)
        self.height, self.width = max(self.height, row), max(self.width, column)
        self.cells[row, column] = text
        if mark is not None:
            self.marks[row, column] = mark
        if len(self.cells) > MOST_CELLS or len(self.cells) % 5_000 == 1:
            self.check()

    def check(self) -> None:
        """Refused if the box around the filled cells is too large."""
        fault = box_fault(self.name, self.height, self.width)
        if fault:
            raise fault

    def answer(self) -> SheetAnswer:
        """The sheet laid out from A1, rows as long as their last filled cell."""
        self.check()
        rows: list[list[str]] = [[] for _ in range(self.height)]
        for (row, column), text in sorted(self.cells.items()):
            line = rows[row - 1]
            line.extend([""] * (column - 1 - len(line)))
            line.append(text)
        marks = [(row, column, mark) for (row, column), mark in sorted(self.marks.items())]
        return {"name": self.name, "is_hidden": self.is_hidden, "rows": rows, "marks": marks}


def _whole_letters(text: str) -> str:
    """The text with U+FFFD for halves of letters and zero bytes, which no table can keep."""
    letters = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return letters.replace("\0", "\ufffd")
