"""The workbooks of a release, read back by another library: accessible, whole, in Welsh too.

What is asked follows the Analysis Function's guidance on spreadsheets: a cover, contents and notes;
one table a sheet, marked up as a table, with one header row; no merged cells; no hidden rows; a
missing value explained in words.
"""

import io
import zipfile
from collections.abc import Mapping

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from assets.catalogue.checks import CORPORATE_AREAS, WELLBEING_GOALS
from assets.methods import breakdown_gaps, change, narrowing, real_terms, sector, watch_list
from assets.publishing.candidates import ProductFacts
from assets.publishing.sheets import SHOWN, chosen_rows, sheets_of
from assets.publishing.tables import TABLE_NAMES
from assets.publishing.terms import terms
from assets.publishing.words import Words
from assets.publishing.workbook import About, workbook, workbooks
from sql.arrow import to_arrow
from sql.frames import conform
from sql.tables import table
from tests.release.sample import (
    COUNCILS,
    LAST_YEAR,
    PRODUCT,
    correct,
    large_figures,
    make_candidate,
    night_of,
    small_figures,
)

HOSTILE = "=cmd|' /C calc'!A0"


def figures() -> pd.DataFrame:
    made = correct(small_figures(), COUNCILS[0], LAST_YEAR, 1.0, value=-2.5, value_rounded=-2.5)
    hidden = {"note_code": "c", "missing_reason": "confidential", "value": None}
    return correct(made, COUNCILS[1], LAST_YEAR, 1.0, value_rounded=None, **hidden)


def arrow(frames: Mapping[str, pd.DataFrame]) -> dict[str, pa.Table]:
    return {name: to_arrow(frame, name) for name, frame in frames.items()}


@pytest.fixture(scope="module")
def books() -> dict[str, openpyxl.Workbook]:
    made, left_out = workbooks(about(), arrow(dict(night_of(figures()).items())))
    assert left_out == {}
    names = {"en": f"{PRODUCT}.xlsx", "cy": f"{PRODUCT}.cy.xlsx"}
    return {
        language: openpyxl.load_workbook(io.BytesIO(made[name])) for language, name in names.items()
    }


def cells(sheet: object) -> pd.DataFrame:
    """The sheet's one table."""
    (found,) = sheet.tables.values()
    rows = [[cell.value for cell in row] for row in sheet[found.ref]]
    return pd.DataFrame(rows[1:], columns=rows[0])


def test_sheets_stand_in_the_guided_order(books: dict[str, openpyxl.Workbook]) -> None:
    assert books["en"].sheetnames[:3] == ["Cover", "Contents", "Notes"]
    assert books["cy"].sheetnames[:3] == ["Clawr", "Cynnwys", "Nodiadau"]
    assert len(books["en"].sheetnames) == len(books["cy"].sheetnames)


@pytest.mark.parametrize("language", ["en", "cy"])
def test_every_sheet_is_one_real_table(books: dict[str, openpyxl.Workbook], language: str) -> None:
    for sheet in books[language].worksheets[1:]:
        assert len(sheet.tables) == 1, sheet.title
        assert not sheet.merged_cells.ranges, sheet.title
        assert sheet["A1"].value
        assert sheet.sheet_state == "visible"
        heads = list(cells(sheet).columns)
        assert all(heads)
        assert len({head.lower() for head in heads}) == len(heads)
    for sheet in books[language].worksheets[3:]:
        assert sheet.freeze_panes == "B5", "headers and the first column stay in sight"
        assert all(item.width >= 10 for item in sheet.column_dimensions.values())


@pytest.mark.parametrize("language", ["en", "cy"])
def test_the_contents_lead_to_every_sheet(
    books: dict[str, openpyxl.Workbook], language: str
) -> None:
    book = books[language]
    contents = book.worksheets[1]
    listed = cells(contents)
    assert list(listed.iloc[:, 0]) == book.sheetnames[3:]
    targets = [row[0].hyperlink.location for row in contents.iter_rows(min_row=3)]
    assert targets == [f"'{name}'!A1" for name in book.sheetnames[3:]]
    for name, n_rows in zip(listed.iloc[:, 0], listed.iloc[:, 1], strict=True):
        assert len(cells(book[name])) == n_rows


