"""The ground that the rules' examples stand on: a small council world and an ordinary answer.

Here belongs what every example has in common. An example says only how it differs from this.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from sql.frames import conform
from validations.rules.registry import Example
from validations.rules.rows import RuleContext

Row = dict[str, Any]
CARDIFF, CONWY, POWYS, WALES = "W06000015", "W06000003", "W06000023", "W92000004"
RETURN = f"AR/2022-23/{CARDIFF}/2023.1/s001"
"""A return of Cardiff's; an answer without one was published, not sent."""
NAMES = {
    CARDIFF: ("Cardiff", "Caerdydd"),
    CONWY: ("Conwy", "Conwy"),
    POWYS: ("Powys", "Powys"),
    WALES: ("Wales", "Cymru"),
}
ANSWER: Row = {
    "dataset": "example",
    "measure": "births",
    "period_text": "2022",
    "area_text": CARDIFF,
    "breakdown_type": "total",
    "breakdown": "total",
    "value_text": "100",
    "source_file": "births.csv",
    "source_row": 2,
    "is_stale": False,
}
WIDE = [f"W060000{number:02d}" for number in (*range(1, 7), *range(8, 17))]
"""Fifteen councils, where a rule compares councils: Conwy and Cardiff are among them."""
MEASURE: Row = {
    "measure": "births",
    "dataset": "example",
    "label_en": "Births",
    "label_cy": "Genedigaethau",
    "unit": "count",
    "period_type": "calendar_year",
    "is_whole": False,
    "min": 0.0,
    "max": float("nan"),
    "noise": "none",
    "breakdown_type": None,
    "breakdowns": "",
    "has_total": True,
    "max_change_pct": 50.0,
    "tolerance": "learnt",
    "adds_up": None,
    "agrees_with": None,
    "agrees_within_pct": 0.0,
}
INDICATOR: Row = {
    "indicator": "low_birth_weight",
    "title_en": "Babies of low birth weight",
    "title_cy": "Babanod â phwysau geni isel",
    "kind": "proportion",
    "multiplier": 100.0,
    "decimals": 1,
    "value_basis": "derived",
    "interval": "binomial",
    "noise": "none",
    "lower_bound": 0.0,
    "upper_bound": 100.0,
    "numerator": "births_under_2500g",
    "denominator": "births",
}
FIGURE: Row = {
    "indicator": "low_birth_weight",
    "period": "2022-01-01/P1Y",
    "area_code": CARDIFF,
    "breakdown_type": "total",
    "breakdown": "total",
    "area_type": "council",
    "numerator": 6.0,
    "denominator": 100.0,
    "value": 6.0,
    "value_rounded": 6.0,
}


def one(**changes: object) -> Example:
    """An example of one row that differs so from the ordinary one."""
    return Example([changes])


def series(values: Mapping[str, str], area: str = CARDIFF, **changes: object) -> list[Row]:
    """One row for each period of one area: period text -> value text."""
    return [
        {"area_text": area, "period_text": period, "value_text": value, **changes}
        for period, value in values.items()
    ]


def councils(values: Mapping[str, str], **changes: object) -> list[Row]:
    """The same periods and values for each of the three councils."""
    return [row for area in (CARDIFF, CONWY, POWYS) for row in series(values, area, **changes)]


def answers(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Rows in the shape of raw_returns, each as it differs from the ordinary answer."""
    numbered = [{**ANSWER, "source_row": place, **row} for place, row in enumerate(rows, start=2)]
    made = pd.DataFrame(numbered) if numbered else pd.DataFrame(columns=list(ANSWER))
    return conform(made, "raw_returns", fill=True)


def figures(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Rows in the shape of indicator_values, each as it differs from the ordinary figure."""
    return conform(pd.DataFrame([{**FIGURE, **row} for row in rows]), "indicator_values", fill=True)


def areas() -> pd.DataFrame:
    """Three councils and Wales; Powys's code began on 1 April 1996 and has no predecessor."""
    made = pd.DataFrame(
        {
            "area_code": list(NAMES),
            "area_type": ["council", "council", "council", "nation"],
            "name_en": [name for name, _ in NAMES.values()],
            "name_cy": [name for _, name in NAMES.values()],
            "valid_from": ["1996-04-01" if code == POWYS else None for code in NAMES],
        }
    )
    return conform(made, "areas", fill=True)


def wide_areas() -> pd.DataFrame:
    """Fifteen councils, Wales, and what belongs to no council."""
    codes = [*WIDE, WALES, "unallocated"]
    kinds = ["council"] * len(WIDE) + ["nation", "unallocated"]
    names = [NAMES.get(code, (code, code)) for code in codes]
    made = pd.DataFrame(
        {
            "area_code": codes,
            "area_type": kinds,
            "name_en": [name for name, _ in names],
            "name_cy": [name for _, name in names],
            "parent_code": [WALES] * len(WIDE) + [None, WALES],
        }
    )
    return conform(made, "areas", fill=True)


def indicators(changes: Mapping[str, object] | None = None) -> pd.DataFrame:
    """The catalogue of one indicator, with changes."""
    made = pd.DataFrame([{**INDICATOR, **(changes or {})}])
    return conform(made, "indicator_catalogue", fill=True)


def context(
    measure: Mapping[str, object] | None = None,
    also: Mapping[str, object] | Sequence[Mapping[str, object]] | None = None,
    **more: pd.DataFrame,
) -> RuleContext:
    """The context of the examples on 1 June 2026: one measure as it differs, perhaps others."""
    others = [also] if isinstance(also, Mapping) else list(also or ())
    declared = [
        {**MEASURE, **(measure or {})},
        *({**MEASURE, **other} for other in others if other),
    ]
    return RuleContext(
        dataset="example",
        measures=more.get("measures", pd.DataFrame(declared)),
        areas=more.get("areas", areas()),
        indicators=more.get("indicators", indicators()),
        now=date(2026, 6, 1),
    )


def world(example: Example) -> RuleContext:
    """The context that an example is judged in."""
    known = wide_areas() if example.is_wide else areas()
    declared = indicators(example.indicator)
    return context(example.measure, example.also, areas=known, indicators=declared)
