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
    sizes = [item.num_rows for item in tables]
    combined: Integers = np.zeros(sum(sizes), dtype=np.int64)
    span = 1
    for column in columns:
        numbers, width = _column_codes([item[column] for item in tables])
        if span * width >= 2**62:
            combined = np.unique(combined, return_inverse=True)[1].astype(np.int64)
            span = int(combined.max(initial=0)) + 1
        combined = combined * width + numbers
        span *= width
    return np.split(combined, np.cumsum(sizes)[:-1])


def _column_codes(columns: Sequence[pa.ChunkedArray]) -> tuple[Integers, int]:
    chunks = [chunk for column in columns for chunk in column.chunks]
    joined = pa.concat_arrays(chunks) if chunks else pa.array([], pa.string())
    encoded = joined.dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    width = len(order) + 1
    raw = encoded.indices.fill_null(len(order)).to_numpy(zero_copy_only=False)
    return np.append(place, len(order))[raw], width


def _plain(made: pa.Table) -> pa.Table:
    arrays = [
        pc.add(column, 0.0) if pa.types.is_floating(column.type) else column
        for column in made.columns
    ]
    return pa.table(arrays, names=made.column_names)
