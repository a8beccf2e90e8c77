"""The parts of every indicator side by side: numerator, denominator, value, stated value.

Here belongs the join of answers on period, area and breakdown; one row per figure that may exist.
"""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from assets.methods.missing import merge_marks
from assets.methods.observations import KEY

ROLES = ("numerator", "denominator", "value_measure", "stated_measure")
CARRIED = (
    "value", "note_code", "missing_reason", "is_queried", "return_ref", "source_published",
    "lower_95", "upper_95",
)  # fmt: skip


def join_parts(
    answers: pd.DataFrame,
    indicators: pd.DataFrame,
    councils: Collection[str],
    lags: Mapping[str, int],
    breakdown_types: Mapping[str, Collection[str]] | None,
) -> pd.DataFrame:
    """One row per figure: its key, numerator, denominator, value, stated_value, codes, origin.

    A figure exists where one of its required parts was answered (for areas other than councils:
    where all were), in a period and breakdown in which every required part has answers at all.
    """
    parts = {role: _part(answers, indicators, role) for role in ROLES}
    numerator, value = parts["numerator"], parts["value_measure"]
    supplied = indicators.loc[indicators["value_basis"] == "as_published", "indicator"]
    of_supplied = numerator["indicator"].isin(supplied)
    main = pd.concat(
        [
            value[value["indicator"].isin(supplied)].assign(basis="value"),
            numerator[~of_supplied].assign(basis="ratio"),
        ],
        ignore_index=True,
    )
    denominator = match_periods(parts["denominator"], main, lags)
    counts = set(indicators.loc[indicators["denominator"].isna(), "indicator"])
    needs_two = (main["basis"] == "ratio") & ~main["indicator"].isin(counts)
    joined = pd.concat(
        [
            _both(main[needs_two], denominator, councils),
            _beside(main[~needs_two], denominator),
        ],
        ignore_index=True,
    )
    joined = _beside(joined, _renamed(parts["stated_measure"], "stated"))
    joined = _beside(joined, _renamed(numerator[of_supplied], "extra"))
    return _columns(_allowed(joined, breakdown_types).reset_index(drop=True))


def _allowed(
    joined: pd.DataFrame, breakdown_types: Mapping[str, Collection[str]] | None
) -> pd.DataFrame:
    if breakdown_types is None:
        return joined
    pairs = zip(joined["indicator"], joined["breakdown_type"], strict=True)
    allowed = [kind in breakdown_types.get(name, ("total",)) for name, kind in pairs]
    return joined[np.array(allowed, dtype=bool)]


def _part(answers: pd.DataFrame, indicators: pd.DataFrame, role: str) -> pd.DataFrame:
    pairs = indicators[["indicator", role]].rename(columns={role: "measure"}).dropna()
    columns = ["measure", "period", "area_code", "breakdown_type", "breakdown", *CARRIED]
    return pairs.merge(answers[columns], on="measure").drop(columns="measure")


def _renamed(part: pd.DataFrame, prefix: str) -> pd.DataFrame:
    kept = [name for name in part.columns if name in KEY]
    return part.rename(columns={n: f"{prefix}_{n}" for n in part.columns if n not in kept})


def match_periods(
    denominator: pd.DataFrame, main: pd.DataFrame, lags: Mapping[str, int]
) -> pd.DataFrame:
    """Denominators under the period of the figure they belong to, `denominator_period` their own.

    It is the same period so many years before; else the only one that starts in that year.
    """
    rows: list[tuple[str, str, str]] = []
    have = {name: set(group) for name, group in denominator.groupby("indicator")["period"]}
    for name, group in main.groupby("indicator")["period"]:
        there = have.get(str(name), set())
        by_year: dict[str, list[str]] = {}
        for period in there:
            by_year.setdefault(str(period)[:4], []).append(str(period))
        for period in group.unique():
            year = str(int(str(period)[:4]) - lags.get(str(name), 0))
            wanted = year + str(period)[4:]
            alike = by_year.get(year, [])
            if wanted in there:
                rows.append((str(name), str(period), wanted))
            elif len(alike) == 1:
                rows.append((str(name), str(period), alike[0]))
    table = pd.DataFrame(rows, columns=["indicator", "period", "own_period"]).astype("str")
    renamed = _renamed(denominator, "denominator").rename(columns={"period": "own_period"})
    found = renamed.merge(table, on=["indicator", "own_period"])
    found["denominator_period"] = found["own_period"].where(found["own_period"] != found["period"])
    return found.drop(columns="own_period")


def _both(main: pd.DataFrame, denominator: pd.DataFrame, councils: Collection[str]) -> pd.DataFrame:
    """Figures that need both parts, in the periods and breakdowns in which both were asked."""
    place = ["indicator", "period", "breakdown_type", "breakdown"]
    asked = main[place].drop_duplicates().merge(denominator[place].drop_duplicates(), on=place)
    left = main.merge(asked, on=place)
    right = denominator.merge(asked, on=place)
    joined = left.merge(right, on=list(KEY), how="outer", indicator=True)
    is_whole = joined["_merge"] == "both"
    kept = joined[is_whole | joined["area_code"].isin(list(councils))]
    return kept.drop(columns="_merge").assign(basis="ratio")


def _beside(main: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    return main.merge(part, on=list(KEY), how="left")


def _columns(joined: pd.DataFrame) -> pd.DataFrame:
    is_supplied = joined["basis"] == "value"
    main, extra = joined["value"], joined["extra_value"]
    sides = ("", "denominator_", "stated_", "extra_")
    return joined[list(KEY)].assign(
        numerator=main.where(~is_supplied, extra),
        denominator=joined["denominator_value"],
        value=main.where(is_supplied),
        stated_value=joined["stated_value"],
        lower_95=joined["lower_95"],
        upper_95=joined["upper_95"],
        note_code=_merged_notes(joined),
        missing_reason=_first(joined, "missing_reason", ("", "denominator_")),
        denominator_period=joined["denominator_period"],
        is_queried=pd.concat(
            [joined[f"{side}is_queried"].astype("boolean").fillna(False) for side in sides], axis=1
        )
        .any(axis=1)
        .astype("boolean"),
        return_ref=_first(joined, "return_ref", ("", "stated_", "extra_", "denominator_")),
        source_published=_latest(joined, "source_published", sides),
    )


def _merged_notes(joined: pd.DataFrame) -> pd.Series:
    pairs = joined["note_code"].fillna("") + "|" + joined["denominator_note_code"].fillna("")
    merged = {pair: merge_marks(pair.split("|")) for pair in pairs.unique()}
    return pairs.map(merged).astype("str")


def _first(joined: pd.DataFrame, name: str, sides: tuple[str, ...]) -> pd.Series:
    result = joined[f"{sides[0]}{name}"]
    for side in sides[1:]:
        result = result.where(result.notna(), joined[f"{side}{name}"])
    return result


def _latest(joined: pd.DataFrame, name: str, sides: tuple[str, ...]) -> pd.Series:
    texts = pd.concat([joined[f"{side}{name}"].fillna("") for side in sides], axis=1)
    latest = pd.Series(texts.to_numpy(dtype=object).max(axis=1), index=joined.index)
    return latest.where(latest != "").astype("str")
