"""The command `publish`: a person publishes a candidate, or all that are due."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from assets.catalogue.load import load_catalogue
from assets.publishing.candidates import CandidateStore
from assets.publishing.publish import Outcome, publish_candidate, publish_due
from assets.publishing.store import ReleaseStore
from assets.publishing.warehouse import load_warehouse
from pipelines.commands.display import show_rows
from pipelines.settings import settings
from sql.warehouse import open_engine


def publish_now(
    product: str | None, *, home: Path | None, at: str | None, allow_major: bool
) -> int:
    """Publish a product's candidate or every due one, load the warehouse; 1 if one is blocked."""
    chosen = settings(home=home)
    opened = chosen.open_home()
    candidates, releases = CandidateStore(opened.candidates), ReleaseStore(opened.releases)
    known = load_catalogue().products
    if product is not None and product not in known:
        raise click.UsageError(f'"{product}" is not a product; there are {", ".join(known)}.')
    now = datetime.now(UTC)
    with opened.lock("publish"):
        try:
            if product is None:
                outcomes = publish_due(candidates, releases, now)
            else:
                if at is not None:
                    _set_instant(candidates, product, instant(at, now))
                outcomes = [
                    publish_candidate(candidates, releases, product, now, allow_major=allow_major)
                ]
        finally:
            load_warehouse(open_engine(chosen.warehouse_url()), releases)
    _tell(outcomes)
    return 1 if any(outcome.decision.action == "blocked" for outcome in outcomes) else 0


def instant(text: str, now: datetime) -> datetime:
    """The release instant a person gave; it may not lie in the past."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(
            f'--at "{text[:40]}" is not an instant: write it like 2026-12-01T09:30+00:00.'
        ) from error
    aware = given if given.tzinfo else given.astimezone()
    if aware < now:
        raise click.UsageError(f"--at {text} lies in the past: a release is never dated back.")
    return aware


def _set_instant(candidates: CandidateStore, product: str, at: datetime) -> None:
    candidate = candidates.load(product)
    if candidate is not None:
        candidates.save(replace(candidate, not_before=at))


def _tell(outcomes: list[Outcome]) -> None:
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
