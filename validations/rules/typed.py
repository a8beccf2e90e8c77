"""From text to types: each different text of a column is read once, and nothing is judged.

Here belongs the reading of an answer: period, area, value, limits, notes. What could not be read
is marked in a column of its own (`value_fault`, `period_fault`, `note_unknown`), for the rules.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sql.periods import PERIOD_TYPES, Period, parse_period
from validations.rules.notes import NOT_RETURNED, REASONS, combine, read_notes
from validations.rules.numbers import Number, read_number
from validations.rules.rows import Array, Rows, RuleContext, is_null

Read = TypeVar("Read")
BINARY_NOISE = 1e-12
"""Relative error that adding decimals in binary leaves in a spreadsheet's sum."""
PERIOD_FORMS = {
    "calendar_year": "2023",
    "financial_year": "2023-24",
    "academic_year": "2023-24",
    "quarter": "2023 Q1",
    "month": "2023-04",
    "rolling": "2021-2023",
    "snapshot": "2023-03-31",
}


def read_rows(raw: Rows, context: RuleContext) -> Rows:
    """The rows with typed columns beside the texts.

    measure_index, period, period_start, period_end, period_fault, area_code, breakdown_type,
    breakdown, value, lower_95, upper_95, {value,lower_95,upper_95}_fault and _remedy, is_blank,
    is_missing, note_code, missing_reason, note_unknown.
    """
    order = {measure: place for place, measure in enumerate(context.measure)}
    index = np.array([order.get(measure, -1) for measure in raw["measure"]], dtype=np.intp)
    rows = raw.with_columns({"measure_index": index})
    is_percent = context.declared(rows, "unit") == "percent"
    columns: dict[str, Array] = {
        "area_code": once(raw["area_text"], _stripped),
        "breakdown_type": once(raw["breakdown_type"], _or_total),
        "breakdown": once(raw["breakdown"], _or_total),
        **_periods(raw["period_text"], context.declared(rows, "period_type")),
        **_numbers(raw, "value", is_percent),
        **_numbers(raw, "lower_95", is_percent),
        **_numbers(raw, "upper_95", is_percent),
    }
    columns["value"] = _whole(columns["value"], context.declared(rows, "is_whole"))
    columns |= _notes(raw["note_text"], columns)
    return rows.with_columns(columns)


def with_receipt(raw: Rows) -> Rows:
    """The rows with `received`: the instant (ISO, UTC) at which a council's return reached us.

    raw_returns keeps it in source_published, which is then null, since nobody published a return;
    rows without return_ref were published and have no `received`.
    """
    is_return = ~is_null(raw["return_ref"])
    dates = raw["source_published"]
    received, published = dates.copy(), dates.copy()
    received[~is_return], published[is_return] = None, None
    return raw.with_columns({"received": received, "source_published": published})


def once(values: Array, read: Callable[[Any], Read]) -> Array:
    """read(value) for each value, called once for each different one."""
    return _spread(_distinct(values), read)


def _distinct(values: Array) -> tuple[NDArray[np.intp], Sequence[Any]]:
    codes, different = pd.factorize(values, use_na_sentinel=False)
    return codes, [None if item is None or item != item else item for item in different]  # noqa: PLR0124  NaN


def _spread(distinct: tuple[NDArray[np.intp], Sequence[Any]], read: Callable[[Any], Read]) -> Array:
    codes, different = distinct
    found = np.empty(len(different), dtype=object)
    found[:] = [read(item) for item in different]
    return found[codes]


def _stripped(text: str | None) -> str | None:
    return (text or "").strip() or None


def _or_total(text: str | None) -> str:
    return (text or "").strip() or "total"


