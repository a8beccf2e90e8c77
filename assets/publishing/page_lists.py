"""What a page says of councils across indicators: shares, what to look at, whom to ask.

Here belong the rows of those two tables; how they look is in templates/. Nothing here ranks:
councils stand in the order of their codes, and every share stands beside what chance alone gives.
"""

from collections.abc import Hashable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from assets.methods.watch_list import NO_TEST
from assets.publishing.tables import ProductTables
from assets.publishing.words import Words

Row = dict[Hashable, Any]
NO_TEST_WORDS = Words("no test", "dim prawf")
TESTED = Words("tested", "wedi'i brofi")
ALL = "all"


def figure_text(value: Any, decimals: Any) -> str:
    """A number at the indicator's decimals, half away from zero (M19), with thin grouping."""
    if pd.isna(value):
        return ""
    step = Decimal(1).scaleb(-int(str(decimals)))
    return f"{Decimal(repr(float(value))).quantize(step, ROUND_HALF_UP):,}"


def summary_rows(tables: ProductTables) -> list[Row]:
    """One row per council: names, indicators improved of those comparable, shares in per cent."""
    rows = tables.sector_summaries
    rows = rows[rows["summary_by"] == ALL].merge(_names(tables), on="area_code", how="left")
    return [
        {
            "name_en": row["name_en"],
            "name_cy": row["name_cy"],
            "improved": f"{row['n_improved']} / {row['n_comparable']}",
            "top": _beside_chance(row["top_pct"], row["expected_top_pct"]),
            "bottom": _beside_chance(row["bottom_pct"], row["expected_bottom_pct"]),
            "n_banded": row["n_banded"],
        }
        for row in rows.sort_values("area_code").to_dict("records")
    ]


def watch_rows(tables: ProductTables) -> list[Row]:
    """One row per council and measure of its watch list: figures, test, neighbours to ask."""
    titles = tables.indicator_catalogue[["indicator", "title_en", "title_cy", "decimals"]]
    labels = tables.periods[["period", "label"]].rename(columns={"label": "period_label"})
    rows = tables.watch_list.merge(titles, on="indicator").merge(_names(tables), on="area_code")
    rows = rows.merge(labels, on="period", how="left").sort_values(["area_code", "indicator"])
    asked = _asked(tables)
    return [
        {
            **row,
            "figure": figure_text(row["value_rounded"], row["decimals"]),
            "neighbours": figure_text(row["headline"], row["decimals"]),
            "test_words": NO_TEST_WORDS if row["test"] == NO_TEST else TESTED,
            "ask": asked.get((row["area_code"], row["indicator"])),
        }
        for row in rows.to_dict("records")
    ]


def chance_totals(tables: ProductTables) -> tuple[int, str]:
    """Tests behind the watch list, of all councils listed, and how many chance alone would list."""
    councils = tables.watch_list.drop_duplicates("area_code")
    return int(councils["n_tested"].sum()), figure_text(councils["expected_by_chance"].sum(), 2)


def _names(tables: ProductTables) -> pd.DataFrame:
    return tables.areas[["area_code", "name_en", "name_cy"]]


def _asked(tables: ProductTables) -> Mapping[tuple[str, str], Words]:
    """Council and indicator -> the names of the neighbours to ask, nearest first."""
    names = _names(tables).rename(columns={"area_code": "neighbour_code"})
    rows = tables.practice_finder.merge(names, on="neighbour_code").sort_values("distance_rank")
    return {
        (str(area), str(indicator)): Words(", ".join(part["name_en"]), ", ".join(part["name_cy"]))
        for (area, indicator), part in rows.groupby(["area_code", "indicator"])
    }


def _beside_chance(share: Any, expected: Any) -> str:
    return f"{figure_text(share, 0)} ({figure_text(expected, 0)})" if pd.notna(share) else ""
