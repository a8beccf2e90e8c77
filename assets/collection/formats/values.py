"""Cells as exact text: what a number, a percentage or a date of a workbook is in letters.

Here belongs the passage from a typed cell to the text that a person sees or could type. Nothing is
rounded: a number is the shortest text that means the same double. Whether a text is acceptable as
a figure is said by the rules.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

LONGEST_EXPONENT = 40
"""Digits before or after the point beyond which a number is left in its scientific form."""
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
"""What a number format shows as it stands: texts, colours and conditions, spaces, fillings."""


def number_text(number: float | Decimal) -> str:
    """A number in plain digits, without exponent: 1E+20 is 100000000000000000000."""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    if not exact.is_finite() or abs(exact.adjusted()) > LONGEST_EXPONENT:
        return str(number)
    plain = f"{exact:f}"
    return plain.removesuffix(".0")


def percent_text(number: float | Decimal) -> str:
    """A share shown as a percentage: 0.125 is 12.5%."""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    if not exact.is_finite() or abs(exact.adjusted()) > LONGEST_EXPONENT:
        return str(number)
    plain = f"{exact.scaleb(2):f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) + "%"


def is_percent_format(number_format: str | None) -> bool:
    """Whether a number format of Excel shows per cent."""
    return "%" in _LITERAL.sub("", number_format or "")


def truth_text(value: object) -> str:
    """TRUE or FALSE."""
    return "TRUE" if value else "FALSE"


def moment_text(moment: datetime | date | time | timedelta) -> str:
    """A date, time or duration in ISO form; midnight is left out."""
    if isinstance(moment, datetime):
        is_day = moment.time() == time()
        return moment.date().isoformat() if is_day else moment.isoformat(" ", "seconds")
    return str(moment) if isinstance(moment, timedelta) else moment.isoformat()
