"""The users' alternatives: what they must compute, and the version in duckdb.

Here belongs one fair version, Parquet in and Parquet out; polars and vectorised pandas have a
module each. They compute and write every column that the kernel writes here: numbers, words,
reasons, tests of change and member lists; trend and rank uncertainty are null for all. What the
kernel does beyond, they leave out: refusing what cannot be true, breaks, other kinds of figures
and intervals, sorted rows. Everyone is in `all` and owns a group `near`; every indicator is a
proportion or rate with all denominators known, annual and unbroken.
"""

from pathlib import Path

import duckdb

Z95, Z998 = 1.959963984540054, 3.090232306167813
LINE = ["indicator", "period"]
KEYS = {
    "comparisons": [*LINE, "area_code", "group_code"],
    "benchmarks": [*LINE, "group_code", "owner_code"],
}
COLUMNS = {
    table: names.split()
    for table, names in {
        "comparisons": (
            "indicator period area_code breakdown_type breakdown group_code value value_rounded "
            "note_code missing_reason lower_95 upper_95 lower_998 upper_998 rank n_ranked "
            "tied_with rank_low rank_high percentile_rank band difference_from_median gap_to_best "
            "z_score mad_score mad_z versus_benchmark versus_reason statutory_target versus_target "
            "target_reason change change_pct change_direction change_significant change_test "
            "change_reason change_since_first trend trend_reason"
        ),
        "benchmarks": (
            "indicator period breakdown_type breakdown group_code owner_code n_members n_valid "
            "missing_members mean ratio_of_sums median min q1 q3 max sd mad best_value best_areas "
            "source_value headline headline_kind"
        ),
    }.items()
}
TOTAL = {"breakdown_type": "total", "breakdown": "total"}
UNTARGETED = {"versus_target": "not compared", "target_reason": "no statutory target"}
"""Words that are the same in every row: nothing is broken down, no targets are given."""
NULL_NUMBERS = ["rank_low", "rank_high", "statutory_target", "source_value"]
NULL_WORDS = ["trend", "trend_reason"]
PREVIOUS = ["value", "value_rounded", "lower_95", "upper_95", "period"]
"""What a change is computed from, one period earlier."""

FIXED = ", ".join(
    [f"'{text}' as {name}" for name, text in {**TOTAL, **UNTARGETED}.items()]
    + [f"null::double as {name}" for name in NULL_NUMBERS]
    + [f"null::varchar as {name}" for name in NULL_WORDS]
)


def _limit(sign: str, z: float) -> str:
    root = f"{z} * sqrt({z}^2 + 4 * numerator * (1 - numerator / denominator))"
    limit = f"100 * (2 * numerator + {z}^2 {sign} {root}) / (2 * (denominator + {z}^2))"
    return f"case when interval = 'binomial' then {limit} end"


READ = f"""
create temp table figures as
with read as (
  select indicator, period, area_code, numerator, denominator, kind, polarity, interval,
    100 * numerator / denominator as value,
    floor(1000 * numerator / denominator + 0.5) / 10 as value_rounded,
    {_limit("-", Z95)} as lower_95, {_limit("+", Z95)} as upper_95,
    {_limit("-", Z998)} as lower_998, {_limit("+", Z998)} as upper_998
  from read_parquet('{{o}}') as o join read_parquet('{{i}}') as i using (indicator)),
dated as (
  select *, first_value(value ignore nulls) over series as first_value,
    {", ".join(f"lag({name}) over series as {name}_then" for name in PREVIOUS)}
  from read window series as (partition by indicator, area_code order by period)),
changed as (
  select *, value - value_then as change,
    case polarity when 'higher' then 1 else -1 end * (value_rounded - value_rounded_then) as step
  from dated)
select * exclude ({", ".join(f"{name}_then" for name in PREVIOUS)}, first_value, step),
  case polarity when 'higher' then -1 else 1 end * round(10 * value_rounded) as place,
  case when value is null then 'x' end as note_code,
  case when value is null then 'not returned' end as missing_reason,
  case when kind <> 'proportion' then 100 * change / abs(value_then) end as change_pct,
  case when step > 0 then 'improved' when step < 0 then 'worsened' when step = 0 then 'no change'
    end as change_direction,
  value - first_value as change_since_first,
  case when interval = 'binomial' then
    change - sqrt((value - lower_95)^2 + (upper_95_then - value_then)^2) > 0
    or change + sqrt((upper_95 - value)^2 + (value_then - lower_95_then)^2) < 0
    end as change_significant,
  case when interval = 'binomial' and change is not null then 'newcombe' end as change_test,
  case when value is null then 'no value'
    when period_then is null then 'no figure for the previous period'
    when value_then is null then 'no value in the previous period'
    when interval = 'none' then 'no interval is declared' end as change_reason
from changed
"""
DESCRIBE = """
  count(*) filter (is_member) as n_members, count(value) filter (is_member) as n_valid,
  avg(value) filter (is_member) as mean, median(value) filter (is_member) as median,
  min(value) filter (is_member) as min, max(value) filter (is_member) as max,
  quantile_cont(value, 0.25) filter (is_member) as q1,
  quantile_cont(value, 0.75) filter (is_member) as q3,
  stddev_samp(value) filter (is_member) as sd,
  list({'value': value, 'place': place, 'area': area_code}) filter (is_member) as held,
  100 * sum(numerator) filter (is_member)
    / sum(denominator) filter (is_member and value is not null) as ratio_of_sums,
  sum(denominator) filter (is_member and value is not null) as bottom,
  sum(denominator) filter (is_member) as whole,
  min(place) filter (is_member) as best_place, min(place) as best_of_all, count(place) as n_ranked,
  quantile_cont(place, [0.25, 0.5, 0.75]) as cuts
"""


