"""Trend over five annual points (M10).

Here belongs the direction of a series; the change between two periods is in assets.methods.change.
"""

from dataclasses import dataclass

import numpy as np

from assets.methods.declarations import Declarations
from assets.methods.impossible import Ints

TRENDS = ("rising", "falling", "no significant trend")
REASONS = ("not computed",)


@dataclass(frozen=True)
class Trend:
    """One entry per observation: positions in TRENDS and REASONS, -1 for null."""

    trend: Ints
    reason: Ints


def compute_trend(declared: Declarations, size: int) -> Trend:
    """tmp."""
    del declared
    return Trend(np.full(size, -1, dtype=np.int64), np.zeros(size, dtype=np.int64))
