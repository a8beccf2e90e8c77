"""The words the data contract is written in: column types, shared columns, one table per name.

Here belongs how a table of the contract is declared and looked up. The tables are in sql.tables.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

TEXT, NUMBER, WHOLE, FLAG = sa.Text(), sa.Float(), sa.Integer(), sa.Boolean()
"""The four types of the contract. Dates, times and periods are ISO 8601 text."""

ColumnSpec = tuple[str, sa.types.TypeEngine[Any], str]

metadata = sa.MetaData()

FIGURE_KEY = ("indicator", "period", "area_code", "breakdown_type", "breakdown")
"""What identifies one published figure (M0)."""
OBSERVATION_KEY = ("measure", "period", "area_code", "breakdown_type", "breakdown")
"""What identifies one accepted answer of a source or a return."""

INDICATOR: list[ColumnSpec] = [("indicator", TEXT, "Indicator id, as in the catalogue")]
PERIOD: list[ColumnSpec] = [
    ("period", TEXT, "ISO 8601 interval start/duration (2023-04-01/P1Y) or a date")
]
AREA: list[ColumnSpec] = [("area_code", TEXT, "GSS code of the area")]
BREAKDOWN: list[ColumnSpec] = [
    ("breakdown_type", TEXT, "What the figure is broken down by: total, sex, school_sector..."),
    ("breakdown", TEXT, "The category within breakdown_type; total for the whole"),
]
LIMITS: list[ColumnSpec] = [
    ("lower_95", NUMBER, "Lower 95 % limit, in the unit of the value"),
    ("upper_95", NUMBER, "Upper 95 % limit, in the unit of the value"),
    ("lower_998", NUMBER, "Lower 99.8 % limit, in the unit of the value"),
    ("upper_998", NUMBER, "Upper 99.8 % limit, in the unit of the value"),
]
CODES: list[ColumnSpec] = [
    ("note_code", TEXT, "StatsWales note codes, comma-separated, a missing code first"),
    ("missing_reason", TEXT, "Why there is no value, in words"),
]
ORIGIN: list[ColumnSpec] = [
    ("return_ref", TEXT, "Return the answer came in, if a council sent it"),
    ("source_file", TEXT, "File or address the answer was read from"),
    ("source_row", WHOLE, "Row in that file, the header being row 1; 0 is the file itself"),
    ("source_sha256", TEXT, "SHA-256 of the bytes it was read from"),
    ("source_published", TEXT, "Day the source published it, as the source says"),
]
DATASET: list[ColumnSpec] = [("dataset", TEXT, "Dataset id, as in sources.yaml")]
FIGURE = INDICATOR + PERIOD + AREA + BREAKDOWN
MEASURE: list[ColumnSpec] = [("measure", TEXT, "Measure id: one question of a source or return")]


def define(
    name: str, about: str, key: Iterable[str], columns: Iterable[ColumnSpec], *, published: bool
) -> sa.Table:
    """A table of the contract: its name, what a row is, its key and its columns in order."""
    keys = tuple(key)
    return sa.Table(
        name,
        metadata,
        *(
            sa.Column(column, kind, comment=comment, primary_key=column in keys)
            for column, kind, comment in columns
        ),
        comment=about,
        info={"key": keys, "published": published},
    )
