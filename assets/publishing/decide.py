"""The gate: whether a candidate is published, waits, is blocked, or changes nothing.

Here belongs one pure function and the facts it judges by; Dagster's checks only display its answer.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from assets.publishing.version import VersionStep
from assets.publishing.words import Words

Action = Literal["publish", "nothing", "wait", "blocked"]


@dataclass(frozen=True)
class CandidateFacts:
    """What decide needs to know of a candidate.

    step is the version that follows from the difference; completeness and errors are per cent of
    the expected and of the read figures; not_before is the release instant. withheld says that its
    figures are those of a withdrawn version, unsignable why it cannot be signed as it must be.
    """

    product: str
    profile: str
    n_figures: int
    step: VersionStep
    completeness_pct: float = 100.0
    completeness_floor_pct: float = 0.0
    error_pct: float = 0.0
    max_error_pct: float = 100.0
    fingerprints_match: bool = True
    not_before: datetime | None = None
    withheld: Words | None = None
    unsignable: Words | None = None


@dataclass(frozen=True)
class ReleaseFacts:
    """What decide needs to know of the last release."""

    version: str
    profile: str


@dataclass(frozen=True)
class Decision:
    """What to do, why, and the version concerned (the last one where nothing is published)."""

    action: Action
    reason_en: str
    reason_cy: str
    version: str | None


def decide(
    candidate: CandidateFacts,
    last_release: ReleaseFacts | None,
    systemic: tuple[Words, ...],
    now: datetime,
    *,
    allow_major: bool = False,
) -> Decision:
    """Judge a candidate. The first of these that holds decides:

    1 its inputs are no longer the current ones: blocked; 2 it belongs to another profile: blocked;
    3 a systemic finding (contract, gate, disclosure): blocked; 4 it has no figures: nothing, or
    blocked where a release had some; 5 below the floor of completeness: blocked; 6 too many errors:
    blocked; 7 no difference: nothing; 8 figures of a withdrawn version: blocked; 9 not signed as it
    must be: blocked; 10 a MAJOR without allow_major: blocked; 11 before its release instant: wait;
    12 otherwise: publish.
    """
    last = last_release.version if last_release else None
    fault = _unfit(candidate, last_release, systemic)
    if fault is None and candidate.n_figures == 0:
        return _without_figures(last)
    fault = fault or _unacceptable(candidate)
    if fault:
        return Decision("blocked", fault.en, fault.cy, last)
    if candidate.step.level == "none":
        words = Words("No difference from version {v}", "Dim gwahaniaeth i fersiwn {v}")
        return Decision("nothing", words.fill(v=last).en, words.fill(v=last).cy, last)
    return _time_to_publish(candidate, now, allow_major=allow_major)


def _time_to_publish(candidate: CandidateFacts, now: datetime, *, allow_major: bool) -> Decision:
    step = candidate.step
    fault = candidate.withheld or candidate.unsignable
    if fault:
        return Decision("blocked", fault.en, fault.cy, step.version)
    if step.is_major and not allow_major:
        return _major(candidate.product, step)
    if candidate.not_before is not None and now < candidate.not_before:
        instant = candidate.not_before.isoformat(timespec="minutes")
        words = Words("Waits until {t}", "Yn aros tan {t}").fill(t=instant)
        return Decision("wait", words.en, words.cy, step.version)
    return Decision("publish", step.reason_en, step.reason_cy, step.version)


def _unfit(
    candidate: CandidateFacts, last: ReleaseFacts | None, systemic: tuple[Words, ...]
) -> Words | None:
    if not candidate.fingerprints_match:
        return Words(
            "The candidate was made from other figures than the current ones: make it again",
            "Gwnaed yr ymgeisydd o ffigurau gwahanol i'r rhai cyfredol: gwnewch ef eto",
        )
    if last and last.profile != candidate.profile:
        return Words(
            "Version {v} has the profile {a}, the candidate {b}: use another home",
            "Proffil {a} sydd gan fersiwn {v}, {b} gan yr ymgeisydd: defnyddiwch gartref arall",
        ).fill(v=last.version, a=last.profile, b=candidate.profile)
    if systemic:
        return Words("; ".join(w.en for w in systemic), "; ".join(w.cy for w in systemic))
    return None


def _unacceptable(candidate: CandidateFacts) -> Words | None:
    if candidate.completeness_pct < candidate.completeness_floor_pct:
        return Words(
            "Only {a:.1f} % of the expected figures are there, {b:g} % are needed",
            "Dim ond {a:.1f} % o'r ffigurau disgwyliedig sydd yno, mae angen {b:g} %",
        ).fill(a=candidate.completeness_pct, b=candidate.completeness_floor_pct)
    if candidate.error_pct > candidate.max_error_pct:
        return Words(
            "{a:.1f} % of the answers are in error, at most {b:g} % may be",
            "Mae {a:.1f} % o'r atebion yn wallus, caniateir {b:g} % ar y mwyaf",
        ).fill(a=candidate.error_pct, b=candidate.max_error_pct)
    return None


def _without_figures(last: str | None) -> Decision:
    if last is None:
        return Decision("nothing", "No data", "Dim data", None)
    words = Words(
        "No figures are left, version {v} had some", "Nid oes ffigurau ar ôl, yr oedd rhai yn {v}"
    ).fill(v=last)
    return Decision("blocked", words.en, words.cy, last)


def _major(product: str, step: VersionStep) -> Decision:
    command = f"council-benchmarks publish {product} --allow-major"
    words = Words(
        "{v} would be a MAJOR version ({why}): a person decides, with: {command}",
        "Byddai {v} yn fersiwn MAJOR ({why}): person sy'n penderfynu, gyda: {command}",
    )
    english = words.en.format(v=step.version, why=step.reason_en, command=command)
    welsh = words.cy.format(v=step.version, why=step.reason_cy, command=command)
    return Decision("blocked", english, welsh, step.version)
