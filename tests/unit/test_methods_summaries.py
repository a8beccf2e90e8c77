"""The tables that follow from comparisons: each set of indicators on its own, by hand."""

import pandas as pd
import pytest

from assets.methods.breakdown_gaps import gaps, inequality_indices
from assets.methods.compare import compare
from assets.methods.finder import PRACTICE, find_practice
from assets.methods.real_terms import yearly_index
from assets.methods.sector import sector_summary
from assets.methods.summary_tables import (
    Compared,
    Prices,
    breakdown_gaps_table,
    inequality_indices_table,
    narrowing_table,
    practice_finder_table,
    real_terms_table,
    sector_summaries_table,
    watch_list_table,
)
from assets.methods.watch_list import watch_list
from sql.frames import conform
from sql.tables import column_names
from tests.unit.test_methods_watch_list import COUNCILS, HOMELESS, SPEND, YEARS, night

SETS = {"both": ["homeless", "spend"], "money": ["spend"]}
NO_PRACTICE = pd.DataFrame(columns=["area_code", "indicator", *PRACTICE])


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    made = night(x_homeless=HOMELESS, x_spend=SPEND)
    indicators = made["indicators"].assign(
        theme="housing",
        target=None,
        framework_codes=["PAM 1", None],
        act_2021=["a;b", "b"],
        corporate_areas=None,
        wellbeing_goals="prosperous",
    )
    return {**made, "indicators": indicators}


@pytest.fixture(scope="module")
def compared(tables: dict[str, pd.DataFrame]) -> Compared:
    figures = conform(tables["figures"], "indicator_values", fill=True)
    return Compared(figures, tables["comparisons"], tables["benchmarks"], tables["indicators"])


# --- lists ----------------------------------------------------------------------------------------


def test_what_chance_would_list_is_counted_over_the_set_alone(compared: Compared) -> None:
    found = watch_list_table(compared, SETS)
    by_set = found.groupby("indicator_set")
    assert by_set["n_tested"].max().to_dict() == {"both": 1, "money": 0}
    assert by_set["expected_by_chance"].max().to_dict() == {"both": 0.001, "money": 0.0}
    assert list(found.columns) == column_names("watch_list")


def test_a_measure_without_an_interval_is_labelled_no_test(compared: Compared) -> None:
    rows = watch_list_table(compared, SETS)
    spend = rows[rows["indicator_set"] == "money"].iloc[0]
    assert (spend["test"], spend["reason_en"]) == ("no test", "lowest band twice running")
    assert spend[["p_worse", "method"]].isna().all()
    assert spend["reason_cy"] == "yn y band isaf ddwywaith yn olynol"
    homeless = rows[rows["indicator"] == "homeless"].iloc[0]
    assert homeless["reason_cy"] == "yn waeth na'r cymdogion y tu hwnt i siawns"
    assert homeless["method"] == "99.8 %"


def test_neighbours_to_ask_are_those_of_the_finder(
    compared: Compared, tables: dict[str, pd.DataFrame]
) -> None:
    watched = watch_list_table(compared, SETS)
    found = practice_finder_table(compared, SETS, watched, tables["groups"], NO_PRACTICE)
    assert list(found.columns) == column_names("practice_finder")
    given = {name: tables[name] for name in ("figures", "comparisons", "benchmarks", "indicators")}
    plain = find_practice(watch_list(**given), **tables)
    ours = found[found["indicator_set"] == "both"]
    assert ours["neighbour_code"].tolist() == plain["neighbour_code"].tolist()
    assert ours["neighbour_value_rounded"].tolist() == plain["neighbour_value"].tolist()
    assert set(found["practice_cy"]) == {"gofynnwch iddynt"}
    both = found[found["why_en"] == "better beyond chance; improved most"]
    assert set(both["why_cy"]) == {"yn well y tu hwnt i siawns; wedi gwella fwyaf"}


def test_a_stock_never_improved_most(tables: dict[str, pd.DataFrame]) -> None:
    stock = tables | {"indicators": tables["indicators"].assign(accumulation="stock")}
    given = {name: stock[name] for name in ("figures", "comparisons", "benchmarks", "indicators")}
    found = find_practice(watch_list(**given), **stock)
    assert not found["why"].str.contains("improved").any()
    assert len(find_practice(watch_list(**given), **tables)) > len(found)


# --- sector summaries -----------------------------------------------------------------------------


