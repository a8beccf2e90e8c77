"""M13: neighbours by robust distance, and what one typing error may and may not do."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from assets.catalogue.load import load_catalogue
from assets.catalogue.neighbours import neighbour_features, neighbour_groups
from assets.methods.neighbours import nearest_neighbours, robust_scale

WEIGHTS = {"density": 2.0, "age": 1.0, "pay": 1.0}


def features(seed: int = 4, n: int = 22) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    codes = [f"W060000{number:02}" for number in range(n)]
    return pd.DataFrame(rng.normal(size=(n, 3)), index=codes, columns=list(WEIGHTS))


def test_distances_are_those_of_scipy_on_the_robust_scale() -> None:
    table = features()
    found = nearest_neighbours(table, WEIGHTS, 7, 1.0)
    spread = (table - table.median()).abs().median() * 1.4826
    weight = np.array(list(WEIGHTS.values()))
    scaled = ((table - table.median()) / spread).to_numpy() * np.sqrt(weight / weight.sum())
    expected = pd.DataFrame(cdist(scaled, scaled), index=table.index, columns=table.index)
    for owner, group in found.groupby("owner_code"):
        others = expected.loc[owner].drop(owner).sort_values().head(7)
        assert group["member_code"].tolist() == others.index.tolist()
        assert group["distance"].tolist() == pytest.approx(others.tolist(), abs=1e-9)
        assert group["distance_rank"].tolist() == list(range(1, 8))
    assert found["is_distant"].tolist() == (found["distance"] > 1.0).tolist()


def test_one_typing_error_does_not_change_everyones_neighbours() -> None:
    table = features()
    wrong = table.copy()
    wrong.iloc[3, 0] = table.iloc[3, 0] * 1000
    before, after = (nearest_neighbours(t, WEIGHTS, 7, 9.0) for t in (table, wrong))
    changed = moved(before, after, table.index[3])
    by_range = [nearest_neighbours_by_range(each) for each in (table, wrong)]
    assert changed <= 0.15
    assert moved(*by_range, table.index[3]) > 2 * changed


def moved(before: pd.DataFrame, after: pd.DataFrame, culprit: str) -> float:
    """Share of the other councils' neighbours, the culprit aside, that were replaced."""
    sets = [
        {
            owner: set(group["member_code"]) - {culprit}
            for owner, group in frame.groupby("owner_code")
            if owner != culprit
        }
        for frame in (before, after)
    ]
    kept = sum(len(sets[0][owner] & sets[1][owner]) for owner in sets[0])
    return 1 - kept / sum(len(group) for group in sets[0].values())


def nearest_neighbours_by_range(table: pd.DataFrame) -> pd.DataFrame:
    """The faulty way: each feature divided by its range."""
    scaled = ((table - table.min()) / (table.max() - table.min())).to_numpy()
    distance = cdist(scaled, scaled) + np.diag([np.inf] * len(table))
    rows = [
        (owner, table.index[member])
        for place, owner in enumerate(table.index)
        for member in np.argsort(distance[place])[:7]
    ]
    return pd.DataFrame(rows, columns=["owner_code", "member_code"])


def test_ties_go_by_code_and_order_of_rows_does_not_matter() -> None:
    table = pd.DataFrame({"age": [0.0, 1, 1, 1, 5]}, index=["A", "D", "C", "B", "E"])
    found = nearest_neighbours(table, {"age": 1.0}, 2, 9.0)
    assert found[found["owner_code"] == "A"]["member_code"].tolist() == ["B", "C"]
    again = nearest_neighbours(table.iloc[::-1], {"age": 1.0}, 2, 9.0)
    pd.testing.assert_frame_equal(found, again)


def test_where_more_than_half_are_equal_the_winsorised_sd_stands_in() -> None:
    values = np.array([[0.0]] * 8 + [[1.0], [2.0], [3.0], [4.0]])
    assert np.median(np.abs(values - np.median(values))) == 0
    scaled = robust_scale(values)
    assert np.isfinite(scaled).all()
    assert scaled[-1, 0] > scaled[-2, 0] > 0
    ends = np.quantile(values, [0.1, 0.9])
    expected = values / np.std(np.clip(values, *ends), ddof=1)
    assert scaled.ravel().tolist() == pytest.approx(expected.ravel().tolist())
    assert (robust_scale(np.full((5, 1), 3.0)) == 0).all()


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan")])
def test_a_weight_not_above_0_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="a weight is not above 0"):
        nearest_neighbours(features(), {**WEIGHTS, "pay": weight}, 7, 1.0)


@pytest.mark.parametrize(
    ("table", "k", "words"),
    [
        (features().where(lambda t: t < 2.0 - 1.5), 7, "no value"),
        (features(), 22, "k = 22 of 22"),
        (features().rename(index={"W06000001": "W06000000"}), 7, "listed twice"),
        (features().drop(columns="age"), 7, "features lack age"),
    ],
)
def test_impossible_features_are_refused_in_words(table: pd.DataFrame, k: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        nearest_neighbours(table, WEIGHTS, k, 1.0)


@pytest.mark.parametrize("population", [0.0, -1.0, np.nan])
def test_a_feature_without_a_logarithm_leaves_the_council_out(population: float) -> None:
    catalogue = load_catalogue()
    (used,) = catalogue.neighbour_sets.values()
    values = features(n=len(used.features) * 22)["density"].abs().to_numpy() + 1.0
    codes = [f"W060000{number:02}" for number in range(22)]
    keys = [(item.indicator, item.period, code) for item in used.features for code in codes]
    figures = pd.DataFrame(keys, columns=["indicator", "period", "area_code"]).assign(
        area_type="council", breakdown_type="total", value=values
    )
    assert used.features[0].transform == "log"
    figures.loc[3, "value"] = population
    groups, made_of = neighbour_groups(catalogue, figures), neighbour_features(catalogue, figures)
    assert np.isfinite(groups["distance"]).all()
    left = set(codes) - {codes[3]}
    assert set(groups["owner_code"]) == set(made_of["area_code"]) == left
    assert set(groups["member_code"]) <= left
