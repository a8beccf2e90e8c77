"""Withdrawing and rolling back: a new pointer with a notice, and bytes removed for disclosure."""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from assets.publishing.candidates import CandidateStore
from assets.publishing.publish import Outcome, publish_candidate
from assets.publishing.store import ReleaseStore
from assets.publishing.verify import notes, verify
from assets.publishing.warehouse import load_warehouse
from assets.publishing.withdraw import (
    ENGLISH_ONLY,
    WithdrawalError,
    reason_words,
    roll_back,
    withdraw,
)
from assets.publishing.words import Words
from pipelines.cli import cli
from sql.purge import purge
from sql.warehouse import open_engine
from tests.release.deeds import candidate_with
from tests.release.sample import NOW, PRODUCT
from tests.release.test_publish import bytes_below

WHY = Words("A column was shifted", "Symudwyd colofn")
LATER = NOW + timedelta(days=9)
SECRET = "987654"
Put = Callable[[float], Outcome]


@pytest.fixture
def put(candidates: CandidateStore, releases: ReleaseStore) -> Put:
    """Publish a candidate whose one figure has that numerator."""

    def _put(numerator: float) -> Outcome:
        candidates.save(candidate_with(numerator))
        return publish_candidate(candidates, releases, PRODUCT, NOW)

    return _put


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the versions 1.0.0, 1.0.1, 1.0.2: copied, never changed."""
    home = tmp_path_factory.mktemp("made")
    candidates, store = CandidateStore(home / "candidates"), ReleaseStore(home / "releases")
    for numerator in (500.0, 501.0, 502.0):
        candidates.save(candidate_with(numerator))
        assert publish_candidate(candidates, store, PRODUCT, NOW).is_published
    return home


@pytest.fixture
def three(made: Path, releases: ReleaseStore) -> ReleaseStore:
    """Versions 1.0.0, 1.0.1, 1.0.2."""
    for folder in (releases.root, releases.private):
        shutil.copytree(made / folder.name, folder)
    return releases


def version_of(store: ReleaseStore) -> str | None:
    pointer = store.current(PRODUCT)
    return pointer.version if pointer else None


def test_a_withdrawn_version_stays_readable_with_a_notice(three: ReleaseStore) -> None:
    before = bytes_below(three.root / PRODUCT / "1.0.2")
    withdraw(three, PRODUCT, ["1.0.2"], WHY, LATER)
    assert version_of(three) == "1.0.1"
    assert bytes_below(three.root / PRODUCT / "1.0.2") == before
    told = json.loads((three.root / PRODUCT / "latest.json").read_bytes())
    [notice] = told["notices"]
    assert notice["reason_en"] == (
        "Version 1.0.2 was withdrawn on 2026-03-11: A column was shifted"
    )
    assert notice["reason_cy"] == "Tynnwyd fersiwn 1.0.2 yn ôl ar 2026-03-11: Symudwyd colofn"
    assert notes(three.root / PRODUCT / "1.0.2")[-1] == notice["reason_en"]
    assert notice["reason_en"] not in notes(three.root / PRODUCT / "1.0.1")
    latest, older = three.root / PRODUCT / "latest", three.root / PRODUCT / "1.0.1"
    assert bytes_below(latest) == bytes_below(older)


def test_the_notice_is_in_the_feed_and_on_the_page_in_both_languages(
    three: ReleaseStore,
) -> None:
    withdraw(three, PRODUCT, ["1.0.2"], WHY, LATER)
    feed = (three.root / "feed.json").read_text("utf-8")
    page = (three.root / "index.html").read_text("utf-8")
    for said in ("A column was shifted", "Symudwyd colofn"):
        assert said in feed
        assert said in page


def test_the_number_of_a_withdrawn_version_never_returns(three: ReleaseStore, put: Put) -> None:
    withdraw(three, PRODUCT, ["1.0.2"], WHY, LATER)
    assert put(503.0).version == "1.0.3"
    assert [notice.version for notice in three.standing(PRODUCT).notices] == ["1.0.2"]


def test_withdrawn_figures_do_not_come_back_by_night(three: ReleaseStore, put: Put) -> None:
    withdraw(three, PRODUCT, ["1.0.2"], WHY, LATER)
    again = put(502.0)
    assert again.decision.action == "blocked"
    assert "1.0.2, which was withdrawn: correct them" in again.decision.reason_en
    assert version_of(three) == "1.0.1"


def test_a_roll_back_sets_aside_and_can_be_undone(three: ReleaseStore, put: Put) -> None:
    begun = time.monotonic()
    roll_back(three, PRODUCT, "1.0.0", WHY, LATER)
    assert time.monotonic() - begun < 60
    assert version_of(three) == "1.0.0"
    told = three.standing(PRODUCT).in_force()
    assert {version: item.kind for version, item in told.items()} == {
        "1.0.1": "set aside",
        "1.0.2": "set aside",
    }
    assert "rollback" in put(502.0).decision.reason_en
    for version, hours, left in (("1.0.1", 1, {"1.0.2"}), ("1.0.2", 2, set())):
        roll_back(three, PRODUCT, version, WHY, LATER + timedelta(hours=hours))
        assert version_of(three) == version
        assert set(three.standing(PRODUCT).in_force()) == left
        assert verify(three.path(PRODUCT)) == []


@pytest.mark.parametrize("version", ["9.9.9", "../1.0.0", "latest", ""])
def test_an_unknown_version_is_refused(three: ReleaseStore, version: str) -> None:
    before = bytes_below(three.root)
    with pytest.raises(WithdrawalError, match="has no version"):
        withdraw(three, PRODUCT, [version], WHY, LATER)
    with pytest.raises(WithdrawalError, match="has no version"):
        roll_back(three, PRODUCT, version, WHY, LATER)
    assert bytes_below(three.root) == before


def test_what_cannot_be_is_refused_in_words(three: ReleaseStore) -> None:
    withdraw(three, PRODUCT, ["1.0.1"], WHY, LATER)
    with pytest.raises(WithdrawalError, match="withdrawn already"):
        withdraw(three, PRODUCT, ["1.0.1"], WHY, LATER)
    with pytest.raises(WithdrawalError, match="was withdrawn"):
        roll_back(three, PRODUCT, "1.0.1", WHY, LATER)
    with pytest.raises(WithdrawalError, match="is the current version"):
        roll_back(three, PRODUCT, "1.0.2", WHY, LATER)
    with pytest.raises(WithdrawalError, match="--reason"):
        reason_words(" ")
    assert reason_words("Wrong").cy == ENGLISH_ONLY.format(r="Wrong")


def test_a_damaged_version_is_not_rolled_back_to(three: ReleaseStore) -> None:
    (three.root / PRODUCT / "1.0.0" / "changes.csv").write_text("x")
    with pytest.raises(WithdrawalError, match=r"is not whole: changes\.csv"):
        roll_back(three, PRODUCT, "1.0.0", WHY, LATER)
    withdraw(three, PRODUCT, ["1.0.2", "1.0.1"], WHY, LATER)
    assert version_of(three) is None


def test_disclosure_leaves_no_byte_of_the_figure_in_public_reach(
    put: Put, releases: ReleaseStore, candidates: CandidateStore, tmp_path: Path
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'warehouse.sqlite'}")
    put(500.0)
    put(float(SECRET))
    load_warehouse(engine, releases)
    assert SECRET in (releases.path(PRODUCT) / "data" / "indicator_values.csv").read_text()
    withdraw(releases, PRODUCT, ["1.0.1"], WHY, LATER, disclosure=True)
    load_warehouse(engine, releases)
    purge(engine)
    public = bytes_below(releases.root)
    assert [name for name, content in public.items() if SECRET.encode() in content] == []
    assert {n for n in public if n.startswith(f"{PRODUCT}/1.0.1/")} == {
        f"{PRODUCT}/1.0.1/withdrawn.json",
        f"{PRODUCT}/1.0.1/site/index.html",
    }
    tombstone = json.loads(public[f"{PRODUCT}/1.0.1/withdrawn.json"])
    assert len(tombstone["manifest_sha256"]) == 64
    assert tombstone["at"] == "2026-03-11T04:00:00Z"
    with sqlite3.connect(tmp_path / "warehouse.sqlite") as connection:
        rows = connection.execute("SELECT version, reason_en FROM releases ORDER BY 1").fetchall()
    assert rows[1][0] == "1.0.1"
    assert "was withdrawn" in rows[1][1]
    assert float(SECRET) not in _numbers(tmp_path / "warehouse.sqlite")
    assert put(float(SECRET)).decision.action == "blocked"
    assert put(503.0).version == "1.0.2"
    assert list(releases.private.glob("trash-*")) == []


def _numbers(path: Path) -> set[object]:
    with sqlite3.connect(path) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = [row for (name,) in names for row in connection.execute(f'SELECT * FROM "{name}"')]
    return {cell for row in rows for cell in row}


def test_when_every_version_is_affected_none_stands_until_the_repaired_one(
    three: ReleaseStore, put: Put
) -> None:
    withdraw(three, PRODUCT, ["1.0.0", "1.0.1", "1.0.2"], WHY, LATER, disclosure=True)
    assert version_of(three) is None
    assert three.products() == []
    assert not (three.root / PRODUCT / "latest").exists()
    assert three.versions(PRODUCT) == []
    assert put(503.0).version == "1.0.3"
    assert version_of(three) == "1.0.3"
    assert list(three.history()["is_current"]) == [False, False, False, True]


def test_a_lost_pointer_does_not_bring_a_withdrawn_version_back(three: ReleaseStore) -> None:
    withdraw(three, PRODUCT, ["1.0.2"], WHY, LATER)
    (three.root / PRODUCT / "latest.json").unlink()
    assert version_of(three) == "1.0.1"
    with three.publishing():
        pass
    assert set(three.standing(PRODUCT).in_force()) == {"1.0.2"}


def test_the_commands(three: ReleaseStore, tmp_path: Path) -> None:
    """withdraw, releases, show and verify over a home, as a person uses them."""
    (tmp_path / "profile").write_text("sample\n")
    (tmp_path / "raw").mkdir()

    def run(*given: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, [*given, "--home", str(tmp_path)])
        return done.exit_code, done.output + (str(done.exception) if done.exception else "")

    status, said = run(
        "withdraw", PRODUCT, "1.0.2", "--reason", "Shifted", "--reason-cy", "Symudwyd"
    )
    assert status == 0, said
    assert "Version 1.0.2 was withdrawn" in said
    assert "Symudwyd" in said
    assert "current version is 1.0.1" in said
    assert "withdrawn" in run("releases", PRODUCT)[1]
    assert "was withdrawn" in run("show", PRODUCT, "1.0.2")[1]
    status, said = run("withdraw", PRODUCT, "1.0.0", "--disclosure")
    assert status == 0, said
    assert "its files were removed" in run("show", PRODUCT, "1.0.0")[1]
    status, said = run("rollback", PRODUCT, "1.0.2")
    assert status != 0
    assert "was withdrawn" in said


def test_a_disclosure_while_the_database_was_down_is_finished_by_saying_it_again(
    three: ReleaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are gone the first time; nothing may stay in free pages of the database."""
    (tmp_path / "profile").write_text("sample\n")
    (tmp_path / "raw").mkdir()
    load_warehouse(open_engine(f"sqlite:///{tmp_path / 'warehouse.sqlite'}"), three)
    words = ["withdraw", PRODUCT, "1.0.2", "1.0.1", "1.0.0", "--disclosure"]
    with monkeypatch.context() as down:
        down.setenv("COUNCIL_BENCHMARKS_DATABASE_URL", "postgresql://127.0.0.1:1/none")
        assert CliRunner().invoke(cli, [*words, "--home", str(tmp_path)]).exit_code != 0
    assert version_of(three) is None
    done = CliRunner().invoke(cli, [*words, "--home", str(tmp_path)])
    assert "is withdrawn already" in str(done.exception)
    with sqlite3.connect(tmp_path / "warehouse.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM indicator_values").fetchone() == (0,)
        assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)


def test_a_version_named_twice_gets_one_notice(releases: ReleaseStore, put: Put) -> None:
    put(500.0)
    standing = withdraw(releases, PRODUCT, ["1.0.0", "1.0.0"], WHY, LATER)
    assert [notice.version for notice in standing.notices] == ["1.0.0"]
