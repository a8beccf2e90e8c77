"""Rules about a whole and its parts within a dataset: Wales = the councils + what has no council.

Here belongs the arithmetic of a table, for questions whose catalogue entry says that they add up.
Where a part has no figure the sum says nothing. The tolerance is that of
validations.rules.tolerance: what the rounding of whole and parts explains, and nothing more.
"""

from dataclasses import dataclass

import numpy as np

from validations.rules.examples import WALES, WIDE, series
from validations.rules.grid import expected_councils, expects
from validations.rules.history import History, Places, history_of
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Array, Mask, Rows, RuleContext
from validations.rules.tolerance import half_base, half_units, reconcile_total

AREAS = "areas"
"""What a measure declares in adds_up when its councils add up to Wales."""
_ADDS = {"adds_up": AREAS}


def _table(total: str, unallocated: str = "0", **measure: object) -> Example:
    """Fifteen councils of 100 each, what belongs to none of them, and Wales."""
    rows = [row for area in WIDE for row in series({"2022": "100"}, area)]
    rows += series({"2022": unallocated}, "unallocated") + series({"2022": total}, WALES)
    return Example(rows, measure=_ADDS | measure, is_wide=True)


@rule(
    "total_differs",
    severity="query",
    level="across_councils",
    stage="change",
    fields=("value",),
    failing=_table("1510"),
    passing=_table("1510", "10"),
    bounds=("far_from_parts",),
    edges=(_table("1530.6"), _table("1529.4"), _table("1580", noise="rounded:10")),
)
def total_differs(rows: Rows, context: RuleContext) -> Found | None:
    """A whole that differs from the sum of its parts by more than rounding, and by at most 2 %."""
    return _difference(rows, context, is_far=False)


@rule(
    "total_wrong",
    severity="error",
    level="across_councils",
    stage="change",
    fields=("value",),
    failing=_table("1600"),
    passing=_table("1510"),
    bounds=("far_from_parts",),
    edges=(_table("1530.6"), _table("1529.4")),
)
def total_wrong(rows: Rows, context: RuleContext) -> Found | None:
    """A whole more than 2 % away from its parts: the whole is not used, the parts are."""
    return _difference(rows, context, is_far=True)


@dataclass(frozen=True)
class _Wholes:
    """Rows that stand for a whole, with their parts: rows x parts, NaN for none."""

    rows: Places
    parts: Array


def _difference(rows: Rows, context: RuleContext, *, is_far: bool) -> Found | None:
    found = _wholes(rows, context)
    if found is None:
        return None
    stated = rows["value"][found.rows]
    half = half_units(stated, rows["measure"][found.rows])
    declared = context.declared(rows, "noise")[found.rows]
    noise = np.array([half_base(text) for text in declared], dtype=np.float64)
    gap = reconcile_total(found.parts, stated, half, noise)
    hits = gap.is_off & (gap.is_far == is_far)
    return Found(
        found.rows[hits],
        seen=rows["value_text"][found.rows[hits]],
        expected=[f"{number:.15g}" for number in gap.derived[hits]],
    )


def _wholes(rows: Rows, context: RuleContext) -> _Wholes | None:
    """The nation's rows of questions that add up, where every part has a figure."""
    adds_up = context.declared(rows, "adds_up") == AREAS
    nations = {_nation_of(code, context) for code in context.councils}
    is_nation: Mask = np.array([code in nations for code in rows["area_code"]], dtype=bool)
    wholes = np.flatnonzero(adds_up & is_nation & ~np.isnan(rows["value"]))
    if not len(wholes):
        return None
    block = history_of(rows, context)
    is_part = np.array([_is_part(code, context) for code in block.areas], dtype=bool)
    series, _, period = (places[wholes] for places in block.row)
    parts = block.figures[series][:, is_part][np.arange(len(wholes)), :, period]
    complete = _is_complete(block.figures, block.areas, block.periods, context)[series, period]
    complete &= ~_is_withheld(rows, block, context)[series, period]
    return _Wholes(wholes[complete], parts[complete]) if complete.any() else None


def _nation_of(code: str | None, context: RuleContext) -> str | None:
    """The nation a council is in: the first one that contains it."""
    while code in context.area and context.area[code]["area_type"] != "nation":
        code = context.area[code]["parent_code"]
    return code


def _is_part(code: str, context: RuleContext) -> bool:
    return context.area[code]["area_type"] in ("council", "unallocated")


def _is_withheld(rows: Rows, block: History, context: RuleContext) -> Mask:
    """Whether what belongs to no council has a row without a figure, other than z: series x period.

    Without a row there is nothing that belongs to no council; a figure that is confidential or
    missing is part of the whole all the same.
    """
    applies = [(note or "").split(",")[0] != "z" for note in rows["note_code"]]
    is_rest = [context.area[code]["area_type"] == "unallocated" for code in rows["area_code"]]
    found = np.zeros(block.figures.shape, dtype=bool)
    found[block.row] = np.isnan(rows["value"]) & applies & is_rest
    return np.asarray(found.any(axis=1), dtype=bool)


def _is_complete(values: Array, areas: list[str], periods: list[str], context: RuleContext) -> Mask:
    """Whether every council that has figures in a period has one: series x period."""
    place = {code: number for number, code in enumerate(areas)}
    complete = np.ones((len(values), len(periods)), dtype=bool)
    for code in expected_councils(context):
        is_due = np.array([expects(context.area[code], period) for period in periods], dtype=bool)
        if code not in place:
            complete &= ~is_due
        else:
            complete &= ~(np.isnan(values[:, place[code]]) & is_due)
    return complete
