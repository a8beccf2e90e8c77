"""M0: gaps between breakdowns and the indices over ordered groups, against independent formulas."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize
from statsmodels.stats.proportion import confint_proportions_2indep

from assets.methods.breakdown_gaps import (
    difference_limits,
    gaps,
    inequality_indices,
    ratio_limits,
    slope_index,
)
from assets.methods.impossible import ImpossibleInput
from assets.methods.intervals import Z95, wilson

FIFTHS = ["1", "2", "3", "4", "5"]
COUNTS = st.tuples(st.integers(1, 4000), st.floats(0, 1)).map(lambda p: (int(p[0] * p[1]), p[0]))


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def figure(breakdown: str, value: float | None, half: float = 1.0, **more: object) -> dict:
    kind = "total" if breakdown == "total" else "sex"
    limits = {} if value is None else {"lower_95": value - half, "upper_95": value + half}
    return {
        "indicator": "i",
        "period": "2023-04-01/P1Y",
        "area_code": "W06000001",
        "breakdown_type": kind,
        "breakdown": breakdown,
        "value": value,
        **limits,
        **more,
    }


def fifths(values: list, populations: list, **more: object) -> pd.DataFrame:
    rows = [
        figure(fifth, value, breakdown_type="fifth", denominator=n) | more
        for fifth, value, n in zip(FIFTHS, values, populations, strict=True)
    ]
    return pd.DataFrame(rows)


@given(COUNTS, COUNTS)
def test_the_limits_of_a_difference_of_proportions_are_newcombes(one: tuple, two: tuple) -> None:
    (x1, n1), (x2, n2) = one, two
    limits = [wilson(floats(x), floats(n), Z95) for x, n in (one, two)]
    found = difference_limits(floats(x1 / n1), limits[0], floats(x2 / n2), limits[1])
    expected = confint_proportions_2indep(x1, n1, x2, n2, compare="diff", method="newcomb")
    assert [side.item() for side in found] == pytest.approx(expected, abs=1e-9)


FIGURES = st.tuples(st.floats(0.5, 100), st.floats(0.05, 0.9), st.floats(0.05, 3))


@given(FIGURES, FIGURES)
def test_the_limits_of_a_ratio_are_where_the_limit_of_first_minus_r_second_is_0(one, two) -> None:
    y1, y2 = one[0], two[0]
    limits = [(y * (1 - down), y * (1 + up)) for y, down, up in (one, two)]
    found = ratio_limits(
        floats(y1),
        tuple(floats(side) for side in limits[0]),
        floats(y2),
        tuple(floats(side) for side in limits[1]),
    )
    (lower1, upper1), (lower2, upper2) = limits

    def lower_limit(r: float) -> float:
        return y1 - r * y2 - math.hypot(y1 - lower1, r * (upper2 - y2))

    def upper_limit(r: float) -> float:
        return y1 - r * y2 + math.hypot(upper1 - y1, r * (y2 - lower2))

    ratio = y1 / y2
    roots = [
        optimize.brentq(lower_limit, 0, ratio, xtol=1e-13, rtol=1e-13),
        optimize.brentq(upper_limit, ratio, 1e9, xtol=1e-13, rtol=1e-13),
    ]
    assert [side.item() for side in found] == pytest.approx(roots, rel=1e-9)


def test_a_ratio_has_no_upper_limit_where_the_reference_may_be_0() -> None:
    lower, upper = ratio_limits(
        floats(5), (floats(4), floats(6)), floats(1), (floats(0), floats(2))
    )
    assert lower.item() > 0
    assert math.isnan(upper.item())


def test_nobody_at_all_has_a_ratio_of_0_from_0() -> None:
    lower, upper = ratio_limits(
        floats(0), (floats(0), floats(2)), floats(4), (floats(3), floats(5))
    )
    assert lower.item() == 0
    assert upper.item() > 0


def test_a_gap_by_hand() -> None:
    found = gaps(pd.DataFrame([figure("f", 12.0), figure("m", 8.0)]), "sex", "m").iloc[0]
    assert found[["breakdown", "reference"]].tolist() == ["f", "m"]
    assert found[["difference", "ratio"]].tolist() == [4.0, 1.5]
    assert found["difference_lower_95"] == pytest.approx(4 - math.sqrt(2))
    assert pd.isna(found["reason"])


def test_a_part_against_its_own_total_has_no_interval_and_says_why() -> None:
    found = gaps(pd.DataFrame([figure("f", 12.0), figure("total", 10.0)]), "sex", "total").iloc[0]
    assert found["difference"] == 2
    assert found[["difference_lower_95", "ratio_upper_95"]].isna().all()
    assert found["reason"] == "a part and its whole are not independent"


@pytest.mark.parametrize(
    ("girls", "boys", "reason"),
    [
        (None, 8.0, "no value"),
        (12.0, None, "no value of the reference"),
        (12.0, "absent", "no value of the reference"),
    ],
)
def test_nothing_is_put_in_the_place_of_a_missing_part(girls, boys, reason) -> None:
    rows = [figure("f", girls)] + ([] if boys == "absent" else [figure("m", boys)])
    found = gaps(pd.DataFrame(rows), "sex", "m").iloc[0]
    assert math.isnan(found["difference"])
    assert found["reason"] == reason


def test_a_reference_of_0_has_a_difference_and_no_ratio() -> None:
    found = gaps(pd.DataFrame([figure("f", 3.0), figure("m", 0.0)]), "sex", "m").iloc[0]
    assert found["difference"] == 3
    assert math.isnan(found["ratio"])


def test_a_figure_without_limits_has_a_gap_without_limits() -> None:
    rows = pd.DataFrame([figure("f", 3.0), figure("m", 2.0)]).drop(columns=["lower_95", "upper_95"])
    found = gaps(rows, "sex", "m").iloc[0]
    assert (found["difference"], found["reason"]) == (1.0, "no interval for both figures")


def test_a_repeated_key_is_refused_by_name() -> None:
    with pytest.raises(ImpossibleInput, match=r"row 2 .*W06000001, sex, f"):
        gaps(pd.DataFrame([figure("f", 1.0), figure("f", 2.0)]), "sex", "m")


@given(
    st.lists(st.floats(1, 100), min_size=5, max_size=5),
    st.lists(st.integers(10, 5000), min_size=5, max_size=5),
    st.lists(st.floats(0.1, 5), min_size=5, max_size=5),
)
def test_the_slope_index_is_the_weighted_line_of_statsmodels(values, people, halves) -> None:
    se = floats(*halves) / Z95
    found = slope_index(np.array([values]), np.array([people], dtype=float), se[None])
    share = np.array(people) / sum(people)
    middle = np.cumsum(share) - share / 2
    design = sm.add_constant(middle)
    fit = sm.WLS(values, design, weights=share).fit()
    bread = np.linalg.inv(design.T * share @ design)
    half = Z95 * math.sqrt((bread @ (design.T * share**2 * se**2 @ design) @ bread)[1, 1])
    assert found["sii"].item() == pytest.approx(fit.params[1], rel=1e-9, abs=1e-8)
    assert found["sii_upper_95"].item() == pytest.approx(fit.params[1] + half, rel=1e-9, abs=1e-8)
    low, high = fit.predict([[1, 0], [1, 1]])
    if low > 1e-3:
        assert found["rii"].item() == pytest.approx(high / low, rel=1e-8, abs=1e-9)
    mean = float(np.dot(share, values))
    assert found["rii_of_mean"].item() == pytest.approx(fit.params[1] / mean, rel=1e-8, abs=1e-9)


def test_the_limits_of_the_relative_index_are_fiellers_and_near_those_of_a_simulation() -> None:
    values, se = np.array([30.0, 26, 21, 18, 12]), np.full(5, 0.8)
    people = np.array([100.0, 120, 90, 110, 80])
    found = slope_index(values[None], people[None], se[None])
    share = people / people.sum()
    middle = np.cumsum(share) - share / 2
    design = np.stack([np.ones(5), middle], axis=1)
    line = np.linalg.inv(design.T * share @ design) @ (design.T * share)
    ends = np.array([[1.0, 0], [1, 1]]) @ line

    def statistic(r: float) -> float:
        row = ends[1] - r * ends[0]
        return (row @ values) ** 2 - Z95**2 * (row**2 @ se**2)

    best = found["rii"].item()
    roots = [optimize.brentq(statistic, *pair) for pair in ((0.01, best), (best, 1.0))]
    sides = [found[f"rii_{side}_95"].item() for side in ("lower", "upper")]
    assert sides == pytest.approx(roots, rel=1e-9)
    draws = np.random.default_rng(1).normal(values, se, (200_000, 5)) @ ends.T
    simulated = np.quantile(draws[:, 1] / draws[:, 0], [0.025, 0.975])
    assert sides == pytest.approx(simulated.tolist(), abs=0.003)


def test_an_index_has_the_limits_of_its_figures() -> None:
    """Standard errors are those of the 95 % limits, here 1.5 to each side."""
    values, people = [30.0, 26, 21, 18, 12], [100.0, 120, 90, 110, 80]
    rows = pd.DataFrame(
        [
            figure(fifth, value, 1.5, breakdown_type="fifth", denominator=n)
            for fifth, value, n in zip(FIFTHS, values, people, strict=True)
        ]
    )
    found = inequality_indices(rows, "fifth", FIFTHS).iloc[0]
    expected = slope_index(floats(*values)[None], floats(*people)[None], np.full((1, 5), 1.5 / Z95))
    for name in ("sii", "sii_lower_95", "sii_upper_95", "rii", "rii_lower_95", "rii_upper_95"):
        assert found[name] == pytest.approx(expected[name].item(), rel=1e-12), name
    assert found["n_groups"] == 5
    with pytest.raises(ImpossibleInput, match=r"same key: row 6 .*fifth, 1"):
        inequality_indices(pd.concat([rows, rows.iloc[:1]]), "fifth", FIFTHS)


@pytest.mark.parametrize("factor", [1e-4, 1e4])
def test_an_index_does_not_depend_on_the_unit(factor: float) -> None:
    values, people, se = floats(30, 26, 21, 18, 12), floats(100, 120, 90, 110, 80), np.full(5, 0.8)
    plain = slope_index(values[None], people[None], se[None])
    scaled = slope_index(factor * values[None], people[None], factor * se[None])
    for name in ("rii", "rii_lower_95", "rii_upper_95", "rii_of_mean"):
        assert scaled[name].item() == pytest.approx(plain[name].item(), rel=1e-9), name
    for name in ("sii", "sii_lower_95", "sii_upper_95"):
        assert scaled[name].item() == pytest.approx(factor * plain[name].item(), rel=1e-9), name


def test_equal_values_have_no_slope_at_all() -> None:
    found = inequality_indices(fifths([7.1] * 5, [10, 20, 30, 40, 50]), "fifth", FIFTHS).iloc[0]
    assert found["sii"] == 0
    assert found["rii"] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("values", "people", "reason"),
    [
        ([1, 2, None, 4, 5], [1] * 5, "a group has no value"),
        ([1, 2, 3, 4, 5], [1, 1, 1, 1, None], "no population share of every group"),
        ([1, 2, 3, 4, 5], [0] * 5, "no population share of every group"),
        ([1, 2, 3, 4, 5], [5, 5, 0, 0, 0], "fewer than three groups"),
    ],
)
def test_a_slope_needs_every_group_and_its_population(values, people, reason) -> None:
    found = inequality_indices(fifths(values, people), "fifth", FIFTHS).iloc[0]
    assert found["reason"] == reason
    assert found[["sii", "rii", "rii_of_mean", "sii_lower_95"]].isna().all()


def test_a_group_without_limits_leaves_an_index_without_limits() -> None:
    rows = fifths([1, 2, 3, 4, 5], [1] * 5)
    rows.loc[3, "upper_95"] = None
    found = inequality_indices(rows, "fifth", FIFTHS).iloc[0]
    assert (found["sii"], found["reason"]) == (pytest.approx(5), "no interval for every group")
    assert found[["sii_lower_95", "sii_upper_95", "rii_lower_95", "rii_upper_95"]].isna().all()


def test_two_groups_have_a_gap_and_no_slope() -> None:
    rows = fifths([1, 2, 3, 4, 5], [1] * 5).iloc[:2]
    found = inequality_indices(rows, "fifth", FIFTHS[:2]).iloc[0]
    assert found["reason"] == "fewer than three groups"


def test_a_line_through_0_has_a_slope_and_no_ratio() -> None:
    found = inequality_indices(fifths([-4, -2, 0, 2, 4], [1] * 5), "fifth", FIFTHS).iloc[0]
    assert found["sii"] == pytest.approx(10)
    assert found[["rii", "rii_lower_95", "rii_of_mean"]].isna().all()


@given(st.permutations(range(5)))
def test_indices_do_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    rows = fifths([9, 7, 8, 4, 3], [10, 20, 30, 40, 50])
    found = inequality_indices(rows.iloc[order], "fifth", FIFTHS)
    pd.testing.assert_frame_equal(found, inequality_indices(rows, "fifth", FIFTHS))


def test_an_unknown_group_and_a_negative_share_are_refused() -> None:
    rows = fifths([1, 2, 3, 4, 5], [1] * 5)
    with pytest.raises(ImpossibleInput, match=r"row 5 \(5\)"):
        inequality_indices(rows, "fifth", FIFTHS[:4])
    with pytest.raises(ImpossibleInput, match="below 0"):
        inequality_indices(fifths([1] * 5, [1, 1, 1, 1, -1]), "fifth", FIFTHS)
