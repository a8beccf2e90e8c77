"""Rows of `comparisons` and `benchmarks` from a block of the kernel.

Here belongs which rows there are, their order and their columns; every number was computed before.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from assets.methods import versus
from assets.methods.benchmarks import HEADLINE_KINDS
from assets.methods.columns import Columns, Texts, list_members, stack, to_arrow, typed
from assets.methods.figure_columns import figure_columns
from assets.methods.impossible import Flags, Floats, Ints
from assets.methods.kernel import Block, Placed, Plan
from assets.methods.versus import Targets

COMPARISONS = typed(
    "indicator period area_code breakdown_type breakdown group_code value:number "
    "value_rounded:number note_code missing_reason lower_95:number upper_95:number "
    "lower_998:number upper_998:number rank:whole n_ranked:whole tied_with rank_low:number "
    "rank_high:number percentile_rank:number band:whole difference_from_median:number "
    "gap_to_best:number z_score:number mad_score:number mad_z:number versus_benchmark "
    "versus_reason statutory_target:number versus_target target_reason change:number "
    "change_pct:number change_direction change_significant:flag change_test change_reason "
    "change_since_first:number trend trend_reason"
)
BENCHMARKS = typed(
    "indicator period breakdown_type breakdown group_code owner_code n_members:whole "
    "n_valid:whole missing_members mean:number ratio_of_sums:number median:number min:number "
    "q1:number q3:number max:number sd:number mad:number best_value:number best_areas "
    "source_value:number headline:number headline_kind"
)
MAD_TO_SD = 1.4826


def comparison_rows(plan: Plan, block: Block, targets: Targets) -> pa.Table:
    """One row per observation of a member and group, sorted by figure and group."""
    own = figure_columns(plan, block, targets)
    parts, keys = [], []
    for number, placed in enumerate(block.placed):
        columns, rows = _position_columns(plan, block, placed)
        own_columns: Columns = {
            name: Texts(column.codes[rows], column.texts)
            if isinstance(column, Texts)
            else column[rows]
            for name, column in own.items()
        }
        parts.append({**own_columns, **columns})
        keys.append(_figure_key(plan, block, rows) * len(block.placed) + number)
    return _sorted(parts, np.concatenate(keys), COMPARISONS)


def benchmark_rows(plan: Plan, block: Block) -> pa.Table:
    """One row per line and group where a member or the owner has an observation, sorted."""
    parts, keys = [], []
    for number, placed in enumerate(block.placed):
        line, group = _benchmark_cells(block, placed)
        parts.append(_benchmark_columns(plan, block, placed, line, group))
        first = (
            plan.lines.starts[block.lines[0] : block.lines[1]] - plan.lines.starts[block.lines[0]]
        )
        of_line = _figure_key(plan, block, first, by_area=False)
        key = of_line[line] * len(block.placed) + number
        keys.append(key * (len(plan.grouping.areas) + 1) + group)
    return _sorted(parts, np.concatenate(keys), BENCHMARKS)


def _sorted(parts: Sequence[Columns], key: Ints, types: dict[str, pa.DataType]) -> pa.Table:
    order = None if bool(np.all(key[1:] >= key[:-1])) else np.argsort(key, kind="stable")
    columns: Columns = {}
    for name in types:
        pieces = [part[name] for part in parts]
        if isinstance(pieces[0], Texts):
            text = stack([piece for piece in pieces if isinstance(piece, Texts)])
            columns[name] = text if order is None else Texts(text.codes[order], text.texts)
        else:
            joined = np.concatenate([piece for piece in pieces if not isinstance(piece, Texts)])
            columns[name] = joined if order is None else joined[order]
    return to_arrow(columns, types)


def _figure_key(plan: Plan, block: Block, rows: Ints, *, by_area: bool = True) -> Ints:
    """Whole number by which rows sort: indicator, period as text, area, breakdown."""
    columns, series_key = block.observations.columns, plan.observations.series_key
    texts = columns["period"].texts
    as_text = np.argsort(np.argsort(np.array(texts, dtype=object)))
    series = block.observations.series[rows]
    key = columns["indicator"].codes[rows] * len(texts) + as_text[columns["period"].codes[rows]]
    if by_area:
        key = key * len(columns["area_code"].texts) + columns["area_code"].codes[rows]
    for number, name in ((1, "breakdown_type"), (2, "breakdown")):
        key = key * len(columns[name].texts) + series_key[series, number]
    return np.asarray(key, dtype=np.int64)


def _cells(block: Block, placed: Placed) -> tuple[Ints, Ints, Ints]:
    """Line, position in the group and observation of every row of the group."""
    group = placed.group
    columns = group.owners if group.is_own else group.members[0]
    row = block.dense.row[:, columns]
    line, place = np.nonzero(row >= 0)
    return line, place, row[line, place]


def _position_columns(plan: Plan, block: Block, placed: Placed) -> tuple[Columns, Ints]:
    line, place, rows = _cells(block, placed)
    group, position = placed.group, placed.position
    of_group = place if group.is_own else np.zeros_like(place)
    rank = position.rank[line, place]
    nothing = np.full_like(position.rank, np.nan)
    low, high = placed.rank_limits or (nothing, nothing)
    value = block.figures.value[rows]
    columns: Columns = {
        "group_code": Texts(np.zeros(len(rows), dtype=np.int64), [group.code]),
        "rank": rank,
        "n_ranked": np.where(np.isnan(rank), np.nan, position.n_ranked[line, place]),
        "tied_with": _tied_with(plan, block, placed, line, place),
        "rank_low": low[line, place],
        "rank_high": high[line, place],
        "percentile_rank": position.percentile[line, place],
        "band": position.band[line, place],
        "gap_to_best": position.gap[line, place],
        **_scores(placed, value, line, of_group),
        **_verdicts(plan, block, placed, rows, line, of_group),
    }
    return columns, rows


def _scores(placed: Placed, value: Floats, line: Ints, group: Ints) -> Columns:
    statistics = {
        n: v[line, group]
        for n, v in placed.benchmarks.statistics.items()
        if n in ("mean", "median", "sd", "mad")
    }
    from_median = value - statistics["median"]
    sd = np.where(statistics["sd"] > 0, statistics["sd"], np.nan)
    mad = np.where(statistics["mad"] > 0, statistics["mad"], np.nan)
    return {
        "difference_from_median": from_median,
        "z_score": (value - statistics["mean"]) / sd,
        "mad_score": from_median / mad,
        "mad_z": from_median / mad / MAD_TO_SD,
    }


def _verdicts(
    plan: Plan, block: Block, placed: Placed, rows: Ints, line: Ints, group: Ints
) -> Columns:
    declared, indicator = plan.declared, block.observations.columns["indicator"].codes[rows]
    verdict, reason = versus.versus_benchmark(
        block.figures.value[rows],
        (block.limits["lower_95"][rows], block.limits["upper_95"][rows]),
        placed.benchmarks.statistics["headline"][line, group],
        declared.words["polarity"][indicator],
        ~declared.is_word("interval", "none")[indicator],
    )
    return {
        "versus_benchmark": Texts(verdict, versus.VERDICTS),
        "versus_reason": Texts(reason, versus.REASONS),
    }


def _tied_with(plan: Plan, block: Block, placed: Placed, line: Ints, place: Ints) -> Texts:
    group, position, ranked = placed.group, placed.position, block.dense.ranked
    tied = position.n_tied[line, place]
    codes = np.where(tied > 0, 0, -1)
    rows = np.flatnonzero(tied > 1)
    at_line, at_place = line[rows], place[rows]
    of_group = at_place if group.is_own else np.zeros_like(at_place)
    columns = group.owners if group.is_own else group.members[0]
    own = ranked[at_line, columns[at_place]]
    mask: Flags = ranked[at_line[:, None], group.members[of_group]] == own[:, None]
    if not group.is_own:
        mask[np.arange(len(rows)), at_place] = False
    found = list_members(mask, of_group, group.members, plan.grouping.areas)
    codes[rows] = found.codes
    return Texts(codes, found.texts)


def _benchmark_cells(block: Block, placed: Placed) -> tuple[Ints, Ints]:
    group, has_row = placed.group, block.dense.row >= 0
    seen = has_row[:, group.members.ravel()].reshape(-1, *group.members.shape).any(axis=-1)
    if group.is_own:
        seen |= has_row[:, group.owners]
    line, of_group = np.nonzero(seen)
    return line, of_group


def _benchmark_columns(
    plan: Plan, block: Block, placed: Placed, line: Ints, group: Ints
) -> Columns:
    lines, areas, members = plan.lines, plan.grouping.areas, placed.group.members
    at = line + block.lines[0]
    texts = {name: column.texts for name, column in block.observations.columns.items()}
    series_key = plan.observations.series_key[lines.series[at]]
    value = block.dense.value[line[:, None], members[group]]
    missing: Flags = np.isnan(value) & (members[group] >= 0)
    best = placed.best.value[line, group]
    holders = list_members(placed.best.holders[line, group], group, members, areas)
    benchmarks = placed.benchmarks
    return {
        "indicator": Texts(lines.indicator[at], texts["indicator"]),
        "period": Texts(lines.period[at], texts["period"]),
        "breakdown_type": Texts(series_key[:, 1], texts["breakdown_type"]),
        "breakdown": Texts(series_key[:, 2], texts["breakdown"]),
        "group_code": Texts(np.zeros(len(line), dtype=np.int64), [placed.group.code]),
        "owner_code": Texts(group, placed.group.owner_codes),
        "n_members": benchmarks.n_members[line, group],
        "n_valid": benchmarks.n_valid[line, group],
        "missing_members": list_members(missing, group, members, areas),
        **{name: values[line, group] for name, values in benchmarks.statistics.items()},
        "best_value": best,
        "best_areas": Texts(np.where(np.isnan(best), -1, holders.codes), holders.texts),
        "headline_kind": Texts(benchmarks.headline_kind[line, group], HEADLINE_KINDS),
    }
