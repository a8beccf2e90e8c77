"""Resources: what a run is given, made from the settings when it starts, as plain objects.

Here belongs how settings become a home, a fetcher, a store or an engine, and the one IO manager.
Assets annotate the plain classes and never see a setting; nothing is read or opened at import.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pandas as pd
import sqlalchemy as sa

from assets.publishing.candidates import CandidateStore
from assets.sources.http import Fetcher, live_session, sample_session
from assets.sources.inbox import seed_inbox
from assets.sources.raw_store import RawStore
from pipelines.pictures import describe_frame
from pipelines.settings import Settings, settings
from pipelines.stores import open_releases
from sql.clock import Clock
from sql.frames import FrameStore
from sql.home import Home
from sql.warehouse import open_engine

SAMPLE = Path(__file__).resolve().parent.parent / "assets" / "sources" / "sample"


@dataclass(frozen=True)
class Installation:
    """Where things are kept and which profile runs; None leaves it to the environment."""

    home: Path | None = None
    profile: str | None = None
    database_url: str | None = None
    sample: Path = SAMPLE
    clock: Clock = field(default_factory=Clock)
    fetcher: Callable[[RawStore], Fetcher] | None = None

    def settings(self) -> Settings:
        """The settings of this run."""
        return settings(home=self.home, profile=self.profile, database_url=self.database_url)

    def open_home(self) -> Home:
        """The home, made; the sample's inbox is laid into a new home of the sample profile."""
        home = self.settings().open_home()
        if home.profile == "sample":
            seed_inbox(home.inbox, self.sample / "inbox")
        return home

    def open_fetcher(self) -> Fetcher:
        """The fetcher of the profile: bundled answers or the network, the same connectors."""
        home = self.open_home()
        if self.fetcher is not None:
            return self.fetcher(RawStore(home.raw))
        is_sample = home.profile == "sample"
        session = sample_session(self.sample / "http") if is_sample else live_session()
        return Fetcher(session, RawStore(home.raw))

    def open_engine(self) -> sa.Engine:
        """The warehouse, migrated to the contract of this code."""
        self.open_home()
        chosen = self.settings()
        return open_engine(chosen.warehouse_url(), chosen.reader_role)


class FrameIOManager(dg.IOManager):
    """Every asset's frame as Parquet under <home>/frames; it refuses anything but a frame."""

    def __init__(self, store: FrameStore) -> None:
        self.store = store

    def handle_output(self, context: dg.OutputContext, obj: pd.DataFrame) -> None:
        """Keep the frame under its asset and run, and describe it for the UI."""
        name = "/".join(context.asset_key.path)
        path = self.store.write(name, context.run_id, obj)
        context.add_output_metadata({**describe_frame(name, obj), "dagster/uri": str(path)})

    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        """The frame of this run if the run made one, else the newest."""
        run_id = context.step_context.run_id
        return self.store.read("/".join(context.asset_key.path), run_id)


@contextmanager
def _locked(home: Home) -> Iterator[Home]:
    with home.lock("a run in Dagster"):
        yield home


@contextmanager
def _io_manager(home: Home) -> Iterator[FrameIOManager]:
    with home.lock("a run in Dagster"):
        yield FrameIOManager(FrameStore(home.frames))


def resources(installation: Installation) -> dict[str, dg.ResourceDefinition]:
    """Resource key -> definition that opens it when a run needs it."""

    def opened(description: str, open_: Callable[[], object]) -> dg.ResourceDefinition:
        return dg.ResourceDefinition(lambda _context: open_(), description=description)

    at = installation.open_home
    return {
        "home": dg.ResourceDefinition(
            lambda _context: _locked(at()), description="The home folder, held while a run writes"
        ),
        "clock": opened("The present instant", lambda: installation.clock),
        "fetcher": opened("HTTP with retries and limits", installation.open_fetcher),
        "raw_store": opened("Bytes of the sources by hash", lambda: RawStore(at().raw)),
        "frames": opened("Frames of the last runs", lambda: FrameStore(at().frames)),
        "candidates": opened("Candidates, private", lambda: CandidateStore(at().candidates)),
        "releases": opened(
            "Published versions, and the key to sign with",
            lambda: open_releases(installation.settings(), at()),
        ),
        "unheld_home": opened("The home folder, not held: publish_due asks for it itself", at),
        "warehouse_engine": opened("The warehouse database", installation.open_engine),
        "io_manager": dg.IOManagerDefinition(
            lambda _context: _io_manager(at()),  # type: ignore[arg-type]  # Dagster enters it
            description="Frames as Parquet; every run that writes one holds the home",
        ),
    }
