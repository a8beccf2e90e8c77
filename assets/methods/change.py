"""Change and direction (M9): against the previous equivalent period, and since the last break.

Here belongs what one council's figure did over time; the same for every group it is compared in.
"""

from dataclasses import dataclass

import numpy as np

from assets.methods.change_tests import (
    MOST_EVENTS,
    SIGNIFICANT_BELOW,
    conditional_binomial,
    is_newcombe_significant,
    is_z_significant,
)
from assets.methods.codes import Words, first_true
from assets.methods.declarations import Declarations
from assets.methods.dense import Dense
from assets.methods.impossible import Flags, Floats, Ints
from assets.methods.lanes import blank
from assets.methods.observations import Observations
from assets.methods.values import Figures, nature_of

DIRECTIONS = ("improved", "worsened", "no change", "increased", "decreased")
TESTS = ("newcombe", "conditional_binomial", "z")
REASONS = (
    "no value",
    "break in the series",
    "no figure for the previous period",
    "no value in the previous period",
    "no interval is declared",
    "no test for this kind of interval",
    "no counts to test",
    "no standard error",
)
NO_VALUE, BREAK, NO_PERIOD, NO_PREVIOUS, NO_INTERVAL, NO_TEST, NO_COUNTS, NO_SE = range(8)
WHY_NOT = (NO_PERIOD, NO_VALUE, BREAK, NO_PERIOD, NO_PREVIOUS)


@dataclass(frozen=True)
class Change:
    """One entry per observation of the block; codes are -1 and numbers NaN where null."""

    change: Floats
    change_pct: Floats
    direction: Words
    significant: Floats
    """1, 0, or NaN without a test."""
    test: Words
    reason: Words
    since_first: Floats
    before: Ints
    """Observation it is compared with, -1 for none."""
    is_broken: Flags
    """A break stands between it and the previous equivalent period."""


@dataclass(frozen=True)
class Frame:
    """What change needs of a block: figures, cells and lines, all positions within the block."""

    observations: Observations
    figures: Figures
    dense: Dense
    line: Ints
    column: Ints
    previous: Ints
    track: Ints
    se: Floats


def compute_change(frame: Frame, declared: Declarations) -> Change:
    """Change of every observation; those of areas that are not compared (column -1) are null."""
    breaks = breaks_so_far(frame)
    before, reason = previous_rows(frame, breaks)
    value = frame.figures.value
    earlier = blank(value.take(before), before < 0)
    change = value - earlier
    with np.errstate(divide="ignore", invalid="ignore"):
        pct = 100.0 * change / np.abs(earlier)
    is_proportion = frame.observations.of_each(declared.is_word("kind", "proportion"))
    pct = blank(pct, is_proportion | (earlier == 0))
    test, significant, no_test = run_tests(frame, declared, before, change)
    return Change(
        change=change,
        change_pct=pct,
        direction=directions(frame, declared, before),
        significant=significant,
        test=test,
        reason=np.maximum(reason, no_test),
        since_first=since_first(frame, breaks),
        before=before,
        is_broken=reason == BREAK,
    )


def breaks_so_far(frame: Frame) -> Ints | None:
    """Breaks (b) of each area up to and including each line: lines x areas, running.

    None where there is no break at all.
    """
    if not frame.figures.marks.is_break.any():
        return None
    is_break = frame.observations.columns["note_code"].of_each(frame.figures.marks.is_break)
    matrix = (frame.dense.row >= 0) & is_break[frame.dense.row]
    return np.cumsum(matrix, axis=0, dtype=np.int64)


def previous_rows(frame: Frame, breaks: Ints | None) -> tuple[Ints, Words]:
    """Observation each figure is compared with, -1 for none; and the reason why none, else -1."""
    dense, previous = frame.dense, frame.previous
    earlier = dense.row.take(previous, axis=0)
    earlier[previous < 0] = -1
    row = dense.pick(earlier)
    absent = np.isnan(frame.figures.value)
    is_broken = np.zeros(absent.shape, dtype=bool)
    if breaks is not None:
        start = np.where(previous >= 0, previous, np.maximum(np.arange(len(previous)) - 1, 0))
        at_start = breaks.take(start, axis=0)
        at_start[(previous < 0) & (start == np.arange(len(previous)))] = 0
        is_broken = dense.pick(breaks > at_start)
    conditions = [frame.column < 0, absent, is_broken, row < 0, absent.take(row)]
    reason = first_true(conditions, WHY_NOT)
    np.copyto(row, -1, where=reason >= 0)
    return row, reason


