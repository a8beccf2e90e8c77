"""Findings for people: rows, JSON, the officer's page and the tables, with nothing that runs."""

import csv
import io
import json
import zipfile
from html.parser import HTMLParser

import openpyxl
import pandas as pd
import pytest

from sql.frames import conform
from validations.findings import Names, collapse, cut, message, split_message
from validations.messages import LANGS, catalogue
from validations.report import as_json, counts, table_rows
from validations.reports import templates
from validations.reports.officer import as_html
from validations.reports.owners import NOBODY, owners, tally
from validations.reports.tables import findings_csv, findings_xlsx
from validations.rules.examples import answers, context, series
from validations.validate import validate_answers

HOSTILE = "<script>alert('x')</script>"
FORMULA = '=HYPERLINK("http://example.org")'


def findings(*rows):
    return validate_answers(answers(rows), context()).findings


def broken():
    return findings(
        {"value_text": "1.2m"},
        {"period_text": "2021", "value_text": HOSTILE, "source_file": f"{HOSTILE}.csv"},
        *series({"2018": "10", "2019": "100"}),
    )


def test_a_row_says_place_what_and_remedy():
    rows = table_rows(findings({"value_text": "1.2m"}))
    row = next(row for row in rows if row["code"] == "number_unreadable")
    assert row["place"] == "births.csv, row 2, column value, Births, Cardiff, 2022"
    assert row["what"] == '"1.2m" cannot be read as a number.'
    assert row["remedy"] == "Type it in figures only, such as 1200000."
    assert (row["severity"], row["source_row"], row["n_rows"]) == ("error", 2, 1)
    assert (row["source_file"], row["source_column"]) == ("births.csv", "value")


def test_every_message_comes_apart_into_what_it_was_made_of():
    made = broken()
    for lang in LANGS:
        whole = sorted(made[f"message_{lang}"])
        parts = [f"{r['place']}: {r['what']} {r['remedy']}" for r in table_rows(made, lang)]
        assert sorted(parts) == whole


def test_a_council_is_called_by_its_name_and_the_remedy_still_comes_apart():
    made = dict.fromkeys(("dataset", "severity", "level"), "x") | {"n_rows": 1}
    named = {"W06000015": {"en": "Cardiff", "cy": "Caerdydd"}}
    names = Names(lambda code, lang: named.get(code, {}).get(lang, code), lambda text, lang: text)
    for code, remedy in {
        "figures_of_another_council": "Gwiriwch nad ffigurau Caerdydd (W06000015) ydynt; ",
        "councils_exchanged": "Gwiriwch nad ffigurau Caerdydd (W06000015) ydynt; ",
    }.items():
        record = {**made, "code": code, "expected": "W06000015"}
        text = message(record, names, "cy")
        assert "Caerdydd (W06000015)" in text.removesuffix(remedy)
        parts = split_message(text, code, "", "W06000015", "cy")
        assert parts["remedy"].startswith(remedy)
        assert f"{parts['place']}: {parts['what']} {parts['remedy']}" == text


def test_errors_come_first_and_are_counted():
    made = broken()
    levels = [row["level"] for row in table_rows(made, "cy")]
    assert levels == sorted(levels, key=["error", "query", "note"].index)
    assert table_rows(made, "cy")[0]["severity"] == "gwall"
    assert counts(made)["errors"] == levels.count("error")


def test_json_has_both_languages():
    made = broken()
    read = json.loads(as_json(made, "births.csv"))
    assert read["file"] == "births.csv"
    first = read["findings"][0]
    assert first["en"]["remedy"] != first["cy"]["remedy"]
    assert read["errors"] == counts(made)["errors"] >= 2


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.outside, self.langs, self.ids = [], [], [], []

    def handle_starttag(self, tag, attrs):
        held = dict(attrs)
        self.tags.append(tag)
        self.langs.append(held.get("lang"))
        self.ids += [held["id"]] if "id" in held else []
        self.outside += [
            value
            for name, value in attrs
            if name in ("src", "href") and not str(value).startswith("#")
        ]


def test_the_officers_page_is_bilingual_stands_alone_and_runs_nothing():
    made = broken()
    text = as_html(made, HOSTILE)
    page = _Page()
    page.feed(text)
    assert "script" not in page.tags
    assert page.outside == []
    assert {"en", "cy"} <= set(page.langs)
    assert len(page.ids) == len(set(page.ids))
    kinds = made["severity"].nunique()
    assert page.tags.count("table") == page.tags.count("caption") == 2 * kinds
    assert "&lt;script&gt;" in text


