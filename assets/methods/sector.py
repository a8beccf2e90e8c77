"""Sector summaries (M11): how many of a council's indicators improved, and stand high or low.

Here belong counts across indicators, beside what chance alone would give; what one figure did is in
change, where it stands in position, whether councils came closer in narrowing. Welsh reports print
the shares; alone they mislead, for chance puts a quarter of all places in the top band.
"""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from assets.methods.equivalents import is_latest
from assets.methods.impossible import ImpossibleInput

GROUP = "all"
IMPROVED, UNCHANGED, WORSENED = COMPARED = ("improved", "no change", "worsened")
NO_POLARITY = "no direction is good"
A_STOCK = "a stock is never improved"
NO_CHANGE_KNOWN = "no figure to compare with"
TOP, BOTTOM = 1, 4
CLASS = ["summary_by", "summary_code"]
LISTS = {
    "framework": "framework_codes",
    "act_2021": "act_2021",
    "corporate_areas": "corporate_areas",
    "wellbeing_goals": "wellbeing_goals",
}
"""Classes an indicator may be in several of: their column, joined by `;`."""


def sector_summary(
    comparisons: pd.DataFrame, indicators: pd.DataFrame, by: str = "theme", group: str = GROUP
) -> pd.DataFrame:
    """Per class of indicators and council: shares improved, in the top and in the bottom band.

    comparisons: the table of that name; of each indicator the total of its latest period with any
    figure. indicators: indicator, polarity, accumulation and the column of the class (of LISTS
    joined by `;`; the framework is the text before the last space). by: `theme`, one of LISTS, or
    `all` for one row a council. Returns one row per `by` and area: n_indicators, n_comparable,
    n_improved, n_unchanged, n_worsened, share_improved, n_banded, n_top, share_top, expected_top,
    n_bottom, share_bottom, expected_bottom, not_comparable (`reason: n` joined by `; `). expected_*
    is the mean over its banded indicators of the share of all banded councils in that band: what
    chance gives. Shares are null where nothing is comparable or banded.
    """
    found = sector_summaries(comparisons, indicators, (by,), group)
    return found.rename(columns={"summary_code": by}).drop(columns="summary_by")


def sector_summaries(
    comparisons: pd.DataFrame, indicators: pd.DataFrame, bys: Sequence[str], group: str = GROUP
) -> pd.DataFrame:
    """sector_summary of several classes: summary_by and summary_code stand before its columns."""
    chosen = _judged(_latest(comparisons[comparisons["group_code"] == group]), indicators)
    classes = pd.concat([_classes(indicators, by) for by in bys], ignore_index=True)
    rows = chosen.merge(classes, on="indicator", how="inner")
    return _summed(rows).sort_values([*CLASS, "area_code"], ignore_index=True)


def _judged(rows: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Of each figure whether it improved, where it stands, and what chance gives that place."""
    facts = indicators[["indicator", "polarity", "accumulation"]]
    rows = rows.merge(facts, on="indicator", how="inner")
    direction = rows["change_direction"]
    rows["is_comparable"] = direction.isin(COMPARED) & _is_judged(rows)
    for word in COMPARED:
        rows[word] = rows["is_comparable"] & (direction == word)
    rows["reason"] = _reasons(rows)
    band = rows["band"].astype("float64")
    rows["is_banded"] = band.notna()
    for name, number in (("top", TOP), ("bottom", BOTTOM)):
        rows[f"is_{name}"] = band == number
        of_all = rows.groupby("indicator")[[f"is_{name}", "is_banded"]].transform("sum")
        share = of_all[f"is_{name}"] / of_all["is_banded"].where(of_all["is_banded"] > 0)
        rows[f"chance_{name}"] = share.where(rows["is_banded"])
    kept = [*COMPARED, "is_comparable", "is_banded", "is_top", "is_bottom", "reason"]
    return rows[["indicator", "area_code", *kept, "chance_top", "chance_bottom"]]


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    grouped = rows.groupby([*CLASS, "area_code"], sort=True)
    counts = grouped[["is_comparable", *COMPARED, "is_banded", "is_top", "is_bottom"]].sum()
    chance = grouped[["chance_top", "chance_bottom"]].mean()
    comparable = counts["is_comparable"].where(counts["is_comparable"] > 0)
    banded = counts["is_banded"].where(counts["is_banded"] > 0)
    return pd.DataFrame(
        {
            "n_indicators": grouped.size(),
            "n_comparable": counts["is_comparable"],
            "n_improved": counts[IMPROVED],
            "n_unchanged": counts[UNCHANGED],
            "n_worsened": counts[WORSENED],
            "share_improved": counts[IMPROVED] / comparable,
            "n_banded": counts["is_banded"],
            "n_top": counts["is_top"],
            "share_top": counts["is_top"] / banded,
            "expected_top": chance["chance_top"],
            "n_bottom": counts["is_bottom"],
            "share_bottom": counts["is_bottom"] / banded,
            "expected_bottom": chance["chance_bottom"],
            "not_comparable": _tallies(rows, counts.index),
        }
    ).reset_index()


def _latest(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Total figures of the last period of each indicator in which any council has one."""
    rows = comparisons[comparisons["breakdown_type"] == "total"]
    return rows[is_latest(rows)].reset_index(drop=True)


def _classes(indicators: pd.DataFrame, by: str) -> pd.DataFrame:
    """One row per indicator and class of that kind it belongs to."""
    codes: list[str] | list[list[str]]
    if by == "all":
        codes = ["all"] * len(indicators)
    elif by == "theme":
        codes = indicators["theme"].tolist()
    elif by in LISTS:
        codes = indicators[LISTS[by]].fillna("").astype("str").str.split(";").tolist()
    else:
        raise ImpossibleInput(f"Summaries by {by[:40]!r}: use theme, {', '.join(LISTS)} or all.")
    table = pd.DataFrame({"indicator": indicators["indicator"], "summary_code": codes})
    table = table.explode("summary_code").assign(summary_by=by)
    table["summary_code"] = table["summary_code"].str.strip()
    if by == "framework":
        table["summary_code"] = table["summary_code"].str.rsplit(" ", n=1).str[0]
    return table[table["summary_code"] != ""].drop_duplicates()


def _is_judged(rows: pd.DataFrame) -> "pd.Series[bool]":
    return (rows["polarity"] != "neutral") & (rows["accumulation"] != "stock")


def _reasons(rows: pd.DataFrame) -> pd.Series:
    """Why a figure is neither improved nor worsened, null where it is comparable."""
    known = rows["change_reason"].where(rows["change"].isna()).fillna(NO_CHANGE_KNOWN)
    reason = known.mask(rows["polarity"] == "neutral", NO_POLARITY)
    reason = reason.mask(rows["accumulation"] == "stock", A_STOCK)
    return reason.mask(rows["is_comparable"])


def _tallies(rows: pd.DataFrame, index: pd.Index) -> pd.Series:
    """Of each class and council the reasons with their numbers, the commonest first."""
    known = rows[rows["reason"].notna()]
    counted: dict[tuple[str, ...], Counter[str]] = {}
    places = zip(*(known[name] for name in (*CLASS, "area_code")), strict=True)
    for place, reason in zip(places, known["reason"], strict=True):
        counted.setdefault(place, Counter())[reason] += 1
    texts = {
        place: "; ".join(
            f"{reason}: {count}"
            for reason, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        )
        for place, counts in counted.items()
    }
    return pd.Series([texts.get(place) for place in index], index=index, dtype="str")
