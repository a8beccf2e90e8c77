"""Where a council stands in its group (M4-M5): rank, ties, percentile, band, distance to the best.

Here belong the statistics of published decimals: `dense.place` holds whole numbers (the published
value, or its distance from the target, times a power of ten; smaller is better), so that ties and
cuts are exact.
"""

from dataclasses import dataclass

import numpy as np

from assets.methods.columns import Listed, masked_members
from assets.methods.dense import Dense
from assets.methods.groups import GroupSet
from assets.methods.impossible import Floats, Ints
from assets.methods.lanes import at, blank, count_lanes, gather, sort_lanes
from assets.methods.rounding import EXACT

RANKED_FROM = 5
BANDED_FROM = 8


@dataclass(frozen=True)
class Position:
    """One entry per line and council of the group (own groups: per line and owner)."""

    rank: Floats
    n_ranked: Ints
    tied: Listed
    """The others who share the place, of those who share it."""
    percentile: Floats
    band: Floats
    gap: Floats


@dataclass(frozen=True)
class Best:
    """One entry per line and group, the owner left out in own groups."""

    value: Floats
    holders: Listed


def compute_position(dense: Dense, group: GroupSet) -> Position:
    """Position of every council of a fixed group, or of the owner in every own group."""
    if group.is_own:
        rank, n_others, tied, ordered = _rank_owners(dense, group)
        own, shown = (m[group.beside].T for m in (dense.by_area.ranked, dense.by_area.place))
    else:
        own, shown = (m[:, group.beside] for m in (dense.ranked, dense.place))
        rank, n_others, tied, ordered = _rank_fixed(np.fmin(own, np.inf), group.subjects)
        ordered = np.ascontiguousarray(ordered.T)[:, None, :]
    n = count_lanes(ordered < np.inf)
    best = blank(ordered[0].astype(np.float64), n == 0)
    unranked = ~(own < np.inf) | (n.T < RANKED_FROM)
    with np.errstate(divide="ignore", invalid="ignore"):
        percentile = 100.0 * (n.T - (rank + n_others / 2.0)) / (n.T - 1)
    return Position(
        rank=blank(rank, unranked),
        n_ranked=np.broadcast_to(n.T, own.shape),
        tied=tied,
        percentile=blank(percentile, unranked),
        band=bands(own, ordered, n, dense.step),
        gap=np.abs(shown - best.T) / dense.power,
    )


def _rank_owners(dense: Dense, group: GroupSet) -> tuple[Floats, Ints, Listed, Floats]:
    """The same as _rank_fixed for the owner of every own group; places are lanes, infinity last."""
    by_lane = np.concatenate([group.by_lane, group.owners[None]])
    places = gather(dense.by_area.ranked, by_lane)
    others, own = places[:-1], places[-1]
    rank: Floats = np.add(count_lanes(others < own), 1.0, dtype=np.float64)
    n = count_lanes(places < np.inf)
    same = (others == own) & ((own < np.inf) & (n >= RANKED_FROM))
    tied = masked_members(same, group.by_lane)
    return rank.T, count_lanes(same).T, tied, sort_lanes(places)


def _rank_fixed(places: Floats, columns: Ints) -> tuple[Floats, Ints, Listed, Floats]:
    """Rank, number of others tied, who they are, and the sorted places.

    places: lines x councils, infinity for no place; columns: of these councils. Lines with too few
    ranked have nobody tied.
    """
    ordered, order = sort_places(places)
    width = places.shape[1]
    first, size = runs(ordered)
    ranked = ordered < np.inf
    enough = np.count_nonzero(ranked, axis=1) >= RANKED_FROM
    is_tied = (ranked & enough[:, None]).reshape(-1)[first]
    others, run = (size - 1) * is_tied, np.repeat(np.arange(len(first)), size)
    cell = (order + np.arange(0, places.size, max(width, 1))[:, None]).reshape(-1)
    rank, n_others = np.empty(places.size), np.empty(places.size, dtype=np.int64)
    rank[cell] = (first % width + 1.0).take(run)
    n_others[cell] = many = others.take(run)
    tied = np.flatnonzero(many > 0)
    many = many[tied]
    place = np.repeat(first[run[tied]] - np.cumsum(many) + many, many)
    place += np.arange(len(place))
    place += place >= np.repeat(tied, many)
    council = columns.astype(np.int32).take(order.reshape(-1))
    listed = Listed(cell[tied], many, council.take(place))
    return rank.reshape(places.shape), n_others.reshape(places.shape), listed, ordered


