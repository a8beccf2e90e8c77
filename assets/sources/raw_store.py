"""The raw store: every byte a source gave us, under its own hash, and how each pull went.

Here belongs what is kept and found again. It judges nothing and knows no format.

    <root>/ab/abcd...        the bytes; the name is their SHA-256
    <root>/ab/abcd....json   address, status, headers, time: how they first came
    <root>/status/<dataset>.json   the last attempt and the last good answer of a dataset
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

from assets.sources.exchange import Exchange

State = Literal["fresh", "unchanged", "stale", "never"]
GOOD: tuple[State, ...] = ("fresh", "unchanged")


class RawStoreError(Exception):
    """The store does not hold what it should; the sentence says what and what to do."""

    exit_status = 3


@dataclass(frozen=True)
class PullRecord:
    """How one attempt to pull a dataset went; `revision` to `source_published` of a good one.

    `n_unselected` counts the rows of the source that nobody asked for.
    """

    state: State
    tried_at: datetime
    revision: str | None = None
    reason: str | None = None
    n_rows: int | None = None
    n_unselected: int | None = None
    sha256s: tuple[str, ...] = ()
    source_published: str | None = None


@dataclass(frozen=True)
class PullStatus:
    """Where a dataset stands: its last attempt, and what the last good one gave."""

    state: State = "never"
    revision: str | None = None
    reason: str | None = None
    last_pulled: str | None = None
    last_tried: str | None = None
    n_rows: int | None = None
    n_unselected: int | None = None
    sha256s: tuple[str, ...] = ()
    source_published: str | None = None

    def age_days(self, now: datetime) -> int | None:
        """Whole days since the last good pull; None if there never was one."""
        if self.last_pulled is None:
            return None
        return (now - datetime.fromisoformat(self.last_pulled)).days


class RawStore:
    """Content-addressed bytes and pull records below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def put(self, exchange: Exchange) -> str:
        """Keep an answer; its SHA-256. The same bytes are kept once, as they first came."""
        digest = exchange.sha256
        self._keep(
            digest,
            exchange.body,
            {
                "method": exchange.method,
                "url": exchange.url,
                "status": exchange.status,
                "headers": dict(exchange.headers),
                "time": _instant(exchange.fetched_at),
                "request_body": exchange.request_body.decode() if exchange.request_body else None,
            },
        )
        return digest

    def put_file(self, name: str, body: bytes, now: datetime) -> str:
        """Keep a file of the inbox under its inbox-relative name; its SHA-256."""
        digest = sha256(body).hexdigest()
        self._keep(digest, body, {"method": "FILE", "url": name, "time": _instant(now)})
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of that SHA-256; RawStoreError if they are absent or damaged."""
        try:
            body = self._path(digest).read_bytes()
        except FileNotFoundError:
            raise RawStoreError(
                f"The raw store holds nothing under {digest}: pull the source again."
            ) from None
        if sha256(body).hexdigest() != digest:
            raise RawStoreError(
                f"The bytes under {digest} have changed on disk: restore them from a backup."
            )
        return body

    def holds(self, digest: str) -> bool:
        """Whether the bytes of that SHA-256 are there."""
        return self._path(digest).exists()

    def meta(self, digest: str) -> dict[str, object]:
        """How the bytes first came: sha256, url, time and, from a service, status and headers."""
        try:
            found: dict[str, object] = json.loads(self._sidecar(digest).read_text("utf-8"))
        except FileNotFoundError:
            raise RawStoreError(
                f"The raw store holds nothing under {digest}: pull the source again."
            ) from None
        return found

    def record(self, dataset: str, record: PullRecord) -> PullStatus:
        """Note an attempt; after a failed one the last good answer's particulars stand.

        Where nothing has changed, the hashes are still those of the bytes the figures came from.
        """
        before = self.status(dataset)
        tried = _instant(record.tried_at)
        good, is_new = record.state in GOOD, record.state == "fresh"
        status = PullStatus(
            state=record.state,
            reason=record.reason,
            last_tried=tried,
            last_pulled=tried if good else before.last_pulled,
            revision=record.revision if good else before.revision,
            n_rows=record.n_rows if good else before.n_rows,
            n_unselected=record.n_unselected if is_new else before.n_unselected,
            sha256s=record.sha256s if is_new else before.sha256s,
            source_published=record.source_published if is_new else before.source_published,
        )
        _write(self._status_path(dataset), json.dumps(asdict(status), indent=1).encode())
        return status

    def status(self, dataset: str) -> PullStatus:
        """Where a dataset stands; state `never` if it was never tried."""
        try:
            found = json.loads(self._status_path(dataset).read_text("utf-8"))
        except FileNotFoundError:
            return PullStatus()
        return PullStatus(**{**found, "sha256s": tuple(found["sha256s"])})

    def _keep(self, digest: str, body: bytes, how: Mapping[str, object]) -> None:
        path, sidecar = self._path(digest), self._sidecar(digest)
        if not (path.is_file() and path.stat().st_size == len(body)):
            _write(path, body)
        if not sidecar.is_file():
            said = {"sha256": digest, "bytes": len(body), **how}
            _write(sidecar, json.dumps(said, indent=1, ensure_ascii=False).encode())

    def _path(self, digest: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise RawStoreError(f'"{digest[:40]}" is not a SHA-256: give 64 hexadecimal digits.')
        return self.root / digest[:2] / digest

    def _sidecar(self, digest: str) -> Path:
        return self._path(digest).with_suffix(".json")

    def _status_path(self, dataset: str) -> Path:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", dataset):
            raise RawStoreError(f'"{dataset[:40]}" is not a dataset id: see sources.yaml.')
        return self.root / "status" / f"{dataset}.json"


def _write(path: Path, body: bytes) -> None:
    """Whole or not at all: a temporary file, then a rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(body)
    temporary.replace(path)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
