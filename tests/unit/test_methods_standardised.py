"""M6-M7: standardised rates and ratios against plain Python written from the formulas."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assets.methods.impossible import ImpossibleInput
from assets.methods.intervals import Z95, Z998
from assets.methods.standardised import directly_standardised, indirectly_standardised

AGES = ["0-15", "16-64", "65+"]
STANDARD = pd.DataFrame({"breakdown": AGES, "weight": [16.0, 64.0, 20.0]})
REFERENCE = pd.DataFrame({"breakdown": AGES, "rate": [0.001, 0.004, 0.02]})
STRATA = st.lists(st.tuples(st.integers(0, 60), st.integers(100, 90_000)), min_size=3, max_size=3)
LEVELS = {"95": (Z95, 0.05), "998": (Z998, 0.002)}


def strata(*areas: list) -> pd.DataFrame:
    rows = [
        {
            "indicator": "i",
            "period": "2023-04-01/P1Y",
            "area_code": f"W0600000{number}",
            "breakdown": age,
            "numerator": x,
            "denominator": n,
        }
        for number, area in enumerate(areas, 1)
        for age, (x, n) in zip(AGES, area, strict=False)
    ]
    return pd.DataFrame(rows)


def byar(x: int, z: float, tail: float) -> tuple[float, float]:
    if x < 10:
        low = stats.chi2.ppf(tail / 2, 2 * x) / 2 if x else 0.0
        return low, stats.chi2.ppf(1 - tail / 2, 2 * x + 2) / 2
    y = x + 1
    return (
        x * (1 - 1 / (9 * x) - z / (3 * x**0.5)) ** 3,
        y * (1 - 1 / (9 * y) + z / (3 * y**0.5)) ** 3,
    )


@given(STRATA)
def test_a_directly_standardised_rate_is_dobsons(area: list) -> None:
    found = directly_standardised(strata(area), STANDARD, 1000.0).iloc[0]
    events = sum(x for x, _ in area)
    if events < 10:
        assert found["reason"] == "fewer than 10 events"
        assert found[["value", "lower_95", "upper_998"]].isna().all()
        return
    weights = STANDARD["weight"].tolist()
    rate = sum(w * x / n for w, (x, n) in zip(weights, area, strict=True)) / sum(weights)
    squares = sum(w * w * x / n**2 for w, (x, n) in zip(weights, area, strict=True))
    variance = squares / sum(weights) ** 2
    assert found["value"] == pytest.approx(1000 * rate, rel=1e-12)
    for level, (z, tail) in LEVELS.items():
        for side, limit in zip(("lower", "upper"), byar(events, z, tail), strict=True):
            expected = 1000 * (rate + math.sqrt(variance / events) * (limit - events))
            assert found[f"{side}_{level}"] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(STRATA)
def test_an_indirectly_standardised_ratio_is_byars_over_the_expected(area: list) -> None:
    found = indirectly_standardised(strata(area), REFERENCE).iloc[0]
    observed = sum(x for x, _ in area)
    expected = sum(r * n for r, (_, n) in zip(REFERENCE["rate"], area, strict=True))
    assert found["n_expected"] == pytest.approx(expected, rel=1e-12)
    assert found["value"] == pytest.approx(100 * observed / expected, rel=1e-12)
    for level, (z, tail) in LEVELS.items():
        for side, limit in zip(("lower", "upper"), byar(observed, z, tail), strict=True):
            found_limit = found[f"{side}_{level}"]
            assert found_limit == pytest.approx(100 * limit / expected, rel=1e-9, abs=1e-9)


def test_the_same_ages_as_the_standard_give_the_crude_rate() -> None:
    area = [(2, 1600), (12, 6400), (30, 2000)]
    found = directly_standardised(strata(area), STANDARD, 1000.0).iloc[0]
    assert found["value"] == pytest.approx(1000 * 44 / 10_000)


def test_nine_events_are_withheld_and_ten_are_not() -> None:
    found = directly_standardised(
        strata([(0, 500), (4, 500), (5, 500)], [(0, 500), (5, 500), (5, 500)]), STANDARD, 100.0
    )
    assert found["value"].isna().tolist() == [True, False]
    assert found["n_events"].tolist() == [9, 10]


def test_no_events_have_a_ratio_of_0_and_an_exact_upper_limit() -> None:
    found = indirectly_standardised(strata([(0, 1000)] * 3), REFERENCE).iloc[0]
    assert (found["value"], found["lower_95"]) == (0, 0)
    assert found["upper_95"] == pytest.approx(-100 * math.log(0.025) / 25, rel=1e-9)


def test_a_missing_stratum_is_not_a_stratum_of_0() -> None:
    for found in (
        directly_standardised(strata([(9, 900), (9, 900)]), STANDARD, 1.0).iloc[0],
        indirectly_standardised(strata([(9, 900), (9, None), (9, 900)]), REFERENCE).iloc[0],
    ):
        assert found["reason"] == "a stratum is missing"
        assert found[["value", "lower_95", "upper_95"]].isna().all()


def test_nothing_expected_gives_no_ratio() -> None:
    nothing = REFERENCE.assign(rate=0.0)
    found = indirectly_standardised(strata([(0, 10)] * 3), nothing).iloc[0]
    assert (found["reason"], math.isnan(found["value"])) == ("no events are expected", True)


def test_results_do_not_depend_on_the_order_of_rows() -> None:
    rows = strata([(5, 900), (7, 800), (9, 300)], [(1, 70), (2, 80), (20, 90)])
    for found, again in (
        [directly_standardised(r, STANDARD, 10.0) for r in (rows, rows[::-1])],
        [indirectly_standardised(r, REFERENCE) for r in (rows, rows[::-1])],
    ):
        pd.testing.assert_frame_equal(found, again)


@pytest.mark.parametrize(
    ("area", "words"),
    [
        ([(-1, 100), (1, 100), (1, 100)], "below 0: row 1 .*0-15"),
        ([(1, 0), (1, 100), (1, 100)], "Events in a population of 0: row 1"),
        ([(0, 0), (1, 100), (1, 100)], "Population of 0"),
    ],
)
def test_impossible_strata_are_refused_by_name(area: list, words: str) -> None:
    with pytest.raises(ImpossibleInput, match=words):
        directly_standardised(strata(area), STANDARD, 1.0)


def test_a_stratum_twice_or_unknown_and_a_bad_standard_are_refused() -> None:
    rows = strata([(1, 100), (1, 100), (1, 100)])
    with pytest.raises(ImpossibleInput, match="Stratum twice: row 4"):
        directly_standardised(pd.concat([rows, rows.iloc[:1]]), STANDARD, 1.0)
    with pytest.raises(ImpossibleInput, match="does not name: row 3"):
        directly_standardised(rows, STANDARD.iloc[:2], 1.0)
    for bad in (STANDARD.assign(weight=0.0), pd.concat([STANDARD, STANDARD]), STANDARD.iloc[:0]):
        with pytest.raises(ImpossibleInput, match="Standard: every breakdown once"):
            directly_standardised(rows, bad, 1.0)
    with pytest.raises(ImpossibleInput, match="of 0 or more"):
        indirectly_standardised(rows, REFERENCE.assign(rate=-1.0))
