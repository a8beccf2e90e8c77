"""Periods: every form a publisher writes, and the canonical key it becomes."""

from datetime import date

import pytest

from sql.periods import describe_period, parse_period, previous_period

FORMS = [
    ("2018", "calendar_year", "2018-01-01/P1Y", "2018"),
    ("Mid-year 2019 ", "calendar_year", "2019-01-01/P1Y", "2019"),
    ("2018-01-01/P1Y", "calendar_year", "2018-01-01/P1Y", "2018"),
    ("2018-19", "financial_year", "2018-04-01/P1Y", "2018-19"),
    ("2018/19", "financial_year", "2018-04-01/P1Y", "2018-19"),
    ("2018-2019", "financial_year", "2018-04-01/P1Y", "2018-19"),
    ("201819", "financial_year", "2018-04-01/P1Y", "2018-19"),
    ("2018–19", "financial_year", "2018-04-01/P1Y", "2018-19"),
    (" 2012-13 ", "financial_year", "2012-04-01/P1Y", "2012-13"),
    ("1999-00", "financial_year", "1999-04-01/P1Y", "1999-00"),
    ("2018-04-01/P1Y", "financial_year", "2018-04-01/P1Y", "2018-19"),
    ("2018-04-01/2019-03-31", "financial_year", "2018-04-01/P1Y", "2018-19"),
    ("2018-04-01/2019-04-01", "financial_year", "2018-04-01/P1Y", "2018-19"),
    ("2018/19", "academic_year", "2018-09-01/P1Y", "2018-19"),
    ("2023Q1", "quarter", "2023-01-01/P3M", "2023 Q1"),
    ("2015 Q2", "quarter", "2015-04-01/P3M", "2015 Q2"),
    ("Q4 2024", "quarter", "2024-10-01/P3M", "2024 Q4"),
    ("2024-07-01/P3M", "quarter", "2024-07-01/P3M", "2024 Q3"),
    ("2015 AUG", "month", "2015-08-01/P1M", "2015-08"),
    ("August 2015", "month", "2015-08-01/P1M", "2015-08"),
    ("Aug-16", "month", "2016-08-01/P1M", "2016-08"),
    ("Sept 2016", "month", "2016-09-01/P1M", "2016-09"),
    ("2015-06", "month", "2015-06-01/P1M", "2015-06"),
    ("201506", "month", "2015-06-01/P1M", "2015-06"),
    ("2015-06-01/P1M", "month", "2015-06-01/P1M", "2015-06"),
    ("2020-01-01/P3Y", "rolling", "2020-01-01/P3Y", "2020-2022"),
    ("2019-01-01/P5Y", "rolling", "2019-01-01/P5Y", "2019-2023"),
    ("2020-2022", "rolling", "2020-01-01/P3Y", "2020-2022"),
    ("2020-22", "rolling", "2020-01-01/P3Y", "2020-2022"),
    ("2020 to 2022", "rolling", "2020-01-01/P3Y", "2020-2022"),
    ("2012-05-15/P1Y", "rolling", "2012-05-15/P1Y", "2012-05-15 / 2013-05-14"),
    ("2019-04-17", "snapshot", "2019-04-17", "2019-04-17"),
    ("31 March 2023", "snapshot", "2023-03-31", "2023-03-31"),
    ("At 31 March 2023", "snapshot", "2023-03-31", "2023-03-31"),
    ("Mid-2020", "snapshot", "2020-06-30", "2020-06-30"),
]


@pytest.mark.parametrize(("text", "kind", "key", "label"), FORMS)
def test_every_form_of_a_publisher_has_one_key(text, kind, key, label):
    period = parse_period(text, kind)
    assert period is not None
    assert (period.key, period.type, period.label) == (key, kind, label)


@pytest.mark.parametrize(("_text", "kind", "key", "_label"), FORMS)
def test_a_key_read_again_is_the_same_period(_text, kind, key, _label):
    assert parse_period(key, kind) == describe_period(key, kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2018", "financial_year"),
        ("2018-19", "calendar_year"),
        ("2018-20", "financial_year"),
        ("2018-17", "academic_year"),
        ("2018-04-01/P1Y", "calendar_year"),
        ("2018-01-01/P1Y", "financial_year"),
        ("2018-01-01/P1M", "rolling"),
        ("2019-02-30", "snapshot"),
        ("2019-13", "month"),
        ("2015 AUX", "month"),
        ("2023Q5", "quarter"),
        ("2018-04-01/P0Y", "financial_year"),
        ("2018-04-01/P7M", "financial_year"),
        ("0018-04-01/P1Y", "financial_year"),
        ("", "calendar_year"),
        ("Wales", "snapshot"),
    ],
)
def test_what_is_no_period_of_that_type_is_not_guessed(text, kind):
    assert parse_period(text, kind) is None


@pytest.mark.parametrize("built", ["pre-1900", "1900-1918", "1919-1929", "1993-1999", "2020-2025"])
@pytest.mark.parametrize("kind", ["calendar_year", "financial_year", "rolling", "snapshot"])
def test_when_a_dwelling_was_built_is_not_when_it_was_counted(built, kind):
    assert parse_period(built, kind) is None


def test_the_last_day_is_inclusive():
    assert describe_period("2023-04-01/P1Y").end == date(2024, 3, 31)
    assert describe_period("2020-01-01/P3Y").end == date(2022, 12, 31)
    assert describe_period("2024-02-01/P1M").end == date(2024, 2, 29)
    assert describe_period("2025-03-15").end == date(2025, 3, 15)


def test_the_type_of_a_key_follows_from_its_start_and_length():
    kinds = {
        "2023-01-01/P1Y": "calendar_year",
        "2023-04-01/P1Y": "financial_year",
        "2023-09-01/P1Y": "academic_year",
        "2012-02-01/P1Y": "rolling",
        "2020-01-01/P3Y": "rolling",
        "2015-06-01/P1M": "month",
        "2024-07-01/P3M": "quarter",
        "2025-03-15": "snapshot",
    }
    assert {key: describe_period(key).type for key in kinds} == kinds


def test_a_key_that_is_none_is_refused_in_words():
    with pytest.raises(ValueError, match="'2023' is not a period: write"):
        describe_period("2023")
    with pytest.raises(ValueError, match="is a calendar_year, not a month"):
        describe_period("2023-01-01/P1Y", "month")
    with pytest.raises(ValueError, match="no period type 'week'"):
        parse_period("2023", "week")


def test_the_previous_period_does_not_overlap():
    assert previous_period("2023-04-01/P1Y") == "2022-04-01/P1Y"
    assert previous_period("2020-01-01/P3Y") == "2017-01-01/P3Y"
    assert previous_period("2015-06-01/P1M") == "2014-06-01/P1M"
    assert previous_period("2024-07-01/P3M") == "2023-07-01/P3M"
    assert previous_period("2025-03-15") is None
