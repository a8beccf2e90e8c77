"""The numbers of the comparison in polars; what belongs to them is said in engines."""

from pathlib import Path

import polars as pl

from tests.benchmarks.engines import CHANGES, KEYS, LINE, NUMBERS, OWN, Z95, Z998

CUTS = ("cut1", "cut2", "cut3")


def by_polars(home: Path, out: Path) -> None:
    figures = _figures(home).collect()
    everyone = figures.with_columns(
        group_code=pl.lit("all"), owner_code=pl.lit(""), is_member=pl.lit(value=True)
    )
    pairs = figures.join(_near(home), on="area_code").with_columns(group_code=pl.lit("near"))
    benchmarks = pl.concat([_describe(everyone), _describe(pairs)])
    benchmarks.select(*KEYS["benchmarks"], *NUMBERS).write_parquet(out / "benchmarks.parquet")
    places = _places(figures, everyone, pairs)
    is_all = pl.col("group_code") == "all"
    owner = pl.when(is_all).then(pl.lit("")).otherwise(pl.col("area_code"))
    compared = figures.join(places, on=[*LINE, "area_code"]).with_columns(owner_code=owner)
    joined = compared.join(benchmarks, on=KEYS["benchmarks"])
    joined.select(*KEYS["comparisons"], *OWN[3:], *CHANGES, *_position()).write_parquet(
        out / "comparisons.parquet"
    )


def _near(home: Path) -> pl.DataFrame:
    groups = pl.read_parquet(home / "groups.parquet").filter(pl.col("owner_code") != "")
    owners = groups.select("owner_code").unique()
    return pl.concat(
        [
            groups.select("owner_code", area_code="member_code", is_member=pl.lit(value=True)),
            owners.with_columns(area_code="owner_code", is_member=pl.lit(value=False)),
        ]
    )


def _places(figures: pl.DataFrame, everyone: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    place = pl.col("place")
    better = everyone.select(
        *KEYS["comparisons"],
        better=place.rank("min").over(LINE).cast(pl.Int64) - 1,
        tied=pl.len().over([*LINE, "place"]).cast(pl.Int64) - 1,
    )
    own = figures.select(*LINE, owner_code="area_code", own="place")
    at_owner = (
        pairs.join(own, on=[*LINE, "owner_code"])
        .group_by([*LINE, "owner_code", "group_code"])
        .agg(
            better=(place < pl.col("own")).sum().cast(pl.Int64),
            tied=(place == pl.col("own")).sum().cast(pl.Int64) - 1,
        )
    )
    return pl.concat([better, at_owner.rename({"owner_code": "area_code"}).select(better.columns)])


def _position() -> list[pl.Expr]:
    ranked = pl.col("place").is_not_null() & (pl.col("count") >= 5)
    n, value = pl.col("count").cast(pl.Int64), pl.col("value")
    midrank = 1 + pl.col("better") + pl.col("tied") / 2
    shown = [pl.col(c).sign() * (pl.col(c).abs() + 0.5).floor() for c in CUTS]
    steps = [(pl.col("place") > pl.col(c)).cast(pl.Int64) for c in CUTS]
    clear = (n >= 8) & (shown[0] != shown[1]) & (shown[2] != shown[1])
    mad_score = (value - pl.col("median")) / pl.col("mad").replace(0.0, None)
    return [
        pl.when(ranked).then(pl.col("better") + 1).alias("rank"),
        pl.when(ranked).then(n).alias("n_ranked"),
        pl.when(ranked).then(100 * (n - midrank) / (n - 1)).alias("percentile_rank"),
        pl.when(clear).then(1 + steps[0] + steps[1] + steps[2]).alias("band"),
        (value - pl.col("median")).alias("difference_from_median"),
        ((pl.col("place") - pl.col("best_of_all")) / 10).alias("gap_to_best"),
        ((value - pl.col("mean")) / pl.col("sd").replace(0.0, None)).alias("z_score"),
        mad_score.alias("mad_score"),
        (mad_score / 1.4826).alias("mad_z"),
    ]


def _figures(home: Path) -> pl.LazyFrame:
    x, n, value = pl.col("numerator"), pl.col("denominator"), pl.col("value")
    limits = []
    for name, z in (("95", Z95), ("998", Z998)):
        root = z * (z * z + 4 * x * (1 - x / n)).sqrt()
        for side, sign in (("lower", -1), ("upper", 1)):
            limit = 100 * (2 * x + z * z + sign * root) / (2 * (n + z * z))
            named = pl.when(pl.col("interval") == "binomial").then(limit)
            limits.append(named.alias(f"{side}_{name}"))
    series = ["indicator", "area_code"]
    earlier = value.shift(1).over(series)
    return (
        pl.scan_parquet(home / "observations.parquet")
        .join(pl.scan_parquet(home / "indicators.parquet"), on="indicator")
        .sort("indicator", "area_code", "period")
        .with_columns(value=100 * x / n, value_rounded=(1000 * x / n + 0.5).floor() / 10)
        .with_columns(
            *limits,
            place=(10 * pl.col("value_rounded")).round()
            * pl.when(pl.col("polarity") == "higher").then(-1).otherwise(1),
            change=value - earlier,
            change_pct=pl.when(pl.col("kind") != "proportion").then(
                100 * (value - earlier) / earlier.abs()
            ),
            change_since_first=value - value.drop_nulls().first().over(series),
        )
    )


def _describe(table: pl.DataFrame) -> pl.DataFrame:
    is_member = pl.col("is_member")
    value, place = pl.col("value").filter(is_member), pl.col("place")
    valid = is_member & pl.col("value").is_not_null()
    bottom = pl.col("denominator").filter(valid).sum()
    return (
        table.group_by(KEYS["benchmarks"])
        .agg(
            n_members=is_member.sum().cast(pl.Int64),
            n_valid=value.count().cast(pl.Int64),
            mean=value.mean(),
            median=value.median(),
            min=value.min(),
            max=value.max(),
            q1=value.quantile(0.25, "linear"),
            q3=value.quantile(0.75, "linear"),
            sd=value.std(),
            mad=(value - value.median()).abs().median(),
            ratio_of_sums=100 * pl.col("numerator").filter(valid).sum() / bottom,
            bottom=bottom,
            whole=pl.col("denominator").filter(is_member).sum(),
            best_value=place.filter(is_member).min().abs() / 10,
            best_of_all=place.min(),
            count=place.count(),
            cut1=place.quantile(0.25, "linear"),
            cut2=place.quantile(0.5, "linear"),
            cut3=place.quantile(0.75, "linear"),
        )
        .with_columns(
            headline=pl.when(10 * pl.col("bottom") >= 9 * pl.col("whole"))
            .then("ratio_of_sums")
            .otherwise("median")
        )
    )
