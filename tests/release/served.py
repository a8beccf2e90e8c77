"""A real server process over a home, and a plain HTTP client that sends what it is told."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 60


@dataclass(frozen=True)
class Answer:
    """Status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """A running server: every request goes out as it is written, `..` and all."""

    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, headers=named)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, told, answer.read())
        finally:
            connection.close()


@contextmanager
def serving(home: Path, log: IO[bytes] | None = None) -> Iterator[Site]:
    """`council-benchmarks serve` over that home, on a free port; what it prints goes to the log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "pipelines", "serve", "--home", str(home), "--port", str(port)]
    running = subprocess.Popen(
        command,
        cwd=PROJECT,
        stdout=log or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    site = Site(port)
    try:
        _wait(running, site)
        yield site
    finally:
        running.terminate()
        running.communicate(timeout=PATIENCE)


def _wait(running: subprocess.Popen[bytes], site: Site) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if running.poll() is not None:
            raise RuntimeError((running.stderr.read() if running.stderr else b"").decode())
        try:
            site.ask("/")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server did not answer")
