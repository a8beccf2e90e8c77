"""The commands `publish`, `withdraw`, `rollback`: what a person decides about the pointer."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from assets.catalogue.load import load_catalogue
from assets.publishing.candidates import CandidateStore
from assets.publishing.instants import parse_instant
from assets.publishing.pointer import Standing
from assets.publishing.policy import Approval
from assets.publishing.publish import Outcome, publish_candidate, publish_due
from assets.publishing.store import ReleaseStore
from assets.publishing.warehouse import load_warehouse
from assets.publishing.withdraw import reason_words, roll_back, withdraw
from assets.publishing.words import Words
from pipelines.commands.display import show_rows
from pipelines.settings import Settings, settings
from pipelines.stores import open_releases
from sql.home import Home, HomeBusyError
from sql.purge import purge
from sql.warehouse import open_engine

DEFAULT_REASON = "Rolled back while the newer version is examined"
DEFAULT_REASON_CY = "Dychwelwyd tra bo'r fersiwn fwy newydd yn cael ei harchwilio"
DISCLOSED = Words(
    "It showed figures that are confidential", "Yr oedd yn dangos ffigurau cyfrinachol"
)
Result = TypeVar("Result")


def publish_now(
    product: str,
    *,
    home: Path | None,
    at: str | None,
    allow_major: bool,
    rehearse: bool = False,
    cancel: bool = False,
) -> int:
    """Publish a product's candidate, or approve its instant; 1 if it is blocked."""
    chosen, opened = _opened(home)
    candidates = CandidateStore(opened.candidates)
    releases = open_releases(chosen, opened, rehearse=rehearse)
    _refuse_unknown(product)
    now = datetime.now(UTC)
    if cancel:
        with opened.lock("publish --cancel"):
            candidates.remove(product)
        click.echo(f"{product}: its candidate and the instant approved for it are forgotten.")
        return 0

    def publish() -> Outcome:
        if at is not None and not releases.is_rehearsal:
            approval = Approval(instant(at, now), now, "person", allow_major)
            candidates.approve(product, approval)
        return publish_candidate(candidates, releases, product, now, allow_major=allow_major)

    if releases.is_rehearsal:
        outcome = publish()
    else:
        outcome = _changing(chosen, opened, releases, "publish", publish)
    return _tell([outcome])


def publish_what_is_due(*, home: Path | None, rehearse: bool = False) -> int:
    """Publish every candidate whose instant has come; 1 if one is blocked.

    While another run holds the home nothing is done, and that is no fault: the next call looks.
    """
    chosen, opened = _opened(home)
    candidates, now = CandidateStore(opened.candidates), datetime.now(UTC)
    releases = open_releases(chosen, opened, rehearse=rehearse)
    if releases.is_rehearsal:
        return _tell(publish_due(candidates, releases, now))
    try:
        outcomes = _changing(
            chosen,
            opened,
            releases,
            "publish --due",
            lambda: publish_due(candidates, releases, now),
        )
    except HomeBusyError as busy:
        click.echo(f"{busy} The next call looks again.")
        return 0
    return _tell(outcomes)


def withdraw_now(
    product: str,
    versions: tuple[str, ...],
    *,
    home: Path | None,
    reason: str | None,
    reason_cy: str | None,
    disclosure: bool,
) -> None:
    """Withdraw versions, show what stands; with disclosure their bytes leave files and database.

    They leave the database also where the files are gone already: it may have been out of reach.
    """
    chosen, opened = _opened(home)
    releases = open_releases(chosen, opened)
    words = DISCLOSED if disclosure and not reason else reason_words(reason or "", reason_cy)
    now = datetime.now(UTC)
    with opened.lock("withdraw"):
        try:
            standing = _changing(
                chosen,
                opened,
                releases,
                "withdraw",
                lambda: withdraw(releases, product, versions, words, now, disclosure=disclosure),
            )
        finally:
            if disclosure:
                purge(open_engine(chosen.warehouse_url(), chosen.reader_role))
    _tell_standing(standing, versions)


def roll_back_now(
    product: str, version: str, *, home: Path | None, reason: str | None, reason_cy: str | None
) -> None:
    """Make a version the current one again and show what stands."""
    chosen, opened = _opened(home)
    releases = open_releases(chosen, opened)
    given = reason_words(reason or DEFAULT_REASON, reason_cy if reason else DEFAULT_REASON_CY)
    now = datetime.now(UTC)
    before = releases.standing(product).notices
    standing = _changing(
        chosen,
        opened,
        releases,
        "rollback",
        lambda: roll_back(releases, product, version, given, now),
    )
    _tell_standing(standing, [item.version for item in standing.notices[len(before) :]])


def instant(text: str, now: datetime) -> datetime:
    """The release instant a person gave; it may not lie in the past."""
    try:
        given = parse_instant(text)
    except ValueError as error:
        raise click.UsageError(f"--at {error}") from error
    if given < now:
        raise click.UsageError(f"--at {text} lies in the past: a release is never dated back.")
    return given


def _opened(home: Path | None) -> tuple[Settings, Home]:
    chosen = settings(home=home)
    return chosen, chosen.open_home()


def _changing(
    chosen: Settings,
    opened: Home,
    releases: ReleaseStore,
    purpose: str,
    change: Callable[[], Result],
) -> Result:
    """Make the change while holding the home; the warehouse follows whatever stands then."""
    with opened.lock(purpose):
        try:
            return change()
        finally:
            load_warehouse(open_engine(chosen.warehouse_url(), chosen.reader_role), releases)


def _refuse_unknown(product: str) -> None:
    known = load_catalogue().products
    if product not in known:
        raise click.UsageError(f'"{product}" is not a product; there are {", ".join(known)}.')


def _tell(outcomes: list[Outcome]) -> int:
    show_rows(
        [
            {
                "product": outcome.product,
                "decision": outcome.decision.action,
                "version": outcome.decision.version,
                "why": outcome.decision.reason_en,
            }
            for outcome in outcomes
        ],
        title="Publication",
    )
    return 1 if any(outcome.decision.action == "blocked" for outcome in outcomes) else 0


def _tell_standing(standing: Standing, versions: "tuple[str, ...] | list[str]") -> None:
    for version, notice in standing.in_force().items():
        if version in versions:
            click.echo(f"{notice.reason_en}.\n{notice.reason_cy}.")
    current = standing.pointer.version if standing.pointer else "none"
    click.echo(f"{standing.product}: the current version is {current}.")
