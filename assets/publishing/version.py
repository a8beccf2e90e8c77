"""The number of a version: it follows from the difference, with the reason in words (M17).

Here belongs which difference asks for which level; whether the version may go out is in decide.py.
"""

import re
from dataclasses import dataclass
from typing import Literal

from assets.publishing.diff import Difference
from assets.publishing.structure import Notice
from assets.publishing.words import Words

VersionLevel = Literal["first", "major", "minor", "patch", "none"]
FIRST_VERSION = "1.0.0"
MINOR_CLASSES = {"new", "late data", "planned revision", "rebased"}
"""Reason classes of the changelog that make a MINOR; the others correct an error: PATCH."""
MAX_NOTICES = 5
CLASS_WORDS = {
    "new": Words("new figures: {n}", "ffigurau newydd: {n}"),
    "late data": Words("late figures: {n}", "ffigurau hwyr: {n}"),
    "planned revision": Words("planned revisions: {n}", "diwygiadau wedi'u cynllunio: {n}"),
    "removed": Words("figures removed: {n}", "ffigurau a dynnwyd: {n}"),
    "correction": Words("corrections: {n}", "cywiriadau: {n}"),
    "disclosure": Words("changes of confidentiality: {n}", "newidiadau cyfrinachedd: {n}"),
}


@dataclass(frozen=True)
class VersionStep:
    """The next version, the level of the step and why."""

    version: str
    level: VersionLevel
    reason_en: str
    reason_cy: str

    @property
    def is_major(self) -> bool:
        """Whether readers' programs may break: never released by night."""
        return self.level == "major"


def parse_version(text: str) -> tuple[int, int, int]:
    """The three numbers of a version; ValueError says what was seen."""
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", text)
    if not found:
        raise ValueError(f'"{text[:40]}" is not a version: it looks like 1.2.3.')
    major, minor, patch = found.groups()
    return int(major), int(minor), int(patch)


def next_version(
    previous: str | None, found: Difference, highest: str | None = None
) -> VersionStep:
    """The step from the previous version (None for the first) that the difference asks for.

    highest is the highest number there ever was, where versions above previous were withdrawn: the
    step is taken from there, so that no number comes twice.

    MAJOR: a column, key, code or type removed, renamed or reordered, an indicator removed, a method
    or the geography changed. MINOR: new period, indicator, area or column, late data, planned
    revision. PATCH: correction of an error, text. Without a difference the version stays.
    """
    if previous is None:
        return _first(highest)
    level = _level(found)
    words = _reason(found) if level != "none" else Words("No difference", "Dim gwahaniaeth")
    above = max(previous, highest or previous, key=parse_version)
    version = previous if level == "none" else _raised(above, level)
    return VersionStep(version, level, words.en, words.cy)


def _first(highest: str | None) -> VersionStep:
    if highest is None:
        return VersionStep(FIRST_VERSION, "first", "First release", "Cyhoeddiad cyntaf")
    words = Words(
        "First release after version {v}, since no earlier one stands",
        "Cyhoeddiad cyntaf ar ôl fersiwn {v}, gan nad oes un cynharach yn sefyll",
    ).fill(v=highest)
    return VersionStep(_raised(highest, "patch"), "first", words.en, words.cy)


def _level(found: Difference) -> VersionLevel:
    levels: set[str] = {item.level for item in found.notices}
    classes = set(found.changes["reason_class"])
    if classes & MINOR_CLASSES:
        levels.add("minor")
    if classes - MINOR_CLASSES or len(found.knock_on):
        levels.add("patch")
    ordered: tuple[VersionLevel, ...] = ("major", "minor", "patch")
    return next((level for level in ordered if level in levels), "none")


def _raised(previous: str, level: VersionLevel) -> str:
    major, minor, patch = parse_version(previous)
    raised = {
        "major": (major + 1, 0, 0),
        "minor": (major, minor + 1, 0),
        "patch": (major, minor, patch + 1),
    }.get(level, (major, minor, patch))
    return ".".join(map(str, raised))


def _reason(found: Difference) -> Words:
    counts = found.changes["reason_class"].value_counts()
    parts = [CLASS_WORDS[c].fill(n=counts[c]) for c in CLASS_WORDS if c in counts]
    parts += [item.words for item in _weightiest(found)]
    hidden = len(found.notices) - MAX_NOTICES
    if hidden > 0:
        parts.append(Words(f"and {hidden} more", f"a {hidden} arall"))
    if not parts:
        parts = [Words("ranks or benchmarks recalculated", "ailgyfrifwyd safleoedd neu feincnodau")]
    english, welsh = "; ".join(p.en for p in parts), "; ".join(p.cy for p in parts)
    return Words(english[:1].upper() + english[1:], welsh[:1].upper() + welsh[1:])


def _weightiest(found: Difference) -> list[Notice]:
    order = {"major": 0, "minor": 1, "patch": 2}
    return sorted(found.notices, key=lambda item: order[item.level])[:MAX_NOTICES]
