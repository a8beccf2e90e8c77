"""All definitions, in the order of the night: a table of contents.

`build_definitions` takes what a test or another country replaces; `defs` is what Dagster loads.
"""

from collections.abc import Mapping

import dagster as dg

from assets.catalogue.load import Catalogue, load_catalogue
from assets.comparisons import comparisons
from assets.indicators import comparison_groups, dimensions, indicator_values
from assets.releases import night_report, release, release_candidate, warehouse
from assets.returns import raw_returns
from assets.sources.registry import SourceEntry, load_registry
from assets.summaries import summaries
from assets.validated import assembled_returns, context_of, validated_returns
from pipelines.jobs import nightly_job, publish_due_job
from pipelines.policy import with_policy
from pipelines.resources import Installation, resources
from pipelines.schedules import schedules
from pipelines.sensors import inbox_sensor


def build_definitions(
    *,
    installation: Installation | None = None,
    catalogue: Catalogue | None = None,
    registry: Mapping[str, SourceEntry] | None = None,
    seconds_to_retry: float = 5,
    loggers: Mapping[str, dg.LoggerDefinition] | None = None,
) -> dg.Definitions:
    """Everything Dagster needs to know; each argument replaces the project's own."""
    catalogue = catalogue or load_catalogue()
    registry = registry or load_registry()
    installation = installation or Installation()
    datasets, products = list(registry), list(catalogue.products)
    known = context_of(catalogue)
    stages = [
        *(raw_returns(entry, seconds_to_retry) for entry in registry.values()),
        *(validated_returns(entry, known) for entry in registry.values()),
        assembled_returns(datasets, known),
        *dimensions(catalogue),
        indicator_values(catalogue),
        comparison_groups(catalogue),
        comparisons(catalogue),
        summaries(catalogue),
        *(release_candidate(catalogue, product) for product in products),
        *(release(catalogue, product) for product in products),
        warehouse(catalogue, registry),
        night_report(catalogue, registry),
    ]
    nightly, due = nightly_job(), publish_due_job()
    return dg.Definitions(
        assets=with_policy(stages, registry),
        jobs=[nightly, due],
        schedules=schedules(nightly, due, installation.open_home, installation.clock),
        sensors=[inbox_sensor(nightly, installation.open_home, installation.clock)],
        resources=resources(installation),
        loggers=loggers,
        executor=dg.in_process_executor,
    )


defs = build_definitions()
