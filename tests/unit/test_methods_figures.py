"""Answers to figures: the join of the parts, M2's codes, and what an error withholds."""

import math

import pandas as pd
import pytest

from assets.methods.figures import build_figures, withhold
from sql.frames import conform, dtypes, empty

COUNCILS = ("W06000001", "W06000002", "W06000015")
YEAR, MID_YEAR = "2023-04-01/P1Y", "2023-06-30"
AREAS = conform(
    pd.DataFrame(
        [{"area_code": code, "area_type": "council"} for code in COUNCILS]
        + [{"area_code": "W92000004", "area_type": "nation"}]
    ),
    "areas",
    fill=True,
)
RATIO = {
    "indicator": "r",
    "kind": "rate",
    "multiplier": 100.0,
    "polarity": "lower",
    "decimals": 1,
    "value_basis": "derived",
    "interval": "binomial",
    "aggregation": "ratio",
    "accumulation": "discrete",
    "disclosure_threshold": 0,
    "numerator": "x",
    "denominator": "n",
}
SUPPLIED = {
    **RATIO,
    "value_basis": "as_published",
    "interval": "supplied",
    "numerator": None,
    "denominator": None,
    "value_measure": "v",
}
NO_BREAKS = pd.DataFrame({"indicator": [], "period": []}).astype("str")


def answer(measure: str, area: str, value: float | None, **more: object) -> dict[str, object]:
    whole = {"period": YEAR, "breakdown_type": "total", "breakdown": "total", "is_queried": False}
    return {"dataset": "d", "measure": measure, "area_code": area, "value": value, **whole, **more}


def build(
    answers: list[dict[str, object]],
    declared: dict[str, object],
    breaks: pd.DataFrame = NO_BREAKS,
    **options: object,
) -> pd.DataFrame:
    frame = conform(pd.DataFrame(answers), "validated_returns", fill=True)
    indicators = conform(pd.DataFrame([declared]), "indicator_catalogue", fill=True)
    found = build_figures(frame, indicators, AREAS, breaks, **options)
    assert {name: str(kind) for name, kind in found.dtypes.items()} == {
        name: kind if kind != "string" else "str"
        for name, kind in dtypes("indicator_values").items()
    }
    return found.set_index("area_code")


def test_the_value_is_the_ratio_and_the_origin_is_carried() -> None:
    found = build(
        [
            answer("x", COUNCILS[0], 1.0, return_ref="AR/1", source_published="2024-01-01"),
            answer("n", COUNCILS[0], 8.0, is_queried=True, source_published="2024-05-01"),
        ],
        RATIO,
    ).loc[COUNCILS[0]]
    assert (found["value"], found["value_rounded"]) == (12.5, 12.5)
    assert (found["numerator"], found["denominator"], found["area_type"]) == (1, 8, "council")
    assert (found["return_ref"], found["source_published"]) == ("AR/1", "2024-05-01")
    assert found["is_queried"]
    assert found["lower_95"] < 12.5 < found["upper_95"]


def test_a_missing_part_is_x_not_returned_and_only_for_councils() -> None:
    answers = [answer("x", code, 2.0) for code in (*COUNCILS, "W92000004")]
    found = build([*answers, answer("n", COUNCILS[0], 4.0)], RATIO)
    assert found.loc[list(COUNCILS), "note_code"].fillna("").tolist() == ["", "x", "x"]
    assert found.loc[COUNCILS[1], "missing_reason"] == "not returned"
    assert "W92000004" not in found.index


def test_codes_of_both_parts_are_merged() -> None:
    found = build(
        [
            answer("x", COUNCILS[0], None, note_code="x", missing_reason="collection suspended"),
            answer("n", COUNCILS[0], 4.0, note_code="p"),
            answer("x", COUNCILS[1], None, note_code="x"),
            answer("n", COUNCILS[1], None, note_code="z"),
            answer("x", COUNCILS[2], 1.0, note_code="r"),
            answer("n", COUNCILS[2], 4.0, note_code="p"),
        ],
        RATIO,
    )
    assert found["note_code"].tolist() == ["x,p", "z", "r,p"]
    assert found.loc[COUNCILS[0], "missing_reason"] == "collection suspended"


def test_a_break_marks_every_figure_of_its_period() -> None:
    breaks = pd.DataFrame({"indicator": ["r"], "period": [YEAR]}).astype("str")
    answers = [answer(m, COUNCILS[0], v) for m, v in (("x", 1.0), ("n", 4.0))]
    assert build(answers, RATIO, breaks)["note_code"].tolist() == ["b"]


