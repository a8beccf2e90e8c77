"""The transport of the sample: recorded answers instead of the network, for the same session.

Here belongs the matching of a request with an answer. What the answers mean is the connectors'.

exchanges.json is a list of objects::

    {"method": "POST", "url": "https://...", "request_body": {...}, "status": 200,
     "headers": {"Content-Type": "..."}, "file": "name of the body's file, or null"}

An exchange answers a request of the same method and address, whatever the order of the query's
parameters, and the same JSON body, whatever the order of its keys.
"""

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

_Key = tuple[str, str, tuple[tuple[str, str], ...], str]
_FRAMING = frozenset({"transfer-encoding", "connection", "keep-alive"})


class UnknownRequestError(requests.RequestException):
    """The sample holds no answer to this request."""


class SampleAdapter(BaseAdapter):
    """Answers requests from <root>/exchanges.json; UnknownRequestError for any other."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = Path(root).resolve()
        listed = json.loads((self.root / "exchanges.json").read_text(encoding="utf-8"))
        self.exchanges = {
            _key(item["method"], item["url"], item.get("request_body")): item for item in listed
        }

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The recorded answer as a response whose body is not yet read."""
        del stream, timeout, verify, cert, proxies
        found = self.exchanges.get(_key(request.method or "", request.url or "", request.body))
        if found is None:
            raise UnknownRequestError(request=request)
        response = requests.Response()
        response.status_code = int(found["status"])
        response.url = request.url or ""
        response.request = request
        response.headers = CaseInsensitiveDict(
            {k: v for k, v in found.get("headers", {}).items() if k.lower() not in _FRAMING}
        )
        response.raw = HTTPResponse(
            body=BytesIO(self._body(found.get("file"))),
            headers=response.headers,
            status=response.status_code,
            preload_content=False,
        )
        return response

    def _body(self, name: str | None) -> bytes:
        if not name:
            return b""
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root):
            raise ValueError(f"{name} lies outside the sample")
        return path.read_bytes()

    def close(self) -> None:
        """Nothing is held open."""


def _key(method: str, url: str, body: object) -> _Key:
    parts = urlsplit(url)
    query = tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return method.upper(), f"{parts.scheme}://{parts.netloc}{parts.path}", query, _canonical(body)


def _canonical(body: object) -> str:
    if body is None or body in ("", b""):
        return ""
    if isinstance(body, str | bytes):
        body = json.loads(body)
    return json.dumps(body, sort_keys=True, separators=(",", ":"))
