"""Stage 4: where each council stands, in all of Wales, in its region and among its neighbours."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from assets.catalogue.frames import targets_frame
from assets.catalogue.load import Catalogue
from assets.methods.compare import compare
from validations.checks import check_results, check_specs
from validations.findings import is_gate_passed
from validations.suites import gate

COMPARISONS = dg.AssetKey("comparisons")
BENCHMARKS = dg.AssetKey("benchmarks")
FINDINGS = dg.AssetKey(["validation_findings", "comparisons"])


def comparisons(catalogue: Catalogue) -> dg.AssetsDefinition:
    """The assets comparisons, benchmarks and their findings."""
    targets = targets_frame(catalogue)

    @dg.multi_asset(
        name="comparisons",
        ins={
            "indicator_values": dg.AssetIn(),
            "indicator_catalogue": dg.AssetIn(),
            "comparison_groups": dg.AssetIn(),
            "findings": dg.AssetIn(key=["validation_findings", "indicator_values"]),
        },
        outs={
            "compared": dg.AssetOut(
                key=COMPARISONS, description="Rank, band, scores, change of every figure."
            ),
            "benchmarked": dg.AssetOut(
                key=BENCHMARKS, description="Mean, median, quartiles, headline of every group."
            ),
            "findings": dg.AssetOut(
                key=FINDINGS, description="What the gates say about the comparisons."
            ),
        },
        check_specs=check_specs(COMPARISONS),
    )
    def _comparisons(
        indicator_values: pd.DataFrame,
        indicator_catalogue: pd.DataFrame,
        comparison_groups: pd.DataFrame,
        findings: pd.DataFrame,
    ) -> Iterator[dg.Output[pd.DataFrame] | dg.AssetCheckResult]:
        references = indicator_catalogue["indicator"][indicator_catalogue["is_reference_series"]]
        of_councils = indicator_values[~indicator_values["indicator"].isin(references)]
        if not is_gate_passed(findings):
            of_councils = of_councils.iloc[:0]
        result = compare(of_councils, indicator_catalogue, comparison_groups, targets)
        judged = pd.concat(
            [gate(result.comparisons, "comparisons"), gate(result.benchmarks, "benchmarks")],
            ignore_index=True,
        )
        yield dg.Output(result.comparisons, output_name="compared")
        yield dg.Output(result.benchmarks, output_name="benchmarked")
        yield dg.Output(judged, output_name="findings")
        yield from check_results(judged, COMPARISONS)

    return _comparisons
