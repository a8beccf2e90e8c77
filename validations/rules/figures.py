"""Rules about figures made from answers: parts and whole, bounds, limits, stated values.

Here belongs what can only be said of an indicator. Rows are indicator_values joined with the
indicator's declaration; an error means that the figure must not be published.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from validations.rules.examples import one
from validations.rules.numbers import ranges, written
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Array, Mask, Rows, RuleContext
from validations.rules.tolerance import (
    NOISE_FREE,
    choose,
    half_base,
    half_units,
    reconcile_ratio,
    reconcile_total,
)

NOT_RATIOS = ("count", "score", "index")
LARGEST_RATIO = 1e50
"""A part so many times its whole is a slip, and its square next to no number."""


def _texts(values: Array) -> list[str]:
    return [written(value) for value in values]


@rule(
    "numerator_over_denominator",
    severity="error",
    level="row",
    stage="figure",
    fields=("numerator", "denominator"),
    failing=one(numerator=101.0, denominator=100.0, value=101.0),
    passing=Example(
        [{"numerator": 101.0, "denominator": 100.0, "value": 101.0}],
        indicator={"kind": "rate", "upper_bound": None, "interval": "none"},
    ),
)
def numerator_over_denominator(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """More than all, in a proportion or of separate cases; and a quotient that is no number.

    Collection with arrears passes 100 % rightly: there the catalogue declares a rate.
    """
    top, bottom = rows["numerator"], rows["denominator"]
    is_part = (rows["kind"] == "proportion") | (rows["interval"] == "binomial")
    is_over = (top > bottom) & is_part | (np.abs(top) > LARGEST_RATIO * bottom)
    hits = np.flatnonzero(is_over & (bottom > 0) & _is_ratio(rows))
    return Found(hits, seen=_texts(top[hits]), expected=_texts(bottom[hits]))


@rule(
    "part_below_zero",
    severity="error",
    level="row",
    stage="figure",
    fields=("numerator", "denominator"),
    failing=one(numerator=-3.0, value=None),
    passing=Example(
        [{"numerator": -3.0, "value": -3.0}],
        indicator={"kind": "rate", "interval": "none", "lower_bound": None},
    ),
)
def part_below_zero(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """A whole below zero; a part below zero where people, cases or events are counted."""
    is_counted = np.isin(rows["interval"].astype(str), ("binomial", "poisson"))
    is_counted |= rows["kind"] == "proportion"
    is_wrong = (rows["numerator"] < 0) & (rows["denominator"] != 0) & is_counted
    hits = np.flatnonzero(is_wrong | ((rows["denominator"] < 0) & _is_ratio(rows)))
    part, whole = _texts(rows["numerator"][hits]), _texts(rows["denominator"][hits])
    return Found(hits, seen=part, expected=[text or "–" for text in whole])


def _is_ratio(rows: Rows) -> Mask:
    """Which figures are made of a part and a whole."""
    return ~np.isin(rows["kind"].astype(str), NOT_RATIOS)


@rule(
    "denominator_zero",
    severity="error",
    level="row",
    stage="figure",
    fields=("numerator", "denominator"),
    failing=one(numerator=3.0, denominator=0.0, value=None),
    passing=one(numerator=0.0, denominator=0.0, value=None, note_code="z"),
)
def denominator_zero(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """Something divided by nothing (M2); nothing by nothing is not applicable."""
    hits = np.flatnonzero((rows["denominator"] == 0) & (np.nan_to_num(rows["numerator"]) != 0))
    return Found(hits, seen=_texts(rows["numerator"][hits]))


@rule(
    "value_outside_bounds",
    severity="error",
    level="row",
    stage="figure",
    fields=("value",),
    failing=one(value=-1.0, numerator=None),
    passing=one(value=100.0, numerator=100.0),
    declared=("lower_bound", "upper_bound"),
    edges=tuple(one(value=value, numerator=None) for value in (-0.01, 0.01, 99.0, 101.0)),
)
def value_outside_bounds(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """A value that the indicator's bounds exclude."""
    value, low, high = rows["value"], rows["lower_bound"], rows["upper_bound"]
    slack = NOISE_FREE * np.maximum(1, np.abs(value))
    hits = np.flatnonzero((value < low - slack) | (value > high + slack))
    return Found(hits, seen=_texts(value[hits]), expected=ranges(low[hits], high[hits]))


