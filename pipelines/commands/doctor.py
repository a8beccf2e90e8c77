"""The command `doctor`: what is missing on this machine and how to get it."""

import importlib.metadata
import shutil
import sys
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from pipelines.commands.display import show_rows
from pipelines.settings import Settings, settings
from sql.migrate import NewerDatabaseError
from sql.warehouse import open_engine

ENOUGH_DISK_GB = 1


def examine(*, home: Path | None) -> int:
    """Print one line per part: present or not, and the remedy; 3 if the run itself lacks one."""
    chosen = settings(home=home)
    rows = [*_needed(chosen), _warehouse(chosen), *_optional(), *_set_settings(chosen)]
    show_rows(
        [{name: row[name] for name in ("part", "state", "remedy")} for row in rows],
        title="What this machine has",
    )
    return 3 if any(row["state"] == "missing" and row["needed"] for row in rows) else 0


def _row(
    part: str, *, present: bool, remedy: str, needed: bool, state: str = ""
) -> dict[str, object]:
    found = state or ("present" if present else "missing")
    return {"part": part, "state": found, "remedy": "" if present else remedy, "needed": needed}


def _needed(chosen: Settings) -> list[dict[str, object]]:
    home = chosen.home.expanduser().absolute()
    existing = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(existing).free / 1e9
    return [
        _row(
            "Python 3.11 or newer",
            present=sys.version_info >= (3, 11),
            remedy="install Python 3.11 and run make clean run",
            needed=True,
        ),
        *(
            _row(f"library {name}", present=_installed(name), remedy="make run", needed=True)
            for name in ("dagster", "great-expectations", "pandas", "sqlalchemy", "requests")
        ),
        _row(
            f"{ENOUGH_DISK_GB} GB free at {existing}",
            present=free >= ENOUGH_DISK_GB,
            remedy="free some space, or choose another COUNCIL_BENCHMARKS_HOME",
            needed=True,
        ),
    ]


def _warehouse(chosen: Settings) -> dict[str, object]:
    """Whether the warehouse of the settings can be opened; SQLite needs nothing."""
    is_reached = True
    if chosen.database_url is not None:
        try:
            open_engine(chosen.warehouse_url()).dispose()
        except (SQLAlchemyError, ImportError, NewerDatabaseError):
            is_reached = False
    return _row(
        "warehouse database",
        present=is_reached,
        remedy="start the database, or correct COUNCIL_BENCHMARKS_DATABASE_URL",
        needed=True,
    )


def _optional() -> list[dict[str, object]]:
    postgres = any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or bool(shutil.which("initdb"))
    return [
        _row(
            "Chromium (browser tests)",
            present=bool(shutil.which("chromium") or shutil.which("chromium-browser")),
            remedy="apt-get install chromium",
            needed=False,
        ),
        _row(
            "PostgreSQL server (warehouse tests)",
            present=postgres,
            remedy="apt-get install postgresql",
            needed=False,
        ),
        _row(
            "minisign (tests of signatures, checks without this code)",
            present=bool(shutil.which("minisign")),
            remedy="apt-get install minisign",
            needed=False,
        ),
    ]


def _set_settings(chosen: Settings) -> list[dict[str, object]]:
    prefix = Settings.model_config.get("env_prefix", "")
    given = chosen.model_fields_set
    return [
        _row(
            f"{prefix}{name}".upper(),
            present=True,
            remedy="",
            needed=False,
            state="set" if name in given else "default",
        )
        for name in Settings.model_fields
    ]


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