def _periods(texts: Array, types: Array) -> dict[str, Array]:
    pairs: list[Hashable] = list(zip(texts, types, strict=True))
    keys = np.empty(len(pairs), dtype=object)
    keys[:] = pairs
    codes, different = pd.factorize(keys)
    read = [_period(*pair) for pair in different]

    def column(values: Sequence[object]) -> Array:
        found = np.empty(len(values), dtype=object)
        found[:] = values
        return found[codes]

    return {
        "period": column([period.key if period else None for period, _ in read]),
        "period_start": column([str(period.start) if period else None for period, _ in read]),
        "period_end": column([str(period.end) if period else None for period, _ in read]),
        "period_fault": column([fault for _, fault in read]),
    }


def _period(text: str | None, kind: str | None) -> tuple[Period | None, str | None]:
    if kind is None:
        return None, None
    if text is None or not text.strip():
        return None, "blank"
    period = parse_period(text, kind)
    if period is not None:
        return period, None
    others = (parse_period(text, other) for other in PERIOD_TYPES if other != kind)
    return None, "other_type" if any(others) else "unknown"


def _numbers(raw: Rows, name: str, is_percent: Array) -> dict[str, Array]:
    texts = raw[f"{name}_text"]
    if name != "value" and not any(texts):
        nothing = np.full(len(texts), None, dtype=object)
        empty = np.full(len(texts), np.nan)
        return {name: empty, f"{name}_fault": nothing, f"{name}_remedy": nothing}
    read = once(texts, read_number)
    if is_percent.any():
        read[is_percent] = once(texts[is_percent], _read_percent)
    columns: dict[str, Array] = {
        name: np.array([number.value for number in read], dtype="float64"),
        f"{name}_fault": _objects([number.fault for number in read]),
        f"{name}_remedy": _objects([number.remedy for number in read]),
    }
    if name == "value":
        columns["symbol"] = _objects([number.code for number in read])
    return columns


def _whole(values: Array, is_count: Array) -> Array:
    """Counts within binary noise of a whole number as that number: 130806.00000000001."""
    nearest = np.round(values)
    is_noise = is_count & (np.abs(values - nearest) <= BINARY_NOISE * np.abs(nearest))
    return np.where(is_noise, nearest, values)


def _read_percent(text: str | None) -> Number:
    return read_number(text, is_percent=True)


def _objects(values: Sequence[object]) -> Array:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _notes(texts: Array, columns: dict[str, Array]) -> dict[str, Array]:
    """Codes of note and symbol together; a value that they say is missing becomes null."""
    value, fault = columns["value"], columns["value_fault"]
    notes, symbols = once(texts, read_notes), columns["symbol"]
    is_clear = fault != "unreadable"
    is_empty = np.isnan(value) & is_clear
    # A plain figure without notes, most rows by far, has no codes: only the others are read.
    marked = np.flatnonzero(is_empty | _any(texts))
    code, reason, missing = (np.full(len(value), None, dtype=object) for _ in range(3))
    is_blank = np.zeros(len(value), dtype=bool)
    for row in marked:
        held = [*notes[row].codes, *([symbols[row]] if symbols[row] else [])]
        code[row], missing[row] = combine(held)
        reason[row] = notes[row].reason if missing[row] == "x" and notes[row].reason else None
        reason[row] = reason[row] or REASONS.get(missing[row] or "")
        if missing[row] is None and is_empty[row]:
            is_blank[row] = fault[row] is None
            code[row], missing[row] = combine([*held, "x"])
            reason[row] = NOT_RETURNED
    is_missing = missing.astype(bool)
    return {
        "note_code": code,
        "missing_reason": reason,
        "note_unknown": _objects(["; ".join(note.unknown) or None for note in notes]),
        "is_blank": is_blank,
        "is_missing": is_missing,
        "supplied": value,
        "value": np.where(is_missing, np.nan, value),
        "lower_95": np.where(is_missing, np.nan, columns["lower_95"]),
        "upper_95": np.where(is_missing, np.nan, columns["upper_95"]),
    }


def _any(texts: Array) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = texts.astype(bool)
    return found
