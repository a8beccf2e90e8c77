"""The gate lets a sound table pass and refuses everything that validates nothing.

Great Expectations itself passes an empty table, an all-null column, an empty suite and an unknown
expectation; each of those is an error here. The only tests that import it.
"""

import numpy as np
import pandas as pd
import pytest

from sql.frames import conform, empty
from validations import suites
from validations.suites import FOLDER, contract_checks, gate, read_suite

COUNCILS = [f"W060000{number:02d}" for number in range(1, 23)]
KEY = {"period": "2022-01-01/P1Y", "breakdown_type": "total", "breakdown": "total"}
SUITES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def figures(indicators=2):
    made = pd.DataFrame(
        {
            "indicator": np.repeat([f"indicator_{n}" for n in range(indicators)], 22),
            "area_code": COUNCILS * indicators,
            **KEY,
            "area_type": "council",
            "value": np.arange(22.0 * indicators),
            "value_rounded": np.arange(22.0 * indicators),
            "is_queried": False,
        }
    )
    return conform(made, "indicator_values", fill=True)


def observations():
    made = pd.DataFrame(
        {
            "dataset": "births",
            "measure": "births",
            "area_code": COUNCILS,
            **KEY,
            "value": np.arange(22.0),
            "is_queried": False,
        }
    )
    return conform(made, "validated_returns", fill=True)


def comparisons():
    made = figures(1)[["indicator", "period", "area_code", "breakdown_type", "breakdown", "value"]]
    made = made.assign(group_code="all", versus_benchmark="similar", versus_target="not compared")
    return conform(made.assign(rank=1, n_ranked=22, band=1), "comparisons", fill=True)


def benchmarks():
    made = pd.DataFrame(
        {
            "indicator": ["births"],
            **{name: [value] for name, value in KEY.items()},
            "group_code": ["all"],
            "owner_code": [""],
            "n_members": [22],
            "n_valid": [22],
            "q1": [1.0],
            "q3": [2.0],
        }
    )
    return conform(made, "benchmarks", fill=True)


SOUND = {
    "observations": observations,
    "indicator_values": figures,
    "candidate": figures,
    "comparisons": comparisons,
    "benchmarks": benchmarks,
}


def codes(found):
    return found["code"].tolist()


@pytest.mark.parametrize("suite", SUITES)
def test_a_sound_table_passes(suite):
    assert gate(SOUND[suite](), suite)["message_en"].tolist() == []


def test_suites_ask_twenty_questions_or_so_and_each_of_them_is_understood():
    assert sorted(SOUND) == SUITES
    for name in SUITES:
        suite = read_suite(name)
        assert 12 <= len(suite.checks) + len(contract_checks(suite.table)) <= 30


def changed(**columns):
    frame = figures()
    for name, value in columns.items():
        frame.loc[3, name] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (changed(area_code=None), "area_code_is_filled"),
        (changed(area_code="W06000001"), "key_is_unique"),
        (changed(area_type="planet"), "area_type_is_known"),
        (changed(area_type=None), "area_has_a_type"),
        (changed(period="2022"), "period_is_canonical"),
        (changed(value=np.inf), "value_is_finite"),
        (changed(value=np.nan), "no_value_has_a_code"),
        (changed(value_rounded=np.nan), "rounded_where_a_value"),
        (changed(note_code="q"), "note_codes_are_known"),
        (changed(note_code="e,x"), "note_codes_are_known"),
        (changed(lower_95=2.0, upper_95=1.0), "limits_95_in_order"),
        (changed(is_queried=None), "queried_is_yes_or_no"),
    ],
)
def test_one_wrong_row_is_found_and_named(frame, code):
    found = gate(frame, "indicator_values")
    mine = found[found["code"] == code]
    assert len(mine) == 1, found["message_en"].tolist()
    assert mine["severity"].tolist() == ["error"]
    assert mine["dataset"].tolist() == ["gate:indicator_values"]
    assert mine["indicator"].tolist() == ["indicator_0"]


def test_failing_rows_are_one_finding_for_each_indicator():
    frame = figures().assign(area_type=pd.array(["planet"] * 44, dtype="str"))
    found = gate(frame, "indicator_values").query("code == 'area_type_is_known'")
    assert found[["indicator", "n_rows"]].to_numpy().tolist() == [
        ["indicator_0", 22],
        ["indicator_1", 22],
    ]
    assert "planet, planet, planet (+19)" in found["message_en"].iloc[0]


