"""The command `compare`: the comparison kernel on any table, without Dagster or a database."""

from pathlib import Path

import click
from rich.progress import Progress

from assets.methods.tables_io import run_compare
from pipelines.commands.display import console


def compare_files(
    observations: Path,
    out: Path,
    indicators: Path | None,
    groups: Path | None,
    targets: Path | None,
    *,
    rank_uncertainty: bool,
) -> None:
    """Write comparisons.parquet, benchmarks.parquet and methods.json into out."""
    screen = console()
    with Progress(console=screen, disable=not screen.is_terminal, transient=True) as bar:
        task = bar.add_task("comparing", total=None)
        run_compare(
            observations,
            out,
            indicators,
            groups,
            targets,
            rank_uncertainty=rank_uncertainty,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    click.echo(f"written: {out / 'comparisons.parquet'}, benchmarks.parquet, methods.json")
