"""The state of every source: how fresh its answer is and how old its latest figure.

Here belongs the table `sources` of the warehouse and of the command line; what was pulled is kept
by the raw store.
"""

from collections.abc import Mapping
from datetime import datetime

import pandas as pd

from assets.sources.raw_store import RawStore
from assets.sources.registry import SourceEntry
from sql.frames import conform
from sql.periods import describe_period


def sources_frame(
    registry: Mapping[str, SourceEntry],
    raw_store: RawStore,
    answer_counts: pd.DataFrame,
    now: datetime,
) -> pd.DataFrame:
    """Table sources: one row per dataset, how fresh it is and how old its latest figure."""
    latest = answer_counts.set_index("dataset")["latest_period"].dropna().to_dict()
    rows = [
        {
            "dataset": dataset,
            "title_en": entry.title.en,
            "title_cy": entry.title.cy,
            "publisher": entry.publisher,
            "connector": entry.connector,
            "url": entry.homepage,
            "licence": entry.licence,
            "latest_period": latest.get(dataset),
            "period_age_days": _period_age(latest.get(dataset), now),
            **_pull_state(raw_store, dataset, now),
        }
        for dataset, entry in registry.items()
    ]
    return conform(pd.DataFrame(rows), "sources")


def _pull_state(raw_store: RawStore, dataset: str, now: datetime) -> dict[str, object]:
    status = raw_store.status(dataset)
    return {
        "state": status.state,
        "reason": status.reason,
        "last_pulled": status.last_pulled,
        "last_tried": status.last_tried,
        "age_days": status.age_days(now),
        "n_rows": status.n_rows,
    }


def _period_age(period: str | None, now: datetime) -> int | None:
    return None if period is None else (now.date() - describe_period(period).end).days
