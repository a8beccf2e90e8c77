"""A nightly run in process, over a home of its own and a copy of the sample to edit."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pandas as pd

from assets.catalogue.load import Catalogue, load_catalogue
from assets.publishing.night import NightReport
from assets.sources.http import Fetcher, sample_session
from assets.sources.raw_store import RawStore
from assets.sources.registry import SourceEntry, load_registry
from pipelines.definitions import build_definitions
from pipelines.jobs import NIGHTLY
from pipelines.resources import SAMPLE, Installation
from sql.clock import Clock
from sql.frames import FrameStore
from sql.home import Home

FIRST_NIGHT = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)


@dataclass
class House:
    """One installation under test: run nights in it, edit its sample, look at what it made."""

    installation: Installation
    instance: dg.DagsterInstance
    catalogue: Catalogue
    registry: dict[str, SourceEntry]
    nights: int = 0

    @property
    def home(self) -> Home:
        return self.installation.open_home()

    @property
    def sample(self) -> Path:
        return self.installation.sample

    def definitions(self, now: datetime | None = None) -> dg.Definitions:
        clock = Clock(now or FIRST_NIGHT + timedelta(days=self.nights))
        return build_definitions(
            installation=replace(self.installation, clock=clock),
            catalogue=self.catalogue,
            registry=self.registry,
            seconds_to_retry=0,
        )

    def run(
        self, *assets: str, now: datetime | None = None
    ) -> tuple[dg.ExecuteInProcessResult, NightReport | None]:
        """Run the night, or some assets of it by key; the report where the run came so far."""
        definitions = self.definitions(now)
        chosen = dg.AssetSelection.assets(
            *(name.split("/") for name in assets)
        ).required_multi_asset_neighbors()
        graph = definitions.resolve_asset_graph()
        result = definitions.resolve_job_def(NIGHTLY).execute_in_process(
            instance=self.instance,
            asset_selection=sorted(chosen.resolve(graph)) if assets else None,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        self.nights += 1
        path = self.home.reports / f"{result.run_id}.json"
        return result, NightReport.read(path) if path.exists() else None

    def frame(self, name: str) -> pd.DataFrame:
        return FrameStore(self.home.frames).read(name)

    def action(self, report: NightReport, product: str) -> str:
        return next(line.action for line in report.products if line.product == product)


def hurried(sample: Path) -> Callable[[RawStore], Fetcher]:
    """A fetcher over the sample that retries as ever, but does not wait in between."""
    return lambda raw_store: Fetcher(
        sample_session(sample / "http"), raw_store, sleep=lambda _seconds: None
    )


FEW = (
    "population",
    "claimant_count",
    "consumer_prices",
    "licensed_vehicles",
    "waste_returns",
    "ukraine_sponsorship",
)
"""One dataset of every connector, and one without a sample: a night of seconds."""


def new_house(root: Path, datasets: Iterable[str] | None = None) -> House:
    root.mkdir(parents=True)
    shutil.copytree(SAMPLE, root / "sample")
    installation = Installation(
        home=root / "home",
        profile="sample",
        sample=root / "sample",
        fetcher=hurried(root / "sample"),
    )
    instance = dg.DagsterInstance.ephemeral()
    registry = dict(load_registry())
    chosen = {name: registry[name] for name in datasets or registry}
    return House(installation, instance, load_catalogue(), chosen)


def copy_house(house: House, root: Path) -> House:
    shutil.copytree(house.installation.home.parent, root)
    installation = replace(
        house.installation,
        home=root / "home",
        sample=root / "sample",
        fetcher=hurried(root / "sample"),
    )
    instance = dg.DagsterInstance.ephemeral()
    return House(installation, instance, house.catalogue, house.registry, house.nights)
