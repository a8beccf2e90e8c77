"""How much a file may be: one table of limits, for the scan, the child that parses and the docs.

Here belong numbers and the exception that says one was passed, or anything else for which a file is
refused whole. Nothing here imports more than the standard library: the child reads it first.
"""

from typing import Final

LARGEST_FILE: Final = 10 << 20
"""Bytes. Real returns are a few kilobytes, real workbooks of publishers up to 1.5 MiB."""
MOST_MEMBERS: Final = 2_000
LARGEST_MEMBER: Final = 100 << 20
LARGEST_CONTENT: Final = 200 << 20
"""Bytes of a workbook's members, unpacked: one, and all."""
LARGEST_RATIO: Final = 200
RATIO_COUNTS_FROM: Final = 1 << 20
"""Unpacked over packed size; small members may be packed as tightly as they like."""
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 500
MOST_CELLS: Final = 500_000
"""Of the box around the filled cells of one sheet."""
MEMORY: Final = 1 << 30
CPU_SECONDS: Final = 8
WALL_SECONDS: Final = 9
LARGEST_ANSWER: Final = 64 << 20
OPEN_FILES: Final = 64
"""What the child that parses may use: bytes, seconds, bytes it may write, files."""


class Refused(Exception):  # noqa: N818  the name says what happened to the file
    """The file is refused whole: code of the message, what was seen, what was expected."""

    def __init__(self, code: str, seen: str = "", expected: str = "") -> None:
        super().__init__(code, seen, expected)
        self.code = code
        self.seen = seen[:200]
        self.expected = expected[:200]

    @property
    def detail(self) -> str:
        """What was seen and expected in one text, as raw_returns keeps it."""
        return f"{self.seen} [{self.expected}]" if self.expected else self.seen


def box_fault(sheet: str, rows: int, columns: int) -> Refused | None:
    """The refusal of a sheet whose filled cells span so many rows and columns; None if it fits."""
    if rows <= MOST_ROWS and columns <= MOST_COLUMNS and rows * columns <= MOST_CELLS:
        return None
    box = f"{MOST_ROWS} x {MOST_COLUMNS}, {MOST_CELLS}"
    return Refused("sheet_too_large", f"{sheet[:40]}: {rows} x {columns}", box)
