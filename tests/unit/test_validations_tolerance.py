"""M1: how far a stated figure may lie from its parts, by every truth that rounding allows."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validations.rules.examples import figures, indicators
from validations.rules.tolerance import (
    decimals_of,
    half_base,
    half_units,
    reconcile_ratio,
    reconcile_total,
)
from validations.validate import judge_figures


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


@pytest.mark.parametrize(
    ("noise", "half"),
    [("none", 0), (None, 0), ("rounded:5", 2), ("rounded:10", 5), ("rounded:3", 1)],
)
def test_a_number_rounded_to_b_is_up_to_half_b_from_the_truth(noise, half) -> None:
    assert half_base(noise) == half


def test_perturbed_is_never_reconciled() -> None:
    assert math.isnan(half_base("perturbed"))
    for gap in (
        reconcile_ratio(array(6), array(100), array(100), array(60), array(0.5), array(math.nan)),
        reconcile_total(np.array([[1.0, 2.0]]), array(60), array(0.5), array(math.nan)),
    ):
        assert not gap.is_off.any()


@given(st.lists(st.integers(0, 400), min_size=1, max_size=6), st.sampled_from([3, 5, 10]))
def test_a_total_of_parts_rounded_apart_is_never_off(parts: list[int], base: int) -> None:
    shown = [base * math.floor(part / base + 0.5) for part in parts]
    total = base * math.floor(sum(parts) / base + 0.5)
    half = array(half_base(f"rounded:{base}"))
    gap = reconcile_total(array(*shown)[None], array(total), array(0), half)
    assert not gap.is_off.any()
    assert gap.high.item() - gap.derived.item() == (base // 2) * (len(parts) + 1)
    beyond = array(sum(shown) + (base // 2) * (len(parts) + 1) + 1)
    assert reconcile_total(array(*shown)[None], beyond, array(0), half).is_off.all()


@given(st.integers(10, 400), st.integers(401, 3000))
def test_a_ratio_of_rounded_parts_is_as_wide_as_all_truths_allow(x: int, n: int) -> None:
    truths = [100 * (x + a) / (n + b) for a, b in itertools.product(range(-2, 3), repeat=2)]
    gap = reconcile_ratio(array(x), array(n), array(100), array(0), array(0.05), array(2))
    assert gap.low.item() == pytest.approx(min(truths) - 0.05, rel=1e-12)
    assert gap.high.item() == pytest.approx(max(truths) + 0.05, rel=1e-12)


@pytest.mark.parametrize(("stated", "is_off"), [(6.05, False), (5.95, False), (6.06, True)])
def test_half_a_unit_of_the_stated_place_is_still_right(stated: float, is_off: bool) -> None:
    gap = reconcile_ratio(array(6), array(100), array(100), array(stated), array(0.05), array(0))
    assert gap.is_off.item() == is_off


def test_a_negative_numerator_and_a_denominator_within_its_rounding() -> None:
    gap = reconcile_ratio(
        array(-60, 1), array(1000, 2), array(100, 100), array(-6.2, 90), array(0, 0), array(2, 2)
    )
    assert gap.low[0] == pytest.approx(-100 * 62 / 998)
    assert gap.is_off.tolist() == [False, False]
    tiny = reconcile_ratio(array(1), array(1), array(100), array(5000), array(0), array(2))
    assert not tiny.is_off.any()


def test_nothing_added_up_says_nothing() -> None:
    gap = reconcile_total(np.full((1, 3), np.nan), array(5), array(0.5), array(0))
    assert not gap.is_off.any()


def test_places_are_read_from_the_figure_and_its_fellows() -> None:
    assert [decimals_of(value) for value in (62.0, 6.04, 0.1, 1e9)] == [0, 2, 1, 0]
    names = np.array(["a", "a", "a", "b"], dtype=object)
    assert half_units(array(6.1, 7.2, 8.0, 8.0), names).tolist() == [0.05, 0.05, 0.05, 0.5]


@pytest.mark.parametrize(
    ("stated", "noise", "expected"),
    [
        (60.0, "none", []),
        (60.4, "none", ["stated_value_differs"]),
        (64.0, "rounded:5", []),
        (65.0, "rounded:5", ["stated_value_wrong"]),
        (64.0, "none", ["stated_value_wrong"]),
        (64.0, "perturbed", []),
    ],
)
def test_a_stated_count_is_reconciled_with_the_count(stated, noise, expected) -> None:
    figure = {"numerator": 60.0, "denominator": None, "value": 60.0, "stated_value": stated}
    declared = {"kind": "count", "multiplier": 1.0, "noise": noise, "upper_bound": None}
    found = judge_figures(figures([figure]), indicators({**declared, "interval": "none"}))
    assert found["code"].tolist() == expected
