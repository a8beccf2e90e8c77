"""A block of figures as dense matrices: lines x compared areas, NaN where there is no figure.

Here belongs the scatter from rows to cells; every statistic of a group gathers its lanes from here.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from assets.methods.columns import Column
from assets.methods.declarations import Declarations
from assets.methods.impossible import Flags, Floats, Ints
from assets.methods.lanes import blank
from assets.methods.missing import Z
from assets.methods.rounding import powers
from assets.methods.values import Figures, nature_of


@dataclass(frozen=True)
class Dense:
    """Matrices of lines x (areas + 1); the last column is empty: index -1 pads a group.

    One-column matrices hold what is declared for each line's indicator.
    """

    row: Ints
    """Position of the cell's observation in the block, -1 for none."""
    value: Floats
    rounded: Floats
    numerator: Floats
    denominator: Floats
    not_applicable: Flags
    place: Floats
    """Whole number to rank by, smaller is better; NaN for neutral polarity and counts."""
    ranked: Floats
    """`place` without figures of low reliability (u)."""
    multiplier: Floats
    is_count: Flags
    is_summed: Flags
    power: Floats
    """`place` is the published value, or its distance from the target, times this."""
    step: Floats
    """One published unit in `place`."""
    cells: tuple[Ints, Ints] | None
    """Line and column of each figure; None where the cells before the last column have one each."""

    def pick(self, matrix: Column) -> Column:
        """The entry of each figure's cell; the last column's for areas that are not compared."""
        if self.cells is None:
            return matrix[:, :-1].reshape(-1)
        picked: Column = matrix[self.cells]
        return picked


def scatter(
    figures: Figures,
    is_unreliable: Flags,
    cells: tuple[Ints, Ints],
    shape: tuple[int, int],
    indicator: Ints,
    declared: Declarations,
) -> Dense:
    """Matrices of a block from its figures; cells = (line, area column or -1) of each figure.

    indicator: of each line; figures of areas that are not compared (column -1) are left out.
    """
    is_full = _is_full(cells, shape)
    spread = partial(_spread, cells=None if is_full else cells, shape=shape)
    is_summed = declared.is_word("aggregation", "ratio") & nature_of(declared).has_parts
    scale, place = declared.scale_decimals, places(figures.rounded, indicator[cells[0]], declared)
    return Dense(
        row=spread(np.arange(len(figures.value)), -1),
        value=spread(figures.value),
        rounded=spread(figures.rounded),
        numerator=spread(figures.numerator),
        denominator=spread(figures.denominator),
        not_applicable=spread(figures.result == Z, 0),
        place=spread(place),
        ranked=spread(blank(place.copy(), is_unreliable)),
        multiplier=declared.multiplier[indicator][:, None],
        is_count=declared.is_word("kind", "count")[indicator][:, None],
        is_summed=is_summed[indicator][:, None],
        power=powers(scale)[indicator][:, None],
        step=powers(scale - declared.decimals)[indicator][:, None],
        cells=None if is_full else cells,
    )


def _spread(
    values: Column,
    empty: float = np.nan,
    *,
    cells: tuple[Ints, Ints] | None,
    shape: tuple[int, int],
) -> Column:
    """Lines x (areas + 1) of one value per figure, and `empty` where there is none."""
    matrix = np.full((shape[0], shape[1] + 1), empty, dtype=values.dtype)
    if cells is None:
        matrix[:, :-1] = values.reshape(shape)
        return matrix
    kept = np.flatnonzero(cells[1] >= 0)
    matrix[cells[0][kept], cells[1][kept]] = values[kept]
    return matrix


def _is_full(cells: tuple[Ints, Ints], shape: tuple[int, int]) -> bool:
    """Whether every cell has its figure, line by line and area by area."""
    if len(cells[0]) != shape[0] * shape[1]:
        return False
    return bool(np.array_equal(cells[0] * shape[1] + cells[1], np.arange(len(cells[0]))))


def places(rounded: Floats, indicator: Ints, declared: Declarations) -> Floats:
    """Whole numbers to rank by, smaller is better: the published value or its distance to target.

    One entry per figure, `indicator` being its indicator; NaN for neutral polarity and counts.
    """
    power = powers(declared.scale_decimals)
    is_ranked = ~declared.is_word("kind", "count") & ~declared.is_word("polarity", "neutral")
    sign = np.where(declared.is_word("polarity", "higher"), -1.0, 1.0)
    place = np.rint(rounded * power[indicator])
    aimed = np.flatnonzero(declared.is_word("polarity", "target")[indicator])
    aim = np.rint(declared.target * power)[indicator[aimed]]
    place[aimed] = np.abs(place[aimed] - aim)
    place *= np.where(is_ranked, sign, np.nan)[indicator]
    place += 0.0
    return place
