"""M3-M5: benchmarks, ranks and bands, and the faults that cannot happen here, by name."""

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.methods.benchmarks import spread_statistics
from assets.methods.compare import Comparison, compare
from assets.methods.position import rank_row

VALUES = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=40)
RANKED = {
    "indicator": ["i"],
    "polarity": ["lower"],
    "decimals": [1],
    "value_basis": ["as_published"],
}


def councils(n: int) -> list[str]:
    return [f"W06{number:06}" for number in range(n)]


def ranked(values: list[float | None], **declared: object) -> Comparison:
    """Compare councils with these published values in one period."""
    areas = councils(len(values))
    table = pd.DataFrame(
        {"indicator": "i", "period": "2023-04-01/P1Y", "area_code": areas, "value": values}
    )
    table["value"] = table["value"].astype("float64")
    return compare(table, pd.DataFrame({**RANKED, **{k: [v] for k, v in declared.items()}}))


@given(VALUES)
def test_statistics_are_those_of_numpy_and_the_standard_library(values: list[float]) -> None:
    found, n = spread_statistics(np.array([[[*values, np.nan]]]))
    middle = statistics.median(values)
    expected = {
        "mean": statistics.fmean(values),
        "median": middle,
        "min": min(values),
        "q1": np.quantile(values, 0.25),
        "q3": np.quantile(values, 0.75),
        "max": max(values),
        "mad": statistics.median([abs(value - middle) for value in values]),
    }
    assert n.item() == len(values)
    for name, value in expected.items():
        assert found[name].item() == pytest.approx(value, rel=1e-9, abs=1e-9), name
    if len(values) > 1:
        assert found["sd"].item() == pytest.approx(np.std(values, ddof=1), rel=1e-9, abs=1e-9)
    else:
        assert math.isnan(found["sd"].item())


def test_sd_has_13_digits_and_8_with_a_huge_mean_and_tiny_spread() -> None:
    rng = np.random.default_rng(5)
    for mean, spread, digits in ((50.0, 10.0, 13), (1e7, 0.1, 8), (1e15, 2.0, 13)):
        values = mean + spread * rng.standard_normal(22)
        exact = statistics.stdev([statistics.Fraction(value) for value in values.tolist()])
        found = spread_statistics(values[None, None])[0]["sd"].item()
        assert abs(found / float(exact) - 1) < 10.0**-digits


@pytest.mark.parametrize("seed", range(5))
def test_the_mean_of_large_figures_is_right_to_the_last_digit(seed: int) -> None:
    """The sum of 200 of them is beyond the whole numbers of a double."""
    values = 1e15 + np.random.default_rng(seed).integers(0, 9, 200)
    exact = sum(map(statistics.Fraction, values.tolist())) / 200
    found = spread_statistics(values[None, None])[0]["mean"].item()
    one_step = statistics.Fraction(1, 8)  # of a double of that size
    assert abs(statistics.Fraction(found) - exact) <= one_step


def test_equal_values_have_no_spread_at_all() -> None:
    row = ranked([0.1] * 7).benchmarks.iloc[0]
    assert row["sd"] == 0
    assert row["mean"] == 0.1
    assert ranked([0.1] * 7).comparisons[["z_score", "mad_score", "mad_z"]].isna().all(axis=None)


def test_the_median_of_an_even_number_is_the_mean_of_the_two_middle_values() -> None:
    assert ranked([1, 2, 10, 40]).benchmarks.loc[0, "median"] == 6


def test_thirty_equal_values_are_all_first_and_nobody_is_in_the_worst_band() -> None:
    found = ranked([7.0] * 30).comparisons
    assert set(found["rank"]) == {1}
    assert set(found["percentile_rank"]) == {50.0}
    assert found["band"].isna().all()


@pytest.mark.parametrize("n", range(1, 61))
def test_every_band_is_reached_from_eight_councils_on(n: int) -> None:
    found = ranked([float(value) for value in range(n)]).comparisons["band"]
    if n < 8:
        assert found.isna().all()
        return
    sizes = found.value_counts().reindex([1, 2, 3, 4]).tolist()
    cuts = np.quantile(range(n), [0.25, 0.5, 0.75])
    expected = np.bincount(np.searchsorted(cuts, range(n), side="left"), minlength=4).tolist()
    assert sizes == expected
    assert min(sizes) >= n // 4 - 1
    assert min(sizes) > 0


