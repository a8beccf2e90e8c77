"""Rows of `comparisons` from a block of the kernel, and the columns of both result tables.

Here belongs which rows there are, their order and their columns; every number was computed before.
The rows of `benchmarks` are in benchmark_rows.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from assets.methods import versus
from assets.methods.columns import Column, Columns, Lists, Texts, to_arrow, typed
from assets.methods.figure_columns import figure_columns
from assets.methods.impossible import Floats, Ints
from assets.methods.kernel import Block, Placed, Plan
from assets.methods.lanes import blank
from assets.methods.layout import Layout
from assets.methods.versus import Targets

COMPARISONS = typed(
    "indicator! period! area_code! breakdown_type! breakdown! group_code! value:number "
    "value_rounded:number note_code missing_reason lower_95:number upper_95:number "
    "lower_998:number upper_998:number rank:whole n_ranked:whole tied_with:list rank_low:number "
    "rank_high:number percentile_rank:number band:whole difference_from_median:number "
    "gap_to_best:number z_score:number mad_score:number mad_z:number versus_benchmark!:word "
    "versus_reason:word statutory_target:number versus_target!:word target_reason:word "
    "change:number change_pct:number change_direction:word change_significant:flag "
    "change_test:word change_reason:word change_since_first:number trend:word trend_reason:word"
)
BENCHMARKS = typed(
    "indicator! period! breakdown_type! breakdown! group_code! owner_code! n_members!:whole "
    "n_valid!:whole missing_members!:list mean:number ratio_of_sums:number median:number "
    "min:number q1:number q3:number max:number sd:number mad:number best_value:number "
    "best_areas:list source_value:number headline:number headline_kind:word"
)
MAD_TO_SD = 1.4826


@dataclass(frozen=True)
class Members:
    """The observations of a group: where each lies in the lines x councils of its position."""

    into: Ints | slice
    """Their rows in the block; all where they are all and in their order."""
    at: Ints | None
    """Place among lines x councils, line by line; None where every one has an observation."""
    shape: tuple[int, int]

    def pick(self, matrix: Column) -> Column:
        """A value for each observation from lines x councils, or lines x 1."""
        flat = np.broadcast_to(matrix, self.shape).reshape(-1)
        return flat if self.at is None else flat[self.at]

    def put(self, found: Column, number: int, into: Column) -> None:
        """Write lines x councils, or a value for each observation, into that column."""
        if found.ndim == 1:
            into[self.into, number] = found
        elif self.at is None and isinstance(self.into, slice):
            into.reshape(*self.shape, -1)[:, :, number] = found
        else:
            into[self.into, number] = self.pick(found)

    def place(self, cells: Ints) -> Ints:
        """Which of the observations those are that lie in these cells."""
        return cells if self.at is None else np.searchsorted(self.at, cells)


def comparison_rows(plan: Plan, block: Block, targets: Targets) -> pa.Table:
    """One row per observation of a member and group, sorted by figure and group."""
    members = [_members(block, placed) for placed in block.placed]
    present = np.zeros((len(block.observations), len(members)), dtype=bool)
    for number, of_group in enumerate(members):
        present[of_group.into, number] = True
    layout = Layout(present, row_order(plan, block, np.arange(len(present)), by_area=True))
    columns = layout.spread_columns(figure_columns(plan, block, targets))
    codes = np.broadcast_to(np.arange(len(members), dtype=np.int32), present.shape)
    columns["group_code"] = Texts(layout.lay(codes), [p.group.code for p in block.placed])
    parts = [
        _position_columns(plan, block, placed, of_group)
        for placed, of_group in zip(block.placed, members, strict=True)
    ]
    for name in parts[0]:
        columns[name] = _side_by_side(layout, members, [part[name] for part in parts])
    tied = [
        (layout.rows[of_group.into, number][of_group.place(placed.position.tied.cells)], placed)
        for number, (placed, of_group) in enumerate(zip(block.placed, members, strict=True))
    ]
    columns["tied_with"] = layout.interleave(
        [(rows, placed.position.tied) for rows, placed in tied],
        plan.grouping.areas,
        np.isnan(_values(columns["rank"])),
    )
    return to_arrow(columns, COMPARISONS, layout.size)


def _side_by_side(
    layout: Layout, members: list[Members], parts: list[Column | Texts | Lists | None]
) -> Column | Texts | None:
    """One column from that of each group: lines x councils, or one entry per observation."""
    first = parts[0]
    if first is None:
        return None
    values = [_values(part) for part in parts]
    matrix = np.empty(layout.present.shape, dtype=values[0].dtype)
    for number, (of_group, found) in enumerate(zip(members, values, strict=True)):
        of_group.put(found, number, matrix)
    laid = layout.lay(matrix)
    return Texts(laid, first.texts) if isinstance(first, Texts) else laid


def _values(column: Column | Texts | Lists | None) -> Column:
    if isinstance(column, Texts):
        return column.codes
    if column is None or isinstance(column, Lists):
        raise TypeError("the groups do not have the same columns")
    return column


def row_order(plan: Plan, block: Block, rows: Ints, *, by_area: bool) -> Ints | None:
    """Order of those observations by indicator, period as text, area, breakdown; None if in it."""
    if plan.lies_in_order:
        return None
    columns, series_key = block.observations.columns, plan.observations.series_key
    texts = columns["period"].texts
    as_text = np.argsort(np.argsort(np.array(texts, dtype=object)))
    series = block.observations.series[rows]
    key = columns["indicator"].codes[rows] * len(texts) + as_text[columns["period"].codes[rows]]
    if by_area:
        key = key * len(columns["area_code"].texts) + columns["area_code"].codes[rows]
    for number, name in ((1, "breakdown_type"), (2, "breakdown")):
        if len(columns[name].texts) > 1:
            key = key * len(columns[name].texts) + series_key[series, number]
    return None if bool(np.all(key[1:] >= key[:-1])) else np.argsort(key, kind="stable")


def _members(block: Block, placed: Placed) -> Members:
    group = placed.group
    row = block.dense.row[:, group.beside]
    shape, row = row.shape, row.reshape(-1)
    has_row = row >= 0
    at = None if has_row.all() else np.flatnonzero(has_row)
    row = row if at is None else row[at]
    is_all = len(row) == len(block.observations) and bool(np.all(row[1:] > row[:-1]))
    return Members(slice(None) if is_all else row, at, shape)


def _position_columns(plan: Plan, block: Block, placed: Placed, members: Members) -> Columns:
    position = placed.position
    low, high = placed.rank_limits or (None, None)
    return {
        "rank": position.rank,
        "n_ranked": position.n_ranked + 0.0 * position.rank,
        "rank_low": low,
        "rank_high": high,
        "percentile_rank": position.percentile,
        "band": position.band,
        "gap_to_best": position.gap,
        **_scores(placed, block.dense.value[:, placed.group.beside]),
        **_verdicts(plan, block, placed, members),
    }


def _scores(placed: Placed, value: Floats) -> Columns:
    found = placed.benchmarks.statistics
    from_median = value - found["median"]
    mad_score = from_median / _positive(found["mad"])
    return {
        "difference_from_median": from_median,
        "z_score": (value - found["mean"]) / _positive(found["sd"]),
        "mad_score": mad_score,
        "mad_z": mad_score / MAD_TO_SD,
    }


def _positive(values: Floats) -> Floats:
    return blank(values.copy("K"), ~(values > 0))


def _verdicts(plan: Plan, block: Block, placed: Placed, members: Members) -> Columns:
    into, declared, of_each = members.into, plan.declared, block.observations.of_each
    verdict, reason = versus.versus_benchmark(
        block.figures.value[into],
        (block.limits["lower_95"][into], block.limits["upper_95"][into]),
        members.pick(placed.benchmarks.statistics["headline"]),
        of_each(declared.words["polarity"])[into],
        of_each(~declared.is_word("interval", "none"))[into],
    )
    return {
        "versus_benchmark": Texts(verdict, versus.VERDICTS),
        "versus_reason": Texts(reason, versus.REASONS),
    }
