"""M4, M5, M8: the other ranks, bands and verdicts, against scipy and the formulas by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assets.methods.impossible import ImpossibleInput
from assets.methods.position_options import BAND_METHODS, TIES, bands, ranks
from assets.methods.versus_options import (
    control_words,
    intervals_overlap,
    overlap_words,
    two_level_words,
)

SCIPY = {"smallest": "min", "average": "average", "dense": "dense", "first": "ordinal"}
SIZES_OF_22 = {"type 7": [6, 5, 5, 6], "type 6": [5, 6, 6, 5], "rank": [6, 5, 6, 5]}
PLAIN = st.lists(st.integers(-30, 30), min_size=5, max_size=40)


def of(values: list) -> pd.Series:
    codes = [f"W06{number:06}" for number in range(len(values))]
    return pd.Series(values, index=codes, dtype="float64")


def sizes(found: pd.Series) -> list[int]:
    return found.value_counts().reindex([1.0, 2.0, 3.0, 4.0], fill_value=0).tolist()


@pytest.mark.parametrize("ties", TIES)
@given(values=PLAIN)
def test_ranks_are_those_of_scipy(ties: str, values: list[int]) -> None:
    expected = stats.rankdata(values, method=SCIPY[ties])
    assert ranks(of(values), "lower", ties=ties).tolist() == expected.tolist()
    upside_down = stats.rankdata([-value for value in values], method=SCIPY[ties])
    assert ranks(of(values), "higher", ties=ties).tolist() == upside_down.tolist()


def test_ties_are_those_of_published_decimals() -> None:
    assert ranks(of([1.04, 1.01, 2, 3, 4]), "lower").tolist() == [1, 1, 3, 4, 5]
    assert ranks(of([1.05, 1.01, 2, 3, 4]), "lower").tolist() == [2, 1, 3, 4, 5]


def test_missing_figures_have_no_rank_and_are_not_counted() -> None:
    found = ranks(of([3, None, 1, 2, 5, 4]), "lower", ties="dense")
    assert found.fillna(-1).tolist() == [3, -1, 1, 2, 5, 4]


@pytest.mark.parametrize("ties", TIES)
def test_fewer_than_five_and_neutral_polarity_have_no_rank(ties: str) -> None:
    assert ranks(of([1, 2, 3, 4]), "lower", ties=ties).isna().all()
    assert ranks(of([1, 2, 3, 4, 5]), "neutral", ties=ties).isna().all()
    assert ranks(of([]), "lower", ties=ties).empty


def test_a_target_ranks_by_distance_and_first_goes_by_code() -> None:
    values = of([52, 48, 50, 55, 40])
    assert ranks(values, "target", target=50.0).tolist() == [2, 2, 1, 4, 5]
    assert ranks(values, "target", target=50.0, ties="first").tolist() == [2, 3, 1, 4, 5]
    backwards = ranks(values[::-1], "target", target=50.0, ties="first")
    assert backwards[values.index].tolist() == [2, 3, 1, 4, 5]


@pytest.mark.parametrize("method", BAND_METHODS)
def test_22_councils_fall_as_the_official_methods_disagree(method: str) -> None:
    assert sizes(bands(of(list(range(22))), "lower", method=method)) == SIZES_OF_22[method]


@pytest.mark.parametrize("method", BAND_METHODS)
@pytest.mark.parametrize("n", range(1, 61))
def test_every_band_is_reached_by_every_method_from_eight_on(n: int, method: str) -> None:
    found = bands(of(list(range(n))), "higher", method=method)
    if n < 8:
        assert found.isna().all()
    else:
        assert min(sizes(found)) >= n // 4 - 1 > 0
        assert sum(sizes(found)) == n
        assert found.iloc[-1] == 1


@given(st.lists(st.integers(-999, 999), min_size=8, max_size=60), st.sampled_from([6, 7]))
def test_bands_by_cuts_are_those_of_numpy(values: list[int], kind: int) -> None:
    method = {6: "weibull", 7: "linear"}[kind]
    cuts = np.quantile(values, [0.25, 0.5, 0.75], method=method)
    found = bands(of(values), "lower", decimals=0, method=f"type {kind}")
    shown = [math.floor(abs(cut) + 0.5) * (1 if cut > 0 else -1) for cut in cuts]
    if shown[0] == shown[1] or shown[1] == shown[2]:
        assert found.isna().all()
    else:
        expected = [1 + sum(value > cut + 1e-10 for cut in cuts) for value in values]
        assert found.tolist() == expected


@given(st.lists(st.integers(-999, 999), min_size=8, max_size=60, unique=True))
def test_bands_by_rank_are_the_formula_of_pheindicatormethods(values: list[int]) -> None:
    n = len(values)
    found = bands(of(values), "lower", method="rank")
    for value, rank in zip(found, stats.rankdata(values, method="min"), strict=True):
        assert value == math.floor(5 - math.ceil(round((n + 1 - rank) / (n / 4), 9)))


@pytest.mark.parametrize("method", BAND_METHODS)
@given(values=st.lists(st.integers(0, 500), min_size=8, max_size=30), order=st.randoms())
def test_bands_do_not_depend_on_the_order_of_rows(method, values, order) -> None:
    plain = bands(of(values), "lower", method=method)
    shuffled = list(plain.index)
    order.shuffle(shuffled)
    again = bands(of(values)[shuffled], "lower", method=method)
    pd.testing.assert_series_equal(again[plain.index], plain)


@pytest.mark.parametrize("method", BAND_METHODS)
def test_too_many_ties_give_no_band_by_any_method(method: str) -> None:
    assert bands(of([7] * 30), "higher", method=method).isna().all()
    assert bands(of([1, 2, 2, 2, 2, 2, 2, 9]), "lower", method=method).isna().all()


def test_five_bands_of_ten() -> None:
    found = bands(of(list(range(10))), "lower", n_bands=5)
    assert found.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_two_polarities_in_one_band_are_refused_by_name() -> None:
    mixed = ["lower"] * 7 + ["higher"]
    with pytest.raises(ImpossibleInput, match=r"lower and: W06000007 \(higher\)"):
        bands(of(list(range(8))), mixed)
    with pytest.raises(ImpossibleInput, match="Two polarities"):
        ranks(of(list(range(8))), mixed)
    assert bands(of(list(range(8))), ["lower"] * 8).notna().all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"polarity": "best"}, "unknown polarity"),
        ({"polarity": "target"}, "needs a target"),
        ({"method": "type 5"}, "type 5"),
        ({"n_bands": 1}, "at least 2"),
    ],
)
def test_what_cannot_be_banded_is_refused_in_words(change: dict, words: str) -> None:
    with pytest.raises(ImpossibleInput, match=words):
        bands(of(list(range(9))), **{"polarity": "lower", **change})


def test_a_code_twice_and_unknown_ties_are_refused() -> None:
    twice = pd.Series([1.0, 2.0], index=["W06000001", "W06000001"])
    with pytest.raises(ImpossibleInput, match="Listed twice: W06000001"):
        ranks(twice, "lower")
    with pytest.raises(ImpossibleInput, match="Unknown ties"):
        ranks(of([1, 2]), "lower", ties="random")


def pair(low: float | None, high: float | None) -> tuple[np.ndarray, np.ndarray]:
    return np.array([low], dtype=float), np.array([high], dtype=float)


@pytest.mark.parametrize(
    ("own", "benchmark", "overlap", "word"),
    [
        ((1, 2), (3, 4), 0, "better"),
        ((1, 3), (3, 4), 1, "similar"),
        ((3.5, 3.6), (3, 4), 1, "similar"),
        ((4, 5), (3, 4), 1, "similar"),
        ((5, 6), (3, 4), 0, "worse"),
        ((None, 6), (3, 4), math.nan, "not compared"),
    ],
)
def test_two_intervals_overlap_or_do_not(own, benchmark, overlap, word) -> None:
    found = intervals_overlap(pair(*own), pair(*benchmark)).item()
    assert found == overlap or (math.isnan(found) and math.isnan(overlap))
    assert overlap_words(pair(*own), pair(*benchmark), "lower").tolist() == [word]


@pytest.mark.parametrize(
    ("benchmark", "higher", "neutral"),
    [
        (4.4, "better 99.8 %", "higher 99.8 %"),
        (4.5, "better 95 %", "higher 95 %"),
        (5.0, "similar", "similar"),
        (7.0, "similar", "similar"),
        (7.2, "worse 95 %", "lower 95 %"),
        (7.6, "worse 99.8 %", "lower 99.8 %"),
        (None, "not compared", "not compared"),
    ],
)
def test_words_of_two_levels(benchmark, higher, neutral) -> None:
    args = (pair(5, 7), pair(4.5, 7.5), np.array([benchmark], dtype=float))
    assert two_level_words(*args, "higher").tolist() == [higher]
    assert two_level_words(*args, "target").tolist() == [neutral]


def test_without_998_limits_there_are_only_95_words() -> None:
    found = two_level_words(pair(5, 7), pair(None, None), np.array([1.0]), "lower")
    assert found.tolist() == ["worse 95 %"]


def test_on_a_control_limit_is_similar() -> None:
    value = np.array([2.0, 3, 1.9, 3.1, 0.9, 4.1, np.nan])
    limits = [tuple(np.full(7, side) for side in ends) for ends in ((2.0, 3.0), (1.0, 4.0))]
    assert control_words(value, *limits, "lower").tolist() == [
        "similar",
        "similar",
        "better 95 %",
        "worse 95 %",
        "better 99.8 %",
        "worse 99.8 %",
        "not compared",
    ]
    with pytest.raises(ImpossibleInput, match="Unknown polarity"):
        control_words(value, *limits, "good")
