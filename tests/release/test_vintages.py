"""Vintages: a figure as readers saw it at any time, from files and from SQL."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from assets.publishing.instants import parse_day_or_instant, parse_instant, utc_text
from assets.publishing.publish import Outcome
from assets.publishing.store import ReleaseStore
from assets.publishing.vintages import NoVintageError, pointer_history, step_at
from assets.publishing.warehouse import load_warehouse
from assets.publishing.withdraw import reason_words, roll_back, withdraw
from pipelines.commands.publish import instant as release_instant_given
from sql.warehouse import open_engine
from tests.release.sample import COUNCILS, LAST_YEAR, NOW, PRODUCT, corrected, small_figures
from tests.soak.histories import (
    answers_on_record,
    figures_from_files,
    figures_from_sql,
    released_figures,
)

Publish = Callable[..., Outcome]
DAY = timedelta(days=1)
WHERE = {"indicator": "recycling", "area_code": COUNCILS[0], "period": LAST_YEAR}


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return open_engine(f"sqlite:///{tmp_path}/warehouse.sqlite")


@pytest.fixture
def two_versions(publish: Publish, releases: ReleaseStore) -> ReleaseStore:
    publish(small_figures(), NOW)
    publish(corrected(), NOW + DAY)
    return releases


def recycling(figures: pd.DataFrame) -> list[float]:
    found = figures.set_index(list(WHERE))["value"]
    return [float(found[tuple(WHERE.values())])]


def test_the_figure_of_each_time_is_found_in_files_and_in_sql(
    two_versions: ReleaseStore, engine: sa.Engine
) -> None:
    load_warehouse(engine, two_versions)
    for instant, version, value in ((NOW, "1.0.0", 51.4), (NOW + DAY, "1.0.1", 90.0)):
        assert step_at(two_versions, PRODUCT, instant).version == version
        assert recycling(figures_from_files(two_versions, instant)) == [value]
        assert recycling(figures_from_sql(engine, instant)) == [value]
    query = "SELECT value FROM dash_vintages WHERE recorded_to IS NULL AND area_code = :a"
    with engine.connect() as connection:
        now = connection.execute(sa.text(query), {"a": COUNCILS[0]}).scalars().all()
    assert 90.0 in now
    assert 51.4 not in now


def test_only_what_changed_has_two_rows(two_versions: ReleaseStore, engine: sa.Engine) -> None:
    load_warehouse(engine, two_versions)
    with engine.connect() as connection:
        n_rows = connection.execute(sa.text("SELECT count(*) FROM figure_vintages")).scalar_one()
    assert n_rows == len(small_figures()) + 1


def test_a_roll_back_is_history_too(two_versions: ReleaseStore, engine: sa.Engine) -> None:
    load_warehouse(engine, two_versions)
    roll_back(two_versions, PRODUCT, "1.0.0", reason_words("An error"), NOW + 2 * DAY)
    load_warehouse(engine, two_versions)
    told = [step.version for step in pointer_history(two_versions, PRODUCT)]
    assert told == ["1.0.0", "1.0.1", "1.0.0"]
    for days, value in ((0, 51.4), (1, 90.0), (2, 51.4)):
        rows = figures_from_sql(engine, NOW + days * DAY)
        assert recycling(rows) == [value]


def test_what_was_withdrawn_for_disclosure_is_gone_from_the_past(
    two_versions: ReleaseStore, engine: sa.Engine
) -> None:
    load_warehouse(engine, two_versions)
    reason = reason_words("Small counts")
    withdraw(two_versions, PRODUCT, ["1.0.1"], reason, NOW + 2 * DAY, disclosure=True)
    load_warehouse(engine, two_versions)
    with pytest.raises(NoVintageError, match=r"1\.0\.1 stood; its files are withdrawn"):
        step_at(two_versions, PRODUCT, NOW + DAY)
    assert len(figures_from_sql(engine, NOW + DAY)) == 0
    with engine.connect() as connection:
        values = connection.execute(sa.text("SELECT value FROM figure_vintages")).scalars().all()
    assert 90.0 not in values
    assert recycling(figures_from_sql(engine, NOW + 2 * DAY)) == [51.4]


def test_before_the_first_release_there_is_nothing(two_versions: ReleaseStore) -> None:
    with pytest.raises(NoVintageError, match="No version of council-benchmarks stood"):
        step_at(two_versions, PRODUCT, NOW - DAY)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-07-01", "2026-07-01T22:59:59Z"),
        ("2026-07-01T09:30", "2026-07-01T08:30:00Z"),
        ("2026-12-01T09:30+00:00", "2026-12-01T09:30:00Z"),
    ],
)
def test_a_time_without_a_zone_is_london_time(written: str, meant: str) -> None:
    assert utc_text(parse_day_or_instant(written)) == meant


@pytest.mark.parametrize("parse", [parse_instant, parse_day_or_instant])
def test_what_is_no_time_is_refused_with_an_example(parse: Callable[[str], datetime]) -> None:
    with pytest.raises(ValueError, match=r'"yesterday" is not an instant: write 2026-12-01T09:30'):
        parse("yesterday")


def test_a_release_needs_a_time_and_not_only_a_day() -> None:
    with pytest.raises(ValueError, match=r'"2026-12-01" names no time: write 2026-12-01T09:30\.'):
        parse_instant("2026-12-01")


@pytest.mark.parametrize("host", ["UTC", "Asia/Tokyo"])
def test_the_release_time_a_person_gives_is_london_time_on_any_host(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", host)
    time.tzset()
    given = release_instant_given("2026-07-01T09:30", NOW.replace(month=1))
    monkeypatch.undo()
    time.tzset()
    assert utc_text(given) == "2026-07-01T08:30:00Z"


@pytest.mark.parametrize("seed", range(3))
def test_a_share_of_the_histories(seed: int) -> None:
    assert released_figures(seed) is None


@pytest.mark.parametrize("seed", range(4))
def test_a_share_of_the_ledgers(seed: int) -> None:
    assert answers_on_record(seed) is None
