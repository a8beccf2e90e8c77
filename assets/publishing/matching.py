"""Two versions of a table side by side: which rows are new, gone or in both, and which cells moved.

Here belongs the comparison of tables by key, on whole columns at a time; what a difference means is
in diff.py and knock_on.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sql.arrow import Integers, row_codes

Flags = npt.NDArray[np.bool_]
RELATIVE_TOLERANCE = 1e-12
"""Numbers closer than this are the same: sums of the same figures in another order."""


class DuplicateKeyError(ValueError):
    """A table to be published holds the same key twice."""


@dataclass(frozen=True)
class Matched:
    """Rows of two versions of a table, matched by key.

    both_old and both_new hold the rows with a key in both versions, in the same order; removed is
    the rest of the old version, added the rest of the new one.
    """

    both_old: pa.Table
    both_new: pa.Table
    removed: pa.Table
    added: pa.Table

    def moved(self, column: str) -> Flags:
        """Per row in both: whether the column's cell differs. False if a version lacks it."""
        lacking = not {column} <= set(self.both_old.column_names) & set(self.both_new.column_names)
        if lacking:
            return np.zeros(self.both_new.num_rows, dtype=bool)
        return _differs(self.both_old[column], self.both_new[column])

    def any_moved(self, columns: Iterable[str]) -> Flags:
        """Per row in both: whether any of the columns' cells differs."""
        flags: Flags = np.zeros(self.both_new.num_rows, dtype=bool)
        for column in columns:
            flags |= self.moved(column)
        return flags


def match(old: pa.Table, new: pa.Table, key: Iterable[str]) -> Matched:
    """Match the rows of two versions by key; DuplicateKeyError if a key stands twice."""
    columns = list(key)
    old_codes, new_codes = row_codes([old, new], columns)
    for codes, name in ((old_codes, "old"), (new_codes, "new")):
        if len(np.unique(codes)) != len(codes):
            raise DuplicateKeyError(
                f"The {name} version holds the same key ({', '.join(columns)}) twice:"
                " a figure may stand only once."
            )
    _, in_old, in_new = np.intersect1d(
        old_codes, new_codes, assume_unique=True, return_indices=True
    )
    return Matched(
        both_old=old.take(in_old),
        both_new=new.take(in_new),
        removed=old.filter(_others(len(old_codes), in_old)),
        added=new.filter(_others(len(new_codes), in_new)),
    )


def _others(size: int, taken: Integers) -> pa.BooleanArray:
    mask = np.ones(size, dtype=bool)
    mask[taken] = False
    return pa.array(mask)


def _differs(old: pa.ChunkedArray, new: pa.ChunkedArray) -> Flags:
    if pa.types.is_floating(old.type) and pa.types.is_floating(new.type):
        return _numbers_differ(old.to_numpy(), new.to_numpy())
    if old.type != new.type:
        old, new = old.cast(pa.string()), new.cast(pa.string())
    unlike = pc.fill_null(pc.not_equal(old, new), fill_value=False)
    one_null = pc.xor(pc.is_null(old), pc.is_null(new))
    flags: Flags = pc.or_(unlike, one_null).to_numpy()
    return flags


def _numbers_differ(old: npt.NDArray[np.float64], new: npt.NDArray[np.float64]) -> Flags:
    with np.errstate(invalid="ignore"):
        scale = np.maximum(np.abs(old), np.abs(new))
        flags: Flags = np.abs(old - new) > RELATIVE_TOLERANCE * scale
    one_null: Flags = np.isnan(old) != np.isnan(new)
    return flags | one_null
