"""The users' alternatives: what they must compute, and the version in duckdb.

Here belongs one fair version, Parquet in and Parquet out; polars and vectorised pandas have a
module each. They compute the numbers of both
tables; words, reasons, tests and member lists, which the kernel also writes, are left out, so the
ratios understate it. Everyone is in `all` and owns a group `near`; every indicator is a proportion
or rate with all denominators known, annual and unbroken.
"""

from pathlib import Path

import duckdb

Z95, Z998 = 1.959963984540054, 3.090232306167813

FIGURES = f"""
create temp table figures as
with read as (
  select *, 100 * numerator / denominator as value,
         floor(1000 * numerator / denominator + 0.5) / 10 as value_rounded,
         numerator / denominator as p, denominator as n
  from read_parquet('{{o}}') as o join read_parquet('{{i}}') as i using (indicator))
select *, case when polarity = 'higher' then -1 else 1 end * round(10 * value_rounded) as place,
  case when interval = 'binomial' then 100 * (2 * numerator + {Z95}^2
    - {Z95} * sqrt({Z95}^2 + 4 * numerator * (1 - p))) / (2 * (n + {Z95}^2)) end as lower_95,
  case when interval = 'binomial' then 100 * (2 * numerator + {Z95}^2
    + {Z95} * sqrt({Z95}^2 + 4 * numerator * (1 - p))) / (2 * (n + {Z95}^2)) end as upper_95,
  case when interval = 'binomial' then 100 * (2 * numerator + {Z998}^2
    - {Z998} * sqrt({Z998}^2 + 4 * numerator * (1 - p))) / (2 * (n + {Z998}^2)) end as lower_998,
  case when interval = 'binomial' then 100 * (2 * numerator + {Z998}^2
    + {Z998} * sqrt({Z998}^2 + 4 * numerator * (1 - p))) / (2 * (n + {Z998}^2)) end as upper_998,
  value - lag(value) over series as change,
  case when kind <> 'proportion'
    then 100 * (value - lag(value) over series) / abs(lag(value) over series) end as change_pct,
  value - first_value(value ignore nulls) over series as change_since_first
from read window series as (partition by indicator, area_code order by period)
"""
DESCRIBE = """
  count(*) filter (is_member) as n_members, count(value) filter (is_member) as n_valid,
  avg(value) filter (is_member) as mean, median(value) filter (is_member) as median,
  min(value) filter (is_member) as min, max(value) filter (is_member) as max,
  quantile_cont(value, 0.25) filter (is_member) as q1,
  quantile_cont(value, 0.75) filter (is_member) as q3,
  stddev_samp(value) filter (is_member) as sd, list(value) filter (is_member) as held,
  100 * sum(numerator) filter (is_member)
    / sum(denominator) filter (is_member and value is not null) as ratio_of_sums,
  sum(denominator) filter (is_member and value is not null) as bottom,
  sum(denominator) filter (is_member) as whole,
  min(place) filter (is_member) as best_place, min(place) as best_of_all, count(place) as n_ranked,
  quantile_cont(place, [0.25, 0.5, 0.75]) as cuts
"""
BENCHMARKS = f"""
create temp table benchmarks as
with grouped as (
  select 'all' as group_code, '' as owner_code, indicator, period, {DESCRIBE}
  from (select *, true as is_member from figures) group by indicator, period
  union all
  select 'near', owner_code, indicator, period, {DESCRIBE}
  from (select f.*, g.owner_code, g.owner_code <> g.area_code as is_member
        from figures f join near g using (area_code))
  group by indicator, period, owner_code)
select * exclude (held),
  list_median(list_transform(held, lambda v: abs(v - median))) as mad,
  abs(best_place) / 10 as best_value,
  case when 10 * bottom >= 9 * whole then ratio_of_sums else median end as headline
from grouped
"""
SCORES = """
  case when f.place is not null and b.n_ranked >= 5 then r.better + 1 end as rank,
  case when f.place is not null and b.n_ranked >= 5 then b.n_ranked end as n_ranked,
  case when f.place is not null and b.n_ranked >= 5
    then 100 * (b.n_ranked - (1 + better + tied / 2)) / (b.n_ranked - 1) end as percentile_rank,
  case when f.place is not null and b.n_ranked >= 8
    and sign(cuts[1]) * floor(abs(cuts[1]) + 0.5) <> sign(cuts[2]) * floor(abs(cuts[2]) + 0.5)
    and sign(cuts[3]) * floor(abs(cuts[3]) + 0.5) <> sign(cuts[2]) * floor(abs(cuts[2]) + 0.5)
    then 1 + (f.place > cuts[1])::int + (f.place > cuts[2])::int + (f.place > cuts[3])::int
    end as band,
  f.value - b.median as difference_from_median, (f.place - b.best_of_all) / 10 as gap_to_best,
  (f.value - b.mean) / nullif(b.sd, 0) as z_score,
  (f.value - b.median) / nullif(b.mad, 0) as mad_score,
  (f.value - b.median) / nullif(b.mad, 0) / 1.4826 as mad_z
"""
OWN = [
    "indicator", "period", "area_code", "value", "value_rounded",
    "lower_95", "upper_95", "lower_998", "upper_998",
]  # fmt: skip
CHANGES = ["change", "change_pct", "change_since_first"]
LINE = ["indicator", "period"]
COMPARISONS = f"""
with places as (
  select 'all' as group_code, indicator, period, area_code,
    rank() over (partition by indicator, period order by place) - 1 as better,
    count(*) over (partition by indicator, period, place) - 1 as tied
  from figures
  union all
  select 'near', o.indicator, o.period, o.area_code,
    count(*) filter (m.place < o.place), count(*) filter (m.place = o.place) - 1
  from figures o join near g on g.owner_code = o.area_code
  join figures m on m.area_code = g.area_code and m.indicator = o.indicator
    and m.period = o.period
  group by all)
select r.group_code, {", ".join(f"f.{name}" for name in [*OWN, *CHANGES])}, {SCORES}
from figures f join places r using (indicator, period, area_code)
join benchmarks b on b.indicator = f.indicator and b.period = f.period
  and b.group_code = r.group_code
  and b.owner_code = case when r.group_code = 'all' then '' else f.area_code end
"""
NUMBERS = [
    "n_members", "n_valid", "mean", "ratio_of_sums", "median", "min", "q1", "q3", "max", "sd",
    "mad", "best_value", "headline",
]  # fmt: skip
POSITION = [
    "rank", "n_ranked", "percentile_rank", "band", "difference_from_median", "gap_to_best",
    "z_score", "mad_score", "mad_z",
]  # fmt: skip
KEYS = {
    "comparisons": [*LINE, "area_code", "group_code"],
    "benchmarks": [*LINE, "group_code", "owner_code"],
}
COLUMNS = {"comparisons": [*OWN[3:], *CHANGES, *POSITION], "benchmarks": NUMBERS}


def by_duckdb(home: Path, out: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = '6GB'; set temp_directory = '{out}'")
        connection.execute(
            f"""create temp table near as
            select distinct owner_code, member_code as area_code
            from read_parquet('{home}/groups.parquet') where owner_code <> ''
            union select owner_code, owner_code from read_parquet('{home}/groups.parquet')
            where owner_code <> ''"""
        )
        names = {"o": f"{home}/observations.parquet", "i": f"{home}/indicators.parquet"}
        connection.execute(FIGURES.format(**names))
        connection.execute(BENCHMARKS)
        kept = ", ".join([*KEYS["benchmarks"], *NUMBERS])
        for query, name in (
            (COMPARISONS, "comparisons"),
            (f"select {kept} from benchmarks", "benchmarks"),
        ):
            connection.execute(f"copy ({query}) to '{out}/{name}.parquet' (format parquet)")
