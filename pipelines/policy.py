"""What every asset carries, put on all in one place: group, owner, kinds, freshness, columns.

Here belongs policy by asset key. What an asset does stands in its stage.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import dagster as dg
import sqlalchemy as sa

from assets.sources.registry import SourceEntry
from sql.summary_tables import SUMMARY_TABLES
from sql.tables import metadata as contract

TIMEZONE = "Europe/London"
NIGHT_IS_OVER = "30 5 * * *"
NIGHT_LASTS = timedelta(hours=2, minutes=30)
EVERY_NIGHT = dg.FreshnessPolicy.cron(NIGHT_IS_OVER, NIGHT_LASTS, TIMEZONE)
GROUPS = {
    "validated_returns": "answers",
    "rejected_returns": "answers",
    "validation_findings": "answers",
    "answer_counts": "answers",
    "areas": "dimensions",
    "indicator_catalogue": "dimensions",
    "comparison_groups": "dimensions",
    "indicator_values": "figures",
    "comparisons": "figures",
    "benchmarks": "figures",
    **dict.fromkeys(("summaries", *SUMMARY_TABLES), "summaries"),
    "release_candidate": "releases",
    "release": "releases",
    "warehouse": "releases",
    "night_report": "releases",
}
TEAM = "team:data"
KINDS = {"raw_returns": "http", "warehouse": "sql", "night_report": "markdown"}


def with_policy(
    assets: Iterable[dg.AssetsDefinition], registry: Mapping[str, SourceEntry]
) -> list[dg.AssetsDefinition]:
    """The same assets, each key with its group, owner, kinds, freshness policy and columns."""
    return [item.map_asset_specs(lambda spec: _spec(spec, registry)) for item in assets]


def _spec(spec: dg.AssetSpec, registry: Mapping[str, SourceEntry]) -> dg.AssetSpec:
    table, *rest = spec.key.path
    entry = registry.get(rest[0]) if rest else None
    group = entry.group if entry else GROUPS.get(rest[0] if table == FINDINGS and rest else table)
    kind = KINDS.get(table, "parquet")
    if entry and table == "raw_returns" and entry.connector in ("inbox_csv", "council_returns"):
        kind = "csv"
    return spec.replace_attributes(
        group_name=group or "figures",
        owners=[entry.owner if entry else TEAM],
        kinds={kind, "pandas"} if kind in ("parquet", "csv", "http") else {kind},
        freshness_policy=EVERY_NIGHT,
        metadata={**spec.metadata, **_columns(table)},
    )


FINDINGS = "validation_findings"


def _columns(table: str) -> dict[str, dg.TableSchema]:
    if table not in contract.tables:
        return {}
    columns = [
        dg.TableColumn(
            column.name,
            type=_type(column),
            description=column.comment,
            constraints=dg.TableColumnConstraints(nullable=not column.primary_key, unique=False),
        )
        for column in contract.tables[table].columns
    ]
    return {"dagster/column_schema": dg.TableSchema(columns=columns)}


def _type(column: "sa.Column[object]") -> str:
    return str(column.type).lower()
