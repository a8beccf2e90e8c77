"""An assembled frame to be asked: held in memory, or lying in a Parquet file too large to hold.

Here belongs reading columns, slices and single rows of either; what is asked of them stands in
validations.contracts and validations.suites.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

SLICE = 1_000_000
"""Rows that Great Expectations sees at a time; more would take gigabytes."""


class Assembled(Protocol):
    """Rows numbered from 0, in named columns."""

    @property
    def shape(self) -> pd.DataFrame:
        """The columns with their types, without rows."""

    def __len__(self) -> int:
        """How many rows there are."""

    def read(self, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns, every row."""

    def slices(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Some columns, SLICE rows at a time, labelled by their number in the whole."""


@dataclass(frozen=True)
class InMemory:
    """A frame of this process."""

    frame: pd.DataFrame

    @property
    def shape(self) -> pd.DataFrame:
        """The columns with their types, without rows."""
        return self.frame.iloc[:0]

    def __len__(self) -> int:
        return len(self.frame)

    def read(self, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns, every row."""
        return self.frame[list(columns)].reset_index(drop=True)

    def slices(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Some columns, SLICE rows at a time, labelled by their number in the whole."""
        whole = self.read(columns)
        for start in range(0, len(whole), SLICE):
            yield whole.iloc[start : start + SLICE]


@dataclass(frozen=True)
class OnDisk:
    """A frame in a Parquet file, of which no more than a few columns or a slice are held."""

    path: Path

    @cached_property
    def shape(self) -> pd.DataFrame:
        """The columns with their types, without rows."""
        made: pd.DataFrame = pq.read_schema(self.path).empty_table().to_pandas()
        return made

    def __len__(self) -> int:
        return int(pq.read_metadata(self.path).num_rows)

    def read(self, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns, every row; text as codes over its different words."""
        text = [name for name in columns if self.shape[name].dtype == "str"]
        table = pq.read_table(self.path, columns=list(columns), read_dictionary=text)
        made: pd.DataFrame = table.to_pandas(ignore_metadata=True, self_destruct=True)
        return made

    def slices(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Some columns, SLICE rows at a time, labelled by their number in the whole."""
        kinds, start = self.shape[list(columns)].dtypes.to_dict(), 0
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(SLICE, columns=list(columns)):
                part = batch.to_pandas().astype(kinds)
                part.index = pd.RangeIndex(start, start + len(part))
                start += len(part)
                yield part


def rows_at(source: Assembled, places: NDArray[np.intp], columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of the rows with these numbers."""
    return source.read(columns).iloc[places]
