"""The process that parses one workbook and nothing else: limits first, then one format's library.

Here belongs what happens on the other side of assets.collection.parse_child. It reads the workbook
from its input and writes one JSON object to its output: sheets and properties, or a refusal.
"""

import gc
import importlib
import json
import os
import resource
import sys
from typing import Any

from assets.collection.limits import (
    CPU_SECONDS,
    LARGEST_ANSWER,
    MEMORY,
    OPEN_FILES,
    Refused,
)

FORMATS = ("xlsx", "xls", "ods")
LIMITS = (
    (resource.RLIMIT_AS, MEMORY),
    (resource.RLIMIT_CPU, CPU_SECONDS),
    (resource.RLIMIT_FSIZE, LARGEST_ANSWER),
    (resource.RLIMIT_NOFILE, OPEN_FILES),
    (resource.RLIMIT_CORE, 0),
)


def limit_yourself() -> None:
    """Take on the limits; a system that does not know one of them (macOS: memory) goes without."""
    for what, most in LIMITS:
        hard = resource.getrlimit(what)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(what, (least, least))
        except (ValueError, OSError):
            continue


def answer(kind: str, body: bytes) -> dict[str, Any]:
    """What is said about a workbook; never an exception."""
    try:
        sheets, properties = importlib.import_module(f"assets.collection.formats.{kind}").read(body)
    except Refused as refused:
        return {"refused": [refused.code, refused.seen, refused.expected]}
    except MemoryError:
        return {"refused": ["file_too_heavy", "", ""]}
    except Exception as error:  # noqa: BLE001  a broken file breaks its library in any way there is
        return {"refused": ["workbook_unreadable", type(error).__name__, ""]}
    return {"sheets": sheets, "properties": properties}


def main() -> None:
    """Read a workbook of the kind that the argument names."""
    limit_yourself()
    gc.disable()  # a process of seconds: a third of openpyxl's time went into looking for garbage
    kind = sys.argv[1]
    if kind not in FORMATS:
        raise SystemExit(f"not a format: {kind!r}")
    # openpyxl would import numpy only to recognise its numbers: half of the start of this process.
    sys.modules["numpy"] = None  # type: ignore[assignment]  # None is how an import is barred
    out = os.fdopen(os.dup(1), "wb")
    sys.stdout = sys.stderr  # whatever a library prints is no answer
    with os.fdopen(0, "rb") as file:
        body = file.read()
    found = json.dumps(answer(kind, body), ensure_ascii=True, separators=(",", ":"))
    with out:
        out.write(found.encode("ascii"))


if __name__ == "__main__":
    main()
