"""The OBSERVATIONS table as coded columns, checked for its key.

Here belongs reading a frame into arrays, sorted so that every series lies together; what the
figures mean is in assets.methods.values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from assets.methods.arrow import as_doubles, float_name, is_one
from assets.methods.impossible import NAMED, Flags, Floats, ImpossibleInput, Ints, refuse
from assets.methods.periods import order_of

if TYPE_CHECKING:  # half a second to import, and Parquet is read without
    import pandas as pd

KEY = ("indicator", "period", "area_code", "breakdown_type", "breakdown")
NUMBERS = (
    "numerator", "denominator", "value", "sd", "se",
    "lower_95", "upper_95", "lower_998", "upper_998",
)  # fmt: skip
LARGEST = 1e100
"""Beyond it squares, and so sd, are no numbers any more."""
MARKS = ("note_code", "missing_reason")
Counted = tuple[str, int]
"""What a row is called, and the number of the first."""
ROW: Counted = ("row", 1)
LINE: Counted = ("line", 2)
"""As a person counts in a csv file, whose header is line 1."""
DEFAULTS = {"area_type": "council", "breakdown_type": "total", "breakdown": "total"}


@dataclass(frozen=True)
class Coded:
    """A text column: distinct texts and, for each row, the position of its text."""

    texts: list[str]
    codes: Ints

    def of_each(self, of_texts: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The entry of every row's text, of entries for all texts."""
        if is_one(self.codes):
            return np.broadcast_to(of_texts[self.codes[:1]], self.codes.shape)
        return of_texts.take(self.codes)


