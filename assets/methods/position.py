"""Where a council stands in its group (M4-M5): rank, ties, percentile, band, distance to the best.

Here belong the statistics of published decimals: `dense.place` holds whole numbers (the published
value, or its distance from the target, times a power of ten; smaller is better), so that ties and
cuts are exact.
"""

from dataclasses import dataclass

import numpy as np

from assets.methods.benchmarks import at, count, count_flags, fold
from assets.methods.columns import masked_members
from assets.methods.dense import Dense
from assets.methods.groups import GroupSet
from assets.methods.impossible import Flags, Floats, Ints
from assets.methods.rounding import EXACT

RANKED_FROM = 5
BANDED_FROM = 8


@dataclass(frozen=True)
class Position:
    """One entry per line and council of the group (own groups: per line and owner)."""

    rank: Floats
    n_ranked: Ints
    n_tied_others: Ints
    """How many others share the place."""
    tied_members: Ints
    """Columns of these others, council after council."""
    percentile: Floats
    band: Floats
    gap: Floats


@dataclass(frozen=True)
class Best:
    """One entry per line and group, the owner left out in own groups."""

    value: Floats
    holders: Flags
    """lines x groups x members: who holds it."""


def compute_position(dense: Dense, group: GroupSet) -> Position:
    """Position of every council of a fixed group, or of the owner in every own group."""
    if group.is_own:
        own = dense.ranked[:, group.owners]
        lanes = dense.lanes(dense.ranked, group.members)
        rank = 1.0 + count_flags(lanes < own[..., None])
        ordered = np.sort(np.concatenate([lanes, own[..., None]], axis=-1), axis=-1)
        n = count(ordered)
        same = lanes == own[..., None]
        same[n < RANKED_FROM] = False
        n_others, others = masked_members(same, group.members)
        shown = dense.place[:, group.owners]
    else:
        own = dense.ranked[:, group.members[0]]
        rank, n_others, others, ordered = _rank_fixed(own)
        n = count(ordered)
        others = group.members[0][others]
        ordered, n = ordered[:, None, :], n[:, None]
        shown = dense.place[:, group.members[0]]
    is_ranked = ~np.isnan(own) & (n >= RANKED_FROM)
    with np.errstate(divide="ignore", invalid="ignore"):
        midrank = rank + n_others / 2.0
        percentile = 100.0 * (n - midrank) / (n - 1)
    best = np.where(n > 0, ordered[..., 0], np.nan)
    return Position(
        rank=np.where(is_ranked, rank, np.nan),
        n_ranked=np.broadcast_to(n, own.shape),
        n_tied_others=n_others,
        tied_members=others,
        percentile=np.where(is_ranked, percentile, np.nan),
        band=bands(own, ordered, n, dense.step),
        gap=np.abs(shown - best) / dense.power,
    )


def _rank_fixed(places: Floats) -> tuple[Floats, Ints, Ints, Floats]:
    """Rank, number of others tied, who they are council after council, and the sorted places.

    places: lines x councils. Lines with too few ranked have nobody tied.
    """
    ordered, order = sort_places(places)
    first, last = runs(ordered)
    line, at = np.nonzero(~np.isnan(ordered))
    cell = line * places.shape[1] + order[line, at]
    first, last = first[line, at], last[line, at]
    rank = np.full(places.size, np.nan)
    rank[cell] = first + 1.0
    n_others = np.zeros(places.size, dtype=np.int64)
    enough = np.bincount(line, minlength=len(places))[line] >= RANKED_FROM
    n_others[cell] = np.where(enough, last - first, 0)
    tied = np.flatnonzero(enough & (last > first))
    many = (last - first)[tied]
    step = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    other = np.repeat(first[tied], many) + step
    other += other >= np.repeat(at[tied], many)
    begins = (np.cumsum(n_others) - n_others)[cell[tied]]
    others = np.empty(len(step), dtype=np.int64)
    others[np.repeat(begins, many) + step] = order[np.repeat(line[tied], many), other]
    shape = places.shape
    return rank.reshape(shape), n_others.reshape(shape), others, ordered


