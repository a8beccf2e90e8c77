"""Stage 3: the dimensions, and every indicator's figures from the accepted answers."""

from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg
import pandas as pd

from assets.catalogue.frames import (
    areas_frame,
    breakdown_types,
    breaks_frame,
    denominator_lags,
    group_frame,
    indicator_frame,
    provisional_frame,
    whole_frame,
)
from assets.catalogue.load import Catalogue
from assets.catalogue.neighbours import neighbour_groups
from assets.methods.disclosure import has_rule, sharing_counts, without_thresholds
from assets.methods.disclosure_spread import hide_findings, hide_queries
from assets.methods.figures import build_figures, mark_provisional, withhold
from assets.methods.grid import fill_grid
from assets.publishing.earlier import keep_truth, protect_figures
from assets.publishing.store import ReleaseStore
from assets.publishing.tables import QUIET
from sql.frames import FrameStore, empty
from validations.checks import check_results, check_specs
from validations.findings import is_gate_passed
from validations.suites import gate, gates
from validations.validate import judge_figures

INPUTS = ("validated_returns", "validation_findings", "areas", "indicator_catalogue")
FIGURES = dg.AssetKey("indicator_values")
FINDINGS = dg.AssetKey(["validation_findings", "indicator_values"])
OUTS = {
    "figures": dg.AssetOut(
        key=FIGURES, description="Every figure with its parts, codes and limits."
    ),
    "findings": dg.AssetOut(key=FINDINGS, description="What rules and gates say of the figures."),
}


def dimensions(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """The assets areas and indicator_catalogue, straight from the checked catalogue."""

    @dg.asset(description="Every area code in use, with English and Welsh names.")
    def areas() -> pd.DataFrame:
        return areas_frame(catalogue)

    @dg.asset(description="Every published indicator: what it is and how it is treated.")
    def indicator_catalogue() -> pd.DataFrame:
        return indicator_frame(catalogue)

    return [areas, indicator_catalogue]


@dataclass(frozen=True)
class Declared:
    """What the catalogue says about how figures are made, read once."""

    breaks: pd.DataFrame
    lags: dict[str, int]
    broken_down: dict[str, tuple[str, ...]]
    provisional: pd.DataFrame
    groups: pd.DataFrame
    with_counts: dict[str, set[str]]
    """Product -> its indicators that share a count with another one."""

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Declared":
        """The frames of a catalogue."""
        sharing = set(sharing_counts(indicator_frame(catalogue)))
        return cls(
            breaks=breaks_frame(catalogue),
            lags=denominator_lags(catalogue),
            broken_down=breakdown_types(catalogue),
            provisional=provisional_frame(catalogue),
            groups=whole_frame(catalogue),
            with_counts={
                id_: sharing & set(catalogue.product_indicators(id_)) for id_ in catalogue.products
            },
        )

    def judged_figures(
        self, answers: pd.DataFrame, indicators: pd.DataFrame, areas: pd.DataFrame
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Figures before any is suppressed, the refused ones without value; and the findings."""
        figures = build_figures(
            answers,
            without_thresholds(indicators),
            areas,
            self.breaks,
            lags=self.lags,
            breakdown_types=self.broken_down,
        )
        judged = judge_figures(figures, indicators, areas, answers)
        return withhold(figures, judged), judged


def indicator_values(catalogue: Catalogue) -> dg.AssetsDefinition:
    """The assets indicator_values and its findings, from all accepted answers."""
    declared = Declared.of(catalogue)

    @dg.multi_asset(
        name="indicator_values",
        ins={name: dg.AssetIn() for name in INPUTS},
        outs=OUTS,
        check_specs=check_specs(FIGURES),
    )
    def _indicator_values(
        context: dg.AssetExecutionContext,
        releases: dg.ResourceParam[ReleaseStore],
        frames: dg.ResourceParam[FrameStore],
        validated_returns: pd.DataFrame,
        validation_findings: pd.DataFrame,
        areas: pd.DataFrame,
        indicator_catalogue: pd.DataFrame,
    ) -> Iterator[dg.Output[pd.DataFrame] | dg.AssetCheckResult]:
        of_dimensions = gates({"areas": areas, "indicator_catalogue": indicator_catalogue})
        is_open = is_gate_passed(validation_findings) and is_gate_passed(of_dimensions)
        answers = validated_returns if is_open else empty("validated_returns")
        counted, judged = declared.judged_figures(answers, indicator_catalogue, areas)
        kept = protect_figures(counted, indicator_catalogue, declared.groups, releases, frames)
        figures = fill_grid(kept.figures, indicator_catalogue, areas)
        figures = mark_provisional(figures, declared.provisional)
        if has_rule(indicator_catalogue):
            keep_truth(frames, context.run.run_id, figures, counted, declared.with_counts)
            figures = hide_queries(figures, sharing_counts(indicator_catalogue))
            judged = hide_findings(judged, indicator_catalogue, QUIET)
        of_figures = gate(figures, "indicator_values")
        parts = [judged, kept.findings, of_dimensions, of_figures]
        findings = pd.concat(parts, ignore_index=True)
        yield dg.Output(figures, output_name="figures")
        yield dg.Output(findings, output_name="findings")
        yield from check_results(findings, FIGURES)

    return _indicator_values


def comparison_groups(catalogue: Catalogue) -> dg.AssetsDefinition:
    """The asset comparison_groups: all councils, regions, health boards, own neighbours."""

    @dg.asset(
        ins={"indicator_values": dg.AssetIn(), "findings": dg.AssetIn(key=FINDINGS)},
        description="Who is compared with whom: all councils, regions, health boards, neighbours.",
    )
    def comparison_groups(indicator_values: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
        groups = [group_frame(catalogue)]
        if is_gate_passed(findings):
            groups.append(neighbour_groups(catalogue, indicator_values))
        return pd.concat(groups, ignore_index=True)

    return comparison_groups
