"""Rules about a change on the year before: limits learnt from each series' own history.

Here belongs what makes a change a question. To the council that sent it a large change is a query,
and the explanation that came with the answer is the answer to it; a publisher's is a note, since
nobody explains it here. Where history is too short to learn from, or the catalogue says that a
series booms, the change declared for the question holds, and the message says so.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from validations.rules.bounds import bound
from validations.rules.examples import RETURN, WIDE, councils, series
from validations.rules.history import history_of
from validations.rules.limits import apply_change, limits_of
from validations.rules.numbers import shortened
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Array, Mask, Rows, RuleContext, is_explained, is_null
from validations.rules.unexpected import is_unexpected_zero, past_of

BY_HAND = "declared"
_STEADY = {"2020": "31", "2021": "30", "2022": "32"}
NOISE = 1e-12
"""Relative error of a percentage computed in doubles."""
WHOLE_FROM = 1000
"""From here a message shows a limit in whole numbers."""


def _years(values: str, first: int = 2012) -> dict[str, str]:
    return {str(first + place): value for place, value in enumerate(values.split())}


def _alone(values: str, **measure: object) -> Example:
    return Example(series(_years(values), return_ref=RETURN), measure=measure)


def _together(last: str, count: int = len(WIDE)) -> Example:
    """Many councils, all of them 100 101 100 101 100 100; the first ends otherwise."""
    before = "100 101 100 101 100 "
    rows = series(_years(before + last), WIDE[0], return_ref=RETURN)
    for area in WIDE[1:count]:
        rows += series(_years(before + "100"), area)
    return Example(rows, is_wide=True)


# The learnt spread of the steady series is the floor, 2 %: 5 of it at the desk, 4 at the hub. In
# the long series the eighth change back makes half of them large, one more or less does not.
_EDGES = (
    _alone("1000 1000 1000 1000 1106"),
    _alone("1000 1000 1000 1000 1104"),
    _alone("50 50 50 50 52.51", unit="percent"),
    _alone("50 50 50 50 52.49", unit="percent"),
    _alone("100 100 100 111"),
    _alone("100 100 150 100 150 100 100 100 100 100 111"),
    _alone("0 11", is_whole=True),
    _alone("0 10", is_whole=True),
    _alone("0 0.51", unit="percent"),
    _alone("0 0.49", unit="percent"),
    _together("108.5"),
    _together("108.2"),
    _together("109", 12),
    _together("109", 11),
)
_BOUNDS = (
    *("desk_s", "hub_s", "hub_returns", "window_years", "fewest_changes"),
    *("floor_log", "floor_points", "small_count", "small_points"),
)


@rule(
    "change_on_last_year",
    severity="query",
    level="across_returns",
    stage="change",
    fields=("value",),
    failing=Example(series({"2021": "100", "2022": "151"}, return_ref=RETURN)),
    passing=Example(series({"2021": "100", "2022": "150"}, return_ref=RETURN)),
    bounds=_BOUNDS,
    declared=("max_change_pct",),
    edges=_EDGES,
)
def change_on_last_year(rows: Rows, context: RuleContext) -> Found | None:
    """A council's change on the previous equivalent period beyond the limit of its series."""
    asked = ~is_explained(rows) & _is_return(rows) & ~is_unexpected_zero(rows, context)
    return _large_changes(rows, context, asked)


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
    asked = ~is_explained(rows) & ~_is_return(rows) & ~is_unexpected_zero(rows, context)
    return _large_changes(rows, context, asked)


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
    return _large_changes(rows, context, is_explained(rows))


def _is_return(rows: Rows) -> Mask:
    return ~is_null(rows["return_ref"])


@dataclass(frozen=True)
class Changes:
    """Every row's change: the figure before, per cent, the usual range, and whether it is large."""

    before: Array
    pct: Array
    low: Array
    high: Array
    wording: Array
    """Which limit holds: learnt, by_hand, or what (too little history)."""
    is_large: Mask


@lru_cache(maxsize=1)  # three rules in a row ask about the same rows
def changes_of(rows: Rows, context: RuleContext) -> Changes:
    """The change of each row on its previous equivalent period, against the limit of its series."""
    block = history_of(rows, context)
    learnt = limits_of(block)
    before = block.of_rows(block.before(block.figures))
    value = rows["value"]
    with np.errstate(divide="ignore", invalid="ignore"):
        pct = 100 * (value - before) / np.abs(before)
    by_hand = context.declared(rows, "tolerance") == BY_HAND
    has_limits = block.of_rows(learnt.is_learnt & ~np.isnan(learnt.change)) & ~by_hand
    declared = context.declared(rows, "max_change_pct")
    is_far = np.where(
        has_limits, block.of_rows(learnt.is_beyond), np.abs(pct) > declared * (1 + NOISE)
    )
    low, high = (
        block.of_rows(
            apply_change(block.before(block.figures), end, block.is_points[:, None, None])
        )
        for end in learnt.reach()
    )
    wording = np.where(has_limits, "learnt", np.where(by_hand, "by_hand", "what"))
    wording = np.where(before == 0, np.where(has_limits, "learnt", "from_zero"), wording)
    _, _, most = past_of(block)
    is_back = (before == 0) & (value <= most)  # from 0 back to what the series has been
    is_large = is_far & ~is_back & (np.abs(value - before) > _small(rows, context))
    low = np.fmax(low, context.declared(rows, "min"))
    return Changes(before, pct, low, high, wording, is_large)


def _small(rows: Rows, context: RuleContext) -> Array:
    """Moves that are never queried, whatever the per cent."""
    floor = np.where(context.declared(rows, "is_whole"), bound("small_count"), 0.0)
    is_percent = context.declared(rows, "unit") == "percent"
    return np.where(is_percent, bound("small_points"), floor)


def _large_changes(rows: Rows, context: RuleContext, asked: Mask) -> Found | None:
    if not len(rows):
        return None
    found = changes_of(rows, context)
    hits = np.flatnonzero(found.is_large & asked)
    if not len(hits):
        return None
    limit = context.declared(rows, "max_change_pct")[hits]
    return Found(
        hits,
        seen=[shortened(text) for text in rows["value_text"][hits]],
        expected=[shortened(f"{number:.15g}") for number in found.before[hits]],
        about={
            "change": [f"{number:+.0f}" for number in found.pct[hits]],
            "limit": [f"{number:g}" for number in limit],
            "low": [_limit(number) for number in found.low[hits]],
            "high": [_limit(number) for number in found.high[hits]],
            "wording": found.wording[hits].tolist(),
        },
    )


def _limit(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= WHOLE_FROM else f"{number:.3g}"