@dataclass(frozen=True)
class Observations:
    """Rows sorted by series (indicator and breakdown), period in order of time, area.

    `series` is the position of indicator x breakdown_type x breakdown among the distinct ones;
    `series_key` gives the three codes of each.
    """

    columns: dict[str, Coded]
    series: Ints
    series_key: Ints
    numbers: dict[str, Floats]
    council_areas: Flags
    row_number: Ints
    counted: Counted = ROW

    def __len__(self) -> int:
        return len(self.series)

    @cached_property
    def _runs(self) -> tuple[Ints, Ints]:
        """The indicator of each run of rows of one, and how many rows it has."""
        codes = self.columns["indicator"].codes
        first = np.flatnonzero(np.append(len(codes) > 0, codes[1:] != codes[:-1]))
        return codes[first], np.diff(first, append=len(codes))

    def of_each(self, declared: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The entry of every row's indicator, of entries for all indicators."""
        indicators, lengths = self._runs
        return np.repeat(declared[indicators], lengths)

    def name_row(self, row: int, *, with_number: bool = True) -> str:
        """A row in words: its place in the table and its key, or its key alone."""
        texts = [self.columns[c].texts[self.columns[c].codes[row]] for c in KEY]
        broken_down = "" if texts[3:] == ["total", "total"] else f", {texts[3]} {texts[4]}"
        place = f"{texts[0]}, {texts[1]}, {texts[2]}{broken_down}"
        return f"{self.place(row)} ({place})" if with_number else place

    def place(self, row: int) -> str:
        """Where a row stands in the table, as people count."""
        what, first = self.counted
        return f"{what} {self.row_number[row] + first}"


def read_observations(frame: "pd.DataFrame", counted: Counted = ROW) -> Observations:
    """The frame as sorted, coded columns; counted: how messages call its rows.

    Raises ImpossibleInput where a key column is lacking, null or repeated, or a number is not one.
    """
    lacking = [column for column in ("indicator", "period", "area_code") if column not in frame]
    if lacking:
        raise ImpossibleInput(f"Observations: no column {', '.join(lacking)}. Add it.")
    columns = {name: code_text(frame, name, counted=counted) for name in (*KEY, "area_type")}
    columns["period"] = _reorder(columns["period"])
    for name in MARKS:
        columns[name] = code_text(frame, name, null="")
    numbers = {name: read_numbers(frame, name, counted) for name in NUMBERS}
    return sort_observations(columns, numbers, counted)


def sort_observations(
    columns: dict[str, Coded], numbers: dict[str, Floats], counted: Counted = ROW
) -> Observations:
    """Observations from their columns, all of one length, in the order of their key.

    Raises ImpossibleInput where a key is repeated.
    """
    series, series_key = _series(columns)
    n_periods, n_areas = len(columns["period"].texts), len(columns["area_code"].texts)
    key = (series * n_periods + columns["period"].codes) * n_areas + columns["area_code"].codes
    is_sorted = bool(np.all(key[1:] > key[:-1]))
    order = np.arange(len(key)) if is_sorted else np.argsort(key, kind="stable")
    into = slice(None) if is_sorted else order
    area = columns["area_code"].codes
    is_council = columns["area_type"].codes == _place(columns["area_type"].texts, "council")
    result = Observations(
        columns={name: Coded(c.texts, c.codes[into]) for name, c in columns.items()},
        series=series[into],
        series_key=series_key,
        numbers={name: values[into] for name, values in numbers.items()},
        council_areas=np.bincount(area[is_council], minlength=n_areas) > 0,
        row_number=order,
        counted=counted,
    )
    if not is_sorted:
        _refuse_repeated(result, key[order])
    return result


def code_text(
    frame: "pd.DataFrame", name: str, null: str | None = None, counted: Counted = ROW
) -> Coded:
    """A text column, its distinct texts sorted; a lacking or null one takes its default.

    Raises ImpossibleInput, naming rows, for nulls where there is no default.
    """
    default = DEFAULTS.get(name, null)
    if name not in frame.columns:
        return Coded([default or ""], np.zeros(len(frame), dtype=np.int64))
    column = frame[name]
    if not _is_string(column):
        _refuse_nested(column, name)
        column = column.astype(object).where(column.notna(), None)
        column = column.map(str, na_action="ignore")
    encoded = pa.array(column, type=pa.large_string(), from_pandas=True).dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    codes: Ints = np.asarray(indices, dtype=np.int64)
    texts = _decoded(encoded.dictionary, codes, name, counted)
    blank = codes < 0 if "" not in texts else (codes < 0) | (codes == texts.index(""))
    if blank.any():
        if default is None:
            rows = _places(blank, counted)
            raise ImpossibleInput(f"Observations: no {name} in {rows}. Fill it in.")
        texts.append(default)
        codes = np.where(blank, len(texts) - 1, codes)
    return _sorted(texts, codes)


def _places(flags: Flags, counted: Counted) -> str:
    """The first rows that are flagged, as people count."""
    rows = np.flatnonzero(flags)[:NAMED]
    return f"{counted[0]} {', '.join(str(row + counted[1]) for row in rows)}"


def _decoded(dictionary: pa.Array, codes: Ints, name: str, counted: Counted) -> list[str]:
    """The distinct texts; bytes that are none, which Parquet may hold, are refused with rows."""
    try:
        texts: list[str] = dictionary.to_pylist()
    except UnicodeDecodeError as error:
        cells = dictionary.cast(pa.large_binary()).to_pylist()
        bad = [n for n, cell in enumerate(cells) if cell.decode(errors="ignore").encode() != cell]
        rows = _places(np.isin(codes, bad), counted)
        raise ImpossibleInput(
            f"Observations: {name} is not text in UTF-8 in {rows}. Write it again."
        ) from error
    return texts


def _refuse_nested(column: "pd.Series[Any]", name: str) -> None:
    """Refuse cells that have no text of their own: bytes, lists, records."""
    if column.dtype == object:
        for cell in column:
            if isinstance(cell, bytes | list | tuple | dict | np.ndarray):
                kind = type(cell).__name__
                raise ImpossibleInput(f"Observations: {name} holds {kind}. Give text.")


def _sorted(texts: list[str], codes: Ints) -> Coded:
    distinct = sorted(set(texts))
    place = {text: position for position, text in enumerate(distinct)}
    return Coded(distinct, np.array([place[text] for text in texts], dtype=np.int64)[codes])


def _reorder(periods: Coded) -> Coded:
    ordered = order_of(periods.texts)
    place = {text: position for position, text in enumerate(ordered)}
    moved = np.array([place[text] for text in periods.texts], dtype=np.int64)
    return Coded(ordered, moved[periods.codes])


def _series(columns: dict[str, Coded]) -> tuple[Ints, Ints]:
    names = ("indicator", "breakdown_type", "breakdown")
    sizes = [len(columns[name].texts) for name in names]
    parts = [columns[name].codes for name in names]
    combined = (parts[0] * sizes[1] + parts[1]) * sizes[2] + parts[2]
    present = np.bincount(combined, minlength=0) > 0 if combined.size else np.zeros(0, dtype=bool)
    distinct = np.flatnonzero(present)
    place = np.cumsum(present) - 1
    key = [distinct // (sizes[1] * sizes[2]), distinct // sizes[2] % sizes[1], distinct % sizes[2]]
    return place[combined], np.stack(key, axis=1)


def _place(texts: Sequence[str], text: str) -> int:
    return list(texts).index(text) if text in texts else -1


def _is_string(column: "pd.Series[Any]") -> bool:
    import pandas as pd  # noqa: PLC0415  # as above

    return isinstance(column.dtype, pd.StringDtype)


def read_numbers(frame: "pd.DataFrame", name: str, counted: Counted = ROW) -> Floats:
    """A column of numbers, null as NaN and NaN throughout where there is no such column.

    Raises ImpossibleInput, naming rows, for text that is not a number and for infinity.
    """
    import pandas as pd  # noqa: PLC0415  # as above

    if name not in frame.columns:
        return no_numbers(len(frame))
    column = frame[name]
    _refuse_no_number(column, name)
    if column.dtype == object or _is_string(column):
        try:
            numbers = pd.to_numeric(column.where(column != ""), errors="coerce")
        except pa.ArrowException:
            code_text(frame, name, null="", counted=counted)  # which names the rows
            raise
        bad = (numbers.isna() & column.notna() & (column != "")).to_numpy(dtype=bool)
    else:
        numbers = pd.to_numeric(column)
        bad = np.zeros(len(frame), dtype=bool)
    kind = float_name(numbers.dtype) or np.float64
    values = as_doubles(numbers.to_numpy(dtype=kind, na_value=np.nan))
    refuse(
        bad | np.isinf(values),
        f"Observations: {name} is not a number",
        lambda row: f"{counted[0]} {row + counted[1]} ({str(column.iloc[row])[:40]!r})",
    )
    refuse(
        np.abs(values) > LARGEST,
        f"Observations: {name} is beyond {LARGEST:g}",
        lambda row: f"{counted[0]} {row + counted[1]} ({str(column.iloc[row])[:40]!r})",
    )
    return values


def _refuse_no_number(column: "pd.Series[Any]", name: str) -> None:
    """Refuse dates, durations and truth values, which would pass as numbers."""
    from pandas.api.types import infer_dtype  # noqa: PLC0415  # as above

    held = str(column.dtype)
    if column.dtype == object:
        held = "bool" if infer_dtype(column, skipna=True) == "boolean" else ""
    elif _is_string(column) or is_plain_number(column):
        held = ""
    if held:
        raise ImpossibleInput(f"Observations: {name} holds {held}. Give numbers.")


def is_plain_number(column: "pd.Series[Any]") -> bool:
    """Whether a column holds numbers: not dates, durations or truth values."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype  # noqa: PLC0415  # as above

    return is_numeric_dtype(column.dtype) and not is_bool_dtype(column.dtype)


def no_numbers(size: int) -> Floats:
    """NaN throughout, in the memory of one number; not to be written to."""
    return np.broadcast_to(np.float64(np.nan), size)


def _refuse_repeated(observations: Observations, key: Ints) -> None:
    repeated = np.zeros(len(key), dtype=bool)
    repeated[1:] = key[1:] == key[:-1]

    def name(row: int) -> str:
        return f"{observations.place(row - 1)} and {observations.name_row(row)}"

    refuse(repeated, "Two observations with the same key", name)
