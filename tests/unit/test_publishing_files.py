"""Fingerprints, CSV that no spreadsheet runs, SQLite and Parquet that are always the same bytes."""

import io
import sqlite3
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.publishing.data_files import (
    csv_bytes,
    escape,
    read_csv_table,
    unescape,
    write_sqlite,
    write_table_files,
)
from assets.publishing.fingerprints import fingerprint
from sql.arrow import to_arrow, to_pandas
from sql.tables import column_names
from tests.release.sample import COUNCILS, LAST_YEAR, correct, night_of, small_figures


def test_a_fingerprint_does_not_see_the_order_of_rows() -> None:
    figures = small_figures()
    shuffled = figures.sample(frac=1, random_state=1).reset_index(drop=True)
    assert fingerprint(figures) == fingerprint(shuffled)
    assert fingerprint(figures) == fingerprint(figures.copy())


@pytest.mark.parametrize(
    "cells",
    [
        {"numerator": 515.0},
        {"numerator": None},
        {"note_code": "r"},
        {"is_queried": True},
        {"is_queried": None},
        {"period": "2020-04-01/P1Y"},
    ],
)
def test_a_fingerprint_sees_every_cell(cells: dict[str, object]) -> None:
    figures = small_figures()
    changed = figures.copy()
    for name, value in cells.items():
        changed.loc[4, name] = value
    assert fingerprint(figures) != fingerprint(changed)


def test_a_fingerprint_sees_columns_and_types_but_no_filling_of_nulls() -> None:
    frame = pd.DataFrame({"a": [1.0, None], "b": ["x", None]})
    assert fingerprint(frame) != fingerprint(frame.rename(columns={"a": "c"}))
    assert fingerprint(frame) != fingerprint(frame.assign(b=["x", ""]))
    assert fingerprint(frame) != fingerprint(frame.assign(a=pd.Series([1, None], dtype="Int64")))
    assert fingerprint(frame.iloc[:0]) != fingerprint(frame)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+44 29", "'+44 29"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("'r", "''r"),
        ("-12.5", "-12.5"),
        ("+3", "+3"),
        ("Ynys Môn", "Ynys Môn"),
    ],
)
def test_formulas_get_an_apostrophe_and_numbers_do_not(cell: str, written: str) -> None:
    assert escape(pa.chunked_array([[cell]])).to_pylist() == [written]


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=8), max_size=5))
def test_escaping_is_undone_by_taking_one_apostrophe_away(cells: list[str | None]) -> None:
    column = pa.chunked_array([cells], pa.string())
    assert unescape(escape(column)).to_pylist() == cells


def test_csv_has_numbers_as_numbers_line_feeds_and_blanks_for_nulls() -> None:
    table = pa.table(
        {"name": ["a,b", None], "n": [-1.5, None], "whole": [3, None], "is": [True, None]}
    )
    assert csv_bytes(table).decode() == '"name","n","whole","is"\n"a,b",-1.5,3,true\n,,,\n'


def test_a_table_comes_back_from_csv_as_it_was(tmp_path: Path) -> None:
    tables = night_of(correct(small_figures(), COUNCILS[0], LAST_YEAR, 5.0, note_code="c,p"))
    for name, frame in tables.items():
        rows = to_arrow(frame, name)
        (tmp_path / f"{name}.csv").write_bytes(csv_bytes(rows))
        assert read_csv_table(tmp_path / f"{name}.csv", name).equals(rows), name


def test_the_file_for_a_double_click_has_a_byte_order_mark(tmp_path: Path) -> None:
    rows = to_arrow(night_of(small_figures()).areas, "areas")
    write_table_files(tmp_path, "areas", rows)
    plain = (tmp_path / "data" / "areas.csv").read_bytes()
    assert (tmp_path / "data" / "excel" / "areas.csv").read_bytes() == b"\xef\xbb\xbf" + plain
    assert pd.read_csv(io.BytesIO(plain)).columns.tolist() == column_names("areas")
    stored = pd.read_parquet(tmp_path / "data" / "areas.parquet")
    assert stored["area_code"].tolist() == rows["area_code"].to_pylist()


def test_parquet_and_sqlite_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    tables = {name: to_arrow(f, name) for name, f in night_of(small_figures()).items()}
    for folder in ("one", "two"):
        for name, rows in tables.items():
            write_table_files(tmp_path / folder, name, rows)
        write_sqlite(tmp_path / folder / "x.sqlite", tables)
    first = sorted(p for p in (tmp_path / "one").rglob("*") if p.is_file())
    for path in first:
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes(), path.name
    assert len(first) == 3 * len(tables) + 1


def test_sqlite_has_the_keys_and_types_of_the_contract(tmp_path: Path) -> None:
    tables = {name: to_arrow(f, name) for name, f in night_of(small_figures()).items()}
    write_sqlite(tmp_path / "x.sqlite", tables)
    connection = sqlite3.connect(tmp_path / "x.sqlite")
    total = connection.execute("SELECT sum(numerator) FROM indicator_values").fetchone()[0]
    assert total == small_figures()["numerator"].sum()
    columns = connection.execute("PRAGMA table_info(indicator_values)").fetchall()
    assert [c[1] for c in columns] == column_names("indicator_values")
    assert {c[1] for c in columns if c[5]} == {
        "indicator",
        "period",
        "area_code",
        "breakdown_type",
        "breakdown",
    }
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO areas SELECT * FROM areas")
    connection.close()


def test_arrow_and_back_keeps_the_types_of_a_frame() -> None:
    figures = small_figures()
    assert to_pandas(to_arrow(figures, "indicator_values")).dtypes.equals(figures.dtypes)
