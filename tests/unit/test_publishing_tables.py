"""Which rows a product holds, and what is left out of it."""

from dataclasses import replace

import pandas as pd

from assets.publishing.tables import ProductTables, select_product, tidy
from sql.frames import conform
from tests.release.sample import COUNCILS, LAST_YEAR, correct, night_of, small_figures

FINDING = {
    "dataset": "waste",
    "code": "change",
    "severity": "query",
    "seen": "514",
    "expected": "up to 400",
    "message_en": "514 is much",
    "message_cy": "Mae 514 yn llawer",
}


def finding(**cells: object) -> dict[str, object]:
    return {**FINDING, "period": LAST_YEAR, "area_code": COUNCILS[0], **cells}


def night(*findings: dict[str, object], figures: pd.DataFrame | None = None) -> ProductTables:
    rows = conform(pd.DataFrame(list(findings)), "validation_findings", fill=True)
    return night_of(small_figures() if figures is None else figures, rows)


def test_a_product_holds_its_indicators_and_the_periods_and_areas_in_use() -> None:
    tables = select_product(["recycling"], night())
    assert set(tables.indicator_values["indicator"]) == {"recycling"}
    assert set(tables.comparisons["indicator"]) == {"recycling"}
    assert set(tables.indicator_catalogue["indicator"]) == {"recycling"}
    assert len(tables.periods) == 3
    assert set(tables.areas["area_code"]) == {*COUNCILS, "W92000004"}


def test_a_product_holds_the_inequality_indices_of_its_indicators_alone() -> None:
    rows = [
        {"indicator": name, "period": LAST_YEAR, "area_code": COUNCILS[0]}
        for name in ("waiting", "recycling")
    ]
    made = pd.DataFrame(rows).assign(breakdown_type="deprivation", sii=2.0)
    indices = conform(made, "inequality_indices", fill=True)
    tables = select_product(["recycling"], replace(night(), inequality_indices=indices))
    assert tables.inequality_indices["indicator"].tolist() == ["recycling"]


def test_a_product_without_data_has_tables_without_rows() -> None:
    tables = select_product(["ukraine_visas"], night())
    assert {name: len(frame) for name, frame in tables.items()} == dict.fromkeys(
        dict(tables.items()), 0
    )


def test_a_group_that_publishes_no_benchmark_leaves_no_row_to_subtract_from() -> None:
    tables = select_product(["recycling"], night(), unpublished_groups={"neighbours"})
    for frame in (tables.benchmarks, tables.comparisons, tables.comparison_groups):
        assert set(frame["group_code"]) == {"all"}


def test_findings_are_those_of_its_measures_indicators_and_files() -> None:
    tables = select_product(
        ["recycling"],
        night(
            finding(measure="recycling_yes"),
            finding(indicator="recycling"),
            finding(measure="waiting_yes"),
            finding(dataset="waste", code="empty_file"),
            finding(dataset="other", code="empty_file"),
        ),
        datasets=["waste"],
    )
    found = tables.validation_findings
    assert len(found) == 3
    assert "waiting_yes" not in set(found["measure"].dropna())
    assert set(found["dataset"]) == {"waste"}


def test_a_finding_about_a_confidential_figure_says_nothing_of_it() -> None:
    figures = correct(small_figures(), COUNCILS[0], LAST_YEAR, 3.0, note_code="c")
    tables = select_product(
        ["recycling"],
        night(
            finding(measure="recycling_yes"),
            finding(indicator="recycling"),
            finding(measure="recycling_yes", area_code=COUNCILS[1]),
            figures=figures,
        ),
    )
    found = tables.validation_findings.set_index("area_code")
    hidden = found.loc[[COUNCILS[0]]]
    assert len(hidden) == 2
    assert hidden[["seen", "expected"]].isna().all(axis=None)
    assert not hidden["message_en"].str.contains("514").any()
    assert not hidden["message_cy"].str.contains("514").any()
    assert found.loc[COUNCILS[1], "seen"] == "514"


def test_no_finding_about_an_indicator_with_a_rule_is_published() -> None:
    """Nor of its measures: that a change was queried tells how large it was."""
    given = night(
        finding(measure="recycling_yes"),
        finding(indicator="recycling"),
        finding(dataset="waste", code="empty_file"),
    )
    ruled = given.indicator_catalogue.assign(disclosure_threshold=4)
    tables = select_product(
        ["recycling"],
        replace(given, indicator_catalogue=ruled),
        datasets=["waste"],
        confidential_datasets=["waste"],
    )
    found = tables.validation_findings
    assert found["code"].tolist() == ["empty_file"]
    assert found[["seen", "expected", "source_sha256"]].isna().all(axis=None)


def test_text_keys_are_blank_rather_than_null() -> None:
    groups = night().comparison_groups.assign(owner_code=None)
    assert set(tidy(groups, "comparison_groups")["owner_code"]) == {""}
