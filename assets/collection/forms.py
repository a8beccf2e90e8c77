"""The council form: who a return says it is, and what its rows must carry.

Here belong the keys of a form and their meaning. Reading a file is in reader.py, finding it in
inbox.py, and judging its figures is the business of the validation rules.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

FORM_COLUMNS = (
    "return_ref",
    "indicator_key",
    "field",
    "row_check",
    "value",
    "status",
    "explanation",
)
SHOWN_COLUMNS = ("label_en", "label_cy", "last_year", "usual_range")
"""What the form shows beside a question; these columns are known and not read."""
STATUS_NOTES: dict[str, str | None] = {
    "": None,
    "actual": None,
    "estimate": "e",
    "not applicable": "z",
    "unable to report": "x",
}
"""Status of an answer -> note code of StatsWales. Only the last two leave the value out."""

_REF = re.compile(
    r"(?P<return_key>[A-Z][A-Z0-9]*)/(?P<period>[0-9][0-9A-Za-z-]*)/(?P<area_code>[A-Z]\d{8})"
    r"/(?P<form_version>\d{4}\.\d+)/(?P<issue>[a-z0-9]+)"
)


@dataclass(frozen=True)
class ReturnRef:
    """What `AR/2024-25/W06000001/2025.1/s001` says: return, period, council, form, issue."""

    return_key: str
    period: str
    area_code: str
    form_version: str
    issue: str

    @staticmethod
    def parse(text: str) -> "ReturnRef | None":
        """The reference a text is, or None if it is none."""
        return _parse(text)

    def __str__(self) -> str:
        return "/".join(
            (self.return_key, self.period, self.area_code, self.form_version, self.issue)
        )


@lru_cache(maxsize=4096)
def _parse(text: str) -> ReturnRef | None:
    found = _REF.fullmatch(text)
    return ReturnRef(**found.groupdict()) if found else None


def row_check(ref: str, indicator_key: str, field: str) -> str:
    """The check of a row: the first 8 hexadecimal digits of sha256(ref + key + field)."""
    return sha256(f"{ref}{indicator_key}{field}".encode()).hexdigest()[:8]


def note_of(status: str) -> str | None:
    """The note code of a status; a word that is no status stands for itself, to be judged."""
    word = " ".join(status.split()).lower()
    return STATUS_NOTES.get(word, status)


def explanation_of(status: str, explanation: str) -> str | None:
    """The council's explanation; for a missing value it begins with the status in words."""
    word = " ".join(status.split()).lower()
    if STATUS_NOTES.get(word) in ("x", "z"):
        return f"{word}: {explanation}" if explanation.strip() else word
    return explanation or None
