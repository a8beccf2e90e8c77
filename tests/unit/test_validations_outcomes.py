"""What becomes of a figure that is asked about: marked, held, refused, or left as it was."""

import pandas as pd
import pytest

from assets.collection.holding import HELD, NOT_YET, hold_queried
from assets.collection.standing import keep_standing
from assets.publishing.assemble import misread_datasets
from assets.sources.registry import load_registry
from validations.findings import names_of, split_message
from validations.rules.examples import (
    CARDIFF,
    CONWY,
    RETURN,
    answers,
    context,
    councils,
    indicators,
    series,
)
from validations.validate import Validated, judge_across, validate_answers

HOLDS = load_registry()["waste_returns"].model_copy(update={"on_query": "hold"})
PASSES = load_registry()["waste_returns"]
STEADY = {"2020": "31", "2021": "30", "2022": "32"}
MONDAY, TUESDAY = "2026-05-04T02:30:00+00:00", "2026-05-05T02:30:00+00:00"
AGAIN = RETURN.replace("s001", "s002")


def sent(last: str, **more: object) -> Validated:
    rows = series({"2021": "100", "2022": last}, return_ref=RETURN, **more)
    return validate_answers(answers(rows), context())


def stands(entry, judged, before=None) -> pd.DataFrame:
    held = hold_queried(entry, judged, before, names_of(context()))
    return keep_standing(entry, held, before, pd.Series(["births"])).sort_values("period")


def test_a_queried_answer_passes_with_its_mark_where_the_policy_lets_it():
    made = stands(PASSES, sent("190"))
    assert made["value"].tolist() == [100, 190]
    assert made["is_queried"].tolist() == [False, True]


def test_a_held_answer_is_not_published_and_the_others_of_the_return_are():
    made = stands(HOLDS, sent("190"))
    assert made["value"].tolist()[0] == 100
    assert made.iloc[1][["note_code", "missing_reason"]].tolist() == ["x", NOT_YET]
    assert made["value"].isna().tolist() == [False, True]
    assert made["is_queried"].tolist() == [False, True]
    assert len(made) == 2, "held rows are still accounted for"


def test_the_last_accepted_answer_stands_in_the_place_of_a_held_one_night_after_night():
    first = stands(HOLDS, sent("110"))
    second = stands(HOLDS, sent("190"), first)
    third = stands(HOLDS, sent("190"), second)
    for made in (second, third):
        assert made["value"].tolist() == [100, 110]
        assert made["is_queried"].tolist() == [False, True]
        assert not made["is_kept"].any()


def test_a_held_answer_says_that_it_is_held_and_what_stands_in_its_place():
    names, judged = names_of(context()), sent("190")
    alone = hold_queried(HOLDS, judged, None, names).findings
    later = hold_queried(HOLDS, judged, stands(HOLDS, sent("110")), names).findings
    passed = hold_queried(PASSES, judged, None, names).findings
    assert HELD not in set(passed["code"])
    for found, words in ((alone, '"not yet published"'), (later, "last accepted one (110) stands")):
        assert found["code"].tolist() == [*judged.findings["code"], HELD]
        note = found.iloc[-1]
        assert note["severity"] == "note"
        assert note["message_en"].startswith("births.csv, row 3, column value, Births, Cardiff")
        assert words in note["message_en"]
        assert note["message_en"].endswith("or explain it in the column explanation.")


def test_an_explanation_lets_a_held_answer_through():
    before = stands(HOLDS, sent("190"))
    answered = sent("190", explanation_text="A new centre opened.")
    made = stands(HOLDS, answered, before)
    assert made["value"].tolist() == [100, 190]
    assert not made["is_queried"].any()


@pytest.mark.parametrize(
    ("accepted", "rejected", "is_blocked"),
    [(49, 51, True), (50, 50, False), (0, 100, False), (100, 0, False)],
)
def test_a_dataset_of_which_most_answers_are_refused_is_not_trusted(accepted, rejected, is_blocked):
    counts = pd.DataFrame(
        {"dataset": ["waste"], "n_raw": [100], "accepted": [accepted], "rejected": [rejected]}
    )
    words = misread_datasets(counts, 50)
    assert bool(words) == is_blocked
    if words:
        assert words[0].en == "51.0 % of the answers of waste are in error, at most 50 % may be"
        assert "51.0 % o atebion waste yn wallus" in words[0].cy


def test_a_dataset_without_an_answer_is_no_error():
    counts = pd.DataFrame({"dataset": ["a"], "n_raw": [0], "accepted": [0], "rejected": [0]})
    assert misread_datasets(counts, 50) == ()


PART = "births_under_2500g"


def pair(part: str, whole: str, when: str, ref: str, file: str) -> list[dict[str, object]]:
    more = {"return_ref": ref, "source_published": when, "source_file": file}
    return [
        {**series({"2022": part}, CARDIFF, **more)[0], "measure": PART},
        *series({"2022": whole}, CARDIFF, **more),
    ]


def resubmitted(part: str, whole: str) -> Validated:
    rows = [
        *pair("6", "100", MONDAY, RETURN, "first.csv"),
        *pair(part, whole, TUESDAY, AGAIN, "again.csv"),
    ]
    return validate_answers(answers(rows), context(also={"measure": PART}))


