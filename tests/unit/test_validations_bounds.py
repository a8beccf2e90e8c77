"""No bound can be moved unnoticed, and none can hide: for every rule, each bound both ways."""

import ast
import dataclasses
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import pytest

import validations.rules
from validations.rules import REGISTER, Rule
from validations.rules.bounds import BOUNDS
from validations.rules.examples import INDICATOR, MEASURE, answers, figures, one, world
from validations.rules.registry import Example, Found, RuleError, rule
from validations.validate import judge_across, judge_figures, validate_answers

MOVED = [
    (item, name, sign) for item in REGISTER.values() for name in item.bounds for sign in (-1, 1)
]
DECLARED = [
    (item, name, sign) for item in REGISTER.values() for name in item.declared for sign in (-1, 1)
]
SHARE = 0.02
"""By how much a declared limit is moved, of its size or of 1."""


def is_found(item: Rule, example: Example) -> bool:
    known = world(example)
    if item.stage == "figure":
        found = judge_figures(figures(example.rows), known.indicators, known.areas)
    else:
        judged = validate_answers(answers(example.rows), known)
        found = judged.findings
        if item.stage == "across":
            found = judge_across(judged.accepted, known)[1]
    return item.code in set(found["code"])


def tried(item: Rule) -> list[Callable[[], object]]:
    """Everything that may tell, the cheapest and most telling first."""
    examples = (*item.edges, item.failing, item.passing)
    return [*item.probes, *(partial(is_found, item, example) for example in examples)]


@cache
def before(code: str) -> list[object]:
    return [verdict() for verdict in tried(REGISTER[code])]


def is_noticed(item: Rule) -> bool:
    unmoved = before(item.code)
    return any(verdict() != was for verdict, was in zip(tried(item), unmoved, strict=True))


@pytest.mark.parametrize(
    ("item", "name", "sign"), MOVED, ids=[f"{i.code}-{n}-{s:+d}" for i, n, s in MOVED]
)
def test_a_bound_moved_a_little_changes_a_verdict(item, name, sign, monkeypatch):
    before(item.code)
    held = BOUNDS[name]
    moved = dataclasses.replace(held, value=held.value + sign * held.step)
    monkeypatch.setitem(BOUNDS, name, moved)
    assert is_noticed(item), f"{item.code} has no example at the edge of {name}"


@pytest.mark.parametrize(
    ("item", "name", "sign"), DECLARED, ids=[f"{i.code}-{n}-{s:+d}" for i, n, s in DECLARED]
)
def test_a_declared_limit_moved_a_little_changes_a_verdict(item, name, sign):
    moved = dataclasses.replace(
        item,
        failing=shifted(item.failing, name, sign),
        passing=shifted(item.passing, name, sign),
        edges=tuple(shifted(example, name, sign) for example in item.edges),
    )
    assert is_noticed(moved), f"{item.code} has no example at the edge of {name}"


def shifted(example: Example, name: str, sign: int) -> Example:
    field = "indicator" if name in INDICATOR else "measure"
    ordinary = INDICATOR if field == "indicator" else MEASURE
    declared = getattr(example, field)
    value = declared.get(name, ordinary[name])
    if value is None:
        return example
    moved = {**declared, name: value + sign * SHARE * max(1.0, abs(value))}
    return dataclasses.replace(example, **{field: moved})


def test_every_bound_is_some_rules_and_a_rule_names_only_bounds_there_are():
    used = {name for item in REGISTER.values() for name in item.bounds}
    assert used == set(BOUNDS)
    assert all(held.step > 0 and held.why for held in BOUNDS.values())
    with pytest.raises(RuleError, match="no bounds"):
        rule(
            "area_unknown_twin", severity="note", level="cell", stage="cell", fields=("value",),
            failing=one(), passing=one(), bounds=("as_i_please",),
        )(lambda rows, context: Found(None))  # fmt: skip


def test_a_bound_without_an_example_at_its_edge_is_noticed(monkeypatch):
    """The test above can fail: a rule that names a bound and has no example near it."""
    blunt = dataclasses.replace(REGISTER["area_blank"], bounds=("outlier_mad_z",), edges=())
    unmoved = [verdict() for verdict in tried(blunt)]
    held = BOUNDS["outlier_mad_z"]
    monkeypatch.setitem(BOUNDS, "outlier_mad_z", dataclasses.replace(held, value=held.value + 0.05))
    assert [verdict() for verdict in tried(blunt)] == unmoved


PLAIN = {0, 1, 2, 100}
"""Numbers a function may hold: nothing, one, two ends, per cent."""
EXAMPLES = {
    *("_history", "_level", "_copy", "_among", "_table", "_of_many", "_of_one_council", "_one"),
    *("_hundredfold", "_near_gain", "_near_order", "_near_questions", "_near_trust"),
}
"""Functions that make examples."""
CONSTANTS = {
    "NOISE": "arithmetic in doubles",
    "NOISE_FREE": "arithmetic in doubles",
    "LISTED": "words of a message",
    "WHOLE_FROM": "words of a message",
    "MAD_TO_SD": "a property of the normal distribution",
    "DEGREES": "the name of the distribution",
    "NEAR_DAYS": "what counts as the same day of count",
    "LARGEST_RATIO": "arithmetic in doubles",
    "POWERS": "the mistakes looked for",
    "_FIRST": "example",
    "_YEARS": "example",
}
JUDGING = [
    *("across", "answers", "changes", "copies", "duplicates", "figures", "grid", "history"),
    *("likelihood", "limits", "misfiled", "outliers", "places", "totals", "unexpected", "unit"),
    "tolerance",
]
STRUCTURE = {
    "grid": {10, 12},
    "unit": {10},
    "likelihood": {3},
    "tolerance": {10.0, 0.5},
    "history": {31, 12},
    "duplicates": set(),
}
"""Months of a year, the decimal system, characters of a date, axes of a block: no thresholds."""


@pytest.mark.parametrize("name", JUDGING)
def test_no_number_hides_in_a_rule(name):
    path = Path(validations.rules.__file__).parent / f"{name}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    allowed = PLAIN | STRUCTURE.get(name, set())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name not in EXAMPLES:
            body = [part for statement in node.body for part in ast.walk(statement)]
            assert numbers(body) <= allowed, (node.name, numbers(body) - allowed)
        if isinstance(node, ast.Assign) and numbers(ast.walk(node.value)):
            targets = {target.id for target in node.targets if isinstance(target, ast.Name)}
            is_example = any(isinstance(part, ast.Call) for part in ast.walk(node.value))
            assert is_example or targets <= CONSTANTS.keys(), targets


def numbers(nodes) -> set[float]:
    return {
        abs(node.value)
        for node in nodes
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    }


def test_every_rule_module_is_looked_through():
    folder = Path(validations.rules.__file__).parent
    with_rules = {path.stem for path in folder.glob("*.py") if "\n@rule(" in path.read_text()}
    assert with_rules - {"structure"} <= set(JUDGING)
