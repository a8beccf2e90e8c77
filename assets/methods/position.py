"""Where a council stands in its group (M4-M5): rank, ties, percentile, band, distance to the best.

Here belong the statistics of published decimals: `dense.place` holds whole numbers (the published
value, or its distance from the target, times a power of ten; smaller is better), so that ties and
cuts are exact.
"""

from dataclasses import dataclass

import numpy as np

from assets.methods.columns import masked_members
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
    n_holders: Ints
    """How many hold it, -1 for no best."""
    holders: Ints
    """Columns of these, group after group."""


def compute_position(dense: Dense, group: GroupSet) -> Position:
    """Position of every council of a fixed group, or of the owner in every own group."""
    if group.is_own:
        rank, n_others, others, ordered = _rank_owners(dense, group)
        subjects = group.owners
    else:
        subjects = group.members[0]
        rank, n_others, others, ordered = _rank_fixed(np.fmin(dense.ranked[:, subjects], np.inf))
        others = subjects[others]
        ordered = np.ascontiguousarray(ordered.T)[:, None, :]
    own, shown = dense.ranked[:, subjects], dense.place[:, subjects]
    n = count_lanes(ordered < np.inf)
    best = blank(ordered[0].copy(), n == 0)
    unranked = np.isnan(own) | (n.T < RANKED_FROM)
    with np.errstate(divide="ignore", invalid="ignore"):
        percentile = 100.0 * (n.T - (rank + n_others / 2.0)) / (n.T - 1)
    return Position(
        rank=blank(rank, unranked),
        n_ranked=np.broadcast_to(n.T, own.shape),
        n_tied_others=n_others,
        tied_members=others,
        percentile=blank(percentile, unranked),
        band=bands(own, ordered, n, dense.step),
        gap=np.abs(shown - best.T) / dense.power,
    )


def _rank_owners(dense: Dense, group: GroupSet) -> tuple[Floats, Ints, Ints, Floats]:
    """The same as _rank_fixed for the owner of every own group; places are lanes, infinity last."""
    by_lane = np.concatenate([group.by_lane, group.owners[None]])
    places = gather(np.fmin(dense.ranked, np.inf), by_lane)
    others, own = places[:-1], places[-1]
    rank: Floats = np.add(count_lanes(others < own), 1.0, dtype=np.float64)
    n = count_lanes(places < np.inf)
    same = (others == own) & ((own < np.inf) & (n >= RANKED_FROM))
    n_others, tied = masked_members(same, group.by_lane)
    return rank.T, n_others, tied, sort_lanes(places)


def _rank_fixed(places: Floats) -> tuple[Floats, Ints, Ints, Floats]:
    """Rank, number of others tied, who they are council after council, and the sorted places.

    places: lines x councils, infinity for no place. Lines with too few ranked have nobody tied.
    """
    ordered, order = sort_places(places)
    first, last = runs(ordered)
    n_lines, width = places.shape
    cell = (order + np.arange(n_lines)[:, None] * width).reshape(-1)
    rank, n_others = np.empty(places.size), np.empty(places.size, dtype=np.int64)
    rank[cell] = first.reshape(-1) + 1.0
    ranked = ordered < np.inf
    enough = ranked & (np.count_nonzero(ranked, axis=1) >= RANKED_FROM)[:, None]
    many = (last - first) * enough
    n_others[cell] = many.reshape(-1)
    tied = np.flatnonzero(many)
    many = many.reshape(-1)[tied]
    step = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    other = np.repeat(first.reshape(-1)[tied], many) + step
    other += other >= np.repeat(tied % width, many)
    begins = (np.cumsum(n_others) - n_others)[cell[tied]]
    others = np.empty(len(step), dtype=np.int64)
    place = np.repeat(tied - tied % width, many) + other
    others[np.repeat(begins, many) + step] = order.reshape(-1)[place]
    return rank.reshape(places.shape), n_others.reshape(places.shape), others, ordered


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
    """First and last place of the run of equals that each sorted entry belongs to."""
    width = ordered.shape[-1]
    index = np.arange(width)
    differs = ordered[..., 1:] != ordered[..., :-1]
    first, last = np.zeros(ordered.shape, dtype=np.int64), np.full(ordered.shape, width - 1)
    np.multiply(differs, index[1:], out=first[..., 1:])
    np.maximum.accumulate(first, axis=-1, out=first)
    np.copyto(last[..., :-1], index[:-1], where=differs)
    np.minimum.accumulate(last[..., ::-1], axis=-1, out=last[..., ::-1])
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

    own: lines x subjects; ordered: sorted places, members x groups x lines; n: groups x lines.
    Four times a cut of whole numbers is whole: a place on a cut is exactly on it, and falls in the
    better band. `step` is the published unit in the same whole numbers; none under 8 ranked, or
    when a quartile and the median are the same at published decimals.
    """
    units, four = 4.0 * step[:, 0], 4.0 * own.T
    cuts, shown, band = [], [], np.ones(own.T.shape)
    for quarters in (1, 2, 3):
        place = (n - 1) * quarters
        low, rest = place >> 2, place & 3
        below = at(ordered, low)
        with np.errstate(invalid="ignore"):
            cuts.append(4.0 * below + rest * (at(ordered, low + (rest > 0)) - below))
            shown.append(np.floor((np.abs(cuts[-1]) + units / 2.0) / units) * np.sign(cuts[-1]))
        band += four > cuts[-1]
    too_many_ties = (shown[0] == shown[1]) | (shown[2] == shown[1])
    return blank(band, np.isnan(four) | (n < BANDED_FROM) | too_many_ties).T


def compute_best(dense: Dense, group: GroupSet) -> Best:
    """Best published value and who holds it; of two at one distance from a target, the smaller."""
    places = gather(np.fmin(dense.ranked, np.inf), group.by_lane)
    best = np.minimum.reduce(places, axis=0)
    n_holders, holders = masked_members((places == best) & (best < np.inf), group.by_lane)
    held = np.flatnonzero(n_holders)
    many = n_holders.reshape(-1)[held]
    line = np.repeat(held // n_holders.shape[1], many)
    value = np.full(n_holders.size, np.nan)
    if held.size:
        published = dense.rounded[line, holders]
        value[held] = np.minimum.reduceat(published, np.cumsum(many) - many)
    best_value = value.reshape(n_holders.shape)
    return Best(best_value, np.where(np.isnan(best_value), -1, n_holders), holders)