def sort_places(places: Floats) -> tuple[Floats, Ints]:
    """Sorted places and the column each came from, equal ones by column; NaN last, column -1.

    Whole numbers below 2^52 / columns carry their column in the digits below: one plain sort.
    """
    width = places.shape[-1]
    scale = 2.0 ** int(max(width - 1, 0)).bit_length()
    size = np.fmax.reduce(np.abs(places), axis=None, initial=0.0)
    if size * scale < EXACT and not np.any(places - np.floor(places) > 0):
        packed = np.sort(places * scale + np.arange(width), axis=-1)
        ordered = np.floor(packed / scale)
        column = packed - ordered * scale
        return ordered, np.where(np.isnan(column), -1.0, column).astype(np.int64)
    order = np.argsort(places, axis=-1, kind="stable")
    ordered = np.take_along_axis(places, order, axis=-1)
    return ordered, np.where(np.isnan(ordered), -1, order)


def runs(ordered: Floats) -> tuple[Ints, Ints]:
    """First and last place of the run of equals that each sorted entry belongs to."""
    width = ordered.shape[-1]
    index = np.arange(width)
    starts = np.ones(ordered.shape, dtype=bool)
    starts[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    first = np.maximum.accumulate(np.where(starts, index, 0), axis=-1)
    ends = np.ones(ordered.shape, dtype=bool)
    ends[..., :-1] = starts[..., 1:]
    last = np.minimum.accumulate(np.where(ends, index, width)[..., ::-1], axis=-1)[..., ::-1]
    return first, last


def rank_row(places: Floats) -> tuple[Floats, Ints, Floats]:
    """Smallest rank of ties, how many are tied, and the sorted places, along the last axis.

    NaN (not ranked) sorts last; its rank means nothing.
    """
    order = np.argsort(places, axis=-1, kind="stable")
    ordered = np.take_along_axis(places, order, axis=-1)
    first, last = runs(ordered)
    rank = np.empty(ordered.shape)
    tied = np.empty(ordered.shape, dtype=np.int64)
    np.put_along_axis(rank, order, first + 1.0, axis=-1)
    np.put_along_axis(tied, order, last - first + 1, axis=-1)
    return rank, tied, ordered


def bands(own: Floats, ordered: Floats, n: Ints, step: Floats) -> Floats:
    """Quartile band, 1 = best, by type 7 cuts over the ranked places; NaN where there is none.

    Four times a cut of whole numbers is whole: a place on a cut is exactly on it, and falls in the
    better band. `step` is the published unit in the same whole numbers; none under 8 ranked, or
    when a quartile and the median are the same at published decimals.
    """
    cuts = []
    for quarters in (1, 2, 3):
        low, rest = (n - 1) * quarters // 4, (n - 1) * quarters % 4
        below = at(ordered, low)
        cuts.append(4.0 * below + rest * (at(ordered, low + (rest > 0)) - below))
    shown = [np.floor((np.abs(cut) + 2.0 * step) / (4.0 * step)) * np.sign(cut) for cut in cuts]
    too_many_ties = (shown[0] == shown[1]) | (shown[2] == shown[1])
    band = 1.0 + sum((4.0 * own > cut).astype(np.float64) for cut in cuts)
    return np.where(np.isnan(own) | (n < BANDED_FROM) | too_many_ties, np.nan, band)


def compute_best(dense: Dense, group: GroupSet) -> Best:
    """Best published value and who holds it; of two at one distance from a target, the smaller."""
    lanes = dense.lanes(dense.ranked, group.members)
    best = fold(np.fmin, lanes)
    holders = lanes == best[..., None]
    published = dense.lanes(dense.rounded, group.members)
    value = fold(np.minimum, np.where(holders, published, np.inf))
    return Best(np.where(np.isnan(best), np.nan, value), holders)
