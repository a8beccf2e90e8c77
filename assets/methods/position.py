"""Where a council stands in its group (M4-M5): rank, ties, percentile, band, distance to the best.

Here belong the statistics of published decimals: `dense.place` holds whole numbers (the published
value, or its distance from the target, times a power of ten; smaller is better), so that ties and
cuts are exact.
"""

from dataclasses import dataclass

import numpy as np

from assets.methods.benchmarks import at, count
from assets.methods.dense import Dense
from assets.methods.groups import GroupSet
from assets.methods.impossible import Flags, Floats, Ints

RANKED_FROM = 5
BANDED_FROM = 8


@dataclass(frozen=True)
class Position:
    """One entry per line and council of the group (own groups: per line and owner)."""

    rank: Floats
    n_ranked: Ints
    n_tied: Ints
    """How many share the place, the council itself included."""
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
        rank = 1.0 + np.count_nonzero(lanes < own[..., None], axis=-1)
        n_tied = np.count_nonzero(lanes == own[..., None], axis=-1) + 1
        ordered = np.sort(np.concatenate([lanes, own[..., None]], axis=-1), axis=-1)
        shown = dense.place[:, group.owners]
    else:
        own = dense.ranked[:, group.members[0]]
        rank, n_tied, ordered = rank_row(own)
        ordered = ordered[:, None, :]
        shown = dense.place[:, group.members[0]]
    n = count(ordered)
    is_ranked = ~np.isnan(own) & (n >= RANKED_FROM)
    with np.errstate(divide="ignore", invalid="ignore"):
        midrank = rank + (n_tied - 1) / 2.0
        percentile = 100.0 * (n - midrank) / (n - 1)
    best = np.where(n > 0, ordered[..., 0], np.nan)
    return Position(
        rank=np.where(is_ranked, rank, np.nan),
        n_ranked=np.broadcast_to(n, own.shape),
        n_tied=np.where(is_ranked, n_tied, 0),
        percentile=np.where(is_ranked, percentile, np.nan),
        band=bands(own, ordered, n, dense.step),
        gap=np.abs(shown - best) / dense.power,
    )


def rank_row(places: Floats) -> tuple[Floats, Ints, Floats]:
    """Smallest rank of ties, how many are tied, and the sorted places, along the last axis.

    NaN (not ranked) sorts last; its rank means nothing.
    """
    order = np.argsort(places, axis=-1, kind="stable")
    ordered = np.take_along_axis(places, order, axis=-1)
    width = places.shape[-1]
    index = np.arange(width)
    starts = np.ones(ordered.shape, dtype=bool)
    starts[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    first = np.maximum.accumulate(np.where(starts, index, 0), axis=-1)
    ends = np.ones(ordered.shape, dtype=bool)
    ends[..., :-1] = starts[..., 1:]
    last = np.minimum.accumulate(np.where(ends, index, width)[..., ::-1], axis=-1)[..., ::-1]
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
    best = np.fmin.reduce(lanes, axis=-1)
    holders = lanes == best[..., None]
    published = dense.lanes(dense.rounded, group.members)
    value = np.min(np.where(holders, published, np.inf), axis=-1)
    return Best(np.where(np.isnan(best), np.nan, value), holders)