def test_shares_are_those_of_the_method_in_per_cent(compared: Compared) -> None:
    found = sector_summaries_table(compared, SETS)
    assert list(found.columns) == column_names("sector_summaries")
    plain = sector_summary(compared.comparisons, compared.indicator_catalogue, "all", "all")
    assert plain.empty, "the comparisons here are of own groups"
    everyone = compare(compared.indicator_values, compared.indicator_catalogue)
    whole = Compared(
        compared.indicator_values,
        everyone.comparisons,
        everyone.benchmarks,
        compared.indicator_catalogue,
    )
    found = sector_summaries_table(whole, SETS)
    rows = found[(found["indicator_set"] == "both") & (found["summary_by"] == "all")]
    plain = sector_summary(whole.comparisons, whole.indicator_catalogue, "all")
    assert rows["top_pct"].tolist() == pytest.approx((100 * plain["share_top"]).tolist())
    total = rows[["n_improved", "n_unchanged", "n_worsened"]].sum(axis=1)
    assert total.tolist() == rows["n_comparable"].tolist()


def test_an_indicator_counts_once_in_each_of_its_classes(compared: Compared) -> None:
    everyone = compare(compared.indicator_values, compared.indicator_catalogue)
    by_part = sector_summary(everyone.comparisons, compared.indicator_catalogue, "act_2021")
    sizes = by_part.groupby("act_2021")["n_indicators"].first().to_dict()
    assert sizes == {"a": 1, "b": 2}


def test_narrowing_names_the_period_before(compared: Compared) -> None:
    everyone = compare(compared.indicator_values, compared.indicator_catalogue)
    whole = Compared(
        compared.indicator_values,
        everyone.comparisons,
        everyone.benchmarks,
        compared.indicator_catalogue,
    )
    found = narrowing_table(whole)
    assert list(found.columns) == column_names("narrowing")
    assert found[["period_before", "period"]].drop_duplicates().to_numpy().tolist() == [YEARS]
    assert found["n_same"].tolist() == [len(COUNCILS)] * 2


# --- gaps and real terms --------------------------------------------------------------------------


def by_sector(**values: float) -> pd.DataFrame:
    rows = [
        {"indicator": "budget", "period": YEARS[0], "area_code": "W06000001", "value": value}
        | {"breakdown_type": "school_sector", "breakdown": sector}
        for sector, value in values.items()
    ]
    return conform(pd.DataFrame(rows), "indicator_values", fill=True)


def test_gaps_are_those_the_catalogue_asks_for() -> None:
    figures = by_sector(primary=4000.0, secondary=5000.0, special=20_000.0)
    found = breakdown_gaps_table(figures, {"budget": {"school_sector": "primary"}})
    assert found[["difference", "ratio"]].to_numpy().tolist() == [[1000.0, 1.25], [16_000.0, 5.0]]
    plain = gaps(figures, "school_sector", "primary")
    assert found["reason"].tolist() == plain["reason"].tolist()
    assert breakdown_gaps_table(figures, {}).empty


THIRDS = ("primary", "secondary", "special")


def test_indices_are_those_the_catalogue_orders() -> None:
    """By hand: 30 to 10 over the middles 1/6 and 5/6 is -30; the line runs from 35 to 5."""
    figures = by_sector(primary=30.0, secondary=20.0, special=10.0).assign(denominator=100.0)
    found = inequality_indices_table(figures, {"budget": {"school_sector": THIRDS}})
    assert list(found.columns) == column_names("inequality_indices")
    (row,) = found.to_dict("records")
    assert (row["first_group"], row["last_group"], row["n_groups"]) == ("primary", "special", 3)
    assert row["sii"] == pytest.approx(-30)
    assert (row["rii"], row["rii_of_mean"]) == pytest.approx((5 / 35, -1.5))
    turned = inequality_indices_table(figures, {"budget": {"school_sector": THIRDS[::-1]}})
    assert turned["sii"].tolist() == pytest.approx([30])
    plain = inequality_indices(figures, "school_sector", THIRDS)
    assert found["reason"].tolist() == plain["reason"].tolist() == ["no interval for every group"]


