"""The public keys beside the releases: which key may sign which release.

Here belongs the ring `releases/keys/keys.json`, signed by its active key, and what follows from it.
One key is active at a time; a key that was replaced still vouches for what it signed while it was
active, and for nothing later. The format of keys and signatures is in signing.py.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import orjson

from assets.publishing.files import json_bytes
from assets.publishing.instants import utc_text
from assets.publishing.signing import (
    PublicKey,
    SecretKey,
    SignatureError,
    SigningError,
    check,
    sign,
)

KEYS = "keys"
RING = f"{KEYS}/keys.json"


@dataclass(frozen=True)
class TrustedKey:
    """A public key and the time it signs in; active_until is None while it is the active one."""

    id: str
    public_key: str
    active_from: str
    active_until: str | None = None

    def covers(self, released_at: str) -> bool:
        """Whether the key was active at that instant, ISO 8601 in UTC."""
        ended = self.active_until is not None and released_at >= self.active_until
        return self.active_from <= released_at and not ended


@dataclass(frozen=True)
class KeyRing:
    """Keys in the order they became active; none before the first signed release."""

    keys: tuple[TrustedKey, ...] = ()

    @classmethod
    def load(cls, root: Path) -> "KeyRing":
        """The ring beside the releases below root; SigningError if its key did not sign it."""
        path = root / RING
        if not path.exists():
            return cls()
        try:
            told = orjson.loads(path.read_bytes())
            ring = cls(tuple(TrustedKey(**key) for key in told["keys"]))
            signature = told["signature"].encode()
            active = PublicKey.parse(ring.keys[-1].public_key)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            raise SigningError(f"{RING} is damaged: restore it from a copy.") from error
        try:
            check(active, ring.content(), signature)
        except SignatureError as error:
            raise SigningError(
                f"{RING} is not what its active key signed: restore it from a copy."
            ) from error
        return ring

    @property
    def active(self) -> TrustedKey | None:
        """The key that signs now."""
        return self.keys[-1] if self.keys else None

    def find(self, key_id: str) -> TrustedKey | None:
        """The key of that id."""
        return next((key for key in self.keys if key.id == key_id), None)

    def signs_at(self, released_at: str) -> bool:
        """Whether releases of that instant are signed ones."""
        return bool(self.keys) and released_at >= self.keys[0].active_from

    def content(self) -> bytes:
        """What is signed."""
        return json_bytes([asdict(key) for key in self.keys])

    def replaced_by(self, key: SecretKey, now: datetime) -> "KeyRing":
        """The ring with a new active key; SigningError if the key has been in it before."""
        public, since = key.public, utc_text(now)
        known = self.find(public.id)
        if known is not None:
            state = "is the active one" if known == self.active else "was replaced, for good"
            raise SigningError(f"The key {public.id} {state}: make a new key to change it.")
        if self.active is not None and since <= self.active.active_from:
            raise SigningError("The active key is not older than this one: look at the clock.")
        ended = tuple(
            key if key.active_until else TrustedKey(key.id, key.public_key, key.active_from, since)
            for key in self.keys
        )
        return KeyRing((*ended, TrustedKey(public.id, public.text, since)))

    def signed(self, key: SecretKey, now: datetime) -> bytes:
        """The file keys.json: the keys, and the active one's signature over them."""
        comment = f"keys of {utc_text(now)}"
        signature = sign(key, self.content(), comment).decode()
        return json_bytes({"keys": list(self.keys), "signature": signature})
