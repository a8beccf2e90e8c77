"""Accepted answers stand: a refused or missing answer never takes an accepted one away.

Here belongs which answers of the night before are kept. Only a source that was read whole and
without a fault withdraws an answer by leaving it out; a file in the inbox never does.
"""

import pandas as pd

from assets.sources.registry import SourceEntry
from sql.frames import conform
from sql.schema import OBSERVATION_KEY
from validations.validate import Validated

INBOX_CONNECTORS = ("inbox_csv", "council_returns")
FLOOR = 0.8
"""A source that answers with fewer than this share of the answers before was cut short."""
PLACE = ["source_sha256", "source_row"]


def keep_standing(
    entry: SourceEntry, judged: Validated, before: pd.DataFrame | None, measures: pd.Series
) -> pd.DataFrame:
    """Tonight's accepted answers and those of the night before that still stand.

    judged: tonight's outcome; before: the validated_returns of the night before, or None;
    measures: the measures of the dataset today. A kept row has is_kept true. An answer that the
    rules refuse tonight although its bytes are the same is not kept: the rules have changed.
    """
    accepted = judged.accepted.assign(is_kept=False)
    if before is None or before.empty or not _may_keep(entry, judged, len(before)):
        return conform(accepted, "validated_returns")
    keys, old_keys = _index(accepted, OBSERVATION_KEY), _index(before, OBSERVATION_KEY)
    refused_places = _index(judged.rejected, PLACE)
    stands = (
        ~old_keys.isin(keys)
        & ~_index(before, PLACE).isin(refused_places)
        & before["measure"].isin(measures).to_numpy()
    )
    kept = before[stands].assign(is_kept=True)
    parts = [part for part in (accepted, kept) if len(part)]
    both = pd.concat(parts, ignore_index=True) if parts else accepted
    return conform(both, "validated_returns")


def _may_keep(entry: SourceEntry, judged: Validated, n_before: int) -> bool:
    """Whether tonight's answer is no clean word on what the source holds."""
    if entry.connector in INBOX_CONNECTORS or len(judged.accepted) < FLOOR * n_before:
        return True
    is_refused = bool(judged.rejected["outcome"].eq("rejected").any())
    of_dataset = judged.findings["level"].eq("dataset") & judged.findings["severity"].eq("error")
    return is_refused or bool(of_dataset.any())


def _index(frame: pd.DataFrame, columns: tuple[str, ...] | list[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[list(columns)])