def _areas(condition: str) -> str:
    """Sorted codes of the held members for which that is true."""
    found = f"list_transform(list_filter(held, lambda m: {condition}), lambda m: m.area::varchar)"
    return f"array_to_string(list_sort({found}), ';')"


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
  list_median(list_transform(held, lambda m: abs(m.value - median))) as mad,
  abs(best_place) / 10 as best_value,
  {_areas("m.value is null")} as missing_members,
  case when n_valid > 0 then {_areas("m.place = best_place")} end as best_areas,
  case when 10 * bottom >= 9 * whole then ratio_of_sums else median end as headline,
  case when n_valid = n_members then 'ratio_of_sums' when 10 * bottom >= 9 * whole
    then 'partial_ratio' when n_valid > 0 then 'median' end as headline_kind
from grouped
"""
SCORES = """
  case when is_ranked then better + 1 end as rank,
  case when is_ranked then n_ranked_all end as n_ranked,
  case when is_ranked then array_to_string(list_sort(coalesce(ties, [])), ';') end as tied_with,
  case when is_ranked
    then 100 * (n_ranked_all - (1 + better + tied / 2)) / (n_ranked_all - 1) end
    as percentile_rank,
  case when is_ranked and n_ranked_all >= 8
    and sign(cuts[1]) * floor(abs(cuts[1]) + 0.5) <> sign(cuts[2]) * floor(abs(cuts[2]) + 0.5)
    and sign(cuts[3]) * floor(abs(cuts[3]) + 0.5) <> sign(cuts[2]) * floor(abs(cuts[2]) + 0.5)
    then 1 + (place > cuts[1])::int + (place > cuts[2])::int + (place > cuts[3])::int
    end as band,
  value - median as difference_from_median, (place - best_of_all) / 10 as gap_to_best,
  (value - mean) / nullif(sd, 0) as z_score,
  (value - median) / nullif(mad, 0) as mad_score,
  (value - median) / nullif(mad, 0) / 1.4826 as mad_z,
  case when versus_reason is not null then 'not compared'
    when lower_95 > headline then if(polarity = 'higher', 'better', 'worse')
    when upper_95 < headline then if(polarity = 'higher', 'worse', 'better')
    else 'similar' end as versus_benchmark
"""
PLACES = """
create temp table places as
with lists as (
  select indicator, period, place, list(area_code::varchar) as areas
  from figures where place is not null group by all having count(*) > 1)
select 'all' as group_code, '' as owner_code, indicator, period, area_code,
  rank() over (partition by indicator, period order by place) - 1 as better,
  coalesce(len(areas), 1) - 1 as tied,
  list_filter(areas, lambda other: other <> area_code::varchar) as ties
from figures left join lists using (indicator, period, place)
union all
select 'near', g.owner_code, o.indicator, o.period, o.area_code,
  count(*) filter (m.place < o.place), count(*) filter (m.place = o.place) - 1,
  list(m.area_code::varchar) filter (m.place = o.place and m.area_code <> o.area_code)
from figures o join near g on g.owner_code = o.area_code
join figures m on m.area_code = g.area_code and m.indicator = o.indicator
  and m.period = o.period
group by all
"""
COMPARISONS = f"""
with judged as (
  select *, b.n_ranked as n_ranked_all,
    f.place is not null and b.n_ranked >= 5 as is_ranked,
    case when value is null then 'no value' when headline is null then 'no benchmark'
      when interval = 'none' then 'no interval is declared'
      when lower_95 is null then 'no interval for this figure' end as versus_reason
  from figures f join places r using (indicator, period, area_code)
  join benchmarks b using (indicator, period, group_code, owner_code)),
scored as (
  select * exclude (n_ranked), {SCORES}, {FIXED} from judged)
select {", ".join(COLUMNS["comparisons"])} from scored
"""


def by_duckdb(home: Path, out: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = '6GB'; set temp_directory = '{out}'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(
            f"""create temp table near as
            select distinct owner_code, member_code as area_code
            from read_parquet('{home}/groups.parquet') where owner_code <> ''
            union select owner_code, owner_code from read_parquet('{home}/groups.parquet')
            where owner_code <> ''"""
        )
        names = {"o": f"{home}/observations.parquet", "i": f"{home}/indicators.parquet"}
        connection.execute(READ.format(**names))
        connection.execute(BENCHMARKS)
        connection.execute(PLACES)
        kept = ", ".join(COLUMNS["benchmarks"])
        for query, name in (
            (COMPARISONS, "comparisons"),
            (f"select {kept} from (select *, {FIXED} from benchmarks)", "benchmarks"),
        ):
            connection.execute(f"copy ({query}) to '{out}/{name}.parquet' (format parquet)")
