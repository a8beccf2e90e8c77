"""One night with every kind of broken file at once: found, named, kept out, and nothing lost."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from assets.publishing.night import NightReport
from assets.publishing.released import load_release_tables
from tests.edits import Row, edit_file, edit_rows, versions_of
from tests.house import House

RECYCLING = "municipal_waste_recycled"
LATEST = "2024-04-01/P1Y"
ULEV = "Ultra low emission vehicles"


def return_of(house: House, council: str) -> Path:
    return house.home.inbox / "returns" / council / "waste-2024-25.csv"


def rename_column(path: Path) -> None:
    path.write_text(path.read_text().replace("value", "figure", 1))


def drop_column(path: Path) -> None:
    lines = [line.rsplit(",", 1)[0] for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines) + "\n")


def repeat_row(rows: list[Row]) -> list[Row]:
    return [*rows, dict(rows[-1])]


Breaking = tuple[str, Callable[[Path], object], str, str | None]
BROKEN_RETURNS: list[Breaking] = [
    ("W06000001", lambda path: path.write_bytes(b""), "empty_file", None),
    (
        "W06000002",
        lambda path: path.write_text(path.read_text().splitlines()[0] + "\n"),
        "header_only",
        None,
    ),
    ("W06000003", drop_column, "missing_column", "explanation"),
    ("W06000004", rename_column, "missing_column", "value"),
    (
        "W06000005",
        lambda path: edit_file(path, "WASTE01", {"value": "about 60"}),
        "number_unreadable",
        "value",
    ),
    (
        "W06000006",
        lambda path: edit_file(path, "WASTE01", {"value": "164.1"}),
        "above_maximum",
        "value",
    ),
    ("W06000008", lambda path: edit_rows(path, repeat_row), "duplicate_row", None),
    ("W06000009", lambda path: path.unlink(), "council_missing", None),
]


def break_everything(house: House) -> None:
    """Break the returns above, and two rows of a publisher's file."""
    for council, break_, _code, _column in BROKEN_RETURNS:
        break_(return_of(house, council))
    vehicles = house.home.inbox / "dft" / "licensed-vehicles-ulev.csv"
    edit_file(vehicles, "W06000010", {"area_code": "W06000099"}, nth=-1, measure=ULEV)
    edit_file(vehicles, "W06000011", {"value": "2943000"}, nth=-1, measure=ULEV)


def findings_of(house: House, code: str) -> pd.DataFrame:
    found = house.frame("validation_findings")
    return found[found["code"] == code]


@pytest.mark.parametrize(
    ("council", "code", "column"), [(c, k, n) for c, _, k, n in BROKEN_RETURNS]
)
def test_broken_return_is_named(
    broken: tuple[House, str], council: str, code: str, column: str | None
) -> None:
    house, _run = broken
    found = findings_of(house, code)
    place = found["source_file"].fillna("") + found["area_code"].fillna("")
    ours = found[place.str.contains(council)]
    assert len(ours) == 1
    row = ours.iloc[0]
    if column:
        assert column in (row["source_column"], *str(row["message_en"]).split('"'))
    for message in (row["message_en"], row["message_cy"]):
        assert message.count(".") >= 2, "what was seen, and what to do"
    assert row["message_en"] != row["message_cy"]


@pytest.mark.parametrize(
    ("code", "seen"), [("area_unknown", "W06000099"), ("unit_change", "2943000")]
)
def test_broken_publisher_file_is_named(broken: tuple[House, str], code: str, seen: str) -> None:
    house, _run = broken
    found = findings_of(house, code)
    assert len(found) == 1
    row = found.iloc[0]
    assert seen in row["message_en"]
    assert "licensed-vehicles-ulev.csv" in row["message_en"]
    assert row["source_row"] > 1
    assert row["severity"] == "error"


def test_nothing_wrong_is_published(broken: tuple[House, str]) -> None:
    house, run = broken
    report = NightReport.read(house.home.reports / f"{run}.json")
    assert {line.action for line in report.products} == {"nothing"}
    assert versions_of(house, "council-benchmarks") == ["1.0.0"]


def test_accepted_answers_stand_until_a_good_one_comes(
    broken: tuple[House, str], small_night: House
) -> None:
    house, _run = broken
    key = ["indicator", "period", "area_code", "breakdown_type", "breakdown"]
    before, after = (
        at.frame("indicator_values").set_index(key)["value"] for at in (small_night, house)
    )
    pd.testing.assert_series_equal(before, after)
    for council, _break, code, _column in BROKEN_RETURNS:
        answers = house.frame("validated_returns/waste_returns")
        ours = answers[(answers["area_code"] == council) & (answers["period"] == LATEST)]
        assert ours["is_kept"].tolist() == [code != "duplicate_row"], (council, code)


def test_first_night_without_a_good_answer_says_not_returned(empty_house: House) -> None:
    for council, break_, _code, _column in BROKEN_RETURNS:
        break_(empty_house.sample / "inbox" / "returns" / council / "waste-2024-25.csv")
    _result, report = empty_house.run()
    assert report is not None
    assert report.exit_status == 0
    released = load_release_tables(empty_house.home.releases / "council-benchmarks" / "1.0.0")
    figures = released.indicator_values.set_index(["indicator", "period", "area_code"])
    for council, _break, code, _column in BROKEN_RETURNS:
        row = figures.loc[(RECYCLING, LATEST, council)]
        if code == "duplicate_row":
            assert row["value"] > 0
        else:
            assert pd.isna(row["value"])
            assert (row["note_code"], row["missing_reason"]) == ("x", "not returned")


def test_nothing_is_lost_and_no_other_source_is_stopped(broken: tuple[House, str]) -> None:
    house, run = broken
    report = NightReport.read(house.home.reports / f"{run}.json")
    assert report.exit_status == 0
    lines = {line.dataset: line for line in report.sources}
    for line in lines.values():
        assert line.n_rows == line.accepted + line.rejected + line.duplicate
    assert lines["waste_returns"].kept == 7
    assert lines["waste_returns"].rejected == 6
    assert lines["waste_returns"].duplicate == 1
    assert lines["licensed_vehicles"].rejected == 2
    untouched = set(lines) - {"waste_returns", "licensed_vehicles"}
    assert {lines[name].state for name in untouched} <= {"unchanged", "never"}
