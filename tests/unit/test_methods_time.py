"""M9: which period comes before which, and the fine print of change, by hand."""

import math

import pandas as pd
import pytest

from assets.methods.compare import compare
from assets.methods.periods import order_of, parse_interval, previous_codes

BEFORE = {
    "2023-04-01/P1Y": "2022-04-01/P1Y",
    "2023-04-01/2024-03-31": "2022-04-01/2023-03-31",
    "2023-04-01/2024-04-01": "2022-04-01/2023-04-01",
    "2020-01-01/P3Y": "2017-01-01/P3Y",
    "2024-07-01/P3M": "2023-07-01/P3M",
    "2024-02-01/P1M": "2023-02-01/P1M",
    "2024-02-29/P1M": "2023-02-28/P1M",
}


@pytest.mark.parametrize("period", BEFORE)
def test_the_previous_period_is_that_of_the_calendar(period: str) -> None:
    texts = order_of([period, BEFORE[period], "2023-06-15/P1D"])
    found = previous_codes(texts, is_rolling=False)[texts.index(period)]
    assert texts[found] == BEFORE[period]


def test_a_missing_year_is_not_skipped_over() -> None:
    texts = order_of(["2021-04-01/P1Y", "2023-04-01/P1Y"])
    assert previous_codes(texts, is_rolling=False).tolist() == [-1, -1]


def test_the_end_may_be_the_last_day_or_the_day_after() -> None:
    ways = ["2023-04-01/P1Y", "2023-04-01/2024-03-31", "2023-04-01/2024-04-01"]
    assert len({parse_interval(text) for text in ways}) == 1
    assert parse_interval("2023-24") is None
    assert parse_interval("2023-13-01/P1Y") is None


ENDS = {
    "2023-04-01/P1Y": "2024-04-01",
    "2023-04-01/P3M": "2023-07-01",
    "2023-04-01/P1Y6M": "2024-10-01",
    "2024-02-01/P1M": "2024-03-01",
    "2024-01-29/P2W": "2024-02-12",
    "2024-02-20/P10D": "2024-03-01",
    "2024-01-01/P1M1W1D": "2024-02-09",
    "2024-02-01/2024-02-29": "2024-03-01",
    "2024-02-01T00:00:00Z/2024-03-01T00:00:00Z": "2024-03-01",
    "2024-02-01/2024-02-10": "2024-02-11",
    "2023-03-31/P1M": "2023-04-30",
    "2023-01-31/P1M": "2023-02-28",
    "2024-01-30/P1M": "2024-02-29",
    "2023-10-31/P2M": "2023-12-31",
}


@pytest.mark.parametrize("period", ENDS)
def test_a_period_ends_the_day_after_its_last(period: str) -> None:
    found = parse_interval(period)
    assert found is not None
    assert (found.start.isoformat(), found.end.isoformat()) == (period[:10], ENDS[period])


def over_time(values: dict[str, object], **declared: object) -> pd.DataFrame:
    """Comparisons of one council whose published value is given by period, with codes after |."""
    rows = []
    for period, text in values.items():
        number, _, codes = str(text).partition("|")
        value = float(number) if number else None
        rows.append({"indicator": "i", "period": period, "area_code": "W06000001", "value": value,
                     "note_code": codes or None})  # fmt: skip
    indicators = {"indicator": "i", "value_basis": "as_published", "polarity": "higher", **declared}
    found = compare(pd.DataFrame(rows), pd.DataFrame([indicators])).comparisons
    return found.set_index("period")


def years(*texts: object) -> dict[str, object]:
    return {f"{2020 + number}-04-01/P1Y": text for number, text in enumerate(texts)}


def test_equal_at_published_decimals_is_no_change_though_the_change_is_not_0() -> None:
    last = over_time(years(10.01, 10.04)).iloc[1]
    assert last["change_direction"] == "no change"
    assert last["change"] == pytest.approx(0.03)


def test_no_change_across_a_break_and_the_series_begins_anew() -> None:
    found = over_time(years(10, 20, "31|b", 33, 36))
    assert found["change"].fillna(-1).tolist() == [-1, 10, -1, 2, 3]
    assert found["change_reason"].iloc[2] == "break in the series"
    assert found["change_since_first"].tolist() == [0, 10, 0, 2, 5]


def test_a_break_in_the_very_first_figure_is_a_break() -> None:
    found = over_time(years("10|b", 20))
    assert found["change_reason"].iloc[0] == "break in the series"
    assert found["change"].tolist()[1:] == [10]


@pytest.mark.parametrize(
    ("interval", "test"), [("binomial", "newcombe"), ("poisson", "conditional_binomial")]
)
def test_a_change_since_the_very_first_figure_is_tested(interval: str, test: str) -> None:
    rows = pd.DataFrame(
        {
            "indicator": "i",
            "period": ["2022-04-01/P1Y", "2023-04-01/P1Y"],
            "area_code": "W06000001",
            "numerator": [10.0, 90.0],
            "denominator": 100.0,
        }
    )
    found = compare(rows, pd.DataFrame([{"indicator": "i", "interval": interval}])).comparisons
    assert found.loc[1, ["change_test", "change_significant"]].tolist() == [test, True]
    assert pd.isna(found.loc[0, "change_test"])


