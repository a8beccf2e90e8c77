"""The inbox: which files lie there, read safely, whatever they are called.

Here belongs the finding and reading of files. A name is a label in a message, never a path that is
opened again; nothing outside the inbox is read, and nothing but regular files of modest size.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path

from assets.collection.limits import Refused
from assets.collection.scan import read_file

ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".ods", ".xls")
"""Of files that are read; what a file is, is told by its content alone."""


@dataclass(frozen=True)
class InboxFile:
    """A file of the inbox: its name below it, its bytes, or why they were not read."""

    name: str
    body: bytes = b""
    fault: Refused | None = None

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


def find_tables(inbox: Path, pattern: str) -> list[InboxFile]:
    """The files that match the pattern whatever they end in; those never read carry a fault."""
    found = find_files(inbox, _of_any_kind(pattern))
    return [file if _is_readable(file) else _of_no_kind(file) for file in found]


def _of_any_kind(pattern: str) -> str:
    return re.sub(r"\.(csv|\*)$", "", pattern, flags=re.IGNORECASE) + ".*"


def _is_readable(file: InboxFile) -> bool:
    return file.fault is not None or file.name.lower().endswith(ENDINGS)


def _of_no_kind(file: InboxFile) -> InboxFile:
    ending = Path(file.name).suffix[:40]
    return replace(file, fault=Refused("file_kind_unknown", ending or "-"))


def unclaimed(inbox: Path, patterns: Iterable[str]) -> list[str]:
    """What lies in the inbox and no pattern asks for: files, links, folders named like files."""
    wanted = [_of_any_kind(pattern).lower().split("/") for pattern in patterns]
    found = []
    for path in sorted(inbox.rglob("*")):
        name = path.relative_to(inbox).as_posix()
        is_folder = path.is_dir() and not path.is_symlink()
        if name.startswith(".") or (is_folder and not path.suffix):
            continue
        depth = name.count("/") + 1
        is_asked = any(len(parts) == depth and _matches(name, parts) for parts in wanted)
        if path.is_dir() or not is_asked:
            found.append(label(name))
    return found


def label(name: str) -> str:
    """A name as it may stand in messages and tables: bytes that are no UTF-8 written out."""
    return name.encode("utf-8", "backslashreplace").decode()


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
    try:
        return InboxFile(label(name), read_file(inbox / name))
    except Refused as fault:
        return InboxFile(label(name), fault=fault)
