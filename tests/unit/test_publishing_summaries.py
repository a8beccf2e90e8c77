"""What a version and a page say of lists, summaries and real terms."""

import dataclasses

import pandas as pd

from assets.publishing.diff import difference
from assets.publishing.page_lists import chance_totals, figure_text, summary_rows, watch_rows
from assets.publishing.tables import ProductTables
from assets.publishing.version import next_version
from sql.frames import conform
from sql.summary_tables import SUMMARY_TABLES
from tests.release.sample import COUNCILS, LAST_YEAR, correct, night_of, small_figures

LISTED = {"indicator_set": "p", "indicator": "recycling", "period": LAST_YEAR}
WATCHED = {
    **LISTED,
    "area_code": COUNCILS[0],
    "group_code": "neighbours",
    "value_rounded": 51.45,
    "headline": 60.0,
    "test": "no test",
    "n_tested": 6,
    "expected_by_chance": 0.006,
    "reason_en": "lowest band twice running",
    "reason_cy": "yn y band isaf ddwywaith yn olynol",
}
REAL = {
    "indicator": "recycling",
    "period": LAST_YEAR,
    "area_code": COUNCILS[0],
    "breakdown_type": "total",
    "breakdown": "total",
    "value": 100.0,
    "real_value": 110.0,
    "deflator": "gdp_deflator",
    "deflator_published": "2025-06-30",
    "reference_period": "2024-04-01/P1Y",
    "deflator_base": "2022 = 100",
}


def with_table(tables: ProductTables, name: str, *rows: dict[str, object]) -> ProductTables:
    made = conform(pd.DataFrame(list(rows)), name, fill=True)
    return dataclasses.replace(tables, **{name: made})


def real(**cells: object) -> ProductTables:
    rows = [{**REAL, "area_code": council, **cells} for council in COUNCILS]
    return with_table(night_of(small_figures()), "real_terms", *rows)


def told(old: ProductTables, new: ProductTables) -> list[tuple[str, str]]:
    return [(item.level, item.words.en) for item in difference(old, new).notices]


# --- versions -------------------------------------------------------------------------------------


def test_a_new_base_of_prices_is_one_reason_and_no_changed_figure() -> None:
    found = difference(real(), real(reference_period="2025-04-01/P1Y", real_value=113.0))
    assert len(found.changes) == 0
    assert [item.words.en for item in found.notices] == [
        "Real terms rebased: 5 figures are shown in the prices of another period or index"
    ]
    assert next_version("1.2.3", found).version == "1.3.0"


def test_newer_prices_are_one_reason_and_another_day_alone_is_none() -> None:
    again = real(deflator_published="2025-09-30", real_value=111.0)
    assert told(real(), again) == [
        ("minor", "Real terms recalculated with newer prices: 5 figures")
    ]
    assert told(real(), real(deflator_published="2025-09-30")) == []


def test_a_list_that_moves_without_a_figure_says_so() -> None:
    old = with_table(night_of(small_figures()), "watch_list", WATCHED)
    new = with_table(night_of(small_figures()), "watch_list", {**WATCHED, "n_tested": 7})
    assert told(old, new) == [
        ("patch", "1 rows of watch_list were recalculated without a changed figure")
    ]
    changed = correct(small_figures(), COUNCILS[0], LAST_YEAR, 900.0)
    explained = with_table(night_of(changed), "watch_list", {**WATCHED, "n_tested": 7})
    assert not [words for _, words in told(old, explained) if "watch_list" in words]


def test_tables_an_older_release_does_not_have_make_a_minor_version() -> None:
    night = night_of(small_figures())
    absent = {name: pd.DataFrame() for name in SUMMARY_TABLES}
    found = difference(dataclasses.replace(night, **absent), night)
    assert [item.level for item in found.notices] == ["minor"]
    assert "watch_list, practice_finder, sector_summaries" in found.notices[0].words.cy
    assert next_version("1.0.0", found).version == "1.1.0"


# --- the page -------------------------------------------------------------------------------------


def test_the_page_says_no_test_and_whom_to_ask() -> None:
    neighbours = [
        {**LISTED, "area_code": COUNCILS[0], "group_code": "neighbours", "neighbour_code": code}
        | {"distance_rank": rank}
        for rank, code in ((2, COUNCILS[1]), (1, COUNCILS[3]))
    ]
    tables = with_table(night_of(small_figures()), "watch_list", WATCHED)
    (row,) = watch_rows(with_table(tables, "practice_finder", *neighbours))
    names = tables.areas.set_index("area_code")["name_cy"]
    assert row["test_words"].cy == "dim prawf"
    assert row["ask"].cy == f"{names[COUNCILS[3]]}, {names[COUNCILS[1]]}"
    assert (row["figure"], row["neighbours"]) == ("51.5", "60.0")
    assert chance_totals(tables) == (6, "0.01")


def test_a_share_stands_beside_what_chance_gives() -> None:
    row = {"indicator_set": "p", "summary_by": "all", "summary_code": "all", "group_code": "all"}
    row |= {"area_code": COUNCILS[0], "n_improved": 3, "n_comparable": 4}
    tables = with_table(
        night_of(small_figures()),
        "sector_summaries",
        {**row, "top_pct": 50.0, "expected_top_pct": 27.27},
        {**row, "summary_by": "theme", "top_pct": 1.0},
    )
    (shown,) = summary_rows(tables)
    assert (shown["improved"], shown["top"], shown["bottom"]) == ("3 / 4", "50 (27)", "")


def test_numbers_are_rounded_half_away_from_zero() -> None:
    assert [figure_text(number, 1) for number in (2.25, -2.25, 1234.0, None)] == [
        "2.3",
        "-2.3",
        "1,234.0",
        "",
    ]
