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

TOTAL = ("total", "total")
WHOLES = ("nation",)
"""Area types whose figure stands for all councils where no group says so."""

Addition = tuple[tuple[object, ...], int, tuple[int, ...]]
"""Kind of the addition, the total's cell, the cells of its parts."""


def wholes(figures: pd.DataFrame, groups: pd.DataFrame | None) -> dict[str, tuple[str, ...]]:
    """Area that stands for a group -> its parts: members, and for a nation the areas without one.

    groups: comparison_groups; a fixed group's group_area_code is its whole. Without it the nation
    in the figures is the whole of the councils.
    """
    pairs = zip(figures["area_code"], figures["area_type"], strict=True)
    types = {str(area): str(kind) for area, kind in pairs}
    rest = [area for area, kind in types.items() if kind == "unallocated"]
    found: dict[str, set[str]] = {}
    if groups is not None and len(groups):
        fixed = groups[groups["owner_code"].fillna("").eq("") & groups["group_area_code"].notna()]
        for whole, member in zip(fixed["group_area_code"], fixed["member_code"], strict=True):
            found.setdefault(str(whole), set()).add(str(member))
    else:
        councils = {area for area, kind in types.items() if kind == "council"}
        found = {area: set(councils) for area, kind in types.items() if kind in WHOLES}
    for whole, parts in found.items():
        if types.get(whole) in WHOLES:
            parts.update(rest)
    return {whole: tuple(sorted(parts - {whole})) for whole, parts in found.items()}


def additions(cells: Cells, parts_of: dict[str, tuple[str, ...]]) -> list[Addition]:
    """Every addition over the cells; a total nobody shows joins breakdowns of different types."""
    return [*_over_areas(cells, parts_of), *_over_breakdowns(cells)]


def _over_areas(cells: Cells, parts_of: dict[str, tuple[str, ...]]) -> Iterator[Addition]:
    for measure, period, area, *breakdown in list(cells.keys):
        members = [(measure, period, part, *breakdown) for part in parts_of.get(area, ())]
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
