"""The officer's page: what a person reads, what a program reads, and nothing that runs."""

import json
from html.parser import HTMLParser

from validations.findings import collapse, cut
from validations.report import as_html, as_json, counts, table_rows
from validations.rules.examples import answers, context, series
from validations.validate import validate_answers

HOSTILE = "<script>alert('x')</script>"


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


def test_every_message_comes_apart_into_what_it_was_made_of():
    made = broken()
    for lang in ("en", "cy"):
        whole = sorted(made[f"message_{lang}"])
        parts = [f"{r['place']}: {r['what']} {r['remedy']}" for r in table_rows(made, lang)]
        assert sorted(parts) == whole


def test_errors_come_first_and_are_counted():
    made = broken()
    levels = [row["level"] for row in table_rows(made, "cy")]
    assert levels == sorted(levels, key=["error", "query", "note"].index)
    assert table_rows(made, "cy")[0]["severity"] == "gwall"
    assert counts(made)["errors"] == levels.count("error")


def test_json_has_both_languages():
    read = json.loads(as_json(broken(), "births.csv"))
    assert read["file"] == "births.csv"
    first = read["findings"][0]
    assert first["en"]["remedy"] != first["cy"]["remedy"]
    assert read["errors"] == 3


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.outside, self.langs = [], [], []

    def handle_starttag(self, tag, attrs):
        held = dict(attrs)
        self.tags.append(tag)
        self.langs.append(held.get("lang"))
        self.outside += [
            value
            for name, value in attrs
            if name in ("src", "href") and not str(value).startswith("#")
        ]


def test_the_page_is_bilingual_stands_alone_and_runs_nothing():
    text = as_html(broken(), HOSTILE)
    page = _Page()
    page.feed(text)
    assert "script" not in page.tags
    assert page.outside == []
    assert {"en", "cy"} <= set(page.langs)
    assert page.tags.count("table") == page.tags.count("caption") == 2
    assert "&lt;script&gt;" in text


def test_a_clean_file_says_so():
    text = as_html(findings({}).head(0), "births.csv")
    assert "Nothing to correct" in text
    assert "Nid oes dim i&#x27;w gywiro" in text
    assert "<table>" not in text


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
