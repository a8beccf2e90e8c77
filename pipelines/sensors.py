"""Sensors: a run when the inbox has changed and has been left alone for a moment."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg

from pipelines.jobs import AssetJob
from sql.clock import Clock
from sql.home import Home

SETTLED_AFTER_SECONDS = 60


def inbox_sensor(job: AssetJob, open_home: Callable[[], Home], clock: Clock) -> dg.SensorDefinition:
    """Ask for the nightly job when the files of the inbox are not those of the last look."""

    @dg.sensor(
        name="inbox",
        job=job,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Runs the night when a council's or publisher's file arrives.",
    )
    def _inbox(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        inbox = open_home().inbox
        seen = inbox_fingerprint(inbox)
        if context.cursor is None:
            context.update_cursor(seen)
            yield dg.SkipReason("First look at the inbox: the next night reads what is there.")
        elif seen == context.cursor:
            yield dg.SkipReason("Nothing new in the inbox.")
        elif clock.now().timestamp() - newest(inbox) < SETTLED_AFTER_SECONDS:
            yield dg.SkipReason("A file is still arriving.")
        else:
            context.update_cursor(seen)
            yield dg.RunRequest()

    return _inbox


def inbox_fingerprint(inbox: Path) -> str:
    """SHA-256 over names, sizes and times of the files of the inbox."""
    digest = hashlib.sha256()
    for path in _files(inbox):
        stat = path.stat()
        digest.update(f"{path.relative_to(inbox)}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def newest(inbox: Path) -> float:
    """Time of the newest file, 0 for an empty inbox."""
    return max((path.stat().st_mtime for path in _files(inbox)), default=0.0)


def _files(inbox: Path) -> list[Path]:
    return sorted(path for path in inbox.rglob("*") if path.is_file() and not path.is_symlink())
