"""The contract asked of an assembled frame: its shape, its key, its numbers, and its floors.

Here belongs what follows from sql.tables alone, and the floors of a suite, in whole columns at a
time: seconds for millions of rows. Everything else about an assembled frame is said in
validations/suites and asked by validations.suites.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sql.frames import dtypes
from sql.tables import column_names, key_of
from validations.assembled import Assembled, InMemory, OnDisk, rows_at
from validations.rules.rows import Record
from validations.suite_files import Floor, Suite, SuiteError

SEVERITY = {"critical": "error", "warning": "query", "info": "note"}
MAY_BE_EMPTY = {"owner_code", "expected"}
"""Key columns that are empty by design: a fixed group has no owner."""
NAMED = 3
"""Rows that a failed check quotes; the others are counted."""
_NO_WORDS = ("nan", "none", "null", "<na>", "nat", "n/a", "#n/a")
"""What a missing key looks like once it was turned into text."""
_SHARED = ("measure", "indicator", "period", "area_code", "breakdown_type", "breakdown")


def shaped(frame: object, table: str, *, may_be_empty: bool = False) -> Assembled:
    """The frame, if it has the contract's columns, order and types, and a row; else SuiteError.

    frame: a DataFrame, or the path of a Parquet file that is read in slices.
    """
    if not isinstance(frame, pd.DataFrame | Path):
        raise SuiteError("gate_not_a_table", type(frame).__name__)
    source = InMemory(frame) if isinstance(frame, pd.DataFrame) else OnDisk(frame)
    shape = source.shape
    wanted, held = column_names(table), [str(column) for column in shape.columns]
    if held != wanted:
        odd = [*sorted(set(wanted) ^ set(held)), *(["order"] if set(wanted) == set(held) else [])]
        raise SuiteError("gate_columns", ", ".join(odd) or "repeated", table)
    kinds = {name: str(kind) for name, kind in shape.dtypes.items()}
    wrong = [f"{name} {kinds[name]}" for name, kind in dtypes(table).items() if kinds[name] != kind]
    if wrong:
        raise SuiteError("gate_types", ", ".join(wrong), table)
    if not len(source) and not may_be_empty:
        raise SuiteError("gate_no_rows", 0)
    return source


def contract_records(source: Assembled, table: str) -> list[Record]:
    """What stands against the key and the numbers of a frame of that table; all are errors."""
    found = list(_key_records(source, table))
    for name, kind in dtypes(table).items():
        if kind == "float64":
            wrong = np.flatnonzero(np.isinf(source.read([name])[name].to_numpy()))
            found += failures(f"{name}_is_finite", source, wrong, [name])
    return found


def floor_records(source: Assembled, spec: Suite) -> list[Record]:
    """What stands against the floors of a suite: too few values, councils, periods."""
    found = []
    for floor in spec.floors:
        held, least = _held(source.read(floor.columns), floor), floor.least
        if not held >= least:  # NaN is not enough either
            seen = f"{held:.4g} < {least:g}"
            found.append(record(floor.id, seen=seen, expected=floor.id, severity=floor.severity))
    return found


def failures(
    name: str,
    source: Assembled,
    places: NDArray[np.intp],
    columns: list[str],
    severity: str = "critical",
) -> list[Record]:
    """One record per indicator or measure among those rows, with the keys they share.

    places: numbers of the wrong rows in the frame.
    """
    if not len(places):
        return []
    known = [column for column in _SHARED if column in source.shape]
    rows = rows_at(source, places, list(dict.fromkeys((*known, *columns)))).astype(object)
    by = next((column for column in ("indicator", "measure") if column in rows), None)
    groups = [rows] if by is None else [some for _, some in rows.groupby(by, dropna=False)]
    return [
        record(name, seen=_quoted(some, columns), expected=name, severity=severity)
        | {"n_rows": len(some)}
        | _shared_key(some)
        for some in groups
    ]


def record(code: str, *, seen: str, expected: object = None, severity: str = "critical") -> Record:
    """One finding about a frame as a record; severity is that of a suite."""
    return {
        "code": code,
        "severity": SEVERITY[severity],
        "level": "dataset",
        "seen": seen if len(seen) <= 120 else seen[:119] + "…",
        "expected": None if expected is None else str(expected),
        "n_rows": 0,
    }


def _key_records(source: Assembled, table: str) -> Iterator[Record]:
    key = list(key_of(table))
    if not key:
        return
    frame = source.read(key)
    repeated = np.flatnonzero(frame.duplicated(key, keep=False))
    yield from failures("key_is_unique", source, repeated, key)
    for name in key:
        if name in MAY_BE_EMPTY:
            continue
        values = frame[name]
        blank = values.isna()
        if dtypes(table)[name] == "str":
            odd = [text for text in values.dropna().unique() if _says_nothing(text)]
            blank |= values.isin(odd)
        yield from failures(f"{name}_is_filled", source, np.flatnonzero(blank), [name])


def _says_nothing(text: str) -> bool:
    return not text.strip() or text.strip().lower() in _NO_WORDS


def _held(frame: pd.DataFrame, floor: Floor) -> float:
    kept = np.ones(len(frame), dtype=bool)
    for name, value in floor.where.items():
        kept &= frame[name].eq(value).fillna(value=False).to_numpy(bool)
    if floor.filled:
        kept &= frame[floor.filled].notna().to_numpy(bool)
    column = frame[floor.column][kept]
    if floor.share is None:
        return float(column.nunique())
    return float(column.notna().mean())


def _quoted(rows: pd.DataFrame, columns: list[str]) -> str:
    """The first few rows: what stands in the columns, and where."""
    where = [name for name in ("area_code", "period") if name in rows and name not in columns]
    named = []
    for row in rows.head(NAMED).to_dict("records"):
        seen = " / ".join(_plain(row[column]) for column in columns)
        place = " ".join(_plain(row[column]) for column in where)
        named.append(f"{seen} [{place}]" if place else seen)
    more = f" (+{len(rows) - NAMED})" if len(rows) > NAMED else ""
    return ", ".join(named) + more


def _plain(value: object) -> str:
    return "-" if pd.isna(value) else str(value)  # type: ignore[call-overload]  # any cell


def _shared_key(rows: pd.DataFrame) -> Record:
    """Key columns in which the rows agree."""
    first = rows.iloc[0]
    return {
        name: first[name]
        for name in _SHARED
        if name in rows and isinstance(first[name], str) and rows[name].eq(first[name]).all()
    }