def own_suite(folder, text):
    (folder / "own.yaml").write_text(text, encoding="utf-8")


CHECK = "{id: own, type: expect_column_values_to_be_between, kwargs: {column: value, min_value: 0}}"
OWN = "table: indicator_values\nchecks: "
NOTHING = [
    (lambda: None, "gate_not_a_table"),
    (lambda: {"value": [1]}, "gate_not_a_table"),
    (pd.DataFrame, "gate_columns"),
    (lambda: empty("indicator_values"), "gate_no_rows"),
    (lambda: figures().head(0), "gate_no_rows"),
    (lambda: figures().drop(columns="value"), "gate_columns"),
    (lambda: figures().rename(columns={"value": "values"}), "gate_columns"),
    (lambda: figures()[figures().columns[::-1]], "gate_columns"),
    (lambda: figures().assign(more=1), "gate_columns"),
    (lambda: figures().astype({"value": "str"}), "gate_types"),
    (lambda: figures().astype({"area_code": object}), "gate_types"),
    (lambda: figures().assign(value=np.nan), "enough_values"),
    (lambda: figures().assign(value=np.nan), "gate_checked_nothing"),
    (lambda: figures().assign(value_rounded=np.nan), "enough_rounded_values"),
    (lambda: figures().assign(indicator=pd.array([None] * 44, dtype="str")), "indicator_is_filled"),
]


@pytest.mark.parametrize(("make", "code"), NOTHING)
def test_a_table_that_holds_nothing_is_refused(make, code):
    found = gate(make(), "indicator_values")
    assert code in codes(found)
    assert "error" in set(found["severity"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "gate_suite_missing"),
        ("", "gate_suite_faulty"),
        ("[]", "gate_suite_faulty"),
        ("table: indicator_values", "gate_suite_faulty"),
        ("table: indicator_values\nchecks: []", "gate_suite_empty"),
        (f"table: no_such_table\nchecks: [{CHECK}]", "gate_suite_faulty"),
        (f"{OWN}[{CHECK}, {CHECK}]", "gate_suite_faulty"),
        ("table: indicator_values\nchecks: [{", "gate_suite_faulty"),
        (
            "table: indicator_values\nchecks: [{id: own, type: expect_nothing_at_all, kwargs: {}}]",
            "gate_results_missing",
        ),
        (f"{OWN}[{CHECK.replace('min_value', 'mostly: 0, min_value')}]", "gate_suite_faulty"),
        (f"{OWN}[{CHECK.replace('min_value', 'lowest')}]", "gate_raised"),
        (f"{OWN}[{CHECK.replace(': value,', ': nowhere,')}]", "gate_check_raised"),
        (f"{OWN}[{CHECK.replace(': value,', ': sd,')}]", "gate_checked_nothing"),
    ],
)
def test_a_suite_that_checks_nothing_is_refused(tmp_path, text, code):
    if text is not None:
        own_suite(tmp_path, text)
    found = gate(figures(), "own", tmp_path)
    assert codes(found) == [code]
    assert found["severity"].tolist() == ["error"]


def test_a_check_may_say_that_it_needs_no_values(tmp_path):
    check = CHECK.replace(": value,", ": sd,").replace("}}", "}, needs_values: false}")
    own_suite(tmp_path, f"{OWN}[{check}]")
    assert codes(gate(figures(), "own", tmp_path)) == []


def test_a_validator_that_crashes_lets_nothing_pass(monkeypatch):
    def crash(frame, checks, key):
        raise MemoryError("no more memory")

    monkeypatch.setattr(suites, "_results", crash)
    found = gate(figures(), "indicator_values")
    assert codes(found) == ["gate_raised"]
    assert "MemoryError: no more memory" in found["message_en"].iloc[0]


@pytest.mark.parametrize("kept", [0, 1, -1])
def test_fewer_results_than_checks_is_an_error(monkeypatch, kept):
    results = suites._results
    monkeypatch.setattr(suites, "_results", lambda *given: results(*given)[:kept])
    assert codes(gate(figures(), "indicator_values")) == ["gate_results_missing"]


def test_a_warning_is_a_query(tmp_path):
    check = CHECK.replace("min_value: 0", "min_value: 40").replace("}}", "}, severity: warning}")
    own_suite(tmp_path, f"{OWN}[{check}]")
    found = gate(figures(), "own", tmp_path)
    assert set(found["severity"]) == {"query"}
    assert found["n_rows"].sum() == 40
