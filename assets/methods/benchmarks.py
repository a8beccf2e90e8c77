"""Benchmarks of a group (M3): mean, median, quartiles, spread, ratio of sums, headline.

Here belongs what describes a group of councils; one council's place in it is in position.
Arrays are lines x groups; `lanes` are lines x groups x members, NaN where there is no figure.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from assets.methods.dense import Dense
from assets.methods.groups import GroupSet
from assets.methods.impossible import Flags, Floats, Ints

PARTIAL_SHARE = 10
"""A partial ratio needs at least 9/10 of the denominators: 10 x valid >= 9 x all."""
SHORT = 32
"""Lanes up to which a group is folded lane by lane."""
HEADLINE_KINDS = ("source", "ratio_of_sums", "partial_ratio", "median")


@dataclass(frozen=True)
class Benchmarks:
    """One entry per line and group, NaN where a statistic does not exist."""

    statistics: dict[str, Floats]
    """mean, ratio_of_sums, median, min, q1, q3, max, sd, mad, source_value, headline"""
    n_members: Ints
    n_valid: Ints
    headline_kind: Ints
    """Number in HEADLINE_KINDS, -1 for none."""


def at(ordered: Floats, place: Ints) -> Floats:
    """Entry at that place of the last axis, one place per row (clipped to the axis)."""
    width = ordered.shape[-1]
    clipped = np.minimum(np.maximum(place, 0), width - 1).reshape(-1)
    starts = np.arange(0, ordered.size, width)
    picked: Floats = ordered.reshape(-1)[starts + clipped].reshape(ordered.shape[:-1])
    return picked


def fold(ufunc: np.ufunc, lanes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The ufunc over the last axis; over a short one lane by lane, which numpy does not do."""
    if not 0 < lanes.shape[-1] <= SHORT:
        return np.asarray(ufunc.reduce(lanes, axis=-1))
    found = lanes[..., 0].copy()
    for lane in range(1, lanes.shape[-1]):
        ufunc(found, lanes[..., lane], out=found)
    return found


def count_flags(flags: Flags) -> Ints:
    """How many of the last axis are set."""
    if flags.shape[-1] > SHORT:
        return np.asarray(np.count_nonzero(flags, axis=-1))
    return fold(np.add, flags.view(np.int8)).astype(np.int64)


def any_member(flags: Flags, members: Ints) -> Flags:
    """Lines x groups: whether any member is flagged; flags are lines x (areas + 1)."""
    return fold(np.logical_or, Dense.lanes(flags, members))


def quantile(ordered: Floats, n: Ints, quarters: int) -> Floats:
    """Type 7 quantile (Hyndman and Fan 1996) of the first n of sorted values, n = 0 -> NaN."""
    place = (n - 1) * quarters
    low, rest = place // 4, place % 4
    below = at(ordered, low)
    above = at(ordered, low + (rest > 0))
    return np.where(n > 0, below + rest / 4.0 * (above - below), np.nan)


def median(ordered: Floats, n: Ints) -> Floats:
    """Median of the first n of sorted values: the mean of the two middle ones for even n."""
    return np.where(n > 0, (at(ordered, (n - 1) // 2) + at(ordered, n // 2)) / 2.0, np.nan)


def count(lanes: Floats) -> Ints:
    """How many of the last axis are not NaN."""
    present = np.subtract(1.0, np.isnan(lanes))
    return np.asarray(present @ np.ones(lanes.shape[-1]), dtype=np.int64)


def mean_and_sd(lanes: Floats, n: Ints, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Mean, and sd with n - 1 in two passes; exact where all values are equal; sd NaN for n < 2."""
    valid, ones = ~np.isnan(lanes), np.ones(lanes.shape[-1])
    with np.errstate(divide="ignore", invalid="ignore"):
        rough = np.where(valid, lanes, 0.0) @ ones / n
        deviation = np.where(valid, lanes - rough[..., None], 0.0)
        drift = deviation @ ones / n
        squares = np.square(deviation) @ ones - n * drift * drift
        sd = np.sqrt(np.maximum(squares, 0.0) / (n - 1))
    same = low == high
    mean = np.where(same, low, rough + drift)
    return mean, np.where(n < 2, np.nan, np.where(same, 0.0, sd))


def spread_statistics(lanes: Floats) -> tuple[dict[str, Floats], Ints]:
    """mean, median, min, q1, q3, max, sd, mad over the last axis, and how many values there are."""
    ordered = np.sort(lanes, axis=-1)
    n = count(lanes)
    low, high, middle = at(ordered, n * 0), at(ordered, n - 1), median(ordered, n)
    mean, sd = mean_and_sd(lanes, n, low, high)
    mad = median(np.sort(np.abs(lanes - middle[..., None]), axis=-1), n)
    return {
        "mean": mean,
        "median": middle,
        "min": low,
        "q1": quantile(ordered, n, 1),
        "q3": quantile(ordered, n, 3),
        "max": np.where(n > 0, high, np.nan),
        "sd": sd,
        "mad": mad,
    }, n


def compute_benchmarks(dense: Dense, group: GroupSet) -> Benchmarks:
    """Benchmarks of every line and group of the set; counts have none but the source's figure."""
    statistics, n_valid = spread_statistics(dense.lanes(dense.value, group.members))
    for name, values in statistics.items():
        statistics[name] = np.where(dense.is_count, np.nan, values)
    ratio, is_whole, is_partial = _ratios(dense, group)
    source = dense.value[:, group.area]
    kinds = [~np.isnan(source), is_whole, is_partial, ~np.isnan(statistics["median"])]
    kind = np.select(kinds, list(range(len(kinds))), default=-1)
    headline = np.select(kinds, [source, ratio, ratio, statistics["median"]], default=np.nan)
    n_members = np.count_nonzero(group.members >= 0, axis=-1).astype(np.int64)
    return Benchmarks(
        {**statistics, "ratio_of_sums": ratio, "source_value": source, "headline": headline},
        n_members=np.broadcast_to(n_members, n_valid.shape),
        n_valid=n_valid,
        headline_kind=kind,
    )


def _ratios(dense: Dense, group: GroupSet) -> tuple[Floats, Flags, Flags]:
    """Ratio of sums, and whether it stands for the whole group or for at least 9/10 of it.

    Providing members are those that are not z; one without both parts valid is missing, and a
    missing one's denominator may be known or not.
    """

    def total(values: Floats) -> Floats:
        lanes = dense.lanes(values, group.members, pad=0.0)
        return np.asarray(lanes @ np.ones(lanes.shape[-1]))

    has_parts = ~np.isnan(dense.numerator)
    top = total(np.where(has_parts, dense.numerator, 0.0))
    bottom = total(np.where(has_parts, dense.denominator, 0.0))
    lacking = ~has_parts & ~dense.not_applicable
    lacks = total(lacking.astype(np.float64)) > 0
    unknown = total(np.where(lacking, dense.denominator, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(dense.is_summed & (bottom > 0), dense.multiplier * top / bottom, np.nan)
    exists = ~np.isnan(ratio)
    enough = PARTIAL_SHARE * bottom >= (PARTIAL_SHARE - 1) * (bottom + unknown)
    return ratio, exists & ~lacks, exists & lacks & enough
