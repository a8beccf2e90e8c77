"""Two versions of a table side by side: which rows are new, gone or in both, and which cells moved.

Here belongs the comparison of tables by key, on whole columns at a time; what a difference means is
in diff.py and knock_on.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sql.arrow import Integers, key_codes

Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int32]
RELATIVE_TOLERANCE = 1e-12
"""Numbers closer than this are the same: sums of the same figures in another order."""
SPARSE = 16
"""Numbers in the span of the keys per row, beyond which the keys are numbered densely first."""


class DuplicateKeyError(ValueError):
    """A table to be published holds the same key twice."""


@dataclass(frozen=True)
class Matched:
    """Rows of two versions of a table, matched by key.

    old and new are the whole tables; in_old and in_new the positions of the rows with a key in
    both, in the order of the new table, or None where both tables hold the same keys in the same
    order.
    """

    old: pa.Table
    new: pa.Table
    in_old: Positions | None
    in_new: Positions | None

    @cached_property
    def removed(self) -> pa.Table:
        """Rows of the old version whose key is gone."""
        return self.old.filter(_others(self.old.num_rows, self.in_old))

    @cached_property
    def added(self) -> pa.Table:
        """Rows of the new version whose key is new."""
        return self.new.filter(_others(self.new.num_rows, self.in_new))

    def rows_old(self, flags: Flags, columns: Sequence[str] | None = None) -> pa.Table:
        """The flagged ones of the rows in both, as the old version has them."""
        return _rows(self.old, self.in_old, flags, columns)

    def rows_new(self, flags: Flags, columns: Sequence[str] | None = None) -> pa.Table:
        """The flagged ones of the rows in both, as the new version has them."""
        return _rows(self.new, self.in_new, flags, columns)

    def moved(self, column: str) -> Flags:
        """Per row in both: whether the column's cell differs. False if a version lacks it."""
        if not {column} <= set(self.old.column_names) & set(self.new.column_names):
            size = self.new.num_rows if self.in_new is None else len(self.in_new)
            return np.zeros(size, dtype=bool)
        old, new = self.old[column], self.new[column]
        if pa.types.is_floating(old.type) and pa.types.is_floating(new.type):
            return _numbers_differ(_numbers(old, self.in_old), _numbers(new, self.in_new))
        return _differs(_taken(old, self.in_old), _taken(new, self.in_new))

    def any_moved(self, columns: Iterable[str]) -> Flags:
        """Per row in both: whether any of the columns' cells differs."""
        size = self.new.num_rows if self.in_new is None else len(self.in_new)
        flags: Flags = np.zeros(size, dtype=bool)
        for column in columns:
            flags |= self.moved(column)
        return flags


def match(old: pa.Table, new: pa.Table, key: Iterable[str]) -> Matched:
    """Match the rows of two versions by key; DuplicateKeyError if a key stands twice.

    The keys become whole numbers, and a table from number to row replaces any sorting or hashing.
    """
    columns = list(key)
    (old_codes, new_codes), span = key_codes([old, new], columns)
    if span > SPARSE * (len(old_codes) + len(new_codes) + 1):
        dense = np.unique(np.concatenate([old_codes, new_codes]), return_inverse=True)[1]
        old_codes, new_codes = np.split(dense, [len(old_codes)])
        span = len(dense)
    where = _row_of_code(old_codes, span, "old", columns)
    if np.array_equal(old_codes, new_codes):
        return Matched(old, new, None, None)
    _row_of_code(new_codes, span, "new", columns)
    found = where[new_codes]
    in_new = np.flatnonzero(found >= 0).astype(np.int32)
    return Matched(old, new, found[in_new], in_new)


def _row_of_code(codes: Integers, span: int, name: str, columns: list[str]) -> Positions:
    """The row that holds a key's number, -1 where none does."""
    where: Positions = np.full(span, -1, dtype=np.int32)
    where[codes] = np.arange(len(codes), dtype=np.int32)
    if np.count_nonzero(where >= 0) != len(codes):
        raise DuplicateKeyError(
            f"The {name} version holds the same key ({', '.join(columns)}) twice:"
            " a figure may stand only once."
        )
    return where


def _others(size: int, taken: Positions | None) -> pa.BooleanArray:
    mask = np.full(size, taken is not None, dtype=bool)
    if taken is not None:
        mask[taken] = False
    return pa.array(mask)


def _rows(
    made: pa.Table, positions: Positions | None, flags: Flags, columns: Sequence[str] | None
) -> pa.Table:
    wanted = np.flatnonzero(flags) if positions is None else positions[flags]
    return (made if columns is None else made.select(columns)).take(pa.array(wanted))


def _numbers(column: pa.ChunkedArray, positions: Positions | None) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = column.to_numpy()
    return numbers if positions is None else numbers[positions]


def _taken(column: pa.ChunkedArray, positions: Positions | None) -> pa.ChunkedArray:
    return column if positions is None else column.take(pa.array(positions))


def _differs(old: pa.ChunkedArray, new: pa.ChunkedArray) -> Flags:
    if len(old) == old.null_count == new.null_count:
        return np.zeros(len(old), dtype=bool)
    if old.type != new.type or pa.types.is_dictionary(old.type):
        old, new = old.cast(pa.string()), new.cast(pa.string())
    unlike = pc.fill_null(pc.not_equal(old, new), fill_value=False)
    one_null = pc.xor(pc.is_null(old), pc.is_null(new))
    flags: Flags = pc.or_(unlike, one_null).to_numpy()
    return flags


def _numbers_differ(old: npt.NDArray[np.float64], new: npt.NDArray[np.float64]) -> Flags:
    """Whether the numbers differ beyond the last digits; null is not a number."""
    flags: Flags = old != new
    unlike = np.flatnonzero(flags)
    left, right = old[unlike], new[unlike]
    with np.errstate(invalid="ignore"):
        scale = np.maximum(np.abs(left), np.abs(right))
        far = np.abs(left - right) > RELATIVE_TOLERANCE * scale
    flags[unlike] = far | (np.isnan(left) != np.isnan(right))
    return flags
