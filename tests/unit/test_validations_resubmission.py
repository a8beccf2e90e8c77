"""A return that is sent again: which answer stands, which is set aside, and what is said of it."""

import pytest

from validations.rules.examples import CARDIFF, RETURN, answers, context, series
from validations.validate import validate_answers

MONDAY, TUESDAY, FRIDAY = (f"2026-05-{day}T02:30:00+00:00" for day in ("04", "05", "08"))
AGAIN = RETURN.replace("s001", "s002")


def sent(value, when=MONDAY, file="first.csv", ref=RETURN, **more):
    """Cardiff's answer for 2022, received at that instant in that file."""
    more = {"source_published": when, "source_file": file, "return_ref": ref, **more}
    return {"value_text": value, **more}


def later(value, when=TUESDAY, file="again.csv", **more):
    return sent(value, when, file, AGAIN, **more)


def judged(*rows):
    return validate_answers(answers(rows), context())


def outcomes(result):
    """(values accepted, (value, outcome, code) of the others)."""
    others = result.rejected[["value_text", "outcome", "code"]].fillna("").to_numpy().tolist()
    accepted = result.accepted["value"].map("{:g}".format).tolist()
    return accepted, sorted(map(tuple, others))


def only(result, code):
    mine = result.findings[result.findings["code"] == code]
    assert len(mine) == 1, result.findings[["code", "message_en"]]
    return mine.iloc[0]


@pytest.mark.parametrize("turn", [1, -1])
def test_the_answer_received_later_stands_whatever_the_files_order(turn):
    result = judged(*[sent("100"), later("101")][::turn])
    assert outcomes(result) == (["101"], [("100", "duplicate", "superseded")])
    assert result.accepted["return_ref"].tolist() == [AGAIN]
    found = only(result, "superseded")
    assert found["severity"] == "note"
    assert found["expected"] == f"again.csv ({AGAIN})"
    assert f'the answer "100" is replaced by the one in again.csv ({AGAIN}).' in found["message_en"]
    assert "Nothing to do" in found["message_en"]
    assert f"gan yr un yn again.csv ({AGAIN})" in found["message_cy"]
    assert "duplicate_key" not in set(result.findings["code"])


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"value_text": "1.2m"}, "number_unreadable"),
        ({"value_text": "-101"}, "negative_value"),
        ({"problem": "wrong_row_check", "problem_detail": "births.value"}, "wrong_row_check"),
        ({"problem": "missing_column", "problem_detail": "status"}, "missing_column"),
        ({"problem": "wrong_folder", "problem_detail": "W1 in the folder W2"}, "wrong_folder"),
    ],
)
def test_a_later_answer_that_is_refused_displaces_nothing(bad, code):
    result = judged(sent("100"), later("101") | bad)
    accepted, others = outcomes(result)
    assert accepted == ["100"]
    assert [other[1:] for other in others] == [("rejected", code)]
    assert only(result, code)["severity"] == "error"
    assert "superseded" not in set(result.findings["code"])


def test_a_later_answer_in_another_unit_displaces_nothing_and_a_corrected_unit_is_taken():
    before = series({"2020": "100", "2021": "101"}, CARDIFF)
    result = judged(*before, sent("102"), later("102000"), later("102000", file="copy.csv"))
    assert outcomes(result) == (
        ["100", "101", "102"],
        [("102000", "rejected", "unit_change")] * 2,
    )
    result = judged(*before, sent("102000"), later("102"))
    assert outcomes(result) == (["100", "101", "102"], [("102000", "duplicate", "superseded")])


def test_a_repetition_of_a_refused_answer_is_not_accepted_in_its_place():
    before = series({"2020": "100", "2021": "101"}, CARDIFF)
    twice = {"value_text": "102000"}
    assert outcomes(judged(*before, twice, twice)) == (
        ["100", "101"],
        [("102000", "duplicate", "duplicate_row"), ("102000", "rejected", "unit_change")],
    )


def test_a_later_blank_is_no_answer_but_a_later_status_is_one():
    result = judged(sent("100"), later(None))
    assert outcomes(result) == (["100"], [("", "duplicate", "superseded")])
    result = judged(sent("100"), later(None, note_text="x"))
    assert outcomes(result) == (["nan"], [("100", "duplicate", "superseded")])
    result = judged(sent(None), later("100"))
    assert outcomes(result) == (["100"], [("", "duplicate", "superseded")])


def test_different_answers_of_the_same_instant_are_refused_with_one_finding():
    result = judged(sent("100"), later("101", MONDAY))
    assert outcomes(result) == (
        [],
        [("100", "rejected", "duplicate_key"), ("101", "rejected", "duplicate_key")],
    )
    found = only(result, "duplicate_key")
    assert (found["source_file"], found["n_rows"]) == ("first.csv", 2)
    assert "(100 / 101; in first.csv, again.csv); none was used." in found["message_en"]


def test_a_contradiction_received_later_displaces_nothing_either():
    result = judged(sent("100"), later("101"), later("102", file="third.csv"))
    assert outcomes(result) == (
        ["100"],
        [("101", "rejected", "duplicate_key"), ("102", "rejected", "duplicate_key")],
    )


def test_of_three_the_last_stands_and_says_so_of_both_others():
    result = judged(sent("100"), later("101"), later("102", FRIDAY, "last.csv"))
    assert outcomes(result)[0] == ["102"]
    replaced = result.findings[result.findings["code"] == "superseded"]
    assert replaced["expected"].tolist() == [f"last.csv ({AGAIN})"] * 2


def test_an_answer_sent_again_unchanged_is_a_repetition_and_the_first_receipt_stands():
    result = judged(later("100.0"), sent("100"))
    assert outcomes(result) == (["100"], [("100.0", "duplicate", "duplicate_row")])
    assert result.accepted["return_ref"].tolist() == [RETURN]


def test_an_explanation_sent_later_is_taken_and_one_left_out_survives():
    before = series({"2021": "10"}, CARDIFF)
    why = "A new centre opened."
    result = judged(*before, sent("100"), later("100", explanation_text=why))
    assert result.accepted["explanation"].tolist()[1] == why
    assert "change_on_last_year" not in set(result.findings["code"])
    result = judged(*before, sent("100", explanation_text=why), later("100"))
    assert result.accepted["explanation"].tolist()[1] == why
    assert result.accepted["return_ref"].tolist()[1] == RETURN


def test_publishers_files_never_replace_one_another():
    rows = [sent("100", ref=None), sent("101", TUESDAY, "again.csv", ref=None)]
    assert {code for *_, code in outcomes(judged(*rows))[1]} == {"duplicate_key"}
    mixed = judged(sent("100"), sent("101", TUESDAY, ref=None))
    assert {code for *_, code in outcomes(mixed)[1]} == {"duplicate_key"}


def test_the_receipt_is_kept_with_the_refused_row_and_is_no_day_of_publication():
    result = judged(sent("100"), later("101"))
    assert result.rejected["source_published"].tolist() == [MONDAY]
    assert result.accepted["source_published"].isna().all()
    assert result.findings["source_published"].isna().all()
    published = judged(sent("100", "2026-05-04", ref=None))
    assert published.accepted["source_published"].tolist() == ["2026-05-04"]
