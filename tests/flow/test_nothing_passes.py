"""Whatever validates nothing publishes nothing: every way we know, up to the real decision.

Great Expectations itself passes an empty table, an all-null column, an empty suite and an unknown
expectation. Each case here ends with what `decide` says of a sound candidate that has the finding.
"""

import shutil

import numpy as np
import pandas as pd
import pytest

from assets.publishing.assemble import systemic
from assets.publishing.decide import CandidateFacts, decide
from assets.publishing.version import VersionStep
from sql.frames import empty
from tests.edits import break_source, versions_of
from tests.flow.gate_frames import SOUND, figures, observations
from tests.house import FIRST_NIGHT
from validations import suites as gates_module
from validations.assembled import InMemory
from validations.suite_files import FOLDER, read_suite
from validations.suites import gate


def is_published(found):
    """What the real decision says of a first release that has these findings."""
    step = VersionStep("1.0.0", "first", "First release", "Rhyddhad cyntaf")
    facts = CandidateFacts("births", "sample", n_figures=88, step=step)
    return decide(facts, None, systemic(found), FIRST_NIGHT).action == "publish"


def test_without_findings_the_same_candidate_is_published():
    assert is_published(gate(figures(), "indicator_values"))


def only(column, value):
    """The sound figures with no value but where the column has that value."""
    frame = figures()
    gone = frame[column] != value
    frame.loc[gone, ["value", "value_rounded"]] = np.nan
    frame.loc[gone, "note_code"] = "x"
    return frame


def as_text(column, text):
    return figures().assign(**{column: pd.array([text] * 88, dtype="str")})


FRAMES = {
    "None": (lambda: None, "gate_not_a_table"),
    "a mapping": (lambda: {"value": [1]}, "gate_not_a_table"),
    "a column alone": (lambda: figures()["value"], "gate_not_a_table"),
    "a frame without columns": (pd.DataFrame, "gate_columns"),
    "the header only": (lambda: empty("indicator_values"), "gate_no_rows"),
    "all rows filtered away": (lambda: figures().head(0), "gate_no_rows"),
    "rows of another table": (observations, "gate_columns"),
    "a column less": (lambda: figures().drop(columns="value"), "gate_columns"),
    "a column renamed": (lambda: figures().rename(columns={"value": "values"}), "gate_columns"),
    "columns in another order": (lambda: figures()[figures().columns[::-1]], "gate_columns"),
    "a column more": (lambda: figures().assign(more=1), "gate_columns"),
    "a column twice": (
        lambda: pd.concat([figures(), figures()[["value"]]], axis=1),
        "gate_columns",
    ),
    "numbers as text": (lambda: figures().astype({"value": "str"}), "gate_types"),
    "text as objects": (lambda: figures().astype({"area_code": object}), "gate_types"),
    "flags as text": (lambda: figures().astype({"is_queried": "str"}), "gate_types"),
    "numbers as objects": (lambda: figures().astype({"value": object}), "gate_types"),
    "every value null": (lambda: figures().assign(value=np.nan), "enough_values"),
    "every value infinite": (lambda: figures().assign(value=np.inf), "value_is_finite"),
    "rounded values null": (
        lambda: figures().assign(value_rounded=np.nan),
        "enough_rounded_values",
    ),
    "no indicator": (
        lambda: figures().assign(indicator=pd.array([None] * 88, dtype="str")),
        "indicator_is_filled",
    ),
    "the text nan for a council": (lambda: as_text("area_code", "nan"), "area_code_is_filled"),
    "the text None for a period": (lambda: as_text("period", "None"), "period_is_filled"),
    "blanks for a council": (lambda: as_text("area_code", "   "), "area_code_is_filled"),
    "no council": (lambda: as_text("area_type", "nation"), "enough_councils"),
    "one council only": (lambda: only("area_code", "W06000001"), "enough_councils"),
    "one period only": (lambda: only("period", "2022-01-01/P1Y"), "enough_periods"),
    "the same row again and again": (
        lambda: pd.concat([figures().head(1)] * 88, ignore_index=True),
        "key_is_unique",
    ),
}


@pytest.mark.parametrize("case", FRAMES)
def test_a_table_that_holds_nothing_publishes_nothing(case):
    make, code = FRAMES[case]
    found = gate(make(), "indicator_values")
    assert code in found.loc[found["severity"] == "error", "code"].tolist()
    assert not is_published(found)


