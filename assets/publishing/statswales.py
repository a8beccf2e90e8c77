"""Files as StatsWales 3 takes them: data table, bilingual lookups, update table, what is what.

Here belongs the passage from a product's figures to one StatsWales data set. Its rules, as far as
they are on record: one column of data values (a plain decimal or blank, never an exponent), one of
measures, one of note codes, the rest dimensions; measure and dimensions identify a row and are
never blank; every code stands once in its lookup, with a description in English and in Welsh; the
update table has the columns of the data table, and one action applies to all of it.
"""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from assets.publishing.candidates import ProductFacts
from assets.publishing.data_files import csv_bytes
from assets.publishing.diff import Difference
from assets.publishing.files import json_bytes, write_staged
from assets.publishing.tables import ProductTables
from assets.publishing.terms import breakdown_code, breakdown_words, terms
from assets.publishing.words import NOT_OFFICIAL
from sql.frames import records
from sql.schema import FIGURE_KEY

FOLDER = "statswales"
VALUE, MEASURE, NOTES = "Data", "Measure", "NoteCodes"
DIMENSIONS = {"PeriodCode": "period", "AreaCode": "area", "BreakdownCode": "breakdown"}
"""Columns of the data table that are dimensions, with the name of their lookup."""
COLUMNS = (*DIMENSIONS, MEASURE, VALUE, NOTES)
REFERENCE = "ReferenceCode"
TEXTS = ("Description_en", "Description_cy", "Notes_en", "Notes_cy")
LOOKUP_COLUMNS = {
    "measure": (REFERENCE, *TEXTS, "SortOrder", "Decimals"),
    "area": (REFERENCE, *TEXTS, "Hierarchy", "SortOrder"),
    "period": (REFERENCE, *TEXTS, "SortOrder"),
    "breakdown": (REFERENCE, *TEXTS, "SortOrder"),
}
ADDITIONS = {"new", "late data"}


def write_statswales(
    folder: Path, product: ProductFacts, tables: ProductTables, found: Difference
) -> dict[str, int]:
    """Write statswales/ of a release; returns the rows of each table by path."""
    facts = fact_table(tables.indicator_values)
    update = fact_table(_changed(tables.indicator_values, found.changes))
    counts = {"data": len(facts), "update": len(update)}
    for name, rows in (("data", facts), ("update", update)):
        write_staged(folder / FOLDER / f"{name}.csv", _fact_bytes(rows))
    for name, lookup in lookups(tables).items():
        counts[name] = len(lookup)
        made = pa.Table.from_pylist(lookup, schema=_schema(name))
        write_staged(folder / FOLDER / f"{name}.csv", csv_bytes(made))
    described = dataset(product, tables, found)
    write_staged(folder / FOLDER / "dataset.json", json_bytes(described))
    return {f"{FOLDER}/{name}.csv": rows for name, rows in counts.items()}


def fact_table(values: pd.DataFrame) -> list[tuple[str, ...]]:
    """Rows of the data table in the order of COLUMNS, from rows of indicator_values."""
    return [
        (
            row["period"],
            row["area_code"],
            breakdown_code(row["breakdown_type"], row["breakdown"]),
            row["indicator"],
            plain_decimal(row["value"]),
            row["note_code"] or "",
        )
        for row in records(values)
    ]


def plain_decimal(value: float | None) -> str:
    """A number as StatsWales takes it: the shortest decimal form, never with an exponent."""
    return "" if value is None else f"{Decimal(repr(float(value))):f}".removesuffix(".0")


def update_action(found: Difference) -> str | None:
    """Which of StatsWales' actions this version asks for; None where no figure changed.

    StatsWales takes one action for a whole update: at first, and where corrections and other
    changes came together or a figure went, the whole data table is to be uploaded.
    """
    if found.is_first:
        return "replace_all"
    classes = set(found.changes["reason_class"].dropna())
    if not classes:
        return None
    if classes <= ADDITIONS:
        return "add"
    if classes == {"planned revision"}:
        return "revise"
    if classes <= {*ADDITIONS, "planned revision"}:
        return "add_revise"
    return "correction" if classes == {"correction"} else "replace_all"


