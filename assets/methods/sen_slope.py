"""Sen's slope (M10): how much a figure rose or fell a year, robust to one odd year.

Here belongs the size of a change over time; whether it is a trend is in trend (Mann-Kendall).
Sources: Theil 1950; Sen 1968.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from assets.methods.equivalents import previous_rows
from assets.methods.impossible import Floats, ImpossibleInput
from assets.methods.observations import KEY
from assets.methods.periods import start_years
from assets.methods.trend import POINTS


def sen_slope(y: Floats, times: Floats | None = None) -> Floats:
    """Median of the slopes of all pairs of points; rows x points, NaN in a row makes it NaN.

    times: of the points, 0, 1, 2... by default. One point has no slope: NaN.
    """
    t = np.arange(y.shape[1], dtype=np.float64) if times is None else times
    if len(np.unique(t)) != len(t):
        raise ImpossibleInput("Two points at one time have no slope. Give each its own time.")
    pairs = list(combinations(range(y.shape[1]), 2))
    if not pairs:
        return np.full(len(y), np.nan)
    slopes = [(y[:, late] - y[:, early]) / (t[late] - t[early]) for early, late in pairs]
    return np.asarray(np.median(np.stack(slopes, axis=1), axis=1))


def sen_slopes(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Sen's slope a year over the five points of every figure that has a trend.

    comparisons: the table of that name, any groups. Returns one row per figure with a trend, sorted
    by its key: indicator, period, area_code, breakdown_type, breakdown, trend, sen_slope (units of
    the value a year).
    """
    rows = comparisons[[*KEY, "value", "trend"]].drop_duplicates(list(KEY)).reset_index(drop=True)
    before = previous_rows(rows)
    chain = [np.flatnonzero(rows["trend"].notna())]
    for _ in range(POINTS - 1):
        chain.append(before[chain[-1]])
    y = rows["value"].to_numpy(dtype=np.float64)[np.stack(chain[::-1], axis=1)]
    has = rows.iloc[chain[0]]
    texts = rows["period"].tolist()
    years = start_years(texts)
    step = years[chain[0]] - years[chain[1]]
    result = has[[*KEY, "trend"]].assign(sen_slope=sen_slope(y) / step)
    return result.sort_values(list(KEY)).reset_index(drop=True)
