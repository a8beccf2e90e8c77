"""Every row of the night's table in docs/architecture.md, in a real house over the sample."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from assets import indicators
from assets.publishing.night import NightReport
from sql.home import HomeBusyError
from tests.edits import break_source, edit_file, versions_of
from tests.house import FIRST_NIGHT, House

PUBLISHED = (
    "council-benchmarks",
    "self-assessment",
    "child-poverty",
    "cost-of-living",
    "inflation",
)


def checks_of(result: dg.ExecuteInProcessResult, name: str) -> dict[str, bool]:
    """Asset key -> whether its check of that name passed."""
    return {
        item.asset_key.to_user_string(): item.passed
        for item in result.get_asset_check_evaluations()
        if item.check_name == name
    }


def asked(report: NightReport) -> dict[str, str]:
    """Dataset -> state, of those that have a sample."""
    return {line.dataset: line.state for line in report.sources if line.state != "never"}


def test_fresh_first_night_publishes_every_product_with_data(first_night: House) -> None:
    report = NightReport.read(first_night.home.reports / "latest.json")
    assert report.exit_status == 0
    assert set(asked(report).values()) == {"fresh"}
    by_action = {line.product: (line.action, line.version) for line in report.products}
    assert {name: by_action[name] for name in PUBLISHED} == dict.fromkeys(
        PUBLISHED, ("publish", "1.0.0")
    )
    assert by_action["ukraine-sponsorship"] == ("nothing", None)


def test_rows_in_are_accepted_rejected_or_duplicate(first_night: House) -> None:
    report = NightReport.read(first_night.home.reports / "latest.json")
    for line in report.sources:
        if line.state == "never":
            assert "nothing is made up" in str(line.reason)
            continue
        assert line.n_rows == line.accepted + line.rejected + line.duplicate > 0


def test_unchanged_night_downloads_nothing_and_publishes_nothing(house: House) -> None:
    before = {path: path.stat().st_mtime_ns for path in house.home.raw.rglob("*.bin")}
    result, report = house.run()
    assert result.success
    assert report is not None
    assert report.exit_status == 0
    assert set(asked(report).values()) == {"unchanged"}
    assert {line.action for line in report.products} == {"nothing"}
    assert all(
        "no difference" in line.reason_en.lower() or "no data" in line.reason_en.lower()
        for line in report.products
    )
    assert {path: path.stat().st_mtime_ns for path in house.home.raw.rglob("*.bin")} == before
    assert versions_of(house, "council-benchmarks") == ["1.0.0"]


def test_stale_source_keeps_the_last_good_answer_and_turns_the_night_red(house: House) -> None:
    dataset = "claimant_count"
    before = house.frame(f"validated_returns/{dataset}")
    break_source(house.sample, "claimant-count")
    result, report = house.run()
    assert not result.success
    assert [event.step_key for event in result.all_events if event.is_step_failure] == [
        "night_report"
    ]
    assert report is not None
    assert report.exit_status == 3
    states = asked(report)
    assert states.pop(dataset) == "stale"
    assert set(states.values()) == {"unchanged"}
    assert checks_of(result, "pulled")[f"raw_returns/{dataset}"] is False
    pd.testing.assert_frame_equal(house.frame(f"validated_returns/{dataset}"), before)
    assert house.frame(f"raw_returns/{dataset}")["is_stale"].all()
    assert {line.action for line in report.products} == {"nothing"}


def test_stale_source_recovers_unaided(house: House) -> None:
    exchanges = (house.sample / "http" / "exchanges.json").read_bytes()
    break_source(house.sample, "claimant-count")
    house.run()
    (house.sample / "http" / "exchanges.json").write_bytes(exchanges)
    result, report = house.run()
    assert result.success
    assert report is not None
    assert set(asked(report).values()) == {"unchanged"}
    assert not house.frame("raw_returns/claimant_count")["is_stale"].any()


def test_source_that_never_answered_leaves_the_others_to_publish(empty_house: House) -> None:
    break_source(empty_house.sample, "claimant-count")
    _result, report = empty_house.run()
    assert report is not None
    assert report.exit_status == 3
    assert empty_house.action(report, "council-benchmarks") == "publish"
    figures = empty_house.frame("indicator_values")
    claimants = figures[figures["indicator"].str.contains("claimant")]
    assert claimants["value"].notna().sum() == 0


def test_rejected_figure_is_found_and_the_rest_is_published(house: House) -> None:
    path = house.home.inbox / "dft" / "licensed-vehicles-ulev.csv"
    edit_file(path, "W06000015", {"value": "many"}, nth=-1)
    edit_file(path, "W06000016", {"value": "1234"}, nth=-1)
    _result, report = house.run()
    assert report is not None
    assert report.exit_status == 0
    line = next(line for line in report.sources if line.rejected)
    assert (line.rejected, line.n_rows) == (1, line.accepted + line.rejected + line.duplicate)
    findings = house.frame("validation_findings")
    found = findings[findings["severity"] == "error"].iloc[0]
    assert "many" in found["message_en"]
    assert found["message_cy"] != found["message_en"]
    assert house.action(report, "council-benchmarks") == "publish"
    assert line.kept == 1, "the accepted answer stands in the place of the refused one"


def test_gate_failure_blocks_and_the_old_release_stands(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubled(*args: object, **kwargs: object) -> pd.DataFrame:
        made = build(*args, **kwargs)  # type: ignore[arg-type]  # passed on as it came
        return pd.concat([made, made.head(1)], ignore_index=True)

    build = indicators.build_figures
    monkeypatch.setattr(indicators, "build_figures", doubled)
    result, report = house.run()
    assert [event.step_key for event in result.all_events if event.is_step_failure] == [
        "night_report"
    ]
    assert report is not None
    assert report.exit_status == 1
    assert house.action(report, "council-benchmarks") == "blocked"
    assert versions_of(house, "council-benchmarks") == ["1.0.0"]


def test_major_difference_is_blocked_by_night_and_allowed_by_a_person(house: House) -> None:
    product = house.catalogue.products["child-poverty"]
    shorter = product.model_copy(
        update={
            "indicators": house.catalogue.product_indicators("child-poverty")[:-1],
            "themes": (),
        }
    )
    house.catalogue = replace(
        house.catalogue, products={**house.catalogue.products, "child-poverty": shorter}
    )
    _result, report = house.run()
    assert report is not None
    assert report.exit_status == 1
    line = next(line for line in report.products if line.product == "child-poverty")
    assert line.action == "blocked"
    assert "--allow-major" in line.reason_en
    assert versions_of(house, "child-poverty") == ["1.0.0"]


def test_candidate_waits_for_its_release_time(empty_house: House) -> None:
    product = empty_house.catalogue.products["inflation"].model_copy(
        update={"release_time": "09:30"}
    )
    empty_house.catalogue = replace(
        empty_house.catalogue, products={**empty_house.catalogue.products, "inflation": product}
    )
    _result, report = empty_house.run(now=datetime(2026, 11, 23, 3, 30, tzinfo=UTC))
    assert report is not None
    assert report.exit_status == 0
    assert empty_house.action(report, "inflation") == "wait"
    assert versions_of(empty_house, "inflation") == []
    assert not any("inflation" in str(path) for path in empty_house.home.releases.rglob("*"))
    publish_due(empty_house, datetime(2026, 11, 23, 9, 29, 59, tzinfo=UTC))
    assert versions_of(empty_house, "inflation") == []
    publish_due(empty_house, datetime(2026, 11, 23, 9, 30, tzinfo=UTC))
    assert versions_of(empty_house, "inflation") == ["1.0.0"]


def publish_due(house: House, now: datetime) -> None:
    job = house.definitions(now).resolve_job_def("publish_due")
    assert job.execute_in_process(instance=house.instance).success


def test_candidate_not_made_from_the_current_frames_is_refused(house: House) -> None:
    path = house.home.inbox / "dft" / "licensed-vehicles-ulev.csv"
    edit_file(path, "W06000015", {"value": "7000"}, nth=-1)
    made = ("raw_returns/licensed_vehicles", "validated_returns/licensed_vehicles")
    figures = ("validated_returns", "indicator_values", "comparisons")
    house.run(*made, *figures, "release_candidate/council-benchmarks")
    edit_file(path, "W06000015", {"value": "7001"}, nth=-1)
    result, _report = house.run(*made, *figures)
    assert result.success
    result, _report = house.run("release/council-benchmarks")
    assert result.success
    decision = house.frame("release/council-benchmarks").iloc[0]
    assert decision["action"] == "blocked"
    assert "current" in decision["reason_en"]
    assert versions_of(house, "council-benchmarks") == ["1.0.0"]


def test_transient_fault_is_retried_once(house: House) -> None:
    break_source(house.sample, "claimant-count")
    result, _report = house.run("raw_returns/claimant_count")
    retries = [e for e in result.all_events if e.event_type_value == "STEP_UP_FOR_RETRY"]
    assert len(retries) == 1


def test_second_run_says_who_holds_the_home(house: House) -> None:
    with house.home.lock("a nightly run"), pytest.raises(HomeBusyError, match="a nightly run"):
        _other_process_lock(house.home.root)


def _other_process_lock(root: Path) -> None:
    code = (
        "from sql.home import Home; from pathlib import Path\n"
        f"home = Home(Path({str(root)!r}), 'sample')\n"
        "with home.lock('another'): pass"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        raise HomeBusyError(done.stderr.strip().splitlines()[-1])


def test_report_is_kept_and_says_each_age(first_night: House) -> None:
    told = json.loads((first_night.home.reports / "latest.json").read_text())
    assert all(line["period_age_days"] > 0 for line in told["sources"] if line["n_rows"])
    assert FIRST_NIGHT.year == 2026
