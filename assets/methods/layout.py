"""Where the rows of a result table come from: the cells of a matrix, in order, some left out.

Here belongs laying the columns of several groups side by side without sorting row by row: the rows
of `comparisons` are observations x groups, those of `benchmarks` lines x groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assets.methods.arrow import is_one
from assets.methods.columns import Column, Columns, Listed, Lists, Texts
from assets.methods.impossible import Flags, Ints

FEW = 8
"""Columns up to which a line's value is written column by column."""


@dataclass(frozen=True)
class Layout:
    """Cells that are rows of the table, read line by line after the lines are put in order."""

    present: Flags
    """lines x columns: which cells are a row."""
    order: Ints | None
    """The lines in their final order, None where they stand in it."""

    @cached_property
    def _kept(self) -> Flags | None:
        """Kept cells in their final order; None for all of them."""
        if self.present.all():
            return None
        return (self.present if self.order is None else self.present[self.order]).reshape(-1)

    @cached_property
    def size(self) -> int:
        """How many rows the table has."""
        return self.present.size if self._kept is None else int(np.count_nonzero(self._kept))

    @cached_property
    def rows(self) -> Ints:
        """lines x columns: the row of each cell; of cells that are none it means nothing."""
        n_lines, width = self.present.shape
        if self._kept is None:
            found = np.arange(self.present.size).reshape(n_lines, width)
        else:
            found = (np.cumsum(self._kept) - 1).reshape(n_lines, width)
        if self.order is None:
            return found
        back = np.empty_like(found)
        back[self.order] = found
        return back

    def lay(self, matrix: Column) -> Column:
        """Column of a matrix with a value for every cell (what the others hold does not matter)."""
        if self.order is not None:
            matrix = matrix[self.order]
        flat = matrix.reshape(-1)
        return flat if self._kept is None else flat[self._kept]

    def spread(self, values: Column) -> Column:
        """Column of one value per line, the same in each of its cells."""
        if is_one(values):
            return np.broadcast_to(values[:1], self.size)
        n_lines, width = self.present.shape
        if width > FEW:
            return self.lay(np.repeat(values, width).reshape(n_lines, width))
        matrix = np.empty((n_lines, width), dtype=values.dtype)
        for column in range(width):
            matrix[:, column] = values
        return self.lay(matrix)

    def spread_columns(self, columns: Columns) -> Columns:
        """Columns of one entry per line, the same in each of its cells."""
        return {name: self._spread(column) for name, column in columns.items()}

    def _spread(self, column: Column | Texts | Lists | None) -> Column | Texts | None:
        if column is None:
            return None
        if isinstance(column, Texts):
            return Texts(self.spread(column.codes), column.texts)
        if isinstance(column, Lists):
            raise TypeError("member lists differ from cell to cell")
        return self.spread(column)

    def interleave(
        self, parts: Sequence[tuple[Ints, Listed]], names: Sequence[str], is_null: Flags | None
    ) -> Lists:
        """One column of member lists from several, each with the row its every list goes to.

        is_null: rows without a list, not even an empty one.
        """
        counts = np.zeros(self.size, dtype=np.int64)
        if is_null is not None:
            counts -= is_null
        for rows, part in parts:
            counts[rows] = part.counts
        ends = np.cumsum(counts if is_null is None else np.maximum(counts, 0))
        members = np.empty(int(ends[-1]) if ends.size else 0, dtype=np.int32)
        for rows, part in parts:
            shift = ends[rows] - np.cumsum(part.counts)
            into = np.repeat(shift, part.counts)
            into += np.arange(len(into))
            members[into] = part.members
        return Lists(counts, ends, members, names)
