"""The comparison in polars; what belongs to it is said in engines."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from tests.benchmarks.engines import (
    COLUMNS,
    KEYS,
    LINE,
    NULL_NUMBERS,
    NULL_WORDS,
    TOTAL,
    UNTARGETED,
    Z95,
    Z998,
)

CUTS = ("cut1", "cut2", "cut3")
BY = KEYS["benchmarks"]
CODES = pl.Enum(["all", "near"])
FIXED = [
    *(pl.lit(text, pl.Enum([text])).alias(name) for name, text in {**TOTAL, **UNTARGETED}.items()),
    *(pl.lit(None, pl.Float64).alias(name) for name in NULL_NUMBERS),
    *(pl.lit(None, pl.String).alias(name) for name in NULL_WORDS),
]


def by_polars(home: Path, out: Path) -> None:
    figures = _figures(home).collect()
    areas = figures.schema["area_code"]
    everyone = figures.with_columns(
        group_code=pl.lit("all", CODES), owner_code=pl.lit("", areas), is_member=pl.lit(value=True)
    )
    pairs = figures.join(_near(home, areas), on="area_code").with_columns(
        group_code=pl.lit("near", CODES)
    )
    benchmarks = pl.concat([_describe(everyone), _describe(pairs)])
    _write(benchmarks, "benchmarks", out)
    places = _places(figures, everyone, pairs)
    is_all = pl.col("group_code") == "all"
    owner = pl.when(is_all).then(pl.lit("", areas)).otherwise(pl.col("area_code"))
    compared = figures.join(places, on=[*LINE, "area_code"]).with_columns(owner_code=owner)
    joined = compared.join(benchmarks, on=BY)
    _write(joined.with_columns(*_scores(), *_verdict()), "comparisons", out)


def _write(table: pl.DataFrame, name: str, out: Path) -> None:
    columns = table.with_columns(FIXED).select(COLUMNS[name])
    columns.write_parquet(out / f"{name}.parquet", compression="snappy")


def _word(chosen: Sequence[tuple[pl.Expr, str]], otherwise: str | None = None) -> pl.Expr:
    """The word of the first condition that holds."""
    words = pl.Enum([*(word for _, word in chosen), *([otherwise] if otherwise else [])])
    expression = pl
    for condition, word in chosen:
        expression = expression.when(condition).then(pl.lit(word, words))
    return expression.otherwise(pl.lit(otherwise, words))


def _kinds(home: Path) -> dict[str, pl.Enum]:
    """The keys as enumerations of their texts; no owner is one of the areas."""
    read = pl.scan_parquet(home / "observations.parquet")
    keys = [*LINE, "area_code"]
    found = [read.select(pl.col(name).unique().sort()) for name in keys]
    texts = {n: t[n].to_list() for n, t in zip(keys, pl.collect_all(found), strict=True)}
    texts["area_code"] = ["", *texts["area_code"]]
    return {name: pl.Enum(several) for name, several in texts.items()}


def _near(home: Path, areas: pl.DataType) -> pl.DataFrame:
    groups = pl.read_parquet(home / "groups.parquet").filter(pl.col("owner_code") != "")
    groups = groups.with_columns(pl.col("owner_code", "member_code").cast(areas))
    owners = groups.select("owner_code").unique()
    return pl.concat(
        [
            groups.select("owner_code", area_code="member_code", is_member=pl.lit(value=True)),
            owners.with_columns(area_code="owner_code", is_member=pl.lit(value=False)),
        ]
    )


def _figures(home: Path) -> pl.LazyFrame:
    x, n, value = pl.col("numerator"), pl.col("denominator"), pl.col("value")
    limits = []
    for name, z in (("95", Z95), ("998", Z998)):
        root = z * (z * z + 4 * x * (1 - x / n)).sqrt()
        for side, sign in (("lower", -1), ("upper", 1)):
            limit = 100 * (2 * x + z * z + sign * root) / (2 * (n + z * z))
            named = pl.when(pl.col("interval") == "binomial").then(limit)
            limits.append(named.alias(f"{side}_{name}"))
    worth = pl.when(pl.col("polarity") == "higher").then(1).otherwise(-1)
    kinds = _kinds(home)
    indicators = pl.scan_parquet(home / "indicators.parquet")
    return (
        pl.scan_parquet(home / "observations.parquet")
        .with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())
        .join(indicators.with_columns(pl.col("indicator").cast(kinds["indicator"])), on="indicator")
        .sort("indicator", "area_code", "period")
        .with_columns(value=100 * x / n, value_rounded=(1000 * x / n + 0.5).floor() / 10)
        .with_columns(
            *limits,
            place=-worth * (10 * pl.col("value_rounded")).round(),
            note_code=_word([(value.is_null(), "x")]),
            missing_reason=_word([(value.is_null(), "not returned")]),
        )
        .with_columns(_changes(worth))
    )


def _changes(worth: pl.Expr) -> list[pl.Expr]:
    """Columns of the change against the previous period; rows lie by series and period."""
    series = ["indicator", "area_code"]
    value, rounded = pl.col("value"), pl.col("value_rounded")
    then, low, up = (
        pl.col(name).shift(1).over(series) for name in ("value", "lower_95", "upper_95")
    )
    change = value - then
    step = worth * (rounded - rounded.shift(1).over(series))
    lower = change - ((value - pl.col("lower_95")) ** 2 + (up - then) ** 2).sqrt()
    upper = change + ((pl.col("upper_95") - value) ** 2 + (then - low) ** 2).sqrt()
    is_tested = (pl.col("interval") == "binomial") & change.is_not_null()
    return [
        change.alias("change"),
        pl.when(pl.col("kind") != "proportion").then(100 * change / then.abs()).alias("change_pct"),
        (value - value.drop_nulls().first().over(series)).alias("change_since_first"),
        _word([(step > 0, "improved"), (step < 0, "worsened"), (step == 0, "no change")]).alias(
            "change_direction"
        ),
        pl.when(is_tested).then((lower > 0) | (upper < 0)).alias("change_significant"),
        _word([(is_tested, "newcombe")]).alias("change_test"),
        _word(
            [
                (value.is_null(), "no value"),
                (
                    pl.col("period").shift(1).over(series).is_null(),
                    "no figure for the previous period",
                ),
                (then.is_null(), "no value in the previous period"),
                (pl.col("interval") == "none", "no interval is declared"),
            ]
        ).alias("change_reason"),
    ]


def _describe(table: pl.DataFrame) -> pl.DataFrame:
    is_member, place = pl.col("is_member"), pl.col("place")
    missing = table.filter(is_member & pl.col("value").is_null())
    best = table.filter(is_member & (place == place.filter(is_member).min().over(BY)))
    is_enough = 10 * pl.col("bottom") >= 9 * pl.col("whole")
    ratio = pl.when(is_enough).then("ratio_of_sums").otherwise("median")
    kinds = [
        (pl.col("n_valid") == pl.col("n_members"), "ratio_of_sums"),
        (is_enough, "partial_ratio"),
        (pl.col("n_valid") > 0, "median"),
    ]
    return (
        table.group_by(BY)
        .agg(_statistics())
        .join(missing.group_by(BY).agg(missing_members=_codes()), on=BY, how="left")
        .join(best.group_by(BY).agg(best_areas=_codes()), on=BY, how="left")
        .with_columns(
            pl.col("missing_members").fill_null(""),
            best_value=pl.col("best_place").abs() / 10,
            headline=ratio,
            headline_kind=_word(kinds),
        )
    )


def _statistics() -> list[pl.Expr]:
    is_member, place = pl.col("is_member"), pl.col("place")
    value = pl.col("value").filter(is_member)
    valid = is_member & pl.col("value").is_not_null()
    bottom = pl.col("denominator").filter(valid).sum()
    found = {
        "n_members": is_member.sum().cast(pl.Int64),
        "n_valid": value.count().cast(pl.Int64),
        "mean": value.mean(),
        "median": value.median(),
        "min": value.min(),
        "max": value.max(),
        "q1": value.quantile(0.25, "linear"),
        "q3": value.quantile(0.75, "linear"),
        "sd": value.std(),
        "mad": (value - value.median()).abs().median(),
        "ratio_of_sums": 100 * pl.col("numerator").filter(valid).sum() / bottom,
        "bottom": bottom,
        "whole": pl.col("denominator").filter(is_member).sum(),
        "best_place": place.filter(is_member).min(),
        "best_of_all": place.min(),
        "count": place.count(),
        "cut1": place.quantile(0.25, "linear"),
        "cut2": place.quantile(0.5, "linear"),
        "cut3": place.quantile(0.75, "linear"),
    }
    return [expression.alias(name) for name, expression in found.items()]


def _codes() -> pl.Expr:
    """The areas of a group, sorted and joined."""
    return pl.col("area_code").sort().cast(pl.String).str.join(";")


def _places(figures: pl.DataFrame, everyone: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """How many are better than each figure in its groups, how many are level, and which."""
    place, at = pl.col("place"), [*LINE, "area_code"]
    better = everyone.select(
        *KEYS["comparisons"],
        "place",
        better=place.rank("min").over(LINE).cast(pl.Int64) - 1,
        tied=pl.len().over([*LINE, "place"]).cast(pl.Int64) - 1,
    )
    level = better.filter((pl.col("tied") > 0) & place.is_not_null())
    areas = level.group_by([*LINE, "place"]).agg(others=pl.col("area_code").cast(pl.String).sort())
    among_all = level.join(areas, on=[*LINE, "place"]).select(
        *at,
        tied_with=pl.col("others").list.set_difference(
            pl.concat_list(pl.col("area_code").cast(pl.String))
        ),
    )
    beside = pairs.join(
        figures.select(*LINE, owner_code="area_code", own="place"), on=[*LINE, "owner_code"]
    )
    is_level = place == pl.col("own")
    at_owner = beside.group_by([*LINE, "owner_code", "group_code"]).agg(
        better=(place < pl.col("own")).sum().cast(pl.Int64),
        tied=is_level.sum().cast(pl.Int64) - 1,
    )
    others = beside.filter(is_level & (pl.col("area_code") != pl.col("owner_code")))
    among_near = others.group_by([*LINE, "owner_code"]).agg(tied_with=_codes())
    own = at_owner.join(among_near, on=[*LINE, "owner_code"], how="left")
    everywhere = better.join(
        among_all.with_columns(pl.col("tied_with").list.sort().list.join(";")), on=at, how="left"
    ).drop("place")
    renamed = own.rename({"owner_code": "area_code"}).select(everywhere.columns)
    return pl.concat([everywhere, renamed])


def _scores() -> list[pl.Expr]:
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
        pl.when(ranked).then(pl.col("tied_with").fill_null("")).alias("tied_with"),
        pl.when(ranked).then(100 * (n - midrank) / (n - 1)).alias("percentile_rank"),
        pl.when(clear).then(1 + steps[0] + steps[1] + steps[2]).alias("band"),
        (value - pl.col("median")).alias("difference_from_median"),
        ((pl.col("place") - pl.col("best_of_all")) / 10).alias("gap_to_best"),
        ((value - pl.col("mean")) / pl.col("sd").replace(0.0, None)).alias("z_score"),
        mad_score.alias("mad_score"),
        (mad_score / 1.4826).alias("mad_z"),
    ]


def _verdict() -> list[pl.Expr]:
    headline, lower, upper = pl.col("headline"), pl.col("lower_95"), pl.col("upper_95")
    is_higher = pl.col("polarity") == "higher"
    reason = _word(
        [
            (pl.col("value").is_null(), "no value"),
            (headline.is_null(), "no benchmark"),
            (pl.col("interval") == "none", "no interval is declared"),
            (lower.is_null(), "no interval for this figure"),
        ]
    )
    above, below = lower > headline, upper < headline
    verdict = _word(
        [
            (reason.is_not_null(), "not compared"),
            ((above & is_higher) | (below & ~is_higher), "better"),
            (above | below, "worse"),
        ],
        "similar",
    )
    return [reason.alias("versus_reason"), verdict.alias("versus_benchmark")]
