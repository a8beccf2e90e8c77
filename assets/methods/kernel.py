"""The comparison kernel: block after block of indicators, from observations to result columns.

Here belongs the order of the steps on one block; each step is a module of its own. A block holds
whole indicators, so memory is bounded and blocks are independent of each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assets.methods.benchmarks import Benchmarks, compute_benchmarks
from assets.methods.change import Change, Frame, compute_change
from assets.methods.declarations import Declarations
from assets.methods.dense import Dense, scatter
from assets.methods.groups import Grouping, GroupSet
from assets.methods.impossible import Floats, Ints
from assets.methods.intervals import compute_limits, standard_errors
from assets.methods.lines import Lines, split_blocks
from assets.methods.observations import Coded, Observations
from assets.methods.position import Best, Position, compute_best, compute_position
from assets.methods.rank_uncertainty import Cells, Draws, draw_line, rank_limits
from assets.methods.trend import Series, Trend, compute_trend
from assets.methods.values import Figures, compute_figures, nature_of


@dataclass(frozen=True)
class Plan:
    """Everything the blocks share."""

    observations: Observations
    declared: Declarations
    lines: Lines
    grouping: Grouping
    column_of_area: Ints
    """Column of each area of the observations among the compared areas, -1 for none."""
    years: Ints
    """Year in which each period starts, -1 where it is not annual."""
    with_trend: bool = True
    """Whether the trend, the dearest column of a figure, is computed; else it is null."""

    @cached_property
    def lies_in_order(self) -> bool:
        """Whether the observations lie by indicator, period as text and area, and no further."""
        columns = self.observations.columns
        is_whole = all(len(columns[name].texts) == 1 for name in ("breakdown_type", "breakdown"))
        return is_whole and columns["period"].texts == sorted(columns["period"].texts)


@dataclass(frozen=True)
class Placed:
    """One group set in one block."""

    group: GroupSet
    benchmarks: Benchmarks
    position: Position
    best: Best
    rank_limits: tuple[Floats, Floats] | None
    """Low and high rank, where rank uncertainty was asked for."""


@dataclass(frozen=True)
class Block:
    """One block's results; `lines` is its range of lines in the plan."""

    lines: tuple[int, int]
    observations: Observations
    figures: Figures
    limits: dict[str, Floats]
    change: Change
    trend: Trend | None
    dense: Dense
    placed: list[Placed]


def run_blocks(plan: Plan, *, rank_uncertainty: bool = False) -> Iterator[Block]:
    """Every block in the order of the lines."""
    for bounds in split_blocks(plan.lines, len(plan.grouping.areas) + 1):
        yield run_block(plan, bounds, rank_uncertainty=rank_uncertainty)


def run_block(plan: Plan, bounds: tuple[int, int], *, rank_uncertainty: bool = False) -> Block:
    """All statistics of the lines in that range."""
    start, stop = bounds
    first, last = int(plan.lines.starts[start]), int(plan.lines.starts[stop])
    observations = cut(plan.observations, first, last)
    figures = compute_figures(observations, plan.declared)
    limits = compute_limits(observations, plan.declared, figures)
    frame = _frame(plan, bounds, observations, figures, limits)
    change = compute_change(frame, plan.declared)
    draws = _draws(plan, bounds, frame) if rank_uncertainty else None
    return Block(
        lines=bounds,
        observations=observations,
        figures=figures,
        limits=limits,
        change=change,
        trend=_trend(plan, frame, change) if plan.with_trend else None,
        dense=frame.dense,
        placed=[_place(frame.dense, group, draws) for group in plan.grouping.sets],
    )


def _frame(
    plan: Plan,
    bounds: tuple[int, int],
    observations: Observations,
    figures: Figures,
    limits: dict[str, Floats],
) -> Frame:
    start, stop = bounds
    line = np.repeat(np.arange(stop - start), np.diff(plan.lines.starts[start : stop + 1]))
    column = plan.column_of_area[observations.columns["area_code"].codes]
    dense = scatter(
        figures,
        observations.columns["note_code"].of_each(figures.marks.is_unreliable),
        (line, column),
        (stop - start, len(plan.grouping.areas)),
        plan.lines.indicator[start:stop],
        plan.declared,
    )
    previous = plan.lines.previous[start:stop]
    return Frame(
        observations=observations,
        figures=figures,
        dense=dense,
        line=line,
        column=column,
        previous=np.where(previous >= 0, previous - start, -1),
        track=plan.lines.track[start:stop],
        se=standard_errors(observations, plan.declared, limits),
    )


def _trend(plan: Plan, frame: Frame, change: Change) -> Trend:
    numbers, columns = frame.observations.numbers, frame.observations.columns
    derived = ~nature_of(plan.declared).is_supplied[columns["indicator"].codes]
    series = Series(
        indicator=columns["indicator"].codes,
        value=frame.figures.value,
        numerator=np.where(derived, numbers["numerator"], np.nan),
        denominator=numbers["denominator"],
        se=frame.se,
        before=change.before,
        is_broken=change.is_broken,
        year=plan.years[columns["period"].codes],
    )
    return compute_trend(series, plan.declared)


def _draws(plan: Plan, bounds: tuple[int, int], frame: Frame) -> list[Draws]:
    """Draws for the latest period of every series."""
    series = plan.lines.series[bounds[0] : bounds[1]]
    latest = np.flatnonzero(np.append(series[1:] != series[:-1], True))
    declared, observations = plan.declared, frame.observations
    numbers, indicator = observations.numbers, observations.columns["indicator"].codes
    derived = ~nature_of(declared).is_supplied[indicator]
    has_parts = ~declared.is_word("kind", "count")[indicator]
    binomial = declared.is_word("interval", "binomial")[indicator]
    poisson = declared.is_word("interval", "poisson")[indicator]
    normal = declared.is_word("interval", "supplied", "t")[indicator]
    cells = Cells(
        names=[observations.name_row(row, with_number=False) for row in range(len(observations))],
        indicator=indicator,
        numerator=numbers["numerator"],
        denominator=numbers["denominator"],
        value=frame.figures.value,
        se=frame.se,
        has_counts=np.select(
            [binomial & derived & has_parts, poisson & derived, normal], [1, 2, 0], default=-1
        ),
    )
    return [draw_line(line, frame.dense, cells, declared) for line in latest.tolist()]


def _place(dense: Dense, group: GroupSet, draws: list[Draws] | None) -> Placed:
    return Placed(
        group,
        compute_benchmarks(dense, group),
        compute_position(dense, group),
        compute_best(dense, group),
        None if draws is None else rank_limits(draws, dense, group),
    )


def cut(observations: Observations, first: int, last: int) -> Observations:
    """The observations of that range of rows, as views."""
    rows = slice(first, last)
    return Observations(
        columns={n: Coded(c.texts, c.codes[rows]) for n, c in observations.columns.items()},
        series=observations.series[rows],
        series_key=observations.series_key,
        numbers={name: values[rows] for name, values in observations.numbers.items()},
        council_areas=observations.council_areas,
        row_number=observations.row_number[rows],
    )
