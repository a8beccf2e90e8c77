"""An answer of a source as it came, and the two ways of not getting one.

Here belongs what every connector is handed; how it is fetched is in http.py.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

NO_JSON = (ValueError, RecursionError)
"""What reading JSON raises: it is none, or it is nested deeper than can be read."""


@dataclass(frozen=True)
class Exchange:
    """One request and its whole answer; address and headers are already clean of secrets."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    request_body: bytes | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 of the body."""
        return sha256(self.body).hexdigest()

    def json(self) -> object:
        """The body as JSON; TransientFailure if it is something else."""
        try:
            return json.loads(self.body)
        except NO_JSON:
            raise TransientFailure(
                f'{self.url} answered {self.status} with "{self.opening}" instead of JSON:'
                " run again later, and look at the address in a browser if it stays.",
                self,
            ) from None

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        try:
            json.loads(self.body)
        except NO_JSON:
            return False
        return True

    @property
    def is_html(self) -> bool:
        """Whether the body is a web page, whatever the headers say."""
        return self.body.lstrip()[:1] == b"<"

    @property
    def opening(self) -> str:
        """The first 40 characters of the body, or of the message in it, on one line."""
        text = self.body[:2000].decode("utf-8", "replace")
        if self.is_json and isinstance(said := json.loads(self.body), dict):
            text = str(said.get("message") or said.get("error") or text)
        return " ".join(text.split())[:40]


class SourceFailure(Exception):  # noqa: N818 - the two kinds are Failures, as people say it
    """A source did not give its data; the sentence says where, what was seen and what to do."""

    exit_status = 3

    def __init__(self, sentence: str, exchange: Exchange | None = None) -> None:
        super().__init__(sentence)
        self.exchange = exchange


class TransientFailure(SourceFailure):
    """Likely to pass: trying again later makes sense."""


class PermanentFailure(SourceFailure):
    """Will not pass by itself: someone has to change something."""
