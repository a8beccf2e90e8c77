"""The comparison in vectorised pandas; what belongs to it is said in engines.

Keys are categories, and groups are numbered, so that pandas groups and merges whole numbers; words
are categories too.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tests.benchmarks.engines import (
    COLUMNS,
    NULL_NUMBERS,
    NULL_WORDS,
    PREVIOUS,
    TOTAL,
    UNTARGETED,
    Z95,
    Z998,
)

CUTS = ("c1", "c2", "c3")
CODES = pd.CategoricalDtype(["all", "near"])
Flags = npt.NDArray[np.bool_] | pd.Series


def by_pandas(home: Path, out: Path) -> None:
    figures = _figures(home)
    size = len(figures["area_code"].cat.categories)
    needed = figures[["line", "area_code", "value", "place", "numerator", "denominator"]]
    near = _near(home, figures["area_code"].dtype)
    pairs = needed.merge(near, on="area_code")
    pairs["group"] = pairs["line"] * size + pairs["owner_code"].cat.codes
    found = {
        "all": _describe(needed.assign(group=needed["line"] * size, is_member=True)),
        "near": _describe(pairs),
    }
    places = {
        "all": _places_among_all(figures).assign(group=figures["line"] * size),
        "near": figures.assign(group=figures["line"] * size + figures["area_code"].cat.codes),
    }
    places["near"] = places["near"].join(_places_beside(pairs, places["near"]), on="group")
    tables = [_position(places[c].join(found[c], on="group"), c) for c in CODES.categories]
    _write(pd.concat(tables, ignore_index=True), "comparisons", out)
    _write(_benchmarks(found, figures), "benchmarks", out)


def _write(table: pd.DataFrame, name: str, out: Path) -> None:
    fixed = {
        n: pd.Categorical.from_codes(np.zeros(len(table), np.int8), [text])
        for n, text in {**TOTAL, **UNTARGETED}.items()
    }
    nothing = dict.fromkeys(NULL_NUMBERS, np.nan)
    words = {
        n: pd.Categorical.from_codes(np.full(len(table), -1, np.int8), [""]) for n in NULL_WORDS
    }
    table = table.assign(**fixed, **nothing, **words)
    table[COLUMNS[name]].to_parquet(out / f"{name}.parquet", index=False)


def _word(conditions: Sequence[Flags], words: Sequence[str], otherwise: int = -1) -> Any:
    """The word of the first condition that holds, as a category."""
    numbers = [np.int8(number) for number in range(len(conditions))]
    return pd.Categorical.from_codes(np.select(conditions, numbers, np.int8(otherwise)), words)


def _near(home: Path, areas: pd.CategoricalDtype) -> pd.DataFrame:
    groups = pd.read_parquet(home / "groups.parquet")
    near = groups.loc[groups["owner_code"] != "", ["owner_code", "member_code"]]
    near = near.rename(columns={"member_code": "area_code"}).assign(is_member=True)
    owners = near[["owner_code"]].drop_duplicates()
    near = pd.concat([near, owners.assign(area_code=owners["owner_code"], is_member=False)])
    return near.astype({"owner_code": areas, "area_code": areas})


def _figures(home: Path) -> pd.DataFrame:
    """Every figure with what is its own, by indicator, area and period."""
    keys = ["indicator", "period", "area_code"]
    figures = pd.read_parquet(home / "observations.parquet", read_dictionary=keys)
    for name in keys:
        texts = sorted(figures[name].cat.categories)
        figures[name] = figures[name].cat.set_categories(
            ["", *texts] if name == "area_code" else texts
        )
    declared = pd.read_parquet(home / "indicators.parquet").astype(
        {"indicator": figures["indicator"].dtype}
    )
    figures = figures.merge(declared, on="indicator")
    figures = figures.sort_values(["indicator", "area_code", "period"], ignore_index=True)
    figures["line"] = (
        figures["indicator"].cat.codes.astype(np.int64) * len(figures["period"].cat.categories)
        + figures["period"].cat.codes
    )
    x, n = figures["numerator"], figures["denominator"]
    figures["value"] = 100 * x / n
    figures["value_rounded"] = np.floor(1000 * x / n + 0.5) / 10
    sign = np.where(figures["polarity"] == "higher", -1, 1)
    figures["place"] = sign * (10 * figures["value_rounded"]).round()
    for name, z in (("95", Z95), ("998", Z998)):
        root = z * np.sqrt(z * z + 4 * x * (1 - x / n))
        for side, way in (("lower", -1), ("upper", 1)):
            limit = 100 * (2 * x + z * z + way * root) / (2 * (n + z * z))
            figures[f"{side}_{name}"] = limit.where(figures["interval"] == "binomial")
    absent = figures["value"].isna()
    figures["note_code"] = _word([absent], ["x"])
    figures["missing_reason"] = _word([absent], ["not returned"])
    return figures.assign(**_changes(figures, -sign))


def _changes(figures: pd.DataFrame, worth: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Columns of the change against the previous period."""
    series = figures.groupby(["indicator", "area_code"], sort=False, observed=True)
    value, is_first = figures["value"], series.cumcount() == 0
    then = {name: figures[name].shift().mask(is_first) for name in PREVIOUS[:4]}
    change = value - then["value"]
    step = worth * (figures["value_rounded"] - then["value_rounded"])
    lower = change - np.hypot(value - figures["lower_95"], then["upper_95"] - then["value"])
    upper = change + np.hypot(figures["upper_95"] - value, then["value"] - then["lower_95"])
    is_tested = (figures["interval"] == "binomial") & change.notna()
    is_significant = ((lower > 0) | (upper < 0)).astype("boolean")
    untested = [value.isna(), is_first, then["value"].isna(), figures["interval"] == "none"]
    pct = 100 * change / then["value"].abs()
    return {
        "change": change,
        "change_pct": pct.where(figures["kind"] != "proportion"),
        "change_since_first": value - series["value"].transform("first"),
        "change_direction": _word(
            [step > 0, step < 0, step == 0], ["improved", "worsened", "no change"]
        ),
        "change_significant": is_significant.where(is_tested),
        "change_test": _word([is_tested], ["newcombe"]),
        "change_reason": _word(
            untested,
            [
                "no value",
                "no figure for the previous period",
                "no value in the previous period",
                "no interval is declared",
            ],
        ),
    }


