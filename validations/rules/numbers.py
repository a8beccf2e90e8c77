"""Reading one number as people write it: what is accepted, what is refused and what to type.

Here belongs the grammar of a number in a return or file. Nothing is guessed: a form that could
mean two things is refused with the form to type instead.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

SPACES = " \u00a0\u2009\u202f"
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_COMMAS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_SPACED = re.compile(rf"[0-9]{{1,3}}(?:([{SPACES}])[0-9]{{3}})(?:\1[0-9]{{3}})*(?:\.[0-9]+)?")
_SHORT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(k|m|bn|thousand|million|billion|mil|miliwn|biliwn)")
_SCIENTIFIC = re.compile(r"[0-9]+(?:\.[0-9]+)?e[+-]?[0-9]{1,3}")
_DECIMAL_COMMA = re.compile(r"([0-9]+),([0-9]{1,2}|[0-9]{4,})")
_LONG = re.compile(r"-?[0-9]+\.[0-9]+")
_HALF_WRITTEN = re.compile(r"([0-9]*)\.([0-9]*)")
_FACTORS = {
    **dict.fromkeys(("k", "thousand", "mil"), 1_000),
    **dict.fromkeys(("m", "million", "miliwn"), 1_000_000),
    **dict.fromkeys(("bn", "billion", "biliwn"), 1_000_000_000),
}
_FRACTIONS = {"¼": "0.25", "½": "0.5", "¾": "0.75"}
ANY_NUMBER = "1234.5"
LONGEST = 40
"""Characters; no figure of a council has more."""
SHOWN = 6
"""Significant digits of a number in a message."""
SYMBOLS = {"..": "x", ".": "z", "*": "c", "[low]": "k"} | {f"[{code}]": code for code in "cxzwk"}
UNCLEAR = {"-", "–", "—", "−", "~"}
"""Nil in some tables, negligible in others; Excel shows 0 as -."""


@dataclass(frozen=True)
class Number:
    """What a text says: a value, or a missing code, or nothing; or that it cannot be read.

    fault: None, `unreadable` or `unclear`; remedy: what to type instead, where unreadable.
    """

    value: float = math.nan
    code: str | None = None
    fault: str | None = None
    remedy: str | None = None


BLANK = Number()


def read_number(text: str | None, *, is_percent: bool = False) -> Number:
    """The number a text means; per cent signs belong to percentages, £ to everything else."""
    plain = (text or "").strip(SPACES + "\t\r\n")
    if not plain:
        return BLANK
    if _PLAIN.fullmatch(plain) and len(plain) <= LONGEST:
        return Number(float(plain))
    if plain.lower() in SYMBOLS:
        return Number(code=SYMBOLS[plain.lower()])
    if plain in UNCLEAR:
        return Number(fault="unclear")
    digits = _accepted(plain, is_percent=is_percent)
    if digits is None or len(digits) > LONGEST:
        return Number(fault="unreadable", remedy=_suggestion(plain.lower()))
    return Number(float(digits))


def shortened(text: str) -> str:
    """A plain decimal as a message shows it: six significant digits, and never fewer than whole.

    Only decimals are rounded away; a text that is short, or no plain number, stays as it stands.
    """
    if not _LONG.fullmatch(text) or sum(map(str.isdigit, text.lstrip("-0."))) <= SHOWN:
        return text
    number = Decimal(text)
    places = max(0, SHOWN - 1 - number.adjusted())
    rounded = f"{number:.{places}f}"
    return rounded.rstrip("0").rstrip(".") if places else rounded


def written(value: float) -> str:
    """A number as a message shows it, never as 1.2e+06; empty for none."""
    return "" if math.isnan(value) else shortened(f"{value:.15g}")


def ranges(low: Iterable[float], high: Iterable[float]) -> list[str]:
    """Pairs of limits as a message shows them; one that is not there is left out."""
    return [f"{written(a)} … {written(b)}".strip() for a, b in zip(low, high, strict=True)]


def _accepted(text: str, *, is_percent: bool) -> str | None:
    """The text as plain digits, or None where its form is not accepted."""
    body, sign = text.replace("−", "-"), ""
    if body.startswith("(") and body.endswith(")"):
        body, sign = body[1:-1], "-"
    elif body.startswith("-"):
        body, sign = body[1:], "-"
    body = body.removesuffix("%").rstrip(SPACES) if is_percent else body.removeprefix("£")
    if _COMMAS.fullmatch(body):
        return sign + body.replace(",", "")
    if _SPACED.fullmatch(body):
        return sign + re.sub(f"[{SPACES}]", "", body)
    return sign + body if _PLAIN.fullmatch(body) and not body.startswith("-") else None


def _suggestion(text: str) -> str:
    """What to type for a form that is clear to a person, else an example."""
    body = text.removeprefix("£").strip()
    short, comma = _SHORT.fullmatch(body), _DECIMAL_COMMA.fullmatch(body)
    half = _HALF_WRITTEN.fullmatch(body)
    if body in _FRACTIONS:
        return _FRACTIONS[body]
    if short:
        return _digits(Decimal(short.group(1)) * _FACTORS[short.group(2)])
    if _SCIENTIFIC.fullmatch(body):
        return _scientific(body)
    if comma:
        return f"{comma.group(1)}.{comma.group(2)}"
    if half and any(half.groups()):
        return half.group(1) or f"0.{half.group(2)}"
    return ANY_NUMBER


def _scientific(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return ANY_NUMBER
    return _digits(number) if -12 < number.adjusted() < 15 else ANY_NUMBER


def _digits(number: Decimal) -> str:
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
