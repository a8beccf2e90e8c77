"""sources.yaml: what an entry may say, and that every fault of every entry is told at once."""

import pytest
import yaml

from assets.sources.pull import CONNECTORS, fingerprint_of
from assets.sources.registry import OPTIONS, RegistryError, load_registry
from tests.fixtures.servers.rig import entry
from tests.fixtures.servers.statswales import DATASET

CUBE = {
    "dataset_id": DATASET,
    "columns": {"area": "Authority", "period": "Year"},
    "measure": "spending",
}


def written(tmp_path, *entries):
    path = tmp_path / "sources.yaml"
    path.write_text(yaml.safe_dump([item.model_dump(mode="json") for item in entries]))
    return path


def test_every_connector_has_options_and_a_function():
    assert set(CONNECTORS) == set(OPTIONS)


def test_entries_come_back_in_the_order_of_the_file(tmp_path):
    first = entry("statswales_v3", CUBE, dataset="zebra")
    second = entry("ons_els", {"slugs": {"a-b": "measure_a"}}, dataset="apple")
    found = load_registry(written(tmp_path, first, second))
    assert list(found) == ["zebra", "apple"]
    assert found["zebra"] == first


def test_every_fault_is_told_at_once(tmp_path):
    path = tmp_path / "sources.yaml"
    good = entry("ons_els", {"slugs": {"a": "b"}}).model_dump(mode="json")
    bad = {**good, "owner": "me", "colour": "red", "options": {"slug": {"a": "b"}}}
    path.write_text(yaml.safe_dump([good, good, {**bad, "dataset": "second"}]))
    with pytest.raises(RegistryError) as failure:
        load_registry(path)
    said = str(failure.value)
    for fault in ("two entries", "second: owner", "second: colour", "options", "slugs: Field"):
        assert fault in said


@pytest.mark.parametrize(
    ("connector", "options"),
    [
        ("statswales_v3", {**CUBE, "measures": {"1": "other"}}),
        ("statswales_v3", {**CUBE, "measure": None}),
        ("statswales_v3", {**CUBE, "measure": None, "measures": {"1": "other"}}),
        ("statswales_v3", {**CUBE, "dataset_id": "../../v1"}),
        ("statswales_v3", {**CUBE, "base_url": "https://user:secret@example.org"}),
        ("ons_els", {"slugs": {}}),
        ("ons_timeseries", {"series": []}),
        ("inbox_csv", {"pattern": "a.csv", "measure": "m", "columns": {"area": "a"}}),
        ("council_returns", {"return_key": "AR", "pattern": "returns/*/*.csv", "fields": {}}),
        ("no_such_connector", {}),
    ],
)
def test_options_that_make_no_sense_are_refused(connector, options):
    with pytest.raises(ValueError):
        entry(connector, options)


def test_a_label_that_stands_twice_is_told_and_not_overwritten(tmp_path):
    path = written(tmp_path, entry("ons_els", {"slugs": {"first-slug": "measure_a"}}))
    load_registry(path)
    slug = next(line for line in path.read_text().splitlines() if "first-slug" in line)
    path.write_text(path.read_text().replace(slug, f"{slug}\n{slug}"))
    with pytest.raises(RegistryError, match="first-slug stands twice"):
        load_registry(path)


@pytest.mark.parametrize("text", ["", "a: 1", "- [", "\ud800"])
def test_a_file_that_is_no_registry_is_refused_in_words(tmp_path, text):
    path = tmp_path / "sources.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(RegistryError, match=r"sources\.yaml"):
        load_registry(path)


def test_the_fingerprint_changes_with_what_is_read_and_how_and_with_nothing_else():
    one = entry("statswales_v3", CUBE)
    base = fingerprint_of(one, 1)
    assert fingerprint_of(entry("statswales_v3", CUBE, owner="team:other"), 1) == base
    assert fingerprint_of(one, 2) != base
    other = {**CUBE, "measure": "income"}
    assert fingerprint_of(entry("statswales_v3", other), 1) != base
