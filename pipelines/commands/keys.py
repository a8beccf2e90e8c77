"""The command `keys`: the signing keys of this installation."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from assets.publishing.keyholding import replace_key
from assets.publishing.keys import KeyRing
from assets.publishing.signing import make_key
from pipelines.commands.display import show_rows
from pipelines.settings import settings
from pipelines.stores import open_releases


def make_key_file(path: Path) -> None:
    """Write a new secret key to a new file that only its owner reads; show its public half."""
    if path.exists():
        raise click.UsageError(f"{path} exists: a key is never overwritten, name a new file.")
    key = make_key()
    with open(path, "xb", opener=_private) as file:
        file.write(key.file)
    click.echo(f"Public key {key.public.id}: {key.public.text}")
    click.echo(f"Set COUNCIL_BENCHMARKS_SIGNING_KEY={path.absolute()} where releases are made.")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def make_key_active(*, home: Path | None) -> None:
    """Let the key of the settings take the place of the active one."""
    chosen = settings(home=home)
    opened = chosen.open_home()
    with opened.lock("keys --replace"):
        key = replace_key(open_releases(chosen, opened), datetime.now(UTC))
    click.echo(f"The key {key.id} signs from {key.active_from} on.")


def list_keys(*, home: Path | None, form: str) -> None:
    """Print the public keys beside the releases, oldest first."""
    ring = KeyRing.load(settings(home=home).open_home().releases)
    rows = [
        {
            "key": key.id,
            "from": key.active_from,
            "until": key.active_until,
            "public key": key.public_key,
        }
        for key in ring.keys
    ]
    show_rows(rows, form=form, title="Signing keys")
