"""Lines: one per indicator, breakdown and period; and the blocks of lines the kernel works in.

Here belongs which line comes before which, and where each line's observations lie.
"""

from dataclasses import dataclass

import numpy as np

from assets.methods.declarations import Declarations
from assets.methods.impossible import Flags, Ints
from assets.methods.observations import Observations
from assets.methods.periods import previous_codes, quarter_codes, same_interval

BLOCK_CELLS = 49_152
"""Cells (lines x areas) a block should have: few enough to stay near the processor."""


@dataclass(frozen=True)
class Lines:
    """One entry per line, in the order of the observations."""

    indicator: Ints
    period: Ints
    series: Ints
    previous: Ints
    """Line of the previous equivalent period of the same series, -1 if there is none."""
    track: Ints
    """Lines between which change_since_first runs: the series, by quarter for year-to-date."""
    starts: Ints
    """First observation of each line, and the number of observations at the end."""

    def __len__(self) -> int:
        return len(self.indicator)


def read_lines(observations: Observations, declared: Declarations) -> Lines:
    """The distinct lines of the sorted observations and the order among them."""
    period, series = observations.columns["period"].codes, observations.series
    is_first = np.ones(len(observations), dtype=bool)
    is_first[1:] = (series[1:] != series[:-1]) | (period[1:] != period[:-1])
    first = np.flatnonzero(is_first)
    line_period, line_series = period[first], series[first]
    indicator = observations.series_key[line_series, 0]
    return Lines(
        indicator=indicator,
        period=line_period,
        series=line_series,
        previous=_previous(observations, declared, indicator, line_period, line_series),
        track=_tracks(observations, declared, indicator, line_period, line_series),
        starts=np.append(first, len(observations)),
    )


def _previous(
    observations: Observations,
    declared: Declarations,
    indicator: Ints,
    period: Ints,
    series: Ints,
) -> Ints:
    texts = observations.columns["period"].texts
    is_rolling = declared.is_word("accumulation", "rolling")[indicator]
    before = np.where(
        is_rolling,
        previous_codes(texts, is_rolling=True)[period],
        previous_codes(texts, is_rolling=False)[period],
    )
    before = np.where(before == -2, _previous_text(indicator, period, len(texts)), before)
    key = series * len(texts) + same_interval(texts)[period]
    wanted = series * len(texts) + before
    place = np.searchsorted(key, wanted)  # an earlier period's: never beyond the last key
    found: Flags = (before >= 0) & (key[place] == wanted) if len(key) else before >= 0
    return np.where(found, place, -1)


def _previous_text(indicator: Ints, period: Ints, n_periods: int) -> Ints:
    """The next lower distinct period of the same indicator, -1 for its first."""
    pairs, inverse = np.unique(indicator * n_periods + period, return_inverse=True)
    before = np.full(len(pairs), -1, dtype=np.int64)
    same = pairs[1:] // n_periods == pairs[:-1] // n_periods
    before[1:] = np.where(same, pairs[:-1] % n_periods, -1)
    return before[inverse]


def _tracks(
    observations: Observations,
    declared: Declarations,
    indicator: Ints,
    period: Ints,
    series: Ints,
) -> Ints:
    quarters = quarter_codes(observations.columns["period"].texts)
    by_quarter = declared.is_word("accumulation", "year_to_date")[indicator]
    return series * (int(quarters.max(initial=0)) + 1) + np.where(by_quarter, quarters[period], 0)


def split_blocks(lines: Lines, n_areas: int, cells: int = BLOCK_CELLS) -> list[tuple[int, int]]:
    """Ranges of lines, whole indicators each, of about that many cells."""
    if len(lines) == 0:
        return []
    ends = np.append(np.flatnonzero(np.diff(lines.indicator)) + 1, len(lines))
    blocks, start = [], 0
    for end in ends.tolist():
        if (end - start) * n_areas >= cells or end == len(lines):
            blocks.append((start, end))
            start = end
    return blocks
