"""The good-practice finder: who, like this council, does better where it does worst.

Here belongs the list of neighbours to ask, for each measure of the watch list: those that are
better than the council beyond chance, or improved most, and that beat the group's median now. It
says whom to ask and never why they do better; what they did is in the practice register, if there.
"""

import numpy as np
import pandas as pd

from assets.methods import chance
from assets.methods.equivalents import is_latest
from assets.methods.impossible import Flags, Floats
from assets.methods.watch_list import (
    FROM_FIGURES,
    NEIGHBOURS,
    NO_TEST,
    SLICE,
    own_rows,
    samples,
)

TESTS = {
    "binomial": "Fisher",
    "poisson": "conditional binomial",
    "t": "t limits, normal",
    "supplied": "normal",
}
BETTER, IMPROVED = "better beyond chance", "improved most"
ASK_EN, ASK_CY = "ask them", "gofynnwch iddynt"
NOISE = 1e-12
"""Improvements that differ by less than this share of the figures are equal."""
PRACTICE = ("practice_en", "practice_cy", "link", "contact_role", "reviewed")
LIMITS = ["lower_95", "upper_95", "lower_998", "upper_998"]
NEEDED = ["value", "numerator", "denominator", "se", *LIMITS, "change"]
OF_OTHER = ["value_rounded", "change_direction", *NEEDED]
COLUMNS = (
    "area_code", "indicator", "period", "value_rounded", "neighbour_code", "distance",
    "distance_rank", "is_distant", "neighbour_value", "median", "neighbour_change", "why", "test",
    "p_better", "method", "n_tested", "expected_by_chance", *PRACTICE,
)  # fmt: skip


def find_practice(
    watched: pd.DataFrame,
    figures: pd.DataFrame,
    comparisons: pd.DataFrame,
    benchmarks: pd.DataFrame,
    groups: pd.DataFrame,
    indicators: pd.DataFrame,
    practice: pd.DataFrame | None = None,
    *,
    group_code: str = NEIGHBOURS,
    method: str = chance.METHODS[0],
) -> pd.DataFrame:
    """One row per council, measure of its watch list and neighbour to ask; COLUMNS.

    watched: watch_list of the same tables; groups: comparison_groups; practice: area_code,
    indicator and the columns PRACTICE. Of the council's pairs (measure x neighbour) with a test,
    n_tested, the number chance alone would list is expected_by_chance.
    """
    table = own_rows(figures, comparisons, benchmarks, indicators, group_code)
    members = groups[groups["group_code"] == group_code]
    pairs = _pairs(watched, table[is_latest(table)], members, _others(figures, comparisons))
    pairs = pairs.assign(p_better=_p_better(pairs), method=method)
    pairs["test"] = pairs["interval"].map(TESTS).where(pairs["p_better"].notna(), NO_TEST)
    pairs = _judged(pairs, method)
    improved = _improved_most(pairs)
    better = pairs.pop("is_beyond").to_numpy(dtype=bool)
    both = f"{BETTER}; {IMPROVED}"
    pairs["why"] = np.select([better & improved, better, improved], [both, BETTER, IMPROVED], "")
    pairs = pairs[(pairs["why"] != "") & _beats_median(pairs)]
    named = pairs.rename(columns={"other_value_rounded": "neighbour_value"})
    named["neighbour_change"] = named["other_change"]
    joined = _with_practice(named, practice)
    order = ["area_code", "indicator", "p_better", "neighbour_code"]
    return joined.sort_values(order, ignore_index=True)[list(COLUMNS)]


def _others(figures: pd.DataFrame, comparisons: pd.DataFrame) -> pd.DataFrame:
    """Every area's total figures once, the same in every group: a neighbour may own none."""
    key = [*SLICE, "area_code"]
    totals = comparisons[comparisons["breakdown_type"] == "total"].drop_duplicates(key)
    joined = totals.merge(figures[[*key, *FROM_FIGURES]], on=key, how="left")
    return joined[[*key, *OF_OTHER]]


