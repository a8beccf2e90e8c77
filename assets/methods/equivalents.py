"""Which period is the latest and which comes before which, for tables already compared (M9).

Here belongs the look-up on frames; the calendar arithmetic is in periods, the kernel's own in
lines.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from assets.methods.impossible import Flags, Ints
from assets.methods.periods import order_of, previous_codes, same_interval

SERIES = ["indicator", "area_code", "breakdown_type", "breakdown"]


def is_latest(rows: pd.DataFrame) -> Flags:
    """By row whether its period is the latest of its indicator in which any row has a value.

    rows: indicator, period, value. Of an indicator without any value the last period is the latest.
    """
    place = {period: number for number, period in enumerate(order_of(rows["period"].tolist()))}
    order, names = rows["period"].map(place), rows["indicator"]
    last = order.where(rows["value"].notna()).groupby(names).transform("max")
    return np.asarray(order == last.fillna(order.groupby(names).transform("max")), dtype=bool)


def previous_periods(rows: pd.DataFrame, rolling: Collection[str] = ()) -> pd.Series:
    """The previous equivalent period of each row among the periods of its indicator, else null.

    rows: indicator, period; rolling: the indicators whose periods overlap. ISO intervals go by the
    calendar, other text by the next lower text of that indicator.
    """
    result = pd.Series(pd.NA, index=rows.index, dtype="str")
    for indicator, group in rows.groupby("indicator", sort=False):
        ordered = order_of(group["period"].tolist())
        before = previous_codes(ordered, is_rolling=indicator in rolling)
        alike = same_interval(ordered)
        first = {int(code): position for position, code in reversed(list(enumerate(alike)))}
        texts: dict[str, str] = {}
        for position, text in enumerate(ordered):
            earlier = int(before[position])
            if earlier == -2 and position:
                texts[text] = ordered[position - 1]
            elif earlier >= 0:
                texts[text] = ordered[first[earlier]]
        result.loc[group.index] = group["period"].map(texts).astype("str")
    return result


def previous_rows(rows: pd.DataFrame, rolling: Collection[str] = ()) -> Ints:
    """Position of the row of the same series in the previous equivalent period, -1 for none.

    rows: the key of a figure, each once.
    """
    before = previous_periods(rows, rolling)
    here = pd.MultiIndex.from_frame(rows[[*SERIES, "period"]])
    wanted = pd.MultiIndex.from_frame(rows[SERIES].assign(period=before))
    found = here.get_indexer(wanted)
    return np.where(before.isna().to_numpy(dtype=bool), -1, found).astype(np.int64)
