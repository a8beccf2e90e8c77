"""A block of figures as dense matrices: lines x compared areas, NaN where there is no figure.

Here belongs the scatter from rows to cells; every statistic of a group gathers its lanes from here.
"""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from assets.methods.columns import Column
from assets.methods.declarations import Declarations
from assets.methods.impossible import Flags, Floats, Ints
from assets.methods.lanes import blank
from assets.methods.missing import Z
from assets.methods.rounding import powers
from assets.methods.values import Figures, nature_of

EXACT_IN_FOUR_BYTES = 2.0**22
"""Whole numbers below are exact in a float of four bytes, and so are four times as many."""


@dataclass(frozen=True)
class ByArea:
    """Matrices of areas x lines, the last area empty, as the groups gather them.

    Infinity stands where there is no value, rounded value or rank, and 0 where there is no part.
    """

    value: Floats
    rounded: Floats
    place: Floats
    ranked: Floats
    """Of four bytes where these hold it exactly."""
    numerator: Floats
    denominator: Floats
    """Of figures with both parts valid."""
    unknown: Floats
    """Denominator of figures without, where it is known."""
    lacking: Flags
    """No valid parts, without being z."""
    missing: Flags


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

    @cached_property
    def by_area(self) -> "ByArea":
        """What the groups gather."""
        has_parts = ~np.isnan(self.numerator)
        lacking = ~has_parts & ~self.not_applicable
        missing = np.isnan(self.value)
        lacking[:, -1] = missing[:, -1] = False
        turned = np.ascontiguousarray
        return ByArea(
            value=turned(np.fmin(self.value, np.inf).T),
            rounded=turned(self.rounded.T),
            place=turned(self.place.T),
            ranked=_short(turned(np.fmin(self.ranked, np.inf).T)),
            numerator=turned(np.where(has_parts, self.numerator, 0.0).T),
            denominator=turned(np.where(has_parts, self.denominator, 0.0).T),
            unknown=turned(np.where(lacking, self.denominator, 0.0).T),
            lacking=turned(lacking.T),
            missing=turned(missing.T),
        )

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
    scale, rounded = declared.scale_decimals, spread(figures.rounded)
    place = ranked = places(rounded, indicator[:, None], declared)
    if is_unreliable.any():
        ranked = blank(place.copy(), spread(is_unreliable, 0))
    return Dense(
        row=spread(np.arange(len(figures.value)), -1),
        value=spread(figures.value),
        rounded=rounded,
        numerator=spread(figures.numerator),
        denominator=spread(figures.denominator),
        not_applicable=spread(figures.result == Z, 0),
        place=place,
        ranked=ranked,
        multiplier=declared.multiplier[indicator][:, None],
        is_count=declared.is_word("kind", "count")[indicator][:, None],
        is_summed=is_summed[indicator][:, None],
        power=powers(scale)[indicator][:, None],
        step=powers(scale - declared.decimals)[indicator][:, None],
        cells=None if is_full else cells,
    )


def _short(whole: Floats) -> Floats:
    """Whole numbers, infinity among them, as floats of four bytes where all are exact in them."""
    largest = np.max(np.abs(whole), initial=0.0, where=whole < np.inf)
    return whole.astype(np.float32) if largest < EXACT_IN_FOUR_BYTES else whole


def _spread(
    values: Column,
    empty: float = np.nan,
    *,
    cells: tuple[Ints, Ints] | None,
    shape: tuple[int, int],
) -> Column:
    """Lines x (areas + 1) of one value per figure, and `empty` where there is none."""
    if cells is None:
        whole = np.empty((shape[0], shape[1] + 1), dtype=values.dtype)
        whole[:, :-1], whole[:, -1] = values.reshape(shape), empty
        return whole
    matrix = np.full((shape[0], shape[1] + 1), empty, dtype=values.dtype)
    kept = np.flatnonzero(cells[1] >= 0)
    matrix[cells[0][kept], cells[1][kept]] = values[kept]
    return matrix


def _is_full(cells: tuple[Ints, Ints], shape: tuple[int, int]) -> bool:
    """Whether every cell has its figure, line by line and area by area."""
    if len(cells[0]) != shape[0] * shape[1]:
        return False
    line, column = (place.reshape(shape) for place in cells)
    in_line = line == np.arange(shape[0])[:, None]
    return bool(in_line.all() and (column == np.arange(shape[1])).all())


def places(rounded: Floats, indicator: Ints, declared: Declarations) -> Floats:
    """Whole numbers to rank by, smaller is better: the published value or its distance to target.

    One entry per figure; `indicator` is that of each, or of each line of a matrix of figures (one
    column). NaN for neutral polarity and counts.
    """
    power = powers(declared.scale_decimals)
    is_ranked = ~declared.is_word("kind", "count") & ~declared.is_word("polarity", "neutral")
    sign = np.where(declared.is_word("polarity", "higher"), -1.0, 1.0)
    place = np.rint(rounded * power[indicator])
    is_aimed = declared.is_word("polarity", "target")[indicator]
    if is_aimed.any():
        aim = np.rint(declared.target * power)[indicator]
        place = np.where(is_aimed, np.abs(place - aim), place)
    place *= np.where(is_ranked, sign, np.nan)[indicator]
    place += 0.0
    return place
