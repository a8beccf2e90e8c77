"""One corrected figure: exactly its own changelog row, and exactly what moved because of it."""

from pathlib import Path

import pandas as pd
import pytest

from assets.publishing.released import load_log, load_release_tables
from assets.publishing.tables import ProductTables
from sql.tables import FIGURE_KEY, column_names, key_of
from tests.edits import edit_file, versions_of
from tests.house import House

CARDIFF = "W06000015"
POSITION = ("rank", "band")
BENCHMARK = tuple(c for c in column_names("benchmarks") if c not in key_of("benchmarks"))


def correct_numerator(house: House) -> tuple[str, float, float]:
    """Cardiff's ultra low emission vehicles of 2025, as published: 7,637 becomes 7,837."""
    path = house.home.inbox / "dft" / "licensed-vehicles-ulev.csv"
    where = {"period": "2025", "measure": "Ultra low emission vehicles"}
    old = edit_file(path, CARDIFF, {"value": "7837"}, **where)
    assert old["value"] == "7637"
    return "ultra_low_emission_share", 7637, 7837


def correct_return(house: House) -> tuple[str, float, float]:
    """Cardiff's recycling of 2024-25 in its return: 64 becomes 66.5."""
    path = house.home.inbox / "returns" / CARDIFF / "waste-2024-25.csv"
    old = edit_file(path, "WASTE01", {"value": "66.5"})
    return "municipal_waste_recycled", float(old["value"]), 66.5


def release(house: House, product: str, version: str) -> Path:
    return house.home.releases / product / version


def moved(
    old: pd.DataFrame, new: pd.DataFrame, key: tuple[str, ...], columns: tuple[str, ...]
) -> set[tuple[str, ...]]:
    """(key..., column) of every cell that differs, found cell by cell from the released tables."""
    before = {tuple(row[name] for name in key): row for row in old.to_dict(orient="records")}
    after = {tuple(row[name] for name in key): row for row in new.to_dict(orient="records")}
    return {
        (*(str(part) for part in place), column)
        for place in before.keys() & after.keys()
        for column in columns
        if not same(before[place][column], after[place][column])
    }


def same(one: object, other: object) -> bool:
    return one == other or (pd.isna(one) and pd.isna(other))  # type: ignore[call-overload,no-any-return]  # cells of any type


def expected_knock_on(
    old: ProductTables, new: ProductTables, changes: pd.DataFrame
) -> set[tuple[str, ...]]:
    own = set(changes[list(FIGURE_KEY)].itertuples(index=False, name=None))
    key = key_of("comparisons")
    positions = moved(old.comparisons, new.comparisons, key, POSITION)
    others = {item for item in positions if item[: len(FIGURE_KEY)] not in own}
    standings = moved(old.benchmarks, new.benchmarks, key_of("benchmarks"), BENCHMARK)
    return {("comparisons", *item) for item in others} | {
        ("benchmarks", *item) for item in standings
    }


def logged_knock_on(log: pd.DataFrame) -> set[tuple[str, ...]]:
    keys = {name: [*key_of(name), "column"] for name in ("comparisons", "benchmarks")}
    rows = log.fillna("").to_dict(orient="records")
    return {(row["table"], *(str(row[name]) for name in keys[row["table"]])) for row in rows}


@pytest.mark.parametrize("correct", [correct_numerator, correct_return])
def test_one_corrected_figure_is_one_row_and_its_knock_on(whole_house: House, correct) -> None:  # type: ignore[no-untyped-def]  # one of two functions
    house = whole_house
    indicator, before, now = correct(house)
    _result, report = house.run()
    assert report is not None
    assert report.exit_status == 0
    holders = {
        product
        for product in house.catalogue.products
        if indicator in house.catalogue.product_indicators(product)
    }
    assert "council-benchmarks" in holders
    for line in report.products:
        expected = "publish" if line.product in holders else "nothing"
        assert (line.product, line.action) == (line.product, expected)
    for product in holders:
        check_release(house, product, indicator, before, now)


def check_release(house: House, product: str, indicator: str, before: float, now: float) -> None:
    assert versions_of(house, product) == ["1.0.0", "1.0.1"]
    folder = release(house, product, "1.0.1")
    changes = load_log(folder, "changes.csv")
    assert len(changes) == 1
    row = changes.iloc[0]
    assert (row["indicator"], row["area_code"], row["change_type"]) == (
        indicator,
        CARDIFF,
        "changed",
    )
    is_return = indicator == "municipal_waste_recycled"
    kind = "value" if is_return else "numerator"
    assert (row[f"old_{kind}"], row[f"new_{kind}"]) == (before, now)
    assert row["reason_class"] == "correction"
    assert row["reason_en"]
    assert row["reason_cy"] != row["reason_en"]
    assert pd.isna(row["return_ref"]) != is_return
    old, new = (load_release_tables(release(house, product, v)) for v in ("1.0.0", "1.0.1"))
    log = load_log(folder, "knock_on.csv")
    assert logged_knock_on(log) == expected_knock_on(old, new, changes)
    assert len(log) > 0
    assert set(log["because_of"]) == {CARDIFF}


def test_next_night_publishes_nothing_more(house: House) -> None:
    correct_return(house)
    house.run()
    _result, report = house.run()
    assert report is not None
    assert {line.action for line in report.products} == {"nothing"}
    assert versions_of(house, "council-benchmarks") == ["1.0.0", "1.0.1"]
