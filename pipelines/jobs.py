"""Jobs: the night over all assets, and the publication of what waited for its time."""

from typing import TYPE_CHECKING, TypeAlias

import dagster as dg
import sqlalchemy as sa

from assets.publishing.candidates import CandidateStore
from assets.publishing.publish import publish_due
from assets.publishing.store import ReleaseStore
from assets.publishing.warehouse import load_warehouse
from sql.clock import Clock
from sql.home import Home, HomeBusyError

if TYPE_CHECKING:  # Dagster does not export the type of an asset job
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition,
    )

AssetJob: TypeAlias = "UnresolvedAssetJobDefinition"
NIGHTLY = "nightly"
PUBLISH_DUE = "publish_due"


def nightly_job() -> AssetJob:
    """Everything, in one process: pull, validate, compute, compare, publish, load, report."""
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Pull, validate, compute, compare, publish, load, report.",
    )


def publish_due_job() -> dg.JobDefinition:
    """Publish every waiting candidate whose release instant has come.

    While another run holds the home it does nothing: the next tick looks again.
    """

    @dg.op(name="publish_what_is_due")
    def _publish_due(
        context: dg.OpExecutionContext,
        unheld_home: dg.ResourceParam[Home],
        candidates: dg.ResourceParam[CandidateStore],
        releases: dg.ResourceParam[ReleaseStore],
        warehouse_engine: dg.ResourceParam[sa.Engine],
        clock: dg.ResourceParam[Clock],
    ) -> None:
        try:
            with unheld_home.lock(PUBLISH_DUE):
                try:
                    outcomes = publish_due(candidates, releases, clock.now())
                finally:
                    load_warehouse(warehouse_engine, releases)
        except HomeBusyError as busy:
            context.log.info("%s The next tick looks again.", busy)
            return
        for outcome in outcomes:
            context.log.info("%s: %s", outcome.product, outcome.decision.reason_en)

    @dg.job(
        name=PUBLISH_DUE,
        executor_def=dg.in_process_executor,
        description="Publish every waiting candidate whose release instant has come.",
    )
    def _job() -> None:
        _publish_due()

    return _job
