"""Findings as asset checks: what fails, how severely, and which rows are shown first."""

from datetime import date

import dagster as dg
import pandas as pd
import pytest

from sql.frames import conform, empty
from validations.broken import COLUMNS, as_markdown, broken_now
from validations.checks import (
    CHECKS,
    WORST,
    broken_result,
    check_results,
    check_specs,
    dataset_specs,
    freshness_result,
    kind_of,
)
from validations.findings import no_findings
from validations.freshness import Pull, measure_ages
from validations.rules.examples import answers, context, councils, series
from validations.validate import validate_answers

KEY = dg.AssetKey(["validated_returns", "births"])


def results(*rows):
    found = validate_answers(answers(rows), context()).findings
    return {result.check_name: result for result in check_results(found, KEY)}


def test_there_is_a_result_for_every_check_and_none_blocks():
    specs = check_specs(KEY)
    assert [spec.name for spec in specs] == list(CHECKS)
    assert not any(spec.blocking for spec in specs)
    assert {spec.asset_key for spec in specs} == {KEY}
    assert [result.check_name for result in check_results(no_findings(), KEY)] == list(CHECKS)


def test_without_findings_every_check_passes():
    assert all(result.passed for result in check_results(no_findings(), KEY))


def test_each_finding_fails_its_own_check():
    years = {"2021": "30", "2022": "31"}
    made = results(*councils(years), {"period_text": "2020", "value_text": "1.2m"})
    assert {name: result.passed for name, result in made.items()} == {
        "contract": True,
        "completeness": False,
        "errors": False,
        "queries": True,
    }
    assert made["completeness"].severity == dg.AssetCheckSeverity.WARN
    assert made["errors"].severity == dg.AssetCheckSeverity.ERROR


def test_a_broken_file_and_a_gate_break_the_contract():
    made = results({"problem": "missing_column", "problem_detail": "value"})
    assert not made["contract"].passed
    assert made["errors"].passed
    assert kind_of("area_type_is_known", "gate:indicator_values", "error") == "contract"


def test_an_explained_change_fails_nothing():
    years = {"2021": "30", "2022": "90"}
    made = results(*councils(years, explanation_text="New boundary."))
    assert all(result.passed for result in made.values())


def test_the_worst_findings_are_shown_and_the_others_counted():
    rows = [series({"2022": f"bad {number}"})[0] for number in range(30)]
    made = results(*rows)["errors"]
    table = made.metadata["worst"]
    assert isinstance(table, dg.TableMetadataValue)
    assert len(table.records) == WORST
    assert made.metadata["findings"].value == 30
    first = table.records[0].data
    assert "Type it in figures only" in first["message_en"]
    assert first["n_rows"] == 1


def test_the_results_are_accepted_by_dagster():
    found = validate_answers(answers([{"value_text": "1.2m"}]), context()).findings

    @dg.asset(key=KEY, check_specs=check_specs(KEY))
    def births():
        yield dg.MaterializeResult()
        yield from check_results(found, KEY)

    run = dg.materialize([births])
    assert run.success, "a failed check shows and does not stop"
    passed = {item.check_name: item.passed for item in run.get_asset_check_evaluations()}
    assert passed == {"contract": True, "completeness": False, "errors": False, "queries": True}
    assert isinstance(found, pd.DataFrame)


def test_a_dataset_has_a_fifth_check_for_freshness():
    names = [spec.name for spec in dataset_specs(KEY)]
    assert names == [*CHECKS, "freshness"]


@pytest.mark.parametrize(
    ("state", "passed"),
    [("fresh", True), ("unchanged", True), ("never", True), ("stale", False)],
)
def test_freshness_fails_while_an_old_answer_stands_in(state, passed):
    accepted = validate_answers(answers(series({"2020": "30", "2021": "31"})), context()).accepted
    ages = measure_ages(accepted, date(2022, 1, 10))
    assert ages.to_numpy().tolist() == [["births", "2021-01-01/P1Y", 10, 0]]
    made = freshness_result(Pull(state, "It gave 503.", 3), ages, KEY)
    assert made.passed is passed
    assert made.severity == dg.AssetCheckSeverity.WARN
    assert made.metadata["age_days"].value == 3
    assert made.metadata["worst"].records[0].data["age_days"] == 10  # type: ignore[union-attr]


def test_the_oldest_figures_come_first_and_kept_answers_are_counted():
    rows = [*series({"2020": "30"}), *series({"2021": "1"}, measure="deaths")]
    frame = validate_answers(answers(rows), context(also={"measure": "deaths"})).accepted
    kept = frame.assign(is_kept=frame["measure"].eq("deaths").astype("boolean"))
    ages = measure_ages(kept, date(2022, 1, 1))
    assert ages[["measure", "kept"]].to_numpy().tolist() == [["births", 0], ["deaths", 1]]
    assert measure_ages(empty("validated_returns"), date(2022, 1, 1)).empty


SOURCES = conform(
    pd.DataFrame(
        [
            {"dataset": "example", "state": "fresh"},
            {"dataset": "deaths", "state": "stale", "reason": "It gave | 503."},
        ]
    ),
    "sources",
    fill=True,
)
DECISIONS = conform(
    pd.DataFrame(
        [
            {"product": "good", "action": "publish", "reason_en": "First release"},
            {"product": "bad", "action": "blocked", "reason_en": "Too few figures"},
        ]
    ),
    "release",
    fill=True,
)


def test_what_is_broken_now_lists_products_sources_and_failed_checks_worst_first():
    found = validate_answers(answers([{"value_text": "1.2m"}]), context()).findings
    gate = found.head(1).assign(dataset="gate:observations", code="enough_values")
    frames = {"validated_returns": pd.concat([found, gate]), "comparisons": no_findings()}
    broken = broken_now(frames, SOURCES, DECISIONS)
    listed = broken[["asset", "check"]].to_numpy().tolist()
    assert listed[:3] == [
        ["release/bad", "decision"],
        ["raw_returns/deaths", "pulled"],
        ["validated_returns", "contract"],
    ]
    assert ["validated_returns/example", "errors"] in listed
    shown = as_markdown(broken)
    assert "[release/bad](/assets/release/bad?view=checks) | decision | error | 1 |" in shown
    assert "It gave \\| 503." in shown
    made = broken_result(broken, shown)
    assert (made.passed, made.severity) == (False, dg.AssetCheckSeverity.ERROR)


def test_only_a_query_warns_and_nothing_broken_passes():
    years = {"2018": "10", "2019": "100"}
    found = validate_answers(answers(series(years)), context()).findings
    queries = found[found["severity"] == "query"]
    quiet = SOURCES[SOURCES["state"] == "fresh"], DECISIONS[DECISIONS["action"] == "publish"]
    some = broken_now({"validated_returns": queries}, *quiet)
    made = broken_result(some, as_markdown(some))
    assert (made.passed, made.severity) == (False, dg.AssetCheckSeverity.WARN)
    notes = found.assign(severity="note")
    nothing = broken_now({"validated_returns": notes}, *quiet)
    assert list(nothing.columns) == list(COLUMNS)
    made = broken_result(nothing, as_markdown(nothing))
    assert (made.passed, made.metadata["links"].value) == (True, "Nothing is broken.")
