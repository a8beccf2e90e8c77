"""Whether councils came closer to each other (M11): gap, interquartile range, variation.

Here belongs the spread of one indicator in two years over the same councils; how many indicators a
council improved in is in sector.
"""

import numpy as np
import pandas as pd

from assets.methods.benchmarks import count, spread_statistics
from assets.methods.declarations import read_declarations
from assets.methods.dense import places
from assets.methods.equivalents import previous_periods, previous_rows
from assets.methods.impossible import Flags, Floats, Ints
from assets.methods.rounding import powers

LINE = ["indicator", "period", "breakdown_type", "breakdown"]
SAME_FROM = 2
"""Councils in both years from which a spread exists."""
TOO_FEW = "fewer than two councils in both years"
A_COUNT = "a count has no spread between councils"
SMALLER = 1.0 - 1e-12
"""Narrower by less than the arithmetic can tell is not narrower."""
ROUNDING = 8.0 * float(np.finfo(np.float64).eps)
"""Nor by less than this share of the figures: a double holds no more of them."""


def narrowing(
    comparisons: pd.DataFrame, indicators: pd.DataFrame, group: str = "all"
) -> pd.DataFrame:
    """Spread now and in the previous equivalent period, over the councils that have both.

    comparisons: the table of that name; indicators: indicator, kind, polarity, target, decimals,
    accumulation. Returns one row per indicator, period and breakdown with an earlier period:
    period_before, n_same, left_out (codes with a value now but no change, joined by `;`), gap
    (worst minus best published value, of distances from a target; null for neutral polarity), iqr
    (q3 - q1), cv (sd over |mean|, null at a mean of 0), each with `_before` and `_narrowed`, and
    reason. A change that change_reason rules out (a break, no value) leaves that council out of
    both years.
    """
    rows = comparisons[comparisons["group_code"] == group].reset_index(drop=True)
    before = previous_rows(rows, _rolling(indicators))
    is_same = rows["change"].notna().to_numpy(dtype=bool) & (before >= 0)
    keys = rows[LINE].drop_duplicates().sort_values(LINE).reset_index(drop=True)
    at = pd.MultiIndex.from_frame(keys).get_indexer(pd.MultiIndex.from_frame(rows[LINE]))
    line = at.astype(np.int64)
    spreads, is_count = _both_years(rows, before, is_same, line, keys, indicators)
    n_same = np.bincount(line[is_same], minlength=len(keys))
    result = keys.assign(
        period_before=previous_periods(keys, _rolling(indicators)),
        n_same=n_same,
        left_out=_left_out(rows, line, is_same, len(keys)),
    )
    size = np.fmax(*(spread["size"] for spread in spreads))
    noise = {"gap": 0.0 * size, "iqr": ROUNDING * size, "cv": np.full(len(size), ROUNDING)}
    for name in ("gap", "iqr", "cv"):
        now, then = (np.where(is_count, np.nan, spread[name]) for spread in spreads)
        narrowed = pd.Series(now < SMALLER * then - noise[name], dtype="boolean")
        result[name], result[f"{name}_before"] = now, then
        result[f"{name}_narrowed"] = narrowed.mask(np.isnan(now) | np.isnan(then))
    reason = np.select([is_count, n_same < SAME_FROM], [A_COUNT, TOO_FEW], "")
    result["reason"] = pd.Series(reason, dtype="str").where(reason != "")
    has_earlier = np.bincount(line[before >= 0], minlength=len(keys)) > 0
    return result[has_earlier].reset_index(drop=True)


def _both_years(
    rows: pd.DataFrame,
    before: Ints,
    is_same: Flags,
    line: Ints,
    keys: pd.DataFrame,
    indicators: pd.DataFrame,
) -> tuple[list[dict[str, Floats]], Flags]:
    """gap, iqr and cv of every line now and before, and which lines are counts."""
    declared = read_declarations(indicators, sorted(set(rows["indicator"])))
    names = pd.Index(declared.names)
    code, of_line = (
        names.get_indexer(pd.Index(frame["indicator"])).astype(np.int64) for frame in (rows, keys)
    )
    value, rounded = (rows[n].to_numpy(dtype=np.float64) for n in ("value", "value_rounded"))
    published = places(rounded, code, declared)
    area = pd.Index(sorted(set(rows["area_code"])))
    column = area.get_indexer(pd.Index(rows["area_code"])).astype(np.int64)
    cells = line[is_same], column[is_same]

    def scatter(values: Floats) -> Floats:
        matrix = np.full((len(keys), len(area)), np.nan)
        matrix[cells] = values[is_same]
        return matrix

    power = powers(declared.scale_decimals)[of_line]
    spreads = [
        _spreads(scatter(value[source]), scatter(published[source]), power)
        for source in (np.arange(len(rows)), before)
    ]
    return spreads, declared.is_word("kind", "count")[of_line]


def _rolling(indicators: pd.DataFrame) -> set[str]:
    if "accumulation" not in indicators.columns:
        return set()
    return set(indicators.loc[indicators["accumulation"] == "rolling", "indicator"])


def _spreads(value: Floats, place: Floats, power: Floats) -> dict[str, Floats]:
    """gap, iqr, cv and largest size of every line; value and place are lines x councils."""
    width = max(value.shape[1], 1)
    lanes = np.full((len(value), 1, width), np.nan)
    lanes[:, 0, : value.shape[1]] = value
    found, n = spread_statistics(lanes)
    has = n[:, 0] >= SAME_FROM
    ranked = count(place) >= SAME_FROM
    high = np.where(np.isnan(place), -np.inf, place).max(axis=1, initial=-np.inf)
    low = np.where(np.isnan(place), np.inf, place).min(axis=1, initial=np.inf)
    mean = np.abs(found["mean"][:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "gap": np.where(ranked, (high - low) / power, np.nan),
            "iqr": np.where(has, found["q3"][:, 0] - found["q1"][:, 0], np.nan),
            "cv": np.where(has & (mean > 0), found["sd"][:, 0] / mean, np.nan),
            "size": np.fmax(np.abs(found["min"][:, 0]), np.abs(found["max"][:, 0])),
        }


def _left_out(rows: pd.DataFrame, line: Ints, is_same: Flags, n_lines: int) -> pd.Series:
    out = np.flatnonzero(rows["value"].notna().to_numpy(dtype=bool) & ~is_same)
    codes = rows["area_code"].iloc[out].groupby(line[out]).agg(lambda c: ";".join(sorted(c)))
    return codes.reindex(range(n_lines)).fillna("").astype("str")
