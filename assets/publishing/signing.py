"""Signatures in minisign's own format: Ed25519 over BLAKE2b-512, with a trusted comment.

Here belongs the format of keys and signatures, so that `minisign -V` verifies what is signed here
and the other way round. Which keys may sign a release is in keys.py.
Format: https://jedisct1.github.io/minisign/
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_ALGORITHM, PREHASHED, CHECKSUM = b"Ed", b"ED", b"B2"
NO_PASSWORD = b"\0\0"
_PARAMETERS, _NO_CHECKSUM = bytes(48), bytes(32)
"""Salt and limits of the password and the checksum under it: zero where there is none."""
_COMMENT, _TRUSTED = "untrusted comment: ", "trusted comment: "
_BY = f"{_COMMENT}signature from minisign secret key"
SIGNATURE_SUFFIX = ".minisig"


class SigningError(Exception):
    """A key or a signature cannot be used; the sentence never shows a key."""

    exit_status = 2


class SignatureError(SigningError):
    """The signature is not one by this key over these bytes."""


@dataclass(frozen=True)
class PublicKey:
    """Who may be trusted: the key's number (8 bytes) and the Ed25519 public key (32 bytes)."""

    number: bytes
    key: bytes

    @property
    def id(self) -> str:
        """The number as minisign prints it."""
        return self.number[::-1].hex().upper()

    @property
    def text(self) -> str:
        """The key as `minisign -P` takes it."""
        return base64.b64encode(KEY_ALGORITHM + self.number + self.key).decode()

    @property
    def file(self) -> bytes:
        """The key as a file that `minisign -p` takes."""
        return f"{_COMMENT}minisign public key {self.id}\n{self.text}\n".encode()

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """The key in the text of a public key file, or in its last line; SigningError otherwise."""
        raw = _decoded(text.strip().splitlines()[-1:])
        if len(raw) != 42 or raw[:2] != KEY_ALGORITHM:
            raise SigningError(f'"{text.strip()[:40]}" is not a minisign public key.')
        return cls(raw[2:10], raw[10:])


@dataclass(frozen=True)
class SecretKey:
    """Who may sign; its seed is never shown."""

    number: bytes
    seed: bytes = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.number, self._private().public_key().public_bytes_raw())

    @property
    def file(self) -> bytes:
        """The key as minisign keeps it without a password (`minisign -G -W`)."""
        pair = self.number + self.seed + self.public.key
        head = KEY_ALGORITHM + NO_PASSWORD + CHECKSUM + _PARAMETERS
        raw = head + pair + _NO_CHECKSUM
        title = f"{_COMMENT}minisign secret key without password {self.public.id}"
        return f"{title}\n{base64.b64encode(raw).decode()}\n".encode()

    def sign(self, content: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return self._private().sign(content)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def make_key() -> SecretKey:
    """A new key from the system's randomness."""
    return SecretKey(os.urandom(8), os.urandom(32))


def read_secret_key(given: str) -> SecretKey:
    """The key in that file, or in that text; SigningError says what is wrong, never the text."""
    text = given.strip()
    if "\n" not in text and Path(text).expanduser().is_file():
        text = Path(text).expanduser().read_text(encoding="utf-8", errors="replace").strip()
    raw = _decoded(text.splitlines()[-1:])
    if len(raw) != 158 or raw[:2] != KEY_ALGORITHM or raw[4:6] != CHECKSUM:
        raise SigningError(
            "The signing key is neither a minisign secret key nor the path of one: make one with"
            " `council-benchmarks keys --make FILE`."
        )
    if raw[2:4] != NO_PASSWORD:
        raise SigningError(
            "The signing key has a password: take it off with `minisign -C -W -s FILE`, and keep"
            " the file where only the publisher reads it."
        )
    number, seed, public = raw[54:62], raw[62:94], raw[94:126]
    key = SecretKey(number, seed)
    if key.public.key != public:
        raise SigningError("The signing key is damaged: restore it from a copy.")
    return key


def sign(key: SecretKey, content: bytes, trusted_comment: str) -> bytes:
    """The file CONTENT.minisig; the same key, bytes and comment give the same signature."""
    signature = key.sign(_digest(content))
    over_comment = key.sign(signature + trusted_comment.encode())
    lines = (
        _BY,
        base64.b64encode(PREHASHED + key.number + signature).decode(),
        f"{_TRUSTED}{trusted_comment}",
        base64.b64encode(over_comment).decode(),
    )
    return "".join(f"{line}\n" for line in lines).encode()


def signer_of(signature: bytes) -> str:
    """Id of the key that a signature file says it is by; SignatureError if it is no such file."""
    raw, _, _ = _parts(signature)
    return PublicKey(raw[2:10], b"").id


def check(key: PublicKey, content: bytes, signature: bytes) -> str:
    """The trusted comment; SignatureError unless the signature is by this key over these bytes."""
    raw, comment, over_comment = _parts(signature)
    if raw[2:10] != key.number:
        raise SignatureError(f"The signature is not by the key {key.id}.")
    public = Ed25519PublicKey.from_public_bytes(key.key)
    try:
        public.verify(raw[10:], _digest(content))
        public.verify(over_comment, raw[10:] + comment)
    except InvalidSignature as error:
        raise SignatureError(f"The signature by {key.id} is not over these bytes.") from error
    return comment.decode("utf-8", errors="replace")


def _parts(signature: bytes) -> tuple[bytes, bytes, bytes]:
    """Signature with algorithm and key number, trusted comment, signature over both."""
    lines = signature.split(b"\n")
    is_whole = (
        len(lines) == 5
        and lines[4] == b""
        and lines[0] == _BY.encode()
        and lines[2].startswith(_TRUSTED.encode())
    )
    if is_whole:
        raw, over_comment = (
            _decoded([line.decode("ascii", errors="replace")]) for line in (lines[1], lines[3])
        )
        if len(raw) == 74 and raw[:2] == PREHASHED and len(over_comment) == 64:
            return raw, lines[2][len(_TRUSTED) :], over_comment
    raise SignatureError("The signature file is not one of minisign's: restore it from a copy.")


def _decoded(lines: list[str]) -> bytes:
    """Bytes of one line of strict Base64; none for what is not."""
    try:
        text = lines[0] if lines else ""
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content).digest()
