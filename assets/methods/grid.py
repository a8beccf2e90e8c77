"""The expected grid: a council without a figure is a row that says so, not an absent row.

Here belongs which rows are expected (M2); completeness in per cent is judged with the product.
"""

import pandas as pd

from assets.methods.missing import NOT_RETURNED
from sql.frames import conform, sort_by_key

SERIES = ["indicator", "period", "breakdown_type", "breakdown"]


def fill_grid(figures: pd.DataFrame, indicators: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """The figures, and a row x "not returned" for each council that a series lacks.

    figures: indicator_values; a series is an indicator's total in a period for which at least one
    council has a row. Reference series have no councils to expect.
    """
    councils = areas.loc[areas["area_type"] == "council", ["area_code", "valid_from", "valid_to"]]
    references = indicators.loc[indicators["is_reference_series"].fillna(False), "indicator"]
    ours = figures["area_type"].eq("council") & figures["breakdown_type"].eq("total")
    series = figures.loc[ours & ~figures["indicator"].isin(references), SERIES].drop_duplicates()
    grid = series.merge(councils, how="cross")
    start = grid["period"].str[:10]
    in_force = (grid["valid_from"].isna() | (grid["valid_from"] <= start)) & (
        grid["valid_to"].isna() | (grid["valid_to"] >= start)
    )
    key = [*SERIES, "area_code"]
    present = pd.MultiIndex.from_frame(figures[key])
    lacking = grid[in_force & ~pd.MultiIndex.from_frame(grid[key]).isin(present)]
    if lacking.empty:
        return figures
    rows = lacking[key].assign(
        area_type="council", note_code="x", missing_reason=NOT_RETURNED, is_queried=False
    )
    added = conform(rows, "indicator_values", fill=True)
    return sort_by_key(pd.concat([figures, added], ignore_index=True), "indicator_values")
