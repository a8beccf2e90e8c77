"""Stage 3: the dimensions, and every indicator's figures from the accepted answers."""

from collections.abc import Iterator

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
)
from assets.catalogue.load import Catalogue
from assets.catalogue.neighbours import neighbour_groups
from assets.methods.figures import build_figures, mark_provisional, withhold
from assets.methods.grid import fill_grid
from sql.frames import empty
from validations.checks import check_results, check_specs
from validations.findings import is_gate_passed
from validations.suites import gate
from validations.validate import judge_figures

INPUTS = ("validated_returns", "validation_findings", "areas", "indicator_catalogue")
FIGURES = dg.AssetKey("indicator_values")
FINDINGS = dg.AssetKey(["validation_findings", "indicator_values"])


def dimensions(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """The assets areas and indicator_catalogue, straight from the checked catalogue."""

    @dg.asset(description="Every area code in use, with English and Welsh names.")
    def areas() -> pd.DataFrame:
        return areas_frame(catalogue)

    @dg.asset(description="Every published indicator: what it is and how it is treated.")
    def indicator_catalogue() -> pd.DataFrame:
        return indicator_frame(catalogue)

    return [areas, indicator_catalogue]


def indicator_values(catalogue: Catalogue) -> dg.AssetsDefinition:
    """The assets indicator_values and its findings, from all accepted answers."""
    breaks, lags = breaks_frame(catalogue), denominator_lags(catalogue)
    broken_down, provisional = breakdown_types(catalogue), provisional_frame(catalogue)

    @dg.multi_asset(
        name="indicator_values",
        ins={name: dg.AssetIn() for name in INPUTS},
        outs={
            "figures": dg.AssetOut(
                key=FIGURES, description="Every figure with its parts, codes and limits."
            ),
            "findings": dg.AssetOut(
                key=FINDINGS, description="What rules and gates say about the figures."
            ),
        },
        check_specs=check_specs(FIGURES),
    )
    def _indicator_values(
        validated_returns: pd.DataFrame,
        validation_findings: pd.DataFrame,
        areas: pd.DataFrame,
        indicator_catalogue: pd.DataFrame,
    ) -> Iterator[dg.Output[pd.DataFrame] | dg.AssetCheckResult]:
        is_open = is_gate_passed(validation_findings)
        answers = validated_returns if is_open else empty("validated_returns")
        figures = build_figures(
            answers, indicator_catalogue, areas, breaks, lags=lags, breakdown_types=broken_down
        )
        judged = judge_figures(figures, indicator_catalogue, areas)
        figures = fill_grid(withhold(figures, judged), indicator_catalogue, areas)
        figures = mark_provisional(figures, provisional)
        findings = pd.concat([judged, gate(figures, "indicator_values")], ignore_index=True)
        yield dg.Output(figures, output_name="figures")
        yield dg.Output(findings, output_name="findings")
        yield from check_results(findings, FIGURES)

    return _indicator_values


def comparison_groups(catalogue: Catalogue) -> dg.AssetsDefinition:
    """The asset comparison_groups: all councils, regions, and each council's neighbours."""

    @dg.asset(
        ins={"indicator_values": dg.AssetIn(), "findings": dg.AssetIn(key=FINDINGS)},
        description="Who is compared with whom: all councils, regions, nearest neighbours.",
    )
    def comparison_groups(indicator_values: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
        groups = [group_frame(catalogue)]
        if is_gate_passed(findings):
            groups.append(neighbour_groups(catalogue, indicator_values))
        return pd.concat(groups, ignore_index=True)

    return comparison_groups