def lookups(tables: ProductTables) -> dict[str, list[dict[str, Any]]]:
    """The four lookups, each row with a code, two descriptions, two notes and its place."""
    values = tables.indicator_values
    codes = [
        breakdown_code(kind, category)
        for kind, category in values[["breakdown_type", "breakdown"]]
        .drop_duplicates()
        .itertuples(index=False)
    ]
    return {
        "measure": _measures(tables.indicator_catalogue, set(values["indicator"])),
        "area": _areas(tables.areas, set(values["area_code"])),
        "period": _periods(tables.periods, set(values["period"])),
        "breakdown": [
            _row(place, code, breakdown_words(code).en, breakdown_words(code).cy)
            for place, code in enumerate(sorted(codes, key=lambda c: (c != "total", c)), start=1)
        ],
    }


def dataset(product: ProductFacts, tables: ProductTables, found: Difference) -> dict[str, Any]:
    """What the person who uploads must enter: titles, roles of columns, the action."""
    publishers = "; ".join(sorted(set(tables.indicator_catalogue["publisher"].dropna())))
    not_official = NOT_OFFICIAL.fill(publishers=publishers)
    return {
        "title": {"en": product.title.en, "cy": product.title.cy},
        "summary": {"en": product.description.en, "cy": product.description.cy},
        "quality": {"en": not_official.en, "cy": not_official.cy},
        "designation": "none",
        "data_table": "data.csv",
        "columns": {
            VALUE: {"role": "data_values"},
            MEASURE: {"role": "measure", "lookup": "measure.csv"},
            NOTES: {"role": "note_codes"},
            **{
                column: {"role": "dimension", "lookup": f"{name}.csv"}
                for column, name in DIMENSIONS.items()
            },
        },
        "update": {"action": update_action(found), "table": "update.csv"},
        "note_codes": {c: {"en": w.en, "cy": w.cy} for c, w in terms("note_codes").items()},
    }


def _changed(values: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Figures that were added or changed, as they are now."""
    key = list(FIGURE_KEY)
    return values.merge(changes[key], on=key, how="inner")


def _fact_bytes(rows: Iterable[tuple[str, ...]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return sink.getvalue().encode()


def _schema(name: str) -> pa.Schema:
    whole = {"SortOrder", "Decimals"}
    return pa.schema(
        [
            (column, pa.int64() if column in whole else pa.string())
            for column in LOOKUP_COLUMNS[name]
        ]
    )


def _row(
    place: int,
    code: str,
    english: str,
    welsh: str,
    notes: tuple[str | None, str | None] = (None, None),
    **more: Any,
) -> dict[str, Any]:
    described = (code, english, welsh, *notes)
    return dict(zip((REFERENCE, *TEXTS), described, strict=True)) | {"SortOrder": place, **more}


def _measures(catalogue: pd.DataFrame, used: set[str]) -> list[dict[str, Any]]:
    rows = (row for row in records(catalogue) if row["indicator"] in used)
    return [
        _row(
            place,
            row["indicator"],
            f"{row['title_en']} ({row['unit_en']})",
            f"{row['title_cy']} ({row['unit_cy']})",
            (_notes(row, "en"), _notes(row, "cy")),
            Decimals=row["decimals"],
        )
        for place, row in enumerate(rows, start=1)
    ]


def _notes(row: dict[str, Any], language: str) -> str | None:
    parts = (row[f"definition_{language}"], row[f"caveat_{language}"])
    return " ".join(part for part in parts if part) or None


def _areas(areas: pd.DataFrame, used: set[str]) -> list[dict[str, Any]]:
    rows = [row for row in records(areas) if row["area_code"] in used]
    return [
        _row(
            place,
            row["area_code"],
            row["name_en"],
            row["name_cy"],
            Hierarchy=row["parent_code"] if row["parent_code"] in used else None,
        )
        for place, row in enumerate(rows, start=1)
    ]


def _periods(periods: pd.DataFrame, used: set[str]) -> list[dict[str, Any]]:
    rows = [row for row in records(periods) if row["period"] in used]
    rows.sort(key=lambda row: (row["period_end"], row["period"]))
    labels = [row["label"] or row["period"] for row in rows]
    return [
        _row(place, row["period"], *(_label(row, labels),) * 2)
        for place, row in enumerate(rows, start=1)
    ]


def _label(row: dict[str, Any], labels: list[str]) -> str:
    """The label; with its dates where two periods of the product are written alike."""
    label = row["label"] or row["period"]
    is_shared = labels.count(label) > 1
    return f"{label} ({row['period_start']} – {row['period_end']})" if is_shared else label