def test_a_resubmission_that_makes_an_impossible_figure_displaces_nothing():
    result = resubmitted("150", "100")
    assert sorted(result.accepted["value"]) == [6, 100]
    refused = result.rejected.set_index("value_text")["code"].to_dict()
    assert refused["150"] == "numerator_over_denominator"
    found = result.findings[result.findings["code"] == "numerator_over_denominator"]
    assert len(found) == 1
    assert found.iloc[0][["source_file", "indicator"]].tolist() == ["again.csv", "low_birth_weight"]
    assert "the part (150) is larger than the whole (100)" in found["message_en"].item()
    assert len(result.accepted) + len(result.rejected) == 4


def test_a_resubmission_that_makes_a_possible_figure_replaces_both_parts():
    result = resubmitted("9", "120")
    assert sorted(result.accepted["value"]) == [9, 120]
    assert set(result.rejected["code"]) == {"superseded"}


def test_a_first_answer_is_not_refused_for_its_figure_the_figure_is():
    rows = pair("150", "100", MONDAY, RETURN, "first.csv")
    result = validate_answers(answers(rows), context(also={"measure": PART}))
    assert sorted(result.accepted["value"]) == [100, 150]


def test_a_broken_file_is_one_finding_and_its_council_is_not_missing_too():
    world = councils(STEADY)
    folder = f"returns/{CONWY}/births.csv"
    without = [row for row in world if (row["area_text"], row["period_text"]) != (CONWY, "2022")]
    broken = {
        "source_file": folder, "source_row": 0, "problem": "empty_file",
        "area_text": None, "period_text": None, "value_text": None,
    }  # fmt: skip
    result = validate_answers(answers([*without, broken]), context())
    assert result.findings["code"].tolist() == ["empty_file"]
    unsent = validate_answers(answers(without), context())
    assert unsent.findings["code"].tolist() == ["council_missing"]


def test_a_broken_file_of_another_year_does_not_excuse_this_one():
    rows = [
        row for row in councils(STEADY) if (row["area_text"], row["period_text"]) != (CONWY, "2022")
    ]
    broken = {
        "source_file": f"returns/{CONWY}/births.csv", "problem": "wrong_row_check",
        "area_text": CONWY, "period_text": "2019",
    }  # fmt: skip
    codes = validate_answers(answers([*rows, broken]), context()).findings["code"].tolist()
    assert sorted(codes) == ["council_missing", "wrong_row_check"]


def remedies(*, is_published: bool) -> tuple[str, dict[str, str]]:
    import dataclasses

    known = dataclasses.replace(context(), is_published=is_published)
    rows = [{"value_text": "1.2m"}]
    found = validate_answers(answers(rows), known).findings.iloc[0]
    parts = split_message(
        found["message_en"], found["code"], found["seen"], found["expected"], "en"
    )
    return found["message_en"], parts


def test_a_remedy_speaks_to_whoever_can_do_something_about_the_file():
    council, parts = remedies(is_published=False)
    assert council.endswith("Type it in figures only, such as 1200000.")
    assert parts["remedy"] == "Type it in figures only, such as 1200000."
    publisher, parts = remedies(is_published=True)
    assert publisher.endswith("Ask the publisher what 1.2m means; the figure is left out.")
    assert parts["remedy"] == "Ask the publisher what 1.2m means; the figure is left out."
    assert parts["what"] == '"1.2m" cannot be read as a number.'


def test_answers_of_two_datasets_that_must_agree_are_marked_and_both_stand():
    rows = [
        *series({"2022": "100"}, CARDIFF),
        {**series({"2022": "104"}, CARDIFF)[0], "measure": "live_births"},
    ]
    known = context({"agrees_with": "live_births"}, {"measure": "live_births"})
    accepted = validate_answers(answers(rows), known).accepted
    marked, found = judge_across(accepted, known)
    assert marked.set_index("measure")["is_queried"].to_dict() == {
        "births": True, "live_births": False,
    }  # fmt: skip
    assert marked["value"].tolist() == accepted["value"].tolist()
    assert found[["dataset", "seen", "expected"]].to_numpy().tolist() == [["example", "100", "104"]]
    assert "100 here is 104 in the question live_births" in found["message_en"].item()


def test_a_whole_that_no_sum_explains_is_refused_and_its_parts_are_not():
    from validations.rules import REGISTER
    from validations.rules.examples import WALES, world

    example = REGISTER["total_wrong"].failing
    result = validate_answers(answers(example.rows), world(example))
    assert result.rejected[["area_text", "code"]].to_numpy().tolist() == [[WALES, "total_wrong"]]
    gap = [row for row in example.rows if row["area_text"] != CONWY]
    assert "total_wrong" not in set(validate_answers(answers(gap), world(example)).findings["code"])


@pytest.mark.parametrize(
    ("note", "refused"), [("Confidential", False), ("x", False), ("Not applicable", True)]
)
def test_a_whole_is_not_added_up_where_what_has_no_council_is_withheld(note, refused):
    """1500 in the councils, 1600 in all: what belongs to none may be the 100 between them."""
    from validations.rules import REGISTER
    from validations.rules.examples import world

    example = REGISTER["total_wrong"].failing
    rows = [
        row | ({"value_text": None, "note_text": note} if row["area_text"] == "unallocated" else {})
        for row in example.rows
    ]
    found = validate_answers(answers(rows), world(example)).findings["code"]
    assert ("total_wrong" in set(found)) == refused


def test_indicators_of_the_example_have_the_parts_that_the_tests_above_name():
    assert indicators()[["numerator", "denominator"]].iloc[0].tolist() == [PART, "births"]
