"""Rules about answers to the same question for the same place and period.

Here belongs what is a repetition, what a replacement and what a contradiction. A repetition is
counted once; a return received later replaces an earlier one; of a contradiction no answer is
used, since nobody can know from here which one is right.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from sql.schema import OBSERVATION_KEY
from validations.rules.examples import RETURN, one
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Mask, Rows, RuleContext

CONTENT = ("value", "note_code", "lower_95", "upper_95")
_FIRST = {"return_ref": RETURN, "source_published": "2026-05-01T02:30:00+00:00"}
_AGAIN = {**_FIRST, "source_published": "2026-05-09T02:30:00+00:00", "source_file": "again.csv"}


@dataclass(frozen=True)
class Settled:
    """Which of the rows with the same key stand: positions, all disjoint.

    same: repetitions of a row that stands; other: contradictions; replaced: row -> the row that
    stands for it; stands: all the rest.
    """

    stands: Mask
    same: list[int] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    replaced: dict[int, int] = field(default_factory=dict)

    @property
    def replacing(self) -> list[int]:
        """The rows that stand in the place of others."""
        return list(self.replaced.values())


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
    """The same key with the same content: every row but one is a duplicate."""
    return Found(_positions(settle(rows).same))


@rule(
    "superseded",
    severity="note",
    level="row",
    stage="duplicate",
    fields=("value",),
    failing=Example([_FIRST, {**_AGAIN, "value_text": "101"}]),
    passing=Example([_FIRST, {**_AGAIN, "value_text": "1.2m"}]),
)
def superseded(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """A council's answer with a different one in a return received later: that one is used."""
    replaced = settle(rows).replaced
    hits = _positions(list(replaced))
    files, refs = rows["source_file"], rows["return_ref"]
    by = [replaced[place] for place in hits.tolist()]
    return Found(
        hits,
        seen=[text or "" for text in rows["value_text"][hits]],
        expected=[f"{_name(files[row])} ({refs[row]})" for row in by],
    )


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
    """The same key with different content, none received after the others: all are refused.

    One finding names all the files and stands where the first of them does.
    """
    hits = _positions(settle(rows).other)
    held: dict[object, dict[str, None]] = defaultdict(dict)
    files: dict[object, dict[str | None, None]] = defaultdict(dict)
    keys = _keys(rows.take(hits))
    columns = (rows["value_text"][hits], rows["source_file"][hits])
    for key, text, file in zip(keys, *columns, strict=True):
        held[key][str(text)] = None
        files[key][file] = None
    return Found(
        hits,
        seen=[" / ".join(held[key]) for key in keys],
        expected=[", ".join(map(_name, files[key])) for key in keys],
        about={"source_file": [next(iter(files[key])) for key in keys]},
    )


@lru_cache(maxsize=1)  # three rules in a row ask about the same rows
def settle(rows: Rows) -> Settled:
    """Which rows repeat, replace or contradict one another."""
    keys = _keys(rows)
    settled = Settled(np.ones(len(keys), dtype=np.bool_))
    if len(set(keys)) == len(keys):
        return settled
    content = list(zip(*(_comparable(rows, name) for name in CONTENT), strict=True))
    places: dict[object, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        places[key].append(place)
    for shared in places.values():
        if len({content[place] for place in shared}) > 1:
            _settle_different(rows, content, shared, settled)
        elif len(shared) > 1:
            standing = _explained_last(rows, shared)
            settled.same.extend(place for place in shared if place != standing)
    settled.stands[[*settled.same, *settled.other, *settled.replaced]] = False
    return settled


def _settle_different(
    rows: Rows, content: list[tuple[object, ...]], shared: list[int], settled: Settled
) -> None:
    """The answer received last stands; those received together that differ contradict."""
    rank = _ranks(rows, shared)
    left = list(shared)
    while left:
        last = max(rank[place] for place in left)
        together = [place for place in left if rank[place] == last]
        left = [place for place in left if rank[place] != last]
        if len({content[place] for place in together}) == 1:
            settled.same.extend(together[1:])
            settled.replaced.update(dict.fromkeys(left, together[0]))
            return
        settled.other.extend(together)


def _ranks(rows: Rows, shared: list[int]) -> dict[int, tuple[bool, str]]:
    """Row -> what makes it win; all equal unless each has its receipt and some came later.

    A blank without a status is no answer: it never replaces one.
    """
    received = {place: rows["received"][place] for place in shared}
    if None in received.values() or len(set(received.values())) == 1:
        return dict.fromkeys(shared, (True, ""))
    is_blank = rows["is_blank"]
    return {place: (not is_blank[place], str(when)) for place, when in received.items()}


def _explained_last(rows: Rows, shared: list[int]) -> int:
    """Of equal answers the one received first, with the explanation that came last, if any did."""
    received, texts = rows["received"], rows["explanation_text"]
    ordered = sorted(shared, key=lambda place: received[place] or "")
    explained = [place for place in ordered if (texts[place] or "").strip()]
    if not explained or received[ordered[0]] == received[ordered[-1]]:
        return ordered[0]
    last = texts[explained[-1]]
    return next(place for place in explained if texts[place] == last)


def _name(file: str | None) -> str:
    return PurePosixPath(file or "").name


def _positions(places: list[int]) -> NDArray[np.intp]:
    return np.array(sorted(places), dtype=np.intp)


def _keys(rows: Rows) -> list[tuple[object, ...]]:
    return list(zip(*(rows[name] for name in OBSERVATION_KEY), strict=True))


def _comparable(rows: Rows, name: str) -> list[object]:
    # NaN differs from itself; a missing number is None, so that two missing ones are the same.
    return [None if item != item else item for item in rows[name]]  # noqa: PLR0124  NaN
