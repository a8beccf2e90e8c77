"""docs/neighbours.md beside the sample: the features, the sets, and one typing error in them."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from assets.catalogue.frames import areas_frame, breaks_frame, indicator_frame, measures_frame
from assets.catalogue.load import Catalogue, load_catalogue
from assets.catalogue.models import NeighbourSet
from assets.catalogue.neighbours import feature_frame, neighbour_features, neighbour_groups
from assets.methods.figures import build_figures
from assets.methods.neighbours import nearest_neighbours
from assets.sources.http import Fetcher, sample_session
from assets.sources.inbox import seed_inbox
from assets.sources.pull import pull
from assets.sources.raw_store import RawStore
from assets.sources.registry import load_registry
from validations.validate import RuleContext, validate_answers

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "assets" / "sources" / "sample"
PAGE = (ROOT / "docs" / "neighbours.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def own_set(catalogue: Catalogue) -> NeighbourSet:
    return catalogue.neighbour_sets["neighbours"]


@pytest.fixture(scope="module")
def figures(
    catalogue: Catalogue, own_set: NeighbourSet, tmp_path_factory: pytest.TempPathFactory
) -> pd.DataFrame:
    """Figures of the features alone, from the sample's bytes."""
    used = {feature.indicator for feature in own_set.features}
    measures = {
        measure
        for name in used
        for item in [catalogue.indicators[name]]
        for measure in (item.numerator, item.denominator, item.value)
    } - {None}
    datasets = {item.dataset for id_, item in catalogue.measures.items() if id_ in measures}
    home = tmp_path_factory.mktemp("home")
    seed_inbox(home / "inbox", SAMPLE / "inbox")
    fetcher, store = Fetcher(sample_session(SAMPLE / "http")), RawStore(home / "raw")
    indicators, areas = indicator_frame(catalogue), areas_frame(catalogue)
    indicators = indicators[indicators["indicator"].isin(used)]
    accepted = []
    for name, entry in load_registry().items():
        if name in datasets:
            now = datetime(2026, 11, 21, tzinfo=UTC)
            found = pull(entry, fetcher, store, home / "inbox", None, now)
            context = RuleContext(
                name, measures_frame(catalogue), areas, date(2026, 11, 21), indicators
            )
            accepted.append(validate_answers(found.frame, context).accepted)
    answers = pd.concat(accepted, ignore_index=True)
    return build_figures(answers, indicators, areas, breaks_frame(catalogue))


def test_the_page_lists_the_features_with_their_weights(
    catalogue: Catalogue, own_set: NeighbourSet
) -> None:
    for feature in own_set.features:
        title = catalogue.indicators[feature.indicator].title.en
        assert f"| {title} | {feature.period} | {feature.weight:g} |" in PAGE
    assert f"version {own_set.version}." in PAGE
    assert f"cut-off of {own_set.cutoff:g}" in PAGE


def test_the_page_lists_the_sets_as_they_are(catalogue: Catalogue, figures: pd.DataFrame) -> None:
    found = neighbour_groups(catalogue, figures).sort_values(["owner_code", "distance_rank"])
    names = {code: area.name.en for code, area in catalogue.areas.items()}
    assert len(found) == 22 * 7
    for owner, rows in found.groupby("owner_code"):
        columns = (rows["member_code"], rows["distance"], rows["is_distant"])
        said = ", ".join(
            f"{names[code]} {distance:.2f}{'†' if is_distant else ''}"
            for code, distance, is_distant in zip(*columns, strict=True)
        )
        assert f"| {names[str(owner)]} | {said} |" in PAGE
    assert f"({int(found['is_distant'].sum())} of {len(found)})" in PAGE


def test_the_page_adds_up_the_neighbours_shared_with_the_ons(catalogue: Catalogue) -> None:
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \| (\d+) \| ([^|]+) \|$", PAGE, flags=re.MULTILINE)
    assert sorted(row[0] for row in rows) == sorted(
        catalogue.areas[code].name.en for code in catalogue.councils()
    )
    assert all(
        int(shared) == len(which.replace("–", "").split(",")) - (which == "–")
        for _, _, shared, which in rows
    )
    shared, possible = sum(int(row[2]) for row in rows), sum(int(row[1]) for row in rows)
    assert f"Together {shared} of the {possible} Welsh neighbours" in PAGE


def test_published_distances_follow_from_published_features(
    catalogue: Catalogue, figures: pd.DataFrame
) -> None:
    """By the formula of the column's comment, from nothing but the two tables."""
    features = neighbour_features(catalogue, figures)
    scaled = features.pivot_table("scaled_value", "area_code", "indicator")
    weight = features.drop_duplicates("indicator").set_index("indicator")["weight"]
    groups = neighbour_groups(catalogue, figures)
    apart = scaled.loc[groups["owner_code"]].to_numpy() - scaled.loc[groups["member_code"]]
    distance = ((apart**2 * weight[scaled.columns]).sum(axis=1) / weight.sum()) ** 0.5
    assert groups["distance"].tolist() == pytest.approx(distance.tolist(), abs=1e-9)
    assert (groups["is_distant"] == (groups["distance"] > features["distance_cutoff"][0])).all()
    assert set(features["n_neighbours"]) == {7}
    assert set(features["set_version"]) == set(groups["set_version"])


@pytest.mark.parametrize("feature", ["population", "dwellings_bands_a_to_c_share"])
def test_one_typing_error_leaves_the_others_their_neighbours(
    own_set: NeighbourSet, figures: pd.DataFrame, feature: str
) -> None:
    """Swansea's figure a thousand times too large: it loses its place, the rest keep theirs."""
    culprit = "W06000011"
    right = feature_frame(own_set.features, figures)
    wrong = right.copy()
    wrong.loc[culprit, feature] *= 1000
    weights = {item.indicator: item.weight for item in own_set.features}
    sets = [
        nearest_neighbours(table, weights, own_set.k, own_set.cutoff)
        .groupby("owner_code")["member_code"]
        .agg(set)
        for table in (right, wrong)
    ]
    others = [code for code in right.index if code != culprit]
    kept = sum(len((sets[0][code] & sets[1][code]) - {culprit}) for code in others)
    had = sum(len(sets[0][code] - {culprit}) for code in others)
    assert kept >= 0.95 * had
    assert all(culprit not in sets[1][code] for code in others)
