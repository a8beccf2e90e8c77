"""Findings as asset checks: what fails, how severely, and which rows are shown first."""

import dagster as dg
import pandas as pd

from validations.checks import CHECKS, WORST, check_results, check_specs, kind_of
from validations.findings import no_findings
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
    assert "Type it in figures only" in table.records[0].data["message_en"]


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
