"""Sensors: a run when the inbox has changed and has been left alone for a moment."""

import hashlib
import os
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
        elif is_arriving(inbox, clock.now().timestamp()):
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
        digest.update(os.fsencode(path.relative_to(inbox)))  # a name may be no UTF-8
        digest.update(f"|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def is_arriving(inbox: Path, now: float) -> bool:
    """Whether a file was written within the last minute; a date far ahead is a wrong clock's."""
    times = (path.stat().st_mtime for path in _files(inbox))
    return any(abs(now - time) < SETTLED_AFTER_SECONDS for time in times)


def _files(inbox: Path) -> list[Path]:
    return sorted(path for path in inbox.rglob("*") if path.is_file() and not path.is_symlink())
