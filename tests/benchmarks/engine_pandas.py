"""The numbers of the comparison in vectorised pandas; what belongs to them is said in engines."""

from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.engines import COLUMNS, KEYS, LINE, NUMBERS, Z95, Z998

BY = [*LINE, "owner_code"]
CUTS = ("c1", "c2", "c3")


def by_pandas(home: Path, out: Path) -> None:
    figures = _figures(home)
    needed = figures[[*LINE, "area_code", "value", "place", "numerator", "denominator"]]
    pairs = needed.merge(_near(home), on="area_code")
    found = {
        "all": _describe(needed.assign(owner_code="", is_member=True)).reset_index(),
        "near": _describe(pairs).reset_index(),
    }
    everyone = figures.assign(better=figures.groupby(LINE)["place"].rank(method="min") - 1)
    everyone["tied"] = everyone.groupby([*LINE, "place"])["area_code"].transform("size")
    owned = figures.assign(owner_code=figures["area_code"]).merge(_counts(pairs, figures), on=BY)
    tables = [
        _position(everyone.merge(found["all"], on=LINE), "all"),
        _position(owned.merge(found["near"], on=BY), "near"),
    ]
    pd.concat(tables).to_parquet(out / "comparisons.parquet", index=False)
    written = [table.assign(group_code=code) for code, table in found.items()]
    kept = [*KEYS["benchmarks"], *NUMBERS]
    pd.concat(written)[kept].to_parquet(out / "benchmarks.parquet", index=False)


def _near(home: Path) -> pd.DataFrame:
    groups = pd.read_parquet(home / "groups.parquet")
    near = groups.loc[groups["owner_code"] != "", ["owner_code", "member_code"]]
    near = near.rename(columns={"member_code": "area_code"}).assign(is_member=True)
    owners = near[["owner_code"]].drop_duplicates()
    return pd.concat([near, owners.assign(area_code=owners["owner_code"], is_member=False)])


def _counts(pairs: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    own = figures[[*LINE, "area_code", "place"]].rename(columns={"area_code": "owner_code"})
    beside = pairs.merge(own, on=BY, suffixes=("", "_own"))
    beside["better"] = beside["place"] < beside["place_own"]
    beside["tied"] = beside["place"] == beside["place_own"]
    return beside.groupby(BY, sort=False)[["better", "tied"]].sum().reset_index()


def _position(table: pd.DataFrame, code: str) -> pd.DataFrame:
    is_ranked = table["place"].notna() & (table["count"] >= 5)
    n, from_median = table["count"], table["value"] - table["median"]
    shown = [np.sign(table[c]) * np.floor(table[c].abs() + 0.5) for c in CUTS]
    band = 1 + sum((table["place"] > table[c]).astype(int) for c in CUTS)
    clear = is_ranked & (n >= 8) & (shown[0] != shown[1]) & (shown[2] != shown[1])
    midrank = 1 + table["better"] + (table["tied"] - 1) / 2
    table = table.assign(
        group_code=code,
        rank=(table["better"] + 1).where(is_ranked),
        n_ranked=n.where(is_ranked),
        percentile_rank=(100 * (n - midrank) / (n - 1)).where(is_ranked),
        band=band.where(clear),
        difference_from_median=from_median,
        gap_to_best=(table["place"] - table["best_of_all"]) / 10,
        z_score=(table["value"] - table["mean"]) / table["sd"].where(table["sd"] > 0),
        mad_score=from_median / table["mad"].where(table["mad"] > 0),
    )
    table["mad_z"] = table["mad_score"] / 1.4826
    return table[[*KEYS["comparisons"], *COLUMNS["comparisons"]]]


def _figures(home: Path) -> pd.DataFrame:
    figures = pd.read_parquet(home / "observations.parquet").merge(
        pd.read_parquet(home / "indicators.parquet"), on="indicator"
    )
    figures = figures.sort_values(["indicator", "area_code", "period"], ignore_index=True)
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
    series = figures.groupby(["indicator", "area_code"], sort=False)["value"]
    figures["change"] = figures["value"] - series.shift()
    figures["change_pct"] = (100 * figures["change"] / series.shift().abs()).where(
        figures["kind"] != "proportion"
    )
    figures["change_since_first"] = figures["value"] - series.transform("first")
    return figures


def _describe(table: pd.DataFrame) -> pd.DataFrame:
    members = table[table["is_member"]]
    grouped = members.groupby(BY, sort=False)
    values = grouped["value"]
    found = values.agg(["mean", "median", "min", "max", "std", "count"])
    found = found.rename(columns={"std": "sd", "count": "n_valid"})
    quartiles = values.quantile([0.25, 0.75]).unstack()  # noqa: PD010  # not a pivot
    found["q1"], found["q3"] = quartiles[0.25], quartiles[0.75]
    found["n_members"] = grouped.size()
    spread = (members["value"] - values.transform("median")).abs()
    found["mad"] = spread.groupby([members[name] for name in BY], sort=False).median()
    valid = members[members["value"].notna()].groupby(BY, sort=False)
    sums = valid[["numerator", "denominator"]].sum()
    found["ratio_of_sums"] = 100 * sums["numerator"] / sums["denominator"]
    found["bottom"], found["whole"] = sums["denominator"], grouped["denominator"].sum()
    enough = 10 * found["bottom"] >= 9 * found["whole"]
    found["headline"] = found["ratio_of_sums"].where(enough, found["median"])
    found["best_value"] = grouped["place"].min().abs() / 10
    places = table.groupby(BY, sort=False)["place"]
    found["best_of_all"], found["count"] = places.min(), places.count()
    cuts = places.quantile([0.25, 0.5, 0.75]).unstack()  # noqa: PD010  # as above
    found["c1"], found["c2"], found["c3"] = cuts[0.25], cuts[0.5], cuts[0.75]
    return found
