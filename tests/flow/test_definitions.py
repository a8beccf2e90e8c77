"""All definitions, as Dagster sees them: what there is; each says whose, what and how fresh."""

import os
from pathlib import Path

import dagster as dg
import pytest

from assets.catalogue.load import load_catalogue
from assets.sources.registry import load_registry
from pipelines.definitions import build_definitions, defs
from pipelines.resources import Installation
from pipelines.sensors import inbox_fingerprint, is_arriving
from sql.clock import Clock
from sql.home import Home
from sql.tables import metadata as contract
from tests.house import FIRST_NIGHT

PER_DATASET = ("raw_returns", "validated_returns", "rejected_returns", "validation_findings")
PER_PRODUCT = ("release_candidate", "release")
SINGLE = {
    "answer_counts",
    "areas",
    "benchmarks",
    "breakdown_gaps",
    "comparison_groups",
    "comparisons",
    "indicator_catalogue",
    "indicator_values",
    "inequality_indices",
    "narrowing",
    "neighbour_features",
    "night_report",
    "practice_finder",
    "real_terms",
    "rejected_returns",
    "sector_summaries",
    "validated_returns",
    "validation_findings",
    "validation_findings/comparisons",
    "validation_findings/indicator_values",
    "validation_findings/summaries",
    "warehouse",
    "watch_list",
}


@pytest.fixture(scope="module")
def graph():
    return defs.resolve_asset_graph()


def test_definitions_load() -> None:
    assert defs.assets, "nothing to validate"
    dg.Definitions.validate_loadable(defs)


def test_assets_are_those_of_registry_and_catalogue(graph) -> None:
    expected = SINGLE | {
        f"{noun}/{name}"
        for nouns, names in (
            (PER_DATASET, load_registry()),
            (PER_PRODUCT, load_catalogue().products),
        )
        for noun in nouns
        for name in names
    }
    assert {key.to_user_string() for key in graph.get_all_asset_keys()} == expected


def test_every_check_is_about_an_asset(graph) -> None:
    about = {check.asset_key for check in graph.asset_check_keys}
    assert about
    assert about <= set(graph.get_all_asset_keys())


def test_every_asset_says_what_it_is_and_whose(graph) -> None:
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.owners, key
        assert node.group_name not in (None, "default"), key
        assert node.kinds, key
        assert node.freshness_policy is not None, key
        if key.path[0] in contract.tables:
            columns = node.metadata["dagster/column_schema"].columns  # type: ignore[union-attr]
            assert [column.name for column in columns] == [
                column.name for column in contract.tables[key.path[0]].columns
            ]


def test_the_night_is_at_half_past_three_in_london() -> None:
    schedules = {item.name: item for item in defs.schedules or ()}
    assert set(schedules) == {"every_night", "publish_due"}
    night = schedules["every_night"]
    assert night.cron_schedule == "30 3 * * *"  # type: ignore[union-attr]
    assert night.execution_timezone == "Europe/London"  # type: ignore[union-attr]


def test_jobs_and_sensors() -> None:
    assert {sensor.name for sensor in defs.sensors or ()} == {"inbox"}
    assert {job.name for job in defs.jobs or ()} == {"nightly", "publish_due"}


def test_inbox_sensor_asks_for_a_run_once_a_file_has_settled(tmp_path: Path) -> None:
    home = Home(tmp_path, "live").open()
    installation = Installation(home=tmp_path, profile="live", clock=Clock(FIRST_NIGHT))
    sensor = next(iter(build_definitions(installation=installation).sensors or ()))

    def look(cursor: str | None) -> tuple[int, str | None]:
        context = dg.build_sensor_context(cursor=cursor)
        said = sensor.evaluate_tick(context)  # type: ignore[union-attr]
        return len(said.run_requests or ()), said.cursor

    runs, cursor = look(None)
    assert runs == 0
    assert look(cursor) == (0, cursor)
    file = home.inbox / "new.csv"
    file.write_text("a,b\n1,2\n")
    stamp = FIRST_NIGHT.timestamp()
    _touch(file, stamp - 5)
    assert look(cursor)[0] == 0, "a file that is still arriving"
    _touch(file, stamp - 600)
    runs, changed = look(cursor)
    assert runs == 1
    assert changed != cursor
    assert look(changed)[0] == 0


def test_names_that_are_no_text_and_dates_ahead_do_not_stop_the_inbox_sensor(
    tmp_path: Path,
) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.csv")).write_text("x")
    one = inbox_fingerprint(tmp_path)
    file = tmp_path / "new.csv"
    file.write_text("x")
    assert inbox_fingerprint(tmp_path) != one
    now = file.stat().st_mtime
    assert is_arriving(tmp_path, now + 5)
    for path in tmp_path.iterdir():
        _touch(path, now + 10 * 365 * 86_400)
    assert not is_arriving(tmp_path, now), "a wrong clock of years stops nothing for years"


def _touch(path: Path, at: float) -> None:
    os.utime(path, (at, at))
