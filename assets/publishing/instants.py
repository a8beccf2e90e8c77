"""Release instants: when a product may appear, in London time.

Here belongs the passage from a product's release_time to an instant.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
IMMEDIATELY = "immediately"


def release_instant(release_time: str, made_at: datetime) -> datetime | None:
    """The first instant at or after made_at when the clock in London shows release_time.

    release_time is "immediately" (no instant: None) or HH:MM; made_at is aware. Answer in UTC.
    """
    if release_time == IMMEDIATELY:
        return None
    hour, minute = map(int, release_time.split(":"))
    local = made_at.astimezone(LONDON)
    instant = datetime.combine(local.date(), time(hour, minute), LONDON)
    if instant < local:
        instant = datetime.combine(local.date() + timedelta(days=1), time(hour, minute), LONDON)
    return instant.astimezone(UTC)


def utc_text(instant: datetime) -> str:
    """An instant as ISO 8601 in UTC, to the second: 2026-11-21T09:30:00Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
