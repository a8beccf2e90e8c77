"""Watch list and good-practice finder: listed beyond chance only, and whom to ask."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from assets.methods import chance
from assets.methods.compare import compare
from assets.methods.finder import ASK_EN, find_practice
from assets.methods.intervals import LEVELS, Z998, wilson
from assets.methods.watch_list import NEIGHBOURS, watch_list
from sql.frames import conform

COUNCILS = [f"W060000{number:02}" for number in range(1, 10)]
YEARS = [f"{year}-04-01/P1Y" for year in (2022, 2023)]
TRUE, FALSE = np.array([True]), np.array([False])


def one(x: float, n: float, se: float = np.nan) -> chance.Sample:
    numbers = (x / n, x, n, se)
    return chance.Sample(*(np.array([number], dtype=float) for number in numbers))


# --- the tests ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "n", "share"), [(12, 300, 0.03), (30, 600, 0.07), (0, 50, 0.1)])
def test_the_score_test_is_that_of_statsmodels(x: int, n: int, share: float) -> None:
    p = chance.p_score(one(x, n), np.array([100 * share]), np.array([100.0]), above=TRUE)
    expected = proportions_ztest(x, n, share, alternative="larger", prop_var=share)[1]
    assert p[0] == pytest.approx(expected, abs=1e-12)


@given(st.integers(0, 200), st.integers(1, 200), st.floats(0.01, 0.99))
def test_p_below_one_in_a_thousand_is_outside_the_wilson_limits(
    x: int, n: int, share: float
) -> None:
    x = min(x, n)
    lower, _upper = wilson(np.array([float(x)]), np.array([float(n)]), Z998)
    p = chance.p_score(one(x, n), np.array([share]), np.array([1.0]), above=TRUE)[0]
    if abs(lower[0] - share) > 1e-9:
        assert (p < chance.ONE_SIDED_998) == (lower[0] > share)


@given(st.integers(0, 60), st.floats(0.5, 80.0))
def test_poisson_tails_are_those_of_scipy(x: int, mean: float) -> None:
    args = (np.array([mean]), np.array([1.0]))
    above = chance.p_poisson(one(x, 1), *args, above=TRUE)[0]
    below = chance.p_poisson(one(x, 1), *args, above=FALSE)[0]
    assert above == pytest.approx(stats.poisson.sf(x - 1, mean), abs=1e-10)
    assert below == pytest.approx(stats.poisson.cdf(x, mean), abs=1e-10)


def test_the_score_test_knows_both_sides_and_the_middle() -> None:
    args = (np.array([10.0]), np.array([100.0]))
    for x in (0, 5, 10, 12, 100):
        z = (x / 100 - 0.1) / np.sqrt(0.1 * 0.9 / 100)
        for above, tail in ((TRUE, stats.norm.sf), (FALSE, stats.norm.cdf)):
            found = chance.p_score(one(x, 100), *args, above=above)[0]
            assert found == pytest.approx(tail(z), rel=1e-9)
    of_nobody = chance.p_score(one(0, 50), np.array([0.0]), np.array([100.0]), above=TRUE)
    assert of_nobody.tolist() == [0.5]


@given(st.floats(-20, 20), st.floats(0.1, 10))
def test_a_normal_tail_is_that_of_scipy(difference: float, se: float) -> None:
    for above, tail in ((TRUE, stats.norm.sf), (FALSE, stats.norm.cdf)):
        found = chance.p_normal(np.array([difference]), np.array([se]), above=above)[0]
        assert found == pytest.approx(tail(difference / se), abs=1e-12)
    nothing = chance.p_normal(np.array([0.0]), np.array([0.0]), above=TRUE)
    assert nothing.tolist() == [0.5]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 40), st.integers(0, 40))
def test_two_councils_are_compared_as_scipy_does(n1: int, n2: int, x1: int, x2: int) -> None:
    x1, x2 = min(x1, n1), min(x2, n2)
    own, other = one(x1, n1), one(x2, n2)
    table = [[x2, n2 - x2], [x1, n1 - x1]]
    for above, word in ((TRUE, "greater"), (FALSE, "less")):
        fisher = chance.p_fisher(own, other, above=above)[0]
        assert fisher == pytest.approx(stats.fisher_exact(table, word).pvalue, abs=1e-9)
        if x1 + x2:
            conditional = chance.p_conditional(own, other, above=above)[0]
            expected = stats.binomtest(x2, x1 + x2, n2 / (n1 + n2), word).pvalue
            assert conditional == pytest.approx(expected, abs=1e-9)


@settings(max_examples=200)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_is_that_of_statsmodels(p: list[float]) -> None:
    found = chance.beyond_chance(np.array(p), "Benjamini-Hochberg 10 %")
    expected = multipletests(p, alpha=0.1, method="fdr_bh")[0]
    assert found.is_beyond.tolist() == expected.tolist()
    largest = max(
        (value for value, is_found in zip(p, expected, strict=True) if is_found), default=0
    )
    assert found.expected == pytest.approx(len(p) * largest)


def test_a_p_too_small_for_a_number_is_a_finding_and_what_has_no_test_is_not_counted() -> None:
    p = np.array([0.0, np.nan, 0.5, np.nan])
    for method in chance.METHODS:
        found = chance.beyond_chance(p, method)
        assert found.is_beyond.tolist() == [True, False, False, False]
        assert found.n_tested == 2
    assert chance.beyond_chance(p, "99.8 %").expected == pytest.approx(0.002)


def test_what_a_test_lacks_makes_no_p() -> None:
    """No events beside no headline, and equal figures without a standard error, are untested."""
    nothing, none = np.array([np.nan]), np.array([0.0])
    for above in (TRUE, FALSE):
        assert np.isnan(chance.p_poisson(one(0, 10), nothing, TRUE, above=above)[0])
        assert np.isnan(chance.p_poisson(one(0, np.nan), none, TRUE, above=above)[0])
        assert np.isnan(chance.p_normal(none, nothing, above=above)[0])
        assert chance.p_normal(none, none, above=above)[0] == 0.5


def test_a_p_of_exactly_one_in_a_thousand_is_not_beyond_chance() -> None:
    p = np.array([0.001, np.nextafter(0.001, 0)])
    assert chance.beyond_chance(p, "99.8 %").is_beyond.tolist() == [False, True]


def test_chance_alone_lists_as_many_as_it_says() -> None:
    p = np.random.default_rng(3).random(200_000)
    found = chance.beyond_chance(p, "99.8 %")
    assert found.expected == 200.0
    assert abs(found.is_beyond.sum() - 200) < 60
    with pytest.raises(ValueError, match=r"no method 'bonferroni'.*99\.8"):
        chance.beyond_chance(p, "bonferroni")


# --- the lists ------------------------------------------------------------------------------------


def night(**numerators: list[list[float]]) -> dict[str, pd.DataFrame]:
    """Figures of two years, nine councils all in one family, and their comparisons."""
    words = {"x_homeless": ("proportion", "binomial"), "x_spend": ("cost", "none")}
    indicators = pd.DataFrame(
        [
            {
                "indicator": name.removeprefix("x_"),
                "kind": words[name][0],
                "interval": words[name][1],
                "multiplier": 1000.0,
                "polarity": "lower",
                "decimals": 1,
                "value_basis": "derived",
                "aggregation": "ratio",
                "accumulation": "discrete",
                "disclosure_threshold": 0,
            }
            for name in numerators
        ]
    )
    rows = [
        (name.removeprefix("x_"), period, council, "council", "total", "total", float(x), 10_000.0)
        for name, years in numerators.items()
        for period, counts in zip(YEARS, years, strict=True)
        for council, x in zip(COUNCILS, counts, strict=True)
    ]
    columns = ["indicator", "period", "area_code", "area_type", "breakdown_type", "breakdown"]
    figures = pd.DataFrame(rows, columns=[*columns, "numerator", "denominator"]).assign(se=np.nan)
    groups = pd.DataFrame(
        [(NEIGHBOURS, own, other) for own in COUNCILS for other in COUNCILS if own != other],
        columns=["group_code", "owner_code", "member_code"],
    ).assign(distance=1.0, distance_rank=1, is_distant=False)
    found = compare(figures, indicators, groups)
    return {
        "figures": figures,
        "comparisons": found.comparisons,
        "benchmarks": found.benchmarks,
        "groups": conform(groups, "comparison_groups", fill=True),
        "indicators": indicators,
    }


HOMELESS = [[90, 100, 95, 105, 100, 98, 102, 97, 103], [190, 40, 100, 105, 100, 98, 102, 97, 103]]
SPEND = [[80, 10, 60, 30, 40, 45, 50, 55, 20], [90, 12, 25, 30, 40, 45, 50, 55, 20]]


def listed(tables: dict[str, pd.DataFrame], method: str = "99.8 %") -> pd.DataFrame:
    given_tables = {name: frame for name, frame in tables.items() if name != "groups"}
    return watch_list(**given_tables, method=method)


def test_worse_than_the_neighbours_beyond_chance() -> None:
    """190 of 10,000 where eight others have 745 of 80,000: z = 9.96 by hand."""
    found = listed(night(x_homeless=HOMELESS))
    assert found["area_code"].tolist() == [COUNCILS[0]]
    row = found.iloc[0]
    expected = 745 / 80_000
    z = (0.019 - expected) / np.sqrt(expected * (1 - expected) / 10_000)
    assert row["p_worse"] == pytest.approx(stats.norm.sf(z), rel=1e-9)
    assert row["headline"] == pytest.approx(1000 * expected)
    assert (row["test"], row["n_tested"], row["expected_by_chance"]) == ("score", 1, 0.001)


def test_without_an_interval_only_the_lowest_band_twice_running() -> None:
    found = listed(night(x_spend=SPEND))
    assert found["area_code"].tolist() == [COUNCILS[0]]
    assert set(found["test"]) == {"no test"}
    assert set(found["reason"]) == {"lowest band twice running"}
    assert found["method"].isna().all()
    once = [SPEND[0][::-1], SPEND[1]]
    assert listed(night(x_spend=once))["area_code"].tolist() == []


def test_the_lowest_band_before_a_break_does_not_count() -> None:
    broken = night(x_spend=SPEND)
    marked = broken["figures"].assign(note_code=None)
    marked.loc[marked["period"] == YEARS[1], "note_code"] = "b"
    found = compare(marked, broken["indicators"], broken["groups"])
    tables = broken | {"comparisons": found.comparisons, "benchmarks": found.benchmarks}
    assert (found.comparisons["band"].astype("Int64") == 4).sum() > 2
    assert listed(tables).empty


@pytest.mark.parametrize("level", ["95", "998"])
def test_a_standard_error_comes_from_the_limits_supplied(level: str) -> None:
    """19 beside eight of 9 to 10.5, each with a standard error of 2: far beyond chance."""
    tables = night(x_spend=HOMELESS)
    words = {"kind": "score", "interval": "supplied", "value_basis": "as_published"}
    indicators = tables["indicators"].assign(**words)
    value = tables["figures"]["numerator"] / 10
    half = 2 * LEVELS[level][0]
    given = {"value": value, f"lower_{level}": value - half, f"upper_{level}": value + half}
    figures = tables["figures"].assign(**given)
    found = compare(figures, indicators, tables["groups"])
    tables |= {"figures": figures, "indicators": indicators}
    tables |= {"comparisons": found.comparisons, "benchmarks": found.benchmarks}
    watched = listed(tables)
    row = watched.iloc[0]
    assert (row["area_code"], row["test"], row["n_tested"]) == (COUNCILS[0], "normal", 1)
    assert row["p_worse"] == pytest.approx(stats.norm.sf((19 - row["headline"]) / 2))
    asked = find_practice(watched, **tables)
    assert set(asked["test"]) == {"normal"}
    assert set(asked["n_tested"]) == {8}


def test_nobody_is_named_who_did_not_improve_or_only_reached_the_median() -> None:
    worse = [[80, 10, 20, 25, 30, 40, 45, 50, 55], [90, 11, 22, 27, 32, 42, 47, 52, 57]]
    at_median = [[80, 70, 20, 25, 30, 40, 50, 55, 60], [90, 40, 20, 25, 30, 40, 50, 55, 60]]
    for spend in (worse, at_median):
        tables = night(x_spend=spend)
        watched = listed(tables)
        assert COUNCILS[0] in set(watched["area_code"])
        found = find_practice(watched, **tables)
        assert found[found["area_code"] == COUNCILS[0]].empty


@pytest.mark.parametrize(("step", "is_named"), [(0.01, False), (1.0, True)])
def test_a_step_that_nobody_sees_is_no_improvement(step: float, is_named: bool) -> None:
    """3.000 to 2.999 is published as 3.0 twice: no change, although it fell the most of all."""
    before = [80, 30, 60, 61, 62, 63, 64, 65, 66]
    after = [90, 30 - step, 60, 61, 62, 63, 64, 65, 66]
    tables = night(x_spend=[before, after])
    named = find_practice(listed(tables), **tables)["neighbour_code"]
    assert set(named) == ({COUNCILS[1]} if is_named else set())


def test_who_improved_as_much_is_named_too() -> None:
    """10.3 to 10.1 and 5.3 to 5.1 are both 0.2, which no double says."""
    before = [160, 103, 53, 30, 40, 45, 50, 55, 20]
    after = [190, 101, 51, 30, 140, 145, 150, 155, 120]
    tables = night(x_spend=[before, after])
    found = find_practice(listed(tables), **tables)
    named = found[found["area_code"] == COUNCILS[0]]
    assert named["neighbour_change"].round(9).tolist() == [-0.2, -0.2]
    assert named["neighbour_code"].tolist() == COUNCILS[1:3]


def test_the_lists_know_no_worse_side_without_polarity() -> None:
    tables = night(x_homeless=HOMELESS)
    neutral = tables | {"indicators": tables["indicators"].assign(polarity="neutral")}
    assert listed(neutral).empty


def test_neighbours_to_ask_are_better_beyond_chance_or_improved_most() -> None:
    tables = night(x_homeless=HOMELESS, x_spend=SPEND)
    watched = listed(tables)
    found = find_practice(watched, **tables).set_index(["indicator", "area_code", "neighbour_code"])
    homeless = found.loc["homeless"].loc[COUNCILS[0]]
    assert "W06000002" in homeless.index
    assert homeless.loc["W06000002", "why"] == "better beyond chance; improved most"
    assert homeless.loc["W06000002", "test"] == "Fisher"
    spend = found.loc["spend"].loc[COUNCILS[0]]
    assert spend.index.tolist() == ["W06000003"]
    assert spend.iloc[0][["why", "test", "practice_en"]].tolist() == [
        "improved most",
        "no test",
        ASK_EN,
    ]
    assert (found["neighbour_value"] < found["median"].round(1) + 0.1).all()
    assert set(homeless["n_tested"]) == {8}


def test_a_neighbour_without_neighbours_of_its_own_can_be_asked() -> None:
    """The relation is not symmetric: a member of a group need not own one."""
    tables = night(x_homeless=HOMELESS)
    groups = tables["groups"][tables["groups"]["owner_code"] != COUNCILS[1]]
    given = tables["figures"], tables["indicators"]
    found = compare(*given, groups)
    rows = pd.concat([compare(*given).comparisons, found.comparisons], ignore_index=True)
    tables |= {"groups": groups, "comparisons": rows, "benchmarks": found.benchmarks}
    asked = find_practice(listed(tables), **tables).set_index("neighbour_code")
    assert asked.loc[COUNCILS[1], "why"] == "better beyond chance; improved most"
    assert set(asked["n_tested"]) == {8}


def test_practice_is_joined_where_there_is_any() -> None:
    tables = night(x_homeless=HOMELESS)
    register = pd.DataFrame(
        {
            "area_code": ["W06000002"],
            "indicator": ["homeless"],
            "practice_en": ["Opened a house."],
            "practice_cy": ["Agorwyd tŷ."],
            "link": ["https://example.org/"],
            "contact_role": ["head of housing"],
            "reviewed": ["2026-01-05"],
        }
    )
    found = find_practice(listed(tables), **tables, practice=register)
    said = found.set_index("neighbour_code")["practice_cy"]
    assert said["W06000002"] == "Agorwyd tŷ."
    assert set(said.drop("W06000002")) <= {"gofynnwch iddynt"}


def test_nothing_worse_means_nobody_to_ask() -> None:
    tables = night(x_homeless=[HOMELESS[0], HOMELESS[0]])
    watched = listed(tables)
    assert watched.empty
    assert find_practice(watched, **tables).empty