def _pairs(
    watched: pd.DataFrame, latest: pd.DataFrame, groups: pd.DataFrame, others: pd.DataFrame
) -> pd.DataFrame:
    """Watched figures beside the same figure of each neighbour (columns other_*)."""
    members = groups[
        ["owner_code", "member_code", "distance", "distance_rank", "is_distant"]
    ].rename(columns={"owner_code": "area_code", "member_code": "neighbour_code"})
    members = members[members["area_code"] != members["neighbour_code"]]
    own = watched[["area_code", "indicator", "period"]].merge(
        latest, on=["area_code", "indicator", "period"]
    )
    own = own.drop(columns=[name for name in ("distance_rank",) if name in own.columns])
    renamed = {name: f"other_{name}" for name in OF_OTHER}
    others = others.rename(columns={"area_code": "neighbour_code", **renamed})
    return own.merge(members, on="area_code").merge(others, on=[*SLICE, "neighbour_code"])


def _p_better(pairs: pd.DataFrame) -> Floats:
    """p of a neighbour as much better as it is, if both were alike."""
    own, other = samples(pairs), samples(pairs, "other_")
    above = (pairs["polarity"] == "higher").to_numpy()
    word = pairs["interval"].to_numpy(dtype=object)
    both_se = np.sqrt(np.square(own.se) + np.square(other.se))
    return np.select(
        [word == "binomial", word == "poisson", (word == "supplied") | (word == "t")],
        [
            chance.p_fisher(own, other, above=above),
            chance.p_conditional(own, other, above=above),
            chance.p_normal(other.value - own.value, both_se, above=above),
        ],
        np.nan,
    )


def _judged(pairs: pd.DataFrame, method: str) -> pd.DataFrame:
    p = pairs["p_better"].to_numpy(dtype=np.float64)
    return pairs.assign(**chance.judge_by(pairs["area_code"], p, method))


def _gain(pairs: pd.DataFrame, column: str) -> pd.Series:
    """The column turned so that more is better."""
    values = pairs[column].astype("float64")
    return values.where(pairs["polarity"] == "higher", -values)


def _improved_most(pairs: pd.DataFrame) -> Flags:
    """Largest improvement of the neighbours with one at published decimals, ties included.

    A stock never improves. Improvements that differ by rounding alone, as 10.3 - 10.1 and 5.3 - 5.1
    do, are ties.
    """
    has_improved = pairs["other_change_direction"] == "improved"
    gain = _gain(pairs, "other_change").where(has_improved & (pairs["accumulation"] != "stock"))
    measure = [pairs["area_code"], pairs["indicator"]]
    most = gain.groupby(measure).transform("max")
    size = pairs["other_value"].astype("float64").abs() + gain
    noise = NOISE * size.groupby(measure).transform("max")
    return np.asarray(gain >= most - noise, dtype=bool)


def _beats_median(pairs: pd.DataFrame) -> Flags:
    """The neighbour's unrounded figure is better than the median of the council's neighbours."""
    gain, middle = _gain(pairs, "other_value"), _gain(pairs, "median")
    return np.asarray(gain > middle, dtype=bool)


def _with_practice(rows: pd.DataFrame, practice: pd.DataFrame | None) -> pd.DataFrame:
    keys = ["neighbour_code", "indicator"]
    if practice is None or practice.empty:
        joined = rows.assign(**dict.fromkeys(PRACTICE, None))
    else:
        entries = practice.rename(columns={"area_code": "neighbour_code"})
        joined = rows.merge(entries[[*keys, *PRACTICE]], on=keys, how="left")
    return joined.assign(
        practice_en=joined["practice_en"].fillna(ASK_EN).astype("str"),
        practice_cy=joined["practice_cy"].fillna(ASK_CY).astype("str"),
    )