def directions(frame: Frame, declared: Declarations, before: Ints) -> Words:
    """Position in DIRECTIONS, by published values; stocks and neutral only rise or fall."""
    of_each, rounded = frame.observations.of_each, frame.figures.rounded
    now, then = rounded, blank(rounded.take(before), before < 0)
    is_judged = ~declared.is_word("accumulation", "stock")
    is_judged &= ~declared.is_word("polarity", "neutral")
    is_lower = declared.is_word("polarity", "lower") & is_judged
    step = (now - then) * of_each(np.where(is_lower, -1.0, 1.0))
    aimed = np.flatnonzero(of_each(declared.is_word("polarity", "target") & is_judged))
    if aimed.size:
        indicator = frame.observations.columns["indicator"].codes[aimed]
        power = 10.0 ** declared.scale_decimals[indicator]
        aim = np.rint(declared.target[indicator] * power)
        was, now_is = np.rint(then[aimed] * power) - aim, np.rint(now[aimed] * power) - aim
        step[aimed] = np.abs(was) - np.abs(now_is)
    up, down, judged = step > 0, step < 0, of_each(is_judged)
    return first_true([up & judged, down & judged, step == 0, up, down])


def run_tests(
    frame: Frame, declared: Declarations, before: Ints, change: Floats
) -> tuple[Words, Floats, Words]:
    """Test used, its outcome (1 or 0), and why none, for every observation with a change."""
    numbers, of_each = frame.observations.numbers, frame.observations.of_each
    is_count = of_each(declared.is_word("kind", "count"))
    x, n = numbers["numerator"], np.where(is_count, 1.0, numbers["denominator"])
    chosen = _tests(frame, declared, before)
    significant = np.full(len(before), np.nan)
    for number, flags in enumerate(chosen):
        rows = np.flatnonzero(flags)
        if rows.size:
            then = before[rows]
            parts = (x[then], n[then], x[rows], n[rows])
            significant[rows] = (
                is_newcombe_significant(*parts)
                if number == 0
                else conditional_binomial(*parts) < SIGNIFICANT_BELOW
                if number == 1
                else is_z_significant(change[rows], frame.se[then], frame.se[rows])
            )
    test = first_true(chosen)
    untested = [(before < 0) | (test >= 0)]
    untested += [of_each(declared.is_word("interval", w)) for w in ("none", "t", "supplied")]
    return test, significant, first_true(untested, (-1, NO_INTERVAL, NO_TEST, NO_SE, NO_COUNTS))


def _tests(frame: Frame, declared: Declarations, before: Ints) -> list[Flags]:
    """Which observations have what each of TESTS needs."""
    of_each, x, se = frame.observations.of_each, frame.observations.numbers["numerator"], frame.se
    derived, is_count = ~nature_of(declared).is_supplied, declared.is_word("kind", "count")
    wanted = {
        "binomial": derived & ~is_count,
        "poisson": derived,
        "supplied": np.ones(len(derived), dtype=bool),
    }
    binomial, poisson, supplied = (
        (before >= 0) & of_each(declared.is_word("interval", word) & among)
        for word, among in wanted.items()
    )
    if poisson.any():
        poisson &= (x == np.floor(x)) & (x[before] == np.floor(x[before]))
        poisson &= x + x[before] <= MOST_EVENTS
    if supplied.any():
        supplied &= ~np.isnan(se) & ~np.isnan(se[before])
    return [binomial, poisson, supplied]


def since_first(frame: Frame, breaks: Ints | None) -> Floats:
    """Value minus that of the first period with a value since the last break."""
    order = np.argsort(frame.track, kind="stable")
    track, value = frame.track[order], frame.dense.value[order]
    width = value.shape[1]
    number = np.arange(1, len(order) + 1, dtype=np.int32)[:, None]
    begins = np.append(len(track) > 0, track[1:] != track[:-1])[:, None]
    if breaks is not None:
        so_far = breaks[order]
        begins = np.broadcast_to(begins, value.shape).copy()
        begins[1:] |= so_far[1:] != so_far[:-1]
    start = np.maximum.accumulate(begins * number, axis=0)
    valid = ~np.isnan(value)
    last_valid = np.zeros(value.shape, dtype=np.int32)
    np.maximum.accumulate((valid * number)[:-1], axis=0, out=last_valid[1:])
    is_first = valid & (last_valid < start)
    first = np.maximum.accumulate(is_first * number, axis=0)
    place = np.multiply(first - 1, width, dtype=np.int64) + np.arange(width)
    result = np.empty(value.shape)
    result[order] = blank(value - value.take(place), first < start)
    return frame.dense.pick(result)
