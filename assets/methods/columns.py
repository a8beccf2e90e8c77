"""Columns of the result: codes with their texts, and Arrow arrays from them.

Here belongs how text is carried through the kernel (as whole numbers) and written out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from assets.methods.impossible import Flags, Ints

Column = npt.NDArray[np.float64] | npt.NDArray[np.int64] | npt.NDArray[np.int32]

SEPARATOR = ";"
PACKED_BYTES = 6
"""Member lists of up to 48 lanes are told apart by one whole number."""


@dataclass(frozen=True)
class Texts:
    """A text column: a code per row, -1 for null, and the texts the codes stand for."""

    codes: Ints
    texts: Sequence[str]


Columns = dict[str, Column | Texts]
"""Columns of a result table by name."""


def list_members(mask: Flags, group: Ints, members: Ints, names: Sequence[str]) -> Texts:
    """Per row the names of the masked members, in order, joined by ; (empty text for none).

    mask: rows x members; group: each row's group; members: groups x members, columns in `names`.
    """
    codes = np.zeros(len(mask), dtype=np.int64)
    rows = np.flatnonzero(mask.any(axis=1))
    if rows.size == 0:
        return Texts(codes, [""])
    packed = np.packbits(mask[rows], axis=1)
    if packed.shape[1] <= PACKED_BYTES:
        wide = np.zeros((len(rows), 8), dtype=np.uint8)
        wide[:, : packed.shape[1]] = packed
        wide[:, 6:] = group[rows].astype("<u2")[:, None].view(np.uint8)
        _, first, inverse = np.unique(
            wide.view("<u8")[:, 0], return_index=True, return_inverse=True
        )
    else:
        first, inverse = _distinct(packed, group[rows])
    codes[rows] = inverse + 1
    texts = [""]
    for row in rows[first].tolist():
        columns = members[group[row]][mask[row]].tolist()
        texts.append(SEPARATOR.join([names[column] for column in columns]))
    return Texts(codes, texts)


def _distinct(packed: npt.NDArray[np.uint8], group: Ints) -> tuple[Ints, Ints]:
    place: dict[tuple[int, bytes], int] = {}
    first: list[int] = []
    inverse = np.empty(len(packed), dtype=np.int64)
    for row, (own, bits) in enumerate(zip(group.tolist(), packed, strict=True)):
        key = own, bits.tobytes()
        found = place.get(key)
        if found is None:
            found = place[key] = len(place)
            first.append(row)
        inverse[row] = found
    return np.array(first, dtype=np.int64), inverse


def stack(parts: Sequence[Texts]) -> Texts:
    """Text columns one after the other."""
    if all(part.texts is parts[0].texts for part in parts):
        return Texts(np.concatenate([part.codes for part in parts]), parts[0].texts)
    texts: list[str] = []
    codes: list[Ints] = []
    for part in parts:
        codes.append(np.where(part.codes < 0, -1, part.codes + len(texts)))
        texts.extend(part.texts)
    return Texts(np.concatenate(codes), texts)


def to_arrow(columns: Mapping[str, Column | Texts], types: Mapping[str, pa.DataType]) -> pa.Table:
    """An Arrow table of the columns in the order of `types`; NaN and code -1 are null."""
    return pa.table({name: _array(columns[name], kind) for name, kind in types.items()})


def _array(column: Column | Texts, kind: pa.DataType) -> pa.Array:
    if isinstance(column, Texts):
        codes = column.codes.astype(np.int32)
        indices = pa.array(codes, mask=codes < 0)
        texts = pa.array(list(column.texts), type=pa.string())
        return pa.DictionaryArray.from_arrays(indices, texts)
    null = np.isnan(column)
    if pa.types.is_floating(kind):
        return pa.array(column, type=kind, mask=null)
    filled = np.where(null, 0, column)
    return pa.array(filled.astype(bool if pa.types.is_boolean(kind) else np.int64), mask=null)


TEXT = pa.dictionary(pa.int32(), pa.string())
NUMBER, WHOLE, FLAG = pa.float64(), pa.int64(), pa.bool_()


def typed(spec: str) -> dict[str, pa.DataType]:
    """Column -> type from words like `rank:whole gap:number`; a bare name is text."""
    kinds = {"number": NUMBER, "whole": WHOLE, "flag": FLAG, "": TEXT}
    return {name: kinds[kind] for name, _, kind in (word.partition(":") for word in spec.split())}
