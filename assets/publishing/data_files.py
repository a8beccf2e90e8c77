"""The data files of a release: CSV, CSV for a double click, Parquet, SQLite, always the same bytes.

Here belongs how a contract table is written. A text cell that a spreadsheet would run as a formula
(it begins with = + - @ or their wide forms, a tab, a line end or a NUL) gets one leading apostrophe
in the CSVs, and so does one that begins with an apostrophe: taking one leading apostrophe away
restores every cell. Text that is a plain number, such as an old value in a log, stays as it is.
"""

import io
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from assets.publishing.files import write_staged
from sql.arrow import ARROW_TYPES
from sql.tables import key_of, table

BOM = b"\xef\xbb\xbf"
_DANGEROUS = r"^['=+\-@\t\r\n\x00＝＋－＠]"
_NUMBER = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"
APPLICATION_ID = 0x43424D4B
"""Marks the SQLite files as ours (CBMK)."""


def csv_bytes(data: pa.Table) -> bytes:
    """UTF-8, LF, one header row, numbers as numbers, true/false, blank for null."""
    columns = [escape(c) if pa.types.is_string(c.type) else c for c in data.columns]
    sink = io.BytesIO()
    pcsv.write_csv(pa.table(columns, names=data.column_names), sink)
    return sink.getvalue()


def escape(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text cells that a spreadsheet would run get one leading apostrophe."""
    risky = pc.and_(
        pc.match_substring_regex(column, _DANGEROUS),
        pc.invert(pc.match_substring_regex(column, _NUMBER)),
    )
    if not pc.any(risky).as_py():
        return column
    return pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)


def unescape(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Undo escape: take one leading apostrophe away."""
    return pc.replace_substring_regex(column, r"^'", "")


def read_csv_table(path: Path, name: str) -> pa.Table:
    """A contract table from its released CSV: blanks are null, but blank in text keys."""
    types = {c.name: ARROW_TYPES[type(c.type)] for c in table(name).columns}
    options = pcsv.ConvertOptions(
        column_types=types,
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
        null_values=[""],
        true_values=["true"],
        false_values=["false"],
    )
    parsing = pcsv.ParseOptions(newlines_in_values=True)
    made = pcsv.read_csv(path, convert_options=options, parse_options=parsing)
    keys = key_of(name)
    columns = []
    for column_name, column in zip(made.column_names, made.columns, strict=True):
        restored = unescape(column) if pa.types.is_string(column.type) else column
        is_text_key = column_name in keys and pa.types.is_string(column.type)
        columns.append(pc.fill_null(restored, "") if is_text_key else restored)
    return pa.table(columns, names=made.column_names)


def write_table_files(folder: Path, name: str, data: pa.Table) -> list[str]:
    """data/NAME.csv, data/excel/NAME.csv (with BOM) and data/NAME.parquet; returns their paths."""
    plain = csv_bytes(data)
    sink = io.BytesIO()
    pq.write_table(data, sink, compression="zstd", store_schema=False)
    contents = {
        f"data/{name}.csv": plain,
        f"data/excel/{name}.csv": BOM + plain,
        f"data/{name}.parquet": sink.getvalue(),
    }
    for path, content in contents.items():
        write_staged(folder / path, content)
    return list(contents)


def write_sqlite(path: Path, tables: Mapping[str, pa.Table]) -> None:
    """One SQLite file with the contract's tables, keys and types; the same rows, the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA encoding = 'UTF-8'")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("BEGIN")
        for name, data in tables.items():
            _fill(connection, name, data)
        connection.execute("COMMIT")
        connection.execute("VACUUM")
    finally:
        connection.close()


def _fill(connection: sqlite3.Connection, name: str, data: pa.Table) -> None:
    contract = table(name)
    dialect = sqlite.dialect()
    connection.execute(str(CreateTable(contract).compile(dialect=dialect)))
    if data.num_rows:
        statement = str(contract.insert().compile(dialect=dialect))
        rows = zip(*(column.to_pylist() for column in data.columns), strict=True)
        connection.executemany(statement, rows)