@pytest.mark.parametrize("suite", sorted(set(SOUND) - {"rejected_returns", "validation_findings"}))
def test_no_frame_may_be_empty_but_refused_answers_and_findings(suite):
    found = gate(SOUND[suite]().head(0), suite)
    assert found["code"].tolist() == ["gate_no_rows"]
    assert not is_published(found)


CHECK = "{id: own, type: expect_column_values_to_be_between, kwargs: {column: value, min_value: 0}}"
OWN = "table: indicator_values\nchecks: "


def with_check(old, new):
    assert old in CHECK
    return f"{OWN}[{CHECK.replace(old, new)}]"


def with_floor(floor):
    return f"{OWN}[{CHECK}]\nfloors: [{floor}]"


SUITES = {
    "no file": (None, "gate_suite_missing"),
    "an empty file": ("", "gate_suite_faulty"),
    "a list": ("[]", "gate_suite_faulty"),
    "no checks": ("table: indicator_values", "gate_suite_faulty"),
    "zero checks": (f"{OWN}[]", "gate_suite_empty"),
    "a floor and zero checks": (
        f"{OWN}[]\nfloors: [{{id: a, column: value, share: 0.1}}]",
        "gate_suite_empty",
    ),
    "no such table": (f"table: nothing\nchecks: [{CHECK}]", "gate_suite_faulty"),
    "an id twice": (f"{OWN}[{CHECK}, {CHECK}]", "gate_suite_faulty"),
    "no YAML": (f"{OWN}[{{", "gate_suite_faulty"),
    "a key mistyped": (with_check("kwargs", "kwarg"), "gate_suite_faulty"),
    "checks mistyped": (f"table: indicator_values\ncheck: [{CHECK}]", "gate_suite_faulty"),
    "checks twice, the last empty": (f"{OWN}[{CHECK}]\nchecks: []", "gate_suite_faulty"),
    "a bound twice, the last null": (
        with_check("min_value: 0", "min_value: 0, min_value: null"),
        "gate_suite_faulty",
    ),
    "an unknown expectation": (
        with_check("expect_column_values_to_be_between", "expect_column_values_to_be_good"),
        "gate_results_missing",
    ),
    "no expectation's name": (
        with_check("expect_column_values_to_be_between", "between"),
        "gate_suite_faulty",
    ),
    "mostly 0": (with_check("min_value", "mostly: 0, min_value"), "gate_suite_faulty"),
    "mostly 0.01": (with_check("min_value", "mostly: 0.01, min_value"), "gate_suite_faulty"),
    "an argument mistyped": (
        with_check("min_value", "max_value: 99, lowest"),
        "gate_raised",
    ),
    "a wrong column": (with_check(": value,", ": nowhere,"), "gate_suite_faulty"),
    "no column": (with_check("column: value, ", ""), "gate_suite_faulty"),
    "a column of nulls": (with_check(": value,", ": sd,"), "gate_checked_nothing"),
    "no bound": (with_check(", min_value: 0", ""), "gate_suite_faulty"),
    "an empty code list": (
        with_check("min_value: 0", "value_set: []").replace("be_between", "be_in_set"),
        "gate_suite_faulty",
    ),
    "a pattern for everything": (
        with_check("min_value: 0", "regex: '.*'").replace("be_between", "match_regex"),
        "gate_suite_faulty",
    ),
    "numbers asked of text": (with_check(": value,", ": area_code,"), "gate_check_raised"),
    "a condition that no row meets": (
        with_check(
            "min_value",
            "row_condition: {type: nullity, column: {name: value}, is_null: true}, min_value",
        ),
        "gate_checked_nothing",
    ),
    "a condition in words": (
        with_check("min_value", "row_condition: 'value > 1', min_value"),
        "gate_suite_faulty",
    ),
    "only warnings": (with_check("}}", "}, severity: warning}"), "gate_suite_faulty"),
    "only notes": (with_check("}}", "}, severity: info}"), "gate_suite_faulty"),
    "an unknown severity": (with_check("}}", "}, severity: mild}"), "gate_suite_faulty"),
    "a floor of nothing": (with_floor("{id: a, column: value, share: 0}"), "gate_suite_faulty"),
    "a floor without a measure": (with_floor("{id: a, column: value}"), "gate_suite_faulty"),
    "a floor of a wrong column": (
        with_floor("{id: a, column: nowhere, share: 0.5}"),
        "gate_suite_faulty",
    ),
    "a floor over no rows": (
        with_floor("{id: a, column: value, share: 0.5, where: {area_type: planet}}"),
        "a",
    ),
    "the mean of nulls": (
        with_check(": value,", ": sd,").replace("column_values_to_be", "column_mean_to_be"),
        "gate_checked_nothing",
    ),
}


