"""The expected grid: a council without a figure is a row that says so, not an absent row.

Here belongs which rows are expected (M2); completeness in per cent is judged with the product.
"""

import pandas as pd

from assets.methods.missing import NOT_RETURNED
from sql.frames import conform, sort_by_key
from sql.periods import describe_period

SERIES = ["indicator", "period", "breakdown_type", "breakdown"]
KEY = [*SERIES, "area_code"]
LIFE = ["valid_from", "valid_to", "predecessors"]


def fill_grid(figures: pd.DataFrame, indicators: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """The figures, and a row x "not returned" for each council that a series lacks.

    figures: indicator_values; a series is an indicator's total in a period for which at least one
    council has a row. A council is expected by the code it has now, in every period that ends in
    its life, and before it where it took over another's code: a row under either will do. Reference
    series have no councils to expect.
    """
    councils = areas[areas["area_type"] == "council"]
    heirs = {
        old: str(code)
        for code, olds in zip(councils["area_code"], councils["predecessors"], strict=True)
        for old in ("" if pd.isna(olds) else str(olds)).split(";")
        if old
    }
    references = indicators.loc[indicators["is_reference_series"].fillna(False), "indicator"]
    ours = figures["area_type"].eq("council") & figures["breakdown_type"].eq("total")
    held = figures.loc[ours & ~figures["indicator"].isin(references), KEY]
    expected = councils.loc[~councils["area_code"].isin(heirs), ["area_code", *LIFE]]
    grid = held[SERIES].drop_duplicates().merge(expected, how="cross")
    present = pd.MultiIndex.from_frame(held.assign(area_code=held["area_code"].replace(heirs)))
    lacking = grid[_is_due(grid) & ~pd.MultiIndex.from_frame(grid[KEY]).isin(present)]
    if lacking.empty:
        return figures
    rows = lacking[KEY].assign(
        area_type="council", note_code="x", missing_reason=NOT_RETURNED, is_queried=False
    )
    added = conform(rows, "indicator_values", fill=True)
    return sort_by_key(pd.concat([figures, added], ignore_index=True), "indicator_values")


def _is_due(grid: pd.DataFrame) -> "pd.Series[bool]":
    """By row whether the council's code is in force at the end of the period, or took over one."""
    ends = {period: str(describe_period(period).end) for period in grid["period"].unique()}
    end = grid["period"].map(ends)
    has_begun = grid["predecessors"].notna() | ~(grid["valid_from"] > end)
    return has_begun & ~(grid["valid_to"] < end)
