"""Limits learnt from history: against a plain reading of the method, figure by figure."""

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validations.rules.examples import RETURN, WIDE, answers, context, series, wide_areas
from validations.rules.history import history_of_frame
from validations.rules.limits import learn_limits, limits_of
from validations.validate import validate_answers

KEYS = {"measure": "births", "breakdown_type": "total", "breakdown": "total"}


def frame(values: dict[str, dict[int, float]], unit: str = "number") -> pd.DataFrame:
    rows = [
        {**KEYS, "area_code": area, "period": f"{year}-01-01/P1Y", "value": value, "unit": unit}
        for area, years in values.items()
        for year, value in years.items()
    ]
    return pd.DataFrame(rows)


def changes(years: dict[int, float], unit: str) -> dict[int, float]:
    found = {}
    for year, value in years.items():
        before = years.get(year - 1, math.nan)
        if unit == "percent":
            found[year] = value - before
        elif value > 0 and before > 0:
            found[year] = math.log(value / before)
    return {year: change for year, change in found.items() if not math.isnan(change)}


def mad(values: list[float]) -> float:
    middle = statistics.median(values)
    return 1.4826 * statistics.median(abs(value - middle) for value in values)


def by_hand(values: dict[str, dict[int, float]], unit: str, area: str, year: int):
    """(usual change, spread) as docs/validation.md words it; None where history is too short."""
    moved = {code: changes(years, unit) for code, years in values.items()}
    window = range(year - 8, year)
    # The chain of years breaks where nobody has a figure; here all years are there.
    own = [moved[area][y] for y in window if y in moved[area]]
    pooled = [
        change for code in values for y in window if (change := moved[code].get(y)) is not None
    ]
    if len(own) < 3:
        return None
    floor = 0.5 if unit == "percent" else 0.02
    spread = math.sqrt((mad(pooled) ** 2 + mad(own) ** 2) / 2)
    return statistics.median(own), max(spread, floor)


numbers = st.floats(0, 500, allow_nan=False).map(lambda value: round(value, 1))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.none() | numbers, min_size=13, max_size=13), min_size=2, max_size=4),
    st.sampled_from(["percent", "number"]),
)
def test_learnt_limits_are_those_of_a_plain_reading(rows, unit):
    values = {
        WIDE[place]: {2010 + year: math.nan if v is None else v for year, v in enumerate(row)}
        for place, row in enumerate(rows)
    }
    known = {
        area: {y: v for y, v in years.items() if not math.isnan(v)}
        for area, years in values.items()
    }
    learnt = learn_limits(frame(values, unit))
    for item in learnt.to_dict("records"):
        expected = by_hand(known, unit, item["area_code"], int(item["period"][:4]))
        if expected is None:
            assert item["basis"] == "too_short"
            assert math.isnan(item["low"])
        else:
            assert item["basis"] == "learnt"
            assert item["usual_change"] == pytest.approx(expected[0], abs=1e-9)
            assert item["spread"] == pytest.approx(expected[1], rel=1e-9)


def test_the_usual_range_of_a_figure_still_to_come():
    years = {2016: 100.0, 2017: 110.0, 2018: 121.0, 2019: 133.1, 2020: math.nan}
    last = learn_limits(frame({WIDE[0]: years})).iloc[-1]
    assert last["before"] == 133.1
    assert last["usual_change"] == pytest.approx(math.log(1.1))
    assert last["low"] == pytest.approx(133.1 * 1.1 * math.exp(-5 * 0.02))
    assert last["high"] == pytest.approx(133.1 * 1.1 * math.exp(5 * 0.02))
    points = learn_limits(frame({WIDE[0]: {y: 60.0 + y - 2016 for y in years}}, "percent")).iloc[-1]
    assert (points["low"], points["high"]) == pytest.approx((63 + 1 - 2.5, 63 + 1 + 2.5))


def test_the_year_judged_never_teaches_its_own_limits():
    calm = dict.fromkeys(range(2010, 2020), 100.0)
    wild = calm | {2019: 900.0}
    one, other = (learn_limits(frame({WIDE[0]: years})).iloc[-1] for years in (calm, wild))
    assert one["spread"] == other["spread"] == 0.02


def test_a_year_in_which_all_fall_is_no_question_and_who_does_not_fall_is_none_either():
    """At the hub a change is queried only where it is unlike the past and unlike the others."""
    values = {area: dict.fromkeys(range(2012, 2020), 100.0) | {2020: 60.0} for area in WIDE}
    values[WIDE[0]][2020] = 100.0
    values[WIDE[1]][2020] = 20.0
    block = history_of_frame(frame(values), set(WIDE))
    beyond = block.of_rows(limits_of(block).is_beyond)
    assert frame(values)["area_code"][np.flatnonzero(beyond)].tolist() == [WIDE[1]]


def test_a_day_of_count_that_moves_by_a_few_days_is_the_year_before():
    days = ["2018-04-18", "2019-04-17", "2020-04-22", "2022-04-20"]
    rows = [{**KEYS, "area_code": WIDE[0], "period": day, "value": 7.0, "unit": ""} for day in days]
    assert learn_limits(pd.DataFrame(rows))["before"].tolist()[1:3] == [7.0, 7.0]
    assert math.isnan(learn_limits(pd.DataFrame(rows))["before"].iloc[3]), "2021 is missing"


def message(values: str, **measure: object) -> str:
    years = {str(2012 + place): value for place, value in enumerate(values.split())}
    judged = validate_answers(
        answers(series(years, WIDE[0], return_ref=RETURN)), context(measure, areas=wide_areas())
    )
    found = judged.findings[judged.findings["code"] == "change_on_last_year"]
    assert len(found) == 1
    return found["message_en"].iloc[0]


def test_a_message_says_which_limit_held():
    assert "after its own history of the last years 90.5 to 111 would be usual" in message(
        "100 100 100 100 130"
    )
    assert "its own history is too short to learn from" in message("100 180")
    by_hand = message("100 100 100 100 180", tolerance="declared")
    assert "up to 50 % is usual (declared for this series)" in by_hand
