"""The answers of a dataset as a block of numbers: series x area x period, with the year before.

Here belongs the passage from rows to that block and back, for the rules that compare an answer with
its past and with the other councils. Nothing is judged.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sql.periods import add_months, describe_period, previous_period
from validations.rules.rows import Array, Mask, Rows, RuleContext

Places = NDArray[np.intp]
SERIES = ("measure", "breakdown_type", "breakdown")
NEAR_DAYS = 31
"""A publisher's day of count moves by a few days a year: the nearest within a month is the same."""


@dataclass(frozen=True, eq=False)
class History:
    """figures has the shape (series, area, period), NaN for none.

    row gives each row's place in the block; previous each period's previous equivalent one, -1 for
    none; keys, areas and periods say what the places stand for.
    """

    figures: Array
    row: tuple[Places, Places, Places]
    previous: Places
    keys: list[tuple[str, str, str]]
    areas: list[str]
    periods: list[str]
    is_council: Mask
    is_points: Mask
    """Of each series: whether its changes are judged in points (percentages)."""

    def of_rows(self, block: Array) -> Array:
        """The entries of a block of the same shape that belong to the rows."""
        found: Array = block[self.row]
        return found

    def before(self, block: Array) -> Array:
        """The block a period earlier: each entry that of the previous equivalent period, or NaN."""
        return self._along(block, self.previous)

    def window(self, block: Array, years: int) -> Array:
        """The `years` entries before each one, as a new last axis, the nearest first."""
        found, place = [], self.previous
        for _ in range(years):
            found.append(self._along(block, place))
            place = np.where(place < 0, -1, self.previous[place])
        return np.stack(found, axis=-1)

    @staticmethod
    def _along(block: Array, place: Places) -> Array:
        found: Array = np.where(place < 0, np.nan, block[..., place])
        return found

    def changes(self) -> Array:
        """Changes on the period before: points, or log ratios, NaN unless both are above 0."""
        earlier = self.before(self.figures)
        positive = (self.figures > 0) & (earlier > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(
                positive, np.log(self.figures / np.where(positive, earlier, 1)), np.nan
            )
        found: Array = np.where(self.is_points[:, None, None], self.figures - earlier, ratio)
        return found


@lru_cache(maxsize=1)  # several rules in a row ask about the same rows
def history_of(rows: Rows, context: RuleContext) -> History:
    """The block of rows that have each its key once."""
    council = set(context.councils)
    units = {name: item["unit"] for name, item in context.measure.items()}
    points = frozenset(name for name, unit in units.items() if unit == "percent")
    columns = {name: rows[name] for name in (*SERIES, "area_code", "period", "value")}
    return _block(columns, council, points)


def history_of_frame(history: pd.DataFrame, councils: set[str]) -> History:
    """The block of a frame: measure, breakdown_type, breakdown, area_code, period, value, unit."""
    is_points = history.loc[history["unit"] == "percent", "measure"]
    names = (*SERIES, "area_code", "period", "value")
    columns = {name: history[name].to_numpy() for name in names}
    return _block(columns, councils, frozenset(is_points))


def _block(columns: dict[str, Array], councils: set[str], points: frozenset[str]) -> History:
    series, keys = pd.factorize(_tuples([columns[name] for name in SERIES]))
    area, areas = pd.factorize(columns["area_code"], sort=True)
    period, periods = pd.factorize(columns["period"], sort=True)
    values = np.full((len(keys), len(areas), len(periods)), np.nan)
    values[series, area, period] = columns["value"]
    names = [str(item) for item in periods]
    return History(
        figures=values,
        row=(series, area, period),
        previous=_previous(tuple(names)),
        keys=list(keys),
        areas=[str(item) for item in areas],
        periods=names,
        is_council=np.array([item in councils for item in areas], dtype=bool),
        is_points=np.array([key[0] in points for key in keys], dtype=bool),
    )


def _tuples(columns: list[Array]) -> Array:
    found = np.empty(len(columns[0]), dtype=object)
    found[:] = list(zip(*columns, strict=True))
    return found


@lru_cache(maxsize=64)
def _previous(periods: tuple[str, ...]) -> Places:
    place = {period: number for number, period in enumerate(periods)}
    days = [(date.fromisoformat(key), key) for key in periods if "/" not in key]
    return np.array([place.get(_before(key, days) or "", -1) for key in periods], dtype=np.intp)


def _before(period: str, days: list[tuple[date, str]]) -> str | None:
    """The previous equivalent period; for a day, the nearest to the same day a year before."""
    if "/" in period:
        return previous_period(period)
    wanted = add_months(describe_period(period).start, -12)
    distance, nearest = min((abs((day - wanted).days), key) for day, key in days)
    return nearest if distance <= NEAR_DAYS else None
