"""The commands `run` and `ui`: the nightly job in process, the Dagster UI over the same home."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import dagster as dg
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from assets.publishing.night import BLOCKED, STALE, NightReport, ProductLine, SeriesLine, SourceLine
from pipelines.commands.display import console, printable, show_rows
from pipelines.definitions import build_definitions
from pipelines.jobs import NIGHTLY
from pipelines.progress import RUN_CONFIG, ticker
from pipelines.resources import Installation
from pipelines.settings import PROJECT
from sql.home import Home

INTERNAL_FAULT = 3
STATUS_OF_CHECK = {"decision": BLOCKED, "pulled": STALE}
DAYS_A_YEAR = 365.25
STEP_ENDED = ("STEP_SUCCESS", "STEP_FAILURE", "STEP_SKIPPED")


def prepare_dagster_home(home: Home) -> None:
    """Put the committed dagster.yaml into <home>/dagster and name it in this process."""
    shutil.copyfile(PROJECT / "dagster.yaml", home.dagster / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"


def run_night(*, profile: str | None, home: Path | None, only: str | None) -> int:
    """Run the nightly job, print what it did, return the exit status of interface `run`."""
    installation = Installation(home=home, profile=profile)
    opened = installation.open_home()
    prepare_dagster_home(opened)
    with opened.lock("a nightly run"), _progress() as tick, dg.DagsterInstance.get() as instance:
        definitions = build_definitions(installation=installation, loggers=ticker(tick))
        result = definitions.resolve_job_def(NIGHTLY).execute_in_process(
            instance=instance,
            asset_selection=_selection(definitions, only),
            raise_on_error=False,
            run_config=RUN_CONFIG,
        )
    return _tell(opened, result)


def _selection(definitions: dg.Definitions, only: str | None) -> list[dg.AssetKey] | None:
    if only is None:
        return None
    try:
        chosen = _whole(dg.AssetSelection.from_string(only))
        keys = chosen.resolve(definitions.resolve_asset_graph())
    except dg.DagsterError as error:
        raise click.UsageError(
            f'--only "{only[:40]}" is not a selection of assets; `make ui` lists them, for example'
            " key:raw_returns/population."
        ) from error
    if not keys:
        raise click.UsageError(f'--only "{only[:40]}" names no asset; `make ui` lists them.')
    return sorted(keys)


def _whole(selection: dg.AssetSelection) -> dg.AssetSelection:
    """The selection and what is made in the same step, since a step is never run in part."""
    return selection.required_multi_asset_neighbors()


@contextmanager
def _progress() -> Iterator[Callable[[str, str], None]]:
    """A bar on a terminal, a line per stage elsewhere; yields the callback of the ticker."""
    screen = console()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=screen,
        disable=not screen.is_terminal,
        transient=True,
    )
    task = bar.add_task("starting", total=None)
    done = 0

    def tick(event: str, step: str) -> None:
        nonlocal done
        done += event in STEP_ENDED
        if event == "STEP_START":
            bar.update(task, description=step.replace("__", "/"), completed=done)

    with bar:
        yield tick


def _tell(home: Home, result: dg.ExecuteInProcessResult) -> int:
    """Print the night report of the run, or the step that broke before there was one."""
    report = home.reports / f"{result.run_id}.json"
    if report.exists():
        told = NightReport.read(report)
        show_report(told)
        return told.exit_status
    faults = [event for event in result.all_events if event.is_step_failure]
    failed = [
        check
        for check in result.get_asset_check_evaluations()
        if not check.passed and check.check_name in STATUS_OF_CHECK
    ]
    for check in failed:
        click.echo(f"council-benchmarks: {check.metadata['reason'].value}", err=True)
    for event in faults:
        error = event.step_failure_data.error
        cause = error.cause or error if error else None
        said = cause.message.strip() if cause else "no reason given"
        click.echo(f"council-benchmarks: {event.step_key} failed: {said}", err=True)
    if not faults:
        click.echo(f"done: {len(result.get_asset_materialization_events())} assets materialised")
    statuses = {STATUS_OF_CHECK[check.check_name] for check in failed}
    return INTERNAL_FAULT if faults else min(statuses, default=0)


def show_report(report: NightReport) -> None:
    """Print sources, series, products and findings of a night as tables a person can read."""
    show_rows([_source_row(line) for line in report.sources], title=f"Sources ({report.profile})")
    for line in report.sources:
        if line.state == "never" and line.reason:
            click.echo(line.reason)
    for name in report.unclaimed:
        click.echo(
            f"{printable(name)} lies in the inbox and no dataset reads it:"
            " compare its name and folder."
        )
    show_rows(_age_rows(report.series), title="Series by the age of their latest figure")
    show_rows([_product_row(line) for line in report.products], title="Products")
    click.echo("Findings: " + (", ".join(f"{n} {k}" for k, n in report.findings.items()) or "none"))
    click.echo(f"Open queries: {report.queries_text}")
    for problem in report.problems:
        click.echo(f"council-benchmarks: {problem}", err=True)
    if report.page:
        click.echo(f"Report: {report.page}")
    if report.index:
        click.echo(f"Releases: {report.index}")


def _source_row(line: SourceLine) -> dict[str, object]:
    return {
        "dataset": line.dataset,
        "state": line.state,
        "rows": line.n_rows,
        "accepted": line.accepted,
        "rejected": line.rejected,
        "duplicate": line.duplicate,
        "kept": line.kept,
        "latest figure": line.latest_period,
        "its age": _years(line.period_age_days),
    }


def _age_rows(series: Sequence[SeriesLine]) -> list[dict[str, object]]:
    """Series of one age in whole years on a row, the freshest first."""
    by_years: dict[int, list[str]] = {}
    for line in sorted(series, key=lambda line: line.indicator):
        by_years.setdefault(int(line.age_days // DAYS_A_YEAR), []).append(line.indicator)
    return [
        {
            "age": f"{years} to {years + 1} years" if years else "under 1 year",
            "series": len(names),
            "which": ", ".join(names),
        }
        for years, names in sorted(by_years.items())
    ]


def _product_row(line: ProductLine) -> dict[str, object]:
    return {
        "product": line.product,
        "decision": line.action,
        "version": line.version,
        "figures": line.figures,
        "changes": line.changes,
        "knock-on": line.knock_on,
        "why": line.reason_en,
    }


def _years(days: int | None) -> str | None:
    return None if days is None else f"{days / DAYS_A_YEAR:.1f} years"


def open_ui(*, home: Path | None, port: int) -> int:
    """Serve the Dagster UI with schedules and sensors until it is stopped."""
    opened = Installation(home=home).open_home()
    prepare_dagster_home(opened)
    os.environ["COUNCIL_BENCHMARKS_HOME"] = str(opened.root)
    command = [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml"]
    click.echo(f"Dagster UI: http://127.0.0.1:{port} (home {opened.root}); Ctrl-C ends it")
    words = [*command, "--host", "127.0.0.1", "--port", str(port)]
    return subprocess.call(words, cwd=PROJECT)  # noqa: S603 - fixed words and a number
