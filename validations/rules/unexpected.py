"""Rules about zeros and signs that a series' own past makes unlikely.

Here belongs what has no per cent: a nought where there was always something, a minus where there
was always a plus.
"""

from functools import lru_cache

import numpy as np

from validations.rules.bounds import bound
from validations.rules.examples import series
from validations.rules.history import History, history_of
from validations.rules.numbers import ranges
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Array, Mask, Rows, RuleContext, is_explained

_SIGNED = {"min": float("nan")}


def _one(values: str, **measure: object) -> Example:
    years = {str(2015 + place): value for place, value in enumerate(values.split())}
    return Example(series(years), measure=measure)


@rule(
    "unexpected_zero",
    severity="query",
    level="across_returns",
    stage="change",
    fields=("value",),
    failing=_one("31 30 32 0"),
    passing=_one("31 0 32 0"),
    bounds=("zero_history", "zero_small"),
    edges=(_one("31 30 0"), _one("31 10.2 32 0"), _one("31 9.8 32 0")),
)
def unexpected_zero(rows: Rows, context: RuleContext) -> Found | None:
    """A zero in a series that was never near it: often a figure that was not there."""
    hits = np.flatnonzero(is_unexpected_zero(rows, context) & ~is_explained(rows))
    return _against_least(rows, context, hits)


@rule(
    "unexpected_sign",
    severity="query",
    level="across_returns",
    stage="change",
    fields=("value",),
    failing=_one("31 30 32 -33", **_SIGNED),
    passing=_one("31 -30 32 -33", **_SIGNED),
    bounds=("sign_history", "sign_size"),
    edges=(
        _one("31 30 -33", **_SIGNED),
        _one("-31 -30 -32 33", **_SIGNED),
        _one("31 30 32 -15.6", **_SIGNED),
        _one("31 30 32 -14.4", **_SIGNED),
    ),
)
def unexpected_sign(rows: Rows, context: RuleContext) -> Found | None:
    """A figure below zero in a series that was always above it, or the reverse.

    A slip of the sign has the size of the figures before; a rate that sinks a little below zero for
    the first time has not.
    """
    if not len(rows):
        return None
    block = history_of(rows, context)
    count, least, most = past_of(block)
    value = rows["value"]
    is_turned = ((value < 0) & (least > 0)) | ((value > 0) & (most < 0))
    smallest = np.minimum(np.abs(least), np.abs(most))
    is_turned &= np.abs(value) > bound("sign_size") * smallest
    hits = np.flatnonzero(is_turned & (count >= bound("sign_history")) & ~is_explained(rows))
    return _against_least(rows, context, hits)


def is_unexpected_zero(rows: Rows, context: RuleContext) -> Mask:
    """Which rows are 0 although every earlier figure of their series was well above it."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    count, least, _ = past_of(history_of(rows, context))
    is_far = (count >= bound("zero_history")) & (least > bound("zero_small"))
    found: Mask = (rows["value"] == 0) & is_far
    return found


@lru_cache(maxsize=1)  # several rules in a row ask about the same block
def past_of(block: History) -> tuple[Array, Array, Array]:
    """By row: how many figures the series had in the years before, the least and the largest."""
    past = block.window(block.figures, int(bound("window_years")))
    count = np.count_nonzero(~np.isnan(past), axis=-1)
    least = np.min(np.where(np.isnan(past), np.inf, past), axis=-1)
    most = np.max(np.where(np.isnan(past), -np.inf, past), axis=-1)
    return block.of_rows(count), block.of_rows(least), block.of_rows(most)


def _against_least(rows: Rows, context: RuleContext, hits: Array) -> Found | None:
    if not len(hits):
        return None
    _, least, most = past_of(history_of(rows, context))
    usual = ranges(least[hits], most[hits])
    return Found(hits, seen=rows["value_text"][hits], expected=usual)
