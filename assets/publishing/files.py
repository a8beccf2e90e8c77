"""Files on disk: durable writing, hashes, JSON with stable bytes.

Here belongs how bytes reach the disk for good; what they say is known elsewhere.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

import orjson

_JSON = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
CHUNK = 1 << 20


def json_bytes(content: Any) -> bytes:
    """JSON with two spaces of indent and a final line end; keys in the order given."""
    return orjson.dumps(content, option=_JSON | orjson.OPT_SERIALIZE_NUMPY)


def read_json(path: Path) -> Any:
    """The content of a JSON file."""
    return orjson.loads(path.read_bytes())


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a new file and force it to the disk; FileExistsError if it is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_staged(path: Path, content: bytes) -> None:
    """Write a new file of a package; sync_tree forces the whole package to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Force every file and folder below a folder to the disk."""
    for path in files_below(folder):
        handle = os.open(folder / path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    for parent, _, _ in os.walk(folder, topdown=False):
        sync_folder(Path(parent))


def files_below(folder: Path) -> list[str]:
    """Paths of all files below a folder, relative to it, sorted, with forward slashes."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def swap_file(path: Path, content: bytes, private: Path) -> None:
    """Replace a public file in one step: written and forced to disk in private, then renamed."""
    private.mkdir(parents=True, exist_ok=True)
    temporary = private / f"swap-{os.getpid()}-{path.name}"
    temporary.unlink(missing_ok=True)
    write_bytes(temporary, content)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(path)
    sync_folder(path.parent)
