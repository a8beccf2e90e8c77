"""CSV as people save it: which letters its bytes are, what divides its cells.

Here belongs reading a text file into lines of cells with the standard library's strict reader. It
never guesses: an encoding is taken because its bytes allow no other reading, a divider because the
header then has the names looked for. Everything else is refused with the place.
"""

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass

from assets.collection.limits import Refused

COMMA = ","
DIVIDERS = (COMMA, ";", "\t", "|")
BOM_LE, BOM_BE = b"\xff\xfe", b"\xfe\xff"
WELSH_LETTERS = "àáâäèéêëìíîïòóôöùúûüýÿ"
SIGNS = "£€‘’“”–—…•·°©®™×÷¼½¾²³§\u00a0"
CP1252_LETTERS = frozenset(WELSH_LETTERS + WELSH_LETTERS.upper() + SIGNS) - {"Ÿ"}
"""All that Welsh and English write beyond ASCII in cp1252, which has no ŵ and no ŷ."""
_POUND_IN_A_WORD = re.compile(r"£(?!bn|mn|mil|thousand)[^\W\d_]{2}")
"""What Ł looks like: in cp1250 it has the byte of the pound."""
ZERO_SHARE = 0.3
"""Of every second byte, in text of two bytes a letter; a stray zero byte is far less."""


@dataclass(frozen=True)
class Lines:
    """A text file: lines of cells, how it was encoded and divided."""

    cells: list[list[str]]
    encoding: str
    divider: str


def read_lines(body: bytes, wanted: Collection[str] = ()) -> Lines:
    """The lines of a text file; the divider is that under which most wanted names are a header.

    Refused: empty_file, not_utf8, truncated_body, unreadable_body.
    """
    text, encoding = decode(body)
    divider = _divider(text, wanted)
    return Lines(divide(text, divider), encoding, divider)


def divide(text: str, divider: str = COMMA) -> list[list[str]]:
    """The lines of a text as the strict reader divides them; Refused with the line at fault."""
    if not text.strip():
        raise Refused("empty_file")
    if "\0" in text:
        raise Refused("unreadable_body", "there are zero bytes in the text")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=divider)
    try:
        return list(reader)
    except csv.Error as error:
        code = "truncated_body" if "unexpected end" in str(error) else "unreadable_body"
        raise Refused(code, f"line {reader.line_num} is not valid CSV") from None


def decode_utf8(body: bytes) -> str:
    """The text of UTF-8 with or without a mark; Refused (not_utf8) with the byte that is none."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_text(error) from None


def _not_text(error: UnicodeDecodeError) -> Refused:
    return Refused("not_utf8", f"byte {error.start + 1} is {error.object[error.start]:#x}")


def decode(body: bytes) -> tuple[str, str]:
    """(text, encoding): UTF-16 by its mark or zero bytes, UTF-8, cp1252 by its letters; Refused."""
    two_bytes = _utf16(body)
    try:
        if two_bytes:
            return body.decode(two_bytes).removeprefix("\ufeff"), "UTF-16"
        return body.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        fault = _not_text(error)
    text = body.decode("cp1252", "replace")
    is_ours = {letter for letter in text if letter > "\x7f"} <= CP1252_LETTERS
    if is_ours and not two_bytes and not _POUND_IN_A_WORD.search(text):
        return text, "Windows-1252"
    raise fault


def _utf16(body: bytes) -> str | None:
    """Which of the two orders of UTF-16 it is, if it is UTF-16."""
    if len(body) % 2:
        return None
    if body.startswith(BOM_LE):
        return "utf-16-le"
    if body.startswith(BOM_BE):
        return "utf-16-be"
    even, odd = body[0::2].count(0), body[1::2].count(0)
    if odd > ZERO_SHARE * len(body) / 2 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > ZERO_SHARE * len(body) / 2 and not odd else None


def _divider(text: str, wanted: Collection[str]) -> str:
    """The first of the dividers under which the most wanted names stand in the header."""
    header = text.lstrip("\r\n").partition("\n")[0].partition("\r")[0]

    def n_found(divider: str) -> int:
        try:
            names = next(csv.reader([header], delimiter=divider), [])
        except csv.Error:
            return 0
        return len({name.strip() for name in names} & set(wanted))

    return max(DIVIDERS, key=n_found)
