"""Columns of the result: codes with their texts, lists of members, and Arrow arrays from them.

Here belongs how text is carried through the kernel (as whole numbers) and how columns are written
out; where their rows come from is in layout, which columns there are in rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assets.methods.arrow import lengths, text_array
from assets.methods.impossible import Flags, Ints

Codes = Ints | npt.NDArray[np.int32] | npt.NDArray[np.int8]
Column = npt.NDArray[Any]
"""Floats, or whole numbers."""

SEPARATOR = ";"
KEPT = 64
"""Lists of texts whose Arrow arrays are remembered."""
_KNOWN: dict[int, tuple[Sequence[str], pa.Array]] = {}


@dataclass(frozen=True)
class Texts:
    """A text column: a code per row, -1 for null, and the distinct texts the codes stand for."""

    codes: Codes
    texts: Sequence[str]


@dataclass(frozen=True)
class Lists:
    """A text column of member lists: how many names each row has, -1 for null, and all in turn."""

    counts: Ints
    members: Ints
    """Positions in `names` of the members of the first row, then of the second, and so on."""
    names: Sequence[str]


Columns = dict[str, Column | Texts | Lists | None]
"""Columns of a result table by name; None is null throughout."""


def masked_members(mask: Flags, by_lane: Ints) -> tuple[Ints, Ints]:
    """How many members are masked in every line and group; and which, one after the other.

    mask: members x groups x lines; by_lane: members x groups. The counts are lines x groups, and
    the members come line by line, group by group.
    """
    n_members, n_groups, n_lines = mask.shape
    found = np.flatnonzero(mask)
    subject = found // n_lines  # members x groups
    lane = subject // n_groups
    line, group = found - subject * n_lines, subject - lane * n_groups
    place = (line * n_groups + group) * n_members + lane
    place.sort()
    cell = place // n_members
    counts = np.bincount(cell, minlength=n_lines * n_groups).reshape(n_lines, n_groups)
    group = cell - cell // n_groups * n_groups
    return counts, by_lane.reshape(-1)[(place - cell * n_members) * n_groups + group]


def to_arrow(columns: Columns, types: Mapping[str, pa.DataType], size: int) -> pa.Table:
    """An Arrow table of the columns in the order of `types`; NaN and code -1 are null."""
    arrays = [_array(columns[name], kind, size) for name, kind in types.items()]
    return pa.Table.from_arrays(arrays, names=list(types))


def _array(column: Column | Texts | Lists | None, kind: pa.DataType, size: int) -> pa.Array:
    if column is None:
        return pa.nulls(size, kind)
    if isinstance(column, Lists):
        return _joined(column)
    if isinstance(column, Texts):
        codes = column.codes.astype(kind.index_type.to_pandas_dtype(), copy=False)
        indices = _over(codes, codes >= 0, kind.index_type)
        return pa.DictionaryArray.from_arrays(indices, _dictionary(column.texts), safe=False)
    return _numbers(column, kind, size)


def _numbers(column: Column, kind: pa.DataType, size: int) -> pa.Array:
    if column.dtype == np.int64:
        return _over(column, None, kind)
    present = ~np.isnan(column)
    if pa.types.is_floating(kind):
        return _over(column, present, kind)
    if pa.types.is_boolean(kind):
        return _over(_bits(column == 1), present, kind, size)
    with np.errstate(invalid="ignore"):
        return _over(column.astype(np.int64), present, kind)


def _over(
    values: Column,
    present: Flags | None,
    kind: pa.DataType,
    size: int | None = None,
) -> pa.Array:
    """An Arrow array over the values' own memory."""
    bitmap = None if present is None or present.all() else pa.py_buffer(_bits(present))
    data = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(kind, len(values) if size is None else size, [bitmap, data])


def _bits(flags: Flags) -> npt.NDArray[np.uint8]:
    return np.packbits(flags, bitorder="little")


def _joined(column: Lists) -> pa.Array:
    """The lists as text, names joined by ;, empty text for an empty list.

    Most lists are empty: only the others are joined, the empty ones are two equal offsets.
    """
    filled = np.flatnonzero(column.counts > 0)
    ends = np.concatenate([[0], np.cumsum(column.counts[filled])])
    members = _over(column.members.astype(np.int32), None, pa.int32())
    names = _dictionary(column.names).take(members)
    lists = pa.ListArray.from_arrays(_over(ends.astype(np.int32), None, pa.int32()), names)
    joined = pc.binary_join(lists, text_array([SEPARATOR])[0])
    sizes = np.zeros(len(column.counts) + 1, dtype=np.int32)
    sizes[filled + 1] = lengths(joined)
    offsets = np.cumsum(sizes, dtype=np.int32)
    present = column.counts >= 0
    bitmap = None if present.all() else pa.py_buffer(_bits(present))
    bytes_ = joined.buffers()[2] if len(filled) else pa.py_buffer(b"")
    buffers = [bitmap, pa.py_buffer(offsets), bytes_]
    return pa.Array.from_buffers(pa.string(), len(column.counts), buffers)


def _dictionary(texts: Sequence[str]) -> pa.Array:
    """One array for the same texts: writers need not compare the dictionaries of blocks.

    The same list is known by its identity, for which it is kept: hashing ten thousand texts for
    every block would cost more than the block.
    """
    known = _KNOWN.get(id(texts))
    if known is None:
        if len(_KNOWN) >= KEPT:
            _KNOWN.clear()
        known = _KNOWN[id(texts)] = texts, _array_of(tuple(texts))
    return known[1]


@lru_cache(maxsize=64)
def _array_of(texts: tuple[str, ...]) -> pa.Array:
    return text_array(texts)


TEXT, WORD = pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int8(), pa.string())
NUMBER, WHOLE, FLAG, LIST = pa.float64(), pa.int64(), pa.bool_(), pa.string()


def typed(spec: str) -> dict[str, pa.DataType]:
    """Column -> type from words like `rank:whole gap:number`.

    A bare name is text of few kinds, `word` one of the words that a method gives out.
    """
    kinds = {
        "number": NUMBER,
        "whole": WHOLE,
        "flag": FLAG,
        "list": LIST,
        "word": WORD,
        "": TEXT,
    }
    return {name: kinds[kind] for name, _, kind in (word.partition(":") for word in spec.split())}
