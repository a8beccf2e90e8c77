"""The neighbour sets of the Office for National Statistics, from the CSV it publishes.

Here belongs reading its form (AREACD and the columns 1 to 20, nearest first) as own groups, and how
far two sets agree. The file is not part of the project: download it, and give its path.
"""

import csv
import re
from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from sql.frames import conform

OWNER = "AREACD"
GROUP_CODE = "ons_neighbours"
TITLE_EN = "Statistical neighbours of the Office for National Statistics"
TITLE_CY = "Cymdogion ystadegol y Swyddfa Ystadegau Gwladol"
AREA = re.compile(r"[EWSN]\d{8}")


class OnsNeighboursError(ValueError):
    """The file is not a neighbour list; the sentence says where and what to do."""


def read_ons_neighbours(
    path: Path, version: str, owners: Collection[str] | None = None, k: int = 20
) -> pd.DataFrame:
    """Rows of comparison_groups: each owner's k nearest, without distances (none are published).

    version: the ONS edition, e.g. 2025-11; owners: codes to keep, all if None. Members may lie in
    any country of the United Kingdom. Raises OnsNeighboursError, naming the line, for another form.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    if not lines or lines[0][:1] != [OWNER] or lines[0][1:] != _ranks(len(lines[0])):
        raise OnsNeighboursError(
            f"{path.name}, line 1: expected {OWNER},1,2,... nearest first; download the "
            "neighbours file again, or rename its columns so."
        )
    if not 1 <= k < len(lines[0]):
        raise OnsNeighboursError(f"{path.name} lists {len(lines[0]) - 1} neighbours, not {k}.")
    rows: list[tuple[str, str, int]] = []
    seen: set[str] = set()
    for number, fields in enumerate(lines[1:], start=2):
        _check(fields, len(lines[0]), seen, f"{path.name}, line {number}")
        line = _without_padding(fields)
        seen.add(line[0])
        if owners is None or line[0] in owners:
            rows += [(line[0], member, rank) for rank, member in enumerate(line[1 : k + 1], 1)]
    frame = pd.DataFrame(rows, columns=["owner_code", "member_code", "distance_rank"])
    named = frame.assign(
        group_code=GROUP_CODE, title_en=TITLE_EN, title_cy=TITLE_CY, set_version=version
    )
    return conform(named, "comparison_groups", fill=True)


def _ranks(width: int) -> list[str]:
    return [str(rank) for rank in range(1, width)]


def _without_padding(fields: Sequence[str]) -> list[str]:
    """The line without the empty fields at its end: combined authorities have fewer alike."""
    filled = [number for number, text in enumerate(fields, start=1) if text]
    return list(fields[: max(filled, default=0)])


def _check(fields: Sequence[str], width: int, seen: set[str], place: str) -> None:
    line = _without_padding(fields)
    wrong = [code for code in line if not AREA.fullmatch(code)]
    faults = {
        f"{len(fields)} fields, expected {width}": len(fields) != width,
        "no neighbour": len(line) < 2,
        f"{wrong[0][:40]!r} is no area code" if wrong else "": bool(wrong),
        f"{''.join(line[:1])} is there twice": bool(seen & set(line[:1])),
        "an area is listed twice, or as its own neighbour": len(set(line)) < len(line),
    }
    for what, is_fault in faults.items():
        if is_fault:
            raise OnsNeighboursError(f"{place}: {what}. Correct the file, or download it again.")


def overlap(own: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """How far two neighbour sets agree: one row per owner of `own`, by code.

    n_own, n_other: neighbours in each; n_possible: those of `other` that are an owner in `own`, and
    so could be in both; n_shared and shared: those that are.
    """
    areas = set(own["owner_code"])
    theirs = other.groupby("owner_code")["member_code"].agg(set)
    rows = []
    for owner, members in own.groupby("owner_code")["member_code"]:
        listed = theirs.get(owner, set())
        shared = sorted(listed & set(members))
        possible = len(listed & areas)
        rows.append((owner, len(members), len(listed), possible, len(shared), ";".join(shared)))
    columns = ["owner_code", "n_own", "n_other", "n_possible", "n_shared", "shared"]
    return pd.DataFrame(rows, columns=columns)
