"""Input that cannot be true, refused in words that name the rows.

Here belongs the error and how rows are named in it; what is impossible is said where it is checked.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NAMED = 5
"""Rows a message names before it only counts them."""


class ImpossibleInput(ValueError):  # noqa: N818  # a fact about the table, named as such
    """A table holds something impossible; the sentence names the rows. Nothing is computed."""

    exit_status = 1


def refuse(flags: Flags, what: str, name: Callable[[int], str]) -> None:
    """Raise ImpossibleInput if any flag is set: what is wrong, then name(row) of the first few."""
    rows = np.flatnonzero(flags)
    if rows.size == 0:
        return
    named = "; ".join(name(int(row)) for row in rows[:NAMED])
    more = f" and {rows.size - NAMED} more" if rows.size > NAMED else ""
    raise ImpossibleInput(f"{what}: {named}{more}. Correct the table and compare again.")
