"""Reading notes and statuses: StatsWales labels in both languages, letters, return statuses.

Here belongs what a marker beside a figure means, as StatsWales note codes (M2). A figure that is
missing has one missing code, first in the list; the others follow in order.
"""

from collections.abc import Iterable
from dataclasses import dataclass

MISSING = ("z", "c", "x", "w", "k")
"""Codes of a figure that has no value, the strongest first (M2)."""
REASONS = {
    "z": "not applicable",
    "c": "confidential",
    "x": "not available",
    "w": "none recorded in the survey",
    "k": "low figure",
}
NOT_RETURNED = "not returned"
UNABLE = "unable to report"

_CODES = ("a", "b", "c", "e", "f", "k", "ns", "p", "r", "s", "ss", "sss", "t", "u", "w", "x", "z")
_LABELS: dict[str, tuple[str, ...]] = {
    "a": ("average", "cyfartaledd"),
    "b": ("break in time series", "break in series", "cyfres toriad mewn amser", "toriad"),
    "c": ("confidential", "cyfrinachol"),
    "e": ("estimated", "amcangyfrifedig", "estimate", "amcangyfrif"),
    "f": ("forecast", "rhagolwg"),
    "k": ("low figure", "ffigwr isel", "low"),
    "ns": ("not statistically significant", "not significant", "ddim yn arwyddocaol"),
    "p": ("provisional", "amodol", "dros dro"),
    "r": ("revised", "diwygiedig"),
    "s": ("statistically significant at 5% level", "significant at 5 %", "significant at 5%"),
    "ss": ("statistically significant at 1% level", "significant at 1 %", "significant at 1%"),
    "sss": (
        "statistically significant at 0.1% level",
        "significant at 0.1 %",
        "significant at 0.1%",
    ),
    "t": ("total", "cyfanswm"),
    "u": ("low reliability", "dibynadwyedd isel", "unreliable"),
    "w": ("none recorded in survey", "dim wedi eu cofnodi yn yr arolwg"),
    "x": ("not available", "ddim ar gael", "unavailable", UNABLE, "methu adrodd"),
    "z": ("not applicable", "amherthnasol"),
}
_MEANINGS: dict[str, str | None] = {
    **{code: code for code in _CODES},
    **{f"[{code}]": code for code in _CODES},
    **{label: code for code, labels in _LABELS.items() for label in labels},
    "[low]": "k",
    "actual": None,
    "gwirioneddol": None,
}
_UNABLE = {UNABLE, "methu adrodd"}


@dataclass(frozen=True)
class Notes:
    """What a note says: its codes, why there is no value, and the words that are not known."""

    codes: tuple[str, ...] = ()
    reason: str | None = None
    unknown: tuple[str, ...] = ()


NO_NOTES = Notes()


def read_notes(text: str | None) -> Notes:
    """The codes a note means: `Estimated, Revised`, `x`, `[e] [r]`, `unable to report`."""
    if text is None or not text.strip():
        return NO_NOTES
    words = [" ".join(part.split()).casefold() for part in text.replace("] [", "],[").split(",")]
    known = [word for word in words if word in _MEANINGS]
    codes = {code for word in known if (code := _MEANINGS[word])}
    unknown = tuple(word for word in words if word and word not in _MEANINGS)
    return Notes(tuple(sorted(codes)), UNABLE if _UNABLE & set(known) else None, unknown)


def combine(codes: Iterable[str]) -> tuple[str | None, str | None]:
    """The note_code of a figure and its missing code: the strongest first, weaker ones dropped."""
    held = set(codes)
    missing = next((code for code in MISSING if code in held), None)
    others = sorted(held - set(MISSING))
    listed = [missing, *others] if missing else others
    return ",".join(listed) or None, missing
