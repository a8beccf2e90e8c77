"""M6-M10: intervals, tests of change and trends against scipy, statsmodels and plain formulas."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import Table
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from assets.methods.change_tests import conditional_binomial, newcombe
from assets.methods.intervals import Z95, Z998, byar, standard_error, student, wilson
from assets.methods.trend import (
    FALLING,
    NO_TREND,
    RISING,
    exact_p,
    linear_trend,
    mann_kendall_trend,
    trend_in_proportions,
    weighted_slope,
    weighted_trend,
)

COUNTS = st.tuples(st.integers(1, 5000), st.floats(0, 1)).map(lambda p: (int(p[0] * p[1]), p[0]))


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def test_the_quantiles_are_exact() -> None:
    assert stats.norm.ppf(0.975) == pytest.approx(Z95, abs=1e-15)
    assert stats.norm.ppf(0.999) == pytest.approx(Z998, abs=1e-14)


@given(COUNTS)
def test_wilson_is_that_of_statsmodels(count: tuple[int, int]) -> None:
    x, n = count
    for z, alpha in ((Z95, 0.05), (Z998, 0.002)):
        found = wilson(floats(x), floats(n), z)
        expected = proportion_confint(x, n, alpha, "wilson")
        assert [float(side[0]) for side in found] == pytest.approx(expected, abs=1e-9)


def test_wilson_ends_at_0_and_1() -> None:
    lower, upper = wilson(floats(0, 7), floats(7, 7), Z95)
    assert lower[0] == 0
    assert upper[1] == 1


@given(st.integers(0, 2000))
@example(9)
@example(10)
def test_byar_and_exact_below_ten(x: int) -> None:
    for z, tail in ((Z95, 0.05), (Z998, 0.002)):
        lower, upper = (float(side[0]) for side in byar(floats(x), z, tail))
        exact = [
            stats.chi2.ppf(tail / 2, 2 * x) / 2 if x else 0.0,
            stats.chi2.ppf(1 - tail / 2, 2 * x + 2) / 2,
        ]
        if x < 10:
            assert [lower, upper] == pytest.approx(exact, abs=1e-9)
        else:
            formula = [
                y * (1 - 1 / (9 * y) + side * z / (3 * y**0.5)) ** 3
                for y, side in ((x, -1), (x + 1, 1))
            ]
            assert [lower, upper] == pytest.approx(formula, abs=1e-9)
            assert [lower, upper] == pytest.approx(exact, rel=0.03)


def test_t_quantile_needs_two_cases() -> None:
    found = student(floats(1, 2, 31), 0.05)
    assert np.isnan(found[0])
    assert found[1:].tolist() == pytest.approx(stats.t.ppf(0.975, [1, 30]).tolist())


@pytest.mark.parametrize("known", ["se", "95", "998"])
def test_a_standard_error_is_that_from_which_the_limits_were_made(known: str) -> None:
    """Mean 50, sd 8 of 5 cases by t; a supplied figure with an se of 2."""
    se, cases, nothing = floats(8 / np.sqrt(5), 2.0), floats(5, 5), floats(np.nan, np.nan)
    limits = {}
    for level, tail in (("95", 0.05), ("998", 0.002)):
        half = floats(stats.t.ppf(1 - tail / 2, 4), stats.norm.ppf(1 - tail / 2)) * se
        limits[level] = (50 - half, 50 + half) if level == known else (nothing, nothing)
    found = standard_error(
        se if known == "se" else nothing, limits, cases, is_t=np.array([True, False])
    )
    np.testing.assert_allclose(found, se, rtol=1e-12)


def test_a_standard_error_is_as_supplied_or_from_the_limits_by_their_own_quantile() -> None:
    """Supplied; of 95 % limits; of 99.8 % limits; the same two by t; nothing to go by."""
    nothing, wide = [np.nan, np.nan], [4.0, 10.0]
    limits = {
        "95": np.transpose([wide, wide, nothing, wide, nothing, nothing]),
        "998": np.transpose([wide, [0.0, 99.0], wide, [0.0, 99.0], wide, nothing]),
    }
    se, n = floats(1.5, *[np.nan] * 5), np.full(6, 16.0)
    is_t = np.array([False, False, False, True, True, False])
    pairs = {level: (sides[0], sides[1]) for level, sides in limits.items()}
    found = standard_error(se, pairs, n, is_t=is_t)
    quantiles = [*stats.norm.ppf([0.975, 0.999]), *stats.t.ppf([0.975, 0.999], 15)]
    assert found[:5].tolist() == pytest.approx([1.5, *(3 / q for q in quantiles)])
    assert np.isnan(found[5])


@given(COUNTS, COUNTS)
def test_newcombe_is_that_of_statsmodels(first: tuple[int, int], second: tuple[int, int]) -> None:
    (x1, n1), (x2, n2) = first, second
    found = newcombe(floats(x1), floats(n1), floats(x2), floats(n2))
    expected = confint_proportions_2indep(x2, n2, x1, n1, compare="diff", method="newcomb")
    assert [float(side[0]) for side in found] == pytest.approx(expected, abs=1e-9)


@settings(max_examples=300)
@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 10**5), st.integers(1, 10**5))
def test_conditional_binomial_is_that_of_scipy(x1: int, x2: int, n1: int, n2: int) -> None:
    found = conditional_binomial(floats(x1), floats(n1), floats(x2), floats(n2))[0]
    total = x1 + x2
    expected = stats.binomtest(x2, total, n2 / (n1 + n2)).pvalue if total else 1.0
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-12)


def test_conditional_binomial_with_very_many_events() -> None:
    found = conditional_binomial(floats(500_000), floats(1), floats(502_500), floats(1))[0]
    assert found == pytest.approx(stats.binomtest(502_500, 1_002_500, 0.5).pvalue, rel=1e-5)


@given(st.lists(COUNTS, min_size=5, max_size=5))
def test_linear_trend_is_the_ordinal_association_of_statsmodels(counts: list) -> None:
    x, n = (np.array(side, dtype=float)[None] for side in zip(*counts, strict=True))
    slope, variance = trend_in_proportions(x, n)
    if 0 < x.sum() < n.sum() and variance[0] > 1e-9:
        table = Table(np.stack([x[0], n[0] - x[0]], axis=1), shift_zeros=False)
        found = table.test_ordinal_association(row_scores=np.arange(5), col_scores=np.array([1, 0]))
        total = n.sum()
        expected = found.zscore**2 * total / (total - 1)
        assert slope[0] ** 2 / variance[0] == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_a_slope_keeps_its_sign_in_a_proportion_trend() -> None:
    n = np.full((1, 5), 10_000.0)
    rising = np.array([[500.0, 700, 900, 1100, 1300]])
    assert linear_trend(rising, n).tolist() == [RISING]
    assert linear_trend(rising[:, ::-1], n).tolist() == [FALLING]
    assert linear_trend(n - rising, n).tolist() == [FALLING]


def test_no_trend_where_nobody_or_everybody_has_it() -> None:
    n = np.full((1, 5), 400.0)
    assert linear_trend(np.zeros((1, 5)), n).tolist() == [NO_TREND]
    assert linear_trend(n, n).tolist() == [NO_TREND]


def test_one_point_alone_makes_no_trend() -> None:
    n = np.full((1, 5), 1000.0)
    assert linear_trend(np.array([[500.0, 495, 490, 490, 900]]), n).tolist() == [NO_TREND]
    level = np.array([[500.0, 500, 500, 500, 900]])  # without the last there is no slope at all
    assert linear_trend(level, n).tolist() == linear_trend(level[:, ::-1], n).tolist() == [NO_TREND]
    se = np.full((1, 5), 0.1)
    assert weighted_trend(np.array([[5.0, 5, 5, 5, 9]]), se).tolist() == [NO_TREND]


@given(
    st.lists(st.floats(-50, 50), min_size=5, max_size=5),
    st.lists(st.floats(0.1, 5), min_size=5, max_size=5),
)
def test_weighted_slope_is_that_of_statsmodels(y: list[float], se: list[float]) -> None:
    slope, spread = weighted_slope(np.array([y]), np.array([se]))
    fit = sm.WLS(y, sm.add_constant(np.arange(5)), weights=1 / np.array(se) ** 2).fit()
    assert slope[0] == pytest.approx(fit.params[1], abs=1e-8)
    assert 1 / spread[0] == pytest.approx(fit.normalized_cov_params[1, 1], rel=1e-8)


def test_weighted_trend_rises_falls_or_neither() -> None:
    y = np.array([[1.0, 2, 3, 4, 5], [5, 4, 3, 2, 1], [3, 3, 3, 3, 3], [1, 2, 1, 2, 1]])
    se = np.full((4, 5), 0.2)
    assert weighted_trend(y, se).tolist() == [RISING, FALLING, NO_TREND, NO_TREND]


def test_a_weighted_fit_that_is_level_without_one_point_makes_no_trend() -> None:
    """By hand: 1.5 (99 - 98) + 0.5 (99 - 102) = 0 without the first point, and 0.3 - 0.3 = 0."""
    y = np.array([[98.0, 98, 102, 99, 99], [0.1, 0.2, 0.2, 0.1, 4.0], [7.7, 0.3, 0.1, 0.1, 0.3]])
    for figures in (y, -y, y[:, ::-1], 1000.0 + y):
        for se in (0.078, 0.1, 0.3):
            assert weighted_trend(figures, np.full((3, 5), se)).tolist() == [NO_TREND] * 3


def test_a_small_slope_on_a_huge_level_is_still_a_trend() -> None:
    y = 1e8 + 0.001 * np.arange(5.0)[None]
    assert weighted_trend(y, np.full((1, 5), 1e-4)).tolist() == [RISING]


def test_mann_kendall_by_exact_p() -> None:
    y = np.array(
        [[1.0, 2, 3, 4, 5], [5, 4, 3, 2, 1], [1, 2, 3, 5, 4], [1, 1, 2, 3, 4], [1, 1, 1, 2, 3]]
    )
    assert mann_kendall_trend(y).tolist() == [RISING, FALLING, NO_TREND, RISING, NO_TREND]


def test_exact_p_without_ties_is_that_of_kendalls_tau() -> None:
    order = [1, 2, 4, 3, 5]
    expected = stats.kendalltau(range(5), order, method="exact").pvalue
    assert exact_p(8, (1, 1, 1, 1, 1)) == pytest.approx(expected)
    assert exact_p(10, (1, 1, 1, 1, 1)) == pytest.approx(2 / 120)
    assert exact_p(0, (5, 5, 5, 5, 5)) == 1
