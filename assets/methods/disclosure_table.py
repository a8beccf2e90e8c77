"""What there is to protect (M14): this version's figures and the earlier one's, as one table.

Here belongs what readers can see of each count and which counts add up; what must be hidden is for
assets.methods.disclosure_rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.methods.attacker import Attacker, Sum
from assets.methods.disclosure_cells import Cells, Declared, public_cells, read_cells
from assets.methods.disclosure_spread import is_among
from assets.methods.disclosure_sums import additions, as_sums, limits_by_whole, wholes
from assets.methods.impossible import Floats
from sql.tables import FIGURE_KEY

ROUNDED = "rounded:"


@dataclass(frozen=True)
class Table:
    """Cells, and for each what is true and what readers know of it."""

    cells: Cells
    count: Floats
    """What is true; NaN where no figure says."""
    seen: Floats
    """What readers see before anything is hidden: this version's count, else the earlier one's."""
    half_width: Floats
    """How far a count may be from its source's, which rounds."""
    sums: tuple[Sum, ...]
    totals: frozenset[int]
    public: frozenset[int]
    """Cells that an indicator without a rule shows."""
    shown: frozenset[int]
    """Cells that the earlier version showed and that have not changed since."""
    carried: frozenset[int]
    """Cells that the earlier version hid."""


def read_table(
    figures: pd.DataFrame,
    declared: dict[str, Declared],
    groups: pd.DataFrame | None,
    previous: pd.DataFrame | None,
) -> Table:
    """figures and previous: indicator_values; the first rows of the cells are those of figures."""
    before = figures.iloc[:0] if previous is None else previous
    before = before[before["indicator"].isin(list(declared))].reset_index(drop=True)
    gone = before[~is_among(before, figures, FIGURE_KEY)]
    every = pd.concat([figures, gone], ignore_index=True) if len(gone) else figures
    cells = read_cells(every, declared)
    found = additions(cells, wholes(every, groups))
    size = len(cells.keys)
    cells.count = np.pad(cells.count, (0, size - len(cells.count)), constant_values=np.nan)
    earlier, carried = _earlier(cells, read_cells(before, declared))
    is_same = np.isnan(cells.count) | (cells.count == earlier)
    seen = np.where(np.isnan(cells.count), earlier, cells.count)
    half_width = _half_widths(cells, declared)
    limits = limits_by_whole(every, cells, declared)
    return Table(
        cells=cells,
        count=cells.count,
        seen=seen,
        half_width=half_width,
        sums=(*as_sums(found, seen, half_width), *limits),
        totals=frozenset(total for _, total, _ in found),
        public=frozenset(public_cells(cells, every, declared)),
        shown=frozenset(np.flatnonzero(~np.isnan(earlier) & is_same).tolist()),
        carried=carried,
    )


def _earlier(cells: Cells, old: Cells) -> tuple[Floats, frozenset[int]]:
    """What the earlier version showed of each cell, NaN for nothing; and the cells it hid."""
    place = np.array([cells.number.get(key, -1) for key in old.keys], dtype=np.int64)
    earlier = np.full(len(cells.keys), np.nan)
    earlier[place[place >= 0]] = old.count[place >= 0]
    marked = {*old.numerator[old.is_hidden].tolist(), *old.denominator[old.is_hidden].tolist()}
    hidden = {int(place[cell]) for cell in marked if cell >= 0 and np.isnan(old.count[cell])}
    return earlier, frozenset(hidden - {-1})


def _half_widths(cells: Cells, declared: dict[str, Declared]) -> Floats:
    base = {
        item.numerator: float(item.noise.removeprefix(ROUNDED))
        for item in declared.values()
        if item.noise.startswith(ROUNDED)
    }
    return np.array([base.get(key[0], 0.0) / 2.0 for key in cells.keys])


def attacker_of(table: Table, more: Sequence[Sum] = ()) -> Attacker:
    """An attacker who sees everything that is shown, and knows `more`."""
    is_seen = ~np.isnan(table.seen)
    low = np.where(is_seen, table.seen - table.half_width, 0.0)
    high = np.where(is_seen, table.seen + table.half_width, np.inf)
    return Attacker(low, high, [*table.sums, *more])
