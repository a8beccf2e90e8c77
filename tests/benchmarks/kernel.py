"""The comparison kernel against pandas, polars and duckdb: CPU seconds, in turns, in one run.

Run as `python -m tests.benchmarks.kernel [--size S|M10|M] [--rounds N]`. Here belongs the
generation of the data and a fair version of each alternative: value, mean, median, quartiles, sd,
rank, change and difference from the median, for all councils and in every council's own group of
seven. The alternatives leave out what the kernel also does (bands, ties, codes, intervals, tests,
trend, exact rounding), so the ratios understate it. Answers must agree to 1e-9.
"""

import argparse
import time
from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from assets.methods.compare import compare

SIZES = {"S": (200, 20, 22), "M10": (100, 20, 400), "M": (1000, 20, 400)}
NEIGHBOURS = 7
KEY = ["indicator", "period", "area_code"]


STATISTICS = [
    pl.col("value").mean().alias("mean"),
    pl.col("value").median().alias("median"),
    pl.col("value").std().alias("sd"),
    pl.col("value").quantile(0.25, "linear").alias("q1"),
    pl.col("value").quantile(0.75, "linear").alias("q3"),
    pl.col("value").count().alias("n"),
]


def generate(size: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Observations (3 % missing), declarations and groups of a size; the same every time."""
    n_indicators, n_years, n_areas = SIZES[size]
    rng = np.random.default_rng(20)
    areas = [f"W{number:05}" for number in range(n_areas)]
    index = pd.MultiIndex.from_product(
        [
            [f"i{number:04}" for number in range(n_indicators)],
            [f"{2001 + year}-04-01/P1Y" for year in range(n_years)],
            areas,
        ],
        names=KEY,
    )
    frame = index.to_frame(index=False)
    frame["denominator"] = rng.integers(500, 90_000, len(frame)).astype(float)
    frame["numerator"] = np.floor(frame["denominator"] * rng.uniform(0.05, 0.4, len(frame)))
    frame.loc[rng.random(len(frame)) < 0.03, "numerator"] = np.nan
    declared = pd.DataFrame({"indicator": index.levels[0].astype(str)}).assign(
        polarity="lower", multiplier=100.0
    )
    own = [
        ("near", owner, areas[(place + step) % n_areas])
        for place, owner in enumerate(areas)
        for step in range(1, NEIGHBOURS + 1)
    ]
    everyone = [("all", "", area) for area in areas]
    groups = pd.DataFrame(everyone + own, columns=["group_code", "owner_code", "member_code"])
    return frame, declared, groups


def by_kernel(frame: pd.DataFrame, declared: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    found = compare(frame, declared, groups)
    left = found.comparisons[[*KEY, "group_code", "rank", "change", "difference_from_median"]]
    return left.sort_values(["group_code", *KEY], ignore_index=True)


def by_pandas(frame: pd.DataFrame, _: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    figures = frame.assign(value=100 * frame["numerator"] / frame["denominator"])
    figures["shown"] = np.floor(figures["value"] * 10 + 0.5) / 10
    figures = figures.sort_values(KEY)
    figures["change"] = figures.groupby(["indicator", "area_code"])["value"].diff()
    whole = figures.groupby(["indicator", "period"])
    everyone = figures.assign(group_code="all", rank=whole["shown"].rank(method="min"))
    everyone["difference_from_median"] = figures["value"] - whole["value"].transform("median")
    for name in ("mean", "std", "min", "max", "count"):
        whole["value"].transform(name)
    whole["value"].quantile([0.25, 0.75])
    own = groups[groups["owner_code"] != ""][["owner_code", "member_code"]]
    pairs = figures.merge(own, left_on="area_code", right_on="owner_code").merge(
        figures[["indicator", "period", "area_code", "value", "shown"]],
        left_on=["indicator", "period", "member_code"],
        right_on=["indicator", "period", "area_code"],
        suffixes=("", "_m"),
    )
    pairs["is_better"] = pairs["shown_m"] < pairs["shown"]
    of_owner = pairs.groupby(KEY)
    near = of_owner["value_m"].agg(["median", "mean", "std", "min", "max", "count"])
    of_owner["value_m"].quantile([0.25, 0.75])
    near["better"] = of_owner["is_better"].sum()
    near = figures.merge(near.reset_index(), on=KEY).assign(group_code="near")
    near["rank"] = (1 + near["better"]).where(near["value"].notna() & (near["count"] >= 4))
    near["difference_from_median"] = near["value"] - near["median"]
    columns = [*KEY, "group_code", "rank", "change", "difference_from_median"]
    joined = pd.concat([everyone[columns], near[columns]])
    return joined.sort_values(["group_code", *KEY], ignore_index=True)


def by_polars(frame: pd.DataFrame, _: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    value = 100 * pl.col("numerator") / pl.col("denominator")
    line = ["indicator", "period"]
    figures = (
        pl.from_pandas(frame)
        .lazy()
        .sort(KEY)
        .with_columns(value=value)
        .with_columns(
            shown=(pl.col("value") * 10 + 0.5).floor() / 10,
            change=pl.col("value").diff().over("indicator", "area_code"),
        )
    )
    everyone = figures.with_columns(
        pl.col("shown").rank("min").over(line).cast(pl.Float64).alias("rank"),
        pl.lit("all").alias("group_code"),
    ).join(figures.group_by(line).agg(STATISTICS), on=line)
    own = pl.from_pandas(groups).lazy().filter(pl.col("owner_code") != "")
    members = figures.select(*line, pl.col("area_code").alias("member_code"), "value", "shown")
    pairs = (
        figures.select(*KEY, pl.col("shown").alias("own"))
        .join(own, left_on="area_code", right_on="owner_code")
        .join(members, on=[*line, "member_code"])
    )
    of_owner = pairs.group_by(KEY).agg(
        *STATISTICS, (pl.col("shown") < pl.col("own")).sum().alias("better")
    )
    near = figures.join(of_owner, on=KEY).with_columns(
        pl.when(pl.col("value").is_not_null() & (pl.col("n") >= 4))
        .then(pl.col("better") + 1)
        .cast(pl.Float64)
        .alias("rank"),
        pl.lit("near").alias("group_code"),
    )
    difference = (pl.col("value") - pl.col("median")).alias("difference_from_median")
    columns = [*KEY, "group_code", "rank", "change"]
    found = pl.concat([t.select(*columns, difference) for t in (everyone, near)])
    return found.sort("group_code", *KEY).collect().to_pandas()


QUERY = """
with figures as (
  select *, 100 * numerator / denominator as value,
         floor(1000 * numerator / denominator + 0.5) / 10 as shown from frame),
changed as (
  select *, value - lag(value) over (partition by indicator, area_code order by period) as change
  from figures),
lines as (
  select indicator, period, median(value) as median, avg(value) as mean, stddev_samp(value) as sd,
         quantile_cont(value, 0.25) as q1, quantile_cont(value, 0.75) as q3
  from figures group by all),
everyone as (
  select c.*, 'all' as group_code, l.median, l.sd, l.mean, l.q1, l.q3,
         case when value is not null then rank() over (
           partition by c.indicator, c.period order by shown nulls last) end as rank
  from changed c join lines l using (indicator, period)),
near as (
  select o.indicator, o.period, o.area_code, median(m.value) as median, avg(m.value) as mean,
         stddev_samp(m.value) as sd, quantile_cont(m.value, 0.25) as q1,
         quantile_cont(m.value, 0.75) as q3, count(m.value) as n,
         count(*) filter (m.shown < o.shown) as better
  from figures o join groups g on g.owner_code = o.area_code
  join figures m on m.area_code = g.member_code and m.indicator = o.indicator
   and m.period = o.period
  group by all)
select indicator, period, area_code, group_code, rank, change,
       value - median as difference_from_median from everyone
union all
select c.indicator, c.period, c.area_code, 'near',
       case when c.value is not null and n >= 4 then 1 + better end, c.change, c.value - n.median
from changed c join near n using (indicator, period, area_code)
order by group_code, indicator, period, area_code
"""


def by_duckdb(frame: pd.DataFrame, _: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.register("groups", groups)
        return connection.execute(QUERY).df()


ENGINES: dict[str, Callable[..., pd.DataFrame]] = {
    "kernel": by_kernel,
    "pandas": by_pandas,
    "polars": by_polars,
    "duckdb": by_duckdb,
}


def agree(found: pd.DataFrame, expected: pd.DataFrame) -> bool:
    """Whether ranks, changes and differences are equal to 1e-9, nulls alike."""
    return len(found) == len(expected) and all(
        np.allclose(
            found[name].to_numpy(dtype=float, na_value=np.nan),
            expected[name].to_numpy(dtype=float, na_value=np.nan),
            rtol=1e-9,
            atol=1e-9,
            equal_nan=True,
        )
        for name in ("rank", "change", "difference_from_median")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="S")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    tables = generate(options.size)
    seconds: dict[str, list[float]] = {name: [] for name in ENGINES}
    answers: dict[str, pd.DataFrame] = {}
    for _ in range(options.rounds):
        for name, engine in ENGINES.items():
            start = time.process_time()
            answers[name] = engine(*tables)
            seconds[name].append(time.process_time() - start)
    best = {name: min(taken) for name, taken in seconds.items()}
    print(f"size {options.size}, {len(tables[0]):,} observations, best of {options.rounds}")
    for name, taken in best.items():
        same = "" if agree(answers[name], answers["kernel"]) else "  ANSWERS DIFFER"
        print(f"{name:8} {taken:8.3f} CPU s  {taken / best['kernel']:6.2f} x kernel{same}")


if __name__ == "__main__":
    main()
