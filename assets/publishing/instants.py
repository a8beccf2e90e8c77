"""Instants in London time: when a product may appear, and what a person writes.

Here belongs the passage from a product's release_time, or from a text, to an instant.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
IMMEDIATELY = "immediately"


def release_instant(
    release_time: str, made_at: datetime, days: Collection[date] = ()
) -> datetime | None:
    """The first instant at or after made_at when the clock in London shows release_time.

    release_time is "immediately" (no instant: None) or HH:MM; made_at is aware. With days, only on
    one of them; None if none is left. Answer in UTC.
    """
    if release_time == IMMEDIATELY:
        return None
    today = made_at.astimezone(LONDON).date()
    chosen = sorted(days) if days else (today, today + timedelta(days=1))
    instants = (london_instant(day, release_time) for day in chosen if day >= today)
    return next((instant for instant in instants if instant >= made_at), None)


def london_instant(day: date, release_time: str) -> datetime:
    """The instant when the clock in London shows that time of that day, in UTC."""
    return datetime.combine(day, time.fromisoformat(release_time), LONDON).astimezone(UTC)


def utc_text(instant: datetime) -> str:
    """An instant as ISO 8601 in UTC, to the second: 2026-11-21T09:30:00Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str) -> datetime:
    """An instant that a person wrote, in London time unless it names a zone.

    ValueError with a sentence for anything else, a day without a time among it.
    """
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'"{text[:40]}" is not an instant: write 2026-12-01T09:30.') from error
    if _is_a_day(text):
        raise ValueError(f'"{text}" names no time: write {text}T09:30.')
    return given if given.tzinfo else given.replace(tzinfo=LONDON)


def parse_day_or_instant(text: str) -> datetime:
    """As parse_instant, but a day is good too: it means its last second in London."""
    if not _is_a_day(text):
        return parse_instant(text)
    return datetime.combine(date.fromisoformat(text), time(23, 59, 59), LONDON)


def _is_a_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
