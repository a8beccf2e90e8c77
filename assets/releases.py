"""Stage 5: cut each product, decide, publish, load the warehouse, and report the night.

The gate is data: assets.publishing.decide says publish, nothing, wait or blocked, and the assets
here always materialise with what it said. Only night_report, the last, turns a night red.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import dagster as dg
import pandas as pd
import sqlalchemy as sa

from assets.catalogue.load import Catalogue
from assets.collection.inbox import unclaimed
from assets.publishing.assemble import FINGERPRINTED, Night, make_candidate
from assets.publishing.candidates import CandidateStore
from assets.publishing.fingerprints import fingerprint, fingerprints
from assets.publishing.night import (
    NightReport,
    SeriesLine,
    product_lines,
    series_lines,
    source_lines,
)
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
from sql.summary_tables import SUMMARY_TABLES
from validations.broken import as_markdown, broken_now
from validations.checks import BROKEN, broken_result
from validations.findings import by_gate
from validations.reports.night import NightFrames
from validations.reports.write import write_night

FINDINGS = {
    "of_answers": dg.AssetKey("validation_findings"),
    "of_figures": dg.AssetKey(["validation_findings", "indicator_values"]),
    "of_comparisons": dg.AssetKey(["validation_findings", "comparisons"]),
    "of_summaries": dg.AssetKey(["validation_findings", "summaries"]),
}
SHOWN_BY = {
    "of_answers": "validated_returns",
    "of_figures": "indicator_values",
    "of_comparisons": "comparisons",
}
"""Findings -> the asset whose checks show the gates among them."""
NIGHT_FRAMES = (
    *("areas", "answer_counts", "indicator_values"),
    *("validated_returns", "rejected_returns"),
)

DECIDED = "release__"
"""Before the number of a product, the name of what was decided about it."""


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
        with warehouse_engine.begin() as connection:
            record(connection, validated_returns, now, context.run.run_id, datasets=list(registry))
            loaded = load_warehouse(connection, releases, sources)
        rows = [{"table": name, "n_rows": count} for name, count in loaded.items()]
        return conform(pd.DataFrame(rows), "warehouse") if rows else empty("warehouse")

    return warehouse


def night_report(catalogue: Catalogue, registry: Mapping[str, SourceEntry]) -> dg.AssetsDefinition:
    """The asset night_report, last of all: it fails if the night was not clean."""
    products = enumerate(catalogue.products)
    decided = {f"{DECIDED}{n}": dg.AssetIn(key=["release", product]) for n, product in products}
    found = {name: dg.AssetIn(key=key) for name, key in FINDINGS.items()}
    counted = {name: dg.AssetIn() for name in NIGHT_FRAMES}

    @dg.asset(
        ins={**counted, **found, **decided},
        deps=["warehouse"],
        description="Stale sources, blocked products, findings; red if it was not clean.",
        check_specs=[BROKEN],
    )
    def night_report(
        context: dg.AssetExecutionContext,
        home: dg.ResourceParam[Home],
        releases: dg.ResourceParam[ReleaseStore],
        raw_store: dg.ResourceParam[RawStore],
        clock: dg.ResourceParam[Clock],
        **inputs: pd.DataFrame,
    ) -> Iterator[dg.MaterializeResult[pd.DataFrame] | dg.AssetCheckResult]:
        now = clock.now()
        sources = sources_frame(registry, raw_store, inputs["answer_counts"], now)
        unread = unclaimed_files(registry, home)
        night = _night(inputs, sources, _titles(catalogue), unread, home.profile, now.date())
        page = write_night(night, home.reports, context.run.run_id)
        series = series_lines(inputs["indicator_values"], now.date())
        report = _report(context.run.run_id, night, series, releases.root / "index.html", page)
        report.write(home.reports)
        broken = broken_now(_shown(inputs), night.sources, night.decisions)
        yield broken_result(broken, as_markdown(broken))
        told = {"report": dg.MetadataValue.md(report.as_markdown())}
        if report.problems:
            raise dg.Failure("; ".join(report.problems), metadata=told, allow_retries=False)
        yield dg.MaterializeResult(value=night.decisions, metadata=told)

    return night_report


def _night(
    inputs: Mapping[str, pd.DataFrame],
    sources: pd.DataFrame,
    titles: Mapping[str, dict[str, str]],
    unclaimed: tuple[str, ...],
    profile: str,
    day: date,
) -> NightFrames:
    """All that the night's report is made from."""
    decided = [frame for name, frame in inputs.items() if name.startswith(DECIDED)]
    return NightFrames(
        day=day.isoformat(),
        profile=profile,
        areas=inputs["areas"],
        sources=sources,
        answer_counts=inputs["answer_counts"],
        decisions=pd.concat(decided, ignore_index=True),
        findings=pd.concat([inputs[name] for name in FINDINGS], ignore_index=True),
        accepted=inputs["validated_returns"],
        rejected=inputs["rejected_returns"],
        titles=titles,
        unclaimed=unclaimed,
    )


def _shown(inputs: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Findings by the asset whose checks show them."""
    shown = {asset: inputs[name] for name, asset in SHOWN_BY.items()}
    return shown | by_gate(inputs["of_summaries"], SUMMARY_TABLES)


def _report(
    run_id: str, night: NightFrames, series: tuple[SeriesLine, ...], index: Path, page: Path
) -> NightReport:
    """What the night did, in the lines that the command line and the UI show."""
    severities = night.findings["severity"].value_counts()
    return NightReport(
        run_id=run_id,
        profile=night.profile,
        sources=source_lines(night.sources, night.answer_counts),
        products=product_lines(night.decisions),
        series=series,
        findings={str(name): int(n) for name, n in severities.items()},
        index=str(index),
        unclaimed=night.unclaimed,
        open_queries=night.open_queries(),
        page=str(page),
    )


def _titles(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    named = catalogue.products.items()
    return {product: {"en": item.title.en, "cy": item.title.cy} for product, item in named}


def unclaimed_files(registry: Mapping[str, SourceEntry], home: Home) -> tuple[str, ...]:
    """Files of the inbox that no dataset of the registry reads."""
    patterns = [getattr(entry.options, "pattern", None) for entry in registry.values()]
    return tuple(unclaimed(home.inbox, [pattern for pattern in patterns if pattern]))
