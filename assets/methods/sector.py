"""Sector summaries (M11): how many of a council's indicators improved, and stand high or low.

Here belong counts across indicators, beside what chance alone would give; what one figure did is in
change, where it stands in position, whether councils came closer in narrowing. Welsh reports print
the shares; alone they mislead, for chance puts a quarter of all places in the top band.
"""

import pandas as pd

from assets.methods.impossible import ImpossibleInput
from assets.methods.periods import order_of

GROUP = "all"
IMPROVED, COMPARED = "improved", ("improved", "worsened", "no change")
NO_POLARITY = "no direction is good"
A_STOCK = "a stock is never improved"
NO_CHANGE_KNOWN = "no figure to compare with"
TOP, BOTTOM = 1, 4


def sector_summary(
    comparisons: pd.DataFrame, indicators: pd.DataFrame, by: str = "theme", group: str = GROUP
) -> pd.DataFrame:
    """Per theme or framework and council: shares improved, in the top and in the bottom band.

    comparisons: the table of that name; of each indicator its latest period, total only.
    indicators: indicator, polarity, accumulation and theme or framework_codes (joined by `;`; the
    framework is the text before the last space). by: `theme`, `framework`, or `all` for one row a
    council. Returns one row per `by` and area: n_indicators, n_comparable, n_improved,
    share_improved, n_banded, n_top, share_top, expected_top, n_bottom, share_bottom,
    expected_bottom, not_comparable (`reason: n` joined by `; `). expected_* is the mean over its
    banded indicators of the share of all banded councils in that band: what chance gives. Shares
    are null where nothing is comparable or banded.
    """
    chosen = _latest(comparisons[comparisons["group_code"] == group])
    rows = chosen.merge(_classes(indicators, by), on="indicator", how="inner")
    direction = rows["change_direction"]
    rows["is_comparable"] = direction.isin(COMPARED) & _is_judged(rows)
    rows["is_improved"] = rows["is_comparable"] & (direction == IMPROVED)
    rows["reason"] = _reasons(rows)
    band = rows["band"].astype("float64")
    rows["is_banded"] = band.notna()
    for name, number in (("top", TOP), ("bottom", BOTTOM)):
        rows[f"is_{name}"] = band == number
        of_all = rows.groupby([by, "indicator"])[[f"is_{name}", "is_banded"]].transform("sum")
        share = of_all[f"is_{name}"] / of_all["is_banded"].where(of_all["is_banded"] > 0)
        rows[f"chance_{name}"] = share.where(rows["is_banded"])
    return _summed(rows, by)


def _summed(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    grouped = rows.groupby([by, "area_code"], sort=True)
    counts = grouped[["is_comparable", "is_improved", "is_banded", "is_top", "is_bottom"]].sum()
    chance = grouped[["chance_top", "chance_bottom"]].mean()
    comparable = counts["is_comparable"].where(counts["is_comparable"] > 0)
    banded = counts["is_banded"].where(counts["is_banded"] > 0)
    return pd.DataFrame(
        {
            "n_indicators": grouped.size(),
            "n_comparable": counts["is_comparable"],
            "n_improved": counts["is_improved"],
            "share_improved": counts["is_improved"] / comparable,
            "n_banded": counts["is_banded"],
            "n_top": counts["is_top"],
            "share_top": counts["is_top"] / banded,
            "expected_top": chance["chance_top"],
            "n_bottom": counts["is_bottom"],
            "share_bottom": counts["is_bottom"] / banded,
            "expected_bottom": chance["chance_bottom"],
            "not_comparable": grouped["reason"].agg(_tally),
        }
    ).reset_index()


def _latest(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Total figures of the last period of each indicator, in order of time."""
    rows = comparisons[comparisons["breakdown_type"] == "total"].reset_index(drop=True)
    order = {text: place for place, text in enumerate(order_of(rows["period"].tolist()))}
    place = rows["period"].map(order)
    return rows[place == place.groupby(rows["indicator"]).transform("max")].reset_index(drop=True)


def _classes(indicators: pd.DataFrame, by: str) -> pd.DataFrame:
    """One row per indicator and theme or framework it belongs to."""
    table = indicators[["indicator", "polarity", "accumulation"]].copy()
    if by == "all":
        return table.assign(all="all")
    if by == "theme":
        return table.assign(theme=indicators["theme"])
    if by != "framework":
        raise ImpossibleInput(f"Summaries by {by[:40]!r}: use theme, framework or all.")
    codes = indicators["framework_codes"].fillna("").str.split(";")
    table = table.assign(framework=codes).explode("framework")
    table["framework"] = table["framework"].str.strip().str.rsplit(" ", n=1).str[0]
    return table[table["framework"] != ""].drop_duplicates(["indicator", "framework"])


def _is_judged(rows: pd.DataFrame) -> "pd.Series[bool]":
    return (rows["polarity"] != "neutral") & (rows["accumulation"] != "stock")


def _reasons(rows: pd.DataFrame) -> pd.Series:
    """Why a figure is neither improved nor worsened, null where it is comparable."""
    known = rows["change_reason"].where(rows["change"].isna()).fillna(NO_CHANGE_KNOWN)
    reason = known.mask(rows["polarity"] == "neutral", NO_POLARITY)
    reason = reason.mask(rows["accumulation"] == "stock", A_STOCK)
    return reason.mask(rows["is_comparable"])


def _tally(reasons: pd.Series) -> str | None:
    counted = reasons.dropna().value_counts()
    pairs = sorted(counted.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return "; ".join(f"{reason}: {count}" for reason, count in pairs) or None
