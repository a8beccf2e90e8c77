"""Rules about figures of one council filed under another: they say so, and never move a figure.

Here belongs when a likelihood of validations.rules.likelihood is a question to ask. Whether the
figures of a dataset can tell councils apart at all is found out by replaying its past: the rules
are silent where true returns would have been doubted, or exchanged ones missed.
"""

from collections.abc import Callable, Iterator

import numpy as np

from validations.rules.bounds import bound
from validations.rules.examples import WIDE, series
from validations.rules.history import History, Places, history_of
from validations.rules.likelihood import (
    Costs,
    Replay,
    costs_of,
    exchanges,
    gains,
    is_doubted,
    is_judged,
    is_out_of_order,
    replay,
)
from validations.rules.numbers import shortened
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Mask, Rows, RuleContext, is_explained

_FIRST = 2010
_YEARS = 10
_MEASURES = ("births", "deaths", "marriages", "moves", "homes")
Change = Callable[[dict[str, dict[str, str]]], None]
"""Of an example's last year: measure -> council -> value."""


def _level(question: int, place: int) -> float:
    """The size of a council in a question: none is like another."""
    return (1 + question) * (100 + 13 * place + 29 * ((place * (question + 3)) % 7))


def _history(change: Change, *, questions: int = 5, years: int = _YEARS) -> Example:
    """Fifteen councils that each grow by a per cent or so a year, in the last one as changed."""
    wobble = (1.0, 1.01, 1.005, 1.015)
    names = _MEASURES[:questions]
    rows = []
    last: dict[str, dict[str, str]] = {}
    for question, name in enumerate(names):
        for place, area in enumerate(WIDE):
            sizes = [
                f"{_level(question, place) * 1.01**year * wobble[(year + place) % 4]:.2f}"
                for year in range(years)
            ]
            last.setdefault(name, {})[area] = sizes[-1]
            known = {str(_FIRST + year): sizes[year] for year in range(years - 1)}
            rows += [{**row, "measure": name} for row in series(known, area)]
    change(last)
    year = str(_FIRST + years - 1)
    rows += [
        {**row, "measure": name}
        for name, values in last.items()
        for area, value in values.items()
        for row in series({year: value}, area)
    ]
    return Example(rows, also=[{"measure": name} for name in names[1:]], is_wide=True)


def _swap(*places: int) -> Change:
    """Councils of these places that change figures in a ring."""

    def change(last: dict[str, dict[str, str]]) -> None:
        for values in last.values():
            held = [values[WIDE[place]] for place in places]
            for place, value in zip(places, (*held[1:], held[0]), strict=True):
                values[WIDE[place]] = value

    return change


def _copy(last: dict[str, dict[str, str]]) -> None:
    """The figures of one council under the name of another as well."""
    for values in last.values():
        values[WIDE[2]] = f"{float(values[WIDE[9]]) * 1.002:.2f}"


def _nothing(last: dict[str, dict[str, str]]) -> None:
    """A true year."""


def _near_gain() -> list[bool]:
    verdicts: list[bool] = is_doubted(np.array([7.8, 8.2])).tolist()
    return verdicts


def _near_order() -> list[bool]:
    verdicts: list[bool] = is_out_of_order(np.array([19.8, 20.2])).tolist()
    return verdicts


def _near_questions() -> list[bool]:
    verdicts: list[bool] = is_judged(np.array([4, 5])).tolist()
    return verdicts


def _near_trust() -> list[bool]:
    tried = ((60, 0.005, 0.8), (59, 0.005, 0.8), (60, 0.0052, 0.8), (60, 0.005, 0.795))
    return [Replay(*numbers).is_trusted for numbers in tried]


@rule(
    "figures_of_another_council",
    severity="query",
    level="return",
    stage="change",
    fields=("area_code",),
    failing=_history(_copy),
    passing=_history(_nothing),
    one_per=("area_code", "period"),
    bounds=("misfiled_gain", "misfiled_measures", "replay_found", "replay_false", "replay_returns"),
    probes=(_near_gain, _near_questions, _near_trust),
)
def figures_of_another_council(rows: Rows, context: RuleContext) -> Found | None:
    """A council's figures that another council's history explains better than its own."""
    block, costs = _judged(rows, context)
    if block is None or costs is None:
        return None
    found: dict[tuple[int, int], int] = {}
    for period in _trusted(costs):
        swapped = {place for ring in _rings(costs, period) for place in ring}
        cost = costs.sent[period]
        doubted = np.flatnonzero(is_doubted(gains(cost)) & is_judged(costs.n_used[period]))
        for place in set(doubted.tolist()) - swapped:
            others = np.where(np.arange(len(cost)) == place, np.inf, cost[place])
            found[period, place] = int(others.argmin())
    return _of_councils(rows, block, found)


