"""What a rule is given: columns of equal length, and the context they are judged in.

Here belong the two arguments of every rule and nothing that judges. Columns are numpy arrays,
because two dozen rules over two dozen datasets cost ten times as much on frames.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]
"""One column: objects (text or None), float64 or bool."""
Mask = NDArray[np.bool_]
Record = dict[str, Any]


class Rows:
    """Columns of equal length: rows["value"] is an array.

    `positions` says where each row stood in the frame it was made from. Columns are read from the
    frame when first wanted; text columns are arrays of str or None.
    """

    def __init__(self, frame: pd.DataFrame, positions: NDArray[np.intp] | None = None) -> None:
        self._frame = frame
        self._columns: dict[str, Array] = {}
        self.positions = np.arange(len(frame)) if positions is None else positions

    def __len__(self) -> int:
        return len(self.positions)

    def has(self, name: str) -> bool:
        """Whether there is a column of that name."""
        return name in self._columns or name in self._frame.columns

    def __getitem__(self, name: str) -> Array:
        if name not in self._columns:
            self._columns[name] = as_array(self._frame[name])[self.positions]
        return self._columns[name]

    def with_columns(self, columns: Mapping[str, Array]) -> "Rows":
        """The same rows with more columns, or with some replaced."""
        more = Rows(self._frame, self.positions)
        more._columns = {**self._columns, **columns}
        return more

    def take(self, wanted: Mask | NDArray[np.intp]) -> "Rows":
        """Some of the rows."""
        some = Rows(self._frame, self.positions[wanted])
        some._columns = {name: column[wanted] for name, column in self._columns.items()}
        return some


def as_array(column: "pd.Series[Any]") -> Array:
    """A column as float64 or bool where it is one, else as objects with None for null."""
    kind, null = _NULLS.get(str(column.dtype), (object, None))
    read: Any = column.to_numpy
    found: Array = read(dtype=kind, na_value=null)
    return found


def is_null(values: Array) -> Mask:
    """Which entries of a column of objects are None."""
    equal: Any = np.equal
    found: Mask = equal(values, None).astype(bool)
    return found


def is_explained(rows: Rows) -> Mask:
    """Which rows came with an explanation."""
    texts = rows["explanation_text"]
    return np.array([bool(text and text.strip()) for text in texts], dtype=bool)


@dataclass(frozen=True, eq=False)
class RuleContext:
    """What rules may know beside the rows: the catalogue of measures and areas, and the day.

    measures: rows of assets.catalogue.frames.measures_frame, of any dataset; areas: the table
    areas; indicators: the table indicator_catalogue; now: the day of the run; is_published: the
    files are a publisher's, so that a remedy speaks to us and not to a council; sent_broken:
    council and period (None where the file does not say) of files that were refused.
    """

    dataset: str
    measures: pd.DataFrame
    areas: pd.DataFrame
    now: date
    indicators: pd.DataFrame
    is_published: bool = False
    sent_broken: frozenset[tuple[str, str | None]] = frozenset()

    @cached_property
    def measure(self) -> dict[str, Record]:
        """Measure id -> its declaration, for the measures of this dataset."""
        own = self.measures[self.measures["dataset"] == self.dataset]
        return {str(item["measure"]): item for item in _records(own)}

    @cached_property
    def area(self) -> dict[str, Record]:
        """Area code -> its row of the table areas."""
        return {str(item["area_code"]): item for item in _records(self.areas)}

    @cached_property
    def councils(self) -> list[str]:
        """Codes of all areas that are councils, in order."""
        return sorted(code for code, item in self.area.items() if item["area_type"] == "council")

    @cached_property
    def codes_of_name(self) -> dict[str, set[str]]:
        """Name in either language, in lower case -> the codes that bear it."""
        found: dict[str, set[str]] = {}
        for code, item in self.area.items():
            for name in (item["name_en"], item["name_cy"]):
                if name:
                    found.setdefault(str(name).casefold(), set()).add(code)
        return found

    @cached_property
    def indicator_of(self) -> dict[str, str]:
        """Measure -> the indicator made from it, where only one is."""
        uses: dict[str, set[str]] = {}
        for role in ("numerator", "denominator", "value_measure", "stated_measure"):
            if role in self.indicators.columns:
                for indicator, measure in zip(
                    as_array(self.indicators["indicator"]),
                    as_array(self.indicators[role]),
                    strict=True,
                ):
                    if measure:
                        uses.setdefault(measure, set()).add(indicator)
        return {measure: min(names) for measure, names in uses.items() if len(names) == 1}

    def declared(self, rows: Rows, name: str) -> Array:
        """What each row's measure declares under that name (unit, min, is_whole...).

        rows need the column measure_index: place in `measure`, -1 for a measure not known.
        """
        if name not in self._declared:
            values = [item[name] for item in self.measure.values()]
            kind, default = _KINDS.get(name, _NUMBER)
            filled = [default if item is None else item for item in (*values, default)]
            self._declared[name] = np.array(filled, dtype=kind)
        return self._declared[name][rows["measure_index"]]

    @cached_property
    def _declared(self) -> dict[str, Array]:
        return {}


_NULLS: dict[str, tuple[Any, Any]] = {
    "float64": (np.float64, np.nan),
    "bool": (np.bool_, False),
    "boolean": (np.bool_, False),
}
_NUMBER: tuple[Any, Any] = (np.float64, np.nan)
_KINDS: dict[str, tuple[Any, Any]] = {
    **dict.fromkeys(("unit", "period_type", "breakdown_type", "breakdowns"), (object, None)),
    **dict.fromkeys(("tolerance", "adds_up", "agrees_with", "noise"), (object, None)),
    **dict.fromkeys(("is_whole", "has_total"), (np.bool_, False)),
}


def _records(frame: pd.DataFrame) -> list[Record]:
    columns = [as_array(frame[name]) for name in frame.columns]
    return [dict(zip(frame.columns, values, strict=True)) for values in zip(*columns, strict=True)]
