"""Every rule finds its failing example, leaves its passing one alone, and says what to do."""

import pytest

from assets.collection.holding import HELD
from sql.tables import column_names
from tests.rules_table import PAGE, with_table
from validations.messages import LANGS, PUBLISHED, catalogue, has_message, placeholders
from validations.rules import REGISTER, Rule
from validations.rules.examples import answers, context, figures, one, world
from validations.rules.registry import Example, Found, RuleError, rule
from validations.validate import SET_ASIDE, judge_across, judge_figures, validate_answers

RULES = list(REGISTER.values())
ANSWER_RULES = [item for item in RULES if item.stage != "figure"]


def findings_of(item: Rule, example: Example):
    known = world(example)
    if item.stage == "figure":
        return judge_figures(figures(example.rows), known.indicators, known.areas)
    judged = validate_answers(answers(example.rows), known)
    if item.stage == "across":
        return judge_across(judged.accepted, known)[1]
    return judged.findings


@pytest.mark.parametrize("item", RULES, ids=lambda item: item.code)
def test_a_rule_finds_its_failing_example(item):
    found = findings_of(item, item.failing)
    mine = found[found["code"] == item.code]
    assert len(mine), f"found only {list(found['code'])}"
    assert set(mine["severity"]) == {item.severity}
    assert set(mine["level"]) == {item.level}
    assert mine["message_en"].str.len().min() > 20
    assert mine["message_cy"].str.len().min() > 20
    assert (mine["message_en"] != mine["message_cy"]).all()


@pytest.mark.parametrize("item", RULES, ids=lambda item: item.code)
def test_a_rule_leaves_its_passing_example_alone(item):
    assert item.code not in set(findings_of(item, item.passing)["code"])


@pytest.mark.parametrize("item", ANSWER_RULES, ids=lambda item: item.code)
def test_an_error_refuses_a_row_and_nothing_else_does(item):
    judged = validate_answers(answers(item.failing.rows), world(item.failing))
    refused = set(judged.rejected["code"])
    if item.severity == "error" and item.stage != "grid":
        assert item.code in refused
    elif item.code not in SET_ASIDE:
        assert item.code not in refused


def test_the_catalogue_speaks_both_languages_with_the_same_placeholders():
    english, welsh = catalogue("en"), catalogue("cy")
    assert list(english) == list(welsh)
    for code, parts in english.items():
        assert list(parts) == list(welsh[code]), code
        for part, text in parts.items():
            assert placeholders(text) == placeholders(welsh[code][part]), (code, part)


def test_every_message_belongs_to_a_rule_a_gate_or_a_notice_and_a_remedy_needs_only_the_finding():
    for code, parts in catalogue("en").items():
        if code != "words":
            assert code in {*REGISTER, HELD} or code.startswith(("gate_", "read_")), code
            told = parts["remedy"] + parts.get(PUBLISHED, "")
            assert placeholders(told) <= {"seen", "expected"}, code
    assert all(has_message(code) for code in REGISTER)
    assert LANGS == ("en", "cy")


def register(**changes: object) -> None:
    declared = {
        "code": "area_unknown_twin",
        "severity": "error",
        "level": "row",
        "stage": "cell",
        "fields": ("value",),
        "failing": one(),
        "passing": one(),
    }
    declared |= changes
    code = declared.pop("code")
    rule(code, **declared)(lambda rows, context: Found(None))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "no message"),
        ({"code": "area_unknown"}, "the code is taken"),
        ({"code": "Not A Name"}, "not a plain name"),
        ({"severity": "fatal"}, "no severity"),
        ({"level": "planet"}, "no level"),
        ({"stage": "later"}, "no stage"),
        ({"fields": ()}, "names no field"),
        ({"fields": ("colour",)}, "unknown fields"),
        ({"failing": None}, "no failing example"),
        ({"passing": None}, "no passing example"),
    ],
)
def test_a_rule_that_lacks_something_cannot_be_registered(changes, reason):
    before = dict(REGISTER)
    with pytest.raises(RuleError, match=reason):
        register(**changes)
    assert before == REGISTER


def test_a_rule_judges_only_periods_within_its_life(monkeypatch):
    import dataclasses

    young = dataclasses.replace(REGISTER["negative_value"], since="2020-01-01", until="2021-12-31")
    monkeypatch.setitem(REGISTER, "negative_value", young)
    rows = [{"period_text": str(year), "value_text": "-1"} for year in (2019, 2020, 2021, 2022)]
    judged = validate_answers(answers(rows), context())
    assert list(judged.findings.query("code == 'negative_value'")["period"]) == [
        "2020-01-01/P1Y",
        "2021-01-01/P1Y",
    ]
    assert list(judged.rejected["period_text"]) == ["2020", "2021"]


def test_the_page_about_validation_has_every_rule_as_it_is():
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page) == page, "run python -m tests.rules_table"
    assert all(f"| `{code}` |" in page for code in REGISTER)


def test_findings_have_the_columns_of_the_contract():
    found = validate_answers(answers([{"value_text": "1.2m"}]), context()).findings
    assert list(found.columns) == column_names("validation_findings")
