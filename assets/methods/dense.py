"""A block of figures as dense matrices: lines x compared areas, NaN where there is no figure.

Here belongs the scatter from rows to cells; every statistic of a group gathers its lanes from here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from assets.methods.declarations import Declarations
from assets.methods.impossible import Flags, Floats, Ints
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

    @staticmethod
    def lanes(
        matrix: npt.NDArray[Any], members: Ints, pad: float | None = None
    ) -> npt.NDArray[Any]:
        """Lines x groups x members of a matrix; with pad, the padding takes that value."""
        if pad is not None:
            matrix[:, -1] = pad
        taken = matrix.take(members.ravel(), axis=1)
        return taken.reshape(len(matrix), *members.shape)


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
    kept = np.flatnonzero(cells[1] >= 0)
    at = cells[0][kept], cells[1][kept]
    size = (shape[0], shape[1] + 1)

    def spread(values: Floats) -> Floats:
        matrix = np.full(size, np.nan)
        matrix[at] = values[kept]
        return matrix

    row, not_applicable = np.full(size, -1, dtype=np.int64), np.zeros(size, dtype=bool)
    row[at], not_applicable[at] = kept, figures.result[kept] == Z
    is_summed = declared.is_word("aggregation", "ratio") & nature_of(declared).has_parts
    scale, place = declared.scale_decimals, places(figures.rounded, indicator[cells[0]], declared)
    return Dense(
        row=row,
        value=spread(figures.value),
        rounded=spread(figures.rounded),
        numerator=spread(figures.numerator),
        denominator=spread(figures.denominator),
        not_applicable=not_applicable,
        place=spread(place),
        ranked=spread(np.where(is_unreliable, np.nan, place)),
        multiplier=declared.multiplier[indicator][:, None],
        is_count=declared.is_word("kind", "count")[indicator][:, None],
        is_summed=is_summed[indicator][:, None],
        power=powers(scale)[indicator][:, None],
        step=powers(scale - declared.decimals)[indicator][:, None],
    )


def places(rounded: Floats, indicator: Ints, declared: Declarations) -> Floats:
    """Whole numbers to rank by, smaller is better: the published value or its distance to target.

    One entry per figure, `indicator` being its indicator; NaN for neutral polarity and counts.
    """
    power = powers(declared.scale_decimals)
    is_ranked = ~declared.is_word("kind", "count") & ~declared.is_word("polarity", "neutral")
    sign = np.where(declared.is_word("polarity", "higher"), -1.0, 1.0)
    to_target = declared.is_word("polarity", "target")[indicator]
    whole = np.rint(rounded * power[indicator])
    distance = np.abs(whole - np.rint(declared.target * power)[indicator])
    place = np.where(to_target, distance, sign[indicator] * whole) + 0.0
    return np.where(is_ranked[indicator], place, np.nan)
