"""Stage 2: judge every answer; each one ends accepted, rejected or duplicate, with its findings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import dagster as dg
import pandas as pd

from assets.catalogue.frames import areas_frame, indicator_frame, measures_frame
from assets.catalogue.load import Catalogue
from assets.collection.holding import hold_queried
from assets.collection.standing import keep_standing
from assets.sources.raw_store import RawStore
from assets.sources.registry import SourceEntry
from sql.clock import Clock
from sql.frames import FrameStore, conform, empty
from sql.periods import describe_period
from sql.tables import column_names
from validations.checks import check_results, check_specs, dataset_specs, freshness_result
from validations.findings import names_of
from validations.freshness import Pull, measure_ages
from validations.suites import gates
from validations.validate import (
    RowsLost,
    RuleContext,
    Validated,
    judge_across,
    validate_answers,
)

ASSEMBLED = {
    "validated_returns": "Accepted answers of all datasets.",
    "rejected_returns": "Refused answers of all datasets.",
    "validation_findings": "Findings of all datasets, and the gate.",
    "answer_counts": "Rows in = accepted + rejected + duplicate.",
}
OUTCOMES = ("validated_returns", "rejected_returns", "validation_findings")


def validated_returns(entry: SourceEntry, known: RuleContext) -> dg.AssetsDefinition:
    """The assets validated_, rejected_returns/<dataset> and validation_findings/<dataset>."""
    keys = {name: dg.AssetKey([name, entry.dataset]) for name in OUTCOMES}
    about = {
        "validated_returns": f"Accepted answers of {entry.title.en}.",
        "rejected_returns": f"Answers of {entry.title.en} that were refused, as they stood.",
        "validation_findings": f"What the rules have to say about {entry.title.en}.",
    }
    is_published = entry.connector != "council_returns"
    own = replace(known, dataset=entry.dataset, is_published=is_published)

    @dg.multi_asset(
        name=f"validate_{entry.dataset}",
        ins={"raw": dg.AssetIn(key=["raw_returns", entry.dataset])},
        outs={name: dg.AssetOut(key=key, description=about[name]) for name, key in keys.items()},
        check_specs=dataset_specs(keys["validated_returns"]),
    )
    def _validated_returns(
        raw: pd.DataFrame,
        clock: dg.ResourceParam[Clock],
        frames: dg.ResourceParam[FrameStore],
        raw_store: dg.ResourceParam[RawStore],
    ) -> Iterator[dg.Output[pd.DataFrame] | dg.AssetCheckResult]:
        today = clock.now().date()
        judged = _judge(raw, replace(own, now=today), entry, frames)
        made = (judged.accepted, judged.rejected, judged.findings)
        for outcome, frame in zip(OUTCOMES, made, strict=True):
            yield dg.Output(frame, output_name=outcome)
        yield from check_results(judged.findings, keys["validated_returns"])
        status = raw_store.status(entry.dataset)
        pull = Pull(status.state, status.reason, status.age_days(clock.now()))
        ages = measure_ages(judged.accepted, today)
        yield freshness_result(pull, ages, keys["validated_returns"])

    return _validated_returns


def context_of(catalogue: Catalogue) -> RuleContext:
    """What rules may know of all datasets; one dataset, and the day, is filled in by who asks."""
    return RuleContext(
        dataset="answers",
        measures=measures_frame(catalogue),
        areas=areas_frame(catalogue),
        indicators=indicator_frame(catalogue),
        now=date.max,
        is_published=True,
    )


def _judge(
    raw: pd.DataFrame, context: RuleContext, entry: SourceEntry, frames: FrameStore
) -> Validated:
    """Tonight's outcome, with what stands from the night before among the accepted answers."""
    is_connected = "not_connected" not in raw.attrs
    judged = validate_answers(raw, context) if is_connected else nothing_to_judge()
    name = f"validated_returns/{entry.dataset}"
    before = frames.read(name) if frames.has(name) else None
    measures = context.measures
    ours = measures["measure"][measures["dataset"] == entry.dataset]
    judged = hold_queried(entry, judged, before, names_of(context))
    accepted = keep_standing(entry, judged, before, ours)
    accepted.attrs["n_raw"] = len(raw)
    return replace(judged, accepted=accepted)


def nothing_to_judge() -> Validated:
    """No answers and no findings: of a dataset that nobody was asked for."""
    return Validated(*(empty(name) for name in OUTCOMES))


def assembled_returns(datasets: Sequence[str], together: RuleContext) -> dg.AssetsDefinition:
    """The assets validated_returns, rejected_returns, validation_findings and answer_counts.

    Each holds the rows of all datasets. What only all of them show is found here, and the gate over
    all accepted answers opens here.
    """
    ins = {
        f"{name}__{dataset}": dg.AssetIn(key=[name, dataset])
        for name in OUTCOMES
        for dataset in datasets
    }

    @dg.multi_asset(
        name="assemble_returns",
        ins=ins,
        outs={name: dg.AssetOut(description=about) for name, about in ASSEMBLED.items()},
        check_specs=check_specs(dg.AssetKey("validated_returns")),
    )
    def _assembled_returns(
        **parts: pd.DataFrame,
    ) -> Iterator[dg.Output[pd.DataFrame] | dg.AssetCheckResult]:
        accepted, rejected, findings = (_all_of(name, datasets, parts) for name in OUTCOMES)
        accepted, of_all = judge_across(accepted, together)
        findings = pd.concat([findings, of_all], ignore_index=True)
        counted = count_answers(datasets, parts)
        others = (rejected, findings, counted)
        tables = dict(zip(ASSEMBLED, (accepted, *others), strict=True))
        judged = gates(
            {"observations" if n == "validated_returns" else n: t for n, t in tables.items()}
        )
        findings = pd.concat([findings, judged], ignore_index=True)
        for name, table in (tables | {"validation_findings": findings}).items():
            yield dg.Output(table, output_name=name)
        yield from check_results(findings, dg.AssetKey("validated_returns"))

    return _assembled_returns


def _all_of(name: str, datasets: Sequence[str], parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    found = [parts[f"{name}__{dataset}"] for dataset in datasets]
    filled = [frame for frame in found if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else empty(name)


def count_answers(datasets: Sequence[str], parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Table answer_counts; RowsLost if rows in are not accepted + rejected + duplicate."""
    rows = []
    for dataset in datasets:
        accepted = parts[f"validated_returns__{dataset}"]
        outcomes = parts[f"rejected_returns__{dataset}"]["outcome"].value_counts()
        is_kept = accepted["is_kept"].astype(bool)
        counted = (
            int((~is_kept).sum()),
            int(outcomes.get("rejected", 0)),
            int(outcomes.get("duplicate", 0)),
        )
        if accepted.attrs.get("n_raw") != sum(counted):
            raise RowsLost(
                f"{dataset}: {accepted.attrs.get('n_raw')} rows were read,"
                f" but {counted} are accepted, rejected and duplicate."
            )
        rows.append(
            (
                dataset,
                sum(counted),
                *counted,
                int(is_kept.sum()),
                latest_period(accepted),
                ";".join(sorted(accepted["source_sha256"].dropna().unique())) or None,
                max(accepted["source_published"].dropna(), default=None),
            )
        )
    return conform(pd.DataFrame(rows, columns=column_names("answer_counts")), "answer_counts")


def latest_period(accepted: pd.DataFrame) -> str | None:
    """The period with a value that ends last; None without one."""
    periods = accepted["period"][accepted["value"].notna()].unique()
    return max(periods, key=lambda key: (describe_period(key).end, key), default=None)
