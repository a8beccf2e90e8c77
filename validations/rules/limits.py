"""Limits of change learnt from each series' own history: what is usual, and how far it varies.

Here belongs the arithmetic of docs/validation.md, "Learnt limits"; what to say about a change
beyond them is for the rules in changes. The change d of a positive quantity is its log ratio, of a
percentage its points. Its usual size is the council's median over the eight years before, its
spread s = sqrt((pooled^2 + own^2) / 2) of 1.4826 MAD over all councils' and the council's own
changes of these years, at least 2 % or 0.5 points. Only the past is learnt from, never the year
judged.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from validations.rules.bounds import bound
from validations.rules.history import SERIES, History, history_of_frame
from validations.rules.rows import Array, Mask

MAD_TO_SD = 1.4826
"""A normal distribution's standard deviation in median absolute deviations."""


@dataclass(frozen=True)
class Limits:
    """Blocks of the history's shape: the change, the usual one, its spread, this year's median.

    shift is NaN where too few councils have answered; usual and spread where the council's own
    history is too short. slack is how far from `usual` a change may lie.
    """

    change: Array
    usual: Array
    spread: Array
    shift: Array

    @property
    def is_learnt(self) -> Mask:
        """Whether there was history enough to learn from."""
        return ~np.isnan(self.spread)

    @property
    def slack(self) -> Array:
        """Spreads times their number: fewer at the hub, where this year's change is known too."""
        times = np.where(np.isnan(self.shift), bound("desk_s"), bound("hub_s"))
        return times * self.spread

    @property
    def is_beyond(self) -> Mask:
        """Changes beyond the limits; at the hub also beyond them from this year's change."""
        from_usual = np.abs(self.change - self.usual) > self.slack
        shift = np.where(np.isnan(self.shift), self.usual, self.shift)
        found: Mask = from_usual & (np.abs(self.change - shift) > self.slack)
        return found

    def reach(self) -> tuple[Array, Array]:
        """Smallest and largest change that the council's own history makes usual."""
        return self.usual - self.slack, self.usual + self.slack


@lru_cache(maxsize=1)  # changes and likelihoods ask about the same block
def limits_of(history: History) -> Limits:
    """Limits of every answer of a block."""
    change = history.changes()
    past = history.window(change, int(bound("window_years")))
    own_median, own_spread, own_count = _spread(past)
    councils = np.moveaxis(past[:, history.is_council], 1, 2)
    n_series, n_periods, n_councils, n_years = councils.shape
    pooled = councils.reshape(n_series, n_periods, n_councils * n_years)
    _, pooled_spread, pooled_count = _spread(pooled)
    pooled_spread = np.where(pooled_count > 0, pooled_spread, np.nan)[:, None, :]
    both = np.where(np.isnan(pooled_spread), own_spread, pooled_spread)
    spread = np.sqrt((both**2 + own_spread**2) / 2)
    floor = np.where(history.is_points, bound("floor_points"), bound("floor_log"))
    spread = np.maximum(spread, floor[:, None, None])
    is_short = own_count < bound("fewest_changes")
    return Limits(
        change=change,
        usual=np.where(is_short, np.nan, own_median),
        spread=np.where(is_short, np.nan, spread),
        shift=_shift(change, history.is_council),
    )


def _shift(change: Array, is_council: Mask) -> Array:
    """This year's median change of the councils, where enough of them have one."""
    of_councils = np.moveaxis(change[:, is_council], 1, 2)
    median, count = sorted_median(of_councils)
    median = np.where(count >= bound("hub_returns"), median, np.nan)
    return np.broadcast_to(median[:, None, :], change.shape)


def _spread(values: Array) -> tuple[Array, Array, Array]:
    """Median, 1.4826 MAD and count along the last axis, NaN left out."""
    median, count = sorted_median(values)
    deviation, _ = sorted_median(np.abs(values - median[..., None]))
    return median, MAD_TO_SD * deviation, count


def sorted_median(values: Array) -> tuple[Array, Array]:
    """Median and count along the last axis, NaN left out; the median of nothing is NaN."""
    if values.shape[-1] == 0:
        nothing = np.full(values.shape[:-1], np.nan)
        return nothing, np.zeros(values.shape[:-1])
    ordered = np.sort(values, axis=-1)  # puts NaN last
    count = np.count_nonzero(~np.isnan(values), axis=-1)
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    last = values.shape[-1] - 1
    ends = (np.minimum(place, last)[..., None] for place in (low, high))
    one, other = (np.take_along_axis(ordered, place, axis=-1)[..., 0] for place in ends)
    return np.where(count > 0, (one + other) / 2, np.nan), count


def apply_change(before: Array, change: Array, is_points: Mask) -> Array:
    """The figure that a change leads to, from the figure before."""
    with np.errstate(over="ignore", invalid="ignore"):
        found: Array = np.where(is_points, before + change, before * np.exp(change))
    return found


def learn_limits(history: pd.DataFrame, councils: set[str] | None = None) -> pd.DataFrame:
    """The usual range of every answer, learnt from those before it: for forms, checks and pages.

    history: measure, breakdown_type, breakdown, area_code, period, value (NaN for none; a row with
    NaN asks for the range of a figure still to come) and unit (percent is judged in points), each
    key once; councils: codes that are pooled (default: all areas). One row per row of history, in
    order: its key, value, before, change, usual_change, spread, low, high (the usual
    range) and basis: learnt, or too_short, where low and high are NaN and the declared limit of
    the catalogue holds.
    """
    block = history_of_frame(history, councils or set(history["area_code"]))
    found = limits_of(block)
    low, high = found.reach()
    before = block.before(block.figures)
    points = block.is_points[:, None, None]
    blocks = {
        "before": before,
        "change": found.change,
        "usual_change": found.usual,
        "spread": found.spread,
        "low": apply_change(before, low, points),
        "high": apply_change(before, high, points),
    }
    columns = {name: block.of_rows(values) for name, values in blocks.items()}
    is_learnt = block.of_rows(found.is_learnt)
    made = history[[*SERIES, "area_code", "period", "value"]].reset_index(drop=True)
    return made.assign(**columns, basis=np.where(is_learnt, "learnt", "too_short"))
