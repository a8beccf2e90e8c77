"""One publisher at a time: an OS lock, and a fencing token that a returning zombie lacks.

Here belongs who may move public things. The lock keeps two publishers apart; the token, one higher
for each holder, shows a holder whose lock was lost meanwhile that another has come after it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from assets.publishing.files import json_bytes, read_json, swap_file

WAIT_SECONDS = 60.0


class PublishingError(Exception):
    """Publishing could not go on; the sentence says why and what stands."""

    exit_status = 3


class PublishingBusyError(PublishingError):
    """Another publisher holds the lock."""


class ReleaseConflictError(PublishingError):
    """The number, the pointer or the right to move it was taken by another publisher."""


@dataclass(frozen=True)
class Fence:
    """The right to publish: valid while no later holder has taken a higher token."""

    private: Path
    token: int

    def check(self) -> None:
        """ReleaseConflictError if another publisher came after this one."""
        if _last_token(self.private) != self.token:
            raise ReleaseConflictError(
                "Another publisher took over meanwhile: nothing was published; run again."
            )


@contextmanager
def publishing_right(private: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[Fence]:
    """Hold the lock with a new token; PublishingBusyError when it is not free in time."""
    private.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(private / "publish.lock")
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise PublishingBusyError(
            "Another process is publishing: wait for it to end, then run again."
        ) from error
    try:
        token = _last_token(private) + 1
        swap_file(private / "fence.json", json_bytes({"token": token}), private)
        yield Fence(private, token)
    finally:
        lock.release()


def _last_token(private: Path) -> int:
    path = private / "fence.json"
    return int(read_json(path)["token"]) if path.exists() else 0