@rule(
    "figure_limits_order",
    severity="error",
    level="row",
    stage="figure",
    fields=("value", "lower_95", "upper_95", "lower_998", "upper_998"),
    failing=one(value=6.0, lower_95=6.5, upper_95=8.0),
    passing=one(value=6.0, lower_95=5.0, upper_95=7.0, lower_998=4.0, upper_998=8.0),
)
def figure_limits_order(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """Limits that do not hold the value, or 99.8 % limits inside the 95 % ones."""
    value, low, high = rows["value"], rows["lower_95"], rows["upper_95"]
    slack = NOISE_FREE * np.maximum(1, np.abs(np.nan_to_num(value)))
    is_wrong = (low > value + slack) | (high < value - slack) | (low > high)
    is_wrong |= (rows["lower_998"] > low + slack) | (rows["upper_998"] < high - slack)
    hits = np.flatnonzero(is_wrong)
    return Found(hits, seen=_texts(value[hits]), expected=ranges(low[hits], high[hits]))


_NEAR_FAR = (
    one(numerator=6.0, denominator=100.0, stated_value=6.117),
    one(numerator=6.0, denominator=100.0, stated_value=6.123),
)


@rule(
    "stated_value_differs",
    severity="query",
    level="row",
    stage="figure",
    fields=("stated_value", "numerator", "denominator"),
    failing=one(numerator=6.0, denominator=100.0, stated_value=6.1),
    passing=one(numerator=6.04, denominator=100.0, stated_value=6.0),
    bounds=("far_from_parts",),
    edges=_NEAR_FAR,
)
def stated_value_differs(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """A stated value further from its parts than rounding allows, and within 2 %.

    An official figure published as it came is only checked: there every difference is a query. What
    was explained is asked no more.
    """
    found = _reconciled(rows)
    is_open = ~rows["is_explained"][found.rows].astype(bool)
    return _difference(found, found.is_off & (~found.is_far | found.is_published) & is_open)


@rule(
    "stated_value_wrong",
    severity="error",
    level="row",
    stage="figure",
    fields=("stated_value", "numerator", "denominator"),
    failing=one(numerator=6.0, denominator=100.0, stated_value=60.0),
    passing=one(numerator=6.0, denominator=100.0, stated_value=6.1),
    bounds=("far_from_parts",),
    edges=_NEAR_FAR,
)
def stated_value_wrong(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """A stated value more than 2 % away from its parts, and more than rounding explains."""
    found = _reconciled(rows)
    return _difference(found, found.is_off & found.is_far & ~found.is_published)


def _difference(found: "Reconciled", is_hit: Mask) -> Found:
    return Found(
        found.rows[is_hit],
        seen=_texts(found.stated[is_hit]),
        expected=_texts(found.derived[is_hit]),
    )


@dataclass(frozen=True)
class Reconciled:
    """Figures with a stated value and parts, and how far apart these are."""

    rows: NDArray[np.intp]
    stated: Array
    derived: Array
    is_off: Mask
    is_far: Mask
    is_published: Mask


def _reconciled(rows: Rows) -> Reconciled:
    """Whether stated and derived value differ beyond rounding, and by over 2 % (M1).

    The tolerance is that of validations.rules.tolerance.
    """
    is_published = rows["value_basis"] == "as_published"
    every = np.where(
        np.isnan(rows["stated_value"]) & is_published, rows["value"], rows["stated_value"]
    )
    has_top = ~np.isnan(every) & ~np.isnan(rows["numerator"])
    some = np.flatnonzero(has_top & ((rows["denominator"] > 0) | (rows["kind"] == "count")))
    stated, factor = every[some], rows["multiplier"][some]
    part, whole = rows["numerator"][some], rows["denominator"][some]
    half = half_units(stated, rows["indicator"][some])
    noise = np.array([half_base(text) for text in rows["noise"][some]], dtype=np.float64)
    ratio = reconcile_ratio(part, whole, factor, stated, half, noise)
    count = reconcile_total((factor * part)[:, None], stated, half, factor * noise)
    gap = choose(rows["kind"][some] == "count", count, ratio)
    return Reconciled(some, stated, gap.derived, gap.is_off, gap.is_far, is_published[some])
