"""Stage 5: cut each product, decide, publish, load the warehouse, and report the night.

The gate is data: assets.publishing.decide says publish, nothing, wait or blocked, and the assets
here always materialise with what it said. Only night_report, the last, turns a night red.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pandas as pd
import sqlalchemy as sa

from assets.catalogue.load import Catalogue
from assets.publishing.assemble import FINGERPRINTED, Night, make_candidate
from assets.publishing.candidates import CandidateStore
from assets.publishing.fingerprints import fingerprint, fingerprints
from assets.publishing.night import NightReport, ProductLine, SourceLine
from assets.publishing.publish import Outcome, publish_candidate
from assets.publishing.store import ReleaseStore
from assets.publishing.warehouse import load_warehouse
from assets.sources.raw_store import RawStore
from assets.sources.registry import SourceEntry
from assets.sources.status import sources_frame
from sql.clock import Clock
from sql.frames import conform, empty
from sql.home import Home
from sql.ledger import record

TOLD_OF_A_SOURCE: tuple[Any, ...] = (
    "dataset",
    "state",
    "age_days",
    "latest_period",
    "period_age_days",
    "reason",
)
COUNTED_OF_A_SOURCE: dict[Any, Any] = {
    "n_rows": "n_raw",
    "accepted": "accepted",
    "rejected": "rejected",
    "duplicate": "duplicate",
    "kept": "kept",
}
FINDINGS = {
    "of_answers": dg.AssetKey("validation_findings"),
    "of_figures": dg.AssetKey(["validation_findings", "indicator_values"]),
    "of_comparisons": dg.AssetKey(["validation_findings", "comparisons"]),
}


def release_candidate(catalogue: Catalogue, product: str) -> dg.AssetsDefinition:
    """The asset release_candidate/<product>: what would be published, kept in private."""
    key = dg.AssetKey(["release_candidate", product])
    entry = catalogue.products[product]
    ins = {name: dg.AssetIn() for name in (*FINGERPRINTED, "answer_counts")}

    @dg.asset(
        key=key,
        ins={**ins, **{name: dg.AssetIn(key=found) for name, found in FINDINGS.items()}},
        description=f"What {entry.title.en} would publish, and from which frames.",
    )
    def _release_candidate(
        home: dg.ResourceParam[Home],
        candidates: dg.ResourceParam[CandidateStore],
        clock: dg.ResourceParam[Clock],
        **inputs: pd.DataFrame,
    ) -> pd.DataFrame:
        findings = pd.concat([inputs[name] for name in FINDINGS], ignore_index=True)
        frames = {name: inputs[name] for name in FINGERPRINTED} | {"validation_findings": findings}
        night = Night(frames, inputs["answer_counts"], home.profile)
        candidate = make_candidate(entry, catalogue, night, clock.now())
        candidates.save(candidate)
        rows = [
            {
                "product": product,
                "table": name,
                "n_rows": len(frame),
                "fingerprint": fingerprint(frame),
            }
            for name, frame in candidate.tables.items()
        ]
        return conform(pd.DataFrame(rows), "release_candidate")

    return _release_candidate


def release(catalogue: Catalogue, product: str) -> dg.AssetsDefinition:
    """The asset release/<product>: the decision, and the new version where there is one."""
    key = dg.AssetKey(["release", product])

    @dg.asset(
        key=key,
        ins={name: dg.AssetIn() for name in FINGERPRINTED},
        deps=[dg.AssetKey(["release_candidate", product])],
        description=f"{catalogue.products[product].title.en}: decided, published if it differs.",
        check_specs=[
            dg.AssetCheckSpec("decision", asset=key, description="The product is not blocked.")
        ],
    )
    def _release(
        candidates: dg.ResourceParam[CandidateStore],
        releases: dg.ResourceParam[ReleaseStore],
        clock: dg.ResourceParam[Clock],
        **current: pd.DataFrame,
    ) -> Iterator[dg.MaterializeResult[pd.DataFrame]]:
        outcome = publish_candidate(
            candidates,
            releases,
            product,
            clock.now(),
            current_fingerprints=fingerprints(current),
        )
        yield _decided(outcome)

    return _release


def _decided(outcome: Outcome) -> dg.MaterializeResult[pd.DataFrame]:
    decision = outcome.decision
    row = {
        "product": outcome.product,
        "action": decision.action,
        "version": decision.version,
        "reason_en": decision.reason_en,
        "reason_cy": decision.reason_cy,
        "figures": outcome.n_figures,
        "changes": outcome.n_changes,
        "knock_on": outcome.n_knock_on,
        "path": str(outcome.path) if outcome.path else None,
    }
    said = {name: value for name, value in row.items() if value is not None}
    return dg.MaterializeResult(
        value=conform(pd.DataFrame([row]), "release"),
        metadata=said,
        check_results=[
            dg.AssetCheckResult(
                check_name="decision",
                passed=decision.action != "blocked",
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={"action": decision.action, "reason": decision.reason_en},
            )
        ],
    )


def warehouse(catalogue: Catalogue, registry: Mapping[str, SourceEntry]) -> dg.AssetsDefinition:
    """The asset warehouse: the ledger, the state of the sources and the current releases in SQL."""

    @dg.asset(
        ins={"validated_returns": dg.AssetIn(), "answer_counts": dg.AssetIn()},
        deps=[dg.AssetKey(["release", product]) for product in catalogue.products],
        description="The ledger, the current releases and the dash_ views, in one transaction.",
    )
    def warehouse(
        context: dg.AssetExecutionContext,
        validated_returns: pd.DataFrame,
        answer_counts: pd.DataFrame,
        releases: dg.ResourceParam[ReleaseStore],
        raw_store: dg.ResourceParam[RawStore],
        warehouse_engine: dg.ResourceParam[sa.Engine],
        clock: dg.ResourceParam[Clock],
    ) -> pd.DataFrame:
        now = clock.now()
        sources = sources_frame(registry, raw_store, answer_counts, now)
        record(
            warehouse_engine, validated_returns, now, context.run.run_id, datasets=list(registry)
        )
        loaded = load_warehouse(warehouse_engine, releases, sources)
        rows = [{"table": name, "n_rows": count} for name, count in loaded.items()]
        return conform(pd.DataFrame(rows), "warehouse") if rows else empty("warehouse")

    return warehouse


def night_report(catalogue: Catalogue, registry: Mapping[str, SourceEntry]) -> dg.AssetsDefinition:
    """The asset night_report, last of all: it fails if the night was not clean."""
    decided = {
        f"release__{index}": dg.AssetIn(key=["release", product])
        for index, product in enumerate(catalogue.products)
    }

    @dg.asset(
        ins={
            "answer_counts": dg.AssetIn(),
            **{name: dg.AssetIn(key=found) for name, found in FINDINGS.items()},
            **decided,
        },
        deps=[dg.AssetKey("warehouse")],
        description="Stale sources, blocked products, findings; red if the night was not clean.",
    )
    def night_report(
        context: dg.AssetExecutionContext,
        home: dg.ResourceParam[Home],
        releases: dg.ResourceParam[ReleaseStore],
        raw_store: dg.ResourceParam[RawStore],
        clock: dg.ResourceParam[Clock],
        **inputs: pd.DataFrame,
    ) -> Iterator[dg.MaterializeResult[pd.DataFrame]]:
        sources = sources_frame(registry, raw_store, inputs["answer_counts"], clock.now())
        decisions = pd.concat([inputs[name] for name in decided], ignore_index=True)
        severities = pd.concat([inputs[name]["severity"] for name in FINDINGS])
        report = NightReport(
            run_id=context.run.run_id,
            profile=home.profile,
            sources=source_lines(sources, inputs["answer_counts"]),
            products=product_lines(decisions),
            findings={str(k): int(v) for k, v in severities.value_counts().items()},
            index=str(releases.root / "index.html"),
        )
        report.write(home.reports)
        if report.problems:
            raise dg.Failure(
                "; ".join(report.problems),
                metadata={"report": dg.MetadataValue.md(report.as_markdown())},
                allow_retries=False,
            )
        yield dg.MaterializeResult(
            value=decisions, metadata={"report": dg.MetadataValue.md(report.as_markdown())}
        )

    return night_report


def source_lines(sources: pd.DataFrame, answer_counts: pd.DataFrame) -> tuple[SourceLine, ...]:
    """One line per dataset of the night report."""
    counts = answer_counts.set_index("dataset")
    return tuple(
        SourceLine(
            **{name: row[name] for name in TOLD_OF_A_SOURCE},
            **_counted(counts.loc[row["dataset"]]),
        )
        for row in _records(sources)
    )


def _counted(counts: pd.Series) -> dict[str, Any]:
    return {name: int(counts[column]) for name, column in COUNTED_OF_A_SOURCE.items()}


def product_lines(decisions: pd.DataFrame) -> tuple[ProductLine, ...]:
    """One line per product of the night report."""
    return tuple(ProductLine(**row) for row in _records(decisions))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain values, null as None."""
    plain = frame.astype(object).where(frame.notna(), None)
    names = [str(name) for name in plain.columns]
    return [dict(zip(names, row, strict=True)) for row in plain.itertuples(index=False, name=None)]