def test_22_councils_without_ties_fall_6_5_5_6() -> None:
    bands_of_22 = ranked([float(value) for value in range(22)]).comparisons["band"]
    assert bands_of_22.value_counts().sort_index().tolist() == [6, 5, 5, 6]


def test_a_value_on_a_cut_belongs_to_the_better_band() -> None:
    found = ranked([1, 2, 3, 4, 5, 6, 7, 8, 9]).comparisons
    assert found["band"].tolist() == [1, 1, 1, 2, 2, 3, 3, 4, 4]
    upside_down = ranked([1, 2, 3, 4, 5, 6, 7, 8, 9], polarity="higher").comparisons
    assert upside_down["band"].tolist() == [4, 4, 3, 3, 2, 2, 1, 1, 1]


def test_too_many_ties_give_no_band_and_keep_the_rank() -> None:
    found = ranked([1, 2, 2, 2, 2, 2, 2, 9]).comparisons
    assert found["band"].isna().all()
    assert found["rank"].tolist() == [1, 2, 2, 2, 2, 2, 2, 8]


def test_a_quartile_that_reads_like_the_median_gives_no_band() -> None:
    """The first quartile is 1.75 between 1 and 2, which is published as the median's 2."""
    values = [1, 1, 2, 2, 2, 9, 9, 9]
    assert ranked(values, decimals=0).comparisons["band"].isna().all()
    assert ranked(values, decimals=2).comparisons["band"].tolist() == [1, 1, 2, 2, 2, 3, 3, 3]


@pytest.mark.parametrize(
    "values", [[-3, -3, -2, 0, 2, 3, 5, 8, 9], [-9, -8, -5, -3, -2, 0, 2, 3, 3]]
)
def test_a_quartile_and_a_median_on_both_sides_of_0_are_not_the_same(values: list[int]) -> None:
    assert ranked(values).comparisons["band"].tolist() == [1, 1, 1, 2, 2, 3, 3, 4, 4]


def test_ties_take_the_smallest_rank_and_name_each_other() -> None:
    found = ranked([3, 1, 2, 2, 5]).comparisons
    assert found["rank"].tolist() == [4, 1, 2, 2, 5]
    first = councils(5)
    assert found["tied_with"].tolist() == ["", "", first[3], first[2], ""]
    assert found["percentile_rank"].tolist() == [25.0, 100.0, 62.5, 62.5, 0.0]


def test_nobody_is_ranked_on_digits_nobody_sees() -> None:
    found = ranked([1.01, 1.04, 2, 3, 4]).comparisons
    assert found["rank"].tolist() == [1, 1, 3, 4, 5]


def test_figures_of_hundreds_of_billions_are_ranked_to_the_last_unit() -> None:
    """Too large for the shortcut that sorts a place and its council as one number."""
    values = [1e14 + step for step in (3, 0, 2, 1, 2, 4, 9, 8, 7, 6, 5)]
    found = ranked(values).comparisons
    assert found["rank"].tolist() == [5, 1, 3, 2, 3, 6, 11, 10, 9, 8, 7]
    assert found["tied_with"].tolist()[2] == councils(5)[4]


def test_no_rank_for_fewer_than_five() -> None:
    found = ranked([1, 2, 3, 4]).comparisons
    assert found[["rank", "n_ranked", "tied_with", "percentile_rank"]].isna().all(axis=None)
    assert found["gap_to_best"].tolist() == [0, 1, 2, 3]


def test_a_missing_figure_is_never_a_zero_and_never_good() -> None:
    found = ranked([None, 1, 2, 3, 4, 5])
    row = found.comparisons.iloc[0]
    assert math.isnan(row["value"])
    assert (row["note_code"], row["missing_reason"]) == ("x", "not returned")
    assert row[["rank", "band", "gap_to_best", "z_score"]].isna().all()
    bench = found.benchmarks.iloc[0]
    assert (bench["n_members"], bench["n_valid"]) == (6, 5)
    assert (bench["min"], bench["mean"]) == (1, 3)
    assert bench["missing_members"] == councils(1)[0]


def test_a_missing_figure_never_takes_the_median_of_the_others() -> None:
    found = ranked([None, 1, 2, 3, 4, 5]).comparisons
    assert found["value"].isna().tolist() == [True] + [False] * 5


def test_a_distance_from_the_target_ranks_both_sides_alike() -> None:
    found = ranked([49.7, 50.3, 50, 51, 52], polarity="target", target=50.0)
    assert found.comparisons["rank"].tolist() == [2, 2, 1, 4, 5]
    assert found.comparisons["gap_to_best"].tolist() == [0.3, 0.3, 0, 1, 2]


