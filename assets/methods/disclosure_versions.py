"""Versions side by side (M14): what earlier versions showed, and which counts stand unchanged.

Here belongs what a reader gains who keeps every version. Each version has its own counts and sums;
a count that was not revised is the same in both, and ties them together.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pandas as pd

from assets.methods.attacker import Attacker, Sum
from assets.methods.disclosure_cells import CellKey, Declared, read_cells
from assets.methods.disclosure_rules import Secret, secrets_of_unknown
from assets.methods.disclosure_spread import is_among
from assets.methods.disclosure_table import Version, read_version
from assets.methods.impossible import Floats
from sql.tables import FIGURE_KEY

Pair = tuple[int, int]
"""Numbers of one count in an earlier version and in the next one that has it."""
NUMBERLESS = ("numerator", "denominator")


@dataclass(frozen=True)
class Versions:
    """This version and those before it, as one system of counts.

    Counts are numbered through: those of `now` from 0, then those of each earlier version from its
    `offset`. A figure that is gone has rows in `now` all the same, without numbers.
    """

    now: Version
    earlier: tuple[Version, ...]
    """Oldest first."""
    offsets: tuple[int, ...]
    pairs: tuple[Pair, ...]
    """Every count that stands in two versions."""
    truth: Floats
    """What each version counted, whether shown or not; NaN where nobody says."""

    @property
    def is_earlier(self) -> range:
        """Numbers of the counts of earlier versions."""
        size = sum(len(version.count) for version in (self.now, *self.earlier))
        return range(len(self.now.count), size)

    def count(self) -> Floats:
        """What each version shows, NaN for nothing."""
        return np.concatenate([version.count for version in (self.now, *self.earlier)])

    def sums(self) -> list[Sum]:
        """The sums of all versions, over the common numbers."""
        return [
            Sum({cell + offset: k for cell, k in item.terms.items()}, item.low, item.high)
            for offset, version in zip((0, *self.offsets), (self.now, *self.earlier), strict=True)
            for item in version.sums
        ]


def read_versions(
    figures: pd.DataFrame,
    declared: dict[str, Declared],
    groups: pd.DataFrame | None,
    previous: Sequence[pd.DataFrame],
    truths: Sequence[pd.DataFrame | None] = (),
) -> Versions:
    """figures: indicator_values of declared indicators; previous: of earlier versions, all rows.

    truths: for each earlier version its figures before anything was suppressed, where known.
    """
    before = [_of(declared, frame) for frame in previous]
    now = read_version(_with_gone(figures, before), declared, groups)
    earlier = tuple(read_version(frame, declared, groups) for frame in before)
    sizes = [len(version.count) for version in (now, *earlier)]
    offsets = tuple(int(n) for n in np.cumsum(sizes)[:-1])
    true_counts = [
        _true_count(version, None if truth is None else _of(declared, truth), declared)
        for version, truth in zip_longest(earlier, truths)
    ]
    truth = np.concatenate([now.count, *true_counts])
    return Versions(now, earlier, offsets, tuple(_pairs(now, earlier, offsets)), truth)


def _of(declared: dict[str, Declared], frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["indicator"].isin(list(declared))].reset_index(drop=True)


def _true_count(
    version: Version, truth: pd.DataFrame | None, declared: dict[str, Declared]
) -> Floats:
    if truth is None:
        return version.count
    cells = read_cells(truth, declared)
    found = [
        cells.count[cells.number[key]] if key in cells.number else np.nan
        for key in version.cells.keys
    ]
    return np.where(np.isnan(version.count), found, version.count)


def _with_gone(figures: pd.DataFrame, before: Sequence[pd.DataFrame]) -> pd.DataFrame:
    gone = figures.iloc[:0]
    for frame in reversed(before):
        new = frame[~is_among(frame, figures, FIGURE_KEY) & ~is_among(frame, gone, FIGURE_KEY)]
        blank = new.assign(**dict.fromkeys(NUMBERLESS, np.nan), note_code="x")
        gone = pd.concat([gone, blank], ignore_index=True) if len(new) else gone
    return pd.concat([figures, gone], ignore_index=True) if len(gone) else figures


def _pairs(now: Version, earlier: Sequence[Version], offsets: Sequence[int]) -> list[Pair]:
    found, next_of = [], {key: number for number, key in enumerate(now.cells.keys)}
    for version, offset in zip(reversed(earlier), reversed(offsets), strict=True):
        own = {key: number + offset for number, key in enumerate(version.cells.keys)}
        found += [(number, next_of[key]) for key, number in own.items() if key in next_of]
        next_of |= own
    return found


def attacker_of(
    versions: Versions, linked: Collection[Pair] = (), more: Sequence[Sum] = ()
) -> Attacker:
    """An attacker who sees every version, takes `linked` counts for the same, and knows `more`."""
    limits = [version.limits() for version in (versions.now, *versions.earlier)]
    low, high = (np.concatenate(side) for side in zip(*limits, strict=True))
    links = [Sum({one: 1.0, other: -1.0}, 0.0, 0.0) for one, other in sorted(linked)]
    return Attacker(low, high, [*versions.sums(), *links, *more])


def unrevised(versions: Versions) -> set[Pair]:
    """Pairs taken for the same count: by the truth, else as few revisions as explain what is shown.

    Whoever knows nothing but publications has `truth` only where it is shown. He knows that what an
    earlier version shows is hidden only if it was revised: else there would be no point in it.
    """
    truth = versions.truth
    is_known = ~np.isnan(truth)
    both = {pair for pair in versions.pairs if is_known[pair[0]] and is_known[pair[1]]}
    same = {pair for pair in both if truth[pair[0]] == truth[pair[1]]}
    doubtful = [pair for pair in versions.pairs if not is_known[pair[0]]]
    knowing = attacker_of(versions, same)
    unseen = is_known & np.isnan(versions.count())
    knowing.low[unseen] = knowing.high[unseen] = truth[unseen]
    return same | set(knowing.fewest_moves(doubtful))


def came_hidden(versions: Versions) -> set[Pair]:
    """Pairs of a count that came as confidential now and that the version before shows.

    Nobody can say that it was revised, so it is taken for the same. Of figures before suppression.
    """
    hidden, count = versions.now.hidden(), versions.count()
    return {pair for pair in versions.pairs if pair[1] in hidden and not np.isnan(count[pair[0]])}


def told_unrevised(versions: Versions, known: Sequence[Collection[CellKey]]) -> set[Pair]:
    """Pairs of which it is known that they stand; known: cells of each earlier version."""
    return {
        pair
        for pair in versions.pairs
        for version, offset, keys in zip(versions.earlier, versions.offsets, known, strict=True)
        if offset <= pair[0] < offset + len(version.count)
        and version.cells.keys[pair[0] - offset] in keys
    }


def shown_before(versions: Versions, linked: Collection[Pair]) -> frozenset[int]:
    """Counts of now that an earlier version shows and that were not revised since."""
    shown = set(np.flatnonzero(~np.isnan(versions.count())).tolist())
    later = dict(linked)
    found = set()
    for start in shown & set(versions.is_earlier):
        cell: int | None = start
        while cell is not None and cell in versions.is_earlier:
            cell = later.get(cell)
        if cell is not None:
            found.add(cell)
    return frozenset(found)


def carried(versions: Versions) -> frozenset[int]:
    """Counts of now that an earlier version hid."""
    number = versions.now.cells.number
    keys = {version.cells.keys[cell] for version in versions.earlier for cell in version.hidden()}
    return frozenset(number[key] for key in keys if key in number)


def secrets_of_earlier(
    versions: Versions, linked: Collection[Pair], declared: dict[str, Declared]
) -> list[Secret]:
    """What earlier versions hid and was revised since: all that they left open stays open."""
    if not versions.earlier:
        return []
    stands = {earlier for earlier, _ in linked}
    before = _without_now(versions, linked)
    row_of = {key: n for n, key in enumerate(_numerator_keys(versions.now))}
    found: list[Secret] = []
    for version, offset in zip(versions.earlier, versions.offsets, strict=True):
        keys, names = _numerator_keys(version), version.figures["indicator"].to_list()
        hidden = version.hidden()
        for row in np.flatnonzero(version.cells.is_hidden).tolist():
            top, bottom = int(version.cells.numerator[row]), int(version.cells.denominator[row])
            item = declared[names[row]]
            if item.threshold == 0 or top not in hidden or top + offset in stands:
                continue
            places = top + offset, bottom + offset if bottom >= 0 else -1
            for secret in secrets_of_unknown(row_of.get(keys[row], -1), item, *places):
                if secret.may_be(versions.truth):
                    found += _still_open(secret, before)
    return found


def _still_open(secret: Secret, before: Attacker) -> list[Secret]:
    """The secret as far as it was open in the earlier versions; nothing where it never was."""
    left = before.find(secret.form, secret.is_kept)
    return secret.within(left)


def _without_now(versions: Versions, linked: Collection[Pair]) -> Attacker:
    among = [pair for pair in linked if pair[1] in versions.is_earlier]
    whole = attacker_of(versions, among)
    n_now, n_sums = len(versions.now.count), len(versions.now.sums)
    whole.low[:n_now], whole.high[:n_now] = 0.0, np.inf
    return Attacker(whole.low, whole.high, whole.sums[n_sums:])


def _numerator_keys(version: Version) -> list[tuple[str, CellKey]]:
    names = version.figures["indicator"].to_list()
    cells = version.cells.numerator.tolist()
    return [(name, version.cells.keys[cell]) for name, cell in zip(names, cells, strict=True)]
