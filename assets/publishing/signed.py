"""The signature of a release: written beside its manifest, checked against the keys beside it.

Here belongs what is signed (the manifest, which holds every file's SHA-256) and what a signature
must say. SHA256SUMS lists the same hashes for `sha256sum -c`, for who has none of this code.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assets.publishing.files import files_below, sha256_of, write_bytes
from assets.publishing.keys import KeyRing
from assets.publishing.signing import (
    SIGNATURE_SUFFIX,
    PublicKey,
    SecretKey,
    SigningError,
    check,
    sign,
    signer_of,
)
from assets.publishing.words import UNSIGNED, Words

MANIFEST = "manifest.json"
SIGNATURE = MANIFEST + SIGNATURE_SUFFIX
SUMS = "SHA256SUMS"
BESIDE = {MANIFEST, SIGNATURE}
"""Files that the manifest cannot list."""
ALTERED = "the release is not what was published"


def signature_facts(key: SecretKey | None) -> dict[str, str]:
    """What the manifest says about its own signature."""
    if key is None:
        return {"state": "unsigned", "note_en": UNSIGNED.en, "note_cy": UNSIGNED.cy}
    said = Words(
        "Signed in minisign's format; the public keys are in keys/ beside the products.",
        "Llofnodwyd ar ffurf minisign; mae'r allweddi cyhoeddus yn keys/ ger y cynhyrchion.",
    )
    facts = {"state": "signed", "format": "minisign", "key": key.public.id, "file": SIGNATURE}
    return facts | {"note_en": said.en, "note_cy": said.cy}


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS over every file that is in the folder by now."""
    lines = (f"{sha256_of(folder / name)}  {name}\n" for name in files_below(folder))
    write_bytes(folder / SUMS, "".join(lines).encode())


def sign_manifest(folder: Path, manifest: Mapping[str, Any], key: SecretKey | None) -> None:
    """Write manifest.json.minisig; nothing without a key."""
    if key is not None:
        content = (folder / MANIFEST).read_bytes()
        write_bytes(folder / SIGNATURE, sign(key, content, trusted_comment(manifest)))


def trusted_comment(manifest: Mapping[str, Any]) -> str:
    """What the signature says besides: which version it is, so that none stands for another."""
    return f"{manifest['product']} {manifest['version']} released {manifest['released_at']}"


def signature_faults(
    path: Path, manifest: Mapping[str, Any], ring: KeyRing, pinned: PublicKey | None = None
) -> Iterator[str]:
    """What is wrong with the signature, one sentence each; pinned is the one key to trust."""
    state = manifest["signature"].get("state")
    is_there = (path / SIGNATURE).exists()
    if state == "unsigned":
        if is_there:
            yield f"{SIGNATURE} is there, but the manifest says unsigned: {ALTERED}."
        if pinned or ring.signs_at(manifest["released_at"]):
            yield f"The release is not signed although it must be: {ALTERED}."
    elif state != "signed":
        yield f"The manifest does not say whether it is signed: {ALTERED}."
    elif not is_there:
        yield f"{SIGNATURE} is missing: {ALTERED}."
    else:
        yield from _by_a_trusted_key(path, manifest, ring, pinned)


def _by_a_trusted_key(
    path: Path, manifest: Mapping[str, Any], ring: KeyRing, pinned: PublicKey | None
) -> Iterator[str]:
    signature = (path / SIGNATURE).read_bytes()
    try:
        signer = signer_of(signature)
        key = pinned or _key_of(ring, signer, manifest["released_at"])
        said = check(key, (path / MANIFEST).read_bytes(), signature)
    except SigningError as error:
        yield str(error)
        return
    if said != trusted_comment(manifest) or manifest["signature"].get("key") != signer:
        yield f'The signature is for "{said[:40]}", not for this release.'


def _key_of(ring: KeyRing, signer: str, released_at: str) -> PublicKey:
    known = ring.find(signer)
    if known is None:
        raise SigningError(
            f"The release is signed by the key {signer}, which is not among the keys beside it:"
            " name the publisher's key with --public-key."
        )
    if not known.covers(released_at):
        raise SigningError(f"The key {signer} was not the active one on {released_at}: {ALTERED}.")
    return PublicKey.parse(known.public_key)


def _name(line: str) -> str:
    return line[66:]


def sums_faults(path: Path, listed: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """SHA256SUMS says what the manifest says; releases made before there was one have none."""
    if SUMS in listed and sha256_of(path / SUMS) == listed[SUMS]["sha256"]:
        lines = [f"{facts['sha256']}  {name}\n" for name, facts in listed.items() if name != SUMS]
        if (path / SUMS).read_bytes() != "".join(sorted(lines, key=_name)).encode():
            yield f"{SUMS} does not list what the manifest lists: {ALTERED}."
