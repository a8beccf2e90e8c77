"""What a connector is given and what it hands back.

Here belongs the contract between pull.py and the connectors, and the small steps they share.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from assets.catalogue.models import Entry
from assets.sources.exchange import Exchange, PermanentFailure
from assets.sources.http import Fetcher
from assets.sources.raw_store import RawStore
from assets.sources.registry import SourceEntry

OptionsT = TypeVar("OptionsT", bound=Entry)
FoundT = TypeVar("FoundT")
LONDON = ZoneInfo("Europe/London")


class Revision(NamedTuple):
    """What an answer is a revision of: our way of reading, the service's id, the content's hash."""

    fingerprint: str
    service: str
    content: str

    @staticmethod
    def parse(text: str | None) -> "Revision | None":
        """The revision a text of `str(revision)` means, or None."""
        parts = (text or "").split(":")
        return Revision(*parts) if len(parts) == 3 else None

    def __str__(self) -> str:
        return ":".join(self)


@dataclass(frozen=True)
class PullTask:
    """One dataset to pull; `last` is the last good revision if it was read in the same way."""

    entry: SourceEntry
    fetcher: Fetcher
    raw_store: RawStore
    inbox: Path
    last: Revision | None
    now: datetime

    def options(self, kind: type[OptionsT]) -> OptionsT:
        """The entry's options, of the kind the connector knows."""
        if not isinstance(self.entry.options, kind):
            raise TypeError(f"{self.entry.dataset}: these are not options of {kind.__name__}")
        return self.entry.options


@dataclass(frozen=True)
class Answer:
    """What a connector found: the frame (raw_returns) is None if nothing has changed."""

    frame: pd.DataFrame | None
    service: str = "-"
    content: str = "-"
    published: str | None = None
    sha256s: tuple[str, ...] = ()
    n_unselected: int = 0


def member(exchange: Exchange, found: object, path: str, kind: type[FoundT]) -> FoundT:
    """The member of a JSON answer at a dotted path; PermanentFailure if it is not of that kind."""
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, kind):
        raise PermanentFailure(
            f'{exchange.url} no longer gives "{path}": the service has changed,'
            " so compare its answer with its documentation.",
            exchange,
        )
    return found


def london_day(instant: object) -> str | None:
    """The day in London of an ISO instant in UTC, or of an ISO date; None for anything else."""
    if not isinstance(instant, str):
        return None
    try:
        if len(instant) == 10:
            return date.fromisoformat(instant).isoformat()
        moment = datetime.fromisoformat(instant)
    except ValueError:
        return None
    return moment.astimezone(LONDON).date().isoformat() if moment.tzinfo else None
