"""The catalogue as frames of the contract."""

import pytest

from assets.catalogue import frames
from assets.catalogue.load import load_catalogue
from sql.frames import dtypes


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


@pytest.mark.parametrize(
    ("make", "table"),
    [
        (frames.areas_frame, "areas"),
        (frames.indicator_frame, "indicator_catalogue"),
        (frames.group_frame, "comparison_groups"),
    ],
)
def test_frames_have_the_shape_of_the_contract(catalogue, make, table):
    frame = make(catalogue)
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == dtypes(table)
    assert len(frame) > 0


def test_areas_carry_names_types_and_predecessors(catalogue):
    areas = frames.areas_frame(catalogue).set_index("area_code")
    assert areas.loc["W06000001", "name_cy"] == "Ynys Môn"
    assert areas.loc["W06000023", "predecessors"] == "W06000007"
    assert areas.loc["W92000004", "area_type"] == "nation"
    assert areas.loc["W_SPONSOR", "area_type"] == "unallocated"
    in_force = areas[(areas["area_type"] == "council") & areas["valid_to"].isna()]
    assert len(in_force) == 22


def test_only_indicators_that_may_be_released_have_a_row(catalogue):
    frame = frames.indicator_frame(catalogue).set_index("indicator")
    assert sorted(frame.index) == sorted(catalogue.published_indicators())
    assert frame.loc["municipal_waste_recycled", "framework_codes"] == "PAM PAM/030"
    assert frame.loc["low_birth_weight", "theme"] == "health"
    assert frame.loc["low_birth_weight", "multiplier"] == 100


def test_what_we_derive_is_labelled_as_ours(catalogue):
    label = frames.indicator_frame(catalogue).set_index("indicator")["label"]
    derived = label["ultra_low_emission_share"]
    assert derived.startswith("Not official statistics; derived by council-benchmarks from ")
    assert label["employment_rate"].startswith("Figures of Office for National Statistics")


def test_a_count_taken_over_as_it_is_keeps_its_publisher(catalogue):
    label = frames.indicator_frame(catalogue).set_index("indicator")["label"]
    for id_ in ("population", "school_pupils", "active_businesses", "ukraine_arrivals"):
        assert label[id_].startswith("Figures of "), id_
    for id_ in ("ukraine_arrivals_rate", "low_birth_weight", "rail_journeys_per_head"):
        assert label[id_].startswith("Not official statistics; derived by"), id_
    assert label["municipal_waste_recycled"].startswith(
        "Figures of Welsh Government, from returns of the 22 councils, "
    )


def test_measures_carry_their_dataset_and_categories(catalogue):
    measures = frames.measures_frame(catalogue).set_index("measure")
    budget = measures.loc["school_budget_per_pupil"]
    assert budget["dataset"] == "school_budgets_per_pupil"
    assert budget["breakdowns"] == "nursery;primary;middle;secondary;special"
    assert bool(budget["has_total"])
    assert measures.loc["dwellings", "noise"] == "rounded:10"


def test_groups_are_everyone_and_the_regions_that_publish_a_benchmark(catalogue):
    groups = frames.group_frame(catalogue).groupby("group_code")["member_code"].nunique()
    assert groups.to_dict() == {
        "all": 22,
        "region:north_wales": 6,
        "region:south_west_wales": 4,
        "region:south_east_wales": 10,
        "health_board:betsi_cadwaladr": 6,
        "health_board:aneurin_bevan": 5,
    }


def test_targets_breaks_lags_and_breakdowns_go_to_the_methods(catalogue):
    assert frames.targets_frame(catalogue)["value"].tolist() == [58] * 4 + [64] * 5 + [70]
    assert set(frames.breaks_frame(catalogue)["indicator"]) == {
        "children_relative_poverty_bhc",
        "children_relative_poverty_ahc",
        "domestic_gas_consumption",
    }
    assert frames.denominator_lags(catalogue) == {"solar_generation_per_household": 3}
    assert frames.breakdown_types(catalogue)["school_pupils"] == ("total", "school_sector")


def test_provisional_periods_are_those_the_sources_declare(catalogue):
    found = frames.provisional_frame(catalogue)
    assert {name: str(kind) for name, kind in found.dtypes.items()} == {
        "indicator": "str",
        "period": "str",
    }
    periods = found.groupby("indicator")["period"].agg(list).to_dict()
    years = {id_: [period[:4] for period in listed] for id_, listed in periods.items()}
    assert years == {
        "business_deaths": ["2023", "2024"],
        "children_relative_poverty_ahc": ["2023", "2024"],
        "children_relative_poverty_bhc": ["2021", "2022", "2023", "2024"],
        "household_income_per_head": ["2023"],
        "median_weekly_pay": ["2025"],
    }


def test_a_period_has_one_row_with_its_days_and_label():
    frame = frames.periods_frame(
        [
            ("2023-04-01/P1Y", "financial_year"),
            ("2020-01-01/P3Y", "rolling"),
            ("2023-04-01/P1Y", "financial_year"),
        ]
    )
    assert frame.to_dict("list") == {
        "period": ["2020-01-01/P3Y", "2023-04-01/P1Y"],
        "period_type": ["rolling", "financial_year"],
        "period_start": ["2020-01-01", "2023-04-01"],
        "period_end": ["2022-12-31", "2024-03-31"],
        "label": ["2020-2022", "2023-24"],
    }
