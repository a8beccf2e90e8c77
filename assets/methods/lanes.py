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
MOST_SMALL = 127
"""Members that a whole number of one byte still counts."""


def gather(by_area: npt.NDArray[Any], by_lane: Ints) -> npt.NDArray[Any]:
    """Members x groups x lines of a matrix of areas x lines; by_lane: members x groups."""
    shape = *by_lane.shape, by_area.shape[1]
    return by_area.take(by_lane.reshape(-1), axis=0).reshape(shape)


def sort_lanes(lanes: Floats) -> Floats:
    """The same lanes, the smallest of every group in the first; the input is used up."""
    if len(lanes) > SHORT or len(lanes) == 1:
        lanes.sort(axis=0)
        return lanes
    held, free, done = list(lanes), np.empty_like(lanes[0]), np.empty_like(lanes)
    for low, high, low_is_done, high_is_done in comparators(len(lanes)):
        smaller = done[low] if low_is_done else free
        np.minimum(held[low], held[high], out=smaller)
        np.maximum(held[low], held[high], out=done[high] if high_is_done else held[high])
        held[low], free = smaller, held[low]
    return done


@lru_cache(maxsize=64)
def comparators(width: int) -> tuple[tuple[int, int, bool, bool], ...]:
    """Pairs to be put in order, one after the other, to sort that many (Batcher 1968).

    With each, whether its lower and its higher place are in no later pair.
    """
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
    last = {place: number for number, pair in enumerate(pairs) for place in pair}
    return tuple(
        (low, high, last[low] == number, last[high] == number)
        for number, (low, high) in enumerate(pairs)
    )


def at(ordered: Floats, place: Ints) -> Floats:
    """Entry at that place of the first axis, one place per group; -1 is the last."""
    index = place * place.size
    index += _numbered(place.shape)
    found: Floats = ordered.reshape(-1).take(index)
    return found


@lru_cache(maxsize=16)
def _numbered(shape: tuple[int, ...]) -> Ints:
    return np.arange(np.prod(shape)).reshape(shape)


def count_lanes(flags: Flags) -> Ints:
    """How many members of every group are flagged."""
    kind = np.int8 if len(flags) < MOST_SMALL else np.int64
    counts: Ints = np.add.reduce(flags.view(np.int8), axis=0, dtype=kind).astype(np.int64)
    return counts


def total(lanes: Floats) -> Floats:
    """Sum over the members of every group, one member after the other.

    numpy sums a single group in a single line in another order, and so to another last digit.
    """
    if lanes[0].size > 1:
        return np.asarray(np.add.reduce(lanes, axis=0))
    return np.asarray(np.add.accumulate(lanes, axis=0)[-1])


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
        np.copyto(values, np.nan, where=where)
    return values
