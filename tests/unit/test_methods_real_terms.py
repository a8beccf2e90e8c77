"""M12: money freed of inflation, by hand; what is not money is refused."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.methods.impossible import ImpossibleInput
from assets.methods.real_terms import Deflator, is_money, real_terms, yearly_index

YEARS = {"2019-04-01/P1Y": 80.0, "2020-04-01/P1Y": 85.0, "2023-04-01/P1Y": 100.0}
GDP = Deflator("HMT GDP deflator", "2025-09", "2023-04-01/P1Y", "2023-24 = 100", YEARS)
INDICATORS = pd.DataFrame(
    [
        {"indicator": "spend", "unit": "gbp_per_head", "numerator": "net", "denominator": "people"},
        {"indicator": "tax", "unit": "gbp", "numerator": None, "denominator": None},
        {"indicator": "reserves", "unit": "percent", "numerator": "held", "denominator": "net"},
        {"indicator": "sick", "unit": "days", "numerator": "days", "denominator": "people"},
    ]
)
MEASURES = pd.DataFrame(
    {
        "measure": ["net", "held", "people", "days"],
        "unit": ["gbp", "gbp", "number", "days"],
    }
)


def figures(indicator: str, values: dict[str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "indicator": indicator,
            "period": list(values),
            "area_code": "W06000001",
            "breakdown_type": "total",
            "breakdown": "total",
            "value": list(values.values()),
        }
    )


def test_last_years_money_is_worth_more_by_hand() -> None:
    found = real_terms(
        figures("spend", {"2019-04-01/P1Y": 400.0, "2023-04-01/P1Y": 480.0}),
        INDICATORS,
        MEASURES,
        GDP,
    )
    assert found["real_value"].tolist() == [500.0, 480.0]
    assert found["value"].tolist() == [400.0, 480.0]
    named = found.loc[0, ["deflator", "vintage", "reference", "base"]].tolist()
    assert named == ["HMT GDP deflator", "2025-09", "2023-04-01/P1Y", "2023-24 = 100"]
    assert found["caveat"].isna().all()


def test_limits_are_deflated_with_the_value() -> None:
    rows = figures("tax", {"2019-04-01/P1Y": 400.0}).assign(lower_95=380.0, upper_95=420.0)
    found = real_terms(rows, INDICATORS, MEASURES, GDP).iloc[0]
    assert found[["real_lower_95", "real_upper_95"]].tolist() == [475.0, 525.0]


@pytest.mark.parametrize(
    ("period", "has_caveat"),
    [
        ("2019-04-01/P1Y", False),
        ("2020-04-01/P1Y", True),
        ("2021-04-01/P1Y", True),
        ("2020-01-01/P1Y", True),
        ("2022-04-01/P1Y", False),
        ("2019-20", False),
    ],
)
def test_the_two_pandemic_years_carry_a_caveat(period: str, has_caveat: bool) -> None:
    found = real_terms(figures("tax", {period: 1.0}), INDICATORS, MEASURES, GDP).iloc[0]
    assert found["caveat"] == "the deflator of 2020-21 and 2021-22 is distorted by the pandemic" \
        if has_caveat else pd.isna(found["caveat"])  # fmt: skip


def test_a_reference_in_those_years_taints_all_of_them() -> None:
    tainted = Deflator("x", "2025-09", "2020-04-01/P1Y", "2023-24 = 100", YEARS)
    found = real_terms(figures("tax", {"2019-04-01/P1Y": 1.0}), INDICATORS, MEASURES, tainted)
    assert found["caveat"].notna().all()


def test_a_financial_year_series_deflates_no_calendar_year_and_nothing_is_invented() -> None:
    found = real_terms(
        figures("tax", {"2019-01-01/P1Y": 10.0, "2018-04-01/P1Y": 10.0, "2019-04-01/P1Y": None}),
        INDICATORS,
        MEASURES,
        GDP,
    )
    assert found["reason"].tolist() == ["no index for the period"] * 2 + ["no value"]
    assert found["real_value"].isna().all()


def test_the_same_year_written_otherwise_is_the_same_year() -> None:
    found = real_terms(figures("tax", {"2019-04-01/2020-03-31": 8.0}), INDICATORS, MEASURES, GDP)
    assert found["real_value"].tolist() == [10.0]


@pytest.mark.parametrize(
    ("indicator", "why"),
    [
        ("reserves", "money over money"),
        ("sick", "not money"),
        ("unknown", "not declared"),
    ],
)
def test_only_money_over_something_else_has_real_terms(indicator: str, why: str) -> None:
    with pytest.raises(ImpossibleInput, match=rf"{indicator} \({why}\)"):
        real_terms(figures(indicator, {"2019-04-01/P1Y": 1.0}), INDICATORS, MEASURES, GDP)


def test_units_of_money() -> None:
    assert [is_money(unit) for unit in ("gbp", "gbp_per_week", "percent", None)] == [
        True,
        True,
        False,
        False,
    ]


def months(start: int, *values: float) -> dict[str, float]:
    first = start * 12 + 3
    return {
        f"{(first + step) // 12}-{(first + step) % 12 + 1:02}-01/P1M": value
        for step, value in enumerate(values)
    }


@given(st.lists(st.floats(50, 200), min_size=12, max_size=12))
def test_a_financial_year_is_the_mean_of_april_to_march(values: list[float]) -> None:
    found = yearly_index(months(2023, *values))
    assert list(found) == ["2023-04-01/P1Y"]
    assert found["2023-04-01/P1Y"] == pytest.approx(sum(values) / 12, rel=1e-12)


def test_a_year_without_all_its_months_has_no_index() -> None:
    assert yearly_index(months(2023, *range(1, 12))) == {}
    assert yearly_index(months(2023, *[1.0] * 11, float("nan"))) == {}
    assert list(yearly_index(months(2023, *[5.0] * 21), first_month=1)) == ["2024-01-01/P1Y"]


def quarters(*starts: str) -> dict[str, float]:
    return {f"{start}-01/P3M": float(place) for place, start in enumerate(starts, 1)}


def test_a_year_is_the_mean_of_its_own_quarters() -> None:
    """Four that overlap, or run from May to April, are no year from April to March."""
    assert yearly_index(quarters("2023-04", "2023-05", "2023-06", "2023-07")) == {}
    assert yearly_index(quarters("2023-05", "2023-08", "2023-11", "2024-02")) == {}
    own = ("2023-04", "2023-07", "2023-10", "2024-01")
    assert yearly_index(quarters(*own, "2023-05", "2024-02")) == {"2023-04-01/P1Y": 2.5}


def test_what_is_not_a_month_and_a_month_twice_are_refused() -> None:
    for period in ("2023-04-01/P1Y", "2023-04-15/P1M", "2023-04-06/P3M"):
        with pytest.raises(ImpossibleInput, match="not a month"):
            yearly_index({period: 1.0})
    with pytest.raises(ImpossibleInput, match="Two indices for 2023-04"):
        yearly_index({"2023-04-01/P1M": 1.0, "2023-04-01/2023-04-30": 1.0})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"index": {**YEARS, "2018-04-01/P1Y": 0.0}}, "no index above 0 for 2018-04-01/P1Y"),
        ({"index": {**YEARS, "2018-04-01/P1Y": float("nan")}}, "no index above 0"),
        ({"reference": "2030-04-01/P1Y"}, "no index for its reference"),
        ({"vintage": ""}, "name, vintage and base"),
    ],
)
def test_a_deflator_says_what_it_is(change: dict, words: str) -> None:
    made = {
        "name": "x",
        "vintage": "2025-09",
        "reference": "2023-04-01/P1Y",
        "base": "2023-24 = 100",
        "index": YEARS,
    }
    with pytest.raises(ImpossibleInput, match=words):
        Deflator(**{**made, **change})


@given(st.floats(0.01, 100))
def test_a_new_base_period_changes_no_real_value(factor: float) -> None:
    rebased = Deflator(
        "HMT", "2026-03", GDP.reference, "other", {k: v * factor for k, v in YEARS.items()}
    )
    rows = figures("tax", {"2019-04-01/P1Y": 123.0})
    one, two = (real_terms(rows, INDICATORS, MEASURES, item) for item in (GDP, rebased))
    assert one["real_value"].item() == pytest.approx(two["real_value"].item(), rel=1e-12)
