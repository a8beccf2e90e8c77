"""Standardised rates and ratios (M6-M7): direct with Dobson's limits, indirect with Byar's.

Here belong figures that allow for a council's ages or other strata; crude rates are in values.
Sources: Dobson, Kuulasmaa, Eberle and Scherer 1991; Byar in Breslow and Day 1987, exact chi-square
limits below 10 events; PHEindicatormethods (phe_dsr, calculate_ISRatio).
"""

import numpy as np
import pandas as pd

from assets.methods.impossible import Floats, ImpossibleInput, refuse
from assets.methods.intervals import LEVELS, byar
from assets.methods.observations import read_numbers

PLACE = ["indicator", "period", "area_code"]
WITHHELD_BELOW = 10
"""Events below which a directly standardised rate is not published."""
FEW = "fewer than 10 events"
INCOMPLETE = "a stratum is missing"
NOTHING_EXPECTED = "no events are expected"


def directly_standardised(
    strata: pd.DataFrame, standard: pd.DataFrame, multiplier: float
) -> pd.DataFrame:
    """Directly standardised rates: multiplier x sum(w x / n) / sum(w) over the strata.

    strata: indicator, period, area_code, breakdown, numerator (events), denominator (population);
    standard: breakdown, weight (the standard population). Returns one row per indicator, period and
    area: n_events, value, lower_95, upper_95, lower_998, upper_998, reason; null, with the reason,
    below 10 events and where a stratum of the standard is missing. Limits: value + sqrt(V / x)
    (L - x), V = sum(w^2 x / n^2) / sum(w)^2, L Byar's limit of all x events. Raises ImpossibleInput
    for an unknown or repeated stratum, negative events, populations or weights not above 0.
    """
    places, x, n, weight = _grid(strata, standard, "weight")
    share = weight / weight.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (share * x / n).sum(axis=1)
        variance = (share**2 * x / n**2).sum(axis=1)
    events = x.sum(axis=1)
    is_whole = ~np.isnan(rate)
    is_shown = is_whole & (events >= WITHHELD_BELOW)
    columns = {"n_events": events, "value": np.where(is_shown, multiplier * rate, np.nan)}
    per_event = np.sqrt(variance / np.where(is_shown, events, np.nan))
    for level, (z, tail) in LEVELS.items():
        limits = byar(np.where(is_shown, events, 0.0), z, tail)
        for side, limit in zip(("lower", "upper"), limits, strict=True):
            columns[f"{side}_{level}"] = multiplier * (rate + per_event * (limit - events))
    return _finish(places, columns, np.select([~is_whole, ~is_shown], [INCOMPLETE, FEW], ""))


def indirectly_standardised(
    strata: pd.DataFrame, reference: pd.DataFrame, multiplier: float = 100.0
) -> pd.DataFrame:
    """Indirectly standardised ratios: multiplier x observed / expected, 100 = as expected.

    strata: as for directly_standardised; reference: breakdown, rate (events per head in the
    reference). expected = sum(rate x population). Returns one row per indicator, period and area:
    n_events, n_expected, value, lower_95, upper_95, lower_998, upper_998, reason. Limits: Byar's of
    the observed events, exact below 10, over the expected. The ratios of two areas are not compared
    with each other, only with the reference. Raises ImpossibleInput as directly_standardised.
    """
    places, x, n, rate = _grid(strata, reference, "rate")
    observed, expected = x.sum(axis=1), (rate * n).sum(axis=1)
    is_whole, is_shown = ~np.isnan(observed + expected), expected > 0
    base = np.where(is_shown, expected, np.nan)
    columns = {
        "n_events": observed,
        "n_expected": expected,
        "value": multiplier * observed / base,
    }
    for level, (z, tail) in LEVELS.items():
        lower, upper = byar(np.nan_to_num(observed), z, tail)
        columns[f"lower_{level}"] = multiplier * np.where(is_whole, lower, np.nan) / base
        columns[f"upper_{level}"] = multiplier * np.where(is_whole, upper, np.nan) / base
    reasons = np.select([~is_whole, ~is_shown], [INCOMPLETE, NOTHING_EXPECTED], "")
    return _finish(places, columns, reasons)


def _finish(places: pd.DataFrame, columns: dict[str, Floats], reasons: object) -> pd.DataFrame:
    reason = pd.Series(reasons, dtype="str")
    return places.assign(**columns, reason=reason.where(reason != ""))


def _grid(
    strata: pd.DataFrame, standard: pd.DataFrame, column: str
) -> tuple[pd.DataFrame, Floats, Floats, Floats]:
    """Places (sorted), events and populations as places x strata, and the standard's column."""
    wanted = standard["breakdown"].astype("str").tolist()
    weight = read_numbers(standard.reset_index(drop=True), column)
    is_bad = ~(weight > 0) if column == "weight" else ~(weight >= 0)
    if len(set(wanted)) != len(wanted) or not wanted or bool(is_bad.any()):
        raise ImpossibleInput(
            f"Standard: every breakdown once, with a {column} "
            f"{'above 0' if column == 'weight' else 'of 0 or more'}."
        )
    rows = strata.reset_index(drop=True)
    x, n = read_numbers(rows, "numerator"), read_numbers(rows, "denominator")

    def name(row: int) -> str:
        return f"row {row + 1} ({', '.join(str(rows.loc[row, c]) for c in [*PLACE, 'breakdown'])})"

    refuse(rows.duplicated([*PLACE, "breakdown"]).to_numpy(bool), "Stratum twice", name)
    known = rows["breakdown"].isin(wanted).to_numpy(dtype=bool)
    refuse(~known, "Stratum that the standard does not name", name)
    refuse((x < 0) | (n < 0), "Events or population below 0", name)
    refuse((n == 0) & (x > 0), "Events in a population of 0", name)
    refuse((n == 0) & (column == "weight"), "Population of 0: its rate is unknown", name)
    places = rows[PLACE].drop_duplicates().sort_values(PLACE).reset_index(drop=True)
    line = pd.MultiIndex.from_frame(places).get_indexer(pd.MultiIndex.from_frame(rows[PLACE]))
    stratum = pd.Index(wanted).get_indexer(pd.Index(rows["breakdown"]))
    grids = [np.full((len(places), len(wanted)), np.nan) for _ in range(2)]
    for grid, values in zip(grids, (x, n), strict=True):
        grid[line, stratum] = values
    return places, grids[0], grids[1], weight