@pytest.mark.parametrize("case", SUITES)
def test_a_suite_that_checks_nothing_publishes_nothing(tmp_path, case):
    text, code = SUITES[case]
    if text is not None:
        (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    found = gate(figures(), "own", tmp_path)
    assert found["code"].tolist() == [code], found["message_en"].tolist()
    assert not is_published(found)


def test_a_check_may_say_that_it_needs_no_values(tmp_path):
    text = with_check(": value,", ": sd,").replace("}}", "}, needs_values: false}")
    (tmp_path / "own.yaml").write_text(text)
    assert is_published(gate(figures(), "own", tmp_path))


def crash(frame, checks):
    raise MemoryError("no more memory")


def nothing_more(frame, checks):
    return [{"id": check.id, "success": True, "result": {}, "raised": None} for check in checks]


asked = gates_module._results
VALIDATORS = {
    "crashes": (crash, "gate_raised"),
    "gives no result": (lambda frame, checks: [], "gate_results_missing"),
    "gives one result": (lambda *given: asked(*given)[:1], "gate_results_missing"),
    "gives one result less": (lambda *given: asked(*given)[:-1], "gate_results_missing"),
    "gives a result twice": (
        lambda *given: [*asked(*given)[1:], *asked(*given)[1:2]],
        "gate_results_missing",
    ),
    "gives None": (lambda frame, checks: None, "gate_raised"),
    "says success and nothing more": (nothing_more, "gate_check_without_result"),
    "says neither yes nor no": (
        lambda *given: [{**one, "success": None} for one in asked(*given)],
        "period_is_canonical",
    ),
    "looks at half of the rows": (
        lambda frame, checks: asked(frame.head(len(frame) // 2), checks),
        "gate_rows_missing",
    ),
    "looks at no row": (
        lambda frame, checks: asked(frame.head(0), checks),
        "gate_checked_nothing",
    ),
}


@pytest.mark.parametrize("case", VALIDATORS)
def test_a_validator_that_does_not_do_its_work_publishes_nothing(monkeypatch, case):
    validator, code = VALIDATORS[case]
    monkeypatch.setattr(gates_module, "_results", validator)
    found = gate(figures(), "indicator_values")
    assert code in found["code"].tolist(), found["message_en"].tolist()
    assert set(found["severity"]) == {"error"}
    assert not is_published(found)


SLICERS = {
    "there are none": (lambda frame: iter(())),
    "the last one is empty": (lambda frame: iter((frame.head(44), frame.head(0)))),
    "the last one is left out": (lambda frame: iter((frame.head(44),))),
    "one comes twice": (lambda frame: iter((frame, frame.head(44)))),
}


@pytest.mark.parametrize("case", SLICERS)
def test_slices_that_leave_rows_out_publish_nothing(monkeypatch, case):
    monkeypatch.setattr(InMemory, "slices", lambda self, names: SLICERS[case](self.read(names)))
    assert not is_published(gate(figures(), "indicator_values"))


def without_suite(folder):
    """Reads the project's suites, of which one is gone."""
    for path in FOLDER.glob("*.yaml"):
        if path.stem != "comparison_groups":
            shutil.copy(path, folder)
    return lambda suite, _folder: read_suite(suite, folder)


def without_answers(house):
    """Every service answers with a fault, every file of the inbox has its header only."""
    break_source(house.sample, "")
    for path in (house.sample / "inbox").rglob("*.csv"):
        path.write_text(path.read_text().splitlines()[0] + "\n")


@pytest.mark.parametrize("case", ["validator", "suite", "answers"])
def test_a_whole_night_that_validated_nothing_publishes_nothing(
    empty_house, tmp_path, monkeypatch, case
):
    if case == "validator":
        monkeypatch.setattr(gates_module, "_results", crash)
    elif case == "suite":
        (tmp_path / "suites").mkdir()
        monkeypatch.setattr(gates_module, "read_suite", without_suite(tmp_path / "suites"))
    else:
        without_answers(empty_house)
    _result, report = empty_house.run()
    assert report.exit_status in (1, 3)
    for product in empty_house.catalogue.products:
        assert versions_of(empty_house, product) == [], product
        assert empty_house.action(report, product) in ("blocked", "nothing")
    assert not list(empty_house.home.releases.glob("*/latest.json"))


def test_there_are_more_than_forty_ways():
    assert len(FRAMES) + len(SUITES) + len(VALIDATORS) + len(SLICERS) >= 70
