"""The StatsWales 3 files of a release against the rules of that service, as far as on record.

The rules are written out here a second time, on the bytes of the files alone: one column of data
values, one of measures, one of note codes and at least one dimension; values are plain decimals or
blank; measure and dimensions identify a row; every code has one row in its lookup, with both
languages; a hierarchy names a row of the same lookup; sort orders and decimals are whole numbers.
"""

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from assets.catalogue.load import load_catalogue
from assets.publishing.diff import Difference
from assets.publishing.statswales import plain_decimal, update_action, write_statswales
from assets.publishing.store import ReleaseStore
from assets.publishing.terms import terms
from sql.frames import conform, empty
from tests.release.sample import (
    COUNCILS,
    LAST_YEAR,
    PRODUCT,
    correct,
    make_candidate,
    night_of,
    small_figures,
)

VALUE = re.compile(r"^([+-]?[0-9]+[.]?[0-9]*|[.][0-9]+)$")
CODES = {*"abcefkuxzwsprt", "ns", "ss", "sss"}
BOTH = ("Description_en", "Description_cy")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def faults(folder: Path) -> list[str]:
    """What StatsWales 3 would refuse in a folder of its files; its own names of the faults."""
    described = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    roles = {name: facts["role"] for name, facts in described["columns"].items()}
    said = []
    for table in (described["data_table"], described["update"]["table"]):
        said += [f"{table}: {fault}" for fault in _table_faults(folder, table, roles, described)]
    return said


def _table_faults(
    folder: Path, table: str, roles: dict[str, str], described: dict[str, Any]
) -> list[str]:
    facts, said = rows_of(folder / table), []
    counted = Counter(roles.values())
    if (counted["data_values"], counted["measure"], counted["note_codes"]) != (1, 1, 1):
        said.append("no_data_value_column")
    with (folder / table).open(encoding="utf-8") as file:
        if set(next(csv.reader(file))) != set(roles):
            said.append("unmatched_columns")
    column = {role: name for name, role in roles.items()}
    keys = [name for name, role in roles.items() if role in ("measure", "dimension")]
    if any(
        row[column["data_values"]] and not VALUE.match(row[column["data_values"]]) for row in facts
    ):
        said.append("non_numeric_data_value")
    if any(set(row[column["note_codes"]].split(",")) - CODES - {""} for row in facts):
        said.append("bad_note_codes")
    if any(not row[key] for row in facts for key in keys):
        said.append("incomplete_fact")
    if len({tuple(row[key] for key in keys) for row in facts}) < len(facts):
        said.append("duplicate_fact")
    for name in keys:
        said += _lookup_faults(
            folder, described["columns"][name]["lookup"], {r[name] for r in facts}
        )
    return said


def _lookup_faults(folder: Path, file: str, used: set[str]) -> list[str]:
    lookup = rows_of(folder / file)
    codes = [row["ReferenceCode"] for row in lookup]
    said = []
    if used - set(codes):
        said.append(f"{file}: some_references_failed_to_match")
    if len(set(codes)) < len(codes):
        said.append(f"{file}: primary_key_failed")
    if any(not row[text] for row in lookup for text in BOTH):
        said.append(f"{file}: missing_languages")
    if any(bool(row["Notes_en"]) != bool(row["Notes_cy"]) for row in lookup):
        said.append(f"{file}: notes in one language")
    if any(row.get("Hierarchy") and row["Hierarchy"] not in codes for row in lookup):
        said.append(f"{file}: bad_hierarchy")
    numbers = [row[name] for row in lookup for name in ("SortOrder", "Decimals") if name in row]
    if any(not re.fullmatch(r"[0-9]+", number) for number in numbers):
        said.append(f"{file}: sort_contains_text")
    return said


