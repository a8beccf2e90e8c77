"""What follows from comparisons, as the tables of the contract: lists, summaries, gaps, real terms.

Here belongs the passage from the methods' frames to the published tables. A list or a summary is
made of one set of indicators at a time: how many findings chance alone gives depends on how many
were looked at, so a product shows what was counted over its own indicators.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from assets.methods import finder, sector, watch_list
from assets.methods.breakdown_gaps import gaps, inequality_indices
from assets.methods.narrowing import narrowing
from assets.methods.real_terms import NO_INDEX, Deflator, real_terms, yearly_index
from assets.methods.rounding import round_supplied
from sql.frames import conform, empty

APRIL, JANUARY = 4, 1
SUMMARIES_BY = ("all", "theme", *sector.LISTS)
PER_CENT = {
    "share_improved": "improved_pct",
    "share_top": "top_pct",
    "expected_top": "expected_top_pct",
    "share_bottom": "bottom_pct",
    "expected_bottom": "expected_bottom_pct",
}
WELSH = {
    watch_list.WORSE: "yn waeth na'r cymdogion y tu hwnt i siawns",
    watch_list.LOWEST: "yn y band isaf ddwywaith yn olynol",
    finder.BETTER: "yn well y tu hwnt i siawns",
    finder.IMPROVED: "wedi gwella fwyaf",
}


@dataclass(frozen=True)
class Compared:
    """The tables of those names that summaries are made from."""

    indicator_values: pd.DataFrame
    comparisons: pd.DataFrame
    benchmarks: pd.DataFrame
    indicator_catalogue: pd.DataFrame

    def of(self, indicators: Collection[str]) -> "Compared":
        """The rows of these indicators alone."""
        parts = (getattr(self, field.name) for field in fields(self))
        return Compared(*(part[part["indicator"].isin(list(indicators))] for part in parts))


Sets = Mapping[str, Collection[str]]
"""Product -> its indicators."""


def watch_list_table(tables: Compared, sets: Sets) -> pd.DataFrame:
    """The table watch_list, of each set on its own."""
    return _joined("watch_list", [_watched(tables.of(sets[name]), name) for name in sets])


def _watched(tables: Compared, name: str) -> pd.DataFrame:
    rows = watch_list.watch_list(
        tables.indicator_values, tables.comparisons, tables.benchmarks, tables.indicator_catalogue
    )
    said = rows.rename(columns={"reason": "reason_en"})
    return conform(
        said.assign(indicator_set=name, reason_cy=_welsh(said["reason_en"])), "watch_list"
    )


def practice_finder_table(
    tables: Compared,
    sets: Sets,
    watched: pd.DataFrame,
    groups: pd.DataFrame,
    practice: pd.DataFrame,
) -> pd.DataFrame:
    """The table practice_finder, of each set on its own.

    watched: the table watch_list; practice: the register.
    """
    made = []
    for name, indicators in sets.items():
        ours, listed = tables.of(indicators), watched[watched["indicator_set"] == name]
        found = finder.find_practice(
            listed,
            ours.indicator_values,
            ours.comparisons,
            ours.benchmarks,
            groups,
            ours.indicator_catalogue,
            practice,
        )
        named = found.rename(columns={"why": "why_en", **_FINDER_NAMES})
        named = named.assign(
            indicator_set=name, group_code=watch_list.NEIGHBOURS, why_cy=_welsh(named["why_en"])
        )
        no_test = named["test"] == watch_list.NO_TEST
        named["method"] = named["method"].where(~no_test)
        made.append(conform(named, "practice_finder"))
    return _joined("practice_finder", made)


_FINDER_NAMES = {
    "neighbour_value": "neighbour_value_rounded",
    "link": "practice_url",
    "reviewed": "practice_reviewed",
}


def sector_summaries_table(tables: Compared, sets: Sets) -> pd.DataFrame:
    """The table sector_summaries, of each set on its own; shares in per cent."""
    made = []
    of_all = tables.comparisons[tables.comparisons["group_code"] == sector.GROUP]
    for name, indicators in sets.items():
        ours = replace(tables, comparisons=of_all).of(indicators)
        rows = sector.sector_summaries(ours.comparisons, ours.indicator_catalogue, SUMMARIES_BY)
        shares = {new: 100.0 * rows[old].astype("float64") for old, new in PER_CENT.items()}
        named = rows.drop(columns=list(PER_CENT)).assign(
            indicator_set=name, group_code=sector.GROUP, **shares
        )
        made.append(conform(named, "sector_summaries"))
    return _joined("sector_summaries", made)


def narrowing_table(tables: Compared) -> pd.DataFrame:
    """The table narrowing, over all councils."""
    rows = narrowing(tables.comparisons, tables.indicator_catalogue, sector.GROUP)
    flags = {f"{name}_narrowed": f"is_{name}_narrowed" for name in ("gap", "iqr", "cv")}
    named = rows.rename(columns=flags).assign(group_code=sector.GROUP)
    return conform(named, "narrowing")


def breakdown_gaps_table(
    figures: pd.DataFrame, references: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """The table breakdown_gaps; references: indicator -> breakdown type -> reference part."""
    made = [
        gaps(figures[figures["indicator"] == indicator], kind, reference)
        for indicator, kinds in references.items()
        for kind, reference in kinds.items()
    ]
    return _joined("breakdown_gaps", [conform(rows, "breakdown_gaps") for rows in made])


def inequality_indices_table(
    figures: pd.DataFrame, orders: Mapping[str, Mapping[str, Sequence[str]]]
) -> pd.DataFrame:
    """The table inequality_indices; orders: indicator -> breakdown type -> its groups in order.

    A figure of a group that no order names is left out: the last accepted answer of a renamed group
    can still stand.
    """
    made = []
    for indicator, kinds in orders.items():
        ours = figures[figures["indicator"] == indicator]
        for kind, order in kinds.items():
            named = ours[ours["breakdown"].isin(list(order))]
            made.append(inequality_indices(named, kind, order))
    return _joined("inequality_indices", [conform(rows, "inequality_indices") for rows in made])


@dataclass(frozen=True)
class Prices:
    """A price index of the catalogue: the reference series, and the period whose prices are shown.

    deflates: indicator -> decimals of its published value.
    """

    indicator: str
    reference: str
    base: str
    caveat: tuple[str, str]
    deflates: Mapping[str, int]


def real_terms_table(
    figures: pd.DataFrame,
    indicators: pd.DataFrame,
    measures: pd.DataFrame,
    prices: Iterable[Prices],
) -> pd.DataFrame:
    """The table real_terms: figures of every indicator that has a deflator.

    The index of a year is the mean of its months or quarters, from April for financial years, from
    January for calendar years. Without an index for the reference period every real value is null.
    """
    made = [_deflated(figures, indicators, measures, item) for item in prices]
    return _joined("real_terms", made)


def _deflated(
    figures: pd.DataFrame, indicators: pd.DataFrame, measures: pd.DataFrame, item: Prices
) -> pd.DataFrame:
    chosen = figures[figures["indicator"].isin(list(item.deflates))]
    series = figures[(figures["indicator"] == item.indicator) & figures["value"].notna()]
    parts = dict(zip(series["period"], series["value"].astype("float64"), strict=True))
    index = {**yearly_index(parts, APRIL), **yearly_index(parts, JANUARY)}
    published = series["source_published"].dropna().max() if len(series) else None
    said = {"deflator": item.indicator, "deflator_published": published}
    said |= {"reference_period": item.reference, "deflator_base": item.base}
    if item.reference not in index:
        blank = chosen[[*_KEY, "value"]].assign(**said, reason=NO_INDEX)
        return conform(blank, "real_terms", fill=True)
    vintage = published or item.reference
    deflator = Deflator(item.indicator, vintage, item.reference, item.base, index)
    rows = real_terms(chosen, indicators, measures, deflator)
    has_caveat = rows["caveat"].notna()
    decimals = np.array([item.deflates[name] for name in rows["indicator"]], dtype=np.int64)
    named = rows.drop(columns=["vintage", "reference", "base", "caveat", "deflator"]).assign(
        **said,
        real_value_rounded=round_supplied(rows["real_value"].to_numpy(dtype=np.float64), decimals),
        caveat_en=pd.Series(item.caveat[0], index=rows.index).where(has_caveat),
        caveat_cy=pd.Series(item.caveat[1], index=rows.index).where(has_caveat),
    )
    return conform(named, "real_terms")


_KEY = ["indicator", "period", "area_code", "breakdown_type", "breakdown"]


def _welsh(reasons: pd.Series) -> pd.Series:
    """The reasons in Welsh, each part of a joined one."""
    return reasons.map(lambda text: "; ".join(WELSH[part] for part in text.split("; ")))


def _joined(table: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else empty(table)