def test_numbers_are_numbers_and_a_missing_one_has_its_code(
    books: dict[str, openpyxl.Workbook],
) -> None:
    shown = cells(books["en"]["Figures"])
    assert len(shown) == len(figures())
    assert shown["Value"].dropna().map(lambda value: isinstance(value, int | float)).all()
    assert shown["Value"].min() == -2.5
    missing = shown[shown["Value"].isna()]
    assert list(missing["Note codes"]) == ["c"]
    assert list(missing["Why there is no value"]) == ["confidential"]
    welsh = cells(books["cy"]["Ffigurau"])
    assert list(welsh.loc[welsh["Gwerth"].isna(), "Pam nad oes gwerth"]) == ["cyfrinachol"]


def test_the_same_numbers_in_both_languages(books: dict[str, openpyxl.Workbook]) -> None:
    for english, welsh in zip(books["en"].worksheets[3:], books["cy"].worksheets[3:], strict=True):
        numbers = [cells(sheet).select_dtypes("number") for sheet in (english, welsh)]
        assert (numbers[0].to_numpy() == numbers[1].to_numpy())[numbers[0].notna()].all()
        assert english.title != welsh.title


def test_the_cover_says_what_a_reader_must_know(books: dict[str, openpyxl.Workbook]) -> None:
    for language, words in {
        "en": ("Version 1.0.0", "Not official statistics", "Open Government Licence", "cy.xlsx"),
        "cy": ("Fersiwn 1.0.0", "Nid ystadegau swyddogol", "Llywodraeth Agored", ".xlsx"),
    }.items():
        text = " ".join(str(row[0].value) for row in books[language].worksheets[0])
        for word in (*words, "Welsh Government", "https://statswales.gov.wales", "sample"[:3]):
            assert word in text, (language, word)
        assert books[language].properties.title.endswith("1.0.0")
        (said,) = books[language].custom_doc_props.props
        assert (said.name, said.value) == ("Language", {"en": "en-GB", "cy": "cy-GB"}[language])


def test_text_like_a_formula_is_text() -> None:
    tables = night_of(small_figures())
    areas = tables.areas.assign(name_en=[HOSTILE, *tables.areas["name_en"][1:]])
    frames = arrow({**dict(tables.items()), "areas": areas})
    content = workbook(about(), chosen_rows(frames), "en")
    book = openpyxl.load_workbook(io.BytesIO(content))
    cell = book["Areas"]["A5"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (HOSTILE, "s", True)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if "worksheets/sheet" in name]
    assert not any(b"<f>" in sheet for sheet in sheets), "no workbook holds a formula"


def about() -> About:
    product: ProductFacts = make_candidate(night_of(small_figures())).product
    return About(product, "1.0.0", Words("First", "Cyntaf"), "sample", is_draft=True)


def test_a_table_that_is_not_known_is_shown_whole() -> None:
    """Tables that come later need no change here: names beside codes, then every column."""
    tables = dict(night_of(small_figures()).items())
    sources = pd.DataFrame({"dataset": ["births"], "title_en": ["Births"], "title_cy": ["Geni"]})
    frames = arrow({**tables, "sources": conform(sources, "sources", fill=True)})
    shown = {sheet.table: sheet for sheet in sheets_of(chosen_rows(frames), {}, "cy")}["sources"]
    assert dict(zip(shown.headings, shown.columns, strict=True))["Teitl"] == ["Geni"]
    assert {"Set ddata", "Cyhoeddwr", "age days"} <= set(shown.headings)


def test_comparisons_are_those_of_the_latest_period() -> None:
    tables = arrow(dict(night_of(large_figures(2, 5, 3)).items()))
    shown = {sheet.table: sheet for sheet in sheets_of(chosen_rows(tables), {}, "en")}[
        "comparisons"
    ]
    assert set(dict(zip(shown.headings, shown.columns, strict=True))["Period"]) == {"2012-13"}
    assert "data/excel/comparisons.csv" in shown.about


def test_what_is_too_long_for_a_workbook_is_left_out_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.publishing.workbook.MAX_ROWS", 5)
    made, left_out = workbooks(about(), arrow(dict(night_of(small_figures()).items())))
    assert made == {}
    ((name, why),) = left_out.items()
    assert name == f"{PRODUCT}.xlsx"
    assert "30 rows" in why.en
    assert "30 rhes" in why.cy


