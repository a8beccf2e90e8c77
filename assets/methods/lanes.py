"""Statistics over the first axis: a lane is one member of every group, in every line.

Here belongs sorting and picking across many small groups at once; what is computed from it is in
benchmarks and position. Lanes are members x (anything), whole rows of memory each, so that every
step runs over all groups side by side; infinity stands where there is no figure, and sorts last.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from assets.methods.impossible import Flags, Floats, Ints

SHORT = 16
"""Lanes up to which a network of comparisons sorts faster than one sort per group."""


def gather(matrix: npt.NDArray[Any], by_lane: Ints) -> npt.NDArray[Any]:
    """Members x groups x lines of a matrix of lines x columns; by_lane: members x groups."""
    turned = np.ascontiguousarray(matrix.T)
    return turned.take(by_lane.reshape(-1), axis=0).reshape(*by_lane.shape, len(matrix))


def sort_lanes(lanes: Floats) -> Floats:
    """The same lanes, the smallest of every group in the first; the input is used up."""
    if len(lanes) > SHORT:
        lanes.sort(axis=0)
        return lanes
    held, free = list(lanes), np.empty(lanes.shape[1:])
    for low, high in comparators(len(lanes)):
        np.minimum(held[low], held[high], out=free)
        np.maximum(held[low], held[high], out=held[high])
        held[low], free = free, held[low]
    return np.stack(held)


@lru_cache(maxsize=64)
def comparators(width: int) -> tuple[tuple[int, int], ...]:
    """Pairs to be put in order, one after the other, to sort that many (Batcher 1968)."""
    pairs, run = [], 1
    while run < width:
        step = run
        while step:
            pairs += [
                (low, low + step)
                for first in range(step % run, width - step, 2 * step)
                for low in range(first, min(first + step, width - step))
                if low // (2 * run) == (low + step) // (2 * run)
            ]
            step //= 2
        run *= 2
    return tuple(pairs)


def at(ordered: Floats, place: Ints) -> Floats:
    """Entry at that place of the first axis, one place per group (clipped to the axis)."""
    clipped = np.minimum(np.maximum(place, 0), len(ordered) - 1).reshape(-1)
    index = clipped * clipped.size + np.arange(clipped.size)
    return ordered.reshape(-1).take(index).reshape(ordered.shape[1:])


def count_lanes(flags: Flags) -> Ints:
    """How many members of every group are flagged."""
    kind = np.int8 if len(flags) < np.iinfo(np.int8).max else np.int64
    counts: Ints = np.add.reduce(flags.view(np.int8), axis=0, dtype=kind).astype(np.int64)
    return counts


def quantile(ordered: Floats, n: Ints, quarters: int) -> Floats:
    """Type 7 quantile (Hyndman and Fan 1996) of the first n of sorted values; any for n = 0."""
    place = (n - 1) * quarters
    low, rest = place >> 2, place & 3
    below = at(ordered, low)
    step = at(ordered, low + (rest > 0))
    with np.errstate(invalid="ignore"):
        step -= below
    step *= rest / 4.0
    step += below
    return step


def median(ordered: Floats, n: Ints) -> Floats:
    """Median of the first n of sorted values: the mean of the two middle ones for even n."""
    middle = at(ordered, (n - 1) >> 1)
    middle += at(ordered, n >> 1)
    middle /= 2.0
    return middle


def blank(values: Floats, where: Flags) -> Floats:
    """The same values, NaN where flagged."""
    if where.any():
        values[where] = np.nan
    return values
