"""HTTP for the connectors: one polite session, one retry policy, two kinds of failure.

Here belongs how a request is made, repeated, limited and kept. What is asked for, and what an
answer means, is in the connectors.

Repeated: 429 (waiting as long as Retry-After says), 5xx, time-outs, resets and bodies that came
incomplete, with growing, jittered pauses; never any other 4xx. At most `tries` times, and within
one time budget for the whole of a source.
"""

import json
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import requests
import urllib3

from assets.sources.addresses import clean_headers, clean_url
from assets.sources.exchange import (
    Exchange,
    PermanentFailure,
    SourceFailure,
    TransientFailure,
)
from assets.sources.raw_store import RawStore
from assets.sources.refusals import cause_of, reason_to_repeat, retry_after
from assets.sources.sample_transport import SampleAdapter, UnknownRequestError
from assets.sources.wire import BodyTooLargeError, IncompleteBodyError, read_body

__all__ = [
    "Exchange",
    "Fetcher",
    "Limits",
    "PermanentFailure",
    "SourceFailure",
    "TransientFailure",
    "live_session",
    "sample_session",
]

USER_AGENT = "council-benchmarks/0.1 (open statistics pipeline; nightly, one reader)"
HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "application/json, text/csv",
    "Accept-Encoding": "gzip",
    "Accept-Language": "en-GB",
}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How patient a fetcher is: seconds, tries and bytes."""

    tries: int = 5
    budget_seconds: float = 15 * 60
    connect_seconds: float = 10
    read_seconds: float = 120
    max_bytes: int = 256 << 20
    longest_pause: float = 60


@dataclass
class Fetcher:
    """Asks, repeats where that helps, and keeps every good answer in the raw store.

    `sleep`, `clock` (monotonic seconds), `now` and `jitter` (0 to 1) can be set by tests. A
    fetcher's time budget starts when it is made; `for_source` gives each source its own.
    """

    session: requests.Session
    raw_store: RawStore | None = None
    limits: Limits = field(default_factory=Limits)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        self.started = self.clock()
        self.sha256s: list[str] = []

    def for_source(self) -> "Fetcher":
        """The same session and limits with a fresh time budget and record."""
        return Fetcher(
            self.session, self.raw_store, self.limits, self.sleep, self.clock, self.now, self.jitter
        )

    def get(
        self, url: str, params: Mapping[str, str] | None = None, *, tries: int | None = None
    ) -> Exchange:
        """The answer to a GET; TransientFailure or PermanentFailure if there is none."""
        request = requests.Request("GET", url, params=dict(params or {}))
        return self._fetch(request, tries or self.limits.tries)

    def post_json(self, url: str, body: object) -> Exchange:
        """The answer to a POST of that JSON; failures as in `get`."""
        text = json.dumps(body, separators=(",", ":")).encode()
        request = requests.Request(
            "POST", url, data=text, headers={"Content-Type": "application/json"}
        )
        return self._fetch(request, self.limits.tries)

    def pause(self, attempt: int, reason: str, asked: float | None = None) -> None:
        """Wait before another attempt (1 = the first repeat): as long as asked, else growing.

        TransientFailure if the wait would end after the time budget.
        """
        grown = min(self.limits.longest_pause, 2.0 ** (attempt - 1))
        seconds = grown * (0.5 + self.jitter() / 2) if asked is None else asked
        if self.clock() + seconds - self.started > self.limits.budget_seconds:
            raise TransientFailure(
                f"{reason}; waiting {seconds:.0f} s more would pass the"
                f" {self.limits.budget_seconds:.0f} s a source is given: run again later."
            )
        self.sleep(seconds)

    def _fetch(self, request: requests.Request, tries: int) -> Exchange:
        prepared = self.session.prepare_request(request)
        shown = clean_url(prepared.url or "")
        for attempt in range(1, tries + 1):
            asked = None
            try:
                exchange = self._once(prepared, shown)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                reason = f"{shown} could not be read ({cause_of(error)})"
            except IncompleteBodyError as error:
                reason = f"{shown} came incomplete: {error}"
            else:
                if exchange.status < 300:
                    return self._keep(exchange)
                reason = reason_to_repeat(exchange)
                asked = retry_after(exchange, self.now())
            log.warning("try %d of %d: %s", attempt, tries, reason)
            if attempt < tries:
                self.pause(attempt, reason, asked)
        often = f" {tries} times" if tries > 1 else ""
        raise TransientFailure(f"{reason}{often}: run again later.")

    def _once(self, prepared: requests.PreparedRequest, shown: str) -> Exchange:
        left = self.limits.budget_seconds - (self.clock() - self.started)
        settings = self.session.merge_environment_settings(prepared.url, {}, True, None, None)
        try:
            response = self.session.send(
                prepared,
                allow_redirects=False,
                timeout=(self.limits.connect_seconds, min(self.limits.read_seconds, max(left, 1))),
                **settings,
            )
            with response:
                body = read_body(response.raw, self.limits.max_bytes, lambda: self._in_time(shown))
        except UnknownRequestError:
            raise PermanentFailure(
                f"The sample holds no answer to {prepared.method} {shown}: add it to the sample."
            ) from None
        except BodyTooLargeError:
            raise PermanentFailure(
                f"{shown} sends more than {self.limits.max_bytes >> 20} MiB:"
                " ask for less, or raise the limit."
            ) from None
        text = prepared.body if isinstance(prepared.body, bytes) else None
        log.info("%s %s: %d, %d bytes", prepared.method, shown, response.status_code, len(body))
        return Exchange(
            prepared.method or "",
            shown,
            response.status_code,
            clean_headers(response.headers),
            body,
            self.now(),
            text,
        )

    def _in_time(self, shown: str) -> None:
        if self.clock() - self.started > self.limits.budget_seconds:
            raise TransientFailure(
                f"{shown} sends too slowly: the {self.limits.budget_seconds:.0f} s a source is"
                " given are over. Run again later."
            )

    def _keep(self, exchange: Exchange) -> Exchange:
        if self.raw_store is not None:
            self.raw_store.put(exchange)
        self.sha256s.append(exchange.sha256)
        return exchange


def live_session() -> requests.Session:
    """A session to the real services."""
    session = requests.Session()
    session.headers.clear()
    session.headers.update(HEADERS)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)
    return session


def sample_session(root: Path) -> requests.Session:
    """The same session, answered from <root>/exchanges.json instead of the network."""
    session = live_session()
    adapter = SampleAdapter(root)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
