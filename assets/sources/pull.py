"""Pull one dataset: what its connector finds, or that nothing has changed.

Here belongs the choice of the connector and the decision what "the same as last time" means. A
transport that fails is a SourceFailure; faults of a file's content are rows with `problem` set.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pandas as pd

from assets.sources import (
    council_returns,
    inbox_csv,
    ons_els,
    ons_timeseries,
    statswales_v3,
)
from assets.sources.http import Fetcher
from assets.sources.raw_store import RawStore
from assets.sources.registry import SourceEntry
from assets.sources.task import Answer, PullTask, Revision

CONNECTORS: dict[str, tuple[Callable[[PullTask], Answer], int]] = {
    "statswales_v3": (statswales_v3.pull, statswales_v3.PARSER),
    "ons_els": (ons_els.pull, ons_els.PARSER),
    "ons_timeseries": (ons_timeseries.pull, ons_timeseries.PARSER),
    "inbox_csv": (inbox_csv.pull, inbox_csv.PARSER),
    "council_returns": (council_returns.pull, council_returns.PARSER),
}


@dataclass(frozen=True)
class Pulled:
    """A good pull: the frame in the shape of raw_returns, or None if nothing has changed."""

    changed: bool
    frame: pd.DataFrame | None
    revision: str
    sha256s: tuple[str, ...] = ()
    source_published: str | None = None
    n_unselected: int = 0


def pull(
    entry: SourceEntry,
    fetcher: Fetcher,
    raw_store: RawStore,
    inbox: Path,
    last_revision: str | None,
    now: datetime,
) -> Pulled:
    """The dataset as it stands now, or `changed=False` if it is as at `last_revision`.

    Give no last_revision where the frame of that time is no longer there. TransientFailure and
    PermanentFailure mean that the last good answer stands.
    """
    connector, parser = CONNECTORS[entry.connector]
    fingerprint = fingerprint_of(entry, parser)
    last = Revision.parse(last_revision)
    own = fetcher.for_source()
    own.raw_store = raw_store
    is_held = all(raw_store.holds(digest) for digest in raw_store.status(entry.dataset).sha256s)
    same_reading = last is not None and last.fingerprint == fingerprint and is_held
    task = PullTask(entry, own, raw_store, inbox, last if same_reading else None, now)
    answer = connector(task)
    return Pulled(
        changed=answer.frame is not None,
        frame=answer.frame,
        revision=str(Revision(fingerprint, answer.service, answer.content)),
        sha256s=tuple(dict.fromkeys((*own.sha256s, *answer.sha256s))),
        source_published=answer.published,
        n_unselected=answer.n_unselected,
    )


def fingerprint_of(entry: SourceEntry, parser: int) -> str:
    """How a dataset is read, in 12 characters: its connector, options and parser's version."""
    said = {
        "dataset": entry.dataset,
        "connector": entry.connector,
        "options": entry.options.model_dump(mode="json"),
        "parser": parser,
    }
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]
