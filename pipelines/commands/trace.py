"""The command `trace`: one published figure back to the bytes it came from."""

from dataclasses import asdict
from pathlib import Path

import click

from assets.publishing.released import load_release_tables
from assets.publishing.trace import FigureKey, trace
from assets.sources.raw_store import RawStore
from pipelines.commands.display import show_rows
from pipelines.commands.releases import folder_of, open_store
from pipelines.settings import settings
from sql.frames import FrameStore


def trace_figure(
    product: str, indicator: str, period: str, area: str, *, home: Path | None, form: str
) -> None:
    """Print the steps from a figure of the current release to the lines of its raw answers."""
    opened = settings(home=home).open_home()
    release = load_release_tables(folder_of(open_store(home), product, None))
    answers = FrameStore(opened.frames).read("validated_returns")
    figure = figure_key(indicator, period, area)
    steps = trace(figure, release, answers, RawStore(opened.raw))
    show_rows([asdict(step) for step in steps], form=form, title=f"{product}: {indicator}")


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
