"""Typed periods (M18): what publishers write, the canonical key, first and last day, label.

Here belongs the passage from a text such as `2018/19`, `2015 AUG` or `Mid-year 2019` to one key,
and back from a key to dates. Which periods an indicator expects is the catalogue's business.

Canonical keys: `2023-01-01/P1Y` (calendar), `2023-04-01/P1Y` (financial), `2023-09-01/P1Y`
(academic), `2020-01-01/P3Y` (rolling), `2015-06-01/P1M`, `2024-07-01/P3M`, or a date (snapshot).
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST_ROLLING = 5
"""Years. A longer span such as `1900-1918` is a property of the thing counted, not its time."""

YEAR_START = {"calendar_year": (1, 1), "financial_year": (4, 1), "academic_year": (9, 1)}
PERIOD_TYPES = (*YEAR_START, "quarter", "month", "rolling", "snapshot")
MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)/P(\d{1,2})([YM])")
_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_LONG_DATE = re.compile(r"(?:at )?(\d{1,2}) ([a-z]{3,9}) (\d{4})")
_YEAR = re.compile(r"(?:mid-?year |mid-)?(\d{4})")
_MID_YEAR = re.compile(r"mid-?(?:year )?(\d{4})")
_TWO_YEARS = re.compile(r"(\d{4}) ?[-/–] ?(\d{4}|\d\d)|(\d{4})(\d\d)|(\d{4}) to (\d{4})")
_QUARTER = re.compile(r"(\d{4}) ?-?q([1-4])|q([1-4]) (\d{4})")
_YEAR_MONTH = re.compile(r"(\d{4})(?: ?[-m/] ?)?(\d\d)")
_MONTH_NAME = re.compile(r"(\d{4}) ([a-z]{3,9})|([a-z]{3,9})[ -](\d{4}|\d\d)")


@dataclass(frozen=True)
class Period:
    """A period: canonical key, type, first day, last day (inclusive), language-neutral label."""

    key: str
    type: str
    start: date
    end: date
    label: str


@lru_cache(maxsize=8192)
def parse_period(text: str, period_type: str) -> Period | None:
    """The period a publisher's text means, given the type of its series; None if it means none.

    A text of another type is None, not a guess: `2018-19` is no calendar year, `2018` no
    financial year. ValueError for a period type there is not.
    """
    if period_type not in PERIOD_TYPES:
        raise ValueError(f"no period type {period_type!r}; there are {', '.join(PERIOD_TYPES)}")
    plain = " ".join(text.split())
    try:
        key = _canonical(plain) or _from_words(plain.lower(), period_type)
        return describe_period(key, period_type) if key else None
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def describe_period(key: str, period_type: str | None = None) -> Period:
    """Type, dates and label of a canonical key; ValueError in words if it is none, or of another
    type than the one given.
    """
    interval = _ISO.fullmatch(key)
    start = _day(interval.group(1) if interval else key)
    if interval is None:
        return _typed(Period(key, "snapshot", start, start, key), period_type)
    length = int(interval.group(2))
    months = length * 12 if interval.group(3) == "Y" else length
    if months == 0:
        raise ValueError(f"{key!r} is not a period: it has no length")
    end = add_months(start, months) - timedelta(days=1)
    kind = _type_of(start, months)
    return _typed(Period(key, kind, start, end, _label(kind, start, end)), period_type)


def previous_period(key: str) -> str | None:
    """The equivalent period a year before; for a span of n years the one that ends where it starts.

    None for a snapshot: its neighbour is the date the source chose, which the key cannot tell.
    """
    interval = _ISO.fullmatch(key)
    if interval is None:
        return None
    length, unit = int(interval.group(2)), interval.group(3)
    years = length if unit == "Y" else 1
    return f"{add_months(_day(interval.group(1)), -12 * years)}/P{length}{unit}"


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on; the month's last day where there is none."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _day(text: str) -> date:
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a period: write 2023-04-01/P1Y or 2025-03-15")
    day = date(*(int(part) for part in found.groups()))
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{text!r} is not a period: years run from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _typed(period: Period, wanted: str | None) -> Period:
    if wanted is None or wanted == period.type:
        return period
    if wanted == "rolling" and period.end > add_months(period.start, 12) - timedelta(days=2):
        label = _label(wanted, period.start, period.end)
        return Period(period.key, wanted, period.start, period.end, label)
    raise ValueError(f"{period.key!r} is a {period.type}, not a {wanted}")


def _type_of(start: date, months: int) -> str:
    starts = {begin: kind for kind, begin in YEAR_START.items()}
    if months == 12:
        return starts.get((start.month, start.day), "rolling")
    by_length = {1: "month", 3: "quarter"}
    if months in by_length and start.day == 1:
        return by_length[months]
    if months % 12 == 0:
        return "rolling"
    raise ValueError(f"a period of {months} months from {start} has no type")


def _label(kind: str, start: date, end: date) -> str:
    labels = {
        "calendar_year": f"{start.year}",
        "financial_year": f"{start.year}-{end.year % 100:02d}",
        "academic_year": f"{start.year}-{end.year % 100:02d}",
        "month": f"{start:%Y-%m}",
        "rolling": f"{start.year}-{end.year}" if start.month == 1 else f"{start} / {end}",
    }
    if kind == "quarter":
        quarter, is_odd = divmod(start.month - 1, 3)
        return f"{start} / {end}" if is_odd else f"{start.year} Q{quarter + 1}"
    return labels[kind]


def _canonical(text: str) -> str | None:
    if _ISO.fullmatch(text) or _DATE.fullmatch(text):
        return text
    span = _SPAN.fullmatch(text)
    if span is None:
        return None
    start, end = _day(span.group(1)), _day(span.group(2))
    for months in (1, 3, 12, *(12 * years for years in range(2, LONGEST_ROLLING + 1))):
        after = add_months(start, months)
        if end in (after, after - timedelta(days=1)):
            return f"{start}/P{months}M" if months < 12 else f"{start}/P{months // 12}Y"
    return None


def _from_words(text: str, period_type: str) -> str | None:
    readers = {"quarter": _quarter, "month": _month, "rolling": _rolling, "snapshot": _snapshot}
    if period_type in readers:
        return readers[period_type](text)
    if period_type == "calendar_year":
        found = _YEAR.fullmatch(text)
        return f"{found.group(1)}-01-01/P1Y" if found else None
    years = _two_years(text)
    if years is None or years[1] != years[0] + 1:
        return None
    month, day = YEAR_START[period_type]
    return f"{years[0]}-{month:02d}-{day:02d}/P1Y"


def _two_years(text: str) -> tuple[int, int] | None:
    found = _TWO_YEARS.fullmatch(text)
    if found is None:
        return None
    first, second = (part for part in found.groups() if part)
    start = int(first)
    end = int(second) if len(second) == 4 else start // 100 * 100 + int(second)
    return start, end if end >= start else end + 100


def _rolling(text: str) -> str | None:
    years = _two_years(text)
    if years is None:
        return None
    length = years[1] - years[0] + 1
    return f"{years[0]}-01-01/P{length}Y" if 2 <= length <= LONGEST_ROLLING else None


def _quarter(text: str) -> str | None:
    found = _QUARTER.fullmatch(text)
    if found is None:
        return None
    year, quarter = found.group(1) or found.group(4), found.group(2) or found.group(3)
    return f"{year}-{int(quarter) * 3 - 2:02d}-01/P3M"


def _month(text: str) -> str | None:
    numbers = _YEAR_MONTH.fullmatch(text)
    if numbers:
        return f"{numbers.group(1)}-{numbers.group(2)}-01/P1M"
    found = _MONTH_NAME.fullmatch(text)
    if found is None:
        return None
    year, name = found.group(1) or found.group(4), found.group(2) or found.group(3)
    month = _month_number(name)
    return f"{int(year) + (2000 if len(year) == 2 else 0)}-{month:02d}-01/P1M" if month else None


def _snapshot(text: str) -> str | None:
    middle = _MID_YEAR.fullmatch(text)
    if middle:
        return f"{middle.group(1)}-06-30"
    found = _LONG_DATE.fullmatch(text)
    month = _month_number(found.group(2)) if found else None
    return f"{found.group(3)}-{month:02d}-{int(found.group(1)):02d}" if found and month else None


def _month_number(name: str) -> int | None:
    number = MONTHS.get(name[:3])
    full = calendar.month_name[number].lower() if number else ""
    return number if number and name in (name[:3], full, "sept"[: len(name)]) else None
