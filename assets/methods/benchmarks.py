"""Benchmarks of a group (M3): mean, median, quartiles, spread, ratio of sums, headline.

Here belongs what describes a group of councils; one council's place in it is in position. Sorting
and picking over many groups at once are in lanes. Results are lines x groups.
"""

from dataclasses import dataclass

import numpy as np

from assets.methods.codes import Words, first_true
from assets.methods.dense import Dense
from assets.methods.groups import GroupSet
from assets.methods.impossible import Flags, Floats, Ints
from assets.methods.lanes import (
    at,
    blank,
    count_lanes,
    gather,
    median,
    quantile,
    sort_lanes,
    total,
)

PARTIAL_SHARE = 10
"""A partial ratio needs at least 9/10 of the denominators: 10 x valid >= 9 x all."""
HEADLINE_KINDS = ("source", "ratio_of_sums", "partial_ratio", "median")


@dataclass(frozen=True)
class Benchmarks:
    """One entry per line and group, NaN where a statistic does not exist."""

    statistics: dict[str, Floats]
    """mean, ratio_of_sums, median, min, q1, q3, max, sd, mad, source_value, headline"""
    n_members: Ints
    n_valid: Ints
    headline_kind: Words
    """Number in HEADLINE_KINDS, -1 for none."""


def count(lanes: Floats) -> Ints:
    """How many of the last axis are not NaN."""
    return np.asarray(np.count_nonzero(~np.isnan(lanes), axis=-1))


def mean_and_sd(ordered: Floats, n: Ints) -> tuple[Floats, Floats]:
    """Mean, and sd with n - 1 in two passes; exact where all values are equal; sd NaN for n < 2.

    ordered: sorted lanes of n values each.
    """
    absent = ordered == np.inf
    deviation = ordered.copy()
    np.copyto(deviation, 0.0, where=absent)
    with np.errstate(divide="ignore", invalid="ignore"):
        rough = total(deviation) / n
        deviation -= rough
        np.copyto(deviation, 0.0, where=absent)
        drift = total(deviation) / n
        np.square(deviation, out=deviation)
        squares = total(deviation) - n * drift * drift
        sd = np.sqrt(np.maximum(squares, 0.0) / (n - 1))
    same = ordered[0] == at(ordered, n - 1)
    mean = rough + drift
    np.copyto(mean, ordered[0], where=same)
    np.copyto(sd, 0.0, where=same)
    return mean, blank(sd, n < 2)


def spread_statistics(lanes: Floats) -> tuple[dict[str, Floats], Ints]:
    """mean, median, min, q1, q3, max, sd, mad over the last axis, and how many values there are."""
    return describe(np.fmin(np.moveaxis(lanes, -1, 0), np.inf))


def describe(lanes: Floats) -> tuple[dict[str, Floats], Ints]:
    """The same over the first axis, infinity where there is no value; the input is used up."""
    ordered = sort_lanes(lanes)
    n = count_lanes(ordered < np.inf)
    middle = median(ordered, n)
    mean, sd = mean_and_sd(ordered, n)
    found = {
        "median": middle,
        "min": ordered[0],
        "q1": quantile(ordered, n, 1),
        "q3": quantile(ordered, n, 3),
        "max": at(ordered, n - 1),
    }
    with np.errstate(invalid="ignore"):
        distance = ordered - middle
    np.abs(distance, out=distance)
    found["mad"] = median(sort_lanes(distance), n)
    found |= {"mean": mean, "sd": sd}
    for values in found.values():
        blank(values, n == 0)
    return found, n


def compute_benchmarks(dense: Dense, group: GroupSet) -> Benchmarks:
    """Benchmarks of every line and group of the set; counts have none but the source's figure."""
    statistics, n_valid = describe(gather(dense.by_area.value, group.by_lane))
    for values in statistics.values():
        values[:, dense.is_count[:, 0]] = np.nan
    ratio, is_whole, is_partial = _ratios(dense, group)
    source = gather(dense.by_area.value, group.area)
    np.copyto(source, np.nan, where=source == np.inf)
    middle = statistics["median"]
    kinds = [~np.isnan(source), is_whole, is_partial, ~np.isnan(middle)]
    headline = middle.copy()
    np.copyto(headline, ratio, where=is_whole | is_partial)
    np.copyto(headline, source, where=kinds[0])
    found = {**statistics, "ratio_of_sums": ratio, "source_value": source, "headline": headline}
    n_members = np.count_nonzero(group.members >= 0, axis=-1)
    return Benchmarks(
        {name: values.T for name, values in found.items()},
        n_members=np.broadcast_to(n_members, n_valid.T.shape),
        n_valid=n_valid.T,
        headline_kind=first_true(kinds).T,
    )


def _ratios(dense: Dense, group: GroupSet) -> tuple[Floats, Flags, Flags]:
    """Ratio of sums, and whether it stands for the whole group or for at least 9/10 of it.

    Groups x lines. Providing members are those that are not z; one without both parts valid is
    missing, and a missing one's denominator may be known or not.
    """

    cells = dense.by_area
    top, bottom, unknown = (
        total(gather(part, group.by_lane))
        for part in (cells.numerator, cells.denominator, cells.unknown)
    )
    lacks = np.logical_or.reduce(gather(cells.lacking, group.by_lane), axis=0)
    is_summed = dense.is_summed[:, 0] & (bottom > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = dense.multiplier[:, 0] * top / bottom
    ratio = blank(ratio, ~is_summed)
    exists = ~np.isnan(ratio)
    enough = PARTIAL_SHARE * bottom >= (PARTIAL_SHARE - 1) * (bottom + unknown)
    return ratio, exists & ~lacks, exists & lacks & enough
