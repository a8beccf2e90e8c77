"""Gaps between breakdowns of one figure (M0): absolute, ratio, and the indices over ordered groups.

Here belongs how far apart the parts of one council lie (girls and boys, fifths of deprivation); how
far apart councils lie is in benchmarks and position.
Sources: Zou and Donner 2008 (limits of a difference; with Wilson limits it is Newcombe's method
10); Donner and Zou 2012 (limits of a ratio); Pamuk 1985, Kunst and Mackenbach 1995 (slope and
relative index of inequality); Fieller 1954 (limits of a ratio of sums of normal figures).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from assets.methods.impossible import Floats, ImpossibleInput, Ints, refuse
from assets.methods.intervals import Z95
from assets.methods.observations import read_numbers

SAME = ["indicator", "period", "area_code", "breakdown_type"]
TOTAL = "total"
PART_OF_WHOLE = "a part and its whole are not independent"
NO_VALUE = "no value"
NO_REFERENCE = "no value of the reference"
NO_INTERVAL = "no interval for both figures"
NO_GROUP_INTERVAL = "no interval for every group"
TOO_FEW_GROUPS = "fewer than three groups"
GROUP_MISSING = "a group has no value"
NO_SHARE = "no population share of every group"
SLOPE_FROM = 3
"""Two groups have a gap; a slope needs a third."""


def gaps(figures: pd.DataFrame, breakdown_type: str, reference: str) -> pd.DataFrame:
    """Each part of a breakdown against one reference part, or against the total.

    figures: indicator_values or the like: the key, value, lower_95 and upper_95. reference: a
    breakdown of that type, or `total`. Returns one row per figure of the type other than the
    reference: its key, reference, value, reference_value, difference (value - reference),
    difference_lower_95, difference_upper_95, ratio (null where the reference is not above 0),
    ratio_lower_95, ratio_upper_95 (null where unbounded), reason (why there is no gap or no
    interval). The limits hold for independent figures: against the total there are none. Raises
    ImpossibleInput for a repeated key.
    """
    _refuse_repeated(figures)
    joined, column = _beside(figures, breakdown_type, reference)
    value, other = column["value"], column["value_2"]
    limits, limits_2 = ((column[f"lower_95{s}"], column[f"upper_95{s}"]) for s in ("", "_2"))
    nothing = np.full(len(joined), np.nan)
    is_total = reference == TOTAL
    pairs = [
        (nothing, nothing) if is_total else of(value, limits, other, limits_2)
        for of in (difference_limits, ratio_limits)
    ]
    reason = np.select(
        [np.isnan(value), np.isnan(other), np.full(len(joined), is_total), np.isnan(pairs[0][0])],
        [NO_VALUE, NO_REFERENCE, PART_OF_WHOLE, NO_INTERVAL],
        default="",
    )
    return joined.assign(
        reference=reference,
        value=value,
        reference_value=other,
        difference=value - other,
        difference_lower_95=pairs[0][0],
        difference_upper_95=pairs[0][1],
        ratio=_over(value, np.where(other > 0, other, np.nan)),
        ratio_lower_95=pairs[1][0],
        ratio_upper_95=pairs[1][1],
        reason=pd.Series(reason, dtype="str").where(reason != ""),
    )


def _beside(
    figures: pd.DataFrame, breakdown_type: str, reference: str
) -> tuple[pd.DataFrame, dict[str, Floats]]:
    """Keys of the parts, sorted, and their numbers beside those of the reference (`_2`)."""
    is_type = figures["breakdown_type"] == breakdown_type
    wanted = (TOTAL, TOTAL) if reference == TOTAL else (breakdown_type, reference)
    of_kind = (figures["breakdown_type"] == wanted[0]) & (figures["breakdown"] == wanted[1])
    key, place = [*SAME, "breakdown"], SAME[:3]
    parts = _numbers(figures[is_type & ~of_kind], key)
    base = _numbers(figures[of_kind], place).rename(columns=lambda n: n if n in place else f"{n}_2")
    joined = parts.merge(base, on=place, how="left").sort_values(key).reset_index(drop=True)
    numbers = [name for name in joined.columns if name not in key]
    return joined[key], {name: joined[name].to_numpy(dtype=np.float64) for name in numbers}


def difference_limits(
    first: Floats, limits1: tuple[Floats, Floats], second: Floats, limits2: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Limits of first - second from the limits of two independent figures (square and add)."""
    (lower1, upper1), (lower2, upper2) = limits1, limits2
    gap = first - second
    lower = gap - np.sqrt((first - lower1) ** 2 + (upper2 - second) ** 2)
    return lower, gap + np.sqrt((upper1 - first) ** 2 + (second - lower2) ** 2)


