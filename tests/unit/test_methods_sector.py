"""M10-M11: Sen's slope, shares beside chance, and whether councils came closer, by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assets.methods.compare import compare
from assets.methods.equivalents import previous_periods
from assets.methods.impossible import ImpossibleInput
from assets.methods.narrowing import narrowing
from assets.methods.sector import sector_summary
from assets.methods.sen_slope import sen_slope, sen_slopes

THEN, NOW = "2022-04-01/P1Y", "2023-04-01/P1Y"
DECLARED = {
    "kind": "score",
    "polarity": "higher",
    "accumulation": "discrete",
    "decimals": 1,
    "theme": "education",
    "framework_codes": "PAM 001",
}


def council(number: int) -> str:
    return f"W06{number:06}"


def indicators(*names: str, **more: object) -> pd.DataFrame:
    return pd.DataFrame([{"indicator": name, **DECLARED, **more} for name in names])


def two_years(name: str, then: list, now: list) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"indicator": name, "period": period, "area_code": council(place), "value": value}
            for period, values in ((THEN, then), (NOW, now))
            for place, value in enumerate(values)
            if value != "absent"
        ]
    ).astype({"value": "float64"})


def narrowed(then: list, now: list, **more: object) -> pd.Series:
    declared = indicators("i", **more)
    comparisons = compare(two_years("i", then, now), declared).comparisons
    return narrowing(comparisons, declared).iloc[0]


def test_rolling_quarters_narrow_since_the_quarter_before() -> None:
    rows = two_years("i", [1.0, 5.0, 9.0], [3.0, 5.0, 7.0])
    quarters = {THEN: "2023-01-01/P3M", NOW: "2023-04-01/P3M"}
    rows["period"] = rows["period"].map(quarters)
    for accumulation, n_rows in (("rolling", 1), ("discrete", 0)):
        declared = indicators("i", accumulation=accumulation)
        found = narrowing(compare(rows, declared).comparisons, declared)
        assert found["period_before"].tolist() == [quarters[THEN]] * n_rows
        assert found["gap_narrowed"].tolist() == [True] * n_rows
        assert found["n_same"].tolist() == [3] * n_rows


# --- Sen's slope ----------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12))
def test_sens_slope_is_that_of_scipy(values: list[float]) -> None:
    found = sen_slope(np.array([values])).item()
    assert found == pytest.approx(stats.theilslopes(values).slope, rel=1e-9, abs=1e-9)


@given(st.lists(st.floats(-100, 100), min_size=5, max_size=5), st.floats(0.5, 9))
def test_a_slope_turns_and_stretches_with_its_series(values: list[float], factor: float) -> None:
    y, times = np.array([values]), np.array([2013.0, 2014, 2017, 2018, 2023])
    slope = sen_slope(y, times).item()
    assert sen_slope(-y, times).item() == pytest.approx(-slope, abs=1e-12)
    assert sen_slope(factor * y + 7, times).item() == pytest.approx(factor * slope, abs=1e-9)


def test_one_odd_year_does_not_make_a_slope() -> None:
    assert sen_slope(np.array([[1.0, 2, 3, 400, 5]])).item() == 1
    assert sen_slope(np.array([[3.0, 3, 3, 3, 3]])).item() == 0


def test_a_missing_point_one_point_and_a_time_twice() -> None:
    assert math.isnan(sen_slope(np.array([[1.0, math.nan, 3]])).item())
    assert math.isnan(sen_slope(np.array([[1.0]])).item())
    with pytest.raises(ImpossibleInput, match="Two points at one time"):
        sen_slope(np.array([[1.0, 2]]), np.array([2020.0, 2020]))


@pytest.mark.parametrize(
    ("periods", "slope"),
    [
        ([f"{2019 + year}-04-01/P1Y" for year in range(5)], 1.5),
        ([f"{2007 + 3 * year}-01-01/P3Y" for year in range(5)], 0.5),
        ([f"{2019 + year}-{20 + year}" for year in range(5)], 1.5),
    ],
)
def test_slopes_are_a_year_and_only_where_there_is_a_trend(periods, slope) -> None:
    rows = pd.DataFrame(
        [
            {"indicator": "i", "period": period, "area_code": council(place), "value": value}
            for place, values in enumerate(([1.0, 2.5, 4, 5.5, 7], [1.0, 2, 3, 4]))
            for period, value in zip(periods, values, strict=False)
        ]
    )
    found = sen_slopes(compare(rows, indicators("i")).comparisons)
    assert found[["area_code", "period", "trend", "sen_slope"]].to_numpy().tolist() == [
        [council(0), periods[-1], "rising", pytest.approx(slope)]
    ]


def test_no_trend_no_slope() -> None:
    found = sen_slopes(compare(two_years("i", [1], [2]), indicators("i")).comparisons)
    assert found.empty


def test_the_previous_period_is_looked_up_within_an_indicator() -> None:
    rows = pd.DataFrame(
        {
            "indicator": ["a", "a", "b", "c", "c", "d", "d"],
            "period": [THEN, NOW, NOW, "2021-22", "2023-24", "2020-01-01/P3Y", "2023-01-01/P3Y"],
        }
    )
    found = previous_periods(rows)
    assert found.fillna("-").tolist() == ["-", THEN, "-", "-", "2021-22", "-", "2020-01-01/P3Y"]


def test_overlapping_quarters_are_looked_up_as_rolling_ones() -> None:
    quarters = [f"2023-0{month}-01/P3M" for month in (1, 4, 7)]
    rows = pd.DataFrame({"indicator": ["r"] * 3 + ["q"] * 3, "period": quarters * 2})
    found = previous_periods(rows, {"r"}).fillna("-").tolist()
    assert found == ["-", quarters[0], quarters[1], "-", "-", "-"]


# --- shares beside chance -------------------------------------------------------------------------


def summary(by: str = "theme") -> pd.DataFrame:
    """Eight councils: `up` (the higher the better), `down`, `plain` (neutral), `held` (a stock)."""
    eight = list(range(8))
    rows = [
        two_years("up", [0.0] * 8, [float(v) for v in eight]),
        two_years("down", [4.0] * 8, [float(v) for v in eight]),
        two_years("plain", [1.0] * 8, [2.0] * 8),
        two_years("held", [1.0] * 8, [2.0] * 8),
        two_years("new", ["absent"] * 8, [float(v) for v in eight[:7]] + [None]),
    ]
    declared = indicators("up", "down", "plain", "held", "new").set_index("indicator")
    declared.loc["down", ["polarity", "theme"]] = ["lower", "health"]
    declared.loc["plain", "polarity"] = "neutral"
    declared.loc["held", "accumulation"] = "stock"
    declared.loc["up", "framework_codes"] = "PAM 001;National Indicators 12"
    declared.loc[["plain", "new"], "framework_codes"] = None
    declared = declared.reset_index()
    comparisons = compare(pd.concat(rows, ignore_index=True), declared).comparisons
    return sector_summary(comparisons, declared, by)


def test_shares_improved_by_hand() -> None:
    found = summary().set_index(["theme", "area_code"])
    last = found.loc[("education", council(7))]
    assert last[["n_indicators", "n_comparable", "n_improved"]].tolist() == [4, 1, 1]
    assert last["share_improved"] == 1
    assert found.loc[("education", council(0)), "share_improved"] == 0
    # down: 4 before, 0...7 now, lower is better: four councils improved, one stayed, three fell
    health = found.xs("health")["n_improved"].tolist()
    assert health == [1, 1, 1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("by", ["all", "theme"])
def test_every_share_is_its_number_over_those_it_is_of(by: str) -> None:
    found = summary(by)
    for share, of in (("improved", "comparable"), ("top", "banded"), ("bottom", "banded")):
        expected = found[f"n_{share}"] / found[f"n_{of}"].where(found[f"n_{of}"] > 0)
        pd.testing.assert_series_equal(found[f"share_{share}"], expected, check_names=False)
    assert found["n_bottom"].sum() > 0
    assert found["n_top"].sum() > 0


def test_shares_in_the_top_band_stand_beside_what_chance_gives() -> None:
    found = summary("all").set_index("area_code")
    assert found["n_banded"].tolist() == [2] * 8
    best = found.loc[council(7)]
    assert best["share_top"] > best["expected_top"]
    for side in ("top", "bottom"):
        expected = (found[f"expected_{side}"] * found["n_banded"]).sum()
        assert expected == pytest.approx(found[f"n_{side}"].sum())
    assert found["expected_top"].tolist() == pytest.approx([0.25] * 8)


def test_chance_counts_bands_as_they_fell_with_22_councils() -> None:
    values = [float(value) for value in range(22)]
    declared = indicators("i")
    comparisons = compare(two_years("i", values, values), declared).comparisons
    found = sector_summary(comparisons, declared)
    assert found["expected_top"].tolist() == pytest.approx([6 / 22] * 22)
    assert found["n_top"].sum() == found["n_bottom"].sum() == 6


def test_what_was_not_comparable_and_why() -> None:
    found = summary().set_index(["theme", "area_code"])["not_comparable"]
    assert found[("education", council(0))] == (
        "a stock is never improved: 1; no direction is good: 1; "
        "no figure for the previous period: 1"
    )
    assert "no value: 1" in found[("education", council(7))]
    assert found["health"].isna().all()


@pytest.mark.parametrize("more", [{"polarity": "neutral"}, {"accumulation": "stock"}])
def test_no_change_is_comparable_only_where_a_change_would_be(more: dict) -> None:
    rows = two_years("i", [1.0] * 8, [1.0] * 8)
    for declared, comparable in ((indicators("i"), 1), (indicators("i", **more), 0)):
        found = sector_summary(compare(rows, declared).comparisons, declared)
        assert found["n_comparable"].tolist() == [comparable] * 8
        assert found["share_improved"].isna().all() == (comparable == 0)


def test_by_framework_an_indicator_may_count_twice_and_without_one_not_at_all() -> None:
    found = summary("framework")
    assert sorted(set(found["framework"])) == ["National Indicators", "PAM"]
    sizes = found.groupby("framework")["n_indicators"].first()
    assert sizes.to_dict() == {"National Indicators": 1, "PAM": 3}


def test_unknown_classes_are_refused() -> None:
    with pytest.raises(ImpossibleInput, match="theme, framework, act_2021"):
        summary("colour")


def test_only_the_latest_period_counts() -> None:
    declared = indicators("i")
    rows = two_years("i", [1.0] * 8, [2.0] * 8)
    again = rows[rows["period"] == NOW].assign(period="2024-04-01/P1Y", value=1.0)
    found = sector_summary(compare(pd.concat([rows, again]), declared).comparisons, declared)
    assert found["n_improved"].tolist() == [0] * 8


def test_a_period_in_which_nobody_has_a_figure_is_not_the_latest() -> None:
    """A series held back, or withdrawn for quality, does not lose what it said the year before."""
    declared = indicators("i")
    rows = two_years("i", [1.0] * 8, [2.0] * 8)
    blank = rows[rows["period"] == NOW].assign(period="2024-04-01/P1Y", value=np.nan)
    found = sector_summary(compare(pd.concat([rows, blank]), declared).comparisons, declared)
    assert found["n_improved"].tolist() == [1] * 8
    never = compare(blank, declared).comparisons
    assert sector_summary(never, declared)["not_comparable"].tolist() == ["no value: 1"] * 8


# --- closer together? -----------------------------------------------------------------------------


def test_closer_by_hand() -> None:
    found = narrowed([10.0, 20, 30, 60], [20.0, 25, 30, 45])
    assert found[["gap", "gap_before", "gap_narrowed"]].tolist() == [25, 50, True]
    assert found[["iqr", "iqr_before", "iqr_narrowed"]].tolist() == [10.0, 20.0, True]
    cv = [float(np.std(v, ddof=1) / np.mean(v)) for v in ([20, 25, 30, 45], [10, 20, 30, 60])]
    assert found[["cv", "cv_before"]].tolist() == pytest.approx(cv, rel=1e-12)


@given(st.lists(st.tuples(st.integers(-99, 999), st.integers(-99, 999)), min_size=2, max_size=22))
def test_spreads_are_those_of_numpy(pairs: list[tuple[int, int]]) -> None:
    then, now = ([float(v) for v in side] for side in zip(*pairs, strict=True))
    found = narrowed(then, now)
    for suffix, values in (("", now), ("_before", then)):
        assert found[f"gap{suffix}"] == max(values) - min(values)
        q1, q3 = np.quantile(values, [0.25, 0.75])
        assert found[f"iqr{suffix}"] == pytest.approx(q3 - q1, rel=1e-9, abs=1e-9)
        mean = abs(np.mean(values))
        if mean > 1e-9:
            expected = np.std(values, ddof=1) / mean
            assert found[f"cv{suffix}"] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_the_same_councils_in_both_years() -> None:
    found = narrowed([10.0, 20, 30, "absent", 90], [10.0, 20, 30, 99, None])
    assert found[["n_same", "left_out", "gap", "gap_before"]].tolist() == [3, council(3), 20, 20]
    assert not found["gap_narrowed"]


def test_all_who_rise_alike_come_no_closer_however_large_they_are() -> None:
    """250,000.85 and its like, each 12.21 more: the quartiles keep 1.175 apart."""
    pence = [85, 140, 125, 120, 5, 0, 35, 0]
    then = [(25_000_000 + step) / 100 for step in pence]
    now = [(25_000_000 + step + 1_221) / 100 for step in pence]
    for found in (narrowed(then, now, decimals=2), narrowed(now, then, decimals=2)):
        assert found["iqr"] == pytest.approx(1.175, abs=1e-9)
        assert not found["gap_narrowed"]
        assert not found["iqr_narrowed"]


def test_the_gap_is_of_published_values_and_not_of_their_doubles() -> None:
    found = narrowed([4.1, 4.3], [0.1, 0.3])
    assert found[["gap", "gap_before"]].tolist() == [0.2, 0.2]
    assert not found["gap_narrowed"]


def test_the_gap_to_a_target_is_of_distances_and_without_a_direction_there_is_none() -> None:
    found = narrowed([40.0, 50, 60], [30.0, 50, 55], polarity="target", target=50.0)
    assert found[["gap_before", "gap"]].tolist() == [10, 20]
    neutral = narrowed([40.0, 50, 60], [30.0, 50, 55], polarity="neutral")
    assert math.isnan(neutral["gap"])
    assert pd.isna(neutral["gap_narrowed"])
    assert neutral["iqr"] == 12.5


@pytest.mark.parametrize("n", [1, 2])
def test_one_council_has_no_spread_and_two_have(n: int) -> None:
    found = narrowed([5.0, 9.0][:n], [5.0, 7.0][:n])
    if n == 1:
        assert found["reason"] == "fewer than two councils in both years"
        assert found[["gap", "iqr", "cv"]].isna().all()
    else:
        assert found[["gap", "iqr"]].tolist() == [2, 1]


def test_all_equal_has_no_spread_and_a_mean_of_0_no_variation() -> None:
    equal = narrowed([3.3] * 6, [3.3] * 6)
    assert equal[["gap", "iqr", "cv"]].tolist() == [0, 0, 0]
    assert not equal[["gap_narrowed", "iqr_narrowed", "cv_narrowed"]].any()
    assert math.isnan(narrowed([-1.0, 1.0], [-2.0, 2.0])["cv"])


def test_a_count_has_no_spread_between_councils() -> None:
    declared = indicators("i", kind="count")
    rows = two_years("i", [1.0, 2], [3.0, 9]).rename(columns={"value": "numerator"})
    found = narrowing(compare(rows, declared).comparisons, declared).iloc[0]
    assert found["reason"] == "a count has no spread between councils"
    assert found[["gap", "iqr", "cv"]].isna().all()


def test_a_first_year_has_no_row_and_a_broken_one_a_reason() -> None:
    rows = two_years("i", [1.0, 2.0, 3.0], [2.0, 3.0, 5.0])
    declared = indicators("i")
    assert len(narrowing(compare(rows, declared).comparisons, declared)) == 1
    broken = rows.assign(note_code=np.where(rows["period"] == NOW, "b", None))
    found = narrowing(compare(broken, declared).comparisons, declared).iloc[0]
    assert found[["n_same", "reason"]].tolist() == [0, "fewer than two councils in both years"]
