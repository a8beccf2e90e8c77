"""Rules about what is absent: councils, categories, periods, measures, everything.

Here belongs completeness against the expected grid, councils x periods x categories; row counts
miss a missing year. A row with a missing code is an answer: it says why there is no figure.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from sql.periods import add_months, describe_period
from validations.rules.examples import CARDIFF, CONWY, POWYS, councils, series
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Record, Rows, RuleContext

_TWO = {"2021": "30", "2022": "31"}
LISTED = 3
"""Periods or categories named in a message; the others are counted."""


@rule(
    "no_rows",
    severity="error",
    level="dataset",
    stage="grid",
    fields=("value",),
    failing=Example([]),
    passing=Example(councils(_TWO)),
)
def no_rows(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """Not one answer with a place and a period."""
    return None if len(rows) else _absent([{}])


@rule(
    "no_values",
    severity="error",
    level="dataset",
    stage="grid",
    fields=("value",),
    failing=Example(councils(_TWO, value_text=None, note_text="x")),
    passing=Example(councils(_TWO)),
)
def no_values(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """Answers, and not one number among them."""
    is_empty = len(rows) > 0 and bool(np.isnan(rows["supplied"]).all())
    return _absent([{}]) if is_empty else None


@rule(
    "measure_missing",
    severity="error",
    level="dataset",
    stage="grid",
    fields=("measure",),
    failing=Example(councils(_TWO), also={"measure": "deaths"}),
    passing=Example(councils(_TWO)),
)
def measure_missing(rows: Rows, context: RuleContext) -> Found | None:
    """A question of the dataset without a single answer: it may have been renamed."""
    held = set(rows["measure"])
    absent = [name for name in context.measure if held and name not in held]
    found = [
        {"measure": name, "expected": context.measure[name].get("label_en") or name}
        for name in absent
    ]
    return _absent(found)


@rule(
    "council_missing",
    severity="query",
    level="across_councils",
    stage="grid",
    fields=("area_code", "period"),
    failing=Example(series(_TWO, CARDIFF) + series(_TWO, CONWY) + series({"2021": "30"}, POWYS)),
    passing=Example(councils(_TWO)),
)
def council_missing(rows: Rows, context: RuleContext) -> Found | None:
    """A council without any answer in a period in which another council has one.

    One finding for each measure and council, naming its periods. A council whose file was refused
    is not missing: that file has a finding of its own.
    """
    found: list[Record] = []
    for measure, answered in _answered(rows, context).items():
        for area in expected_councils(context):
            codes = {area, *_older(context.area[area])}
            periods = [
                period
                for period, held in answered.items()
                if not codes & held.keys() and expects(context.area[area], period)
            ]
            periods = [period for period in periods if not _sent(area, period, answered, context)]
            if periods:
                found.append(_gap(measure, periods, area))
    return _absent(found)


@rule(
    "category_missing",
    severity="note",
    level="across_councils",
    stage="grid",
    fields=("breakdown", "area_code", "period"),
    failing=Example(
        councils({"2022": "9"}, breakdown_type="sex", breakdown="female")
        + series({"2022": "9"}, CARDIFF, breakdown_type="sex", breakdown="male"),
        measure={"breakdown_type": "sex", "breakdowns": "female;male", "has_total": False},
    ),
    passing=Example(
        councils({"2022": "9"}, breakdown_type="sex", breakdown="female")
        + councils({"2022": "9"}, breakdown_type="sex", breakdown="male"),
        measure={"breakdown_type": "sex", "breakdowns": "female;male", "has_total": False},
    ),
)
def category_missing(rows: Rows, context: RuleContext) -> Found | None:
    """A council that answered a period without a category that another council has in it.

    A note: a council without, say, middle schools has no row for them.
    """
    found: list[Record] = []
    for measure, answered in _answered(rows, context).items():
        if not context.measure[measure]["breakdowns"]:
            continue
        lacking: dict[str, dict[str, list[str]]] = {}
        for period, held in answered.items():
            everything = set().union(*held.values())
            for area, categories in held.items():
                for category in everything - categories:
                    lacking.setdefault(area, {}).setdefault(category, []).append(period)
        found += [_lack(measure, area, lacking[area]) for area in sorted(lacking)]
    return _absent(found)


@rule(
    "period_missing",
    severity="error",
    level="dataset",
    stage="grid",
    fields=("period",),
    failing=Example(councils({"2020": "30", "2021": "31", "2023": "32"})),
    passing=Example(councils({"2020": "30", "2021": "31", "2022": "32"})),
)
def period_missing(rows: Rows, context: RuleContext) -> Found | None:
    """A whole period without an answer between two that have some.

    The step is the shortest between two periods that the measure has, so that a census every ten
    years has no gaps. Each run of missing periods is one finding.
    """
    found: list[Record] = []
    for measure in context.measure:
        periods = set(rows["period"][rows["measure"] == measure])
        found += [_gap(measure, missing) for missing in _holes(periods)]
    return _absent(found)


def _answered(rows: Rows, context: RuleContext) -> dict[str, dict[str, dict[str, set[str]]]]:
    """Measure -> period -> council -> categories answered, periods in order."""
    councils_known = set(context.councils)
    found: dict[str, dict[str, dict[str, set[str]]]] = {}
    names = ("measure", "period", "area_code", "breakdown")
    for measure, period, area, category in zip(*(rows[name] for name in names), strict=True):
        if area in councils_known:
            held = found.setdefault(measure, {}).setdefault(period, {})
            held.setdefault(area, set()).add(category)
    return {measure: dict(sorted(held.items())) for measure, held in sorted(found.items())}


def _sent(area: str, period: str, answered: Iterable[str], context: RuleContext) -> bool:
    """Whether a file of the council's that was refused is why it has no answer in the period.

    A file that does not say its period is taken to be of the newest one.
    """
    is_newest = period == max(answered)
    unnamed = is_newest and (area, None) in context.sent_broken
    return unnamed or (area, period) in context.sent_broken


def expected_councils(context: RuleContext) -> list[str]:
    """Councils that no other council has taken over: those before 2009 answer under either code."""
    replaced = {code for area in context.councils for code in _older(context.area[area])}
    return [code for code in context.councils if code not in replaced]


def _older(area: Record) -> list[str]:
    return [code for code in str(area.get("predecessors") or "").split(";") if code]


def expects(area: Record, period: str) -> bool:
    """Whether a council has figures in a period: its code lives, or took over an older one's."""
    end = str(describe_period(period).end)
    start = "" if area.get("predecessors") else area.get("valid_from") or ""
    return start <= end <= (area.get("valid_to") or "9999")