def ratio_limits(
    first: Floats, limits1: tuple[Floats, Floats], second: Floats, limits2: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Limits of first / second, figures not below 0, from their own limits; NaN where unbounded.

    The limits are the ratios r at which the limit of first - r x second is 0.
    """
    (lower1, upper1), (lower2, upper2) = limits1, limits2
    product = first * second
    with np.errstate(divide="ignore", invalid="ignore"):
        top, bottom = lower1 * (2.0 * first - lower1), upper2 * (2.0 * second - upper2)
        lower = top / (product + np.sqrt(np.maximum(product**2 - top * bottom, 0.0)))
        top, bottom = upper1 * (2.0 * first - upper1), lower2 * (2.0 * second - lower2)
        upper = (product + np.sqrt(np.maximum(product**2 - top * bottom, 0.0))) / bottom
    is_possible = (first >= 0) & (second > 0) & (lower1 >= 0)
    lower = np.where(lower1 == 0, 0.0, lower)
    return (
        np.where(is_possible & ~np.isnan(upper2), lower, np.nan),
        np.where(is_possible & (lower2 > 0), upper, np.nan),
    )


def inequality_indices(
    figures: pd.DataFrame, breakdown_type: str, order: Sequence[str], share: str = "denominator"
) -> pd.DataFrame:
    """Slope and relative index of inequality over ordered groups, such as fifths of deprivation.

    figures: the key, value, lower_95, upper_95 and the column `share`, each group's population (its
    share or count). order: every group, from the first (most deprived) to the last. Returns one row
    per indicator, period and area: these, breakdown_type, first_group, last_group, n_groups, sii
    (value at the last end minus at the first end of the population, by the weighted line),
    sii_lower_95, sii_upper_95, rii (value at the last end over value at the first), rii_lower_95,
    rii_upper_95, rii_of_mean (sii over the weighted mean), reason (why there is no index or no
    interval). A negative sii means that the last have less. Raises ImpossibleInput for an unknown
    group, a repeated key, and a negative share.
    """
    _refuse_repeated(figures)
    chosen = figures[figures["breakdown_type"] == breakdown_type].reset_index(drop=True)
    refuse(
        ~chosen["breakdown"].isin(list(order)).to_numpy(dtype=bool),
        f"Groups that the order of {breakdown_type} does not name",
        lambda row: f"row {row + 1} ({chosen['breakdown'].iloc[row]})",
    )
    number = chosen["breakdown"].map({group: place for place, group in enumerate(order)})
    place = number.to_numpy(dtype=np.int64)
    places, line = _lines(chosen[SAME])
    grids = {}
    for name in ("value", "lower_95", "upper_95", share):
        grids[name] = np.full((len(places), len(order)), np.nan)
        grids[name][line, place] = read_numbers(chosen, name)
    if bool((grids[share] < 0).any()):
        raise ImpossibleInput(f"Population shares below 0 in {share}. Correct them.")
    se = (grids["upper_95"] - grids["lower_95"]) / (2.0 * Z95)
    found = slope_index(grids["value"], grids[share], se)
    ends = {"first_group": order[0], "last_group": order[-1]}
    return places.assign(**ends, n_groups=len(order), **found).reset_index(drop=True)


def slope_index(value: Floats, population: Floats, se: Floats) -> dict[str, Floats | pd.Series]:
    """The indices of rows x groups in order: least squares of value on the middle of each group's
    place in the population, weighted by population; limits from the figures' standard errors.
    """
    total = population.sum(axis=1, keepdims=True)
    reason = np.select(
        [
            np.full(len(value), value.shape[1] < SLOPE_FROM),
            np.isnan(value).any(axis=1),
            np.isnan(total[:, 0]) | ~(total[:, 0] > 0),
            (population > 0).sum(axis=1) < SLOPE_FROM,
            np.isnan(se).any(axis=1),
        ],
        [TOO_FEW_GROUPS, GROUP_MISSING, NO_SHARE, TOO_FEW_GROUPS, NO_GROUP_INTERVAL],
        default="",
    )
    is_none = ~np.isin(reason, ["", NO_GROUP_INTERVAL])
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(is_none[:, None], np.nan, population / total)
        slopes, first, last = _coefficients(weight)
        slope = (slopes * (value - value[:, :1])).sum(axis=1)
        mean, low = (weight * value).sum(axis=1), (first * value).sum(axis=1)
    half = Z95 * np.sqrt(_cross(slopes, slopes, se))
    pairs = ((last, last), (last, first), (first, first))
    relative = fieller(low + slope, low, *(_cross(one, two, se) for one, two in pairs))
    return {
        "sii": slope,
        "sii_lower_95": slope - half,
        "sii_upper_95": slope + half,
        "rii": _over(low + slope, np.where(low > 0, low, np.nan)),
        "rii_lower_95": relative[0],
        "rii_upper_95": relative[1],
        "rii_of_mean": _over(slope, np.where(mean > 0, mean, np.nan)),
        "reason": pd.Series(reason, dtype="str").where(reason != ""),
    }


def _coefficients(weight: Floats) -> tuple[Floats, Floats, Floats]:
    """What each group's value counts in the slope, and in the line at 0 and at 1."""
    middle = np.cumsum(weight, axis=1) - weight / 2.0
    mean_place = (weight * middle).sum(axis=1, keepdims=True)
    from_mean = middle - mean_place
    slopes = weight * from_mean / (weight * from_mean**2).sum(axis=1, keepdims=True)
    return slopes, weight - slopes * mean_place, weight + slopes * (1.0 - mean_place)


