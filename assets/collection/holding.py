"""Queried answers of a collection whose policy is to hold: not published before they are answered.

Here belongs what stands in their place. Which answers are queried is said by the rules; whether a
collection holds them by its entry in sources.yaml (on_query). Queries that only all datasets or the
figures show are marked and never held.
"""

import numpy as np
import pandas as pd

from assets.sources.registry import SourceEntry
from sql.frames import conform
from sql.schema import OBSERVATION_KEY
from validations.findings import Names, findings_frame
from validations.rules.rows import Record, as_array
from validations.validate import Validated

NOT_YET = "not yet published"
"""Why there is no figure: one was sent, and a question about it is open."""
HELD = "answer_held"
"""Code of the note that says so of each held answer."""
_NUMBERS = ["value", "lower_95", "upper_95"]


def hold_queried(
    entry: SourceEntry, judged: Validated, before: pd.DataFrame | None, names: Names
) -> Validated:
    """Tonight's outcome, each queried answer replaced by the last accepted one, or by x.

    judged: tonight's outcome; before: the validated_returns of the night before, or None; names:
    for the messages. The row stays an accepted one, with its query open; no figure that is asked
    about is published as new. The answer as sent stays in the raw store and in the finding of the
    query; a note of its own says of each that it is held, and what stands in its place.
    """
    accepted = judged.accepted
    queried = accepted["is_queried"].fillna(value=False).to_numpy(dtype=bool)
    if entry.on_query != "hold" or not queried.any():
        return judged
    sent = accepted[queried]
    held = _blank(sent)
    if before is not None and len(before):
        held = _earlier(held, before)
    parts = [part for part in (accepted[~queried], held) if len(part)]
    both = conform(pd.concat(parts, ignore_index=True), "validated_returns")
    notes = findings_frame(_notes(entry.dataset, sent, held), names)
    findings = pd.concat([judged.findings, notes], ignore_index=True)
    return Validated(both, judged.rejected, conform(findings, "validation_findings"))


def _notes(dataset: str, sent: pd.DataFrame, held: pd.DataFrame) -> list[Record]:
    """One note per held answer: where it stands, and the value that is used in its place."""
    keys = zip(*(as_array(held[name]) for name in OBSERVATION_KEY), strict=True)
    stands = dict(zip(keys, as_array(held["value"]), strict=True))
    places = (*OBSERVATION_KEY, "return_ref", "source_file", "source_row", "source_sha256")
    columns = {name: as_array(sent[name]) for name in places}
    notes: list[Record] = []
    for values in zip(*columns.values(), strict=True):
        place = dict(zip(columns, values, strict=True))
        value = stands[tuple(place[name] for name in OBSERVATION_KEY)]
        is_known = value == value  # noqa: PLR0124  NaN
        notes.append(
            {
                **place,
                "dataset": dataset,
                "code": HELD,
                "severity": "note",
                "level": "row",
                "n_rows": 1,
                "source_column": "value",
                "wording": "what" if is_known else "nothing",
                "expected": f"{value:.15g}" if is_known else None,
            }
        )
    return notes


def _blank(queried: pd.DataFrame) -> pd.DataFrame:
    nothing = queried.assign(note_code="x", missing_reason=NOT_YET)
    nothing[_NUMBERS] = np.nan
    return nothing


def _earlier(held: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """The held rows, those that had an accepted answer as it was, with the query open."""
    key = list(OBSERVATION_KEY)
    wanted = pd.MultiIndex.from_frame(held[key])
    known = pd.MultiIndex.from_frame(before[key])
    stands = before[known.isin(wanted)].assign(is_queried=True, is_kept=False)
    new = held[~wanted.isin(known)]
    parts = [part for part in (stands, new) if len(part)]
    return pd.concat(parts, ignore_index=True)
