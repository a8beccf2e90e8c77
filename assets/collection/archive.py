"""The first gate for XLSX and ODS: what a ZIP archive may hold before anybody parses it.

Here belong the limits of an archive and its names. Members are unpacked in pieces to be counted and
searched, never to disk, and never beyond what the limits allow, whatever the archive claims.
"""

import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import Literal

from assets.collection.limits import (
    LARGEST_CONTENT,
    LARGEST_MEMBER,
    LARGEST_RATIO,
    MOST_MEMBERS,
    RATIO_COUNTS_FROM,
    Refused,
)

ENCRYPTED = 0x1
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What the two formats allow; other methods would only be another way to hide a bomb."""
PIECE = 1 << 16
LONGEST_MARK = 16
LARGEST_MANIFEST = 1 << 20
_XML = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
_DECLARATION = re.compile(rb"<!(doctype|entity)", re.IGNORECASE)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError)
_DAMAGE_MORE = (NotImplementedError, RuntimeError, KeyError, IndexError, OverflowError)


def scan_archive(body: bytes) -> Literal["xlsx", "ods"]:
    """The kind of workbook the archive is; Refused if it is none or unsafe to parse."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            _refuse_names(members)
            _refuse_sizes(members)
            kind = _kind(archive)
            _refuse_content(archive, members)
    except (*_DAMAGE, *_DAMAGE_MORE):
        raise Refused("archive_damaged") from None
    return kind


def _kind(archive: zipfile.ZipFile) -> Literal["xlsx", "ods"]:
    names = set(archive.namelist())
    if "xl/workbook.bin" in names:
        raise Refused("file_kind_unknown", "XLSB")
    if "encrypted-package" in names or _is_encrypted(archive, names):
        raise Refused("file_has_password")
    if "xl/workbook.xml" in names or "[Content_Types].xml" in names:
        if not any(name.startswith("xl/") for name in names):
            raise Refused("file_kind_unknown", "ZIP")
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        said = archive.getinfo("mimetype").file_size < 200 and archive.read("mimetype")
        if said and said.strip().startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            return "ods"
    raise Refused("file_kind_unknown", "ZIP")


def _is_encrypted(archive: zipfile.ZipFile, names: Container[str]) -> bool:
    """Whether the manifest of an OpenDocument file says that its parts are encrypted."""
    manifest = "META-INF/manifest.xml"
    if manifest not in names or archive.getinfo(manifest).file_size > LARGEST_MANIFEST:
        return False
    return b"encryption-data" in archive.read(manifest)


def _refuse_names(members: Iterable[zipfile.ZipInfo]) -> None:
    """Refused for a name that leaves its folder or stands twice, encryption and macros."""
    names = [member.filename for member in members]
    raw = [member.orig_filename for member in members]
    for name in (*names, *raw):
        parts = name.split("/")
        if name.startswith("/") or "\\" in name or ".." in parts or "\0" in name or ":" in parts[0]:
            raise Refused("archive_unsafe_name", name)
    twice = [name for name, times in Counter(name.lower() for name in names).items() if times > 1]
    if twice:
        raise Refused("archive_repeats", twice[0])
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise Refused("file_has_password")
    if any(_is_macro(name) for name in names):
        raise Refused("file_has_macros")


def _is_macro(name: str) -> bool:
    lowered = name.lower()
    return "vbaproject" in lowered or lowered.startswith(("basic/", "scripts/", "xl/macrosheets/"))


def _refuse_sizes(members: list[zipfile.ZipInfo]) -> None:
    """Refused for what the archive itself says of its sizes; whether that is true comes later."""
    if len(members) > MOST_MEMBERS:
        raise Refused("archive_too_large", f"{len(members)}", f"{MOST_MEMBERS}")
    if any(member.compress_type not in METHODS for member in members):
        raise Refused("archive_damaged")
    for member in members:
        _refuse_size(member.filename, member.file_size, member.compress_size)
    _refuse_total(sum(member.file_size for member in members))


def _refuse_size(name: str, size: int, packed: int) -> None:
    if size > LARGEST_MEMBER:
        raise Refused("archive_too_large", name, f"{LARGEST_MEMBER >> 20} MiB")
    if size > RATIO_COUNTS_FROM and size > LARGEST_RATIO * max(packed, 1):
        raise Refused("archive_too_large", name, f"{LARGEST_RATIO} : 1")


def _refuse_total(size: int) -> None:
    if size > LARGEST_CONTENT:
        raise Refused("archive_too_large", f"{size >> 20} MiB", f"{LARGEST_CONTENT >> 20} MiB")


def _refuse_content(archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo]) -> None:
    """Refused for content that is larger than it claims, and for dangerous XML."""
    total, packed = 0, archive.fp.seek(0, io.SEEK_END) if archive.fp else 0
    for member in members:
        is_xml, size, tail = bool(_XML.search(member.filename)), 0, b""
        for piece in _pieces(archive, member):
            size += len(piece)
            _refuse_size(member.filename, size, min(member.compress_size, packed))
            _refuse_total(total + size)
            if _DECLARATION.search(tail + piece) or (is_xml and b"\0" in piece):
                raise Refused("xml_unsafe", member.filename)
            tail = piece[-LONGEST_MARK:]
        total += size


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as file:
        while piece := file.read(PIECE):
            yield piece
