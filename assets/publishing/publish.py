"""Publishing a candidate: compared with the current release, judged, numbered, packed, swapped in.

Here belongs the order of these steps, under the lock, so that number and logs are fixed at the
moment of publication. Asset, schedule and command line all call these functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from assets.publishing.candidates import Candidate, CandidateStore
from assets.publishing.decide import CandidateFacts, Decision, ReleaseFacts, decide
from assets.publishing.diff import Difference, difference
from assets.publishing.fence import Fence
from assets.publishing.package import Package, write_package
from assets.publishing.released import load_manifest, load_methods, load_release_tables
from assets.publishing.store import ReleaseStore
from assets.publishing.structure import method_notices
from assets.publishing.version import VersionStep, next_version
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
            return _without_candidate(releases, product)
        outcome = _judge_and_publish(
            fence, releases, candidate, now, allow_major, current_fingerprints
        )
    if outcome.decision.action == "wait":
        candidates.mark_waiting(product)
    elif outcome.decision.action in ("publish", "nothing"):
        candidates.remove(product)
    return outcome


def publish_due(candidates: CandidateStore, releases: ReleaseStore, now: datetime) -> list[Outcome]:
    """Judge every waiting candidate again; those whose instant has come go out."""
    return [publish_candidate(candidates, releases, name, now) for name in candidates.waiting()]


def compare_with_current(releases: ReleaseStore, candidate: Candidate) -> Difference:
    """The difference between a candidate and the current release of its product."""
    pointer = releases.current(candidate.product.id)
    if pointer is None:
        return difference(None, candidate.tables)
    path = releases.path(pointer.product, pointer.version)
    found = difference(load_release_tables(path), candidate.tables)
    methods = method_notices(load_methods(path), candidate.origin.methods)
    return replace(found, notices=(*found.notices, *methods))


def _judge_and_publish(
    fence: Fence,
    releases: ReleaseStore,
    candidate: Candidate,
    now: datetime,
    allow_major: bool,
    current_fingerprints: Mapping[str, str] | None,
) -> Outcome:
    product = candidate.product.id
    pointer = releases.current(product)
    last = pointer.version if pointer else None
    found = (
        NO_DIFFERENCE if candidate.quality.systemic else compare_with_current(releases, candidate)
    )
    step = next_version(last, found)
    matches = current_fingerprints in (None, candidate.fingerprints)
    decision = decide(
        _facts(candidate, step, fingerprints_match=matches),
        _release_facts(releases, product),
        candidate.quality.systemic,
        now,
        allow_major=allow_major,
    )
    path = releases.path(product) if pointer else None
    if decision.action == "publish":
        package = Package(candidate, found, step, last, now)
        path = releases.publish(
            fence, product, step.version, last, lambda folder: write_package(folder, package)
        )
    return Outcome(
        product,
        decision,
        path,
        n_figures=len(candidate.tables.indicator_values),
        n_changes=len(found.changes),
        n_knock_on=len(found.knock_on),
    )


def _facts(candidate: Candidate, step: VersionStep, *, fingerprints_match: bool) -> CandidateFacts:
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
        fingerprints_match=fingerprints_match,
        not_before=candidate.not_before,
    )


def _release_facts(releases: ReleaseStore, product: str) -> ReleaseFacts | None:
    pointer = releases.current(product)
    if pointer is None:
        return None
    manifest = load_manifest(releases.path(product, pointer.version))
    return ReleaseFacts(pointer.version, manifest["profile"])


def _without_candidate(releases: ReleaseStore, product: str) -> Outcome:
    pointer = releases.current(product)
    version = pointer.version if pointer else None
    decision = Decision("nothing", "There is no candidate", "Nid oes ymgeisydd", version)
    return Outcome(product, decision, releases.path(product) if pointer else None)
