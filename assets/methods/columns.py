"""Columns of the result: codes with their texts, lists of members, and Arrow arrays from them.

Here belongs how text is carried through the kernel (as whole numbers) and how columns are written
out; where their rows come from is in layout, which columns there are in rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from assets.methods.arrow import is_one, text_array
from assets.methods.impossible import Flags, Ints

Codes = Ints | npt.NDArray[np.int32] | npt.NDArray[np.int8]
Column = npt.NDArray[Any]
"""Floats, or whole numbers."""

SEPARATOR = ";"
KEPT = 64
"""Lists of texts whose Arrow arrays are remembered."""
_KNOWN: dict[tuple[int, bool], tuple[Sequence[str], pa.Array]] = {}


@dataclass(frozen=True)
class Texts:
    """A text column: a code per row, -1 for null, and the distinct texts the codes stand for."""

    codes: Codes
    texts: Sequence[str]


@dataclass(frozen=True)
class Listed:
    """Lists of members in some cells of a matrix; the other cells have none."""

    cells: Ints
    """Which cells, counted through the lines of the matrix."""
    counts: Ints
    """How many members each of these cells has, at least 1."""
    members: Ints | npt.NDArray[np.int32]
    """Columns of the members of the first of these cells, then of the second, and so on."""


@dataclass(frozen=True)
class Lists:
    """A text column of member lists: how many names each row has, -1 for null, and all in turn."""

    counts: Ints
    ends: Ints
    """How many members there are up to and including each row."""
    members: npt.NDArray[np.int32]
    """Positions in `names` of the members of the first row, then of the second, and so on."""
    names: Sequence[str]


Columns = dict[str, Column | Texts | Lists | None]
"""Columns of a result table by name; None is null throughout."""


def narrow(codes: Codes) -> Codes:
    """The same codes in half the memory; one that is broadcast stays so."""
    if is_one(codes):
        return np.broadcast_to(codes[:1].astype(np.int32), codes.shape)
    return codes.astype(np.int32)


def masked_members(mask: Flags, by_lane: Ints) -> Listed:
    """The masked members of every line and group, in this order.

    mask: members x groups x lines; by_lane: members x groups. The cells are lines x groups.
    """
    n_members, n_groups, n_lines = mask.shape
    found = np.flatnonzero(mask)
    subject = found // n_lines  # members x groups
    lane = subject // n_groups
    line, group = found - subject * n_lines, subject - lane * n_groups
    place = (line * n_groups + group) * n_members + lane
    place.sort()
    cell = place // n_members
    first = np.flatnonzero(np.append(True, cell[1:] != cell[:-1])) if len(cell) else cell
    group = cell - cell // n_groups * n_groups
    members = by_lane.reshape(-1)[(place - cell * n_members) * n_groups + group]
    return Listed(cell[first], np.append(first[1:], len(cell)) - first, members)


def to_arrow(columns: Columns, schema: pa.Schema, size: int) -> pa.Table:
    """An Arrow table of the columns in the order of the schema; NaN and code -1 are null."""
    arrays = [_array(columns[field.name], field.type, size) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(column: Column | Texts | Lists | None, kind: pa.DataType, size: int) -> pa.Array:
    if column is None:
        return _nulls(size, kind)
    if isinstance(column, Lists):
        return _joined(column)
    if isinstance(column, Texts):
        if is_one(column.codes):
            return _one_text(column.texts[column.codes[0]], size, kind)
        codes = column.codes.astype(kind.index_type.to_pandas_dtype(), copy=False)
        indices = _over(codes, codes >= 0, kind.index_type)
        return pa.DictionaryArray.from_arrays(indices, _dictionary(column.texts), safe=False)
    return _numbers(column, kind, size)


@lru_cache(maxsize=16)
def _one_text(text: str, size: int, kind: pa.DataType) -> pa.Array:
    """A column of one text throughout."""
    indices = _over(np.zeros(size, dtype=kind.index_type.to_pandas_dtype()), None, kind.index_type)
    return pa.DictionaryArray.from_arrays(indices, _array_of((text,), False), safe=False)


@lru_cache(maxsize=16)
def _nulls(size: int, kind: pa.DataType) -> pa.Array:
    """A column without a value: blocks have few sizes."""
    return pa.nulls(size, kind)


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

    A name after the first of its list is taken with the ; before it: the texts taken, one after
    the other, are the joined lists, and only the offsets between names of one list are left out.
    """
    is_first = np.zeros(len(column.members) + 1, dtype=bool)
    is_first[0] = True
    is_first[column.ends] = True
    which = column.members + np.int32(len(column.names)) * ~is_first[:-1]
    offsets, bytes_ = np.zeros(len(column.counts) + 1, dtype=np.int32), pa.py_buffer(b"")
    if len(which):
        taken = _dictionary(column.names, joined=True).take(_over(which, None, pa.int32()))
        _, ends, bytes_ = taken.buffers()
        offsets[1:] = np.frombuffer(ends, dtype=np.int32).take(column.ends)
    present = column.counts >= 0
    bitmap = None if present.all() else pa.py_buffer(_bits(present))
    buffers = [bitmap, pa.py_buffer(offsets), bytes_]
    return pa.Array.from_buffers(pa.string(), len(column.counts), buffers)


def _dictionary(texts: Sequence[str], *, joined: bool = False) -> pa.Array:
    """One array for the same texts: writers need not compare the dictionaries of blocks.

    The same list is known by its identity, for which it is kept: hashing ten thousand texts for
    every block would cost more than the block. joined: and again with the separator before each.
    """
    known = _KNOWN.get((id(texts), joined))
    if known is None:
        if len(_KNOWN) >= KEPT:
            _KNOWN.clear()
        known = _KNOWN[id(texts), joined] = texts, _array_of(tuple(texts), joined)
    return known[1]


@lru_cache(maxsize=64)
def _array_of(texts: tuple[str, ...], joined: bool) -> pa.Array:
    return text_array((*texts, *(SEPARATOR + text for text in texts)) if joined else texts)


TEXT, WORD = pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int8(), pa.string())
NUMBER, WHOLE, FLAG, LIST = pa.float64(), pa.int64(), pa.bool_(), pa.string()


def typed(spec: str) -> pa.Schema:
    """Columns with their types from words like `rank:whole gap:number indicator!`.

    A bare name is text of few kinds, `word` one of the words that a method gives out; ! stands
    behind the name of a column that is never null.
    """
    kinds = {
        "number": NUMBER,
        "whole": WHOLE,
        "flag": FLAG,
        "list": LIST,
        "word": WORD,
        "": TEXT,
    }
    pairs = [word.partition(":") for word in spec.split()]
    fields = [(name, kinds[kind]) for name, _, kind in pairs]
    return pa.schema(
        [pa.field(name.rstrip("!"), kind, nullable=name[-1] != "!") for name, kind in fields]
    )
