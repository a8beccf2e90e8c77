"""The home folder: everything one installation keeps, for one profile, one run at a time.

Here belongs where things lie and who may write them. What they hold is known elsewhere.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

PROFILES = ("sample", "live")
PRIVATE = 0o700
"""Rights of folders that hold answers before they are published, or never are."""


class HomeError(Exception):
    """The home folder cannot be used as asked; the sentence says what to do."""

    exit_status = 2


class HomeBusyError(HomeError):
    """Another run is writing this home."""

    exit_status = 3


@dataclass(frozen=True)
class Home:
    """Paths below the home folder; `open` makes them and binds the home to one profile."""

    root: Path
    profile: str

    @property
    def raw(self) -> Path:
        """Content-addressed bytes of the sources, private."""
        return self.root / "raw"

    @property
    def frames(self) -> Path:
        """Frames of the assets, the newest runs of each, private."""
        return self.root / "frames"

    @property
    def inbox(self) -> Path:
        """Files that councils and publishers without a connector drop."""
        return self.root / "inbox"

    @property
    def candidates(self) -> Path:
        """Candidates of releases, private."""
        return self.root / "candidates"

    @property
    def staging(self) -> Path:
        """Packages being written, private."""
        return self.root / "staging"

    @property
    def rehearsal(self) -> Path:
        """Packages that were only rehearsed, private."""
        return self.root / "rehearsal"

    @property
    def releases(self) -> Path:
        """Published versions, the only public folder."""
        return self.root / "releases"

    @property
    def reports(self) -> Path:
        """Night reports, private."""
        return self.root / "reports"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME, private."""
        return self.root / "dagster"

    @property
    def warehouse(self) -> Path:
        """The embedded default of the warehouse."""
        return self.root / "warehouse.sqlite"

    @property
    def lock_file(self) -> Path:
        """Held while a run writes."""
        return self.root / "run.lock"

    @property
    def _holder_file(self) -> Path:
        return self.root / "run.lock.holder"

    @staticmethod
    def profile_of(root: Path) -> str | None:
        """The profile a home was written for; None before its first use."""
        marker = root / "profile"
        return marker.read_text().strip() if marker.exists() else None

    def open(self) -> "Home":
        """Make the folders; HomeError if the home was written for another profile."""
        if self.profile not in PROFILES:
            raise HomeError(
                f'"{self.profile}" is not a profile: use {" or ".join(PROFILES)}'
                " (--profile or COUNCIL_BENCHMARKS_PROFILE)."
            )
        written = self.profile_of(self.root)
        if written not in (None, self.profile):
            raise HomeError(
                f"{self.root} was written for the profile {written}, not {self.profile}:"
                f" choose another folder with --home, or run with --profile {written}."
            )
        for folder in (self.inbox, self.releases):
            folder.mkdir(parents=True, exist_ok=True)
        private = (self.raw, self.frames, self.dagster, self.reports)
        for folder in (*private, self.candidates, self.staging, self.rehearsal):
            folder.mkdir(mode=PRIVATE, exist_ok=True)
        if written is None:
            (self.root / "profile").write_text(self.profile + "\n")
        return self

    def is_held(self) -> bool:
        """Whether a run of another process holds the home at this moment."""
        if not self._holder_file.exists():
            return False
        try:
            with self.lock("a look"):
                return False
        except HomeBusyError:
            return True

    @contextmanager
    def lock(self, purpose: str) -> Iterator[None]:
        """Hold the home for writing; HomeBusyError says who holds it.

        Whoever holds it may take it again in the same process.
        """
        lock = FileLock(self.lock_file, is_singleton=True, thread_local=False)
        holder = self._holder_file
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            told = holder.read_text() if holder.exists() else "another run"
            raise HomeBusyError(f"{self.root} is in use by {told}: wait for it to end.") from error
        try:
            if lock.lock_counter == 1:
                holder.write_text(_holder(purpose))
            yield
        finally:
            if lock.lock_counter == 1:
                holder.unlink(missing_ok=True)
            lock.release()


def _holder(purpose: str) -> str:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return f"{purpose} (process {os.getpid()}, since {since})"
