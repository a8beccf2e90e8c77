"""Publishing end to end on disk: complete or not at all, never changed, explained to the cell."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from assets.publishing.candidates import Candidate, CandidateStore, Quality
from assets.publishing.package import DATA_TABLES
from assets.publishing.publish import Outcome, publish_candidate, publish_due
from assets.publishing.released import load_log, load_manifest, load_release_tables, rows_to_load
from assets.publishing.store import ReleaseStore
from assets.publishing.verify import notes, verify
from assets.publishing.words import Words
from sql.arrow import to_arrow
from sql.warehouse import load_releases, open_engine
from tests.release.sample import (
    COUNCILS,
    NOW,
    PRODUCT,
    corrected,
    make_candidate,
    night_of,
    small_figures,
)

Publish = Callable[..., Outcome]

CLOCKED = {"manifest.json"}
"""The only file of a release that may say when it was released."""


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_first_then_nothing_then_a_correction(
    publish: Publish, candidates: CandidateStore, releases: ReleaseStore
) -> None:
    first = publish(small_figures())
    assert (first.decision.action, first.version) == ("publish", "1.0.0")
    again = publish(small_figures(), NOW + timedelta(days=1))
    assert (again.decision.action, again.version) == ("nothing", "1.0.0")
    assert candidates.products() == []
    second = publish(corrected(), NOW + timedelta(days=2))
    assert (second.version, second.n_changes) == ("1.0.1", 1)
    assert releases.versions(PRODUCT) == ["1.0.0", "1.0.1"]
    assert second.path is not None
    changes = list(csv.DictReader((second.path / "changes.csv").open(encoding="utf-8")))
    assert [(r["area_code"], r["old_value"], r["new_value"]) for r in changes] == [
        (COUNCILS[0], "51.4", "90")
    ]
    assert len(load_log(second.path, "knock_on.csv")) == second.n_knock_on > 0


def test_a_release_reads_back_as_it_was_published(publish: Publish) -> None:
    path = publish(small_figures()).path
    assert path is not None
    published = load_release_tables(path)
    for name, frame in night_of(small_figures()).items():
        assert to_arrow(getattr(published, name), name).equals(to_arrow(frame, name)), name
    assert verify(path) == []
    assert "not signed" in notes(path)[0]


def test_the_manifest_says_what_went_in_and_what_came_out(publish: Publish) -> None:
    path = publish(small_figures()).path
    assert path is not None
    manifest = load_manifest(path)
    assert manifest["released_at"] == "2026-03-02T04:00:00Z"
    assert manifest["inputs"] == [
        {"dataset": "births", "sha256s": ["ab" * 32], "source_published": "2025-10-01"}
    ]
    assert manifest["signature"]["state"] == "unsigned"
    assert manifest["files"]["data/indicator_values.csv"]["rows"] == 30
    assert set(manifest["files"]) | CLOCKED == set(bytes_below(path))


def test_the_same_inputs_on_another_day_are_the_same_bytes(
    publish: Publish, tmp_path: Path
) -> None:
    one = publish(small_figures()).path
    other = ReleaseStore(tmp_path / "elsewhere" / "releases")
    store = CandidateStore(tmp_path / "elsewhere" / "candidates")
    store.save(make_candidate(night_of(small_figures().sample(frac=1, random_state=5))))
    two = publish_candidate(store, other, PRODUCT, NOW + timedelta(days=99)).path
    assert one is not None
    assert two is not None
    first, second = bytes_below(one), bytes_below(two)
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} == CLOCKED
    assert (one.parents[1] / "index.html").read_bytes() == (
        two.parents[1] / "index.html"
    ).read_bytes()


def test_release_time_stands_only_where_it_may(publish: Publish, releases: ReleaseStore) -> None:
    publish(small_figures(), datetime.fromisoformat("2031-07-09T11:12:13+00:00"))
    stamped = {name for name, content in bytes_below(releases.root).items() if b"2031" in content}
    assert stamped == {
        f"{PRODUCT}/1.0.0/manifest.json",
        f"{PRODUCT}/latest/manifest.json",
        f"{PRODUCT}/latest.json",
        "catalogue.json",
        "feed.json",
    }


def test_old_versions_are_never_touched(publish: Publish, releases: ReleaseStore) -> None:
    publish(small_figures())
    before = bytes_below(releases.path(PRODUCT, "1.0.0"))
    publish(corrected())
    assert bytes_below(releases.path(PRODUCT, "1.0.0")) == before


def test_latest_follows_the_pointer(publish: Publish, releases: ReleaseStore) -> None:
    publish(small_figures())
    publish(corrected())
    latest = releases.root / PRODUCT / "latest"
    assert bytes_below(latest) == bytes_below(releases.path(PRODUCT, "1.0.1"))


def test_lists_name_every_product_and_version(publish: Publish, releases: ReleaseStore) -> None:
    publish(small_figures())
    publish(corrected(), NOW + timedelta(days=1))
    feed = json.loads((releases.root / "feed.json").read_bytes())
    assert [i["_council_benchmarks"]["version"] for i in feed["items"]] == ["1.0.1", "1.0.0"]
    dataset = json.loads((releases.root / "catalogue.json").read_bytes())["dcat:dataset"][0]
    assert dataset["dcat:version"] == "1.0.1"
    for item in dataset["dcat:distribution"]:
        size = (releases.root / item["dcat:downloadURL"]["@id"]).stat().st_size
        assert size == int(item["dcat:byteSize"]["@value"])
    assert list(releases.history()["is_current"]) == [False, True]


def test_a_candidate_that_waits_is_nowhere_in_public(
    publish: Publish, candidates: CandidateStore, releases: ReleaseStore
) -> None:
    publish(small_figures())
    before = bytes_below(releases.root)
    instant = NOW + timedelta(hours=5)
    waiting = publish(corrected(), not_before=instant)
    assert waiting.decision.action == "wait"
    assert bytes_below(releases.root) == before
    assert candidates.waiting() == [PRODUCT]
    early = publish_due(candidates, releases, instant - timedelta(seconds=1))
    assert [o.decision.action for o in early] == ["wait"]
    assert bytes_below(releases.root) == before
    due = publish_due(candidates, releases, instant)
    assert [(o.decision.action, o.version) for o in due] == [("publish", "1.0.1")]
    assert publish_due(candidates, releases, instant) == []


def test_a_newer_candidate_replaces_a_waiting_one(
    publish: Publish, candidates: CandidateStore, releases: ReleaseStore
) -> None:
    publish(small_figures())
    publish(corrected(), not_before=NOW + timedelta(hours=5))
    publish(small_figures())
    assert candidates.waiting() == []
    assert releases.versions(PRODUCT) == ["1.0.0"]


def test_a_major_is_kept_for_a_person(
    publish: Publish, candidates: CandidateStore, releases: ReleaseStore
) -> None:
    publish(small_figures())
    smaller = small_figures().query("indicator == 'recycling'")
    blocked = publish(smaller)
    assert blocked.decision.action == "blocked"
    assert "--allow-major" in blocked.decision.reason_en
    assert releases.versions(PRODUCT) == ["1.0.0"]
    allowed = publish_candidate(candidates, releases, PRODUCT, NOW, allow_major=True)
    assert allowed.version == "2.0.0"


def test_a_candidate_of_other_frames_is_refused(
    candidates: CandidateStore, releases: ReleaseStore
) -> None:
    candidates.save(make_candidate(night_of(small_figures()), fingerprints={"a": "1"}))
    outcome = publish_candidate(candidates, releases, PRODUCT, NOW, current_fingerprints={"a": "2"})
    assert outcome.decision.action == "blocked"
    assert releases.products() == []


def test_a_changed_method_default_is_a_major(publish: Publish) -> None:
    publish(small_figures())
    origin = make_candidate(night_of(small_figures())).origin
    outcome = publish(small_figures(), origin=replace(origin, methods={"band": {"type": 6}}))
    assert outcome.decision.action == "blocked"
    assert "band.type" in outcome.decision.reason_en


def test_a_systemic_finding_blocks_and_the_last_release_stands(publish: Publish) -> None:
    publish(small_figures())
    outcome = publish(corrected(), quality=Quality(systemic=(Words("Empty", "Gwag"),)))
    assert (outcome.decision.action, outcome.version) == ("blocked", "1.0.0")
    assert outcome.path is not None
    assert verify(outcome.path) == []


def test_a_product_without_data_is_not_published(publish: Publish, releases: ReleaseStore) -> None:
    outcome = publish(small_figures().iloc[:0])
    assert (outcome.decision.action, outcome.decision.reason_en) == ("nothing", "No data")
    assert releases.products() == []


def test_a_candidate_comes_back_as_it_was_saved(candidates: CandidateStore) -> None:
    saved = make_candidate(
        night_of(small_figures()),
        not_before=NOW,
        fingerprints={"comparisons": "ab"},
        quality=Quality(91.5, 80, 1.5, 10, (Words("a", "b"),)),
    )
    candidates.save(saved)
    loaded = candidates.load(PRODUCT)
    assert isinstance(loaded, Candidate)
    for name in ("product", "origin", "quality", "fingerprints", "not_before"):
        assert getattr(loaded, name) == getattr(saved, name)
    for name, frame in saved.tables.items():
        pd.testing.assert_frame_equal(getattr(loaded.tables, name), frame)


def test_a_release_loads_into_the_warehouse(
    publish: Publish, releases: ReleaseStore, tmp_path: Path
) -> None:
    publish(small_figures())
    path = publish(corrected()).path
    assert path is not None
    engine = open_engine(f"sqlite:///{tmp_path / 'warehouse.sqlite'}")
    counts = load_releases(engine, [rows_to_load(path)], history=releases.history())
    manifest = load_manifest(path)
    for name in DATA_TABLES:
        assert counts[name] == manifest["files"][f"data/{name}.csv"]["rows"]
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT log, count(*), min(product_version), min(released_at)"
            " FROM dash_changes GROUP BY log ORDER BY log"
        ).all()
    assert rows == [
        ("figure", 1, "1.0.1", "2026-03-02T04:00:00Z"),
        ("knock-on", manifest["n_knock_on"], "1.0.1", "2026-03-02T04:00:00Z"),
    ]
