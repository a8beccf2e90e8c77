"""Publishing end to end on disk: complete or not at all, never changed, explained to the cell."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from assets.publishing.candidates import Candidate, CandidateStore, Quality
from assets.publishing.fence import PublishingBusyError, PublishingError, ReleaseConflictError
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
    LAST_YEAR,
    NOW,
    PRODUCT,
    correct,
    make_candidate,
    night_of,
    small_figures,
)

CLOCKED = {"manifest.json"}
"""The only file of a release that may say when it was released."""


def corrected() -> pd.DataFrame:
    return correct(small_figures(), COUNCILS[0], LAST_YEAR, 900.0)


Publish = Callable[..., Outcome]


@pytest.fixture
def publish(candidates: CandidateStore, releases: ReleaseStore) -> Publish:
    def _publish(
        figures: pd.DataFrame, now: datetime = NOW, allow_major: bool = False, **given: object
    ) -> Outcome:
        candidates.save(make_candidate(night_of(figures), **given))
        return publish_candidate(candidates, releases, PRODUCT, now, allow_major=allow_major)

    return _publish


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
        assert (releases.root / item["dcat:downloadURL"]).stat().st_size == item["dcat:byteSize"]
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


class PowerCutError(BaseException):
    """The machine stops here."""


def _counted(monkeypatch: pytest.MonkeyPatch, stop_at: int | None) -> list[str]:
    """Count what reaches the disk; at the given operation the machine stops, before doing it."""
    seen: list[str] = []

    def wrap(owner: object, name: str) -> None:
        original = getattr(owner, name)

        def counted(*args: object, **kwargs: object) -> object:
            seen.append(name)
            if stop_at is not None and len(seen) >= stop_at:
                raise PowerCutError(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, counted)

    wrap(Path, "rename")
    wrap(Path, "replace")
    wrap(Path, "unlink")
    wrap(Path, "mkdir")
    wrap(__import__("os"), "fsync")
    return seen


def test_power_may_fail_at_any_point(
    publish: Publish, releases: ReleaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old or new, whole, at each point; the next run goes on and leaves nothing behind."""
    publish(small_figures())
    with monkeypatch.context() as patch:
        total = len(_counted(patch, None))
        publish(small_figures())
        seen = _counted(patch, None)
        publish(corrected())
        total = len(seen)
    expected, figures = "1.0.1", [small_figures(), corrected()]
    for turn, stop_at in enumerate(_points(total)):
        with monkeypatch.context() as patch:
            _counted(patch, stop_at)
            with pytest.raises(PowerCutError):
                publish(figures[turn % 2])
        pointer = releases.current(PRODUCT)
        assert pointer is not None
        assert verify(releases.path(PRODUCT, pointer.version)) == []
        outcome = publish(figures[turn % 2])
        pointer = releases.current(PRODUCT)
        assert pointer is not None
        assert pointer.version == outcome.version != expected
        expected = pointer.version
        names = {p.name for p in releases.private.iterdir()}
        assert names <= {"claims", "fence.json", "publish.lock"}
    patches = [int(v.split(".")[2]) for v in releases.versions(PRODUCT)]
    assert patches == list(range(len(patches))), "no number lost, none used twice"


def _points(total: int) -> list[int]:
    """Points spread over a publish, and every one of its last steps, where the pointer moves."""
    return sorted({*range(1, total - 130, max(1, total // 6)), *range(total - 130, total, 13)})


def test_two_publishers_one_number(publish: Publish, releases: ReleaseStore) -> None:
    publish(small_figures())
    with releases.publishing() as fence:
        releases._claim(PRODUCT, "1.0.1", fence)
        with pytest.raises(ReleaseConflictError, match="taken"):
            releases._claim(PRODUCT, "1.0.1", fence)


def test_a_zombie_with_an_old_token_cannot_move_the_pointer(
    publish: Publish, releases: ReleaseStore
) -> None:
    publish(small_figures())
    with releases.publishing() as old:
        pass
    publish(corrected())
    with pytest.raises(ReleaseConflictError, match="took over"):
        releases._check(old, PRODUCT, "1.0.1")


def test_who_compared_with_an_older_release_does_not_publish(
    publish: Publish, releases: ReleaseStore
) -> None:
    publish(small_figures())
    with releases.publishing() as fence, pytest.raises(ReleaseConflictError, match="moved on"):
        releases._check(fence, PRODUCT, None)


def test_the_lock_is_waited_for_in_vain(publish: Publish, releases: ReleaseStore) -> None:
    publish(small_figures())
    with (
        releases.publishing(),
        pytest.raises(PublishingBusyError, match="wait"),
        ReleaseStore(releases.root).publishing(wait_seconds=0.1),
    ):
        pass


def test_a_package_that_does_not_verify_is_not_published(
    publish: Publish, releases: ReleaseStore
) -> None:
    publish(small_figures())

    def write_badly(folder: Path) -> None:
        (folder / "manifest.json").write_text("{}")

    with releases.publishing() as fence, pytest.raises(PublishingError, match="lacks"):
        releases.publish(fence, PRODUCT, "1.0.1", "1.0.0", write_badly)
    assert releases.versions(PRODUCT) == ["1.0.0"]


@pytest.mark.parametrize("seed", range(4))
def test_every_flipped_bit_is_found(publish: Publish, tmp_path: Path, seed: int) -> None:
    import random
    import shutil

    path = publish(small_figures()).path
    assert path is not None
    copy = tmp_path / "copy"
    shutil.copytree(path, copy)
    chance = random.Random(seed)
    files = sorted(p for p in copy.rglob("*") if p.is_file() and p.name != "manifest.json")
    for file in chance.sample(files, 8):
        content = bytearray(file.read_bytes())
        place = chance.randrange(len(content))
        content[place] ^= 1 << chance.randrange(8)
        original = file.read_bytes()
        file.write_bytes(content)
        faults = verify(copy)
        assert len(faults) == 1
        assert file.name in faults[0]
        file.write_bytes(original)
    assert verify(copy) == []


def test_missing_and_foreign_files_are_found(publish: Publish) -> None:
    path = publish(small_figures()).path
    assert path is not None
    (path / "dictionary.csv").unlink()
    (path / "data" / "extra.csv").write_text("x")
    faults = verify(path)
    assert len(faults) == 2
    assert "dictionary.csv is missing" in faults[0]
    assert "data/extra.csv is not in the manifest" in faults[1]
    assert "cannot be read" in verify(path.parent)[0]


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
