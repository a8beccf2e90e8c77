"""The sample: check sums, provenance, size, and that the catalogue's indicators have data.

Equality with the originals was proven once, outside the project; here the bytes are held to that.
"""

import csv
import json
import re
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from assets.catalogue.frames import (
    areas_frame,
    breakdown_types,
    breaks_frame,
    denominator_lags,
    indicator_frame,
    measures_frame,
)
from assets.catalogue.load import load_catalogue
from assets.methods.figures import build_figures
from assets.sources.http import Fetcher, sample_session
from assets.sources.inbox import seed_inbox
from assets.sources.pull import pull
from assets.sources.raw_store import RawStore
from assets.sources.registry import load_registry
from validations.validate import RuleContext, validate_answers

SAMPLE = Path(__file__).parents[2] / "assets" / "sources" / "sample"
ABOUT = {"README.md", "SHA256SUMS", "provenance.csv"}
OURS = {"http/exchanges.json"}
"""Files of the sample that hold no figure: which request has which answer."""
NO_DATA = {"ukraine_visas_issued", "ukraine_arrivals", "ukraine_arrivals_rate"}
WITHHELD = {"heat_pump_grants_rate": {"W06000019", "W06000020", "W06000022"}}
"""Councils whose figures the source withholds in every period."""


def files() -> dict[str, Path]:
    found = (path for path in SAMPLE.rglob("*") if path.is_file())
    return {path.relative_to(SAMPLE).as_posix(): path for path in found}


