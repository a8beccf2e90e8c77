"""Groups by date and by service: health boards as they were, families that hold for some themes.

Here belongs which councils form a group on a day, and ad-hoc lists; how a comparison over several
such groupings is put together is in assets.methods.scoped_groups.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import pandas as pd
import yaml
from pydantic import Field, ValidationError

from assets.catalogue.load import CatalogueError
from assets.catalogue.models import Bilingual, Entry, Identifier
from sql.frames import conform, empty

FILE = Path(__file__).with_name("dated_groups.yaml")
SMALLEST = 4
"""Of two or three councils each could subtract itself from the benchmark (M13)."""


class Membership(Entry):
    """A council's time in a group: from `since` (first day) to before `until`; open if left out."""

    council: Annotated[str, Field(pattern=r"^[A-Z]\d{8}$")]
    since: date | None = None
    until: date | None = None

    def is_in_force(self, day: date) -> bool:
        """Whether the council is a member on that day."""
        after = self.since is None or self.since <= day
        return after and (self.until is None or day < self.until)


class DatedGroup(Entry):
    """A group whose members depend on the date; `themes` empty means every service."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_:]*$")]
    title: Bilingual
    area: str | None = None
    members: Annotated[tuple[Membership, ...], Field(min_length=1)]
    themes: tuple[Identifier, ...] = ()


def load_dated_groups(path: Path = FILE) -> tuple[DatedGroup, ...]:
    """Every group of the file; CatalogueError lists its faults."""
    faults: list[str] = []
    found: list[DatedGroup] = []
    for number, raw in enumerate(yaml.safe_load(path.read_text("utf-8")), start=1):
        try:
            found.append(DatedGroup.model_validate(raw))
        except ValidationError as error:
            faults += [f"{path.name}, entry {number}: {fault['msg']}" for fault in error.errors()]
    if faults:
        raise CatalogueError(faults)
    return tuple(found)


def groups_on(
    groups: Iterable[DatedGroup], day: date, theme: str | None = None, smallest: int = SMALLEST
) -> pd.DataFrame:
    """Rows of comparison_groups as of a day, for one theme or those that hold for every theme.

    Groups with fewer than `smallest` members that day are left out. set_version is the day.
    """
    frames = []
    for group in groups:
        members = [item.council for item in group.members if item.is_in_force(day)]
        fits = not group.themes or theme in group.themes
        if fits and len(members) >= smallest:
            frames.append(fixed_group(group.id, group.title, members, day.isoformat(), group.area))
    return pd.concat(frames, ignore_index=True) if frames else empty("comparison_groups")


def standing_groups(groups: Iterable[DatedGroup], smallest: int = SMALLEST) -> pd.DataFrame:
    """Rows of comparison_groups for all time: valid_from and valid_to are a member's days.

    Only groups for every service, and only those that never have fewer than `smallest` members
    while they have any: a group that was once smaller would give a council away in that year.
    """
    rows = [
        {
            "group_code": group.id,
            "owner_code": "",
            "member_code": item.council,
            "group_area_code": group.area,
            "title_en": group.title.en,
            "title_cy": group.title.cy,
            "set_version": "1",
            "valid_from": item.since.isoformat() if item.since else None,
            "valid_to": (item.until - timedelta(days=1)).isoformat() if item.until else None,
        }
        for group in groups
        if not group.themes and min(_sizes(group)) >= smallest
        for item in group.members
    ]
    return conform(pd.DataFrame(rows), "comparison_groups", fill=True)


def _sizes(group: DatedGroup) -> list[int]:
    """How many members it has from each change on, while it has any."""
    days = [date.min, *changes_of([group])]
    counts = [sum(item.is_in_force(day) for item in group.members) for day in days]
    return [count for count in counts if count] or [0]


def changes_of(groups: Iterable[DatedGroup]) -> list[date]:
    """Days on which a membership begins or ends, in order: comparisons are cut there."""
    days = {day for group in groups for item in group.members for day in (item.since, item.until)}
    return sorted(day for day in days if day is not None)


def fixed_group(
    code: str, title: Bilingual, members: Sequence[str], version: str, area: str | None = None
) -> pd.DataFrame:
    """An ad-hoc list of councils as rows of comparison_groups; ValueError names a repeated one."""
    twice = sorted({member for member in members if list(members).count(member) > 1})
    if twice:
        raise ValueError(f"group {code}: {', '.join(twice)} is listed twice; keep one")
    rows = pd.DataFrame({"member_code": list(members)}).assign(
        group_code=code,
        owner_code="",
        group_area_code=area,
        title_en=title.en,
        title_cy=title.cy,
        set_version=version,
    )
    return conform(rows, "comparison_groups", fill=True)


def family_groups(
    code: str, title: Bilingual, families: Collection[Sequence[str]], version: str
) -> pd.DataFrame:
    """Families as own groups: everyone in a family has the others as neighbours.

    ValueError names a council of two families.
    """
    everyone = [member for family in families for member in family]
    twice = sorted({member for member in everyone if everyone.count(member) > 1})
    if twice:
        raise ValueError(f"families {code}: {', '.join(twice)} is in two; keep one")
    pairs = [(own, other) for family in families for own in family for other in family]
    rows = pd.DataFrame(pairs, columns=["owner_code", "member_code"])
    rows = rows[rows["owner_code"] != rows["member_code"]]
    named = rows.assign(group_code=code, title_en=title.en, title_cy=title.cy, set_version=version)
    return conform(named, "comparison_groups", fill=True)
