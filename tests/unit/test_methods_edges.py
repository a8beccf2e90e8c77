"""The edges of every statistic, through compare() and by plain Python; the rest of the faults."""

import math
import statistics
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assets.methods import kernel, lines, streams
from assets.methods.compare import Comparison, ImpossibleInput, compare
from assets.methods.tables_io import run_compare

YEAR = "2023-04-01/P1Y"
SCORE = {"kind": "score", "decimals": 1, "polarity": "lower"}
SHARE = {"kind": "proportion", "multiplier": 100.0, "polarity": "lower", "interval": "binomial"}
REASONS = {
    "versus_benchmark": ("not compared", "versus_reason"),
    "change": (None, "change_reason"),
    "trend": (None, "trend_reason"),
}


def scores(values: list[float | None], **declared: object) -> Comparison:
    rows = pd.DataFrame(
        {
            "indicator": "i",
            "period": YEAR,
            "area_code": [f"W06{place:06}" for place in range(len(values))],
            "value": pd.Series(values, dtype="float64"),
        }
    )
    return compare(rows, pd.DataFrame([{"indicator": "i", **SCORE, **declared}]))


def parts(x: list[float | None], n: list[float | None], **declared: object) -> Comparison:
    rows = pd.DataFrame(
        {
            "indicator": "i",
            "period": YEAR,
            "area_code": [f"W06{place:06}" for place in range(len(x))],
            "numerator": pd.Series(x, dtype="float64"),
            "denominator": pd.Series(n, dtype="float64"),
        }
    )
    return compare(rows, pd.DataFrame([{"indicator": "i", **SHARE, **declared}]))


def plain(values: list[float]) -> dict[str, float]:
    """Every benchmark from its definition; nan where it does not exist."""
    ordered, n = sorted(values), len(values)
    if not n:
        return dict.fromkeys(("mean", "median", "min", "q1", "q3", "max", "sd", "mad"), math.nan)

    def cut(p: float) -> float:
        h = (n - 1) * p
        low = math.floor(h)
        return ordered[low] + (h - low) * (ordered[min(low + 1, n - 1)] - ordered[low])

    middle = statistics.median(ordered)
    return {
        "mean": math.fsum(ordered) / n,
        "median": middle,
        "min": ordered[0],
        "q1": cut(0.25),
        "q3": cut(0.75),
        "max": ordered[-1],
        "sd": statistics.stdev(ordered) if n > 1 else math.nan,
        "mad": statistics.median([abs(value - middle) for value in ordered]),
    }


