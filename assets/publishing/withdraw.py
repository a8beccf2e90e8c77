"""Withdrawing a version and rolling back to one: a new pointer with a notice, nothing overwritten.

Here belongs what becomes of a published version and what readers are told, in English and Welsh.
Only a withdrawal for disclosure removes bytes: the versions leave public reach, a tombstone with
the manifest's hash and the date stays, and the last version left, or none, is current (M14).
"""

from collections.abc import Sequence
from datetime import datetime

from assets.publishing.fence import PublishingError
from assets.publishing.instants import LONDON, utc_text
from assets.publishing.pointer import Notice, NoticeKind, Pointer, Standing
from assets.publishing.store import ReleaseStore
from assets.publishing.verify import verify
from assets.publishing.version import parse_version
from assets.publishing.words import Words

SAID: dict[NoticeKind, Words] = {
    "withdrawn": Words(
        "Version {v} was withdrawn on {d}: {r}", "Tynnwyd fersiwn {v} yn ôl ar {d}: {r}"
    ),
    "removed": Words(
        "Version {v} was withdrawn on {d} and its files were removed: {r}",
        "Tynnwyd fersiwn {v} yn ôl ar {d} a dilëwyd ei ffeiliau: {r}",
    ),
    "set aside": Words(
        "Version {v} was set aside on {d}: {r}", "Rhoddwyd fersiwn {v} o'r neilltu ar {d}: {r}"
    ),
    "restored": Words(
        "Version {v} stands again since {d}: {r}", "Saif fersiwn {v} eto ers {d}: {r}"
    ),
}
ENGLISH_ONLY = "(yn Saesneg yn unig) {r}"


class WithdrawalError(PublishingError):
    """The version cannot be withdrawn or rolled back to; the sentence says why."""

    exit_status = 2


def reason_words(english: str, welsh: str | None = None) -> Words:
    """The reason a person gave, each on one line; the English stands in for a missing Welsh."""
    said = " ".join(english.split())
    if not said:
        raise WithdrawalError("A reason is needed: readers are told why, with --reason TEXT.")
    return Words(said, " ".join(welsh.split()) if welsh else ENGLISH_ONLY.format(r=said))


def withdraw(
    releases: ReleaseStore,
    product: str,
    versions: Sequence[str],
    reason: Words,
    now: datetime,
    *,
    disclosure: bool = False,
) -> Standing:
    """Withdraw versions; the last one that stands is current, or none. Returns the new standing.

    With disclosure their files leave public reach. WithdrawalError if there is no such version.
    """
    kind: NoticeKind = "removed" if disclosure else "withdrawn"
    versions = tuple(dict.fromkeys(versions))
    with releases.publishing() as fence:
        old = releases.standing(product)
        for version in versions:
            _refuse_to_withdraw(releases, old, version, kind)
        notices = [_notice(releases, product, v, kind, reason, now) for v in versions]
        new = Standing(product, old.pointer, (*old.notices, *notices))
        if old.pointer is None or old.pointer.version in versions:
            new = Standing(product, _last_that_stands(releases, new), new.notices)
        releases.change_standing(fence, new, old.pointer.version if old.pointer else None)
    return new


def roll_back(
    releases: ReleaseStore, product: str, version: str, reason: Words, now: datetime
) -> Standing:
    """Make an earlier version the current one; those above it are set aside, all files stay.

    A version set aside can be rolled forward to. WithdrawalError if it does not stand whole.
    """
    with releases.publishing() as fence:
        old = releases.standing(product)
        _refuse_to_restore(releases, old, version)
        told = old.in_force()
        above = [
            number
            for number in releases.versions(product)
            if parse_version(number) > parse_version(version) and number not in told
        ]
        notices = [_notice(releases, product, v, "set aside", reason, now) for v in above]
        if version in told:
            notices.append(_notice(releases, product, version, "restored", reason, now))
        pointer = releases.pointer_to(product, version)
        new = Standing(product, pointer, (*old.notices, *notices))
        releases.change_standing(fence, new, old.pointer.version if old.pointer else None)
    return new


def come_back(product: str, notice: Notice) -> Words:
    """Why a candidate with the figures of a withdrawn version is not published."""
    if notice.kind == "set aside":
        remedy = f"council-benchmarks rollback {product} {notice.version}"
        return Words(
            f"These are the figures of version {notice.version}, which was set aside: correct them,"
            f" or let it stand again, with `{remedy}`",
            f"Dyma ffigurau fersiwn {notice.version}, a roddwyd o'r neilltu: cywirwch nhw, neu"
            f" gadewch iddi sefyll eto, gyda `{remedy}`",
        )
    return Words(
        f"These are the figures of version {notice.version}, which was withdrawn: correct them",
        f"Dyma ffigurau fersiwn {notice.version}, a dynnwyd yn ôl: cywirwch nhw",
    )


def _refuse_to_withdraw(
    releases: ReleaseStore, standing: Standing, version: str, kind: NoticeKind
) -> None:
    product, told = standing.product, standing.in_force().get(version)
    there = releases.versions(product)
    if told and told.kind in ("removed", kind):
        raise WithdrawalError(f"{product} {version} is withdrawn already: {told.reason_en}.")
    if version not in there:
        have = ", ".join(there) or "none"
        raise WithdrawalError(f"{product} has no version {version[:40]}; it has {have}.")


def _refuse_to_restore(releases: ReleaseStore, standing: Standing, version: str) -> None:
    product, told = standing.product, standing.in_force().get(version)
    if told and told.kind != "set aside":
        raise WithdrawalError(f"{product} {version} was withdrawn: {told.reason_en}.")
    if version not in releases.versions(product):
        have = ", ".join(releases.versions(product)) or "none"
        raise WithdrawalError(f"{product} has no version {version[:40]}; it has {have}.")
    if standing.pointer and standing.pointer.version == version:
        raise WithdrawalError(f"{product} {version} is the current version already.")
    faults = verify(releases.root / product / version, alone=True)
    if faults:
        raise WithdrawalError(f"{product} {version} is not whole: {faults[0]}")


def _last_that_stands(releases: ReleaseStore, standing: Standing) -> Pointer | None:
    """The highest version without a notice that is whole."""
    told = standing.in_force()
    for version in reversed(releases.versions(standing.product)):
        folder = releases.root / standing.product / version
        if version not in told and not verify(folder, alone=True):
            return releases.pointer_to(standing.product, version)
    return None


def _notice(
    releases: ReleaseStore,
    product: str,
    version: str,
    kind: NoticeKind,
    reason: Words,
    now: datetime,
) -> Notice:
    day = now.astimezone(LONDON).date().isoformat()
    was = releases.pointer_to(product, version)
    english, welsh = (
        SAID[kind][lang].replace("{v}", version).replace("{d}", day).replace("{r}", reason[lang])
        for lang in ("en", "cy")
    )
    return Notice(
        kind, version, utc_text(now), was.released_at, was.manifest_sha256, english, welsh
    )
