"""Rules about one answer: its number, its notes, its bounds, its limits, its letters.

Here belongs what can be said of a row without looking at any other.
"""

import re

import numpy as np

from validations.rules.examples import one
from validations.rules.numbers import ranges
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Array, Mask, Rows, RuleContext, is_null

# U+FFFD; its three UTF-8 bytes read as cp1252; Ã for any accented Latin-1 letter; ŵ, ŷ; ’ and –.
GARBLED = re.compile("\ufffd|ï¿½|Ã|Å[µ·´¶]|â€")
NUMBERS = ("value", "lower_95", "upper_95")


def _texts(values: Array) -> list[str]:
    return [f"{value:.15g}" for value in values]


@rule(
    "number_unreadable",
    severity="error",
    level="cell",
    stage="cell",
    fields=("value", "lower_95", "upper_95"),
    failing=one(value_text="1.2m"),
    passing=one(value_text="£1,200"),
    one_per=("measure", "source_column", "seen"),
)
def number_unreadable(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """Text in a number, in a form that is not accepted."""
    parts = [(name, np.flatnonzero(rows[f"{name}_fault"] == "unreadable")) for name in NUMBERS]
    parts = [(name, hits) for name, hits in parts if len(hits)]
    if not parts:
        return None
    return Found(
        np.concatenate([hits for _, hits in parts]),
        seen=[text for name, hits in parts for text in rows[f"{name}_text"][hits]],
        expected=[text for name, hits in parts for text in rows[f"{name}_remedy"][hits]],
        about={"source_column": [name for name, hits in parts for _ in hits]},
    )


@rule(
    "symbol_unclear",
    severity="query",
    level="cell",
    stage="change",
    fields=("value",),
    failing=one(value_text="-"),
    passing=one(value_text=".."),
    one_per=("measure", "seen"),
)
def symbol_unclear(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """A dash or tilde: nil in some tables, negligible in others; kept without a value."""
    hits = np.flatnonzero((rows["value_fault"] == "unclear") & is_null(rows["note_text"]))
    return Found(hits, seen=rows["value_text"][hits])


@rule(
    "value_blank",
    severity="query",
    level="cell",
    stage="change",
    fields=("value", "note_code"),
    failing=one(value_text=None),
    passing=one(value_text=None, note_text="Not available"),
    one_per=("measure", "period"),
)
def value_blank(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """Neither a value nor a code that says why there is none; blank is never zero."""
    return Found(np.flatnonzero(rows["is_blank"]))


@rule(
    "value_dropped",
    severity="note",
    level="cell",
    stage="change",
    fields=("value", "note_code"),
    failing=one(value_text="7", note_text="Confidential"),
    passing=one(value_text="0", note_text="Not available"),
    one_per=("measure", "expected"),
)
def value_dropped(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """A value other than 0 beside a missing code; StatsWales puts a 0 there, which says nothing."""
    supplied = rows["supplied"]
    hits = np.flatnonzero(rows["is_missing"] & ~np.isnan(supplied) & (supplied != 0))
    return Found(hits, seen=rows["value_text"][hits], expected=rows["note_code"][hits])


@rule(
    "note_unknown",
    severity="error",
    level="cell",
    stage="cell",
    fields=("note_code",),
    failing=one(note_text="Approximately"),
    passing=one(note_text="Amcangyfrifedig, Diwygiedig"),
    one_per=("seen",),
)
def note_unknown(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """A note that is not known: the figure beside it may be a placeholder, so it is not read."""
    unknown = rows["note_unknown"]
    hits = np.flatnonzero(unknown.astype(bool))
    return Found(hits, seen=unknown[hits])


def _bounded(rows: Rows, is_hit: Mask, bounds: Array) -> Found:
    hits = np.flatnonzero(is_hit)
    return Found(hits, seen=rows["value_text"][hits], expected=_texts(bounds[hits]))


@rule(
    "negative_value",
    severity="error",
    level="cell",
    stage="cell",
    fields=("value",),
    failing=one(value_text="(45)"),
    passing=Example([{"value_text": "-45"}], measure={"min": float("nan")}),
)
def negative_value(rows: Rows, context: RuleContext) -> Found | None:
    """Below zero where the smallest possible value is zero or more."""
    low = context.declared(rows, "min")
    return _bounded(rows, (rows["value"] < 0) & (low >= 0), low)


@rule(
    "below_minimum",
    severity="error",
    level="cell",
    stage="cell",
    fields=("value",),
    failing=Example([{"value_text": "0.5"}], measure={"min": 1}),
    passing=Example([{"value_text": "1"}], measure={"min": 1}),
    declared=("min",),
    edges=(Example([{"value_text": "0.99"}], measure={"min": 1}),),
)
def below_minimum(rows: Rows, context: RuleContext) -> Found | None:
    """Below the smallest possible value; a wrong sign is negative_value's."""
    low, value = context.declared(rows, "min"), rows["value"]
    return _bounded(rows, (value < low) & ~((value < 0) & (low >= 0)), low)


@rule(
    "above_maximum",
    severity="error",
    level="cell",
    stage="cell",
    fields=("value",),
    failing=Example([{"value_text": "100.5"}], measure={"unit": "percent", "max": 100}),
    passing=Example([{"value_text": "100%"}], measure={"unit": "percent", "max": 100}),
    declared=("max",),
)
def above_maximum(rows: Rows, context: RuleContext) -> Found | None:
    """Above the largest possible value: a percentage over 100 where 100 is the bound."""
    high = context.declared(rows, "max")
    return _bounded(rows, rows["value"] > high, high)


@rule(
    "not_whole",
    severity="error",
    level="cell",
    stage="cell",
    fields=("value",),
    failing=Example([{"value_text": "12.5"}], measure={"is_whole": True}),
    passing=Example([{"value_text": "12.0"}], measure={"is_whole": True}),
)
def not_whole(rows: Rows, context: RuleContext) -> Found | None:
    """Decimals in a count of separate things."""
    value = rows["value"]
    is_broken = context.declared(rows, "is_whole") & ~np.isnan(value) & (value != np.round(value))
    hits = np.flatnonzero(is_broken)
    return Found(hits, seen=rows["value_text"][hits])


@rule(
    "limits_out_of_order",
    severity="error",
    level="row",
    stage="cell",
    fields=("value", "lower_95", "upper_95"),
    failing=one(value_text="10", lower_95_text="11", upper_95_text="12"),
    passing=one(value_text="10", lower_95_text="10", upper_95_text="12"),
)
def limits_out_of_order(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """The supplied limits do not hold the value: lower <= value <= upper."""
    low, value, high = rows["lower_95"], rows["value"], rows["upper_95"]
    hits = np.flatnonzero((low > value) | (value > high) | (low > high))
    return Found(hits, seen=rows["value_text"][hits], expected=ranges(low[hits], high[hits]))


@rule(
    "garbled_text",
    severity="error",
    level="cell",
    stage="cell",
    fields=("area_name", "note_text", "explanation_text"),
    failing=one(area_name="Ynys MÃ´n"),
    passing=one(area_name="Ynys Môn"),
    one_per=("source_column", "seen"),
)
def garbled_text(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """Letters damaged by a wrong encoding (M18); what is damaged here may be damaged elsewhere."""
    names = ("area_name", "note_text", "explanation_text")
    parts = [(name, _garbled(rows[name])) for name in names]
    parts = [(name, hits) for name, hits in parts if len(hits)]
    if not parts:
        return None
    return Found(
        np.concatenate([hits for _, hits in parts]),
        seen=[text for name, hits in parts for text in rows[name][hits]],
        about={"source_column": [name for name, hits in parts for _ in hits]},
    )


def _garbled(texts: Array) -> Array:
    bad = {text for text in set(texts) if text and GARBLED.search(text)}
    if not bad:
        return np.array([], dtype=np.intp)
    return np.flatnonzero([text in bad for text in texts])
