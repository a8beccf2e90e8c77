"""A release made before a table came: it verifies, it loads, and the next one is a MINOR."""

from collections.abc import Callable, Collection
from datetime import timedelta

import pytest

from assets.publishing import package
from assets.publishing.publish import Outcome
from assets.publishing.released import load_frames, load_release_tables
from assets.publishing.verify import verify
from sql.summary_tables import SUMMARY_TABLES
from sql.tables import column_names
from tests.release.sample import NOW, small_figures


def write_without(monkeypatch: pytest.MonkeyPatch, absent: Collection[str]) -> pytest.MonkeyPatch:
    """The writer as it was before those tables."""
    kept = tuple(name for name in package.DATA_TABLES if name not in absent)
    csvs = {path: name for path, name in package.CSV_TABLES.items() if name not in absent}
    monkeypatch.setattr(package, "DATA_TABLES", kept)
    monkeypatch.setattr(package, "CSV_TABLES", csvs)
    return monkeypatch


@pytest.fixture
def without_summaries(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The writer as it was before the summaries."""
    return write_without(monkeypatch, SUMMARY_TABLES)


def test_a_release_without_the_summaries_stands_and_the_next_adds_them(
    publish: Callable[..., Outcome], without_summaries: pytest.MonkeyPatch
) -> None:
    old = publish(small_figures())
    assert old.path is not None
    without_summaries.undo()
    assert not (old.path / "data" / "watch_list.csv").exists()
    assert verify(old.path) == []
    assert load_release_tables(old.path).watch_list.columns.empty
    assert list(load_frames(old.path)["watch_list"].columns) == column_names("watch_list")
    new = publish(small_figures(), NOW + timedelta(days=1))
    assert (new.version, new.n_changes) == ("1.1.0", 0)
    assert "Tables added: watch_list" in new.decision.reason_en
    assert new.path is not None
    assert (new.path / "data" / "watch_list.csv").exists()
    assert verify(new.path) == []
    assert publish(small_figures(), NOW + timedelta(days=2)).decision.action == "nothing"


def test_a_release_without_the_inequality_indices_stands_and_the_next_adds_them(
    publish: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is there without a row: no ordered group has a figure yet."""
    before = write_without(monkeypatch, ["inequality_indices"])
    old = publish(small_figures())
    before.undo()
    assert old.path is not None
    assert not (old.path / "data" / "inequality_indices.csv").exists()
    assert verify(old.path) == []
    new = publish(small_figures(), NOW + timedelta(days=1))
    assert (new.version, new.n_changes) == ("1.1.0", 0)
    assert new.decision.reason_en.endswith("Tables added: inequality_indices")
    assert new.path is not None
    assert (new.path / "data" / "inequality_indices.csv").read_text().count("\n") == 1
    assert verify(new.path) == []
    assert publish(small_figures(), NOW + timedelta(days=2)).decision.action == "nothing"


def test_columns_in_another_order_are_still_a_fault(
    publish: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = publish(small_figures())
    assert made.path is not None
    names = column_names("areas")
    monkeypatch.setattr(
        "assets.publishing.verify.column_names",
        lambda name: names[::-1] if name == "areas" else column_names(name),
    )
    assert verify(made.path) == [
        "data/areas.csv: the columns are not those of areas in their order."
    ]
