"""The signing key of an installation and the keys beside its releases.

Here belongs what a store does with its key: the first signed release makes it known, a new one
takes its place on demand, and a release that must be signed is not published without.
"""

from datetime import datetime

from assets.publishing.keys import KEYS, RING, KeyRing, TrustedKey
from assets.publishing.signing import PublicKey, SecretKey, SigningError
from assets.publishing.store import ReleaseStore
from assets.publishing.words import Words

LIVE = "live"


def unsignable(releases: ReleaseStore, profile: str) -> Words | None:
    """Why the next release may not be signed as this store would; None if it may.

    A rehearsal has no key and signs nothing.
    """
    if releases.is_rehearsal:
        return None
    ring, key = KeyRing.load(releases.root), releases.signer
    active = ring.active
    if key is None:
        return _lacks_key(ring, profile)
    if active is None or key.public.text == active.public_key:
        return None
    if ring.find(key.public.id):
        return Words(
            "The signing key {k} was replaced by {a}: sign with that one",
            "Disodlwyd yr allwedd lofnodi {k} gan {a}: llofnodwch â honno",
        ).fill(k=key.public.id, a=active.id)
    return Words(
        "The signing key {k} is not the active one, {a}: make it known first, with"
        " `council-benchmarks keys --replace`",
        "Nid yr allwedd lofnodi {k} yw'r un weithredol, {a}: gwnewch hi'n hysbys yn gyntaf, gyda"
        " `council-benchmarks keys --replace`",
    ).fill(k=key.public.id, a=active.id)


def _lacks_key(ring: KeyRing, profile: str) -> Words | None:
    if ring.keys:
        return Words(
            "Releases here are signed since {t}: set COUNCIL_BENCHMARKS_SIGNING_KEY",
            "Llofnodir cyhoeddiadau yma ers {t}: gosodwch COUNCIL_BENCHMARKS_SIGNING_KEY",
        ).fill(t=ring.keys[0].active_from)
    if profile == LIVE:
        return Words(
            "The profile live publishes signed releases only: set COUNCIL_BENCHMARKS_SIGNING_KEY",
            "Dim ond cyhoeddiadau wedi'u llofnodi y mae'r proffil live yn eu cyhoeddi: gosodwch"
            " COUNCIL_BENCHMARKS_SIGNING_KEY",
        )
    return None


def enrol(releases: ReleaseStore, now: datetime) -> None:
    """Make the key of the first signed release known; a known key stays as it is."""
    ring = KeyRing.load(releases.root)
    if releases.signer is not None and not ring.keys:
        _publish_ring(releases, ring.replaced_by(releases.signer, now), now)


def replace_key(releases: ReleaseStore, now: datetime) -> TrustedKey:
    """Make the store's key the active one from now on; SigningError if it was known before."""
    if releases.signer is None:
        raise SigningError("There is no signing key: set COUNCIL_BENCHMARKS_SIGNING_KEY.")
    with releases.publishing():
        ring = KeyRing.load(releases.root).replaced_by(releases.signer, now)
        _publish_ring(releases, ring, now)
    return ring.keys[-1]


def _publish_ring(releases: ReleaseStore, ring: KeyRing, now: datetime) -> None:
    """The ring in one step, then each key as a file that minisign takes."""
    key: SecretKey | None = releases.signer
    if key is not None:
        releases.public.put(RING, ring.signed(key, now))
    for trusted in ring.keys:
        name = f"{KEYS}/{trusted.id}.pub"
        releases.public.put(name, PublicKey.parse(trusted.public_key).file)
