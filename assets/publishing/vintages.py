"""What readers saw at any time: the history of a product's pointer.

Here belongs reading the past from the store's own records; the same in SQL is sql.vintages.
"""

from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from assets.publishing.fence import PublishingError
from assets.publishing.instants import utc_text
from assets.publishing.signed import MANIFEST
from assets.publishing.store import ReleaseStore
from assets.publishing.version import parse_version
from sql.vintages import Step


class NoVintageError(PublishingError):
    """Nothing can be shown for that instant; the sentence says why."""

    exit_status = 2


def pointer_history(releases: ReleaseStore, product: str) -> list[Step]:
    """Every change of what readers saw, oldest first: releases, withdrawals, roll-backs."""
    told = releases.history()
    rows = told[told["product"] == product]
    released = dict(zip(rows["version"], rows["released_at"], strict=True))
    notices = releases.standing(product).notices
    steps: list[Step] = []
    for instant in sorted({*released.values(), *(notice.at for notice in notices)}):
        said = {n.version: n.kind for n in notices if n.at <= instant}
        standing = [
            version
            for version, since in released.items()
            if since <= instant and said.get(version, "restored") == "restored"
        ]
        version = max(standing, key=parse_version, default=None)
        if not steps or steps[-1].version != version:
            steps.append(_step(releases, product, instant, version))
    return steps


def step_at(releases: ReleaseStore, product: str, instant: datetime) -> Step:
    """What readers saw at the instant.

    NoVintageError before the first release, where none stood, and where its files are withdrawn.
    """
    at = utc_text(instant)
    seen = [step for step in pointer_history(releases, product) if step.recorded_from <= at]
    if not seen or seen[-1].version is None:
        raise NoVintageError(f"No version of {product} stood at {at}.")
    if seen[-1].state == "removed":
        raise NoVintageError(
            f"At {at} {product} {seen[-1].version} stood; its files are withdrawn."
        )
    return seen[-1]


def figures_of(releases: ReleaseStore, product: str, version: str) -> pa.Table:
    """The indicator_values of a version as Arrow, in today's columns."""
    return pq.read_table(releases.path(product, version) / "data" / "indicator_values.parquet")


def _step(releases: ReleaseStore, product: str, instant: str, version: str | None) -> Step:
    if version is None:
        return Step(instant, None, "none")
    is_there = (releases.root / product / version / MANIFEST).exists()
    return Step(instant, version, "stood" if is_there else "removed")
