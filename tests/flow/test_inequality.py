"""Two nights with a share by fifths of deprivation: the indices are right, and hide what is hidden.

Everything is worked out from the published figures alone, by weighted least squares of statsmodels.
"""

import csv
import sqlite3
from itertools import product
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from assets.catalogue.load import Catalogue
from assets.catalogue.models import Indicator, Measure
from assets.publishing.released import load_release_tables
from assets.publishing.verify import verify
from assets.sources.registry import SourceEntry
from tests.edits import versions_of
from tests.fixtures.one_product import one_product
from tests.house import House, new_house
from validations.suites import gate

PRODUCT, INDICATOR, DATASET, BY = "health-survey", "smoking", "smoking_by_fifth", "deprivation"
FIFTHS = [f"fifth_{number}" for number in range(1, 6)]
LABELS = dict(zip(["All", "1 most deprived", "2", "3", "4", "5 least deprived"],
                  ["total", *FIFTHS], strict=True))  # fmt: skip
YNYS_MON, GWYNEDD, CONWY = "W06000001", "W06000002", "W06000003"
PLACE, NOW = ["area_code", "period"], "2023-01-01/P1Y"
NUMBERS = ["sii", "sii_lower_95", "sii_upper_95", "rii", "rii_lower_95", "rii_upper_95",
           "rii_of_mean"]  # fmt: skip
TITLE = {"en": "Adults who smoke", "cy": "Oedolion sy'n ysmygu"}
CORRECTED = {(CONWY, "2023", "fifth_2"): (2, 195), (GWYNEDD, "2023", "fifth_1"): (41, 157)}
Counts = dict[tuple[str, str, str], tuple[int, int]]
"""Council, year and fifth -> smokers, adults asked."""

ENTRY = SourceEntry.model_validate(
    {
        "dataset": DATASET,
        "title": TITLE,
        "publisher": "A survey",
        "homepage": "https://www.gov.wales/",
        "designation": "management",
        "connector": "inbox_csv",
        "group": "health",
        "owner": "team:collection",
        "profiles": ["sample", "live"],
        "options": {
            "pattern": "survey/*.csv",
            "columns": {"area": "area", "period": "period", "measure": "question",
                        "breakdown": "fifth", "value": "count"},
            "measures": {"Smokers": "smokers", "Asked": "adults_asked"},
            "breakdown_type": BY,
            "categories": LABELS,
        },
    }
)  # fmt: skip


def by_fifths() -> Catalogue:
    """A catalogue of one product: the share of adults who smoke, by fifths of deprivation."""
    measures = {
        id_: Measure.model_validate(
            {"id": id_, "dataset": DATASET, "label": TITLE, "unit": "count", "is_whole": True,
             "period_type": "calendar_year", "breakdown_type": BY, "breakdowns": FIFTHS,
             "max_change_pct": 10_000, "tolerance": "declared"}
        )
        for id_ in ("smokers", "adults_asked")
    }  # fmt: skip
    indicator = Indicator.model_validate(
        {"id": INDICATOR, "theme": "health", "title": TITLE, "definition": TITLE,
         "cy_status": "draft", "unit": "percent", "kind": "proportion", "multiplier": 100,
         "polarity": "lower", "decimals": 1, "value_basis": "derived", "numerator": "smokers",
         "denominator": "adults_asked", "breakdown_types": ["total", BY],
         "inequality_orders": {BY: FIFTHS}, "interval": "binomial", "interval_reason": TITLE,
         "aggregation": "ratio", "disclosure_threshold": 4, "period_type": "calendar_year",
         "source": {"publisher": "A survey", "name": "Survey", "url": "https://www.gov.wales/",
                    "designation": "management"}}
    )  # fmt: skip
    return one_product(PRODUCT, TITLE, measures, indicator)


