"""Bytes off the wire: read to a limit, whole or not at all, decompressed by us.

Here belongs how one response's body is read. Libraries decompress what a cut stream happens to
hold and call it a body; we insist on the end of the stream and on the length that was announced.
"""

import zlib
from collections.abc import Callable

import urllib3

CHUNK = 1 << 16
GZIP = zlib.MAX_WBITS + 16
MOST_MEMBERS = 100
"""Gzip streams one after the other in one body; each costs a copy of what follows it."""
MOST_DIGITS = 20


class IncompleteBodyError(Exception):
    """The body ended early, or is not what its headers say; worth another try."""


class BodyTooLargeError(Exception):
    """The body, as sent or decompressed, is over the limit."""


def read_body(raw: urllib3.BaseHTTPResponse, limit: int, check_time: Callable[[], None]) -> bytes:
    """The whole body of a response whose content was not yet read, decompressed.

    `limit` is in bytes, for the body both as sent and decompressed; `check_time` is called between
    chunks and raises when time is up.
    """
    parts, size = [], 0
    # read1 gives what has come; read would wait for a whole chunk, however slowly it drips.
    while chunk := raw.read1(CHUNK, decode_content=False):
        check_time()
        size += len(chunk)
        if size > limit:
            raise BodyTooLargeError
        parts.append(chunk)
    announced = raw.headers.get("Content-Length", "")[:MOST_DIGITS]
    if announced.isascii() and announced.isdigit() and int(announced) != size:
        raise IncompleteBodyError(f"{size} bytes came of the {announced} announced")
    return _decompressed(b"".join(parts), raw.headers.get("Content-Encoding", ""), limit)


def _decompressed(body: bytes, encoding: str, limit: int) -> bytes:
    kind = encoding.strip().lower()
    if kind in ("", "identity"):
        return body
    if kind not in ("gzip", "x-gzip"):
        raise IncompleteBodyError(f'the body is compressed as "{kind[:40]}", which was not asked')
    out = b""
    for _ in range(MOST_MEMBERS):
        if not body:
            return out
        reader = zlib.decompressobj(GZIP)
        try:
            out += reader.decompress(body, limit + 1 - len(out))
        except zlib.error:
            raise IncompleteBodyError("the gzip stream is damaged") from None
        if len(out) > limit:
            raise BodyTooLargeError
        if not reader.eof:
            raise IncompleteBodyError("the gzip stream ends early")
        body = reader.unused_data
    raise IncompleteBodyError(f"the body is made of more than {MOST_MEMBERS} gzip streams")
