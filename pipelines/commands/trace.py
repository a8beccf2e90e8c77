"""The command `trace`: one published figure back to the bytes it came from."""

from dataclasses import asdict
from pathlib import Path

import click
import pandas as pd
import sqlalchemy as sa

from assets.publishing.released import load_manifest, load_release_tables
from assets.publishing.trace import FigureKey, trace
from assets.sources.raw_store import RawStore
from pipelines.commands.display import show_rows
from pipelines.commands.releases import folder_of, open_store
from pipelines.settings import settings
from sql.tables import OBSERVATION_KEY, table
from sql.warehouse import open_engine


def trace_figure(
    product: str, indicator: str, period: str, area: str, *, home: Path | None, form: str
) -> None:
    """Print the steps from a figure of the current release to the lines of its raw answers."""
    chosen = settings(home=home)
    opened, folder = chosen.open_home(), folder_of(open_store(home), product, None)
    release = load_release_tables(folder)
    answers = answers_of(folder, open_engine(chosen.warehouse_url()))
    figure = figure_key(indicator, period, area)
    steps = trace(figure, release, answers, RawStore(opened.raw))
    show_rows([asdict(step) for step in steps], form=form, title=f"{product}: {indicator}")


def answers_of(folder: Path, engine: sa.Engine) -> pd.DataFrame:
    """The answers a release was made from: rows of the ledger whose bytes its manifest names.

    Of a dataset whose bytes it may not name, since counts are confidential, all that is on record.
    """
    inputs = load_manifest(folder)["inputs"]
    used = {digest for item in inputs for digest in item["sha256s"]}
    unnamed = [item["dataset"] for item in inputs if not item["sha256s"]]
    with engine.connect() as connection:
        recorded = pd.read_sql(sa.select(table("returns_ledger")), connection)
    ours = recorded[recorded["source_sha256"].isin(used) | recorded["dataset"].isin(unnamed)]
    return ours.sort_values("recorded_from").drop_duplicates(list(OBSERVATION_KEY), keep="last")


def figure_key(indicator: str, period: str, area: str) -> FigureKey:
    """The figure of `indicator`, or of one breakdown of it, written indicator:type=category."""
    name, _, broken_down = indicator.partition(":")
    if not broken_down:
        return FigureKey(name, period, area)
    kind, equals, category = broken_down.partition("=")
    if not equals:
        raise click.UsageError(
            f'"{indicator}" is not an indicator with a breakdown: write it like'
            " school_pupils:school_sector=primary."
        )
    return FigureKey(name, period, area, kind, category)
