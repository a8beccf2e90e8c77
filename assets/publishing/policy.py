"""When a product may appear, who sees it before, what was approved: data, in the manifest.

Here belongs the release policy of a product (immediately, or a standard time on the dates of its
calendar), the list of early access, and the approval of an instant. An approved instant is neither
in the past nor moved by another run. How a London time becomes an instant is in instants.py.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

from assets.publishing.fence import PublishingError
from assets.publishing.instants import IMMEDIATELY, LONDON, release_instant, utc_text
from assets.publishing.words import Words


class ApprovalError(PublishingError):
    """The instant cannot be approved; the sentence says which one stands."""

    exit_status = 2


@dataclass(frozen=True)
class ReleaseDate:
    """A day of the calendar; only a confirmed one releases, the others are announced."""

    day: date
    confirmed: bool


@dataclass(frozen=True)
class EarlyAccess:
    """A post that may see a release before it: confirmed anew for each day, until it expires."""

    role: Words
    organisation: Words
    confirmed_for: tuple[date, ...]
    expires: date

    def holds(self, day: date) -> bool:
        """Whether the access is given for a release of that day."""
        return day in self.confirmed_for and day <= self.expires


@dataclass(frozen=True)
class ReleasePolicy:
    """release_time is "immediately" or HH:MM in London; without dates every day is one."""

    release_time: str = IMMEDIATELY
    calendar: tuple[ReleaseDate, ...] = ()
    access: tuple[EarlyAccess, ...] = ()

    def instant(self, made_at: datetime) -> datetime | None:
        """The first instant at or after made_at that the policy allows, in UTC.

        None if at once, and where the calendar has no confirmed day left: see fault.
        """
        confirmed = [item.day for item in self.calendar if item.confirmed]
        if self.calendar and not confirmed:
            return None
        return release_instant(self.release_time, made_at, confirmed)

    def fault(self, made_at: datetime) -> Words | None:
        """Why there is no instant although the release must wait for one; None if there is."""
        if self.release_time == IMMEDIATELY or self.instant(made_at) is not None:
            return None
        return Words(
            "The release calendar has no confirmed day left: add the next ones to the product",
            "Nid oes diwrnod wedi'i gadarnhau ar ôl yn y calendr cyhoeddi: ychwanegwch y rhai nesaf"
            " at y cynnyrch",
        )


@dataclass(frozen=True)
class Approval:
    """The instant a candidate goes out at, when it was approved, by the policy or by a person.

    allow_major holds for the candidate a person approved, not for one that takes its place.
    """

    instant: datetime
    approved_at: datetime
    by: Literal["policy", "person"] = "policy"
    allow_major: bool = False

    def __post_init__(self) -> None:
        """ApprovalError for an instant before its approval."""
        if self.instant < self.approved_at:
            raise ApprovalError(
                f"{utc_text(self.instant)} lies in the past: a release is never dated back."
            )


def release_facts(
    policy: ReleasePolicy, approval: Approval | None, released_at: datetime
) -> dict[str, Any]:
    """What the manifest says of the time of release; the calendar from the day of release on."""
    today = released_at.astimezone(LONDON).date()
    return {
        "release_time": policy.release_time,
        "time_zone": str(LONDON),
        "approved_instant": utc_text(approval.instant) if approval else None,
        "approved_at": utc_text(approval.approved_at) if approval else None,
        "approved_by": approval.by if approval else "policy",
        "calendar": [
            {"date": item.day.isoformat(), "confirmed": item.confirmed}
            for item in policy.calendar
            if item.day >= today
        ],
        "pre_release_access": [
            {"role": asdict(item.role), "organisation": asdict(item.organisation)}
            for item in policy.access
            if item.holds(today)
        ],
    }


def read_policy(facts: Mapping[str, Any]) -> ReleasePolicy:
    """The policy from its JSON form."""
    return ReleasePolicy(
        facts["release_time"],
        tuple(
            ReleaseDate(date.fromisoformat(item["day"]), item["confirmed"])
            for item in facts["calendar"]
        ),
        tuple(
            EarlyAccess(
                Words(**item["role"]),
                Words(**item["organisation"]),
                tuple(date.fromisoformat(day) for day in item["confirmed_for"]),
                date.fromisoformat(item["expires"]),
            )
            for item in facts["access"]
        ),
    )


def read_approval(facts: Mapping[str, Any] | None) -> Approval | None:
    """The approval from its JSON form; None for none."""
    if facts is None:
        return None
    instants = {name: datetime.fromisoformat(facts[name]) for name in ("instant", "approved_at")}
    return Approval(**{**facts, **instants})
