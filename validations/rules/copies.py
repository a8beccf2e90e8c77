"""Rules about last year's figures sent once more: a council's whole return, or a whole column.

Here belongs what no single answer shows: each of them may rightly be what it was, all of them
together are not. Figures that stood still the year before too (an area of land) say nothing.
"""

from functools import lru_cache

import numpy as np

from validations.rules.bounds import bound
from validations.rules.examples import CARDIFF, WIDE, series
from validations.rules.history import History, history_of
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Array, Mask, Rows, RuleContext, is_explained

_NAMES = ("births", "deaths", "marriages")


def _of_one_council(*last: str) -> Example:
    """Cardiff's answers to up to three questions in 2020, 2021 (31 each) and, as given, in 2022."""
    rows = [
        {**row, "measure": name}
        for name, text in zip(_NAMES, last, strict=False)
        for row in series({"2020": "30", "2021": "31", "2022": text}, CARDIFF)
    ]
    return Example(rows, also=[{"measure": name} for name in _NAMES[1 : len(last)]])


def _of_many(count: int, last: str = "") -> Example:
    """So many councils that repeat their figure of 2021, the first of them perhaps not."""
    rows = []
    for place, area in enumerate(WIDE[:count]):
        own = str(131 + place)
        years = {"2020": str(130 + place), "2021": own, "2022": last if last and not place else own}
        rows += series(years, area)
    return Example(rows, is_wide=True)


@rule(
    "stale_copy",
    severity="query",
    level="return",
    stage="change",
    fields=("value",),
    failing=_of_one_council("31", "31", "31"),
    passing=_of_one_council("31", "31", "32"),
    one_per=("area_code", "period"),
    bounds=("copy_answers",),
    edges=(_of_one_council("31", "31"),),
)
def stale_copy(rows: Rows, context: RuleContext) -> Found | None:
    """Every figure of a council's return equals that of the period before."""
    if not len(rows):
        return None
    block = history_of(rows, context)
    is_same, is_other = compared(block)
    count = np.count_nonzero(is_same, axis=0)
    is_copy: Mask = (count >= bound("copy_answers")) & ~is_other.any(axis=0)
    answered = np.zeros(is_copy.shape, dtype=bool)
    answered[block.row[1][is_explained(rows)], block.row[2][is_explained(rows)]] = True
    is_whole: Mask = np.all(_whole_columns(block), axis=0)
    stale = is_same & (is_copy & ~answered & ~is_whole)
    return _found(rows, block, stale)


@rule(
    "series_repeated",
    severity="query",
    level="across_councils",
    stage="change",
    fields=("value",),
    failing=_of_many(12),
    passing=_of_many(12, last="140"),
    one_per=("measure", "period", "breakdown_type", "breakdown"),
    bounds=("copy_councils",),
    edges=(_of_many(11),),
)
def series_repeated(rows: Rows, context: RuleContext) -> Found | None:
    """Every council's answer to a question equals that of the period before."""
    if not len(rows):
        return None
    block = history_of(rows, context)
    is_same, _ = compared(block)
    return _found(rows, block, is_same & _whole_columns(block)[:, None, :])


def _whole_columns(block: History) -> Mask:
    """Which series repeat the period before in all councils: series x period."""
    is_same, is_other = (flags[:, block.is_council] for flags in compared(block))
    count = np.count_nonzero(is_same, axis=1)
    found: Mask = (count >= bound("copy_councils")) & ~is_other.any(axis=1)
    return found


@lru_cache(maxsize=1)  # asked for each series and for each council
def compared(block: History) -> tuple[Mask, Mask]:
    """Which figures equal those of the period before, and which do not; the rest has none.

    A zero says nothing, nor does a figure that had not moved the period before either.
    """
    values, earlier = block.figures, block.before(block.figures)
    stood_still = (earlier == block.before(earlier)) & (values == earlier)
    is_same = (values == earlier) & (values != 0) & ~stood_still
    is_other = ~np.isnan(values) & ~np.isnan(earlier) & (values != earlier)
    return is_same, is_other


def _found(rows: Rows, block: History, flags: Mask) -> Found | None:
    hits: Array = np.flatnonzero(block.of_rows(flags))
    return Found(hits, seen=rows["value_text"][hits]) if len(hits) else None
