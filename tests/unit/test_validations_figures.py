"""What can be said of a figure: parts and whole, bounds, limits, and the stated value (M1)."""

import pandas as pd
import pytest

from assets.methods.figures import build_figures
from sql.frames import conform
from sql.tables import key_of
from validations.rules.examples import (
    CONWY,
    FIGURE,
    RETURN,
    WIDE,
    areas,
    figures,
    indicators,
    wide_areas,
)
from validations.validate import judge_figures


def codes(figure, indicator=None):
    return judge_figures(figures([figure]), indicators(indicator))["code"].tolist()


@pytest.mark.parametrize(
    ("stated", "noise", "expected"),
    [
        (6.04, "none", "stated_value_differs"),
        (6.0, "none", None),
        (6.1, "none", "stated_value_differs"),
        (6.2, "none", "stated_value_wrong"),
        (60.0, "none", "stated_value_wrong"),
        (6.2, "perturbed", None),
    ],
)
def test_a_stated_value_is_reconciled_with_its_parts(stated, noise, expected):
    figure = {"numerator": 6.0, "denominator": 100.0, "stated_value": stated}
    assert codes(figure, {"noise": noise}) == ([expected] if expected else [])


def test_a_difference_that_the_council_explained_is_asked_no_more():
    made = figures([{"numerator": 6.0, "denominator": 100.0, "stated_value": 6.1}])
    answer = {name: FIGURE[name] for name in ("period", "area_code", "breakdown_type", "breakdown")}
    measure = indicators()["denominator"].iloc[0]
    answers = pd.DataFrame([{**answer, "measure": measure, "explanation": "Late births."}])
    told = conform(answers, "validated_returns", fill=True)
    assert judge_figures(made, indicators(), answers=told.head(0))["code"].tolist() == [
        "stated_value_differs"
    ]
    assert judge_figures(made, indicators(), answers=told).empty


def test_parts_rounded_to_five_allow_what_their_rounding_allows():
    # 60 and 1000, each up to 2 from the truth: from 100 x 58/1002 = 5.79 to 100 x 62/998 = 6.21.
    figure = {"numerator": 60.0, "denominator": 1000.0, "value": 6.0}
    rounded = {"noise": "rounded:5"}
    assert codes(figure | {"stated_value": 6.2}, rounded) == []
    assert codes(figure | {"stated_value": 6.3}, rounded) == ["stated_value_wrong"]
    assert codes(figure | {"stated_value": 6.2}) == ["stated_value_wrong"]


def test_half_a_unit_of_the_stated_place_is_the_place_most_values_have():
    parts = {"numerator": 6.04, "denominator": 100.0, "value": 6.04}
    rows = [
        parts | {"stated_value": 6.0},
        parts | {"stated_value": 6.1, "area_code": CONWY, "numerator": 6.1, "value": 6.1},
        parts | {"stated_value": 7.2, "area_code": "W06000001", "numerator": 7.2, "value": 7.2},
    ]
    assert len(judge_figures(figures(rows), indicators())) == 0
    rows[0]["stated_value"] = 6.0
    rows[0]["numerator"] = 6.06
    found = judge_figures(figures(rows), indicators())
    assert found["code"].tolist() == ["stated_value_differs"]


def test_an_official_figure_is_only_checked():
    figure = {"numerator": 6.0, "denominator": 100.0, "value": 60.0, "value_rounded": 60.0}
    assert codes(figure, {"value_basis": "as_published"}) == ["stated_value_differs"]


def test_collection_with_arrears_passes_a_hundred_where_no_bound_is_declared():
    figure = {"numerator": 104.0, "denominator": 100.0, "value": 104.0}
    assert codes(figure, {"kind": "rate", "upper_bound": None, "interval": "none"}) == []
    assert codes(figure, {"interval": "none"}) == [
        "numerator_over_denominator",
        "value_outside_bounds",
    ]


@pytest.mark.parametrize("kind", ["proportion", "rate", "mean", "cost", "share"])
@pytest.mark.parametrize("interval", ["none", "binomial", "poisson"])
@pytest.mark.parametrize(
    ("part", "whole"),
    [(104, 100), (-3, 100), (3, -100), (3, 0), (-3, 0), (0, 0), (1e60, 1), (0.1 + 0.2, 0.3)],
)
def test_no_figure_is_withdrawn_without_a_finding_that_says_why(kind, interval, part, whole):
    """What the methods refuse to divide, a rule names; what no rule names has its value."""
    numbers = {"births_under_2500g": part, "births": whole}
    given = [{"measure": name, "value": number} for name, number in numbers.items()]
    place = {name: FIGURE[name] for name in ("period", "area_code", "breakdown_type", "breakdown")}
    accepted = conform(pd.DataFrame(given).assign(**place), "validated_returns", fill=True)
    about = {"kind": kind, "interval": interval, "lower_bound": None, "upper_bound": None}
    declared = indicators({**about, "disclosure_threshold": 0})
    breaks = pd.DataFrame({"indicator": [], "period": []})
    built = build_figures(accepted, declared, areas(), breaks)
    found = judge_figures(built, declared, areas())
    is_withdrawn = built["missing_reason"].eq("withdrawn for quality").item()
    assert is_withdrawn == (len(found) == 1), found["message_en"].tolist()