def sort_places(places: Floats) -> tuple[Floats, Ints]:
    """Sorted places and the column each came from, equal ones by column; infinity last.

    Whole numbers below 2^52 / columns carry their column in the digits below: one plain sort.
    """
    width = places.shape[-1]
    scale = 2.0 ** int(max(width - 1, 0)).bit_length()
    is_none = places == np.inf
    whole = places.copy()
    np.copyto(whole, 0.0, where=is_none)
    if np.abs(whole).max(initial=0.0) * scale < EXACT / 4 and bool((whole == np.rint(whole)).all()):
        np.copyto(whole, np.rint(EXACT / 2 / scale), where=is_none)
        whole *= scale
        whole += np.arange(width)
        whole.sort(axis=-1)
        ordered = np.floor(whole / scale)
        whole -= ordered * scale
        np.copyto(ordered, np.inf, where=ordered >= np.rint(EXACT / 2 / scale))
        return ordered, whole.astype(np.int64)
    order = np.argsort(places, axis=-1, kind="stable")
    return np.take_along_axis(places, order, axis=-1), order


def runs(ordered: Floats) -> tuple[Ints, Ints]:
    """Where every run of equals of a line begins, the lines one after the other, and its length."""
    begins = np.ones(ordered.shape, dtype=bool)
    np.not_equal(ordered[..., 1:], ordered[..., :-1], out=begins[..., 1:])
    first = np.flatnonzero(begins)
    return first, np.append(first[1:], ordered.size) - first


def rank_row(places: Floats) -> tuple[Floats, Ints, Floats]:
    """Smallest rank of ties, how many are tied, and the sorted places, along the last axis.

    NaN (not ranked) sorts last; its rank means nothing.
    """
    order = np.argsort(places, axis=-1, kind="stable")
    ordered = np.take_along_axis(places, order, axis=-1)
    first, size = runs(ordered)
    rank = np.empty(ordered.shape)
    tied = np.empty(ordered.shape, dtype=np.int64)
    smallest = np.repeat(first % ordered.shape[-1] + 1.0, size)
    np.put_along_axis(rank, order, smallest.reshape(ordered.shape), axis=-1)
    np.put_along_axis(tied, order, np.repeat(size, size).reshape(ordered.shape), axis=-1)
    return rank, tied, ordered


def bands(own: Floats, ordered: Floats, n: Ints, step: Floats) -> Floats:
    """Quartile band, 1 = best, by type 7 cuts over the ranked places; NaN where there is none.

    own: lines x subjects; ordered: sorted places, members x groups x lines; n: groups x lines.
    Four times a cut of whole numbers is whole: a place on a cut is exactly on it, and falls in the
    better band. `step` is the published unit in the same whole numbers; none under 8 ranked, or
    when a quartile and the median are the same at published decimals.
    """
    units, four = 4.0 * step[:, 0], 4.0 * own.T
    cuts, shown, band = [], [], np.ones_like(four, dtype=np.float64)
    for quarters in (1, 2, 3):
        place = (n - 1) * quarters
        low, rest = place >> 2, place & 3
        below = at(ordered, low)
        with np.errstate(invalid="ignore"):
            cuts.append(4.0 * below + rest * (at(ordered, low + (rest > 0)) - below))
            whole = np.floor((np.abs(cuts[-1]) + units / 2.0) / units)
            shown.append(np.copysign(whole, cuts[-1]))
        band += four > cuts[-1]
    too_many_ties = (shown[0] == shown[1]) | (shown[2] == shown[1])
    return blank(band, ~(four < np.inf) | (n < BANDED_FROM) | too_many_ties).T


def compute_best(dense: Dense, group: GroupSet) -> Best:
    """Best published value and who holds it; of two at one distance from a target, the smaller."""
    places = gather(dense.by_area.ranked, group.by_lane)
    best = np.minimum.reduce(places, axis=0)
    holders = masked_members((places == best) & (best < np.inf), group.by_lane)
    value = np.full(best.T.shape, np.nan)
    if holders.cells.size:
        line = np.repeat(holders.cells // len(best), holders.counts)
        published = dense.rounded[line, holders.members]
        starts = np.cumsum(holders.counts) - holders.counts
        value.reshape(-1)[holders.cells] = np.minimum.reduceat(published, starts)
    return Best(value, holders)
