"""M19: half away from zero, exactly, whatever the double says."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assets.methods.rounding import divide, round_ratio, round_supplied

PLACES = st.integers(0, 4)


def supplied(value: float, decimals: int) -> float:
    return float(round_supplied(np.array([value]), np.array([decimals]))[0])


def ratio(x: float, n: float, multiplier: float, decimals: int) -> float:
    arrays = [np.array([part]) for part in (x, n, multiplier)]
    return float(round_ratio(*arrays, np.array([decimals]))[0])


@given(st.one_of(st.floats(-1e8, 1e8, allow_subnormal=False), st.floats(1e14, 1e19)), PLACES)
@example(4.6e14 + 0.0625, 1)
@example(2.0**51 + 0.5, 0)
@example(2.675, 2)
@example(1.005, 2)
@example(-0.5, 0)
@example(0.285, 2)
def test_supplied_figures_round_from_their_shortest_decimal_form(value: float, places: int) -> None:
    expected = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert supplied(value, places) == float(expected)


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6), st.sampled_from([1, 100, 1000]), PLACES)
@example(1, 8, 100, 0)
@example(5, 1000, 100, 0)
@example(9, 40, 100, 0)
@example(-1, 8, 100, 0)
def test_ratios_of_whole_numbers_are_exact(x: int, n: int, multiplier: int, places: int) -> None:
    exact = abs(Fraction(x * multiplier, n)) * 10**places
    expected = float(Fraction(int(exact + Fraction(1, 2)), 10**places)) * (-1 if x < 0 else 1)
    assert ratio(x, n, multiplier, places) == expected


@given(st.integers(10**13, 2**53), st.integers(1000, 10**6), PLACES)
@example(2**52 + 1, 2, 0)
@example(6906249669109994, 124628, 4)
@example(3859663082786250, 8636, 4)
def test_ratios_of_whole_numbers_beyond_exact_products(x: int, n: int, places: int) -> None:
    exact = Fraction(x, n) * 10**places
    expected = float(Fraction(int(exact + Fraction(1, 2)), 10**places))
    assert ratio(x, n, 1, places) == expected


@given(st.decimals(0, 10**10, places=2), st.integers(1, 5000), PLACES)
@example(Decimal("585146895.81"), 2, 2)
@example(Decimal("0.05"), 2, 2)
@example(Decimal("2.01"), 2, 2)
def test_ratios_of_pounds_and_pence_are_exact(x: Decimal, n: int, places: int) -> None:
    exact = Fraction(x) / n * 10**places
    expected = float(Fraction(int(exact + Fraction(1, 2)), 10**places))
    assert ratio(float(x), n, 1.0, places) == expected


def test_numpy_round_would_miss_half_of_the_halves() -> None:
    halves = np.arange(0.5, 20.5)
    assert (np.round(halves) != np.floor(halves + 0.5)).sum() == 10
    assert round_supplied(halves, np.zeros(20, dtype=int)).tolist() == list(range(1, 21))


@pytest.mark.parametrize("value", [-0.04, 0.0, -0.0])
def test_there_is_no_minus_zero(value: float) -> None:
    assert str(supplied(value, 1)) == "0.0"


@given(
    st.decimals(-50_000, 50_000, places=2),
    st.decimals("0.1", 900, places=1),
    st.sampled_from([1, 100, 1000]),
)
@example(Decimal("619.20"), Decimal("3.0"), 1)
@example(Decimal("2682.20"), Decimal("13.0"), 1)
def test_a_ratio_of_decimals_is_the_nearest_double(x: Decimal, n: Decimal, multiplier: int) -> None:
    found = divide(*(np.array([float(part)]) for part in (x, n, multiplier)))[0]
    assert found == float(multiplier * Fraction(x) / Fraction(n))