def counts(house: House) -> Counts:
    """From 25 % of the most deprived to 9 % of the least, fifths of unequal size."""
    answered: Counts = {}
    for number, council in enumerate(house.catalogue.councils()):
        for place, fifth in enumerate(FIFTHS):
            asked = 150 + 31 * place + 7 * number
            smokers = round(asked * (0.25 - 0.04 * place))
            answered[council, "2022", fifth] = smokers + 3, asked + 2
            answered[council, "2023", fifth] = smokers, asked
    return answered


def send(house: House, answered: Counts) -> None:
    """Lay the survey's file into the inbox, every council's total among its rows."""
    path = house.home.inbox / "survey" / "smoking.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["area", "period", "question", "fifth", "count"])
        for council in house.catalogue.councils():
            for year, question in product(("2022", "2023"), enumerate(("Smokers", "Asked"))):
                parts = [answered[council, year, fifth][question[0]] for fifth in FIFTHS]
                for label, count in zip(LABELS, (sum(parts), *parts), strict=True):
                    writer.writerow([council, year, question[1], label, count])


@pytest.fixture(scope="module")
def after_two_nights(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Of Ynys Mon one fifth holds three smokers; since a correction one of Conwy holds two."""
    house = new_house(tmp_path_factory.mktemp("fifths") / "house", [])
    house.catalogue, house.registry = by_fifths(), {DATASET: ENTRY}
    answered = counts(house) | {(YNYS_MON, "2023", "fifth_5"): (3, 274)}
    for more in ({}, CORRECTED):
        answered |= more
        send(house, answered)
        _result, report = house.run()
        assert report is not None
        assert report.exit_status == 0, report.problems
    assert versions_of(house, PRODUCT) == ["1.0.0", "1.0.1"]
    return house


def release(house: House, version: str) -> Path:
    return house.home.releases / PRODUCT / version


def published(house: House, version: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Figures by place and fifth, and the indices by place: a council in a year."""
    tables = load_release_tables(release(house, version))
    figures = tables.indicator_values
    fifths = figures[figures["breakdown_type"] == BY].set_index([*PLACE, "breakdown"])
    return fifths.sort_index(), tables.inequality_indices.set_index(PLACE)


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1"])
def test_indices_are_those_of_least_squares_over_the_published_figures(
    after_two_nights: House, version: str
) -> None:
    figures, indices = published(after_two_nights, version)
    shown = indices[indices["sii"].notna()]
    assert len(shown) >= 30
    assert shown["reason"].isna().all()
    for place, row in shown.iterrows():
        groups = figures.loc[place].loc[FIFTHS]
        share = (groups["denominator"] / groups["denominator"].sum()).to_numpy()
        design = sm.add_constant(np.cumsum(share) - share / 2)
        line = sm.WLS(groups["value"].to_numpy(), design, weights=share).fit()
        first, last = line.predict([[1, 0], [1, 1]])
        mean = np.average(groups["value"], weights=share)
        expected = (last - first, last / first, (last - first) / mean)
        assert (row["sii"], row["rii"], row["rii_of_mean"]) == pytest.approx(expected)
        lower, upper = proportion_confint(
            groups["numerator"], groups["denominator"], 0.05, "wilson"
        )
        z = stats.norm.ppf(0.975)
        se = 100 * (upper - lower).to_numpy() / (2 * z)
        half = z * np.sqrt(line.model.pinv_wexog[1] ** 2 * share @ se**2)
        limits = (row["sii"] - half, row["sii"] + half)
        assert (row["sii_lower_95"], row["sii_upper_95"]) == pytest.approx(limits)
        assert row["rii_lower_95"] < row["rii"] < row["rii_upper_95"] < 1


@pytest.mark.parametrize(
    ("version", "secret"), [("1.0.0", [YNYS_MON]), ("1.0.1", [YNYS_MON, CONWY])]
)
def test_one_hidden_group_hides_the_index_and_says_why(
    after_two_nights: House, version: str, secret: list[str]
) -> None:
    """Where all is shown the table is made of it; where one group is not the row has no number."""
    figures, indices = published(after_two_nights, version)
    is_hidden = figures["value"].isna().groupby(PLACE).any()
    assert {(area, NOW) for area in secret} == set(is_hidden.index[is_hidden])
    assert (figures["note_code"].fillna("").str.contains("c") == figures["value"].isna()).all()
    rows = indices.loc[is_hidden.index[is_hidden]]
    assert rows[NUMBERS].isna().all(axis=None)
    assert set(rows["reason"]) == {"a group has no value"}
    assert indices.loc[is_hidden.index[~is_hidden], NUMBERS].notna().all(axis=None)


def test_a_row_says_which_end_is_which(after_two_nights: House) -> None:
    _figures, indices = published(after_two_nights, "1.0.1")
    assert len(indices) == 2 * len(after_two_nights.catalogue.councils())
    assert set(indices["n_groups"]) == {5}
    assert set(indices["breakdown_type"]) == {BY}
    assert set(zip(indices["first_group"], indices["last_group"], strict=True)) == {
        (FIFTHS[0], FIFTHS[-1])
    }


@pytest.mark.parametrize(
    ("book", "sheet", "column", "why"),
    [
        (f"{PRODUCT}.xlsx", "Inequality indices", "Slope index of inequality",
         "a group has no value"),
        (f"{PRODUCT}.cy.xlsx", "Mynegeion anghydraddoldeb", "Mynegai llethr anghydraddoldeb",
         "mae grŵp heb werth"),
    ],
)  # fmt: skip
def test_the_indices_are_in_the_workbooks(
    after_two_nights: House, book: str, sheet: str, column: str, why: str
) -> None:
    path = release(after_two_nights, "1.0.1")
    _figures, indices = published(after_two_nights, "1.0.1")
    latest = indices.xs(NOW, level="period")["sii"]
    cells = list(openpyxl.load_workbook(path / book)[sheet].values)
    heads = next(row for row in cells if column in row)
    rows = cells[cells.index(heads) + 1 :]
    shown = [row[heads.index(column)] for row in rows]
    assert [value for value in shown if value is not None] == pytest.approx(
        latest.dropna().tolist()
    )
    assert sum(why in row for row in rows) == int(latest.isna().sum())


def test_every_format_and_the_warehouse_hold_the_same_rows(after_two_nights: House) -> None:
    path = release(after_two_nights, "1.0.1")
    _figures, indices = published(after_two_nights, "1.0.1")
    expected = sorted(indices["sii"].dropna())
    assert verify(path) == []
    table = pd.read_csv(path / "data" / "inequality_indices.csv")
    assert sorted(table["sii"].dropna()) == pytest.approx(expected)
    explained = pd.read_csv(path / "dictionary.csv").set_index("file")
    assert list(explained.loc["data/inequality_indices.csv", "column"]) == list(table.columns)
    for database in (path / f"{PRODUCT}.sqlite", after_two_nights.home.warehouse):
        with sqlite3.connect(database) as connection:
            stored = connection.execute("SELECT sii FROM inequality_indices").fetchall()
        assert len(stored) == len(indices)
        assert sorted(sii for (sii,) in stored if sii is not None) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"n_groups": 2}, "groups_make_a_slope"),
        ({"first_group": None}, "first_is_named"),
        ({"last_group": None}, "last_is_named"),
        ({"period": "2023"}, "period_is_canonical"),
        ({"sii": None, "rii": None}, "no_index_has_a_reason"),
        ({"sii": None, "reason": "a group has no value"}, "relative_index_has_a_slope"),
        ({"sii_lower_95": None}, "no_interval_has_a_reason"),
        ({"sii_lower_95": 1.0}, "slope_limits_in_order"),
        ({"rii_upper_95": 0.0}, "relative_limits_in_order"),
    ],
)
def test_the_gate_stops_what_cannot_be_true(
    after_two_nights: House, cells: dict[str, object], code: str
) -> None:
    sound = after_two_nights.frame("inequality_indices")
    assert gate(sound, "inequality_indices").empty
    shown = sound["reason"].isna().idxmax()
    wrong = sound.copy()
    for name, value in cells.items():
        wrong.loc[shown, name] = value
    assert gate(wrong, "inequality_indices")["code"].tolist() == [code]
