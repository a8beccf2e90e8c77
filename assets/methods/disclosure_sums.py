"""Which counts add up to which (M14): areas within a whole, breakdowns within a total.

Here belongs what an attacker would add and subtract. Whether a total really is the sum of its parts
is taken from the counts themselves: where it is not, nobody can subtract.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from assets.methods.attacker import Sum
from assets.methods.disclosure_cells import Cells, Declared
from assets.methods.impossible import Floats
from assets.methods.scoped_groups import is_in_force

TOTAL = ("total", "total")
WHOLES = ("nation",)
"""Area types whose figure stands for all councils where no group says so."""

Wholes = dict[tuple[str, str], tuple[str, ...]]
"""Period and area -> the areas that make it up then."""
Addition = tuple[tuple[object, ...], int, tuple[int, ...]]
"""Kind of the addition, the total's cell, the cells of its parts."""


def wholes(figures: pd.DataFrame, groups: pd.DataFrame | None) -> Wholes:
    """Period and area that stands for a group -> its parts, and for a nation areas without a group.

    groups: comparison_groups; a fixed group's group_area_code is its whole, and its parts are the
    members of the period's last day, or all where none is in force: a table may be restated to
    later areas. Without groups the nation in the figures is the whole of the councils.
    """
    pairs = zip(figures["area_code"], figures["area_type"], strict=True)
    types = {str(area): str(kind) for area, kind in pairs}
    rest = {area for area, kind in types.items() if kind == "unallocated"}
    periods = figures["period"].unique().tolist()
    if groups is not None and len(groups):
        found = _members_of(groups, periods)
    else:
        councils = {area for area, kind in types.items() if kind == "council"}
        nations = [area for area, kind in types.items() if kind in WHOLES]
        found = {(period, area): set(councils) for area in nations for period in periods}
    for (_, whole), parts in found.items():
        if types.get(whole) in WHOLES:
            parts.update(rest)
    return {key: tuple(sorted(parts - {key[1]})) for key, parts in found.items()}


def _members_of(groups: pd.DataFrame, periods: Iterable[str]) -> dict[tuple[str, str], set[str]]:
    """Period and group_area_code -> the councils that made it up then."""
    fixed = groups[groups["owner_code"].fillna("").eq("") & groups["group_area_code"].notna()]
    has_dates = {"valid_from", "valid_to"} <= set(fixed) and bool(
        fixed[["valid_from", "valid_to"]].notna().any(axis=None)
    )
    found: dict[tuple[str, str], set[str]] = {}
    for period in periods:
        is_now = is_in_force(fixed, period) if has_dates else pd.Series(True, index=fixed.index)
        has_some = is_now.groupby(fixed["group_area_code"]).transform("any")
        chosen = fixed[is_now | ~has_some]
        for whole, member in zip(chosen["group_area_code"], chosen["member_code"], strict=True):
            found.setdefault((period, str(whole)), set()).add(str(member))
    return found


def additions(cells: Cells, parts_of: Wholes) -> list[Addition]:
    """Every addition over the cells; a total nobody shows joins breakdowns of different types."""
    return [*_over_areas(cells, parts_of), *_over_breakdowns(cells)]


def _over_areas(cells: Cells, parts_of: Wholes) -> Iterator[Addition]:
    for measure, period, area, *breakdown in list(cells.keys):
        members = [(measure, period, part, *breakdown) for part in parts_of.get((period, area), ())]
        parts = tuple(cells.number[key] for key in members if key in cells.number)
        if parts:
            total = cells.number[measure, period, area, breakdown[0], breakdown[1]]
            yield (measure, area, *breakdown), total, parts


def _over_breakdowns(cells: Cells) -> Iterator[Addition]:
    families: dict[tuple[str, str, str], dict[str, list[int]]] = {}
    for number, (measure, period, area, kind, _) in enumerate(cells.keys):
        if kind != TOTAL[0]:
            by_kind = families.setdefault((measure, period, area), {})
            by_kind.setdefault(kind, []).append(number)
    for (measure, period, area), by_kind in families.items():
        key = (measure, period, area, *TOTAL)
        if key in cells.number or len(by_kind) > 1:
            total = cells.number_of(key)
            for kind, parts in by_kind.items():
                yield (measure, kind), total, tuple(parts)


def as_sums(found: Sequence[Addition], count: Floats, slack: Floats) -> list[Sum]:
    """What an attacker takes for certain of each addition, given the counts he can see.

    slack: by cell, how far a published count may be from the true one. A total above its parts is
    an upper limit only. Where most additions of a kind are seen not to hold, none of it is used.
    """
    gaps = [count[total] - count[list(parts)].sum() for _, total, parts in found]
    kinds: dict[tuple[object, ...], list[bool]] = {}
    allowed = [slack[total] + slack[list(parts)].sum() + 1e-9 for _, total, parts in found]
    for (kind, _, _), gap, room in zip(found, gaps, allowed, strict=True):
        if not np.isnan(gap):
            kinds.setdefault(kind, []).append(abs(gap) <= room)
    doubtful = {kind for kind, held in kinds.items() if 2 * sum(held) < len(held)}
    result = []
    for (kind, total, parts), gap, room in zip(found, gaps, allowed, strict=True):
        is_broken = abs(gap) > room if not np.isnan(gap) else kind in doubtful
        if is_broken and not gap > 0:
            continue
        terms = dict.fromkeys(parts, 1.0) | {total: -1.0}
        result.append(Sum(terms, -np.inf if is_broken else 0.0, 0.0))
    return result


def limits_by_whole(
    figures: pd.DataFrame, cells: Cells, declared: dict[str, Declared]
) -> Iterator[Sum]:
    """Numerator <= denominator, for figures in which it counts the same people."""
    names = figures["indicator"].to_list()
    pairs: Iterable[tuple[int, int]] = {
        (int(cells.numerator[row]), int(cells.denominator[row]))
        for row, name in enumerate(names)
        if declared[name].is_part_of_whole and cells.denominator[row] >= 0
    }
    for top, bottom in sorted(pairs):
        if top != bottom:
            yield Sum({top: 1.0, bottom: -1.0}, -np.inf, 0.0)
