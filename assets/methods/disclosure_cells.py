"""Counts behind figures (M14): one cell per measure, period, area and breakdown.

Here belongs which count stands in which figure. Two indicators that share a measure share its
cells, so that a count hidden in one is not printed as the denominator of another.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from assets.methods.impossible import Flags, Floats, Ints
from assets.methods.missing import read_marks

CellKey = tuple[str, str, str, str, str]
"""measure, period, area_code, breakdown_type, breakdown"""
KINDS_WITHOUT_PARTS = ("score", "index")


@dataclass(frozen=True)
class Declared:
    """What M14 needs of an indicator."""

    numerator: str
    denominator: str | None
    threshold: int
    is_count: bool
    is_part_of_whole: bool
    """The numerator cannot exceed the denominator."""
    noise: str
    accumulation: str = "discrete"


@dataclass
class Cells:
    """Counts and the figures they stand in; arrays by cell, and by row of the figures."""

    keys: list[CellKey]
    number: dict[CellKey, int]
    count: Floats
    """NaN where no figure shows it."""
    numerator: Ints
    """Cell of each figure's numerator, -1 for none."""
    denominator: Ints
    is_hidden: Flags
    """By row: the figure carries c."""

    def number_of(self, key: CellKey) -> int:
        """The cell's number; a new one, whose count nobody shows, if it is not there yet."""
        if key not in self.number:
            self.number[key] = len(self.keys)
            self.keys.append(key)
        return self.number[key]


def declare(indicators: pd.DataFrame) -> dict[str, Declared]:
    """Indicators that have counts, by id; one without measures has cells of its own."""
    found = {}
    for row in indicators.to_dict("records"):
        name, kind = str(row["indicator"]), str(row["kind"])
        if kind in KINDS_WITHOUT_PARTS:
            continue
        found[name] = Declared(
            numerator=_text(row.get("numerator")) or f"{name}.numerator",
            denominator=None
            if kind == "count"
            else _text(row.get("denominator")) or f"{name}.denominator",
            threshold=int(_number(row.get("disclosure_threshold"))),
            is_count=kind == "count",
            is_part_of_whole=kind == "proportion" or row.get("interval") == "binomial",
            noise=_text(row.get("noise")) or "none",
            accumulation=_text(row.get("accumulation")) or "discrete",
        )
    return found


def concerned(declared: dict[str, Declared]) -> dict[str, Declared]:
    """Indicators with a rule, and those that show a count of theirs without one."""
    measures = {
        measure
        for item in declared.values()
        if item.threshold > 0
        for measure in (item.numerator, item.denominator)
    }
    return {
        name: item
        for name, item in declared.items()
        if item.threshold > 0 or {item.numerator, item.denominator} & (measures - {None})
    }


def read_cells(figures: pd.DataFrame, declared: dict[str, Declared]) -> Cells:
    """Cells of figures (rows of indicator_values, all of declared indicators, from 0 up)."""
    cells = Cells([], {}, np.empty(0), _none(figures), _none(figures), _none(figures) == 0)
    notes = figures["note_code"].fillna("").to_list()
    marks = {note: set(note.replace(" ", "").split(",")) for note in set(notes)}
    cells.is_hidden = np.array(["c" in marks[note] for note in notes], dtype=bool)
    zero = read_marks(notes).missing == 1
    counts: dict[int, float] = {}
    keys = figures[["indicator", "period", "area_code", "breakdown_type", "breakdown"]]
    own_period = figures.get("denominator_period", pd.Series(index=figures.index, dtype="str"))
    periods = own_period.where(own_period.notna(), figures["period"]).to_list()
    for row, (name, period, *place) in enumerate(keys.itertuples(index=False, name=None)):
        item = declared[name]
        top = cells.number_of((item.numerator, period, *place))
        cells.numerator[row] = top
        if zero[row]:
            counts.setdefault(top, 0.0)
        if item.denominator is not None:
            cells.denominator[row] = cells.number_of((item.denominator, periods[row], *place))
    for column, of_row in (("numerator", cells.numerator), ("denominator", cells.denominator)):
        values = figures[column].to_numpy(dtype=np.float64)
        is_shown = ~np.isnan(values) & (of_row >= 0)
        counts |= dict(zip(of_row[is_shown].tolist(), values[is_shown].tolist(), strict=True))
    cells.count = as_array(counts, len(cells.keys))
    return cells


def as_array(counts: dict[int, float], size: int) -> Floats:
    """Counts by cell, NaN for those without one."""
    result = np.full(size, np.nan)
    result[list(counts)] = list(counts.values())
    return result


def public_cells(cells: Cells, figures: pd.DataFrame, declared: dict[str, Declared]) -> set[int]:
    """Cells that an indicator without a rule shows: known whatever is done elsewhere.

    A figure of it that is blank, withdrawn for quality say, shows nothing; one with z is a nought.
    """
    open_ = [name for name, item in declared.items() if item.threshold == 0]
    is_open = figures["indicator"].isin(open_).to_numpy() & ~cells.is_hidden
    is_nought = read_marks(figures["note_code"].fillna("").to_list()).missing == 1
    top, bottom = (figures[name].notna().to_numpy() for name in ("numerator", "denominator"))
    used = set(cells.numerator[is_open & (top | is_nought)].tolist())
    used |= set(cells.denominator[is_open & bottom].tolist())
    return {cell for cell in used if cell >= 0 and not np.isnan(cells.count[cell])}


def rows_of(cells: Cells, hidden: Collection[int]) -> Flags:
    """By row of the figures: whether one of its counts is among the hidden cells."""
    wanted = list(hidden)
    return np.asarray(np.isin(cells.numerator, wanted) | np.isin(cells.denominator, wanted))


def _none(figures: pd.DataFrame) -> Ints:
    return np.full(len(figures), -1, dtype=np.int64)


def _number(value: Any) -> float:
    return 0.0 if value is None or pd.isna(value) else float(value)


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) or value == "" else str(value)
