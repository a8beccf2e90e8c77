"""Publishers and readers as bare child processes that may be killed, without Dagster.

Here belongs a nursery: a process that has imported everything and forks a child for each deed, so
that a thousand kills take minutes. What a deed does stands in deeds.py. One publication in the
nursery itself warms what every child would load again; Arrow begins its threads anew after a fork.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 300.0
Deed = Mapping[str, Any]


class Nursery:
    """Asks the nursery for children; each request is one line of JSON, each answer another."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.release.children"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )

    def run(self, *deeds: Deed) -> list[dict[str, Any]]:
        """Do the deeds at the same time; for each how the child ended and what it said."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(deeds) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("The nursery died.")
        answers: list[dict[str, Any]] = json.loads(line)
        return answers

    def do(self, **deed: Any) -> dict[str, Any]:
        """One deed, alone."""
        return self.run(deed)[0]


@cache
def nursery() -> Nursery:
    """The nursery of this process."""
    return Nursery()


def _main() -> None:
    from tests.release import deeds  # imported once, here: the children find it ready

    with tempfile.TemporaryDirectory() as home:
        deeds.put_candidate(home, 500.0)
        deeds.publish_candidate(*deeds.stores(home), deeds.PRODUCT, deeds.NOW)
    for line in sys.stdin:
        asked = json.loads(line)
        running = [_fork(deed, deeds.do) for deed in asked]
        print(json.dumps(_wait(running, asked)), flush=True)


def _fork(deed: Deed, do: Any) -> tuple[int, int]:
    """The child's process number and the pipe it answers through."""
    reads, writes = os.pipe()
    child = os.fork()
    if child:
        os.close(writes)
        return child, reads
    os.close(reads)
    os.set_inheritable(writes, False)
    status = 70
    with contextlib.suppress(BaseException):
        answer = do(deed)
        content, raw_write = json.dumps(answer).encode(), getattr(os, "_untouched", os.write)
        while content:
            content = content[raw_write(writes, content) :]
        status = 0
    os._exit(status)


def _wait(running: Sequence[tuple[int, int]], asked: Sequence[Deed]) -> list[dict[str, Any]]:
    begun = time.monotonic()
    ends = [deed.get("kill_after", LIMIT_SECONDS) for deed in asked]
    statuses: dict[int, int] = {}
    while len(statuses) < len(running):
        for number, (child, _) in enumerate(running):
            if number in statuses:
                continue
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                statuses[number] = os.waitstatus_to_exitcode(status)
            elif time.monotonic() - begun > ends[number]:
                os.kill(child, signal.SIGKILL)
                ends[number] = LIMIT_SECONDS + ends[number]
        time.sleep(0.002)
    return [_answer(statuses[n], pipe) for n, (_, pipe) in enumerate(running)]


def _answer(status: int, pipe: int) -> dict[str, Any]:
    with os.fdopen(pipe, "rb") as file:
        content = file.read()
    return {"status": status, **(json.loads(content) if content else {})}


if __name__ == "__main__":
    _main()
