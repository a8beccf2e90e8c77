"""Contract tables as Arrow tables: the form in which they are hashed, compared, written and loaded.

Here belongs the passage between a pandas frame and Arrow, with the types of sql.tables and nothing
of pandas left in the file, so that the same rows are the same bytes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from sql.tables import table

ARROW_TYPES: dict[type[Any], pa.DataType] = {
    sa.Text: pa.string(),
    sa.Float: pa.float64(),
    sa.Integer: pa.int64(),
    sa.Boolean: pa.bool_(),
}
PANDAS_TYPES = {
    pa.string(): pd.StringDtype(na_value=np.nan),
    pa.large_string(): pd.StringDtype(na_value=np.nan),
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
Integers = npt.NDArray[np.int64]


def arrow_schema(name: str) -> pa.Schema:
    """Columns and Arrow types of a contract table."""
    return pa.schema([(c.name, ARROW_TYPES[type(c.type)]) for c in table(name).columns])


def to_arrow(frame: pd.DataFrame, name: str) -> pa.Table:
    """The frame of a contract table as Arrow, without pandas metadata; -0.0 becomes 0.0."""
    made = pa.Table.from_pandas(frame, schema=arrow_schema(name), preserve_index=False)
    return _plain(made)


def loose_to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Any frame as Arrow, types as its columns say: for frames that no contract describes."""
    made = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [
        pa.field(f.name, pa.string() if pa.types.is_large_string(f.type) else f.type)
        for f in made.schema
    ]
    return _plain(made.cast(pa.schema(fields)))


def to_pandas(made: pa.Table) -> pd.DataFrame:
    """The Arrow table as a frame with the contract's pandas types."""
    frame: pd.DataFrame = made.to_pandas(types_mapper=PANDAS_TYPES.get)
    return frame


def row_codes(tables: Sequence[pa.Table], columns: Sequence[str]) -> list[Integers]:
    """One whole number a row, per table: equal where all columns are equal, ordered as they sort.

    Nulls equal nulls and sort last. Numbers of different calls do not compare.
    """
    return key_codes(tables, columns, is_ordered=True)[0]


def key_codes(
    tables: Sequence[pa.Table], columns: Sequence[str], *, is_ordered: bool = False
) -> tuple[list[Integers], int]:
    """One whole number a row, per table, and the number that all are below.

    Equal where all columns are equal, nulls equal to nulls; in the order of the columns only where
    is_ordered. Columns of dictionary type are the fastest.
    """
    sizes = [item.num_rows for item in tables]
    combined: Integers = np.zeros(sum(sizes), dtype=np.int64)
    span = 1
    for column in columns:
        numbers, width = _column_codes([item[column] for item in tables], is_ordered=is_ordered)
        if width == 1:
            continue
        if span * width >= 2**62:
            combined = np.unique(combined, return_inverse=True)[1].astype(np.int64)
            span = int(combined.max(initial=0)) + 1
        combined *= width
        combined += numbers
        span *= width
    return np.split(combined, np.cumsum(sizes)[:-1]), span


def _column_codes(
    columns: Sequence[pa.ChunkedArray], *, is_ordered: bool
) -> tuple[npt.NDArray[np.integer], int]:
    """Position of each cell among the distinct ones, null behind them, and how many there are."""
    chunks = [chunk for column in columns for chunk in column.chunks]
    if not chunks:
        return np.zeros(0, dtype=np.int64), 1
    encoded = pa.chunked_array(chunks).dictionary_encode().unify_dictionaries().combine_chunks()
    words = encoded.dictionary
    raw = encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    width = len(words) + bool(encoded.null_count)
    if not is_ordered:
        return raw, width
    order = pc.sort_indices(words).to_numpy()
    place = np.empty(len(words) + 1, dtype=np.int64)
    place[order] = np.arange(len(words))
    place[-1] = len(words)
    return place[raw], width


def _plain(made: pa.Table) -> pa.Table:
    arrays = [
        pc.add(column, 0.0) if pa.types.is_floating(column.type) else column
        for column in made.columns
    ]
    return pa.table(arrays, names=made.column_names)