def tricky() -> pd.DataFrame:
    """Figures with what StatsWales is strict about: tiny values, missing ones, several codes."""
    figures = correct(small_figures(), COUNCILS[0], LAST_YEAR, 1.0, value=1.23e-7)
    figures = correct(figures, COUNCILS[1], LAST_YEAR, 1.0, note_code="b,p", value=-0.5)
    return correct(
        figures, COUNCILS[2], LAST_YEAR, 1.0, note_code="x", value=None, value_rounded=None
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of a first upload."""
    tables = night_of(tricky())
    first = Difference(empty("changes"), empty("knock_on"), (), is_first=True)
    write_statswales(tmp_path, make_candidate(tables).product, tables, first)
    return tmp_path / "statswales"


def test_statswales_would_take_the_files(folder: Path) -> None:
    assert faults(folder) == []
    assert len(rows_of(folder / "data.csv")) == len(tricky())


def test_every_figure_stands_in_the_data_table(folder: Path) -> None:
    cells = {
        (row["PeriodCode"], row["AreaCode"], row["Measure"]): (row["Data"], row["NoteCodes"])
        for row in rows_of(folder / "data.csv")
    }
    assert cells[LAST_YEAR, COUNCILS[0], "recycling"] == ("0.000000123", "")
    assert cells[LAST_YEAR, COUNCILS[1], "recycling"] == ("-0.5", "b,p")
    assert cells[LAST_YEAR, COUNCILS[2], "recycling"] == ("", "x")


@pytest.mark.parametrize(
    ("file", "was", "now", "fault"),
    [
        ("data.csv", "0.000000123", "1.23e-07", "non_numeric_data_value"),
        ("data.csv", '"b,p"', "q", "bad_note_codes"),
        ("data.csv", "W06000001,total", ",total", "incomplete_fact"),
        ("area.csv", '"W06000001"', '"W06000009"', "some_references_failed_to_match"),
        ("area.csv", '"Cyngor W06000001"', '""', "missing_languages"),
    ],
)
def test_the_rules_notice_what_statswales_refuses(
    folder: Path, file: str, was: str, now: str, fault: str
) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert was in text
    (folder / file).write_text(text.replace(was, now, 1), encoding="utf-8")
    assert any(fault in said for said in faults(folder))


def test_the_update_table_holds_what_changed_and_nothing_else(two_versions: ReleaseStore) -> None:
    folder = two_versions.path(PRODUCT) / "statswales"
    (row,) = rows_of(folder / "update.csv")
    assert (row["AreaCode"], row["Measure"], row["Data"]) == (COUNCILS[0], "recycling", "90")
    described = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    assert described["update"]["action"] == "correction"
    assert faults(folder) == []


@pytest.mark.parametrize(
    ("classes", "action"),
    [
        (["new", "late data"], "add"),
        (["planned revision"], "revise"),
        (["planned revision", "new"], "add_revise"),
        (["correction"], "correction"),
        (["correction", "new"], "replace_all"),
        (["removed"], "replace_all"),
        ([], None),
    ],
)
def test_one_action_for_the_whole_update(classes: list[str], action: str | None) -> None:
    changes = conform(pd.DataFrame({"reason_class": classes}, dtype="str"), "changes", fill=True)
    assert update_action(Difference(changes, empty("knock_on"), ())) == action


def test_a_first_upload_is_the_whole_table() -> None:
    first = Difference(empty("changes"), empty("knock_on"), (), is_first=True)
    assert update_action(first) == "replace_all"


@pytest.mark.parametrize("value", [0.1, 1e-9, 123456789.125, 1e22, -2.0, 5.0])
def test_a_plain_decimal_is_the_same_number(value: float) -> None:
    assert VALUE.match(plain_decimal(value))
    assert float(plain_decimal(value)) == value


def test_every_breakdown_of_the_catalogue_has_words() -> None:
    measures = load_catalogue().measures.values()
    wanted = {f"{m.breakdown_type}:{b}" for m in measures for b in m.breakdowns if b != "total"}
    assert wanted <= set(terms("breakdowns")), "a breakdown without words would be refused"
    assert set(terms("note_codes")) == CODES
