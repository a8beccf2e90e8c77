"""How a rule is declared and found: code, severity, level, fields, life, and two examples.

Here belongs the register. A rule without a message in both languages, or without an example that
fails and one that passes, is refused when its module is imported. The bounds a rule judges by are
named, so that a test can move each of them and see an example's verdict change.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Required, TypedDict, Unpack, get_args

import numpy as np
from numpy.typing import NDArray

from sql.tables import column_names
from validations.messages import has_message
from validations.rules.bounds import BOUNDS
from validations.rules.rows import Mask, Rows, RuleContext

Severity = Literal["error", "query", "note"]
Level = Literal["cell", "row", "return", "across_returns", "across_councils", "dataset"]
Stage = Literal["file", "cell", "duplicate", "series", "change", "grid", "across", "figure"]
"""When a rule is asked: each stage sees the rows that the stages before left standing. `grid`
sees every row with a known place and period; `across` the accepted answers of all datasets;
`figure` rules judge figures, not answers."""


class RuleError(ValueError):
    """A rule is declared without something it must have."""


@dataclass(frozen=True)
class Example:
    """Rows that a rule must find (failing) or leave alone (passing).

    rows: what differs from an ordinary row, one mapping a row; measure, indicator: what differs
    from an ordinary declaration; also: further measures, as they differ from the ordinary one, one
    or many; is_wide: fifteen councils instead of three.
    """

    rows: Sequence[Mapping[str, object]]
    measure: Mapping[str, object] = field(default_factory=dict)
    indicator: Mapping[str, object] = field(default_factory=dict)
    also: Mapping[str, object] | Sequence[Mapping[str, object]] = field(default_factory=dict)
    is_wide: bool = False


Values = Sequence[object] | NDArray[Any] | str | None
"""One for all hits, or one per hit."""


@dataclass(frozen=True)
class Found:
    """What a rule found: one entry per hit.

    rows: positions in the Rows it was given; None where something is absent, and `about` then
    names measure, period and area_code. seen, expected: for the message and the finding, one for
    all or one per hit. about: further columns of the finding or placeholders, aligned with hits.
    """

    rows: NDArray[np.intp] | None
    seen: Values = None
    expected: Values = None
    about: Mapping[str, Sequence[object]] = field(default_factory=dict)


Probe = Callable[[], object]
"""Gives a verdict that must change when one of the rule's bounds moves; for bounds that only a
large example could show."""
Check = Callable[[Rows, RuleContext], Found | None]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A registered rule; see Declared for the fields."""

    code: str
    check: Check
    severity: Severity
    level: Level
    stage: Stage
    fields: tuple[str, ...]
    failing: Example
    passing: Example
    one_per: tuple[str, ...] | None = None
    bounds: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    edges: tuple[Example, ...] = ()
    probes: tuple[Probe, ...] = ()
    since: str | None = None
    until: str | None = None

    @property
    def rejects(self) -> bool:
        """Whether the rows it finds are refused."""
        return self.severity == "error"

    def in_force(self, rows: Rows) -> Mask | None:
        """Which rows begin within the rule's life; None for all."""
        if self.since is None and self.until is None:
            return None
        starts = [str(period or "")[:10] for period in rows["period"]]
        low, high = self.since or "", self.until or "9999"
        return np.array([low <= start <= high for start in starts], dtype=bool)


REGISTER: dict[str, Rule] = {}


class Declared(TypedDict, total=False):
    """What a rule declares beside its code.

    fields: the columns it is about, the first being the column a finding names. one_per: findings
    of one file that agree in these columns are one cause and become one finding; None keeps every
    hit apart. bounds: names in validations.rules.bounds; declared: fields of a measure or indicator
    it takes as limits; edges, probes: further examples and verdicts, at the edge of these. since,
    until: first and last day on which a period it judges may begin.
    """

    severity: Required[Severity]
    level: Required[Level]
    stage: Required[Stage]
    fields: Required[tuple[str, ...]]
    failing: Required[Example]
    passing: Required[Example]
    one_per: tuple[str, ...] | None
    bounds: tuple[str, ...]
    declared: tuple[str, ...]
    edges: tuple[Example, ...]
    probes: tuple[Probe, ...]
    since: str | None
    until: str | None


def rule(code: str, **declared: Unpack[Declared]) -> Callable[[Check], Check]:
    """Register a function as the rule of that code; RuleError if anything is lacking."""

    def register(check: Check) -> Check:
        made = Rule(code=code, check=check, **declared)
        _refuse_incomplete(made)
        REGISTER[code] = made
        return check

    return register


def rules_of(stage: Stage) -> list[Rule]:
    """Rules of a stage in the order they were registered."""
    return [item for item in REGISTER.values() if item.stage == stage]


def _refuse_incomplete(made: Rule) -> None:
    faults = _faults(made)
    if faults:
        raise RuleError(f"rule {made.code!r}: " + "; ".join(faults))


def _faults(made: Rule) -> list[str]:
    known = {*column_names("raw_returns"), *column_names("validated_returns")}
    known |= {*column_names("indicator_values"), *column_names("indicator_catalogue")}
    checks: list[tuple[Any, str]] = [
        (re.fullmatch(r"[a-z][a-z0-9_]+", made.code), "the code is not a plain name"),
        (made.code not in REGISTER, "the code is taken"),
        (made.severity in get_args(Severity), f"no severity {made.severity!r}"),
        (made.level in get_args(Level), f"no level {made.level!r}"),
        (made.stage in get_args(Stage), f"no stage {made.stage!r}"),
        (made.fields, "it names no field"),
        (set(made.fields) <= known, f"unknown fields {sorted(set(made.fields) - known)}"),
        (
            set(made.bounds) <= BOUNDS.keys(),
            f"no bounds {sorted(set(made.bounds) - BOUNDS.keys())}",
        ),
        (_is_example(made.failing), "it has no failing example"),
        (_is_example(made.passing), "it has no passing example"),
        (has_message(made.code), "it has no message in messages/en.yaml and cy.yaml"),
    ]
    return [text for is_fine, text in checks if not is_fine]


def _is_example(example: object) -> bool:
    return isinstance(example, Example)