EDGES: dict[str, list[float | None]] = {
    "one council": [7.0],
    "two councils": [7.0, 9.0],
    "all equal": [0.1] * 22,
    "all missing": [None] * 6,
    "even n": [4.0, 1.0, 3.0, 2.0],
    "one value": [None, None, 5.0],
    "negatives": [-5.0, -1.0, 0.0, 3.0, -2.5, 8.0, 1.0, -7.7],
    "zeros": [0.0, 0.0, 0.0, 1.0, 2.0],
    "ties at published decimals": [1.04, 0.96, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
    "huge mean, tiny spread": [1e7 + 0.1 * place for place in range(22)],
    "half missing": [None if place % 2 else float(place) for place in range(22)],
}


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("polarity", ["lower", "higher", "neutral", "target"])
def test_every_edge_by_plain_python(edge: str, polarity: str) -> None:
    values = EDGES[edge]
    found = scores(values, polarity=polarity, target=2.0 if polarity == "target" else None)
    valid = [value for value in values if value is not None]
    bench = found.benchmarks.iloc[0]
    assert (bench["n_members"], bench["n_valid"]) == (len(values), len(valid))
    for name, expected in plain(valid).items():
        tolerance = 1e-8 if "huge" in edge and name == "sd" else 1e-9
        assert bench[name] == pytest.approx(expected, rel=tolerance, abs=1e-9, nan_ok=True), name
    rounded = [None if v is None else math.floor(abs(v) * 10 + 0.5) / 10 * math.copysign(1, v)
               for v in values]  # fmt: skip
    rank = found.comparisons["rank"].astype("float64").tolist()
    if polarity == "neutral" or len(valid) < 5:
        assert all(math.isnan(value) for value in rank)
        return
    turn = {"lower": lambda v: v, "higher": lambda v: -v, "target": lambda v: abs(v - 2.0)}
    places = [round(turn[polarity](value), 6) for value in rounded if value is not None]
    expected = iter(stats.rankdata(places, "min"))
    for value, own in zip(values, rank, strict=True):
        assert math.isnan(own) if value is None else own == next(expected)


@pytest.mark.parametrize(
    ("x", "n", "code", "value"),
    [
        (0.0, 40.0, None, 0.0),
        (40.0, 40.0, None, 100.0),
        (0.0, 0.0, "z", None),
        (None, 40.0, "x", None),
        (3.0, None, "x", None),
    ],
)
def test_none_of_n_all_of_n_and_nothing_of_nothing(x, n, code, value) -> None:
    found = parts([x, 20.0], [n, 50.0]).comparisons.iloc[0]
    assert found["note_code"] == code or pd.isna(found["note_code"]) == (code is None)
    assert found["value"] == value or (value is None and math.isnan(found["value"]))
    if value == 0:
        assert found["lower_95"] == 0
    if value == 100:
        assert found["upper_998"] == 100


CONFIDENTIAL = {  # at a threshold of 4: numerator, denominator
    "nobody": (0, 40, False),
    "one": (1, 40, True),
    "four": (4, 40, True),
    "five": (5, 40, False),
    "all but five": (35, 40, False),
    "all but four": (36, 40, True),
    "all but one": (39, 40, True),
    "everyone": (40, 40, False),
    "nobody of four": (0, 4, True),
    "nobody of five": (0, 5, False),
    "nine of nine": (9, 9, True),
    "ten of ten": (10, 10, False),
}


@pytest.mark.parametrize("case", CONFIDENTIAL)
def test_small_counts_are_confidential_and_the_next_larger_ones_are_not(case: str) -> None:
    x, n, is_hidden = CONFIDENTIAL[case]
    found = parts([x, 20.0], [n, 50.0], disclosure_threshold=4).comparisons.iloc[0]
    assert (found["note_code"] == "c") == is_hidden
    assert math.isnan(found["value"]) == is_hidden
    assert not math.isnan(parts([x, 20.0], [n, 50.0]).comparisons.iloc[0]["value"])


@pytest.mark.parametrize(
    ("lacking", "kind"), [(None, "ratio_of_sums"), (10.0, "partial_ratio"), (11.0, "median")]
)
def test_nine_tenths_of_the_denominators_make_a_partial_ratio(
    lacking: float | None, kind: str
) -> None:
    """Counts of 90 are known; beside them a council of 10 or 11 that gave no numerator."""
    x, n = [20.0, 10.0], [50.0, 40.0]
    found = (parts(x, n) if lacking is None else parts([*x, None], [*n, lacking])).benchmarks
    bench = found.iloc[0]
    assert bench["headline_kind"] == kind
    assert bench["ratio_of_sums"] == pytest.approx(100 * 30 / 90)
    assert bench["headline"] == bench["median" if kind == "median" else "ratio_of_sums"]


@pytest.mark.parametrize("lacking", ["lower_95", "upper_95"])
@pytest.mark.parametrize("value", [1.0, 9.0])
def test_one_limit_alone_is_no_interval(lacking: str, value: float) -> None:
    values = pd.Series([value, 5.0, 5.0, 5.0])
    rows = pd.DataFrame({"indicator": "i", "period": YEAR, "area_code": list("abcd")})
    rows = rows.assign(value=values, lower_95=values - 1, upper_95=values + 1)
    declared = pd.DataFrame([{"indicator": "i", **SCORE, "interval": "supplied"}])
    both = compare(rows, declared).comparisons.iloc[0]
    assert both["versus_benchmark"] == ("better" if value < 5 else "worse")
    rows.loc[0, lacking] = np.nan
    one = compare(rows, declared).comparisons.iloc[0]
    assert one["versus_benchmark"] == "not compared"
    assert one["versus_reason"] == "no interval for this figure"


def test_something_of_nothing_is_refused_by_name() -> None:
    with pytest.raises(ImpossibleInput, match=r"Denominator 0 .*row 1 \(i, .*W06000000\)"):
        parts([3.0, 20.0], [0.0, 50.0])


def test_a_numerator_above_its_denominator_is_refused_by_name() -> None:
    with pytest.raises(
        ImpossibleInput, match=r"Numerator above the denominator: row 2 .*W06000001"
    ):
        parts([3.0, 51.0], [40.0, 50.0])


def test_an_unknown_polarity_is_refused_by_name() -> None:
    with pytest.raises(ImpossibleInput, match="Indicator i: unknown polarity 'up'"):
        scores([1.0], polarity="up")


@pytest.mark.parametrize("fails_at", [1, 2])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_failed_worker_is_an_error_and_never_an_empty_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, fails_at: int
) -> None:
    """Two blocks, of which one fails: there is no table of the other alone."""
    calls: list[int] = []

    def compute(*arguments: object) -> object:
        calls.append(len(calls) + 1)
        if calls[-1] == fails_at:
            raise MemoryError("a worker was killed")
        return whole(*arguments)

    whole = kernel.compute_benchmarks
    monkeypatch.setattr(kernel, "compute_benchmarks", compute)
    monkeypatch.setattr(lines.split_blocks, "__defaults__", (1,))
    monkeypatch.setattr(streams, "PART_ROWS", 1)
    rows = pd.DataFrame({"indicator": ["i", "j"], "period": "2023", "area_code": "W06000001"})
    rows = rows.assign(numerator=1.0, denominator=2.0)
    source = tmp_path / f"observations.{kind}"
    rows.to_parquet(source) if kind == "parquet" else rows.to_csv(source, index=False)
    with pytest.raises(MemoryError):
        run_compare(source, tmp_path / "out")
    assert calls[-1] == fails_at
    assert not list(tmp_path.glob("out/*"))
    calls.clear()
    with pytest.raises(MemoryError):
        compare(rows)


VALUES = st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=30)


