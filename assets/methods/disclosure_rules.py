"""Primary cells (M14): which counts are confidential by themselves, and what must stay open.

Here belongs the rule of each indicator. A count from 1 to its threshold is confidential when it is
the numerator, the rest (denominator - numerator) or the denominator; so is n of n below 10.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from assets.methods.attacker import Feasible, Form, Sum
from assets.methods.disclosure_cells import Cells, Declared
from assets.methods.impossible import Floats

SMALL_DENOMINATOR = 10
"""Under a confidential figure a denominator below it is hidden too: n of n below 10."""


@dataclass(frozen=True)
class Secret:
    """Something about a figure that no reader may find out.

    `form` is the count (or difference of two) and `low` to `high` all of what must stay feasible;
    `is_count` says that it is a count from low to high, which whoever knows the rule knows too.
    """

    row: int
    part: str
    """numerator, rest, denominator or everyone (n of n)."""
    form: Form
    low: float
    high: float
    is_count: bool

    def is_kept(self, found: Feasible) -> bool:
        """Whether an attacker who knows what is published is left with all of low to high."""
        return found.contains(self.low, self.high)

    def may_be(self, counts: Floats) -> bool:
        """Whether it is small by those counts, or nobody knows."""
        value = sum(k * float(counts[cell]) for cell, k in self.form.items())
        return bool(np.isnan(value)) or self.low <= value <= self.high

    def within(self, found: Feasible) -> "list[Secret]":
        """The secret as far as it lies in that range; none where it does not."""
        low, high = max(self.low, found.low), min(self.high, found.high)
        return [replace(self, low=low, high=high)] if found.is_possible and low <= high else []


def find_secrets(
    figures: pd.DataFrame, cells: Cells, declared: dict[str, Declared]
) -> list[Secret]:
    """The secrets of figures whose counts are there; of one that came as c, all it might be."""
    names = figures["indicator"].to_list()
    found: list[Secret] = []
    for row, name in enumerate(names):
        item = declared[name]
        top, bottom = int(cells.numerator[row]), int(cells.denominator[row])
        if item.threshold > 0:
            x = float(cells.count[top])
            n = float(cells.count[bottom]) if bottom >= 0 else np.nan
            if cells.is_hidden[row] and np.isnan(x):
                found += secrets_of_unknown(row, item, top, bottom)
            else:
                found += _of_counts(row, item.threshold, (top, bottom), (x, n))
    return found


def _of_counts(
    row: int, threshold: int, places: tuple[int, int], counts: tuple[float, float]
) -> Iterator[Secret]:
    (top, bottom), (x, n) = places, counts
    rest = {bottom: 1.0, top: -1.0}
    parts: list[tuple[str, Form, float]] = [("numerator", {top: 1.0}, x)]
    if bottom >= 0:
        parts += [("rest", rest, n - x), ("denominator", {bottom: 1.0}, n)]
    for part, form, count in parts:
        if 1 <= count <= threshold:
            yield Secret(row, part, form, 1.0, threshold, is_count=True)
    if bottom >= 0 and x == n and 0 < n < SMALL_DENOMINATOR:
        yield Secret(row, "everyone", rest, 0.0, 1.0, is_count=False)


def secrets_of_unknown(row: int, item: Declared, top: int, bottom: int) -> Iterator[Secret]:
    """Of a figure that came as c, or whose count is of an earlier version: all it might be."""
    yield Secret(row, "numerator", {top: 1.0}, 1.0, item.threshold, is_count=False)
    if bottom >= 0 and item.is_part_of_whole:
        rest = {bottom: 1.0, top: -1.0}
        yield Secret(row, "rest", rest, 1.0, item.threshold, is_count=False)


def primary_cells(secrets: list[Secret], cells: Cells) -> set[int]:
    """Cells to hide for the secrets' own sake: numerators, and denominators below 10."""
    hidden: set[int] = set()
    for secret in secrets:
        hidden |= cells_of_figure(cells, secret.row)
    return hidden


def cells_of_figure(cells: Cells, row: int) -> set[int]:
    """What a confidential figure hides: its numerator, and its denominator below 10."""
    top, bottom = int(cells.numerator[row]), int(cells.denominator[row])
    is_small = bottom >= 0 and not cells.count[bottom] >= SMALL_DENOMINATOR
    return {top, bottom} if is_small else {top}


def beliefs(secrets: list[Secret], cells: Cells) -> list[Sum]:
    """What an attacker adds who knows the rule and which figures it struck first.

    One small part per figure (which of several it was, c does not say), and that a denominator
    hidden with it is below 10.
    """
    first = {secret.row: secret for secret in reversed(secrets) if secret.is_count}
    found = [Sum(secret.form, secret.low, secret.high) for secret in first.values()]
    for row in sorted({secret.row for secret in secrets}):
        bottom = int(cells.denominator[row])
        if bottom in cells_of_figure(cells, row) and not np.isnan(cells.count[bottom]):
            found.append(Sum({bottom: 1.0}, 1.0, SMALL_DENOMINATOR - 1.0))
    return found
