"""The attack (M14): what published figures give away about counts that they do not show.

Here belongs what a reader can do who has nothing but publications: every version, its benchmarks,
and what he knows or takes for granted of revisions between versions.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.methods.attacker import Attacker, Feasible, Form, Sum
from assets.methods.disclosure_benchmarks import sums_of_benchmarks
from assets.methods.disclosure_cells import CellKey, Declared, concerned, declare
from assets.methods.disclosure_table import Version
from assets.methods.disclosure_versions import (
    Versions,
    attacker_of,
    read_versions,
    told_unrevised,
    unrevised,
)
from sql.tables import FIGURE_KEY

FOUND = (*FIGURE_KEY, "part", "low", "high")


@dataclass(frozen=True)
class Hidden:
    """A count of a figure with c: how many versions ago, the figure's key, which part of it."""

    ago: int
    key: dict[str, str]
    part: str
    """numerator, rest or denominator"""
    form: Form


@dataclass(frozen=True)
class Reading:
    """An attacker who has read everything, and the versions he read."""

    versions: Versions
    attacker: Attacker

    def hidden(self) -> Iterator[Hidden]:
        """Every count of every figure with c, of this version and then of the earlier ones."""
        yield from _hidden(self.versions.now, 0, 0)
        n_earlier = len(self.versions.earlier)
        pairs = zip(self.versions.offsets, self.versions.earlier, strict=True)
        for number, (offset, version) in enumerate(pairs):
            yield from _hidden(version, offset, n_earlier - number)


def read_everything(
    published: pd.DataFrame,
    indicators: pd.DataFrame,
    groups: pd.DataFrame | None,
    previous: Sequence[pd.DataFrame] = (),
    benchmarks: pd.DataFrame | None = None,
    known: Sequence[Collection[CellKey]] | None = None,
) -> Reading:
    """An attacker over published figures of this version and of earlier ones, oldest first.

    benchmarks: those beside them, whose ratio_of_sums and mean are taken as true of the members of
    `groups` that missing_members does not name. known: for each earlier version the counts of which
    he knows that they stand unchanged in the next; without it he takes as few for revised as
    explain what he sees.
    """
    declared = concerned(declare(indicators))
    is_ours = published["indicator"].isin(list(declared))
    ours = published[is_ours].reset_index(drop=True)
    versions = read_versions(ours, declared, groups, previous)
    linked = unrevised(versions) if known is None else told_unrevised(versions, known)
    extra = []
    if benchmarks is not None and groups is not None:
        extra = list(_of_benchmarks(benchmarks, groups, indicators, versions.now, declared))
    return Reading(versions, attacker_of(versions, linked, extra))


def attack(
    published: pd.DataFrame,
    indicators: pd.DataFrame,
    groups: pd.DataFrame | None,
    previous: Sequence[pd.DataFrame] = (),
    benchmarks: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What can be found out from published figures about what they do not show.

    Arguments as in read_everything. Returns the key of each figure with c and, for each `part`
    (numerator, rest, denominator), the smallest and largest feasible count, `low`, `high`.
    """
    reading = read_everything(published, indicators, groups, previous, benchmarks)
    known: dict[tuple[tuple[int, float], ...], Feasible] = {}
    rows = []
    for item in reading.hidden():
        same = tuple(item.form.items())
        if item.ago == 0:
            if same not in known:
                known[same] = reading.attacker.range_of(item.form)
            found = known[same]
            rows.append(item.key | {"part": item.part, "low": found.low, "high": found.high})
    return pd.DataFrame(rows, columns=list(FOUND))


def _hidden(version: Version, offset: int, ago: int) -> Iterator[Hidden]:
    hidden = np.flatnonzero(version.cells.is_hidden)
    keys = version.figures.iloc[hidden][list(FIGURE_KEY)].to_dict("records")
    for row, found in zip(hidden.tolist(), keys, strict=True):
        key = {str(name): str(value) for name, value in found.items()}
        top = int(version.cells.numerator[row]) + offset
        bottom = int(version.cells.denominator[row])
        yield Hidden(ago, key, "numerator", {top: 1.0})
        if bottom >= 0:
            yield Hidden(ago, key, "rest", {bottom + offset: 1.0, top: -1.0})
            yield Hidden(ago, key, "denominator", {bottom + offset: 1.0})


def _of_benchmarks(
    benchmarks: pd.DataFrame,
    groups: pd.DataFrame,
    indicators: pd.DataFrame,
    now: Version,
    declared: dict[str, Declared],
) -> Iterator[Sum]:
    multipliers = dict(zip(indicators["indicator"], indicators["multiplier"], strict=True))
    yield from sums_of_benchmarks(benchmarks, groups, now.cells, declared, multipliers)
