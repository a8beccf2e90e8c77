"""One version of the figures as its readers see it (M14): counts, what is shown, what adds up.

Here belongs what a single version says. How versions hang together is in
assets.methods.disclosure_versions, what must be hidden in assets.methods.disclosure_rules.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.methods.attacker import Sum
from assets.methods.disclosure_cells import Cells, Declared, public_cells, read_cells
from assets.methods.disclosure_periods import over_time
from assets.methods.disclosure_sums import additions, as_sums, limits_by_whole, wholes
from assets.methods.impossible import Floats

ROUNDED = "rounded:"


@dataclass(frozen=True)
class Version:
    """The cells of one version, and for each what the version says of it."""

    figures: pd.DataFrame
    cells: Cells
    count: Floats
    """NaN where no figure shows it."""
    half_width: Floats
    """How far a count may be from its source's, which rounds."""
    sums: tuple[Sum, ...]
    totals: frozenset[int]
    public: frozenset[int]
    """Cells that an indicator without a rule shows."""

    def limits(self) -> tuple[Floats, Floats]:
        """Smallest and largest possible count of each cell, as far as the version shows it."""
        is_shown = ~np.isnan(self.count)
        low = np.where(is_shown, self.count - self.half_width, 0.0)
        return low, np.where(is_shown, self.count + self.half_width, np.inf)

    def hidden(self) -> set[int]:
        """Cells of confidential figures that no other figure shows."""
        marked = self.cells.is_hidden
        cells = {*self.cells.numerator[marked].tolist(), *self.cells.denominator[marked].tolist()}
        return {cell for cell in cells if cell >= 0 and np.isnan(self.count[cell])}


def read_version(
    figures: pd.DataFrame, declared: dict[str, Declared], groups: pd.DataFrame | None
) -> Version:
    """figures: indicator_values of declared indicators only, with an index from 0 up."""
    cells = read_cells(figures, declared)
    found = [*additions(cells, wholes(figures, groups)), *over_time(cells, declared)]
    cells.count = np.pad(
        cells.count, (0, len(cells.keys) - len(cells.count)), constant_values=np.nan
    )
    half_width = _half_widths(cells, declared)
    return Version(
        figures=figures,
        cells=cells,
        count=cells.count,
        half_width=half_width,
        sums=(
            *as_sums(found, cells.count, half_width),
            *limits_by_whole(figures, cells, declared),
        ),
        totals=frozenset(total for _, total, _ in found),
        public=frozenset(public_cells(cells, figures, declared)),
    )


def _half_widths(cells: Cells, declared: dict[str, Declared]) -> Floats:
    base = {
        item.numerator: float(item.noise.removeprefix(ROUNDED))
        for item in declared.values()
        if item.noise.startswith(ROUNDED)
    }
    return np.array([base.get(key[0], 0.0) / 2.0 for key in cells.keys])
