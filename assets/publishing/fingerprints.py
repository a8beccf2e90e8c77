"""Fingerprints: one SHA-256 for the rows of a frame, whatever their order.

Here belongs how two frames are known to be equal without keeping both.
"""

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from sql.arrow import loose_to_arrow, row_codes


def fingerprint(frame: pd.DataFrame) -> str:
    """SHA-256 over the frame's columns, types and rows in sorted order.

    Equal for frames with equal columns and equal rows, whatever the order of the rows; a null is
    a null, whatever stands in its slot.
    """
    table = loose_to_arrow(frame)
    codes = row_codes([table], table.column_names)[0]
    ordered = table.take(np.argsort(codes, kind="stable"))
    digest = hashlib.sha256(repr([(f.name, str(f.type)) for f in table.schema]).encode())
    for column in ordered.columns:
        _hash_column(digest, column)
    return digest.hexdigest()


def fingerprints(frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """The fingerprint of each frame, by name, in the order of the names."""
    return {name: fingerprint(frames[name]) for name in sorted(frames)}


def _hash_column(digest: "hashlib._Hash", column: pa.ChunkedArray) -> None:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], column.type)
    digest.update(np.packbits(array.is_null().to_numpy(zero_copy_only=False)).tobytes())
    if pa.types.is_string(array.type):
        encoded = array.fill_null("").dictionary_encode()
        digest.update(encoded.indices.to_numpy(zero_copy_only=False).tobytes())
        digest.update(repr(encoded.dictionary.to_pylist()).encode())
    elif pa.types.is_null(array.type):
        digest.update(b"null")
    else:
        filled = array.fill_null(False if pa.types.is_boolean(array.type) else 0)
        digest.update(np.ascontiguousarray(filled.to_numpy(zero_copy_only=False)).tobytes())
