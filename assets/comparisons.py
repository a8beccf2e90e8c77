"""Stage 4: where each council stands, in all of Wales, in its region, among its neighbours."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from assets.catalogue.frames import targets_frame
from assets.catalogue.load import Catalogue
from assets.methods.scoped_groups import compare_scopes, scopes_of
from assets.publishing.assemble import RANK_UNCERTAINTY
from validations.checks import check_results, check_specs
from validations.findings import is_gate_passed
from validations.suites import gate, gates

INPUTS = ("indicator_values", "indicator_catalogue", "comparison_groups")
COMPARISONS = dg.AssetKey("comparisons")
BENCHMARKS = dg.AssetKey("benchmarks")
FINDINGS = dg.AssetKey(["validation_findings", "comparisons"])
OUTS = {
    "compared": dg.AssetOut(
        key=COMPARISONS, description="Rank, band, scores, change of every figure."
    ),
    "benchmarked": dg.AssetOut(
        key=BENCHMARKS, description="Mean, median, quartiles, headline of every group."
    ),
    "findings": dg.AssetOut(key=FINDINGS, description="What the gates say about the comparisons."),
}


def comparisons(catalogue: Catalogue) -> dg.AssetsDefinition:
    """The assets comparisons, benchmarks and their findings."""
    targets = targets_frame(catalogue)

    @dg.multi_asset(
        name="comparisons",
        ins={
            **{name: dg.AssetIn() for name in INPUTS},
            "findings": dg.AssetIn(key=["validation_findings", "indicator_values"]),
        },
        outs=OUTS,
        check_specs=check_specs(COMPARISONS),
    )
    def _comparisons(
        indicator_values: pd.DataFrame,
        indicator_catalogue: pd.DataFrame,
        comparison_groups: pd.DataFrame,
        findings: pd.DataFrame,
    ) -> Iterator[dg.Output[pd.DataFrame] | dg.AssetCheckResult]:
        of_councils = _of_councils(indicator_values, indicator_catalogue)
        of_groups = gate(comparison_groups, "comparison_groups")
        if not (is_gate_passed(findings) and is_gate_passed(of_groups)):
            of_councils = of_councils.iloc[:0]
        scopes = scopes_of(comparison_groups, indicator_catalogue, of_councils["period"])
        given = (of_councils, indicator_catalogue, scopes, targets)
        compared, benchmarked = compare_scopes(*given, rank_uncertainty=RANK_UNCERTAINTY)
        of_result = gates({"comparisons": compared, "benchmarks": benchmarked})
        judged = pd.concat([of_groups, of_result], ignore_index=True)
        made = zip(OUTS, (compared, benchmarked, judged), strict=True)
        yield from (dg.Output(frame, output_name=name) for name, frame in made)
        yield from check_results(judged, COMPARISONS)

    return _comparisons


def _of_councils(figures: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Figures without the reference series, which have no council to compare."""
    references = indicators["indicator"][indicators["is_reference_series"]]
    return figures[~figures["indicator"].isin(references)]
