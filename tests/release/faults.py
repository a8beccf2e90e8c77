"""System calls of this process that fail or kill it, at a place that is counted.

Here belongs the wrapping of os.*: every call through which Python changes a disk is counted, and at
the chosen one the process dies (kill -9), or the call fails with an error of the system, once or
from there on. Files are opened through _pyio, Python's own layer over these calls, so that writes,
short writes and fsync are seen one by one. C libraries (SQLite, Arrow) write past this.
"""

import _pyio
import builtins
import contextlib
import errno
import io
import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.release.power_cut import Disk

CHANGES = ("open", "write", "fsync", "rename", "replace", "unlink", "remove", "mkdir", "rmdir")
PLACES = {
    errno.ENOSPC: {"open", "write", "fsync", "mkdir", "rename", "replace"},
    errno.EIO: set(CHANGES),
    errno.EACCES: {"open", "rename", "replace", "unlink", "remove", "mkdir", "rmdir"},
    errno.EMFILE: {"open"},
    errno.EROFS: set(CHANGES) - {"write", "fsync"},
    "short write": {"write"},
    "failed fsync": {"fsync"},
}
"""Fault -> the calls it is known to hit."""
KILLS = ("kill before", "kill after", "kill within")
"""Within a write half of the bytes are there; elsewhere it is after."""
POWER = "power cut"
"""A kill after the call that also loses some of what was not forced to the disk."""
DEATHS = (*KILLS, POWER)
NOT_CUT = 71
"""How a child ends whose power could not be cut."""


@dataclass
class Faults:
    """Counts the calls that a fault can hit; at number `at` (from 1) it strikes; 0 never does."""

    kind: str | int = "kill before"
    at: int = 0
    for_good: bool = False
    seen: list[str] = field(default_factory=list)
    disk: Disk | None = None
    """The disk that a power cut strikes."""
    seed: int = 0

    def install(self) -> None:
        """Wrap the calls of this process, for good."""
        self.untouched = {name: getattr(os, name) for name in CHANGES}
        for name, call in self.untouched.items():
            setattr(os, name, self._wrapped(name, call))
        io.open = builtins.open = _pyio.open  # type: ignore[assignment]

    def _wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            if not self._concerns(name, given):
                return call(*given, **named)
            self.seen.append(name)
            number = len(self.seen)
            if self.at and (number == self.at or (self.for_good and number > self.at)):
                return self._strike(name, call, given, named)
            return self._watched(name, call, given, named)

        return counted

    def _watched(self, name: str, call: Callable[..., Any], given: Any, named: Any) -> Any:
        if self.disk is None or name == "write":
            return call(*given, **named)
        change = self.disk.before(name, given, named)
        done = call(*given, **named)
        self.disk.after(name, given, change)
        return done

    def cut_power(self) -> None:
        """The power goes now; a child that cannot even do that ends with NOT_CUT."""
        with contextlib.ExitStack() as stack:
            stack.callback(os._exit, NOT_CUT)
            if self.disk is not None:
                for name, call in self.untouched.items():
                    setattr(os, name, call)
                self.disk.lose(random.Random(self.seed))
            os.kill(os.getpid(), signal.SIGKILL)

    def _concerns(self, name: str, given: tuple[Any, ...]) -> bool:
        if self.kind not in DEATHS and name not in PLACES[self.kind]:
            return False
        if name == "open":
            flags = given[1] if len(given) > 1 else 0
            is_writing = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            return is_writing or self.kind in (errno.EMFILE, errno.EIO)
        return not (name == "write" and given[0] <= 2)

    def _strike(self, name: str, call: Callable[..., Any], given: Any, named: Any) -> Any:
        if self.kind in DEATHS:
            with contextlib.suppress(OSError):
                self._go_as_far(name, call, given, named)
            self.cut_power()
        if self.kind == "short write":
            return call(given[0], bytes(given[1])[: max(1, len(given[1]) // 2)])
        code = errno.EIO if self.kind == "failed fsync" else int(self.kind)
        raise OSError(code, os.strerror(code))

    def _go_as_far(self, name: str, call: Callable[..., Any], given: Any, named: Any) -> None:
        """How far the call gets before the process dies."""
        if self.kind == "kill within" and name == "write":
            call(given[0], bytes(given[1])[: len(given[1]) // 2])
        elif self.kind != "kill before":
            self._watched(name, call, given, named)
