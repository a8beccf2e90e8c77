"""Rows of `benchmarks` from a block of the kernel.

Here belongs which rows there are, their order and their columns; every number was computed before.
The columns and their types are in rows.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from assets.methods.benchmarks import HEADLINE_KINDS
from assets.methods.columns import Column, Columns, Listed, Texts, masked_members, to_arrow
from assets.methods.impossible import Flags, Ints
from assets.methods.kernel import Block, Placed, Plan
from assets.methods.lanes import gather
from assets.methods.layout import Layout
from assets.methods.rows import BENCHMARKS, row_order


def benchmark_rows(plan: Plan, block: Block) -> pa.Table:
    """One row per line and group where a member or the owner has an observation, sorted."""
    seen = [_seen(block, placed) for placed in block.placed]
    starts = plan.lines.starts[block.lines[0] : block.lines[1]]
    order = row_order(plan, block, starts - plan.lines.starts[block.lines[0]], by_area=False)
    layout = Layout(np.concatenate(seen, axis=1), order)
    columns = layout.spread_columns(_line_columns(plan, block))
    for name, of_groups in plan.grouping.labels.items():
        codes = np.broadcast_to(of_groups.codes.astype(np.int32), layout.present.shape)
        columns[name] = Texts(layout.lay(codes), of_groups.texts)
    parts = [_group_columns(placed) for placed in block.placed]
    for name in parts[0]:
        columns[name] = layout.lay(np.concatenate([part[name] for part in parts], axis=1))
    kinds = np.concatenate([placed.benchmarks.headline_kind for placed in block.placed], axis=1)
    columns["headline_kind"] = Texts(layout.lay(kinds), HEADLINE_KINDS)
    missing = _rows_of(layout, seen, [_missing(block, placed) for placed in block.placed])
    columns["missing_members"] = layout.interleave(missing, plan.grouping.areas, None)
    best = _rows_of(layout, seen, [placed.best.holders for placed in block.placed])
    value = np.concatenate([placed.best.value for placed in block.placed], axis=1)
    without = np.isnan(layout.lay(value))
    columns["best_areas"] = layout.interleave(best, plan.grouping.areas, without)
    return to_arrow(columns, BENCHMARKS, layout.size)


def _seen(block: Block, placed: Placed) -> Flags:
    """Lines x groups in which a member or the owner has an observation."""
    group, has_row = placed.group, block.dense.row >= 0
    if has_row[:, :-1].all() and (group.is_own or (group.members >= 0).any()):
        return np.ones((len(has_row), len(group.members)), dtype=bool)
    seen: Flags = np.logical_or.reduce(gather(has_row.T, group.by_lane), axis=0).T
    return seen | has_row[:, group.beside] if group.is_own else seen


def _line_columns(plan: Plan, block: Block) -> Columns:
    lines, at = plan.lines, slice(*block.lines)
    texts = {name: column.texts for name, column in block.observations.columns.items()}
    series_key = plan.observations.series_key[lines.series[at]].astype(np.int32)
    return {
        "indicator": Texts(lines.indicator[at].astype(np.int32), texts["indicator"]),
        "period": Texts(lines.period[at].astype(np.int32), texts["period"]),
        "breakdown_type": Texts(_codes(series_key[:, 1]), texts["breakdown_type"]),
        "breakdown": Texts(_codes(series_key[:, 2]), texts["breakdown"]),
    }


def _codes(of_lines: Column) -> Column:
    """Codes of the lines, broadcast where they are all the same."""
    is_same = bool((of_lines == of_lines[0]).all())
    return np.broadcast_to(of_lines[:1], of_lines.shape) if is_same else of_lines


def _group_columns(placed: Placed) -> dict[str, Column]:
    benchmarks = placed.benchmarks
    return {
        "n_members": benchmarks.n_members,
        "n_valid": benchmarks.n_valid,
        "best_value": placed.best.value,
        **benchmarks.statistics,
    }


def _missing(block: Block, placed: Placed) -> Listed:
    """Members without a value."""
    by_lane = placed.group.by_lane
    return masked_members(gather(block.dense.by_area.missing, by_lane), by_lane)


def _rows_of(
    layout: Layout, seen: Sequence[Flags], found: Sequence[Listed]
) -> list[tuple[Ints, Listed]]:
    """The lists of every group set and the rows they go to, without those of groups not seen."""
    parts, first = [], 0
    for has_row, listed in zip(seen, found, strict=True):
        rows = layout.rows[:, first : first + has_row.shape[1]].reshape(-1)
        first += has_row.shape[1]
        kept = listed if has_row.all() else _only(listed, has_row.reshape(-1)[listed.cells])
        parts.append((rows[kept.cells], kept))
    return parts


def _only(listed: Listed, wanted: Flags) -> Listed:
    """Those of the lists that are wanted."""
    members = listed.members[np.repeat(wanted, listed.counts)]
    return Listed(listed.cells[wanted], listed.counts[wanted], members)