@rule(
    "councils_exchanged",
    severity="query",
    level="across_councils",
    stage="change",
    fields=("area_code",),
    failing=_history(_swap(2, 9)),
    passing=_history(_copy),
    one_per=("area_code", "period"),
    bounds=("misfiled_gain",),
    probes=(_near_gain,),
)
def councils_exchanged(rows: Rows, context: RuleContext) -> Found | None:
    """Councils whose figures fit better when they change places with each other."""
    block, costs = _judged(rows, context)
    if block is None or costs is None:
        return None
    found = {
        (period, place): after
        for period in _trusted(costs)
        for ring in _rings(costs, period)
        for place, after in zip(ring, (*ring[1:], ring[0]), strict=True)
    }
    return _of_councils(rows, block, found)


@rule(
    "column_in_another_order",
    severity="query",
    level="across_councils",
    stage="change",
    fields=("value",),
    failing=_history(_swap(1, 4, 9, 12), questions=1),
    passing=_history(_nothing, questions=1),
    one_per=("measure", "period", "breakdown_type", "breakdown"),
    bounds=("column_gain", "column_periods"),
    edges=tuple(_history(_swap(1, 4, 9, 12), questions=1, years=years) for years in (7, 8)),
    probes=(_near_order,),
)
def column_in_another_order(rows: Rows, context: RuleContext) -> Found | None:
    """One column whose figures fit better in another order of the councils."""
    block, costs = _judged(rows, context)
    if block is None or costs is None:
        return None
    flags = np.zeros(block.figures.shape, dtype=bool)
    council = np.flatnonzero(block.is_council)
    for number, period in _shuffled(costs):
        ring = [place for ring, _ in exchanges(costs.by_series[number, period]) for place in ring]
        flags[number, council[ring], period] = True
    flags[:, :, [period for period in _trusted(costs) if _rings(costs, period)]] = False
    hits = np.flatnonzero(block.of_rows(flags) & ~is_explained(rows))
    seen = [shortened(text) for text in rows["value_text"][hits]]
    return Found(hits, seen=seen) if len(hits) else None


def _judged(rows: Rows, context: RuleContext) -> tuple[History | None, Costs | None]:
    """The block and its costs; None where there are not two councils to tell apart."""
    if not len(rows):
        return None, None
    block = history_of(rows, context)
    return (block, costs_of(block)) if block.is_council.sum() > 1 else (None, None)


def _trusted(costs: Costs) -> Iterator[int]:
    """Periods with councils to judge, and a past that says the rule can tell them apart."""
    for period, used in enumerate(costs.n_used):
        if is_judged(used).any() and replay(costs, period).is_trusted:
            yield period


def _rings(costs: Costs, period: int) -> list[list[int]]:
    """Rings of exchanged councils, where this year's change is known in most questions."""
    if costs.is_hub[:, period].mean() <= 1 / 2:
        return []
    known = exchanges(costs.sent[period])
    return [ring for ring, gain in known if is_doubted(gain)]


def _shuffled(costs: Costs) -> Iterator[tuple[int, int]]:
    """(series, period) whose gain is beyond the bound, of series whose long past never was."""
    own = np.diagonal(costs.by_series, axis1=-2, axis2=-1)
    at_most = own.sum(axis=-1) - costs.by_series.min(axis=-1).sum(axis=-1)
    is_tried = costs.is_hub & own.any(axis=-1)
    could_be = is_out_of_order(at_most) & is_tried
    tried_before: Places = np.cumsum(is_tried, axis=1) - is_tried
    has_past: Mask = np.greater_equal(tried_before, bound("column_periods"))
    for number in np.flatnonzero((could_be & has_past).any(axis=1)):
        for period in np.flatnonzero(could_be[number]):
            rings = exchanges(costs.by_series[number, period])
            if is_out_of_order(sum(gain for _, gain in rings)):
                if has_past[number, period]:
                    yield int(number), int(period)
                break


def _of_councils(rows: Rows, block: History, found: dict[tuple[int, int], int]) -> Found | None:
    """All rows of a council and period, unless one of them was explained."""
    if not found:
        return None
    council: Places = np.flatnonzero(block.is_council)
    other = np.full(block.figures.shape[1:], -1)
    for (period, place), best in found.items():
        other[council[place], period] = council[best]
    _, area, period_of = block.row
    told = is_explained(rows)
    other[area[told], period_of[told]] = -1
    others: Places = other[area, period_of]
    hits = np.flatnonzero(others >= 0)
    fits = [block.areas[place] for place in others[hits]]
    return Found(hits, expected=fits) if len(hits) else None
