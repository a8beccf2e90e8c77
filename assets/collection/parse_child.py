"""The second gate: a workbook is parsed by a process of its own, which may use only so much.

Here belongs starting that process and reading its answer. It is necessary: out of memory, a parser
written in C or Rust ends its whole process, and some files keep a parser busy for minutes. What the
process does is in assets.collection.formats.child.
"""

import json
import resource
import subprocess
import sys
import tempfile
from typing import Any, Literal

from assets.collection.limits import CPU_SECONDS, LARGEST_ANSWER, WALL_SECONDS, Refused

Kind = Literal["xlsx", "xls", "ods"]
COMMAND = (sys.executable, "-I", "-m", "assets.collection.formats.child")
"""-I: neither the environment nor the folder we stand in says what is imported."""
BUSY_SECONDS = WALL_SECONDS / 3
"""A process that used less of the time it was given was kept waiting by others."""
_NO_START = 1


class ChildError(RuntimeError):
    """The process did not start: a fault of this installation, never of the file."""


def parse(body: bytes, kind: Kind) -> dict[str, Any]:
    """What the process says: `sheets` and `properties`.

    Refused with the reason the process gives, or `file_too_heavy` if it went over a limit. Where a
    busy machine gave the process hardly any of its time, it is asked once more.
    """
    for is_last in (False, True):
        started = _seconds_of_children()
        try:
            return _judged(*_asked(body, kind))
        except subprocess.TimeoutExpired:
            if is_last or _seconds_of_children() - started > BUSY_SECONDS:
                raise Refused("file_too_heavy", f"{WALL_SECONDS} s") from None
    raise AssertionError("the last attempt returns or raises")


def _asked(body: bytes, kind: Kind) -> "tuple[bytes, subprocess.CompletedProcess[bytes]]":
    """Run the process once; TimeoutExpired if it takes too long."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as told:
        given.write(body)
        given.seek(0)
        done = subprocess.run(  # noqa: S603  our own module, no shell, no argument from outside
            [*COMMAND, kind],
            stdin=given,
            stdout=told,
            stderr=subprocess.PIPE,
            env={},
            timeout=WALL_SECONDS,
            check=False,
        )
        told.seek(0)
        return told.read(LARGEST_ANSWER + 1), done


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _judged(answer: bytes, done: "subprocess.CompletedProcess[bytes]") -> dict[str, Any]:
    if done.returncode == 0 and answer:
        found: dict[str, Any] = json.loads(answer)
        if "refused" in found:
            raise Refused(*found["refused"])
        return found
    if done.returncode == _NO_START and not answer and b"MemoryError" not in done.stderr:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise ChildError(f"workbooks cannot be read on this machine: {' '.join(said)}")
    raise Refused("file_too_heavy", f"{CPU_SECONDS} s")
