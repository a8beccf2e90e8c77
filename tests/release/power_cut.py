"""What a power cut leaves of a folder: everything forced to the disk, and some of the rest.

Here belongs the disk's side of it. A disk may lose the last changes of names (files made, renamed,
removed), in the reverse of their order and never behind one whose folders were forced since; and of
a file that was not forced since it was written it may keep nothing, a part or all. Names are logged
from the calls of os, bytes are known by their size and time, so that those which C libraries write
are not overlooked.
"""

import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Bytes = tuple[int, int]
"""Size and time of a file: whether it is as it was when it was forced."""


@dataclass
class Change:
    """One change of names, and how to undo it."""

    what: str
    path: Path
    other: Path | None = None
    content: bytes | None = None
    """The bytes of the file that was replaced or removed."""
    is_kept: bool = False
    """Whether those bytes were on the disk."""
    forced: set[Path] = field(default_factory=set)
    """Folders of it that were forced to the disk afterwards."""

    @property
    def is_durable(self) -> bool:
        """Whether no power cut can take it back: the folder of its (new) name was forced."""
        return (self.other or self.path).parent in self.forced

    def undo(self) -> Path | None:
        """Put the names back as they were before; the file that is there again, if any."""
        if self.what == "mkdir":
            shutil.rmtree(self.path)  # with what C libraries made in it
        elif self.what == "rmdir":
            self.path.mkdir()
        elif self.what == "open":
            self.path.unlink()
        elif self.other is not None:
            self.other.rename(self.path)
        if self.content is None:
            return None
        back = self.other or self.path
        back.write_bytes(self.content)
        return back


@dataclass
class Disk:
    """Watches the calls of this process below a folder, which is on the disk when it begins."""

    root: Path
    changes: list[Change] = field(default_factory=list)
    on_disk: dict[int, Bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take what is there as forced to the disk."""
        self.root = self.root.resolve()
        self.on_disk = {path.stat().st_ino: _bytes(path) for path in self._files()}

    def before(self, name: str, given: tuple[Any, ...], named: dict[str, Any]) -> Change | None:
        """The change that a call is about to make, None if it changes no name below the folder."""
        if name == "fsync":
            return None
        paths = [_resolved(given[0], named.get("dir_fd", named.get("src_dir_fd")))]
        if name in ("rename", "replace"):
            paths.append(_resolved(given[1], named.get("dst_dir_fd")))
        if not all(path.is_relative_to(self.root) for path in paths):
            return None
        if name == "open":
            is_new = bool(given[1] & os.O_CREAT) and not paths[0].exists()
            return Change("open", paths[0]) if is_new else None
        what = {"remove": "unlink", "replace": "rename"}.get(name, name)
        change = Change(what, paths[0], paths[1] if len(paths) > 1 else None)
        if what in ("unlink", "rename") and paths[-1].is_file():
            change.content = paths[-1].read_bytes()
            change.is_kept = self._is_on_disk(paths[-1])
        return change

    def after(self, name: str, given: tuple[Any, ...], change: Change | None) -> None:
        """The call went well."""
        if change is not None:
            self.changes.append(change)
        if name == "fsync":
            path = Path(f"/proc/self/fd/{given[0]}").readlink()
            if path.is_dir():
                for earlier in self.changes:
                    earlier.forced.add(path)
            elif path.exists():
                self.on_disk[path.stat().st_ino] = _bytes(path)

    def lose(self, chance: random.Random) -> None:
        """The power goes: take back some last changes of names, then bytes never forced."""
        durable = [place for place, item in enumerate(self.changes) if item.is_durable]
        least = durable[-1] + 1 if durable else 0
        kept = chance.choice([least, chance.randint(least, len(self.changes))])
        for change in reversed(self.changes[kept:]):
            back = change.undo()
            if back is not None and change.is_kept:
                self.on_disk[back.stat().st_ino] = _bytes(back)
        for path in self._files():
            if not self._is_on_disk(path):
                share = chance.choice([0, chance.random(), 1])
                os.truncate(path, int(path.stat().st_size * share))

    def _is_on_disk(self, path: Path) -> bool:
        return self.on_disk.get(path.stat().st_ino) == _bytes(path)

    def _files(self) -> list[Path]:
        return [path for path in self.root.rglob("*") if path.is_file()]


def _bytes(path: Path) -> Bytes:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _resolved(given: Any, folder: int | None) -> Path:
    path = Path(os.fsdecode(given))
    if folder is not None and not path.is_absolute():
        path = Path(f"/proc/self/fd/{folder}").readlink() / path
    return path.absolute()
