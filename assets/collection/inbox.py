"""The inbox: which files lie there, read safely, whatever they are called.

Here belongs the finding and reading of files. A name is a label in a message, never a path that is
opened again; nothing outside the inbox is read, and nothing but regular files of modest size.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path

LARGEST = 10 << 20
"""Bytes. Real returns are a few kilobytes."""


@dataclass(frozen=True)
class InboxFile:
    """A file of the inbox: its name below it, its bytes, or why they were not read."""

    name: str
    body: bytes = b""
    fault: str | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes."""
        return sha256(self.body).hexdigest()

    @property
    def folder(self) -> str:
        """Name of the folder it lies in."""
        return self.name.rpartition("/")[0].rpartition("/")[2]


def find_files(inbox: Path, pattern: str) -> list[InboxFile]:
    """The files below the inbox that match the pattern, by name.

    `*` stands for anything within one folder or file name; capitals do not matter. Files whose
    name begins with a dot or `~$` are those of other programs and left alone.
    """
    wanted = pattern.lower().split("/")
    names = sorted(name for name in _names(inbox, len(wanted)) if _matches(name, wanted))
    return [_read(inbox, name) for name in names]


def unclaimed(inbox: Path, patterns: Iterable[str]) -> list[str]:
    """What lies in the inbox and no pattern asks for: files, links, folders named like files."""
    wanted = [[*folders, file.removesuffix(".csv") + "*"] for *folders, file in _split(patterns)]
    found = []
    for path in sorted(inbox.rglob("*")):
        name = path.relative_to(inbox).as_posix()
        is_folder = path.is_dir() and not path.is_symlink()
        if name.startswith(".") or (is_folder and not path.suffix):
            continue
        depth = name.count("/") + 1
        is_asked = any(len(parts) == depth and _matches(name, parts) for parts in wanted)
        if path.is_dir() or not is_asked:
            found.append(name)
    return found


def _split(patterns: Iterable[str]) -> list[list[str]]:
    return [pattern.lower().split("/") for pattern in patterns]


def _names(inbox: Path, depth: int) -> list[str]:
    """Names of all files that lie exactly `depth` levels below the inbox, links not followed."""
    found: list[str] = []
    for folder, folders, files in os.walk(inbox):
        level = len(Path(folder).relative_to(inbox).parts)
        folders[:] = [] if level + 1 >= depth else [f for f in folders if not f.startswith(".")]
        if level + 1 == depth:
            base = Path(folder).relative_to(inbox)
            found += [(base / file).as_posix() for file in files if file[:1] != "."]
    return [name for name in found if not name.rpartition("/")[2].startswith("~$")]


def _matches(name: str, wanted: list[str]) -> bool:
    parts = name.lower().split("/")
    return all(fnmatchcase(part, want) for part, want in zip(parts, wanted, strict=True))


def _read(inbox: Path, name: str) -> InboxFile:
    label = name.encode("utf-8", "backslashreplace").decode()
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(inbox / name, flags)
    except OSError:
        return InboxFile(label, fault="it cannot be opened, or is a link to another file")
    with open(handle, "rb") as file:  # noqa: PTH123 - an open descriptor, not a path
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            return InboxFile(label, fault="it is not a regular file")
        if about.st_size > LARGEST:
            return InboxFile(label, fault=f"it is larger than {LARGEST >> 20} MiB")
        return InboxFile(label, file.read(LARGEST + 1))
