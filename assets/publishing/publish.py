"""Publishing a candidate: compared with the current release, judged, numbered, packed, swapped in.

Here belongs the order of these steps, under the lock, so that number and logs are fixed at the
moment of publication. Asset, schedule and command line all call these functions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from assets.publishing.candidates import Candidate, CandidateStore
from assets.publishing.decide import CandidateFacts, Decision, ReleaseFacts, decide
from assets.publishing.diff import Difference, difference
from assets.publishing.fence import Fence, PublishingError
from assets.publishing.instants import utc_text
from assets.publishing.keyholding import enrol, unsignable
from assets.publishing.package import Package, write_package
from assets.publishing.policy import Approval
from assets.publishing.released import (
    figures_sha256,
    load_manifest,
    load_methods,
    load_supplied_tables,
)
from assets.publishing.revision_marks import mark_revised
from assets.publishing.store import ReleaseStore
from assets.publishing.structure import method_notices
from assets.publishing.version import VersionStep, next_version
from assets.publishing.withdraw import come_back
from assets.publishing.words import Words
from sql.frames import empty

NO_DIFFERENCE = Difference(empty("changes"), empty("knock_on"), ())
"""What is known of a candidate that a gate has closed: it is not even compared."""


@dataclass(frozen=True)
class Outcome:
    """What became of a product's candidate; path is the version that stands afterwards."""

    product: str
    decision: Decision
    path: Path | None = None
    n_figures: int = 0
    n_changes: int = 0
    n_knock_on: int = 0

    @property
    def version(self) -> str | None:
        """The version the decision is about."""
        return self.decision.version

    @property
    def is_published(self) -> bool:
        """Whether a new version is out."""
        return self.decision.action == "publish"


def publish_candidate(
    candidates: CandidateStore,
    releases: ReleaseStore,
    product: str,
    now: datetime,
    *,
    allow_major: bool = False,
    current_fingerprints: Mapping[str, str] | None = None,
) -> Outcome:
    """Judge the product's candidate against the current release, and publish it if it may go out.

    A waiting or blocked candidate is kept, any other is forgotten. current_fingerprints are those
    of the frames as they are now: a candidate made from others is blocked; None asks nothing.
    PublishingError if the right to publish is not free or the store fails: the old release stands.
    """
    with releases.publishing() as fence:
        candidate = candidates.load(product)
        if candidate is None:
            return _without_candidate(candidates, releases, product)
        outcome = _judge_and_publish(
            fence, releases, candidate, now, allow_major, current_fingerprints
        )
    if releases.is_rehearsal:
        return outcome
    if outcome.decision.action == "wait" and candidate.approval is None and candidate.instant:
        candidates.approve(product, Approval(candidate.instant, now))
    elif outcome.decision.action in ("publish", "nothing"):
        candidates.remove(product)
    return outcome


def publish_due(candidates: CandidateStore, releases: ReleaseStore, now: datetime) -> list[Outcome]:
    """Publish every candidate whose approved instant has come; the others wait, unread.

    A product whose publication fails stops no other; the first failure is raised at the end.
    """
    outcomes, failures = [], []
    for product in candidates.waiting():
        try:
            outcomes.append(_when_due(candidates, releases, product, now))
        except PublishingError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return outcomes


def _when_due(
    candidates: CandidateStore, releases: ReleaseStore, product: str, now: datetime
) -> Outcome:
    approval = candidates.approval(product)
    if approval is None or approval.instant <= now:
        return publish_candidate(candidates, releases, product, now)
    words = Words("Waits until {t}", "Yn aros tan {t}").fill(t=utc_text(approval.instant))
    pointer = releases.current(product)
    version = pointer.version if pointer else None
    path = releases.path(product) if pointer else None
    return Outcome(product, Decision("wait", words.en, words.cy, version), path)


def compare_with_current(releases: ReleaseStore, candidate: Candidate) -> Difference:
    """The difference between a candidate and the current release of its product."""
    pointer = releases.current(candidate.product.id)
    if pointer is None:
        return difference(None, candidate.tables)
    path = releases.path(pointer.product, pointer.version)
    was = _hashes(load_manifest(path)["inputs"])
    same_inputs = all(was.values()) and was == _hashes(
        asdict(item) for item in candidate.origin.inputs
    )
    found = difference(load_supplied_tables(path), candidate.tables, same_inputs=same_inputs)
    methods = method_notices(load_methods(path), candidate.origin.methods)
    return replace(found, notices=(*found.notices, *methods))


