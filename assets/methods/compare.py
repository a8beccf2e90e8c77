"""Comparisons and benchmarks of any table of observations: the entry to the methods.

Here belongs the passage from frames to the kernel and back; its contract is that of the command
`council-benchmarks compare`. Nothing here knows a database, Dagster or Great Expectations.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from assets.methods.benchmark_rows import benchmark_rows
from assets.methods.declarations import Declarations, read_declarations
from assets.methods.groups import Grouping, read_groups
from assets.methods.impossible import ImpossibleInput
from assets.methods.kernel import Block, Plan, run_blocks
from assets.methods.known import check_codes, check_known
from assets.methods.lines import read_lines
from assets.methods.manifest import method_manifest
from assets.methods.observations import ROW, Counted, Observations, read_observations
from assets.methods.periods import start_years
from assets.methods.rows import BENCHMARKS, COMPARISONS, comparison_rows
from assets.methods.small_tables import Table
from assets.methods.values import check_possible
from assets.methods.versus import Targets, read_targets

if TYPE_CHECKING:  # half a second to import, and Parquet is compared without
    import pandas as pd

__all__ = ["Comparison", "ImpossibleInput", "compare", "compare_blocks"]

Progress = Callable[[int, int], None]
"""Called with observations done and observations in all."""


@dataclass(frozen=True)
class Comparison:
    """The three results: two frames in the shape of the contract, and the method manifest."""

    comparisons: "pd.DataFrame"
    benchmarks: "pd.DataFrame"
    manifest: dict[str, object]


def compare(
    observations: "pd.DataFrame",
    indicators: "pd.DataFrame | None" = None,
    groups: "pd.DataFrame | None" = None,
    targets: "pd.DataFrame | None" = None,
    *,
    rank_uncertainty: bool = False,
    progress: Progress | None = None,
) -> Comparison:
    """Where every council stands in each of its groups, and what the groups look like.

    observations: one row per indicator, period, area and breakdown (a frame of indicator_values is
    one); indicators, groups, targets: the tables of the command `compare`, all optional. Without
    groups the councils are one group, `all`. The inputs are not changed.
    Raises ImpossibleInput, naming rows, and computes nothing, for input that cannot be true.
    """
    plan, wanted = prepare(observations, indicators, groups, targets)
    tables = list(
        compare_blocks(plan, wanted, rank_uncertainty=rank_uncertainty, progress=progress)
    )
    return Comparison(
        comparisons=_frame([table for table, _ in tables], COMPARISONS),
        benchmarks=_frame([table for _, table in tables], BENCHMARKS),
        manifest=method_manifest(plan.declared, rank_uncertainty=rank_uncertainty),
    )


def prepare(
    observations: "pd.DataFrame",
    indicators: "Table | None",
    groups: "Table | None",
    targets: "Table | None",
    counted: Counted = ROW,
) -> tuple[Plan, Targets]:
    """Inputs read and checked in full, before anything is computed."""
    read = read_observations(observations, counted)
    check_codes(read)
    check_known(read)
    declared = read_declarations(indicators, read.columns["indicator"].texts)
    check_possible(read, declared)
    grouping = read_groups(groups, read.columns["area_code"].texts, read.council_areas)
    return make_plan(read, declared, grouping), read_targets(targets)


def make_plan(read: Observations, declared: Declarations, grouping: Grouping) -> Plan:
    """Plan of observations that were checked; declared for every indicator they know."""
    column = {area: position for position, area in enumerate(grouping.areas)}
    areas = read.columns["area_code"].texts
    return Plan(
        observations=read,
        declared=declared,
        lines=read_lines(read, declared),
        grouping=grouping,
        column_of_area=np.array([column.get(area, -1) for area in areas], dtype=np.int64),
        years=start_years(read.columns["period"].texts),
    )


def compare_blocks(
    plan: Plan, targets: Targets, *, rank_uncertainty: bool, progress: Progress | None = None
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Comparisons and benchmarks of block after block, in the order of their keys."""
    for block in run_blocks(plan, rank_uncertainty=rank_uncertainty) if plan.grouping.sets else ():
        yield comparison_rows(plan, block, targets), benchmark_rows(plan, block)
        if progress is not None:
            progress(_done(plan, block), len(plan.observations))


def _done(plan: Plan, block: Block) -> int:
    return int(plan.lines.starts[block.lines[1]])


def _frame(tables: list[pa.Table], schema: pa.Schema) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415  # as above

    as_pandas = {
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
        pa.string(): pd.StringDtype(na_value=np.nan),
    }
    plain = pa.schema(
        [f.with_type(pa.string()) if pa.types.is_dictionary(f.type) else f for f in schema]
    )
    if not tables:
        tables = [plain.empty_table()]
    joined = pa.concat_tables([table.cast(plain) for table in tables])
    frame: pd.DataFrame = joined.to_pandas(types_mapper=as_pandas.get)
    return frame
