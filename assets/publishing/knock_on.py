"""The knock-on log: ranks, bands and benchmarks that moved although the figure itself did not.

Here belongs which cells are watched and whose changed figures moved them (M17). Only rows with a
key in both versions appear: a new period or indicator moves nothing.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from assets.publishing.words import MOVED, MOVED_ITSELF
from sql.arrow import loose_to_arrow, row_codes, to_pandas
from sql.frames import conform, empty, sort_by_key
from sql.matching import Flags, Matched
from sql.schema import FIGURE_KEY
from sql.tables import column_names, key_of

POSITION_CELLS = ("rank", "band")
BENCHMARK_CELLS = tuple(c for c in column_names("benchmarks") if c not in key_of("benchmarks"))
CELL = ["indicator", "period", "breakdown_type", "breakdown"]
GROUP = ["group_code", "owner_code"]


def find_knock_on(
    comparisons: Matched, benchmarks: Matched, changes: pd.DataFrame, groups: pa.Table
) -> pd.DataFrame:
    """One row per moved cell of an unchanged figure or of a benchmark, in contract shape.

    because_of names the changed areas of the same indicator, period and breakdown that are in the
    group (as member, owner or the group's own area); it is blank where there are none.
    """
    members = to_pandas(groups)
    own_groups = set(members.loc[members["owner_code"].fillna("").ne(""), "group_code"])
    positions = _moved(comparisons, POSITION_CELLS, unless=changes)
    owner = positions["area_code"].where(positions["group_code"].isin(own_groups), "")
    positions = positions.assign(table="comparisons", owner_code=owner.astype("str"))
    standings = _moved(benchmarks, BENCHMARK_CELLS, unless=None)
    standings = standings.assign(table="benchmarks", area_code="")
    rows = pd.concat([p for p in (positions, standings) if len(p)] or [positions])
    if rows.empty:
        return empty("knock_on")
    explained = _because(rows, changes, members)
    return sort_by_key(conform(explained, "knock_on"), "knock_on")


def _moved(matched: Matched, cells: tuple[str, ...], unless: pd.DataFrame | None) -> pd.DataFrame:
    """Long frame: the row's key, the column that moved, old and new as text.

    Rows whose own figure is in the changelog given as unless are left out.
    """
    parts = []
    keys = [c for c in (*CELL, "area_code", *GROUP) if c in matched.new.column_names]
    for cell in cells:
        moved = matched.moved(cell)
        if not moved.any():
            continue
        now = matched.rows_new(moved, [*keys, cell])
        old, new = _text(matched.rows_old(moved, [cell])[cell]), _text(now[cell])
        made = to_pandas(now.select(keys)).assign(column=cell, old=old, new=new)
        parts.append(made if unless is None else made[~_has_own_change(now, unless)])
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in [*keys, "column"]})
    return pd.concat(parts, ignore_index=True)


def _has_own_change(rows: pa.Table, changes: pd.DataFrame) -> Flags:
    """Per row: whether the area's own figure is in the changelog."""
    changed = loose_to_arrow(changes[list(FIGURE_KEY)])
    here, own = row_codes([rows, changed], FIGURE_KEY)
    flags: Flags = np.isin(here, own)
    return flags


def _text(column: pa.ChunkedArray) -> pd.Series:
    """Cells as text: a number in its shortest exact form."""
    texts = [
        None if v is None else repr(v).removesuffix(".0") if isinstance(v, float) else str(v)
        for v in column.to_pylist()
    ]
    return pd.Series(texts, dtype="str")


def _because(rows: pd.DataFrame, changes: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    causes = _causes(changes, members)
    joined = rows.merge(causes, on=[*CELL, *GROUP], how="left")
    areas = joined["because_of"].fillna("")
    english = [MOVED.en.format(areas=a) if a else MOVED_ITSELF.en for a in areas]
    welsh = [MOVED.cy.format(areas=a) if a else MOVED_ITSELF.cy for a in areas]
    return joined.assign(because_of=areas, reason_en=english, reason_cy=welsh)


def _causes(changes: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Per cell and group: the changed areas that belong to the group, joined by ;"""
    group = members[GROUP].assign(owner_code=members["owner_code"].fillna(""))
    belonging = pd.concat(
        [
            group.assign(area_code=members["member_code"]),
            group.assign(area_code=members["owner_code"]),
            group.assign(area_code=members["group_area_code"]),
        ]
    ).drop_duplicates()
    belonging = belonging[belonging["area_code"].fillna("").ne("")]
    hits = changes[[*CELL, "area_code"]].merge(belonging, on="area_code")
    if hits.empty:
        return pd.DataFrame(columns=[*CELL, *GROUP, "because_of"], dtype="str")
    hits = hits.sort_values("area_code").drop_duplicates([*CELL, *GROUP, "area_code"])
    joined = hits.groupby([*CELL, *GROUP], sort=False)["area_code"].agg(";".join)
    return joined.rename("because_of").reset_index()