def _hashes(inputs: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Dataset -> SHA-256 of its bytes; none where they are withheld, so that nothing is known."""
    return {item["dataset"]: tuple(item["sha256s"]) for item in inputs}


def _judge_and_publish(
    fence: Fence,
    releases: ReleaseStore,
    candidate: Candidate,
    now: datetime,
    allow_major: bool,
    current_fingerprints: Mapping[str, str] | None,
) -> Outcome:
    product = candidate.product.id
    found = (
        NO_DIFFERENCE if candidate.quality.systemic else compare_with_current(releases, candidate)
    )
    pointer = releases.current(product)
    last = pointer.version if pointer else None
    step = next_version(last, found, releases.highest(product))
    matches = current_fingerprints in (None, candidate.fingerprints)
    decision = _decided(releases, candidate, step, now, matches=matches, allow_major=allow_major)
    path = releases.path(product) if pointer else None
    if decision.action == "publish":
        sha256 = pointer.manifest_sha256 if pointer else None
        marked = replace(candidate, tables=mark_revised(candidate.tables, found.changes))
        package = Package(marked, found, step, last, now, sha256, releases.signer)
        path = _released(fence, releases, package)
    if releases.is_rehearsal:
        decision = rehearsed(decision)
    return Outcome(
        product,
        decision,
        path,
        n_figures=len(candidate.tables.indicator_values),
        n_changes=len(found.changes),
        n_knock_on=len(found.knock_on),
    )


def _decided(
    releases: ReleaseStore,
    candidate: Candidate,
    step: VersionStep,
    now: datetime,
    *,
    matches: bool,
    allow_major: bool,
) -> Decision:
    facts = replace(
        _facts(candidate, step),
        fingerprints_match=matches,
        withheld=_withheld(releases, candidate),
        unsignable=unsignable(releases, candidate.origin.profile),
    )
    return decide(
        facts,
        _release_facts(releases, candidate.product.id),
        candidate.quality.systemic,
        now,
        allow_major=allow_major or bool(candidate.approval and candidate.approval.allow_major),
    )


def _released(fence: Fence, releases: ReleaseStore, package: Package) -> Path:
    enrol(releases, package.released_at)
    return releases.publish(
        fence,
        package.candidate.product.id,
        package.step.version,
        package.previous,
        lambda folder: write_package(folder, package),
    )


def rehearsed(decision: Decision) -> Decision:
    """What a rehearsal says in the place of a decision to publish: nothing is published."""
    if decision.action != "publish":
        return decision
    words = Words(
        "Rehearsed: version {v} would be published ({why})",
        "Ymarferwyd: byddai fersiwn {v} yn cael ei chyhoeddi ({why})",
    )
    return replace(
        decision,
        action="nothing",
        reason_en=words.en.format(v=decision.version, why=decision.reason_en),
        reason_cy=words.cy.format(v=decision.version, why=decision.reason_cy),
    )


def _withheld(releases: ReleaseStore, candidate: Candidate) -> Words | None:
    """Why these very figures may not come back by night: they are those of a withdrawn version."""
    withheld = releases.withheld(candidate.product.id)
    if not withheld:
        return None
    notice = withheld.get(figures_sha256(candidate.tables.indicator_values))
    return come_back(candidate.product.id, notice) if notice else None


def _facts(candidate: Candidate, step: VersionStep) -> CandidateFacts:
    quality = candidate.quality
    return CandidateFacts(
        product=candidate.product.id,
        profile=candidate.origin.profile,
        n_figures=len(candidate.tables.indicator_values),
        step=step,
        completeness_pct=quality.completeness_pct,
        completeness_floor_pct=quality.completeness_floor_pct,
        error_pct=quality.error_pct,
        max_error_pct=quality.max_error_pct,
        not_before=candidate.instant,
    )


def _release_facts(releases: ReleaseStore, product: str) -> ReleaseFacts | None:
    pointer = releases.current(product)
    if pointer is None:
        return None
    manifest = load_manifest(releases.path(product, pointer.version))
    return ReleaseFacts(pointer.version, manifest["profile"])


def _without_candidate(candidates: CandidateStore, releases: ReleaseStore, product: str) -> Outcome:
    """Nothing to judge; what a crash left of a candidate that was forgotten goes."""
    if not releases.is_rehearsal:
        candidates.remove(product)
    pointer = releases.current(product)
    version = pointer.version if pointer else None
    decision = Decision("nothing", "There is no candidate", "Nid oes ymgeisydd", version)
    return Outcome(product, decision, releases.path(product) if pointer else None)
