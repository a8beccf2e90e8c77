"""Periods as the methods need them: their order, and which one comes before which (M9).

Here belongs the calendar arithmetic on ISO intervals; reading what sources write is sql.periods.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from functools import lru_cache

import numpy as np

from assets.methods.impossible import Ints

INTERVAL = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:T[0-9:.Z+]*)?/(?:P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"|(\d{4}-\d{2}-\d{2})(?:T[0-9:.Z+]*)?)"
)


@dataclass(frozen=True, order=True)
class Interval:
    """A span of days: start, and the day after the last."""

    start: date
    end: date

    @property
    def months(self) -> int | None:
        """Length in whole months, None if it is not."""
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        return months if months > 0 and add_months(self.start, months) == self.end else None

    def back(self, months: int) -> "Interval":
        """The interval of the same length so many months before."""
        start = add_months(self.start, -months)
        own = self.months
        return Interval(start, add_months(start, own) if own else add_months(self.end, -months))

    @property
    def is_year_or_longer(self) -> bool:
        """Whether it lasts a year or more."""
        return add_months(self.start, 12) <= self.end


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on, or the month's last day.

    ValueError or OverflowError for a year before 1 or after 9999.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for length in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, length))
        except ValueError:
            continue
    raise ValueError(f"{day} and {months} months are beyond the calendar")


@lru_cache(maxsize=4096)
def parse_interval(text: str) -> Interval | None:
    """`start/end` (end inclusive or exclusive) or `start/P1Y`; None for any other text."""
    match = INTERVAL.fullmatch(text)
    if match is None:
        return None
    start_text, years, months, weeks, days, end_text = match.groups()
    try:
        start = date.fromisoformat(start_text)
        if end_text is None:
            whole = int(years or 0) * 12 + int(months or 0)
            end = add_months(start, whole) + timedelta(int(weeks or 0) * 7 + int(days or 0))
        else:
            given = date.fromisoformat(end_text)
            end = given if Interval(start, given).months else given + timedelta(1)
    except (ValueError, OverflowError):
        return None
    return Interval(start, end) if end > start and _has_neighbours(start, end) else None


def _has_neighbours(start: date, end: date) -> bool:
    """Whether the interval before it, and the year after, are in the calendar."""
    return 2 * start.year - end.year > 1 and end.year < MAXYEAR


def order_of(texts: Sequence[str]) -> list[str]:
    """Distinct period texts in order of time: intervals by start and end, other text as text."""

    def key(text: str) -> tuple[str, str, str]:
        interval = parse_interval(text)
        if interval is None:
            return text, "", text
        return interval.start.isoformat(), interval.end.isoformat(), text

    return sorted(set(texts), key=key)


def previous_codes(ordered: Sequence[str], *, is_rolling: bool) -> Ints:
    """For each period its previous equivalent, as in same_interval; -1 absent, -2 not an interval.

    A year or longer: the interval that ends where it starts. Shorter: the same quarter or month a
    year before; for rolling indicators the previous non-overlapping one whatever its length.
    """
    intervals = [parse_interval(text) for text in ordered]
    place = {item: position for position, item in reversed(list(enumerate(intervals))) if item}
    result = np.full(len(ordered), -2, dtype=np.int64)
    for position, item in enumerate(intervals):
        if item is not None:
            result[position] = place.get(_previous(item, is_rolling=is_rolling), -1)
    return result


def _previous(item: Interval, *, is_rolling: bool) -> Interval:
    if not (item.is_year_or_longer or is_rolling):
        return item.back(12)
    months = item.months
    if months is not None:
        return item.back(months)
    return Interval(item.start - (item.end - item.start), item.start)


def same_interval(ordered: Sequence[str]) -> Ints:
    """For each period the position of the first that is the same interval, however written."""
    first: dict[Interval, int] = {}
    result = np.arange(len(ordered), dtype=np.int64)
    for position, text in enumerate(ordered):
        item = parse_interval(text)
        if item is not None:
            result[position] = first.setdefault(item, position)
    return result


def quarter_codes(ordered: Sequence[str]) -> Ints:
    """For each period a code of its place and length in the year; other text has code 0."""
    codes: dict[tuple[int, int, int], int] = {}
    result = np.zeros(len(ordered), dtype=np.int64)
    for position, text in enumerate(ordered):
        item = parse_interval(text)
        if item is not None:
            length = item.months or -(item.end - item.start).days
            place = (item.start.month, item.start.day, length)
            result[position] = codes.setdefault(place, len(codes) + 1)
    return result


def start_years(ordered: Sequence[str]) -> Ints:
    """Year in which each period of whole years starts, -1 for shorter ones.

    Of other text the first four digits are taken as the year, -1 if they are not digits.
    """
    result = np.full(len(ordered), -1, dtype=np.int64)
    for position, text in enumerate(ordered):
        item = parse_interval(text)
        if item is not None:
            is_annual = (item.months or 1) % 12 == 0
            result[position] = item.start.year if is_annual else -1
        elif re.match(r"\d{4}", text):
            result[position] = int(text[:4])
    return result
