"""The watch list: on which measures a council is worse than its neighbours, beyond chance (M8).

Here belongs the list; who does better is assets.methods.finder. A measure with an interval is
tested against the neighbours' headline. One without is listed only when it stands in the lowest
band in two periods running, and is labelled "no test". Neutral and target measures have no worse
side and are never listed.
"""

import numpy as np
import pandas as pd

from assets.methods import chance
from assets.methods.equivalents import is_latest, previous_rows
from assets.methods.impossible import Flags, Floats
from assets.methods.intervals import LEVELS, standard_error

NEIGHBOURS = "neighbours"
LOWEST_BAND = 4
NO_TEST = "no test"
TESTS = {
    "binomial": "score",
    "poisson": "exact Poisson",
    "t": "t limits, normal",
    "supplied": "normal",
}
WORSE = "worse than the neighbours beyond chance"
LOWEST = "lowest band twice running"
BREAK = "break in the series"
SLICE = ["indicator", "period", "breakdown_type", "breakdown"]
FROM_FIGURES = ["numerator", "denominator", "se"]
FROM_BENCHMARKS = ["headline", "headline_kind", "median"]
FROM_INDICATORS = ["kind", "polarity", "multiplier", "interval", "accumulation"]
COLUMNS = (
    "area_code", "indicator", "period", "group_code", "value", "value_rounded", "headline",
    "headline_kind", "median", "band", "test", "p_worse", "method", "n_tested",
    "expected_by_chance", "reason",
)  # fmt: skip


def watch_list(
    figures: pd.DataFrame,
    comparisons: pd.DataFrame,
    benchmarks: pd.DataFrame,
    indicators: pd.DataFrame,
    *,
    group_code: str = NEIGHBOURS,
    method: str = chance.METHODS[0],
) -> pd.DataFrame:
    """One row per council and measure to look at, by council and then by p; COLUMNS.

    figures: indicator_values; comparisons, benchmarks: of `compare` over own groups with that
    group_code; indicators: indicator_catalogue. The latest period of each measure, totals only.
    n_tested counts the council's measures with a test, expected_by_chance how many of them chance
    alone would list: n x 0.001 at 99.8 %, n x cut-off for Benjamini-Hochberg.
    """
    table = own_rows(figures, comparisons, benchmarks, indicators, group_code)
    table = table.assign(lowest_twice=_lowest_twice(table))
    latest = table[is_latest(table)].reset_index(drop=True)
    latest = latest.assign(p_worse=_p_worse(latest), method=method)
    latest["test"] = latest["interval"].map(TESTS).where(latest["p_worse"].notna(), NO_TEST)
    judged = _judged(latest, method)
    twice = judged["lowest_twice"] & (judged["test"] == NO_TEST)
    judged["reason"] = np.where(judged.pop("is_beyond"), WORSE, np.where(twice, LOWEST, ""))
    listed = judged[judged["reason"] != ""]
    listed = listed.assign(method=listed["method"].where(listed["test"] != NO_TEST))
    return listed.sort_values(["area_code", "p_worse", "indicator"], ignore_index=True)[
        list(COLUMNS)
    ]


def own_rows(
    figures: pd.DataFrame,
    comparisons: pd.DataFrame,
    benchmarks: pd.DataFrame,
    indicators: pd.DataFrame,
    group_code: str,
) -> pd.DataFrame:
    """Comparisons of the group's totals that have a worse side, with counts and benchmarks."""
    own = comparisons[comparisons["group_code"] == group_code]
    own = own[own["breakdown_type"] == "total"]
    counts = figures[[*SLICE, "area_code", *FROM_FIGURES]]
    of_group = benchmarks.loc[
        benchmarks["group_code"] == group_code, [*SLICE, "owner_code", *FROM_BENCHMARKS]
    ].rename(columns={"owner_code": "area_code"})
    facts = indicators.loc[
        indicators["polarity"].isin(["higher", "lower"]), ["indicator", *FROM_INDICATORS]
    ]
    joined = own.merge(counts, on=[*SLICE, "area_code"], how="left")
    joined = joined.merge(of_group, on=[*SLICE, "area_code"], how="left")
    return joined.merge(facts, on="indicator").reset_index(drop=True)


def samples(table: pd.DataFrame, prefix: str = "") -> chance.Sample:
    """The figures of a table as tests need them: counts have a denominator of 1."""

    def numbers(name: str) -> Floats:
        return table[f"{prefix}{name}"].to_numpy(dtype=np.float64)

    is_t = (table["interval"] == "t").to_numpy()
    bottom = np.where(table["kind"] == "count", 1.0, numbers("denominator"))
    limits = {level: (numbers(f"lower_{level}"), numbers(f"upper_{level}")) for level in LEVELS}
    return chance.Sample(
        value=numbers("value"),
        numerator=np.where(np.isnan(numbers("value")), np.nan, numbers("numerator")),
        denominator=bottom,
        se=standard_error(numbers("se"), limits, bottom, is_t=is_t),
    )


def _p_worse(table: pd.DataFrame) -> Floats:
    """p of a figure as bad as the one seen, if the council were like its neighbours' headline."""
    sample = samples(table)
    headline = table["headline"].to_numpy(dtype=np.float64)
    factor = table["multiplier"].to_numpy(dtype=np.float64)
    above = (table["polarity"] == "lower").to_numpy()
    word = table["interval"].to_numpy(dtype=object)
    by_score = chance.p_score(sample, headline, factor, above=above)
    by_poisson = chance.p_poisson(sample, headline, factor, above=above)
    by_normal = chance.p_normal(sample.value - headline, sample.se, above=above)
    with_se = (word == "supplied") | (word == "t")
    return np.select(
        [word == "binomial", word == "poisson", with_se], [by_score, by_poisson, by_normal], np.nan
    )


def _judged(table: pd.DataFrame, method: str) -> pd.DataFrame:
    """The rows with what each council's p-values say together."""
    p = table["p_worse"].to_numpy(dtype=np.float64)
    return table.assign(**chance.judge_by(table["area_code"], p, method))


def _lowest_twice(table: pd.DataFrame) -> Flags:
    """By row: lowest band, and in the period before it too, without a break between."""
    rolling = set(table.loc[table["accumulation"] == "rolling", "indicator"])
    before = previous_rows(table, rolling)
    is_lowest = (table["band"].astype("Int64") == LOWEST_BAND).fillna(False).to_numpy(dtype=bool)
    was_lowest = (before >= 0) & is_lowest[before]
    is_unbroken = (table["change_reason"] != BREAK).to_numpy(dtype=bool)
    return np.asarray(is_lowest & was_lowest & is_unbroken, dtype=bool)