def test_a_break_in_a_missing_year_counts() -> None:
    found = over_time({"2020-01-01/P3Y": 1, "2022-01-01/P3Y": "|b", "2023-01-01/P3Y": 4})
    assert found["change_reason"].iloc[2] == "break in the series"


def test_rolling_periods_never_overlap() -> None:
    periods = {f"{2010 + n}-01-01/P3Y": n for n in range(5)}
    found = over_time(periods, accumulation="rolling")
    assert found["change"].fillna(-1).tolist() == [-1, -1, -1, 3, 3]


def test_rolling_quarters_are_compared_with_the_quarter_before_and_not_with_last_year() -> None:
    periods = {f"{2022 + n // 12}-{n % 12 + 1:02}-01/P3M": n for n in range(14)}
    found = over_time(periods, accumulation="rolling")
    assert found["change"].fillna(-1).tolist() == [-1] * 3 + [3] * 11
    assert over_time(periods)["change"].fillna(-1).tolist() == [-1] * 12 + [12] * 2


@pytest.mark.parametrize(
    ("texts", "is_rolling"),
    [
        (["2024-01-01/P10D", "2024-01-11/P10D"], True),
        (["2022-01-01/2023-01-05", "2023-01-06/2024-01-10"], False),
    ],
)
def test_periods_of_odd_days_follow_each_other(texts: list[str], is_rolling: bool) -> None:
    assert previous_codes(texts, is_rolling=is_rolling).tolist() == [-1, 0]
    assert previous_codes([texts[1]], is_rolling=is_rolling).tolist() == [-1]


def test_periods_in_other_words_follow_each_other_as_texts_do() -> None:
    found = over_time({"2021-22": 1, "2022-23": 3, "2024-25": 8})
    assert found["change"].fillna(-1).tolist() == [-1, 2, 5]
    assert found["change_reason"].iloc[0] == "no figure for the previous period"


def test_year_to_date_only_with_the_same_quarter() -> None:
    periods = {f"{year}-04-01/{length}": value
               for year, values in ((2022, (1, 5, 9)), (2023, (2, 7, 12)))
               for length, value in zip(("P3M", "P6M", "P9M"), values, strict=True)}  # fmt: skip
    found = over_time(periods, accumulation="year_to_date")
    assert found.loc["2023-04-01/P6M", ["change", "change_since_first"]].tolist() == [2, 2]


def test_stretches_of_odd_days_are_followed_by_their_place_and_length() -> None:
    periods = {
        "2022-04-01/2022-04-20": 1,
        "2022-04-01/2022-05-05": 10,
        "2023-04-01/2023-04-20": 4,
        "2023-04-01/2023-05-05": 30,
    }
    found = over_time(periods, accumulation="year_to_date")
    assert found["change"].fillna(-1).tolist() == [-1, -1, 3, 20]
    assert found["change_since_first"].tolist() == [0, 0, 3, 20]


def test_a_stock_is_never_improved() -> None:
    found = over_time(years(10, 12, 11), accumulation="stock")
    assert found["change_direction"].tolist()[1:] == ["increased", "decreased"]


def test_towards_the_target_from_either_side_is_improved() -> None:
    found = over_time(years(40, 55, 45, 44), polarity="target", target=50.0)
    assert found["change_direction"].tolist()[1:] == ["improved", "no change", "worsened"]


def test_per_cent_of_the_size_of_the_previous_and_none_at_0_or_for_proportions() -> None:
    found = over_time(years(-4, 2, 0, 3))
    assert found["change_pct"].fillna(0).tolist() == [0, 150, -100, 0]
    assert over_time(years(4, 2), kind="proportion")["change_pct"].isna().all()


def test_five_rising_years_without_an_interval_rise_and_four_do_not() -> None:
    found = over_time(years(1, 2, 3, 4, 5))
    assert found["trend"].iloc[4] == "rising"
    assert found["trend_reason"].iloc[3] == "fewer than five points"
    assert over_time(years(1, 2, "3|b", 4, 5))["trend_reason"].iloc[4] == "break in the series"


def test_months_have_no_annual_trend() -> None:
    found = over_time({f"{2018 + n}-01-01/P1M": n for n in range(6)})
    assert found["trend_reason"].iloc[5] == "periods are not annual"


def test_one_year_missing_leaves_no_change_and_no_invented_value() -> None:
    found = over_time({"2020-04-01/P1Y": 1, "2021-04-01/P1Y": "", "2022-04-01/P1Y": 3})
    assert math.isnan(found["value"].iloc[1])
    assert found["change_reason"].tolist() == [
        "no figure for the previous period",
        "no value",
        "no value in the previous period",
    ]
    assert found["change_since_first"].iloc[2] == 2