def test_without_an_order_or_a_figure_the_table_of_indices_is_empty() -> None:
    figures = by_sector(primary=30.0, secondary=20.0, special=10.0).assign(denominator=100.0)
    for orders in ({}, {"other": {"school_sector": THIRDS}}, {"budget": {"fifth": THIRDS}}):
        found = inequality_indices_table(figures, orders)
        assert found.empty
        assert list(found.columns) == column_names("inequality_indices")


def test_the_last_answer_of_a_renamed_group_stops_no_night() -> None:
    """The inbox keeps what it had: the catalogue named the group nursery before."""
    values = {"nursery": 30.0, "primary": 30.0, "secondary": 20.0, "special": 10.0}
    figures = by_sector(**values).assign(denominator=100.0)
    found = inequality_indices_table(figures, {"budget": {"school_sector": THIRDS}})
    assert found["sii"].tolist() == pytest.approx([-30])


QUARTERS = {
    f"{year}-{month:02}-01/P3M": index
    for year, indices in (
        (2019, [78, 79, 80, 81]),
        (2020, [82, 98, 95, 94]),
        (2021, [101, 0, 0, 0]),
    )
    for month, index in zip((1, 4, 7, 10), indices, strict=True)
    if index
}


def prices(reference: str = "2020-04-01/P1Y") -> Prices:
    caveat = ("distorted", "wedi'i ystumio")
    return Prices("deflator", reference, "2020 = 100", caveat, {"spend": 1})


def money(published: str = "2025-06-30") -> pd.DataFrame:
    rows = [
        {"indicator": "deflator", "period": period, "area_code": "K02000001", "value": float(index)}
        | {"source_published": published}
        for period, index in QUARTERS.items()
    ]
    rows += [
        {"indicator": "spend", "period": period, "area_code": "A", "value": 161.0}
        for period in ("2019-04-01/P1Y", "2019-01-01/P1Y", "2018-04-01/P1Y")
    ]
    made = pd.DataFrame(rows).assign(breakdown_type="total", breakdown="total")
    return conform(made, "indicator_values", fill=True)


INDICATORS = pd.DataFrame(
    {"indicator": ["spend"], "unit": ["gbp"], "numerator": [None], "denominator": [None]}
)
MEASURES = pd.DataFrame({"measure": ["x"], "unit": ["gbp"]})


def test_a_year_is_the_mean_of_its_quarters_and_the_reference_is_one_year_for_all() -> None:
    """2019-20: (79 + 80 + 81 + 82)/4 = 80.5; 2019: 79.5; 2020-21: (98 + 95 + 94 + 101)/4 = 97."""
    found = real_terms_table(money(), INDICATORS, MEASURES, [prices()]).set_index("period")
    assert found.loc["2019-04-01/P1Y", "real_value"] == pytest.approx(161 * 97 / 80.5)
    assert found.loc["2019-04-01/P1Y", "real_value_rounded"] == 194.0
    assert found.loc["2019-01-01/P1Y", "real_value"] == pytest.approx(161 * 97 / 79.5)
    assert found.loc["2018-04-01/P1Y", "reason"] == "no index for the period"
    assert set(found["caveat_cy"]) == {"wedi'i ystumio"}, "the reference is one of those years"
    assert set(found["deflator_published"]) == {"2025-06-30"}


def test_without_an_index_for_the_reference_nothing_is_guessed() -> None:
    found = real_terms_table(money(), INDICATORS, MEASURES, [prices("2024-04-01/P1Y")])
    assert found["real_value"].isna().all()
    assert found["value"].tolist() == [161.0] * 3
    assert set(found["reason"]) == {"no index for the period"}
    assert list(found.columns) == column_names("real_terms")


def test_an_index_without_any_money_is_an_empty_table() -> None:
    """The deflator was pulled, the source of the spending was not: no night stops for that."""
    held = money()
    found = real_terms_table(
        held[held["indicator"] == "deflator"], INDICATORS, MEASURES, [prices()]
    )
    assert list(found.columns) == column_names("real_terms")
    assert found.empty


def test_quarters_and_months_are_not_averaged_together() -> None:
    assert yearly_index(QUARTERS, 1) == {"2019-01-01/P1Y": 79.5, "2020-01-01/P1Y": 92.25}
    with pytest.raises(ValueError, match="Months and quarters"):
        yearly_index({**QUARTERS, "2022-01-01/P1M": 1.0})
    with pytest.raises(ValueError, match="Two indices for 2019-01"):
        yearly_index({**QUARTERS, "2019-01-01/2019-03-31": 1.0})