def _holes(periods: set[str]) -> Iterable[list[str]]:
    """Runs of periods missing between the first and the last."""
    starts = sorted((describe_period(period).start, period) for period in periods)
    months = [12 * start.year + start.month for start, _ in starts]
    steps = [after - before for before, after in pairwise(months)]
    step = min((size for size in steps if size > 0), default=0)
    for (start, period), size in zip(starts, steps, strict=False):
        if step and size >= 2 * step:
            length = period[10:]
            between = (add_months(start, step * turn) for turn in range(1, -(-size // step)))
            yield [f"{day}{length}" for day in between]


def _gap(measure: str, periods: list[str], area: str | None = None) -> Record:
    labels = _listed([describe_period(period).label for period in periods])
    only = periods[0] if len(periods) == 1 else None
    about = {"measure": measure, "area_code": area, "period": only}
    return about | {"expected": labels, "n_rows": len(periods)}


def _lack(measure: str, area: str, lacking: dict[str, list[str]]) -> Record:
    count = sum(len(periods) for periods in lacking.values())
    named = _listed(sorted(lacking))
    return {"measure": measure, "area_code": area, "expected": named, "n_rows": count}


def _listed(names: list[str]) -> str:
    more = f" (+{len(names) - LISTED})" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _absent(found: list[Record]) -> Found | None:
    """What is missing, as hits without rows."""
    if not found:
        return None
    names = ("measure", "area_code", "period", "expected")
    about: dict[str, list[object]] = {name: [item.get(name) for item in found] for name in names}
    about["n_rows"] = [item.get("n_rows", 0) for item in found]
    return Found(None, about=about)
