"""The first gate: what a file is and whether it may be parsed at all; nothing is parsed here.

Here belongs opening a file safely, telling its kind by its content, and what is refused on sight.
What a ZIP archive may hold is in archive.py.
"""

import os
import stat
from pathlib import Path
from typing import Literal

from assets.collection.archive import scan_archive
from assets.collection.limits import LARGEST_FILE, Refused

Kind = Literal["csv", "xlsx", "ods", "xls"]
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
"""A member, the directory of an archive without one, a part of several: PK alone begins a text."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_HEADER = 512
FOREIGN = {
    b"%PDF": "PDF",
    b"{\\rtf": "RTF",
    b"\x1f\x8b": "GZIP",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "RAR",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"PAR1": "Parquet",
    b"SQLite format 3": "SQLite",
}
MARKUP = (b"<?xml", b"<!doctype", b"<html", b"<table")


def read_file(path: Path) -> bytes:
    """The bytes of a regular file of modest size; links are not followed; else Refused."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags)
    except (OSError, ValueError):
        raise Refused("file_unopened") from None
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        os.close(handle)
        raise Refused("file_unopened")
    with open(handle, "rb") as file:  # noqa: PTH123 - an open descriptor, not a path
        body = file.read(LARGEST_FILE + 1)
    refuse_large(len(body), about.st_size)
    return body


def refuse_large(*sizes: int) -> None:
    """Refused if a file has more bytes than are read."""
    if max(sizes) > LARGEST_FILE:
        raise Refused("file_too_large", f"{max(sizes) / (1 << 20):.1f}", str(LARGEST_FILE >> 20))


def scan(body: bytes) -> Kind:
    """The kind of a file by its content; Refused if it is none that is read, or unsafe to parse."""
    refuse_large(len(body))
    if body.startswith(ZIP):
        return scan_archive(body)
    if body.startswith(OLE):
        return _scan_ole(body)
    head = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    foreign = next((name for start, name in FOREIGN.items() if body.startswith(start)), None)
    if foreign or head.startswith(MARKUP):
        raise Refused("file_kind_unknown", foreign or "HTML, XML")
    return "csv"


def _scan_ole(body: bytes) -> Kind:
    """An old workbook; one that is only the wrapping of an encrypted one has a password."""
    names = {name: name.encode("utf-16-le") for name in ("EncryptedPackage", "_VBA_PROJECT")}
    if len(body) < OLE_HEADER:
        raise Refused("archive_damaged")
    if names["EncryptedPackage"] in body:
        raise Refused("file_has_password")
    if names["_VBA_PROJECT"] in body:
        raise Refused("file_has_macros")
    return "xls"