def test_every_column_and_table_that_is_shown_has_words() -> None:
    known = terms("columns")
    shown = {column for columns in SHOWN.values() for column in columns}
    assert shown <= set(known)
    assert {*TABLE_NAMES, "changes", "knock_on"} <= set(terms("tables"))
    for name in set(TABLE_NAMES) - set(SHOWN):
        own = (column.name.removesuffix("_en") for column in table(name).columns)
        assert {column for column in own if not column.endswith("_cy")} <= set(known), name


def test_every_reason_a_method_gives_has_words() -> None:
    reasons = {
        *change.REASONS,
        *(narrowing.TOO_FEW, narrowing.A_COUNT, real_terms.NO_INDEX, real_terms.NO_VALUE),
        *(sector.NO_POLARITY, sector.A_STOCK, sector.NO_CHANGE_KNOWN, watch_list.NO_TEST),
        *(breakdown_gaps.PART_OF_WHOLE, breakdown_gaps.NO_REFERENCE, breakdown_gaps.NO_INTERVAL),
        *(breakdown_gaps.TOO_FEW_GROUPS, breakdown_gaps.GROUP_MISSING, breakdown_gaps.NO_SHARE),
        breakdown_gaps.NO_GROUP_INTERVAL,
        *sector.LISTS,
        *CORPORATE_AREAS,
        *WELLBEING_GOALS,
    }
    assert reasons <= set(terms("words"))


def test_reasons_and_codes_are_written_out_in_welsh() -> None:
    frames = dict(night_of(small_figures()).items())
    rows = {
        "narrowing": {"reason": narrowing.A_COUNT, "indicator": "recycling", "period": LAST_YEAR},
        "sector_summaries": {
            "area_code": COUNCILS[0],
            "summary_by": "wellbeing_goals",
            "summary_code": "prosperous",
            "not_comparable": f"{sector.NO_POLARITY}: 2; {sector.A_STOCK}: 1",
        },
        "knock_on": {"table": "benchmarks", "column": "mad", "because_of": ";".join(COUNCILS[:2])},
    }
    frames |= {name: conform(pd.DataFrame([row]), name, fill=True) for name, row in rows.items()}
    shown = {sheet.table: sheet for sheet in sheets_of(chosen_rows(arrow(frames)), {}, "cy")}
    said = {name: {cells[0] for cells in shown[name].columns} for name in rows}
    assert "nid oes gwasgariad rhwng cynghorau i gyfrif" in said["narrowing"]
    assert {
        "nod llesiant",
        "Cymru lewyrchus",
        "nid oes cyfeiriad da: 2; nid yw stoc byth yn gwella: 1",
    } <= said["sector_summaries"]
    both = "Cyngor W06000001, Cyngor W06000002"
    assert {"Meincnodau", "Gwyriad absoliwt canolrifol", both} <= said["knock_on"]


def test_ordered_groups_are_named_in_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    fifths = {
        "deprivation": Words("Fifth of deprivation", "Pumed amddifadedd"),
        "deprivation:1": Words("Most deprived fifth", "Pumed mwyaf difreintiedig"),
        "deprivation:5": Words("Least deprived fifth", "Pumed lleiaf difreintiedig"),
    }
    for place in ("terms", "sheets"):
        monkeypatch.setattr(
            f"assets.publishing.{place}.terms",
            lambda section: terms(section) | (fifths if section == "breakdowns" else {}),
        )
    row = {"indicator": "recycling", "period": LAST_YEAR, "area_code": COUNCILS[0]}
    row |= {"breakdown_type": "deprivation", "first_group": "1", "last_group": "5"}
    made = pd.DataFrame([row]).assign(sii=-4.25, reason=breakdown_gaps.NO_GROUP_INTERVAL)
    frames = dict(night_of(small_figures()).items())
    tables = arrow(frames | {"inequality_indices": conform(made, "inequality_indices", fill=True)})
    for language, place, why in (
        ("en", ("Council W06000001", *(words.en for words in fifths.values())),
         "no interval for every group"),
        ("cy", ("Cyngor W06000001", *(words.cy for words in fifths.values())),
         "dim cyfwng ar gyfer pob grŵp"),
    ):  # fmt: skip
        sheets = {sheet.table: sheet for sheet in sheets_of(chosen_rows(tables), {}, language)}
        cells = [column[0] for column in sheets["inequality_indices"].columns]
        assert {*place, -4.25, why} <= set(cells)


def test_titles_of_sheets_fit_excel() -> None:
    for words in terms("tables").values():
        for title in (words.en, words.cy):
            assert len(title) <= 31
            assert not set(title) & set("[]:*?/\\")