def fieller(
    top: Floats, bottom: Floats, top_variance: Floats, covariance: Floats, bottom_variance: Floats
) -> tuple[Floats, Floats]:
    """95 % limits of top / bottom, both normal; NaN where bottom is not above 0 beyond chance."""
    square = Z95 * Z95
    a = bottom**2 - square * bottom_variance
    b = top * bottom - square * covariance
    c = top**2 - square * top_variance
    root = np.sqrt(np.maximum(b * b - a * c, 0.0))
    a = np.where((a > 0) & (bottom > 0), a, np.nan)
    return _over(b - root, a), _over(b + root, a)


def _cross(first: Floats, second: Floats, se: Floats) -> Floats:
    return np.asarray((first * second * se**2).sum(axis=1))


def _over(top: Floats, bottom: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(top / bottom, dtype=np.float64)


def _numbers(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    rows = frame.reset_index(drop=True)
    names = ("value", "lower_95", "upper_95")
    return rows[key].assign(**{name: read_numbers(rows, name) for name in names})


def _lines(keys: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """Distinct keys, sorted, and the position of each row's key among them."""
    distinct = keys.drop_duplicates().sort_values(list(keys.columns)).reset_index(drop=True)
    names = list(keys.columns)
    place = pd.MultiIndex.from_frame(distinct).get_indexer(pd.MultiIndex.from_frame(keys[names]))
    return distinct, place.astype(np.int64)


def _refuse_repeated(figures: pd.DataFrame) -> None:
    key = [*SAME, "breakdown"]
    rows = figures[key].reset_index(drop=True)
    refuse(
        rows.duplicated().to_numpy(dtype=bool),
        "Two figures with the same key",
        lambda row: f"row {row + 1} ({', '.join(str(text) for text in rows.iloc[row])})",
    )
