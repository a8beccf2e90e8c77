"""The stage of the summaries alone: nothing behind a closed gate, every table in its contract."""

from collections.abc import Mapping

import dagster as dg
import pandas as pd
import pytest

from assets.catalogue.frames import group_frame, indicator_frame
from assets.catalogue.load import load_catalogue
from assets.methods.compare import compare
from assets.summaries import BEHIND, summaries
from sql.frames import conform, empty
from sql.summary_tables import SUMMARY_TABLES
from sql.tables import column_names

CATALOGUE = load_catalogue()
YEARS = ("2022-01-01/P1Y", "2023-01-01/P1Y")


def night(closed: str | None = None) -> dict[str, pd.DataFrame]:
    """Employment rates of the 22 councils in two years, and the findings of the gates before."""
    rows = [
        {"indicator": "employment_rate", "period": period, "area_code": code, "value": value}
        for year, period in enumerate(YEARS)
        for place, code in enumerate(CATALOGUE.councils())
        for value in [70.0 + place * (1 - 0.1 * year) / 2]
    ]
    made = pd.DataFrame(rows).assign(
        breakdown_type="total", breakdown="total", area_type="council", is_queried=False
    )
    figures = conform(made, "indicator_values", fill=True)
    indicators, groups = indicator_frame(CATALOGUE), group_frame(CATALOGUE)
    found = compare(figures, indicators, groups)
    fault = {"dataset": "gate:comparisons", "severity": "error", "code": "x"}
    shut = conform(pd.DataFrame([fault]), "validation_findings", fill=True)
    return {
        "indicator_values": figures,
        "comparisons": found.comparisons,
        "benchmarks": found.benchmarks,
        "indicator_catalogue": indicators,
        "comparison_groups": groups,
        **{name: shut if name == closed else empty("validation_findings") for name in BEHIND},
    }


def made_of(inputs: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], dict[str, bool]]:
    """Outputs by name, and whether the check of each table passed."""
    yielded = list(summaries(CATALOGUE)(**inputs))  # type: ignore[call-overload]
    outputs = {item.output_name: item.value for item in yielded if isinstance(item, dg.Output)}
    checks = [item for item in yielded if isinstance(item, dg.AssetCheckResult)]
    return outputs, {
        str(item.asset_key and item.asset_key.path[-1]): item.passed for item in checks
    }


@pytest.mark.parametrize("closed", list(BEHIND))
def test_nothing_is_computed_behind_a_closed_gate(closed: str) -> None:
    outputs, passed = made_of(night(closed))
    assert {name: len(outputs[name]) for name in SUMMARY_TABLES} == dict.fromkeys(SUMMARY_TABLES, 0)
    assert not passed["sector_summaries"], "councils without a summary are told"
    assert "gate_no_rows" in set(outputs["findings"]["code"])


def test_every_table_is_in_its_contract_and_passes_its_gate() -> None:
    outputs, passed = made_of(night())
    assert [list(outputs[name].columns) for name in SUMMARY_TABLES] == [
        column_names(name) for name in SUMMARY_TABLES
    ]
    assert outputs["findings"].empty
    assert passed == dict.fromkeys(SUMMARY_TABLES, True)
    assert outputs["narrowing"]["is_gap_narrowed"].tolist() == [True]
    sets = set(outputs["sector_summaries"]["indicator_set"])
    assert sets == {"council-benchmarks"}, "employment is no measure of a self-assessment"


def test_a_summary_that_cannot_be_true_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> pd.DataFrame:
        return conform(
            pd.DataFrame(
                {
                    "indicator_set": ["council-benchmarks"] * 2,
                    "summary_by": "all",
                    "summary_code": "all",
                    "area_code": ["W06000001", "W06000002"],
                    "group_code": "all",
                    "n_indicators": 1,
                    "n_comparable": 2,
                    "n_improved": 0,
                    "n_banded": 0,
                    "n_top": 0,
                    "n_bottom": 0,
                }
            ),
            "sector_summaries",
            fill=True,
        )

    monkeypatch.setattr("assets.summaries.sector_summaries_table", wrong)
    outputs, passed = made_of(night())
    assert "comparable_are_counted" in set(outputs["findings"]["code"])
    assert not passed["sector_summaries"]
