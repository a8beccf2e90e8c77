"""Counts over time (M14): quarters and their year, year to date, overlapping rolling periods.

Here belongs which counts add up along time. Every count of a flow is the sum of what was counted in
the stretches between all first and last days that its measure is published for.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

import numpy as np

from assets.methods.disclosure_cells import Cells, Declared
from assets.methods.disclosure_sums import Addition
from assets.methods.periods import parse_interval

Place = tuple[str, str, str, str]
"""measure, area_code, breakdown_type, breakdown"""
Span = tuple[date, date]
"""First day, and the day after the last."""
FLOWS = ("discrete", "year_to_date", "rolling")
"""Accumulations whose counts add up over time; those of a stock do not."""


def over_time(cells: Cells, declared: Mapping[str, Declared]) -> Iterator[Addition]:
    """Each count as the sum of its stretches, where the periods of one measure overlap.

    A stretch that no period covers alone is a cell of its own that nobody shows. Where a part is
    seen to be larger than the whole, the counts of that place are not used. Other places are: a
    reader from whom the odd one is hidden would add them up.
    """
    flows = {
        measure
        for item in declared.values()
        if item.accumulation in FLOWS
        for measure in (item.numerator, item.denominator if item.is_part_of_whole else None)
    }
    places: dict[Place, dict[Span, int]] = {}
    for number, (measure, period, area, kind, breakdown) in enumerate(cells.keys):
        span = _span(period) if measure in flows else None
        if span is not None:
            places.setdefault((measure, area, kind, breakdown), {})[span] = number
    for place, spans in places.items():
        if not _is_no_flow(spans, cells):
            yield from _of_place(place, spans, cells)


def _of_place(place: Place, spans: Mapping[Span, int], cells: Cells) -> Iterator[Addition]:
    days = sorted({day for span in spans for day in span})
    stretches = list(pairwise(days))
    for (first, end), total in spans.items():
        inside = [span for span in stretches if first <= span[0] and span[1] <= end]
        if len(inside) > 1:
            parts = tuple(_cell_of(place, span, spans, cells) for span in inside)
            yield (place[0], "time"), total, parts


def _cell_of(place: Place, span: Span, spans: Mapping[Span, int], cells: Cells) -> int:
    measure, *rest = place
    area, kind, breakdown = rest
    period = f"{span[0]}..{span[1]}"
    own = spans.get(span)
    return cells.number_of((measure, period, area, kind, breakdown)) if own is None else own


def _is_no_flow(spans: Mapping[Span, int], cells: Cells) -> bool:
    """Whether a part of a period is seen to hold more than the whole."""
    shown = [(span, cells.count[n]) for span, n in spans.items() if not np.isnan(cells.count[n])]
    return any(
        whole[0] <= part[0] and part[1] <= whole[1] and count > most
        for whole, most in shown
        for part, count in shown
    )


def _span(period: str) -> Span | None:
    found = parse_interval(period)
    return None if found is None else (found.start, found.end)
