"""The command line `council-benchmarks`: names, options and help of every command.

What a command does stands in pipelines.commands, imported when the command runs, so that the light
ones (compare, check, verify) never wait for Dagster or Great Expectations.
Exit status: 0 done, 1 the data are not acceptable, 2 wrong usage, 3 an outside part failed.
"""

import logging
import sys
import traceback
import warnings
from pathlib import Path
from typing import Literal

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
PORT = click.IntRange(1, 65_535)
FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
HOME = click.option("--home", type=FOLDER, help="Home folder; default data/ of the project.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="council-benchmarks")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
def cli() -> None:
    """From council returns to versioned, comparable, trusted figures."""


@cli.command()
@click.option("--profile", type=click.Choice(["sample", "live"]), help="Default sample.")
@HOME
@click.option("--only", metavar="SELECTION", help="Some assets, e.g. 'raw_returns/claimants+'.")
def run(profile: str | None, home: Path | None, only: str | None) -> None:
    """Run the nightly job here and now, and say what it did."""
    from pipelines.commands.night import run_night

    sys.exit(run_night(profile=profile, home=home, only=only))


@cli.command()
@HOME
@click.option("--port", type=PORT, default=3000, show_default=True)
def ui(home: Path | None, port: int) -> None:
    """Open the Dagster UI on 127.0.0.1 over the same home."""
    from pipelines.commands.night import open_ui

    sys.exit(open_ui(home=home, port=port))


@cli.command()
@HOME
@FORMAT
@click.option("--check", is_flag=True, help="Ask every source of the profile whether it answers.")
@click.option("--resolve", metavar="ID", help="Write the entry of a StatsWales dataset.")
def sources(home: Path | None, form: str, resolve: str | None, *, check: bool) -> None:
    """List the registry: where from, how fresh, last result."""
    from pipelines.commands.sources import list_sources, resolve_source

    if resolve is not None:
        resolve_source(resolve, home=home)
    else:
        sys.exit(list_sources(home=home, form=form, check=check))


@cli.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--format", "form", type=click.Choice(["table", "json", "html"]), default="table")
@click.option("--lang", type=click.Choice(["en", "cy"]), default="en", show_default=True)
def check(files: tuple[Path, ...], form: str, lang: Literal["en", "cy"]) -> None:
    """Check returns before they are sent: the hub's own rules, offline; 1 when there are errors."""
    from pipelines.commands.check import check_files

    sys.exit(check_files(files, form=form, lang=lang))


@cli.command()
@click.argument("observations", type=FILE)
@click.option("-o", "out", required=True, type=FOLDER, help="Folder for the tables.")
@click.option("--indicators", type=FILE, help="What each indicator declares.")
@click.option("--groups", type=FILE, help="Who is compared with whom; default all councils.")
@click.option("--targets", type=FILE, help="Statutory targets.")
@click.option("--rank-uncertainty", is_flag=True, help="Add rank_low and rank_high.")
def compare(
    observations: Path,
    out: Path,
    indicators: Path | None,
    groups: Path | None,
    targets: Path | None,
    *,
    rank_uncertainty: bool,
) -> None:
    """Compare any table of observations (csv or parquet) by the methods of the project."""
    from pipelines.commands.compare import compare_files

    compare_files(observations, out, indicators, groups, targets, rank_uncertainty=rank_uncertainty)


@cli.command()
@click.argument("product", required=False)
@HOME
@FORMAT
def releases(product: str | None, home: Path | None, form: str) -> None:
    """List the published versions, of one product or of all."""
    from pipelines.commands.releases import list_releases

    list_releases(product, home=home, form=form)


@cli.command()
@click.argument("product")
@click.argument("version", required=False)
@HOME
@FORMAT
@click.option("--as-at", metavar="TIME", help="The version that readers saw then, ISO 8601.")
def show(
    product: str, version: str | None, home: Path | None, form: str, as_at: str | None
) -> None:
    """Show what a version of a product holds; the current one by default."""
    from pipelines.commands.releases import show_release

    if version is not None and as_at is not None:
        raise click.UsageError("name a version, or a time with --as-at")
    show_release(product, version, home=home, form=form, as_at=as_at)


@cli.command()
@click.argument("product")
@click.argument("old")
@click.argument("new")
@HOME
@FORMAT
def diff(product: str, old: str, new: str, home: Path | None, form: str) -> None:
    """Show every cell that changed between two versions, and what moved because of it."""
    from pipelines.commands.releases import diff_releases

    diff_releases(product, old, new, home=home, form=form)


@cli.command()
@click.argument("product", required=False)
@HOME
@click.option("--due", is_flag=True, help="Every product whose release time has come.")
@click.option("--at", metavar="TIME", help="Release instant, ISO 8601, London time; never past.")
@click.option("--allow-major", is_flag=True, help="Publish although readers must adapt.")
@click.option("--rehearse", is_flag=True, help="Do everything but what readers would see.")
@click.option("--cancel", is_flag=True, help="Forget the candidate and its approved instant.")
def publish(
    product: str | None,
    home: Path | None,
    at: str | None,
    *,
    due: bool,
    allow_major: bool,
    rehearse: bool,
    cancel: bool,
) -> None:
    """Publish a waiting candidate, or all that are due."""
    from pipelines.commands.publish import publish_now, publish_what_is_due

    if bool(product) == due:
        raise click.UsageError("name a product, or use --due for all that are due")
    if product is None:
        sys.exit(publish_what_is_due(home=home, rehearse=rehearse))
    status = publish_now(
        product, home=home, at=at, allow_major=allow_major, rehearse=rehearse, cancel=cancel
    )
    sys.exit(status)


REASON_CY = click.option("--reason-cy", metavar="TEXT", help="The reason in Welsh.")


@cli.command()
@click.argument("product")
@click.argument("versions", nargs=-1, required=True, metavar="VERSION...")
@HOME
@click.option("--reason", metavar="TEXT", help="What readers are told; --disclosure has its own.")
@REASON_CY
@click.option("--disclosure", is_flag=True, help="Take the files of the versions out of reach.")
def withdraw(
    product: str,
    versions: tuple[str, ...],
    home: Path | None,
    reason: str | None,
    reason_cy: str | None,
    *,
    disclosure: bool,
) -> None:
    """Withdraw versions with a public notice; the last one that stands becomes the current one."""
    from pipelines.commands.publish import withdraw_now

    withdraw_now(
        product,
        versions,
        home=home,
        reason=reason,
        reason_cy=reason_cy,
        disclosure=disclosure,
    )


@cli.command()
@click.argument("product")
@click.argument("version")
@HOME
@click.option("--reason", metavar="TEXT", help="What readers are told.")
@REASON_CY
def rollback(
    product: str, version: str, home: Path | None, reason: str | None, reason_cy: str | None
) -> None:
    """Make an earlier version the current one again; those above it are set aside."""
    from pipelines.commands.publish import roll_back_now

    roll_back_now(product, version, home=home, reason=reason, reason_cy=reason_cy)


@cli.command()
@HOME
@FORMAT
@click.option("--make", "new", type=click.Path(dir_okay=False, path_type=Path), help="A new key.")
@click.option("--replace", is_flag=True, help="Let the key of the settings be the active one.")
def keys(home: Path | None, form: str, new: Path | None, *, replace: bool) -> None:
    """List the keys releases are signed with, make one, or let one take another's place."""
    from pipelines.commands.keys import list_keys, make_key_active, make_key_file

    if new is not None:
        make_key_file(new)
    elif replace:
        make_key_active(home=home)
    else:
        list_keys(home=home, form=form)


@cli.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--public-key", metavar="KEY", help="The one key to trust, as minisign -P takes it.")
def verify(path: Path, public_key: str | None) -> None:
    """Re-read a release from disk: every hash, schema, key and count, and the signature."""
    from pipelines.commands.releases import verify_release

    sys.exit(verify_release(path, public_key=public_key))


@cli.command()
@click.argument("product")
@click.argument("indicator")
@click.argument("period")
@click.argument("area")
@HOME
@FORMAT
def trace(
    product: str, indicator: str, period: str, area: str, home: Path | None, form: str
) -> None:
    """Follow one published figure back to the bytes it came from."""
    from pipelines.commands.trace import trace_figure

    trace_figure(product, indicator, period, area, home=home, form=form)


@cli.command()
@HOME
@click.option("--port", type=PORT, default=8000, show_default=True)
def serve(home: Path | None, port: int) -> None:
    """Serve the releases and their read-only API on 127.0.0.1."""
    from pipelines.commands.serve import serve_releases

    serve_releases(home=home, port=port)


@cli.command()
@HOME
def doctor(home: Path | None) -> None:
    """Say what is missing on this machine and how to get it."""
    from pipelines.commands.doctor import examine

    sys.exit(examine(home=home))


def main() -> None:
    """Run a command; an expected fault is one sentence on stderr and its exit status."""
    debug = "--debug" in sys.argv[1:2]  # before click is asked, whose own errors it shows too
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    warnings.simplefilter("default" if debug else "ignore")
    try:
        cli()
    except Exception as error:  # noqa: BLE001 - the last line of defence of the command line
        if debug:
            traceback.print_exc()
        status, said = explain(error)
        click.echo(f"council-benchmarks: {said}", err=True)
        sys.exit(status)


def explain(error: Exception) -> tuple[int, str]:
    """Exit status and one sentence: a fault of ours says its own, an outside part is named."""
    first_line = (str(error).strip().splitlines() or [repr(error)])[0]
    status = getattr(error, "exit_status", None)
    if isinstance(status, int):
        return status, " ".join(str(error).split())
    kind = type(error).__module__.split(".")[0]
    if kind == "sqlalchemy":
        return 3, f"the database failed ({first_line}): check COUNCIL_BENCHMARKS_DATABASE_URL."
    if isinstance(error, OSError):
        return 3, f"the disk failed ({first_line}): check space and rights, then run again."
    return 3, f"internal fault: {type(error).__name__}: {first_line} (--debug shows where)"