def _describe(table: pd.DataFrame) -> pd.DataFrame:
    """Benchmarks of every group, by its number."""
    members = table[table["is_member"]]
    grouped = members.groupby("group")
    values = grouped["value"]
    found = values.agg(["mean", "median", "min", "max", "std", "count"])
    found = found.rename(columns={"std": "sd", "count": "n_valid"})
    quartiles = values.quantile([0.25, 0.75]).unstack()  # noqa: PD010  # not a pivot
    found["q1"], found["q3"] = quartiles[0.25], quartiles[0.75]
    found["n_members"] = grouped.size()
    spread = (members["value"] - members["group"].map(found["median"])).abs()
    found["mad"] = spread.groupby(members["group"]).median()
    absent = members["value"].isna()
    sums = members[~absent].groupby("group")[["numerator", "denominator"]].sum()
    found["ratio_of_sums"] = 100 * sums["numerator"] / sums["denominator"]
    bottom, whole = sums["denominator"], grouped["denominator"].sum()
    is_enough = 10 * bottom >= 9 * whole
    found["headline"] = found["ratio_of_sums"].where(is_enough, found["median"])
    is_whole = found["n_valid"] == found["n_members"]
    found["headline_kind"] = _word(
        [is_whole, is_enough, found["n_valid"] > 0], ["ratio_of_sums", "partial_ratio", "median"]
    )
    best_place = grouped["place"].min()
    found["best_value"] = best_place.abs() / 10
    is_best = members["place"] == members["group"].map(best_place)
    found["best_areas"] = _joined(members[is_best])
    found["missing_members"] = _joined(members[absent])
    found["missing_members"] = found["missing_members"].fillna("")
    places = table.groupby("group")["place"]
    found["best_of_all"], found["count"] = places.min(), places.count()
    cuts = places.quantile([0.25, 0.5, 0.75]).unstack()  # noqa: PD010  # as above
    found["c1"], found["c2"], found["c3"] = cuts[0.25], cuts[0.5], cuts[0.75]
    return found