def test_a_clean_file_says_so():
    text = as_html(findings({}).head(0), "births.csv")
    assert "Nothing to correct" in text
    assert "Nid oes dim i&#39;w gywiro" in text
    assert "<table" not in text


def test_a_page_shows_the_first_rows_and_says_that_there_are_more(monkeypatch):
    monkeypatch.setattr(templates, "SHOWN", 3)
    made = findings(*({"value_text": "1.2m", "source_row": n} for n in range(2, 12)))
    some = pd.concat([made[made["severity"] == "error"].head(1)] * 10, ignore_index=True)
    text = as_html(some, "births.csv")
    assert text.count("Type it in figures only") == 3
    assert "The first 3 of 10" in text
    assert "Y 3 cyntaf o 10" in text


@pytest.mark.parametrize("lang", LANGS)
def test_tables_are_text_that_no_spreadsheet_runs(lang):
    made = broken()
    made.loc[0, f"message_{lang}"] = f"{FORMULA}: @SUM(1). -1"
    made.loc[1, f"message_{lang}"] = "\x0b\ufffe: odd letters. Nothing"
    listed = list(csv.reader(io.StringIO(findings_csv(made, lang).decode("utf-8-sig"))))
    assert len(listed) == len(made) + 1
    assert not any(cell[:1] in ("=", "@", "+") for row in listed for cell in row)
    book = openpyxl.load_workbook(io.BytesIO(findings_xlsx(made, [], "council", lang)))
    (sheet,) = book.worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert FORMULA in {cell.value for cell in cells}
    assert sheet.max_row == len(made) + 1


def test_the_same_findings_are_the_same_bytes():
    made = broken()
    line = {"name": "Conwy", **dict.fromkeys(("n_raw", "accepted", "rejected"), 1)}
    lines = [{**line, "duplicate": 0, "kept": 0}]
    first, second = (findings_xlsx(made, lines, "council", "en") for _ in range(2))
    assert first == second
    assert findings_csv(made, "cy") == findings_csv(made, "cy")
    assert as_html(made, "a.csv") == as_html(made, "a.csv")
    with zipfile.ZipFile(io.BytesIO(first)) as book:
        assert b"2000-01-01T00:00:00Z" in book.read("docProps/core.xml")
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 2, "one table a sheet"


WHOSE = [
    ("returns/W06000001/waste.csv", None, "W06000015", "W06000001"),
    ("returns/w06000001/waste.csv", "AR/2024-25/W06000015/2025.1/s1", None, "W06000001"),
    ("sent.csv", "AR/2024-25/W06000015/2025.1/s1", "W06000001", "W06000015"),
    ("https://example.org/W06000015/data", None, "W06000001", "W06000001"),
    (None, None, " w06000001 ", "W06000001"),
    (None, None, "W92000004", NOBODY),
    ("returns/W06999999/waste.csv", None, "W06000001", NOBODY),
    ("dft/vehicles.csv", None, None, NOBODY),
]


def test_a_row_belongs_to_the_folder_then_the_reference_then_the_area():
    made = pd.DataFrame(WHOSE, columns=["source_file", "return_ref", "area_code", "owner"])
    found = owners(
        conform(made.drop(columns="owner"), "validation_findings", fill=True),
        ["W06000001", "W06000015"],
    )
    assert found.tolist() == made["owner"].tolist()


def test_every_row_is_tallied_once():
    raw = answers([{}, {"period_text": "2021"}, {"period_text": "2021"}, {"value_text": "bad"}])
    judged = validate_answers(raw, context())
    counted = tally(judged.accepted, judged.rejected, ["W06000015"])
    assert counted["n_raw"].sum() == len(raw)
    assert counted[["accepted", "rejected", "duplicate", "kept"]].sum().tolist() == [2, 1, 1, 0]
    none = tally(judged.accepted.head(0), judged.rejected.head(0), ["W06000015"])
    assert none.empty


def test_every_word_of_a_page_is_said_in_both_languages():
    said = [set(catalogue(lang)["words"]) for lang in LANGS]
    assert said[0] == said[1]


def test_what_was_seen_is_cut_and_has_no_line_breaks():
    assert cut("a" * 50) == "a" * 39 + "…"
    assert cut("one\ntwo\x00") == "one two"
    assert cut(None) is None


def test_one_cause_is_one_finding_and_what_differs_is_blank():
    records = [
        {"code": "x", "source_file": "f", "seen": "a", "area_code": area, "n_rows": 1}
        for area in ("W1", "W2")
    ]
    (merged,) = collapse(records, ("seen",))
    assert (merged["n_rows"], merged["seen"], merged["area_code"]) == (2, "a", None)
    assert len(collapse(records, None)) == 2
    assert len(collapse(records, ("area_code",))) == 2