def test_a_member_twice_in_a_set_counts_once() -> None:
    areas = councils(6)
    table = pd.DataFrame(
        {"indicator": "i", "period": "2023", "area_code": areas, "value": range(6)}
    )
    listed = [*areas, areas[0], areas[0]]
    groups = pd.DataFrame({"group_code": "g", "owner_code": "", "member_code": listed})
    found = compare(table, pd.DataFrame(RANKED), groups)
    assert found.benchmarks.loc[0, ["n_members", "n_valid", "mean"]].tolist() == [6, 6, 2.5]
    assert len(found.comparisons) == 6


def test_an_own_group_counts_its_owner_in_rank_and_leaves_it_out_of_the_benchmark() -> None:
    areas = councils(8)
    table = pd.DataFrame(
        {"indicator": "i", "period": "2023", "area_code": areas, "value": range(8)}
    )
    groups = pd.DataFrame({"group_code": "near", "owner_code": areas[0], "member_code": areas[1:]})
    found = compare(table, pd.DataFrame(RANKED), groups)
    row, bench = found.comparisons.iloc[0], found.benchmarks.iloc[0]
    assert len(found.comparisons) == len(found.benchmarks) == 1
    assert (row["rank"], row["n_ranked"], row["band"], row["gap_to_best"]) == (1, 8, 1, 0)
    assert (bench["n_members"], bench["mean"], bench["best_value"]) == (7, 4, 1)
    assert row["difference_from_median"] == -4


POLARITIES = ["lower", "higher"]
PLACED = ["rank", "n_ranked", "tied_with", "percentile_rank", "band"]


@settings(max_examples=30)
@given(
    st.lists(st.integers(-50, 50), min_size=5, max_size=25),
    st.sampled_from(POLARITIES),
    st.integers(2, 9),
)
def test_ranks_and_bands_do_not_change_under_monotone_maps(
    values: list[int], polarity: str, factor: int
) -> None:
    """Whole numbers at two decimals: quarters of them are shown as they are."""
    declared = {"polarity": polarity, "decimals": 2}
    plain = ranked([float(v) for v in values], **declared).comparisons[PLACED]
    for mapped in ([factor * v + 3.0 for v in values], [float(v**3 + v) for v in values]):
        found = ranked(mapped, **declared).comparisons[PLACED]
        pd.testing.assert_frame_equal(found, plain)


@settings(max_examples=30)
@given(st.lists(st.integers(-12, 12), min_size=8, max_size=25), st.randoms())
def test_ranks_and_bands_go_with_the_value_whichever_council_has_it(
    values: list[int], random
) -> None:
    order = list(range(len(values)))
    random.shuffle(order)
    columns = ["rank", "n_ranked", "percentile_rank", "band", "gap_to_best"]
    plain = ranked([float(v) for v in values]).comparisons[columns]
    moved = ranked([float(values[place]) for place in order]).comparisons[columns]
    pd.testing.assert_frame_equal(moved, plain.iloc[order].reset_index(drop=True))


@settings(max_examples=30)
@given(st.lists(st.integers(-12, 12), min_size=2, max_size=25), st.sampled_from(POLARITIES))
def test_an_own_group_of_all_the_others_places_a_council_as_the_whole_does(
    values: list[int], polarity: str
) -> None:
    areas = councils(len(values))
    table = pd.DataFrame({"indicator": "i", "period": "2023", "area_code": areas, "value": values})
    groups = pd.DataFrame(
        [
            {"group_code": "near", "owner_code": owner, "member_code": member}
            for owner in areas
            for member in areas  # the owner in its own list is no neighbour of itself
        ]
    )
    declared = pd.DataFrame({**RANKED, "polarity": [polarity]})
    whole, own = compare(table, declared), compare(table, declared, groups)
    columns = [*PLACED, "gap_to_best"]
    pd.testing.assert_frame_equal(own.comparisons[columns], whole.comparisons[columns])
    assert set(own.benchmarks["n_members"]) == {len(areas) - 1}


@given(st.lists(st.integers(0, 8), min_size=1, max_size=30))
def test_ranks_are_one_more_than_the_number_better(values: list[int]) -> None:
    rank, tied, _ = rank_row(np.array([values], dtype=float))
    assert rank[0].tolist() == [1 + sum(v < own for v in values) for own in values]
    assert tied[0].tolist() == [values.count(own) for own in values]