def _joined(rows: pd.DataFrame) -> pd.Series:
    """Areas of every group, joined; rows come in their order. Most groups have but one."""
    codes = rows.set_index("group")["area_code"].astype(object)
    is_alone = ~codes.index.duplicated(keep=False)
    return pd.concat([codes[is_alone], codes[~is_alone].groupby(level=0).agg(";".join)])


def _places_among_all(figures: pd.DataFrame) -> pd.DataFrame:
    better = figures.groupby("line")["place"].rank(method="min") - 1
    level = figures.groupby(["line", "place"])
    tied = level["area_code"].transform("size")
    number = level.ngroup()[tied > 1]
    areas = figures.loc[tied > 1, "area_code"].astype(object)
    texts = number.map(areas.groupby(number).agg(";".join))
    others = [
        ";".join(other for other in text.split(";") if other != own)
        for text, own in zip(texts, areas, strict=True)
    ]
    return figures.assign(better=better, tied=tied, tied_with=pd.Series(others, areas.index))


def _places_beside(pairs: pd.DataFrame, owned: pd.DataFrame) -> pd.DataFrame:
    own = pairs["group"].map(owned.set_index("group")["place"])
    is_level = pairs["place"] == own
    beside = pd.DataFrame({"better": pairs["place"] < own, "tied": is_level})
    counts = beside.groupby(pairs["group"])[["better", "tied"]].sum()
    counts["tied_with"] = _joined(pairs[is_level & pairs["is_member"]])
    return counts


def _position(table: pd.DataFrame, code: str) -> pd.DataFrame:
    is_ranked = table["place"].notna() & (table["count"] >= 5)
    n, from_median = table["count"], table["value"] - table["median"]
    shown = [np.sign(table[c]) * np.floor(table[c].abs() + 0.5) for c in CUTS]
    band = 1 + sum((table["place"] > table[c]).astype(int) for c in CUTS)
    clear = is_ranked & (n >= 8) & (shown[0] != shown[1]) & (shown[2] != shown[1])
    midrank = 1 + table["better"] + (table["tied"] - 1) / 2
    return table.assign(
        group_code=pd.Categorical([code], dtype=CODES).repeat(len(table)),
        rank=(table["better"] + 1).where(is_ranked),
        n_ranked=n.where(is_ranked),
        tied_with=table["tied_with"].fillna("").where(is_ranked),
        percentile_rank=(100 * (n - midrank) / (n - 1)).where(is_ranked),
        band=band.where(clear),
        difference_from_median=from_median,
        gap_to_best=(table["place"] - table["best_of_all"]) / 10,
        z_score=(table["value"] - table["mean"]) / table["sd"].where(table["sd"] > 0),
        mad_score=from_median / table["mad"].where(table["mad"] > 0),
        mad_z=from_median / table["mad"].where(table["mad"] > 0) / 1.4826,
        **_verdict(table),
    )


def _verdict(table: pd.DataFrame) -> dict[str, Any]:
    reasons = [
        table["value"].isna(),
        table["headline"].isna(),
        table["interval"] == "none",
        table["lower_95"].isna(),
    ]
    above, below = table["lower_95"] > table["headline"], table["upper_95"] < table["headline"]
    is_higher = table["polarity"] == "higher"
    verdicts = [
        np.logical_or.reduce(reasons),
        (above & is_higher) | (below & ~is_higher),
        above | below,
    ]
    return {
        "versus_reason": _word(
            reasons,
            [
                "no value",
                "no benchmark",
                "no interval is declared",
                "no interval for this figure",
            ],
        ),
        "versus_benchmark": _word(verdicts, ["not compared", "better", "worse", "similar"], 3),
    }


def _benchmarks(found: dict[str, pd.DataFrame], figures: pd.DataFrame) -> pd.DataFrame:
    """Both kinds of group below each other, with the keys that their numbers stand for."""
    table = pd.concat([t.assign(code=code) for code, t in found.items()])
    line, owner = np.divmod(table.index.to_numpy(), len(figures["area_code"].cat.categories))
    indicator, period = np.divmod(line, len(figures["period"].cat.categories))
    keys = {
        name: pd.Categorical.from_codes(codes, dtype=figures[column].dtype)
        for name, column, codes in (
            ("indicator", "indicator", indicator),
            ("period", "period", period),
            ("owner_code", "area_code", owner),
        )
    }
    return table.assign(**keys, group_code=table["code"].astype(CODES))