@pytest.mark.parametrize(("numerator", "found"), [(3.0, ["denominator_zero"]), (0.0, [])])
def test_something_divided_by_nothing_is_an_error_and_nothing_by_nothing_is_not(numerator, found):
    figure = {"numerator": numerator, "denominator": 0.0, "value": None}
    assert [code for code in codes(figure) if code == "denominator_zero"] == found


@pytest.mark.parametrize(
    "limits",
    [
        {"lower_95": 6.1, "upper_95": 7.0},
        {"lower_95": 5.0, "upper_95": 5.9},
        {"lower_95": 5.0, "upper_95": 7.0, "lower_998": 5.5, "upper_998": 8.0},
        {"lower_95": 5.0, "upper_95": 7.0, "lower_998": 4.0, "upper_998": 6.5},
    ],
)
def test_limits_must_hold_the_value_and_each_other(limits):
    assert codes(limits) == ["figure_limits_order"]


def test_a_message_shows_whole_numbers_in_full():
    """1234567 of 1234566: neither is 1.23457e+06, and they are not the same."""
    figure = {"numerator": 1234567.0, "denominator": 1234566.0, "value": None}
    found = judge_figures(figures([figure]), indicators())
    assert found[["seen", "expected"]].to_numpy().tolist() == [["1234567", "1234566"]]


def test_each_figure_has_its_own_finding_with_its_whole_key():
    rows = [{"value": 101.0}, {"value": 102.0, "area_code": CONWY}]
    found = judge_figures(figures(rows), indicators())
    wrong = found[found["code"] == "value_outside_bounds"]
    assert wrong["area_code"].tolist() == [FIGURE["area_code"], CONWY]
    assert wrong[list(key_of("indicator_values"))].notna().all(axis=None)
    assert set(wrong["level"]) == {"row"}
    assert "Babanod â phwysau geni isel" in wrong["message_cy"].iloc[0]


def far_out(**changes):
    """Thirteen councils at 6, 7 and 8, and a last one at 20 from a return."""
    rows = [
        {"value": float(6 + place % 3), "numerator": None, "area_code": code}
        for place, code in enumerate(WIDE[:13])
    ]
    odd = {"value": 20.0, "numerator": None, "area_code": WIDE[13], "return_ref": RETURN}
    return figures([*rows, {**odd, **changes}])


@pytest.mark.parametrize(("is_queried", "asked"), [(False, ["outlier"]), (True, [])])
def test_a_figure_that_is_asked_about_already_is_not_asked_about_again(is_queried, asked):
    found = judge_figures(far_out(is_queried=is_queried), indicators(), wide_areas())
    assert found["code"].tolist() == asked


@pytest.mark.parametrize(
    ("area", "period", "text", "asked"),
    [
        (WIDE[13], FIGURE["period"], "A new hospital opened.", []),
        (WIDE[13], FIGURE["period"], "  ", ["outlier"]),
        (WIDE[13], "2021-01-01/P1Y", "A new hospital opened.", ["outlier"]),
        (WIDE[0], FIGURE["period"], "A new hospital opened.", ["outlier"]),
    ],
)
def test_what_the_council_explained_is_asked_no_more(area, period, text, asked):
    """The remedy says: say in the column explanation what sets the council apart."""
    answer = {"measure": indicators()["numerator"].iloc[0], "area_code": area, "period": period}
    key = {"breakdown_type": FIGURE["breakdown_type"], "breakdown": FIGURE["breakdown"]}
    answers = pd.DataFrame([{**answer, **key, "explanation": text}])
    told = conform(answers, "validated_returns", fill=True)
    found = judge_figures(far_out(), indicators(), wide_areas(), told)
    assert found["code"].tolist() == asked


@pytest.mark.parametrize(("value", "code"), [(20.0, "outlier_in_source"), (7000.0, "outlier")])
def test_a_publishers_figure_in_another_unit_is_asked_about_though_it_has_no_past(value, code):
    found = judge_figures(far_out(return_ref=None, value=value), indicators(), wide_areas())
    (finding,) = found[found["code"].str.startswith("outlier")].to_dict("records")
    assert finding["code"] == code
    assert "the publisher's own page" in finding["message_en"]
    assert ("its unit may be another one" in finding["message_en"]) == (code == "outlier")


def test_no_figures_and_unknown_indicators_have_no_findings_of_their_own():
    assert len(judge_figures(figures([{}]).head(0), indicators())) == 0
    assert codes({"indicator": "something_else", "value": 900.0}) == []