def test_a_denominator_of_the_same_year_serves_and_says_so() -> None:
    answers = [
        answer("x", COUNCILS[0], 1.0),
        answer("n", COUNCILS[0], 4.0, period=MID_YEAR),
        answer("n", COUNCILS[0], 5.0, period="2022-06-30"),
    ]
    assert build(answers, RATIO)[["value", "denominator_period"]].iloc[0].tolist() == [25, MID_YEAR]
    lagged = build(answers, RATIO, lags={"r": 1}).iloc[0]
    assert (lagged["value"], lagged["denominator_period"]) == (20, "2022-06-30")


def test_only_breakdowns_that_both_parts_have_make_figures() -> None:
    answers = [answer(m, COUNCILS[0], v) for m, v in (("x", 1.0), ("n", 4.0))]
    girls = {"breakdown_type": "sex", "breakdown": "female"}
    assert len(build([*answers, answer("x", COUNCILS[0], 1.0, **girls)], RATIO)) == 1
    both = [
        *answers,
        answer("x", COUNCILS[0], 1.0, **girls),
        answer("n", COUNCILS[0], 2.0, **girls),
    ]
    assert sorted(build(both, RATIO)["value"]) == [25, 50]
    assert len(build(both, RATIO, breakdown_types={"r": ("total",)})) == 1


def test_an_official_figure_stands_exactly_as_supplied_with_its_own_limits() -> None:
    found = build(
        [
            answer("v", COUNCILS[0], 33.45, lower_95=30.0, upper_95=36.0),
            answer("v", COUNCILS[1], None),
        ],
        SUPPLIED,
    )
    first = found.loc[COUNCILS[0]]
    assert first[["value", "value_rounded", "lower_95", "upper_95"]].tolist() == [
        33.45,
        33.5,
        30,
        36,
    ]
    assert found.loc[COUNCILS[1], "note_code"] == "x"


def test_a_stated_value_stands_beside_the_parts() -> None:
    answers = [answer("x", COUNCILS[0], 1.0), answer("n", COUNCILS[0], 8.0)]
    found = build([*answers, answer("s", COUNCILS[0], 13.0)], {**RATIO, "stated_measure": "s"})
    assert found[["value", "stated_value"]].iloc[0].tolist() == [12.5, 13]


@pytest.mark.parametrize(("x", "n"), [(3, 100), (98, 100), (5, 3), (9, 9)])
def test_small_counts_are_confidential_and_their_numerator_is_gone(x: float, n: float) -> None:
    declared = {**RATIO, "disclosure_threshold": 4, "kind": "rate", "interval": "none"}
    found = build([answer("x", COUNCILS[0], x), answer("n", COUNCILS[0], n)], declared).iloc[0]
    assert found["note_code"] == "c"
    assert found[["value", "value_rounded", "numerator"]].isna().all()
    assert math.isnan(found["denominator"]) == (n < 10)


def test_parts_that_cannot_be_true_stay_for_the_rules_and_have_no_value() -> None:
    found = build([answer("x", COUNCILS[0], 1.0), answer("n", COUNCILS[0], 0.0)], RATIO).iloc[0]
    assert found[["note_code", "missing_reason"]].tolist() == ["x", "withdrawn for quality"]
    assert found[["numerator", "denominator"]].tolist() == [1, 0]
    assert math.isnan(found["value"])


def test_an_error_withholds_every_number_and_a_query_only_marks() -> None:
    answers = [answer(m, code, v) for code in COUNCILS for m, v in (("x", 1.0), ("n", 4.0))]
    figures = build(answers, RATIO).reset_index()[list(dtypes("indicator_values"))]
    key = figures[["indicator", "period", "area_code", "breakdown_type", "breakdown"]].iloc[:2]
    findings = conform(key.assign(severity=["error", "query"]), "validation_findings", fill=True)
    found = withhold(figures, findings)
    assert found["value"].isna().tolist() == [True, False, False]
    assert found["numerator"].isna().tolist() == [True, False, False]
    assert found["is_queried"].tolist() == [False, True, False]
    assert found.loc[0, ["note_code", "missing_reason"]].tolist() == ["x", "withdrawn for quality"]
    assert figures["value"].notna().all()
    pd.testing.assert_frame_equal(withhold(figures, empty("validation_findings")), figures)
