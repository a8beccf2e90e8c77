"""Addresses as they may be stored, logged and shown: without user info and without secrets.

Here belongs what must be taken out of an address or a header before anyone sees it.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

SECRET = re.compile(r"key|token|secret|passw|pwd|auth|sig|credential|session", re.IGNORECASE)
"""A query parameter with one of these in its name is masked."""
MASK = "***"
KEPT_HEADERS = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-type",
        "date",
        "etag",
        "last-modified",
        "retry-after",
        "server",
        "vary",
    }
)
"""Response headers worth keeping; cookies and everything unforeseen are dropped."""


def clean_url(url: str) -> str:
    """The address without user info and fragment, secret parameters masked."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    query = [
        (name, MASK if SECRET.search(name) else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    written = urlencode(query, quote_via=quote, safe="*,/:")
    return urlunsplit((parts.scheme, host, parts.path, written, ""))


def clean_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that may be kept, names in lower case, in alphabetical order."""
    return {
        name.lower(): value
        for name, value in sorted(headers.items(), key=lambda item: item[0].lower())
        if name.lower() in KEPT_HEADERS
    }


def host_of(url: str) -> str:
    """Host (and port) of an address, for messages."""
    return urlsplit(url).netloc.rpartition("@")[2]