@settings(max_examples=40)
@given(VALUES)
def test_rows_in_are_rows_out_and_every_null_says_why(values: list[int | None]) -> None:
    found = scores([None if v is None else float(v) for v in values]).comparisons
    assert len(found) == len(values)
    missing = found["value"].isna()
    assert missing.tolist() == [value is None for value in values]
    assert (found["note_code"].notna() == missing).all()
    assert (found.loc[missing, "missing_reason"] == "not returned").all()
    for column, (empty, reason) in REASONS.items():
        has_none = found[column].isna() if empty is None else found[column] == empty
        assert (found[reason].notna() == has_none).all(), column


@settings(max_examples=30)
@given(VALUES, st.randoms())
def test_the_order_of_rows_changes_nothing(values: list[int | None], random) -> None:
    rows = pd.DataFrame(
        {
            "indicator": [f"i{place % 3}" for place in range(len(values))],
            "period": [f"{2018 + place % 4}-04-01/P1Y" for place in range(len(values))],
            "area_code": [f"W06{place // 12:06}" for place in range(len(values))],
            "value": pd.Series(values, dtype="float64"),
        }
    )
    declared = pd.DataFrame([{"indicator": f"i{place}", **SCORE} for place in range(3)])
    shuffled = list(range(len(rows)))
    random.shuffle(shuffled)
    one, two = compare(rows, declared), compare(rows.iloc[shuffled], declared)
    pd.testing.assert_frame_equal(one.comparisons, two.comparisons)
    pd.testing.assert_frame_equal(one.benchmarks, two.benchmarks)


def test_more_breakdowns_than_kinds_of_them_stay_apart() -> None:
    kinds = {"total": ["total"], "sex": ["f", "m"], "age": ["0-9", "10-19", "20-64", "65 or more"]}
    cells = [(kind, part) for kind, names in kinds.items() for part in names]
    rows = pd.DataFrame(
        [
            {"indicator": name, "period": YEAR, "area_code": f"W06{area:06}"}
            | {"breakdown_type": kind, "breakdown": part}
            for name in ("i", "j")
            for area in range(3)
            for kind, part in cells
        ]
    ).assign(value=np.arange(42.0))
    declared = pd.DataFrame([{"indicator": name, **SCORE} for name in ("i", "j")])
    found = compare(rows, declared)
    key = ["indicator", "area_code", "breakdown_type", "breakdown"]
    values = found.comparisons.set_index(key)["value"]
    assert values.to_dict() == rows.set_index(key)["value"].to_dict()
    means = rows.groupby(["indicator", "breakdown_type", "breakdown"])["value"].mean()
    own = found.benchmarks.set_index(["indicator", "breakdown_type", "breakdown"])["mean"]
    assert own.to_dict() == means.to_dict()


@settings(max_examples=40)
@given(st.lists(st.integers(-400, 400), min_size=8, max_size=30))
def test_turning_the_polarity_turns_the_ranks(values: list[int]) -> None:
    plain_values = [float(value) for value in values]
    lower = scores(plain_values, polarity="lower").comparisons
    mirrored = scores([-value for value in plain_values], polarity="higher").comparisons
    columns = ["rank", "n_ranked", "tied_with", "percentile_rank", "band", "gap_to_best"]
    pd.testing.assert_frame_equal(lower[columns], mirrored[columns])


@settings(max_examples=40)
@given(st.lists(st.integers(0, 60), min_size=5, max_size=30))
def test_percentile_ranks_mirror_and_average_50(values: list[int]) -> None:
    found = scores([float(value) for value in values]).comparisons["percentile_rank"]
    assert found.mean() == pytest.approx(50)
    expected = stats.rankdata(values, "average")
    n = len(values)
    assert found.tolist() == pytest.approx((100 * (n - expected) / (n - 1)).tolist())


def test_a_sparse_grid_compares_only_what_is_there() -> None:
    rng = np.random.default_rng(4)
    cells = [(i, p, a) for i in range(6) for p in range(2010, 2024) for a in range(22)]
    kept = [cells[place] for place in rng.choice(len(cells), 180, replace=False)]
    rows = pd.DataFrame(
        [
            {"indicator": f"i{i}", "period": f"{p}-04-01/P1Y", "area_code": f"W06{a:06}"}
            for i, p, a in kept
        ]
    ).assign(value=rng.integers(-20, 20, 180).astype(float))
    declared = pd.DataFrame([{"indicator": f"i{place}", **SCORE} for place in range(6)])
    found = compare(rows, declared)
    assert len(found.comparisons) == 180
    groups = rows.groupby(["indicator", "period"])["value"]
    merged = found.benchmarks.set_index(["indicator", "period"])
    assert merged["mean"].tolist() == pytest.approx(groups.mean().tolist())
    assert set(merged["n_members"]) == {rows["area_code"].nunique()}
    before = rows.set_index(["indicator", "period", "area_code"])["value"]
    for row in found.comparisons.itertuples():
        earlier = f"{int(row.period[:4]) - 1}-04-01/P1Y"
        expected = row.value - before.get((row.indicator, earlier, row.area_code), math.nan)
        assert row.change == pytest.approx(expected, nan_ok=True)