def provenance() -> list[dict[str, str]]:
    with (SAMPLE / "provenance.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_file_has_its_check_sum_and_every_check_sum_its_file():
    lines = (SAMPLE / "SHA256SUMS").read_text("utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    actual = {
        name: sha256(path.read_bytes()).hexdigest()
        for name, path in files().items()
        if name not in {"README.md", "SHA256SUMS"}
    }
    assert listed == actual


def test_every_file_with_figures_has_its_provenance():
    told = {row["file"] for row in provenance()}
    needed = {
        name
        for name in files()
        if name not in ABOUT | OURS
        and not name.endswith(("/dataset.json", "/filter.json", "/query.json"))
    }
    assert told == needed


def test_provenance_names_publisher_address_and_origin():
    for row in provenance():
        assert row["publisher"], row
        assert row["public_address"].startswith("https://"), row
        assert row["carried_by"].startswith("https://"), row
        assert re.fullmatch(r"[0-9a-f]{64}", row["origin_sha256"]), row
        assert re.fullmatch(r"[0-9a-f]{40}|vintage \d{4}-\d\d", row["origin_commit"]), row
        assert row["origin_rows"], row


def test_it_is_under_five_megabytes():
    assert sum(path.stat().st_size for path in files().values()) < 5_000_000


def test_ids_of_ours_are_obviously_so():
    cubes = [
        entry.options.model_dump()["dataset_id"]
        for entry in load_registry().values()
        if entry.connector == "statswales_v3"
    ]
    assert [cube for cube in cubes if not cube.startswith("00000000-0000-4000-8000-")] == []
    assert len(set(cubes)) == len(cubes)


def test_only_true_addresses_are_live():
    live = {e.connector for e in load_registry().values() if "live" in e.profiles}
    assert "statswales_v3" not in live
    assert live == {"ons_els", "ons_timeseries", "council_returns"}


def test_a_dataset_without_figures_claims_no_profile():
    empty = {name for name, entry in load_registry().items() if not entry.profiles}
    assert empty == {"ukraine_sponsorship", "workforce_returns"}


def test_the_publishers_metadata_agrees_on_what_is_in_development(catalogue):
    """The source's `experimentalStatistic`, against the catalogue's and the registry's words."""
    words = {
        path.stem: json.loads(path.read_text("utf-8"))["experimentalStatistic"]
        for path in (SAMPLE / "http" / "ons-els" / "metadata").glob("*.json")
    }
    said = {
        item.source.url.rsplit("/", 1)[1]: item.source.designation == "in_development"
        for item in catalogue.indicators.values()
        if "/explore-local-statistics/indicators/" in item.source.url
    }
    assert said == words
    for entry in load_registry().values():
        for slug in entry.options.slugs if entry.connector == "ons_els" else ():
            assert (entry.designation == "in_development") == words[slug], slug


def test_what_the_publishers_metadata_calls_a_median_is_called_one(catalogue):
    for path in (SAMPLE / "http" / "ons-els" / "metadata").glob("*.json"):
        about = json.loads(path.read_text("utf-8"))
        if about["subtitle"].startswith("Median "):
            (item,) = (i for i in catalogue.indicators.values() if i.source.url.endswith(path.stem))
            assert "edian" in item.title.en, item.id
            assert "anolrif" in item.title.cy, item.id
            assert item.kind != "mean", item.id


def test_no_row_of_wales_is_a_sum_made_here():
    counted = [row for row in provenance() if "counted here" in row["treatment"]]
    counted += [row for row in provenance() if "summed here" in row["treatment"]]
    for name in {row["file"] for row in counted} - {"inbox/voa/dwellings-by-council-tax-band.csv"}:
        assert "W92000004" not in (SAMPLE / name).read_text("utf-8"), name


# --- read by the connectors, accepted by the rules, made into figures ---------------------------


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


@pytest.fixture(scope="module")
def answers(catalogue, tmp_path_factory):
    """Accepted, rejected answers and findings of every dataset of the sample."""
    home = tmp_path_factory.mktemp("home")
    seed_inbox(home / "inbox", SAMPLE / "inbox")
    fetcher, store = Fetcher(sample_session(SAMPLE / "http")), RawStore(home / "raw")
    dimensions = measures_frame(catalogue), areas_frame(catalogue), indicator_frame(catalogue)
    results = {}
    for name, entry in load_registry().items():
        if "sample" in entry.profiles:
            now = datetime(2026, 11, 21, tzinfo=UTC)
            pulled = pull(entry, fetcher, store, home / "inbox", None, now)
            measures, areas, indicators = dimensions
            context = RuleContext(name, measures, areas, date(2026, 11, 21), indicators)
            results[name] = validate_answers(pulled.frame, context)
    return results


@pytest.fixture(scope="module")
def figures(catalogue, answers):
    accepted = pd.concat([item.accepted for item in answers.values()], ignore_index=True)
    return build_figures(
        accepted,
        indicator_frame(catalogue),
        areas_frame(catalogue),
        breaks_frame(catalogue),
        lags=denominator_lags(catalogue),
        breakdown_types=breakdown_types(catalogue),
    )


def test_every_answer_is_accepted(answers):
    assert {name: len(item.rejected) for name, item in answers.items() if len(item.rejected)} == {}
    errors = [item.findings[item.findings["severity"] == "error"] for item in answers.values()]
    assert sum(len(found) for found in errors) == 0


def test_every_measure_has_answers_and_every_dataset_its_measures(catalogue, answers):
    answered = {name for item in answers.values() for name in item.accepted["measure"].unique()}
    expected = {id_ for id_, item in catalogue.measures.items() if item.dataset in answers}
    assert answered == expected
    assert {item.dataset for item in catalogue.measures.values()} == set(load_registry())


def test_every_measure_has_all_22_councils_in_every_period(catalogue, answers):
    for item in answers.values():
        rows = item.accepted[item.accepted["breakdown"] == "total"]
        councils = rows[rows["area_code"].isin(catalogue.councils())]
        counts = councils.groupby(["measure", "period"])["area_code"].nunique()
        assert (counts == 22).all(), counts[counts != 22]


def test_every_indicator_that_is_published_has_figures_of_every_council(catalogue, figures):
    valued = figures[figures["value"].notna() & (figures["breakdown"] == "total")]
    councils = set(catalogue.councils())
    for id_ in catalogue.published_indicators():
        areas = set(valued.loc[valued["indicator"] == id_, "area_code"])
        if id_ in NO_DATA:
            assert areas == set()
        elif catalogue.indicators[id_].is_reference_series:
            assert areas == {"K02000001"}
        else:
            assert councils - areas == WITHHELD.get(id_, set()), id_


def test_worked_examples_read_by_hand_in_the_originals(figures):
    """Births of Cardiff, middle schools of Gwynedd, prices of June 2015, trains of Ynys Môn."""
    value = figures.set_index(["indicator", "period", "area_code", "breakdown"])["value"]
    cardiff = value["low_birth_weight", "2023-01-01/P1Y", "W06000015", "total"]
    assert cardiff == pytest.approx(100 * (83 + 178) / (3526 - 31))
    middle = value["school_budget_per_pupil", "2017-04-01/P1Y", "W06000002", "middle"]
    assert middle == 5188.996463
    assert value["cpi_12_month_rate", "2015-06-01/P1M", "K02000001", "total"] == 0
    rail = value["rail_journeys_per_head", "2018-04-01/P1Y", "W06000001", "total"]
    assert rail == pytest.approx(65883 / 69961)


def test_a_school_type_that_a_council_does_not_have_is_not_applicable(figures):
    rows = figures[(figures["indicator"] == "school_budget_per_pupil")]
    nursery = rows[(rows["area_code"] == "W06000001") & (rows["breakdown"] == "nursery")]
    assert len(nursery) == 8
    assert set(nursery["note_code"]) == {"z"}
    assert nursery["value"].isna().all()
