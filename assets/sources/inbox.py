"""The sample's inbox: files of publishers and councils, laid out as if they had just arrived.

Here belongs the filling of a new inbox; reading it is in assets.collection.inbox.
"""

import shutil
from pathlib import Path

MARKER = ".seeded"


def seed_inbox(inbox: Path, sample: Path) -> int:
    """Copy the sample's files into an inbox that was never filled; the number of files copied.

    Files that are there already stay as they are. An inbox is filled once: what is changed or
    taken out of it afterwards is not put back.
    """
    if (inbox / MARKER).exists() or not sample.is_dir():
        return 0
    copied = 0
    for source in sorted(path for path in sample.rglob("*") if path.is_file()):
        target = inbox / source.relative_to(sample)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            half = target.with_name(f".{target.name}.tmp")
            shutil.copyfile(source, half)
            half.replace(target)
            copied += 1
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / MARKER).write_text("filled once from the sample\n")
    return copied
