"""Group figures as sums (M14): what a published ratio of sums or mean says of its members' counts.

Here belongs the passage from benchmarks to sums for the attacker. Benchmarks computed after
suppression say nothing new; this finds those that were not.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from assets.methods.attacker import Sum
from assets.methods.disclosure_cells import Cells, Declared

ROUNDING = 1e-9
"""Relative room for the doubles a mean was computed in."""


def sums_of_benchmarks(
    benchmarks: pd.DataFrame,
    groups: pd.DataFrame,
    cells: Cells,
    declared: Mapping[str, Declared],
    multipliers: Mapping[str, float],
) -> Iterator[Sum]:
    """multiplier x sum of numerators = ratio x sum of denominators; sum of values = n x mean."""
    members: dict[tuple[str, str], list[str]] = {}
    columns = [groups["group_code"], groups["owner_code"].fillna(""), groups["member_code"]]
    for group, owner, member in zip(*columns, strict=True):
        members.setdefault((str(group), str(owner)), []).append(str(member))
    rows = benchmarks[benchmarks["indicator"].isin(list(declared))]
    for row in rows.to_dict("records"):
        item, factor = declared[row["indicator"]], float(multipliers[row["indicator"]])
        missing = _names(row["missing_members"])
        listed = members.get((row["group_code"], _text(row["owner_code"])), [])
        place = (row["breakdown_type"], row["breakdown"])
        pairs = [
            _pair(cells, item, (row["period"], area, *place))
            for area in listed
            if area not in missing and area != row["owner_code"]
        ]
        known = [pair for pair in pairs if pair is not None]
        if known and len(known) == len(pairs):
            yield from _of_ratio(known, factor, row["ratio_of_sums"])
            yield from _of_mean(known, factor, row["mean"], cells)


def _pair(cells: Cells, item: Declared, place: tuple[str, str, str, str]) -> tuple[int, int] | None:
    if item.denominator is None:
        return None
    top, bottom = (cells.number.get((name, *place)) for name in (item.numerator, item.denominator))
    return None if top is None or bottom is None else (top, bottom)


def _of_ratio(pairs: list[tuple[int, int]], factor: float, ratio: float) -> Iterator[Sum]:
    if not np.isnan(ratio):
        terms = {top: factor for top, _ in pairs}
        for _, bottom in pairs:
            terms[bottom] = terms.get(bottom, 0.0) - ratio
        yield Sum(terms, -ROUNDING * factor, ROUNDING * factor)


def _of_mean(
    pairs: list[tuple[int, int]], factor: float, mean: float, cells: Cells
) -> Iterator[Sum]:
    bottoms = cells.count[[bottom for _, bottom in pairs]]
    if not np.isnan(mean) and (bottoms > 0).all():
        terms = {top: factor / n for (top, _), n in zip(pairs, bottoms.tolist(), strict=True)}
        total = mean * len(pairs)
        room = ROUNDING * (1.0 + abs(total))
        yield Sum(terms, total - room, total + room)


def _names(text: object) -> set[str]:
    return set(str(text).split(";")) if isinstance(text, str) else set()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
