"""The clock of a run: the one place where the time of day enters, so that tests can set it."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Clock:
    """The present instant in UTC, or a fixed one."""

    fixed: datetime | None = None

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return self.fixed or datetime.now(UTC)
