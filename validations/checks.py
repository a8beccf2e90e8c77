"""Findings shown as Dagster asset checks: contract, completeness, errors, queries, freshness.

Here belongs the only use of Dagster in validations. Checks show what validation found and decide
nothing: whether a product is published is the business of assets.publishing.
"""

from collections.abc import Sequence

import dagster as dg
import numpy as np
import pandas as pd

from validations.findings import NAMES_OF_GATES
from validations.freshness import AGE_COLUMNS, Pull
from validations.rules.registry import REGISTER

CHECKS = {
    "contract": "Files, tables and gates have the shape that was agreed.",
    "completeness": "No council, category, period or question is missing.",
    "errors": "No answer or figure was refused.",
    "queries": "No answer waits for a correction or an explanation.",
}
FRESHNESS = "freshness"
BROKEN = dg.AssetCheckSpec(
    "what_is_broken_now",
    asset="night_report",
    description="No check fails, no product is blocked, every source answers, no query is open.",
)
WORST = 20
"""Rows that a check shows; the findings dataset has them all."""
_SHOWN = ("severity", "code", "area_code", "period", "n_rows", "message_en")
_NUMBERS = ("n_rows", "age_days", "kept", "findings")
_ORDER = {"error": 0, "query": 1, "note": 2}


def check_specs(asset_key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The four checks of an assembled frame; none blocks, because a check never decides."""
    return [
        dg.AssetCheckSpec(name, asset=asset_key, description=about)
        for name, about in CHECKS.items()
    ]


def dataset_specs(asset_key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The checks of a dataset: those of check_specs, and whether its source answered."""
    about = "The source answered; how old its latest figures are."
    return [
        *check_specs(asset_key),
        dg.AssetCheckSpec(FRESHNESS, asset=asset_key, description=about),
    ]


def freshness_result(pull: Pull, ages: pd.DataFrame, asset_key: dg.AssetKey) -> dg.AssetCheckResult:
    """The result of the check freshness: it fails while the last good answer stands in.

    ages: measure_ages, the oldest figures of which are shown.
    """
    metadata: dict[str, str | int | dg.TableMetadataValue] = {"state": pull.state}
    if pull.reason:
        metadata["reason"] = pull.reason
    if pull.age_days is not None:
        metadata["age_days"] = pull.age_days
    if len(ages):
        metadata["worst"] = _table(ages.head(WORST), AGE_COLUMNS)
    return dg.AssetCheckResult(
        check_name=FRESHNESS,
        asset_key=asset_key,
        passed=pull.state != "stale",
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )


def broken_result(broken: pd.DataFrame, shown: str) -> dg.AssetCheckResult:
    """The result of the standing check: it fails while anything is broken.

    broken: broken_now; shown: the same as markdown, with links.
    """
    has_errors = bool(broken["severity"].eq("error").any())
    return dg.AssetCheckResult(
        check_name=BROKEN.name,
        asset_key=BROKEN.asset_key,
        passed=broken.empty,
        severity=dg.AssetCheckSeverity.ERROR if has_errors else dg.AssetCheckSeverity.WARN,
        metadata={
            "failed": len(broken),
            "table": _table(broken, list(broken.columns)),
            "links": dg.MetadataValue.md(shown),
        },
    )


def check_results(findings: pd.DataFrame, asset_key: dg.AssetKey) -> list[dg.AssetCheckResult]:
    """One result for each check of check_specs, with a table of its worst findings.

    findings: validation_findings. Notes never fail a check.
    """
    kinds = np.array(
        [
            kind_of(str(code), str(dataset), str(severity))
            for code, dataset, severity in zip(
                findings["code"], findings["dataset"], findings["severity"], strict=True
            )
        ],
        dtype=object,
    )
    return [_result(name, findings[kinds == name], asset_key) for name in CHECKS]


def kind_of(code: str, dataset: str, severity: str) -> str:
    """The check that shows a finding; `notes` for what informs and fails nothing."""
    if severity == "note":
        return "notes"
    stage = REGISTER[code].stage if code in REGISTER else ""
    if dataset.startswith(NAMES_OF_GATES) or stage == "file":
        return "contract"
    if stage == "grid":
        return "completeness"
    return "errors" if severity == "error" else "queries"


def _result(name: str, found: pd.DataFrame, asset_key: dg.AssetKey) -> dg.AssetCheckResult:
    has_errors = bool((found["severity"] == "error").any())
    severity = dg.AssetCheckSeverity.ERROR if has_errors else dg.AssetCheckSeverity.WARN
    metadata: dict[str, int | dg.TableMetadataValue] = {
        "findings": len(found),
        "rows": int(found["n_rows"].sum()) if len(found) else 0,
    }
    if len(found):
        metadata["worst"] = _table(worst(found), _SHOWN)
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=asset_key,
        passed=found.empty,
        severity=severity,
        metadata=metadata,
    )


def worst(findings: pd.DataFrame) -> pd.DataFrame:
    """The findings to show first: errors before queries, those of most rows first."""
    order = findings.assign(
        by_severity=[_ORDER.get(str(item), 3) for item in findings["severity"]],
        by_rows=-findings["n_rows"].fillna(0).astype("int64"),
    )
    return order.sort_values(["by_severity", "by_rows"], kind="stable").head(WORST)


def _table(rows: pd.DataFrame, names: Sequence[str]) -> dg.TableMetadataValue:
    columns = [dg.TableColumn(name, "int" if name in _NUMBERS else "string") for name in names]
    records = [
        dg.TableRecord({name: _plain(value) for name, value in zip(names, values, strict=True)})
        for values in rows[list(names)].itertuples(index=False, name=None)
    ]
    return dg.MetadataValue.table(records, dg.TableSchema(columns=columns))


def _plain(value: object) -> str | int:
    if isinstance(value, int | np.integer):
        return int(value)
    return value if isinstance(value, str) else ""
