"""How a number and a note are read: what is accepted, what is refused, what to type instead."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validations.rules.examples import answers, context
from validations.rules.notes import MISSING, combine, read_notes
from validations.rules.numbers import read_number, shortened
from validations.validate import validate_answers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234", 1234),
        ("1,234", 1234),
        ("1,234,567.5", 1234567.5),
        ("1 234", 1234),
        ("1\u00a0234\u00a0567", 1234567),
        ("(45)", -45),
        ("(1,045)", -1045),
        ("−5", -5),
        ("-5", -5),
        ("£1,200", 1200),
        ("-£1,200", -1200),
        ("  7 ", 7),
        ("0", 0),
        ("12.50", 12.5),
    ],
)
def test_numbers_accepted(text, value):
    assert read_number(text).value == value


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("1.2m", "1200000"),
        ("£1.25 million", "1250000"),
        ("3k", "3000"),
        ("1E+05", "100000"),
        ("1e-3", "0.001"),
        ("½", "0.5"),
        ("12,5", "12.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1,2345", "1.2345"),
        ("01/04/2023", "1234.5"),
        ("2023-04-01", "1234.5"),
        ("TRUE", "1234.5"),
        ("nan", "1234.5"),
        ("inf", "1234.5"),
        ("1e999", "1234.5"),
        ("12%", "1234.5"),
        ("--5", "1234.5"),
        ("1 2345", "1234.5"),
        ("٣", "1234.5"),
        ("9" * 400, "1234.5"),
        ("12 [e]", "1234.5"),
    ],
)
def test_numbers_refused_with_what_to_type(text, remedy):
    read = read_number(text)
    assert (read.fault, read.remedy) == ("unreadable", remedy)
    assert math.isnan(read.value)


def test_a_per_cent_sign_belongs_to_a_percentage_and_a_pound_sign_does_not():
    assert read_number("12.5%", is_percent=True).value == 12.5
    assert read_number("12.5 %", is_percent=True).value == 12.5
    assert read_number("12.5%").fault == "unreadable"
    assert read_number("£12", is_percent=True).fault == "unreadable"


@pytest.mark.parametrize(("text", "code"), [("..", "x"), (".", "z"), ("*", "c"), ("[c]", "c")])
def test_symbols_go_to_the_status_and_are_never_zero(text, code):
    read = read_number(text)
    assert (read.code, read.fault) == (code, None)
    assert math.isnan(read.value)


@given(st.integers(-(10**12), 10**12))
def test_a_number_reads_the_same_however_it_is_grouped(number):
    forms = {f"{number}", f"{number:,}", f"{number:,}".replace(",", " ")}
    if number < 0:
        forms |= {f"({-number:,})", f"−{-number}"}
    assert {read_number(form).value for form in forms} == {float(number)}


@given(st.text(max_size=30))
def test_any_text_is_a_number_a_symbol_blank_or_refused(text):
    read = read_number(text)
    outcomes = [not math.isnan(read.value), bool(read.code), bool(read.fault)]
    assert sum(outcomes) <= 1
    assert any(outcomes) or not text.strip(" \u00a0\u2009\u202f\t\r\n")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Estimated, Revised", ("e", "r")),
        ("Amcangyfrifedig, Diwygiedig", ("e", "r")),
        ("Not available", ("x",)),
        ("Ddim ar gael", ("x",)),
        ("[e] [r]", ("e", "r")),
        ("x", ("x",)),
        ("actual", ()),
        ("not applicable", ("z",)),
        ("", ()),
        (None, ()),
    ],
)
def test_notes_in_both_languages_letters_and_statuses(text, codes):
    read = read_notes(text)
    assert (read.codes, read.unknown) == (codes, ())


def test_an_unknown_note_is_named_and_the_known_ones_are_kept():
    read = read_notes("Estimated, Roughly")
    assert (read.codes, read.unknown) == (("e",), ("roughly",))


def test_the_strongest_missing_code_comes_first_and_replaces_weaker_ones():
    assert combine(["r", "x", "c"]) == ("c,r", "c")
    assert combine(["x", "z", "p"]) == ("z,p", "z")
    assert combine(["r", "e"]) == ("e,r", None)
    assert combine([]) == (None, None)


@given(st.sets(st.sampled_from([*MISSING, "e", "r", "p", "u"])))
def test_a_figure_has_one_missing_code_at_most(codes):
    listed, missing = combine(codes)
    held = (listed or "").split(",")
    assert sum(code in MISSING for code in held) == (1 if missing else 0)
    assert not missing or held[0] == missing


@pytest.mark.parametrize(
    ("value", "note", "code", "reason"),
    [
        ("0", "Not available", "x", "not available"),
        ("12", "Confidential, Revised", "c,r", "confidential"),
        (None, "unable to report", "x", "unable to report"),
        ("..", None, "x", "not available"),
        (".", None, "z", "not applicable"),
        (None, None, "x", "not returned"),
        (None, "Provisional", "x,p", "not returned"),
        ("-", None, "x", "not returned"),
    ],
)
def test_a_missing_figure_is_null_with_its_code_and_reason(value, note, code, reason):
    judged = validate_answers(answers([{"value_text": value, "note_text": note}]), context())
    (row,) = judged.accepted.to_dict("records")
    assert math.isnan(row["value"])
    assert (row["note_code"], row["missing_reason"]) == (code, reason)


def test_zero_is_a_value_and_an_estimate_keeps_it():
    judged = validate_answers(answers([{"value_text": "0", "note_text": "Estimated"}]), context())
    assert judged.accepted["value"].tolist() == [0.0]
    assert judged.accepted["note_code"].tolist() == ["e"]


def test_binary_noise_in_a_count_is_not_a_decimal():
    rows = [{"value_text": "130806.00000000001"}, {"period_text": "2021", "value_text": "130806.1"}]
    judged = validate_answers(answers(rows), context({"is_whole": True}))
    assert judged.accepted["value"].tolist() == [130806.0]
    assert judged.accepted["value_text"].tolist() == ["130806.00000000001"]
    assert judged.rejected["code"].tolist() == ["not_whole"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("15.7644824311491", "15.7645"),
        ("-0.000123456789", "-0.000123457"),
        ("99.9999999", "100"),
        ("1234567.89", "1234568"),
        ("1234567", "1234567"),
        ("64.10", "64.10"),
        ("0.05", "0.05"),
        ("1,234.5678", "1,234.5678"),
        ("[c]", "[c]"),
    ],
)
def test_a_message_shows_six_digits_and_every_whole_one(text, shown):
    assert shortened(text) == shown
