"""Rules about an answer beside the same place's other periods: its unit, and its change.

Here belongs what only a series can show. A change of unit is an error; a large change is a query
to the council that sent it, and the explanation that came with the answer is the answer to it.
Publishers' figures are not queried: nobody explains them here.
"""

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sql.periods import add_months, describe_period, previous_period
from validations.rules.examples import RETURN, councils, series
from validations.rules.numbers import shortened
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Array, Mask, Rows, RuleContext, is_null

NEAR = 2.0
"""A ratio within this factor of 1000 or 100 is near it: a unit change and a change in one."""
MOST = 0.5
"""Share of the councils that must jump by a hundred together; a hundred alone may be true."""
FEW_COUNCILS = 3
SMALL = {True: 10.0, False: 0.0}
"""Counts that move by no more than this are never queried, whatever the per cent."""
SMALL_POINTS = 0.5
"""Percentages that move by no more than this many points are never queried."""

_STEADY = {"2020": "31", "2021": "30", "2022": "32"}


@rule(
    "unit_change",
    severity="error",
    level="across_returns",
    stage="series",
    fields=("value",),
    failing=Example(series({"2020": "31", "2021": "30", "2022": "32000"})),
    passing=Example(series({"2020": "31", "2021": "30", "2022": "320"})),
    one_per=("measure", "period", "breakdown_type"),
)
def unit_change(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """Figures near 1000 or 1/1000 of the same place's others; near 100 or 1/100 if most are.

    The unit of a series is the one most of its periods share, the earliest where two are equal, so
    that the jump back after a wrong period does not condemn the right one.
    """
    value = rows["value"]
    usable = np.flatnonzero(np.nan_to_num(value) > 0)
    if len(usable) < 2:
        return None
    ordered, starts = _in_series(rows, usable)
    jump = _jumps(rows, ordered, starts)
    if not jump.any():
        return None
    level = np.cumsum(jump)
    owner = np.cumsum(starts.astype(np.int64))
    is_wrong, times = _off_the_usual(level, owner)
    hits = ordered[is_wrong]
    return Found(
        hits,
        seen=rows["value_text"][hits],
        expected=[f"{10**power}" if power > 0 else f"1/{10**-power}" for power in times[is_wrong]],
    )


def _in_series(rows: Rows, usable: NDArray[np.intp]) -> tuple[NDArray[np.intp], Mask]:
    """Rows in order of series and period, and where each series starts."""
    keys = [rows[name][usable] for name in ("measure", "breakdown_type", "breakdown", "area_code")]
    series_of = {key: place for place, key in enumerate(dict.fromkeys(zip(*keys, strict=True)))}
    numbers = np.array([series_of[key] for key in zip(*keys, strict=True)])
    order = np.lexsort((rows["period_start"][usable].astype(str), numbers))
    ordered = numbers[order]
    return usable[order], np.concatenate(([True], ordered[1:] != ordered[:-1]))


def _jumps(rows: Rows, ordered: NDArray[np.intp], starts: Mask) -> NDArray[np.int64]:
    """Power of ten (3, 2, -2, -3 or 0) by which each row's unit differs from the row before."""
    logs = np.log10(rows["value"][ordered])
    step = np.where(starts, 0.0, np.diff(logs, prepend=logs[0]))
    power = np.zeros(len(step), dtype=np.int64)
    width = np.log10(NEAR)
    for size in (3, -3, 2, -2):
        power[np.abs(step - size) <= width] = size
    hundreds = np.abs(power) == 2
    if not hundreds.any():
        return power
    keys = list(zip(rows["measure"][ordered], rows["period"][ordered], strict=True))
    jumps = list(zip(keys, power.tolist(), strict=True))
    held, alike = Counter(keys), Counter(jumps)
    for place in np.flatnonzero(hundreds):
        together = alike[jumps[place]]
        if together < FEW_COUNCILS or together < MOST * held[keys[place]]:
            power[place] = 0
    return power


def _off_the_usual(level: NDArray[np.int64], owner: NDArray[np.int64]) -> tuple[Mask, Array]:
    """Rows whose unit is not their series' usual one, and by which power of ten."""
    times = np.zeros(len(level), dtype=np.int64)
    for one_series in np.unique(owner[np.flatnonzero(np.diff(level, prepend=level[0]))]):
        of_series = np.flatnonzero(owner == one_series)
        units, firsts, counts = np.unique(level[of_series], return_index=True, return_counts=True)
        usual = units[np.lexsort((firsts, -counts))[0]]
        times[of_series] = level[of_series] - usual
    return times != 0, times


@rule(
    "change_on_last_year",
    severity="query",
    level="across_returns",
    stage="change",
    fields=("value",),
    failing=Example(series({"2021": "100", "2022": "151"}, return_ref=RETURN)),
    passing=Example(series({"2021": "100", "2022": "150"}, return_ref=RETURN)),
)
def change_on_last_year(rows: Rows, context: RuleContext) -> Found | None:
    """A council's change on the previous equivalent period beyond the measure's limit."""
    return _large_changes(rows, context, ~_is_explained(rows) & _is_return(rows))


@rule(
    "change_in_source",
    severity="note",
    level="across_returns",
    stage="change",
    fields=("value",),
    failing=Example(series({"2021": "100", "2022": "151"})),
    passing=Example(series({"2021": "100", "2022": "151"}, return_ref=RETURN)),
)
def change_in_source(rows: Rows, context: RuleContext) -> Found | None:
    """The same change in a figure that no council sent: the publisher's page may say why."""
    return _large_changes(rows, context, ~_is_explained(rows) & ~_is_return(rows))


@rule(
    "change_explained",
    severity="note",
    level="across_returns",
    stage="change",
    fields=("value", "explanation_text"),
    failing=Example(
        series({"2021": "100"}) + series({"2022": "151"}, explanation_text="A new centre opened.")
    ),
    passing=Example(councils(_STEADY, explanation_text="As always.")),
)
def change_explained(rows: Rows, context: RuleContext) -> Found | None:
    """A change beyond the limit that came with its explanation: the query is answered."""
    return _large_changes(rows, context, _is_explained(rows))


def _is_explained(rows: Rows) -> Mask:
    texts = rows["explanation_text"]
    return np.array([bool(text and text.strip()) for text in texts], dtype=bool)


def _is_return(rows: Rows) -> Mask:
    return ~is_null(rows["return_ref"])


def _large_changes(rows: Rows, context: RuleContext, asked: Mask) -> Found | None:
    value, before = rows["value"], _values_before(rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        pct = 100 * (value - before) / np.abs(before)
    move, limit = np.abs(value - before), context.declared(rows, "max_change_pct")
    floor = np.where(context.declared(rows, "is_whole"), SMALL[True], SMALL[False])
    floor = np.where(context.declared(rows, "unit") == "percent", SMALL_POINTS, floor)
    is_large = (np.abs(pct) > limit * (1 + 1e-12)) & (move > floor)
    if not is_large.any():
        return None
    hits = np.flatnonzero(is_large & asked)
    return Found(
        hits,
        seen=[shortened(text) for text in rows["value_text"][hits]],
        expected=[shortened(f"{number:.15g}") for number in before[hits]],
        about={
            "change": [f"{number:+.0f}" for number in pct[hits]],
            "limit": [f"{number:g}" for number in limit[hits]],
            "wording": ["what" if start else "from_zero" for start in before[hits]],
        },
    )


def _values_before(rows: Rows) -> Array:
    """Each row's value in the previous equivalent period (M9), NaN where there is none."""
    names = ("measure", "breakdown_type", "breakdown", "area_code")
    keys = list(zip(*(rows[name] for name in names), strict=True))
    periods, values = rows["period"], rows["value"]
    known: Mapping[object, float] = dict(
        zip(zip(keys, periods, strict=True), values, strict=True),
    )
    previous = {period: _before(period) for period in set(periods)}
    found = (
        known.get((key, previous[period]), np.nan)
        for key, period in zip(keys, periods, strict=True)
    )
    return np.fromiter(found, dtype="float64", count=len(keys))


def _before(period: str) -> str | None:
    """The previous equivalent period; for a day, the same day a year before."""
    if "/" in period:
        return previous_period(period)
    return str(add_months(describe_period(period).start, -12))
