"""Who is compared with whom (M13): groups as padded matrices of member columns.

Here belongs reading the GROUPS table; groups are data, and nothing here knows a council by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assets.methods.columns import SEPARATOR, Texts
from assets.methods.impossible import Flags, ImpossibleInput, Ints
from assets.methods.small_tables import Table, codes_of, names_of, texts_of

ALL = "all"
COLUMNS = ("group_code", "owner_code", "member_code", "group_area_code")
SCOPED = ("valid_from", "valid_to", "themes")
"""Columns that keep a row to some periods or themes, which one comparison does not know."""


@dataclass(frozen=True)
class GroupSet:
    """A fixed group, or the own groups that share a group_code.

    Columns are positions among the compared areas; `members` is G x K, padded with -1, without the
    owner. A fixed group has G = 1 and no owners.
    """

    code: str
    owner_codes: list[str]
    owners: Ints
    """Column of each own group's owner; empty for a fixed group."""
    members: Ints
    area: Ints
    """Column of each group's own area (source_value), -1 where there is none."""

    @cached_property
    def by_lane(self) -> Ints:
        """Members x groups: the members' columns, those of all groups that come first together."""
        return np.ascontiguousarray(self.members.T)

    @cached_property
    def subjects(self) -> Ints:
        """Columns of those who have a position: owners, or the members of a fixed group."""
        return self.owners if self.is_own else self.members[0]

    @cached_property
    def beside(self) -> Ints | slice:
        """The subjects as a slice where they lie side by side: taking them copies nothing."""
        first, size = int(self.subjects[0]), len(self.subjects)
        lie_beside = first >= 0 and np.array_equal(self.subjects, np.arange(first, first + size))
        return slice(first, first + size) if lie_beside else self.subjects

    @property
    def is_own(self) -> bool:
        """Whether these are own groups, one row each, benchmarks without the owner."""
        return self.owners.size > 0


@dataclass(frozen=True)
class Grouping:
    """All groups, and the areas that are a column of the dense matrices."""

    sets: list[GroupSet]
    areas: list[str]
    """Sorted codes: members, owners and areas that stand for a group."""

    @cached_property
    def labels(self) -> dict[str, Texts]:
        """group_code and owner_code of every group, the groups of one set after the other."""
        owners = [owner for group in self.sets for owner in group.owner_codes]
        texts = {owner: place for place, owner in enumerate(dict.fromkeys(owners))}
        sizes = [len(group.owner_codes) for group in self.sets]
        return {
            "group_code": Texts(
                np.repeat(np.arange(len(sizes)), sizes), [g.code for g in self.sets]
            ),
            "owner_code": Texts(np.array([texts[owner] for owner in owners]), list(texts)),
        }


def read_groups(groups: "Table | None", areas: Sequence[str], council_areas: Flags) -> Grouping:
    """Groups over the areas seen in the observations; without a table `all`, every council seen.

    Areas seen only as something other than a council are no members; a member listed twice counts
    once. Raises ImpossibleInput where a group_code is both fixed and owned or has two areas, and
    for a row that is for some periods or themes only.
    """
    councils = [area for area, is_council in zip(areas, council_areas, strict=True) if is_council]
    if groups is None:
        column = {area: position for position, area in enumerate(councils)}
        return Grouping([_make(ALL, {"": councils}, {}, column)], councils)
    rows = _rows(groups)
    others = set(areas) - set(councils)
    members: dict[str, dict[str, list[str]]] = {}
    area_of: dict[tuple[str, str], str] = {}
    for code, owner, member, area in rows:
        if owner in others:
            continue
        listed = members.setdefault(code, {}).setdefault(owner, [])
        if member and member not in others and member != owner and member not in listed:
            listed.append(member)
        if area and area_of.setdefault((code, owner), area) != area:
            raise ImpossibleInput(f"Group {code}: two values of group_area_code. Keep one.")
    _check_codes(members)
    used = {member for owned in members.values() for listed in owned.values() for member in listed}
    used |= {owner for owned in members.values() for owner in owned if owner}
    columns = sorted(used | set(area_of.values()))
    column = {area: position for position, area in enumerate(columns)}
    sets = [_make(code, members[code], area_of, column) for code in sorted(members)]
    return Grouping(sets, columns)


def _rows(groups: Table) -> list[tuple[str, ...]]:
    columns = {name: codes_of(groups, name, "Groups") for name in COLUMNS}
    for name in SCOPED:
        filled = [text for text in texts_of(groups, name) if text]
        if filled:
            raise ImpossibleInput(
                f"Groups: {name} {filled[0][:40]!r} holds for some periods or themes only, but one "
                "comparison is over all. Give the rows of one date and theme, and empty the column."
            )
    for name in ("group_code", "member_code"):
        if "" in columns[name] or name not in names_of(groups):
            raise ImpossibleInput(f"Groups: {name} is lacking or empty in a row. Fill it in.")
    for name in ("owner_code", "member_code"):
        listed = [text for text in columns[name] if SEPARATOR in text]
        if listed:
            raise ImpossibleInput(
                f"Groups: {name} {listed[0][:40]!r} is a list. Give every code a row of its own."
            )
    return list(zip(*columns.values(), strict=True))


def _check_codes(members: dict[str, dict[str, list[str]]]) -> None:
    mixed = sorted(code for code, owned in members.items() if "" in owned and len(owned) > 1)
    if mixed:
        raise ImpossibleInput(
            f"Group {', '.join(mixed)}: rows with and without owner_code. "
            "Give the fixed group and the own groups different codes."
        )


def _make(
    code: str,
    owned: dict[str, list[str]],
    area_of: dict[tuple[str, str], str],
    column: dict[str, int],
) -> GroupSet:
    owner_codes = sorted(owned)
    width = max((len(owned[owner]) for owner in owner_codes), default=0)
    members = np.full((len(owner_codes), max(width, 1)), -1, dtype=np.int64)
    for position, owner in enumerate(owner_codes):
        listed = sorted(owned[owner])
        members[position, : len(listed)] = [column[member] for member in listed]
    areas = [column.get(area_of.get((code, owner), ""), -1) for owner in owner_codes]
    owners = [column[owner] for owner in owner_codes if owner]
    return GroupSet(
        code=code,
        owner_codes=owner_codes,
        owners=np.array(owners, dtype=np.int64),
        members=members,
        area=np.array(areas, dtype=np.int64),
    )
