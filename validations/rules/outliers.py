"""Rules about a figure among the councils' figures of the same period: far from all of them.

Here belongs the comparison with comparators. Only figures that can be compared are: per head, per
cent, means; never counts, which are as large as their council. A council that stood apart in the
same direction before is as it always is, and nobody is asked again.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from validations.rules.bounds import bound
from validations.rules.examples import RETURN, WIDE
from validations.rules.limits import MAD_TO_SD, sorted_median
from validations.rules.numbers import written
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Array, Mask, Rows, RuleContext, is_null

NOT_COMPARED = ("count",)


def _among(
    last: float, count: int = 14, *, before: float | None = None, **changes: object
) -> Example:
    """So many councils of 6, 7, 8 ...; the last as given, perhaps also in the year before."""
    rows: list[dict[str, object]] = []
    years = [("2021-01-01/P1Y", before)] if before is not None else []
    for period, odd in [*years, ("2022-01-01/P1Y", last)]:
        for place, area in enumerate(WIDE[:count]):
            value = odd if place == count - 1 else float(6 + place % 3)
            about = {"value": value, "numerator": None, "area_code": area, "period": period}
            rows.append({**about, **(changes if period.startswith("2022") else {})})
    return Example(rows, is_wide=True)


# Thirteen councils at 6, 7 and 8 and one above: median 7, MAD 1, z = (x - 7) / 1.4826.
_EDGES = (
    _among(12.20, return_ref=RETURN),
    _among(12.17, return_ref=RETURN),
    _among(20.0, 12, return_ref=RETURN),
    _among(20.0, 11, return_ref=RETURN),
    _among(51.9),
    _among(51.0),
)


@rule(
    "outlier",
    severity="query",
    level="across_councils",
    stage="figure",
    fields=("value",),
    failing=_among(20.0, return_ref=RETURN),
    passing=_among(20.0, before=20.0, return_ref=RETURN),
    bounds=("outlier_mad_z", "outlier_gross", "outlier_councils"),
    edges=_EDGES,
)
def outlier(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """A council's own figure far from the other councils', which it never was before.

    Nobody is asked twice about one figure, nor about one whose answer was explained. A publisher's
    figure is asked about where it is so far off that its unit is in doubt.
    """
    is_open = ~rows["is_queried"].astype(bool) & ~rows["is_explained"].astype(bool)
    return _found(rows, (~is_null(rows["return_ref"]) | _is_gross(rows)) & is_open)


@rule(
    "outlier_in_source",
    severity="note",
    level="across_councils",
    stage="figure",
    fields=("value",),
    failing=_among(20.0),
    passing=_among(20.0, return_ref=RETURN),
)
def outlier_in_source(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """The same of a figure that no council sent: nobody is asked, the finding is there to read."""
    return _found(rows, is_null(rows["return_ref"]) & ~_is_gross(rows))


def _is_gross(rows: Rows) -> Mask:
    return np.greater(np.abs(scores_of(rows).mad_z), bound("outlier_gross"))


@dataclass(frozen=True)
class Scores:
    """By row: the councils' median, the robust z-score, and whether it is a new outlier."""

    median: Array
    mad_z: Array
    is_new: Mask


def _found(rows: Rows, asked: Mask) -> Found | None:
    if not len(rows):
        return None
    scores = scores_of(rows)
    hits = np.flatnonzero(scores.is_new & asked)
    if not len(hits):
        return None
    return Found(
        hits,
        seen=[written(value) for value in rows["value"][hits]],
        expected=[written(value) for value in scores.median[hits]],
        about={"change": [f"{abs(value):.1f}" for value in scores.mad_z[hits]]},
    )


@lru_cache(maxsize=1)  # two rules in a row ask about the same rows
def scores_of(rows: Rows) -> Scores:
    """Robust z-scores among the councils of each indicator, period and breakdown (M15).

    (value - median) / (1.4826 MAD); NaN for what is not compared, for too few councils and where
    the MAD is 0.
    """
    is_compared = (rows["area_type"] == "council") & ~np.isin(
        rows["kind"].astype(str), NOT_COMPARED
    )
    chosen = np.flatnonzero(is_compared & ~np.isnan(rows["value"]))
    names = ("indicator", "breakdown_type", "breakdown")
    along = _tuples([rows[name][chosen] for name in names])
    series, _ = pd.factorize(along)
    period, periods = pd.factorize(rows["period"][chosen], sort=True)
    area, areas = pd.factorize(rows["area_code"][chosen])
    shape = (series.max(initial=-1) + 1, len(periods), len(areas))
    values = np.full(shape, np.nan)
    values[series, period, area] = rows["value"][chosen]
    median, z = _robust(values)
    is_new = np.zeros(shape, dtype=bool)
    for side in (-1, 1):
        is_out = side * np.nan_to_num(z) > bound("outlier_mad_z")
        so_far = np.cumsum(is_out, axis=1)
        is_new |= is_out & (so_far == 1)
    at = (series, period, area)
    return Scores(
        median=_spread_out(np.broadcast_to(median[..., None], shape)[at], chosen, len(rows)),
        mad_z=_spread_out(z[at], chosen, len(rows)),
        is_new=_spread_out(is_new[at].astype(float), chosen, len(rows)) == 1,
    )


def _robust(values: Array) -> tuple[Array, Array]:
    """Median along the last axis, and each entry's distance from it in robust deviations."""
    median, count = sorted_median(values)
    mad, _ = sorted_median(np.abs(values - median[..., None]))
    is_judged = (count >= bound("outlier_councils")) & (mad > 0)
    scale = np.where(is_judged, MAD_TO_SD * mad, np.nan)
    return median, (values - median[..., None]) / scale[..., None]


def _tuples(columns: list[Array]) -> Array:
    found = np.empty(len(columns[0]), dtype=object)
    found[:] = list(zip(*columns, strict=True))
    return found


def _spread_out(values: Array, chosen: Array, count: int) -> Array:
    found = np.full(count, np.nan)
    found[chosen] = values
    return found
