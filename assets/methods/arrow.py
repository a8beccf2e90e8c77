"""Arrow arrays over numpy memory and back, without pandas.

Here belongs the passage itself: Arrow's own conversions import pandas, which takes longer than a
small comparison.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from assets.methods.impossible import Flags, Floats

DOUBLE_BYTES = 8


def held(column: pa.Array) -> npt.NDArray[Any]:
    """The memory of an Arrow array of numbers; what stands where it is null means nothing."""
    kind = column.type.to_pandas_dtype()
    memory = np.frombuffer(column.buffers()[1], dtype=kind)
    return memory[column.offset : column.offset + len(column)]


def is_null(column: pa.Array) -> Flags:
    """Where an Arrow array is null."""
    bitmap = column.buffers()[0]
    if bitmap is None or not column.null_count:
        return np.zeros(len(column), dtype=bool)
    bits = np.unpackbits(np.frombuffer(bitmap, dtype=np.uint8), bitorder="little")
    return np.asarray(bits[column.offset : column.offset + len(column)] == 0)


def float_name(kind: Any) -> str | None:
    """The name in numpy of a type of floats, which pandas may hold; None for any other type."""
    return f"f{kind.itemsize}" if kind.kind == "f" else None


def as_doubles(values: npt.NDArray[Any]) -> Floats:
    """Numbers as doubles; one of fewer bytes by its shortest decimal form, as written."""
    found = values.astype(np.float64)
    if values.dtype.kind == "f" and values.dtype.itemsize < DOUBLE_BYTES:
        exact = 2.0 ** (np.finfo(values.dtype).nmant + 1)
        is_whole = (found == np.rint(found)) & (np.abs(found) < exact)
        found[~is_whole] = values[~is_whole].astype("U32").astype(np.float64)
    return found


def to_floats(column: pa.Array) -> Floats:
    """An Arrow array of numbers as doubles, null as NaN."""
    is_short = pa.types.is_float16(column.type) or pa.types.is_float32(column.type)
    values = as_doubles(held(column if is_short else column.cast(pa.float64(), safe=False)))
    if column.null_count:
        values[is_null(column)] = np.nan
    return values


def is_one(column: npt.NDArray[Any]) -> bool:
    """Whether a column is one entry, broadcast to its length."""
    return column.strides == (0,) and len(column) > 0


def text_array(texts: Sequence[str]) -> pa.StringArray:
    """A string array of the texts."""
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)
