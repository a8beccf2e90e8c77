"""Rules about answers to the same question for the same place and period.

Here belongs what is a repetition and what a contradiction. A repetition is counted once; of a
contradiction no answer is used, since nobody can know from here which one is right.
"""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from sql.schema import OBSERVATION_KEY
from validations.rules.examples import one
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Rows, RuleContext

CONTENT = ("value", "note_code", "lower_95", "upper_95")


@rule(
    "duplicate_row",
    severity="note",
    level="row",
    stage="duplicate",
    fields=("value",),
    failing=Example([{}, {"value_text": "100.0"}]),
    passing=Example([{}, {"period_text": "2021", "value_text": "99"}]),
    one_per=(),
)
def duplicate_row(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """The same key with the same content: every row after the first is a duplicate."""
    return Found(repeated(rows)[0])


@rule(
    "duplicate_key",
    severity="error",
    level="row",
    stage="duplicate",
    fields=("value",),
    failing=Example([{}, {"value_text": "101"}]),
    passing=one(),
    one_per=(*OBSERVATION_KEY,),
)
def duplicate_key(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """The same key with different content: all of them are refused."""
    hits = repeated(rows)[1]
    held: dict[object, list[str]] = defaultdict(list)
    keys = _keys(rows.take(hits))
    for key, text in zip(keys, rows["value_text"][hits], strict=True):
        if str(text) not in held[key]:
            held[key].append(str(text))
    return Found(hits, seen=[" / ".join(held[key]) for key in keys])


def repeated(rows: Rows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions of rows that repeat an earlier one, and of rows that contradict one another."""
    keys = _keys(rows)
    if len(set(keys)) == len(keys):
        return np.array([], dtype=np.intp), np.array([], dtype=np.intp)
    content = list(zip(*(_comparable(rows, name) for name in CONTENT), strict=True))
    places: dict[object, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        places[key].append(place)
    same, other = [], []
    for shared in places.values():
        if len({content[place] for place in shared}) > 1:
            other += shared
        else:
            same += shared[1:]
    return np.array(sorted(same), dtype=np.intp), np.array(sorted(other), dtype=np.intp)


def _keys(rows: Rows) -> list[tuple[object, ...]]:
    return list(zip(*(rows[name] for name in OBSERVATION_KEY), strict=True))


def _comparable(rows: Rows, name: str) -> list[object]:
    # NaN differs from itself; a missing number is None, so that two missing ones are the same.
    return [None if item != item else item for item in rows[name]]  # noqa: PLR0124  NaN
