"""What becomes of a dataset: a world of three councils, broken in one way at a time."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sql.frames import dtypes
from validations.rules.examples import (
    CARDIFF,
    CONWY,
    NAMES,
    POWYS,
    RETURN,
    answers,
    areas,
    context,
    councils,
    series,
)
from validations.rules.typed import read_rows
from validations.validate import RowsLost, validate_answers

YEARS = {"2020": "31", "2021": "30", "2022": "32"}
WORLD = councils(YEARS)


def judged(rows, measure=None):
    return validate_answers(answers(rows), context(measure))


def changed(place, **changes):
    return [row | (changes if number == place else {}) for number, row in enumerate(WORLD)]


def only_finding(result, code):
    mine = result.findings[result.findings["code"] == code]
    assert len(mine) == 1, result.findings[["code", "message_en"]]
    return mine.iloc[0]


def test_a_sound_dataset_is_accepted_whole_and_says_nothing():
    result = judged(WORLD)
    assert len(result.accepted) == 9
    assert len(result.rejected) == 0
    assert len(result.findings) == 0
    for name, frame in (
        ("validated_returns", result.accepted),
        ("rejected_returns", result.rejected),
        ("validation_findings", result.findings),
    ):
        assert {column: str(kind) for column, kind in frame.dtypes.items()} == dtypes(name)


@pytest.mark.parametrize(
    ("problem", "detail", "row", "words"),
    [
        ("empty_file", None, 0, ["births.csv", "empty"]),
        ("header_only", None, 0, ["births.csv", "no rows"]),
        ("missing_column", "value", 1, ["births.csv, row 1, column value:", '"value" is missing']),
    ],
)
def test_a_broken_file_is_one_finding_and_every_line_of_it_is_kept(problem, detail, row, words):
    broken = [{**item, "problem": problem, "problem_detail": detail} for item in WORLD]
    result = judged(broken)
    found = only_finding(result, problem)
    assert len(result.findings) == 1
    assert found["n_rows"] == 9
    assert found["source_row"] == row
    assert result.rejected["code"].tolist() == [problem] * 9
    assert all(word in found["message_en"] for word in words), found["message_en"]


@pytest.mark.parametrize(
    ("problem", "detail", "row", "words"),
    [
        (
            "missing_column",
            "value; not looked for: valeu, colour",
            1,
            'column value: the column "value" is missing, or has another name (not looked for: v',
        ),
        ("ragged_row", "3 cells instead of 5: a,b,c", 7, "row 7"),
        ("ragged_row", "3 cells instead of 5: a,b,c", 7, "the row has 3 cells; the header has 5."),
        (
            "wrong_folder",
            "W06000015 in the folder W06000003",
            2,
            "form of Cardiff (W06000015), in the folder of Conwy (W06000003).",
        ),
        ("unknown_return", "AR/20", 7, 'births.csv: "AR/20" is not a return that was issued.'),
        ("unknown_return", "", 7, "births.csv, row 7: there is no return_ref"),
        ("unknown_measure", 'Sex has no "Female"', 0, 'no longer has "Female" under Sex'),
        ("not_utf8", "byte 12 is 0xe9", 2, "(byte 12 is 0xe9)"),
    ],
)
def test_the_readers_particulars_stand_in_the_message(problem, detail, row, words):
    fault = {"problem": problem, "problem_detail": detail, "source_row": row}
    result = judged([*WORLD, fault])
    assert len(result.findings) == 1
    assert words in result.findings["message_en"].iloc[0]


def test_an_unknown_council_code_is_one_finding_for_all_its_rows_and_the_council_is_missed():
    rows = [
        row | ({"area_text": "W06000099"} if row["area_text"] == CONWY else {}) for row in WORLD
    ]
    result = judged(rows)
    found = only_finding(result, "area_unknown")
    assert (found["n_rows"], found["seen"], found["source_row"]) == (3, "W06000099", 5)
    assert "births.csv, row 5 and 2 more, column area" in found["message_en"]
    missing = only_finding(result, "council_missing")
    assert (missing["area_code"], missing["n_rows"]) == (CONWY, 3)
    assert "2020, 2021, 2022" in missing["message_en"]
    assert len(result.accepted) == 6


def test_text_in_a_number_names_file_row_column_and_what_to_type():
    result = judged(changed(4, value_text="1.2m"))
    found = only_finding(result, "number_unreadable")
    assert len(result.findings) == 1, "a refused answer is not missing too"
    assert found["message_en"] == (
        'births.csv, row 6, column value, Births, Conwy, 2021: "1.2m" cannot be read as a number. '
        "Type it in figures only, such as 1200000."
    )
    assert found["message_cy"] == (
        'births.csv, rhes 6, colofn value, Genedigaethau, Conwy, 2021: ni ellir darllen "1.2m" fel '
        "rhif. Teipiwch ef mewn ffigurau yn unig, megis 1200000."
    )
    assert result.rejected["value_text"].tolist() == ["1.2m"]


def test_a_repeated_row_counts_once_and_contradicting_rows_not_at_all():
    result = judged([*WORLD, WORLD[0], WORLD[0], {**WORLD[8], "value_text": "33"}])
    outcome = result.rejected[["outcome", "code", "area_text"]].to_numpy().tolist()
    assert sorted(outcome) == [
        ["duplicate", "duplicate_row", CARDIFF],
        ["duplicate", "duplicate_row", CARDIFF],
        ["rejected", "duplicate_key", POWYS],
        ["rejected", "duplicate_key", POWYS],
    ]
    assert len(result.accepted) == 8
    assert "32 / 33" in only_finding(result, "duplicate_key")["message_en"]
    assert only_finding(result, "duplicate_row")["n_rows"] == 2


def test_a_council_missing_is_named_with_its_periods():
    result = judged([row for number, row in enumerate(WORLD) if number != 8])
    found = only_finding(result, "council_missing")
    assert (found["area_code"], found["period"], found["n_rows"]) == (POWYS, "2022-01-01/P1Y", 1)
    assert "Powys, 2022" in found["message_en"]
    assert found["severity"] == "query"


def test_a_row_with_a_missing_code_is_an_answer():
    assert len(judged(changed(8, value_text=None, note_text="z")).findings) == 0


def test_two_periods_missing_in_a_row_are_one_finding():
    result = judged(councils({"2018": "31", "2019": "31", "2022": "32"}))
    found = only_finding(result, "period_missing")
    assert (found["expected"], found["n_rows"], found["severity"]) == ("2020, 2021", 2, "error")
    assert len(result.accepted) == 9


def test_a_census_every_ten_years_has_no_gaps():
    assert len(judged(councils({"2001": "31", "2011": "31", "2021": "32"})).findings) == 0


def test_a_percentage_over_its_bound_is_refused_and_the_others_stay():
    result = judged(changed(3, value_text="101"), {"unit": "percent", "max": 100.0})
    found = only_finding(result, "above_maximum")
    assert (found["seen"], found["expected"], found["area_code"]) == ("101", "100", CONWY)
    assert len(result.accepted) == 8


@pytest.mark.parametrize(
    ("low", "high", "expected"), [("-30", None, "-30 …"), ("-40", "-35", "-40 … -35")]
)
def test_limits_below_zero_and_one_alone_can_be_read(low, high, expected):
    """Not "-40--35", nor "-30-nan"."""
    odd = {"value_text": "-31", "lower_95_text": low, "upper_95_text": high}
    result = judged(changed(3, **odd), {"min": float("nan")})
    assert only_finding(result, "limits_out_of_order")["expected"] == expected


def test_a_thousandfold_period_of_every_council_is_one_finding():
    rows = councils({"2020": "31", "2021": "30000", "2022": "32"})
    result = judged(rows)
    found = only_finding(result, "unit_change")
    assert (found["n_rows"], found["period"], found["expected"]) == (3, "2021-01-01/P1Y", "1000")
    assert len(result.accepted) == 6, "the period after the wrong one is right"
    assert result.findings["code"].tolist() == ["unit_change"]


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        (["31", "30", "32000"], ["32000"]),
        (["31000", "30", "32"], ["31000"]),
        (["31", "30000", "32000", "33"], ["30000", "32000"]),
        (["0.031", "30", "32"], ["0.031"]),
        (["31", "32000"], ["32000"]),
        (["31", "310"], []),
        (["31", "3100"], []),
        (["0", "31000"], []),
    ],
)
def test_the_unit_most_periods_share_is_the_right_one(values, refused):
    years = {str(2018 + number): value for number, value in enumerate(values)}
    result = judged(series(years), {"max_change_pct": 1e9})
    wrong = result.rejected[result.rejected["code"] == "unit_change"]
    assert wrong["value_text"].tolist() == refused


def test_a_hundredfold_is_a_unit_change_only_where_most_councils_have_it():
    jump = {"2021": "31", "2022": "3100"}
    steady = {"2021": "31", "2022": "31"}
    assert judged(councils(jump)).rejected["code"].tolist() == ["unit_change"] * 3
    alone = judged(series(jump) + series(steady, CONWY) + series(steady, POWYS))
    assert len(alone.rejected) == 0
    assert alone.findings["code"].tolist() == ["change_in_source"]


def test_a_large_change_is_queried_against_the_calendars_previous_year():
    values = {"2019": "10", "2021": "100", "2022": "151"}
    result = judged(series(values, return_ref=RETURN), {"max_change_pct": 50.0})
    queried = result.accepted[result.accepted["is_queried"]]
    assert queried["period"].tolist() == ["2022-01-01/P1Y"], "2020 is missing: no query for 2021"
    found = only_finding(result, "change_on_last_year")
    assert "151 is a change of +51 % on 100" in found["message_en"]


def test_a_publishers_change_is_noted_and_nobody_is_asked_to_explain_it():
    result = judged(series({"2021": "10.5", "2022": "15.7644824311491"}))
    found = only_finding(result, "change_in_source")
    assert "change_on_last_year" not in set(result.findings["code"])
    assert found["message_en"] == (
        "births.csv, row 3, column value, Births, Cardiff, 2022: 15.7645 is a change of +50 % on "
        "10.5 a period before; up to 50 % is usual (declared: its own history is too short to "
        "learn from). The council has nothing to do; we compare 15.7645 with the publisher's own "
        "page."
    )
    assert found["severity"] == "note"
    assert not result.accepted["is_queried"].any()
    assert result.accepted["value"].tolist() == [10.5, 15.7644824311491], "rounded in words only"


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("change_on_last_year", {"return_ref": RETURN}),
        ("change_in_source", {}),
        ("change_explained", {"return_ref": RETURN, "explanation_text": "A new centre opened."}),
    ],
)
def test_a_change_from_zero_has_no_per_cent(code, more):
    found = only_finding(judged(series({"2021": "0", "2022": "15"}, **more)), code)
    assert "it is 15 and was 0 a period before" in found["message_en"]
    assert "mae'n 15, ac roedd yn 0 gyfnod ynghynt" in found["message_cy"]
    assert "∞" not in found["message_en"] + found["message_cy"]


def test_an_explanation_answers_the_query():
    rows = series({"2021": "100"}) + series({"2022": "151"}, explanation_text="A new site opened.")
    result = judged(rows)
    assert not result.accepted["is_queried"].any()
    assert only_finding(result, "change_explained")["severity"] == "note"
    assert result.accepted["explanation"].tolist()[1] == "A new site opened."


@pytest.mark.parametrize(
    ("measure", "before", "after", "is_queried"),
    [
        ({"is_whole": True}, "4", "14", False),
        ({"is_whole": True}, "4", "15", True),
        ({"unit": "percent", "max": 100.0}, "0.5", "1.0", False),
        ({"unit": "percent", "max": 100.0}, "0.5", "1.1", True),
        ({}, "4", "6.1", True),
    ],
)
def test_small_moves_are_not_queried(measure, before, after, is_queried):
    result = judged(series({"2021": before, "2022": after}, return_ref=RETURN), measure)
    assert ("change_on_last_year" in set(result.findings["code"])) is is_queried


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("month", "2021 JUN", "2022 JUN"),
        ("quarter", "2021 Q2", "2022 Q2"),
        ("rolling", "2017-2019", "2020-2022"),
        ("snapshot", "2021-06-30", "2022-06-30"),
        ("academic_year", "2020/21", "2021/22"),
    ],
)
def test_the_previous_equivalent_period_of_each_kind(kind, before, after):
    result = judged(series({before: "100", after: "151"}, return_ref=RETURN), {"period_type": kind})
    assert "change_on_last_year" in set(result.findings["code"])


def test_council_codes_replaced_in_2009_are_one_council():
    known = areas()
    known.loc[known["area_code"] == POWYS, ["valid_from", "predecessors"]] = [
        "2009-04-01",
        "W06000007",
    ]
    old = known[known["area_code"] == POWYS].assign(
        area_code="W06000007", valid_from=None, valid_to="2009-03-31", predecessors=None
    )
    world = context(areas=pd.concat([known, old], ignore_index=True))
    rows = [
        *series({"2007": "30", "2008": "30"}, "W06000007"),
        *series({"2009": "30", "2010": "30"}, POWYS),
        *series(dict.fromkeys(("2007", "2008", "2009", "2010"), "30"), CARDIFF),
        *series(dict.fromkeys(("2007", "2008", "2009", "2010"), "30"), CONWY),
    ]
    assert len(validate_answers(answers(rows), world).findings) == 0
    late = validate_answers(answers([*rows[4:], *series({"2012": "1"}, "W06000007")]), world)
    assert "area_not_in_force" in set(late.rejected["code"])


def test_names_are_bilingual_and_never_join_anything():
    rows = [row | {"area_name": NAMES[row["area_text"]][1]} for row in WORLD]
    assert len(judged(rows).findings) == 0
    swapped = judged(changed(0, area_name="Powys"))
    assert swapped.rejected["code"].tolist() == ["area_name_differs"]


@pytest.mark.parametrize("name", ["Ynys M\ufffdn", "Ynys Mï¿½n", "Ynys MÃ´n", "Llanbedr Å·n"])
def test_damaged_letters_are_refused(name):
    assert judged(changed(0, area_name=name)).rejected["code"].tolist() == ["garbled_text"]


def test_welsh_letters_are_not_damage():
    rows = changed(0, area_name="Ynys Môn", explanation_text="Tŷ newydd yn y dŵr, â phont – “da”")
    assert len(judged(rows).findings) == 0


def test_an_answer_to_a_question_of_another_dataset_is_refused():
    elsewhere = {"measure": "deaths", "dataset": "another"}
    result = validate_answers(answers([{"measure": "deaths"}]), context(also=elsewhere))
    assert result.rejected["code"].tolist() == ["unknown_measure"]


def test_a_dataset_without_a_row_is_an_error():
    assert judged([]).findings["code"].tolist() == ["no_rows"]


def test_a_row_lost_by_a_fault_of_ours_stops_everything(monkeypatch):
    def lossy(raw, context):
        rows = read_rows(raw, context)
        return rows.take(rows["value"] > 0)

    monkeypatch.setattr("validations.validate.read_rows", lossy)
    with pytest.raises(RowsLost, match="9 rows came in, 8 were accepted and 0 refused"):
        judged(changed(0, value_text="0"))


TEXTS = st.sampled_from(["", "7", "7.5", "-7", "1.2m", "..", "-", "(3)", "9e9", None, "7 000"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "area_text": st.sampled_from([CARDIFF, CONWY, "W06000099", "", None]),
                "period_text": st.sampled_from(["2021", "2022", "2021-22", "soon", None]),
                "measure": st.sampled_from(["births", "deaths", None]),
                "value_text": TEXTS,
                "lower_95_text": TEXTS,
                "note_text": st.sampled_from([None, "x", "Estimated", "huh"]),
                "return_ref": st.sampled_from([None, RETURN]),
                "source_published": st.sampled_from([None, "2026-05-01", "2026-05-09"]),
                "problem": st.sampled_from([None, None, None, "ragged_row", "bolt"]),
            }
        ),
        max_size=8,
    )
)
def test_rows_in_are_accepted_rejected_or_duplicate_whatever_comes(rows):
    raw = answers(rows)
    before = raw.copy()
    result = validate_answers(raw, context())
    assert len(result.accepted) + len(result.rejected) == len(raw)
    kept = [*result.accepted["source_row"], *result.rejected["source_row"]]
    assert sorted(kept) == sorted(raw["source_row"])
    assert set(result.rejected["outcome"]) <= {"rejected", "duplicate"}
    assert result.rejected["code"].notna().all()
    assert set(result.rejected["code"]) <= set(result.findings["code"])
    assert result.accepted[["period", "area_code"]].notna().all(axis=None)
    pd.testing.assert_frame_equal(raw, before)
