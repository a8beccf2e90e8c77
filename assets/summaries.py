"""Stage 4b: what the comparisons say together: whom to ask, what improved, gaps, real terms."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from assets.catalogue.frames import (
    gap_references,
    inequality_orders,
    measures_frame,
    prices,
    summary_sets,
)
from assets.catalogue.load import Catalogue
from assets.catalogue.neighbours import neighbour_features
from assets.catalogue.practice import load_practice, practice_frame
from assets.methods.summary_tables import (
    Compared,
    breakdown_gaps_table,
    inequality_indices_table,
    narrowing_table,
    practice_finder_table,
    real_terms_table,
    sector_summaries_table,
    watch_list_table,
)
from sql.frames import empty
from sql.summary_tables import SUMMARY_TABLES
from sql.tables import table
from validations.checks import check_results, check_specs
from validations.findings import by_gate, is_gate_passed
from validations.suites import gates

INPUTS = (
    "indicator_values",
    "comparisons",
    "benchmarks",
    "indicator_catalogue",
    "comparison_groups",
)
FINDINGS = dg.AssetKey(["validation_findings", "summaries"])
BEHIND = {
    "of_figures": dg.AssetIn(key=["validation_findings", "indicator_values"]),
    "of_comparisons": dg.AssetIn(key=["validation_findings", "comparisons"]),
}
CONTRACT = "contract"
Stage = Iterator[dg.Output[pd.DataFrame] | dg.AssetCheckResult]


def summaries(catalogue: Catalogue) -> dg.AssetsDefinition:
    """The assets of SUMMARY_TABLES and their findings; none is computed where a gate is closed."""
    outs = {name: dg.AssetOut(key=name, description=table(name).comment) for name in SUMMARY_TABLES}
    found = dg.AssetOut(key=FINDINGS, description="What the gates say about the summaries.")

    @dg.multi_asset(
        name="summaries",
        ins={**{name: dg.AssetIn() for name in INPUTS}, **BEHIND},
        outs={**outs, "findings": found},
        check_specs=[spec for name in SUMMARY_TABLES for spec in _check_specs(name)],
    )
    def _summaries(**inputs: pd.DataFrame) -> Stage:
        is_open = all(is_gate_passed(inputs[name]) for name in BEHIND)
        frames = {name: empty(name) for name in SUMMARY_TABLES}
        if is_open:
            frames = _summarised(catalogue, {name: inputs[name] for name in INPUTS})
        judged = gates(frames)
        found_by = by_gate(judged, SUMMARY_TABLES)
        for name in SUMMARY_TABLES:
            yield dg.Output(frames[name], output_name=name)
            results = check_results(found_by[name], dg.AssetKey(name))
            yield from (result for result in results if result.check_name == CONTRACT)
        yield dg.Output(judged, output_name="findings")

    return _summaries


def _check_specs(name: str) -> list[dg.AssetCheckSpec]:
    """The one check of a table that was computed here: no answer is judged in it."""
    return [spec for spec in check_specs(dg.AssetKey(name)) if spec.name == CONTRACT]


def _summarised(catalogue: Catalogue, inputs: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The frames of SUMMARY_TABLES, from those of INPUTS."""
    groups = inputs.pop("comparison_groups")
    tables, figures = Compared(**inputs), inputs["indicator_values"]
    sets = summary_sets(catalogue)
    practice = practice_frame(load_practice(catalogue))
    watched = watch_list_table(tables, sets)
    return {
        "watch_list": watched,
        "practice_finder": practice_finder_table(tables, sets, watched, groups, practice),
        "sector_summaries": sector_summaries_table(tables, sets),
        "narrowing": narrowing_table(tables),
        "breakdown_gaps": breakdown_gaps_table(figures, gap_references(catalogue)),
        "inequality_indices": inequality_indices_table(figures, inequality_orders(catalogue)),
        "real_terms": real_terms_table(
            figures, inputs["indicator_catalogue"], measures_frame(catalogue), prices(catalogue)
        ),
        "neighbour_features": neighbour_features(catalogue, figures),
    }
