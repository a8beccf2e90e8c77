"""Rows of raw_returns, gathered column by column, and their passage into a frame.

Here belongs the shape of what all connectors hand back. It judges no figure: a fault that was found
while reading is a row with `problem` set, never a row less.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from assets.collection.reader import Notice, RowFault
from sql.frames import dtypes

Cells = Sequence[str | None]


@dataclass(frozen=True)
class Origin:
    """Where rows were read from: file or address, hash of the bytes, day of publication."""

    file: str
    sha256: str
    published: str | None = None


class RawRows:
    """The rows of one dataset on their way into a frame."""

    def __init__(self, dataset: str) -> None:
        self.columns: dict[str, list[str | None]] = {
            name: [] for name, kind in dtypes("raw_returns").items() if kind == "str"
        }
        self.dataset = dataset
        self.numbers: list[int] = []
        self.notices: list[dict[str, str]] = []

    def add(self, origin: Origin, numbers: Sequence[int], **cells: Cells | str | None) -> None:
        """Add rows of one origin: per column a text for all of them, or a text for each."""
        given: dict[str, Cells | str | None] = {
            "dataset": self.dataset,
            "source_file": origin.file,
            "source_sha256": origin.sha256,
            "source_published": origin.published,
            **cells,
        }
        for name, column in self.columns.items():
            value = given.pop(name, None)
            if value is None or isinstance(value, str):
                column.extend([value or None] * len(numbers))
            else:
                column.extend(cell or None for cell in value)
        if given:
            raise KeyError(f"raw_returns has no columns {sorted(given)}")
        self.numbers += numbers

    def add_faults(self, origin: Origin, faults: Iterable[RowFault], **cells: str | None) -> None:
        """Add one row per fault."""
        listed = list(faults)
        self.add(
            origin,
            [fault.row for fault in listed],
            problem=[fault.code for fault in listed],
            problem_detail=[fault.detail for fault in listed],
            **cells,
        )

    def add_notices(self, origin: Origin, notices: Iterable[Notice]) -> None:
        """Keep what the council is told about a file although nothing is wrong with it."""
        self.notices += [
            {
                "code": notice.code,
                "seen": notice.seen,
                "source_file": origin.file,
                "source_sha256": origin.sha256,
            }
            for notice in notices
        ]

    def frame(self) -> pd.DataFrame:
        """The rows in the shape of raw_returns; ValueError if a column is shorter than others.

        Its attrs hold the notices, if there are any.
        """
        data: dict[str, pd.Series] = {}
        for name, kind in dtypes("raw_returns").items():
            if name == "source_row":
                data[name] = pd.Series(self.numbers, dtype=kind)
            elif name == "is_stale":
                data[name] = pd.Series([False] * len(self.numbers), dtype=kind)
            else:
                data[name] = pd.Series(self.columns[name], dtype=kind)
            if len(data[name]) != len(self.numbers):
                raise ValueError(f"{name}: {len(data[name])} cells for {len(self.numbers)} rows")
        frame = pd.DataFrame(data)
        if self.notices:
            frame.attrs["notices"] = self.notices
        return frame
