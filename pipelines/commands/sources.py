"""The command `sources`: where each dataset comes from, how fresh it is, whether it answers."""

from datetime import UTC, datetime
from pathlib import Path

import click

from assets.sources.http import SourceFailure
from assets.sources.pull import pull
from assets.sources.raw_store import RawStore
from assets.sources.registry import load_registry
from assets.sources.resolve import resolve
from assets.sources.status import sources_frame
from pipelines.commands.display import show_rows
from pipelines.resources import Installation
from sql.frames import FrameStore, empty, records
from sql.home import Home

SHOWN = (
    "dataset",
    "connector",
    "publisher",
    "state",
    "last_pulled",
    "age_days",
    "latest_period",
    "n_rows",
    "url",
)
UNREACHABLE = 3


def list_sources(*, home: Path | None, form: str, check: bool) -> int:
    """Print the registry and the last result of each entry; with check, ask each source now."""
    installation = Installation(home=home)
    opened = installation.open_home()
    if check:
        return _ask_all(installation, opened, form)
    frames, now = FrameStore(opened.frames), datetime.now(UTC)
    has_counts = frames.has("answer_counts")
    counts = frames.read("answer_counts") if has_counts else empty("answer_counts")
    rows = records(sources_frame(load_registry(), RawStore(opened.raw), counts, now))
    wanted = rows if form == "json" else [{name: row[name] for name in SHOWN} for row in rows]
    show_rows(wanted, form=form, title=f"Sources of the profile {opened.profile}")
    return 0


def resolve_source(dataset_id: str, *, home: Path | None) -> None:
    """Print a StatsWales dataset as an entry for sources.yaml, filled in from its filters."""
    click.echo(resolve(dataset_id, Installation(home=home).open_fetcher()))


def _ask_all(installation: Installation, home: Home, form: str) -> int:
    fetcher, raw_store = installation.open_fetcher(), RawStore(home.raw)
    rows = []
    for dataset, entry in load_registry().items():
        if home.profile not in entry.profiles:
            rows.append({"dataset": dataset, "answers": "not asked", "said": "no live address yet"})
            continue
        try:
            pulled = pull(entry, fetcher, raw_store, home.inbox, None, datetime.now(UTC))
            count = 0 if pulled.frame is None else len(pulled.frame)
            rows.append({"dataset": dataset, "answers": "yes", "said": f"{count} answers"})
        except SourceFailure as failure:
            rows.append({"dataset": dataset, "answers": "no", "said": str(failure)})
    show_rows(rows, form=form, title=f"Sources of the profile {home.profile}")
    return UNREACHABLE if any(row["answers"] == "no" for row in rows) else 0
