"""Watch list and finder by every kind of interval: each p by scipy, from the benchmark itself."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from assets.methods.compare import compare
from assets.methods.finder import ASK_EN, find_practice
from assets.methods.watch_list import NEIGHBOURS, watch_list
from sql.frames import conform

COUNCILS = [f"W060000{number:02}" for number in range(1, 10)]
DECLARED = {
    "share": {
        "kind": "proportion",
        "interval": "binomial",
        "multiplier": 100,
        "polarity": "higher",
    },
    "rate": {"kind": "rate", "interval": "poisson", "multiplier": 1000, "polarity": "lower"},
    "mean": {"kind": "mean", "interval": "t", "multiplier": 1, "polarity": "lower"},
    "model": {"kind": "rate", "interval": "supplied", "multiplier": 1, "polarity": "higher"},
}
TESTS = {
    "share": ("score", "Fisher"),
    "rate": ("exact Poisson", "conditional binomial"),
    "mean": ("t limits, normal", "t limits, normal"),
    "model": ("normal", "normal"),
}


def night() -> dict[str, pd.DataFrame]:
    """The first of nine councils is far worse than its neighbours in every measure."""
    step = np.arange(9.0)
    figures = pd.concat(
        [
            pd.DataFrame({"indicator": name, "area_code": COUNCILS, **numbers})
            for name, numbers in (
                ("share", {"numerator": 400 + step, "denominator": 1000 + step}),
                ("rate", {"numerator": 60 - step, "denominator": 5000 + 7 * step}),
                ("mean", {"numerator": 500 + step, "denominator": 50 + step, "sd": 3.0}),
                ("model", {"value": 70 + step, "se": 1.2 + 0.1 * step}),
            )
        ]
    ).assign(period="2023-04-01/P1Y", breakdown_type="total", breakdown="total")
    first = figures["area_code"] == COUNCILS[0]
    worse = {"share": 300.0, "rate": 130.0, "mean": 750.0}
    top = figures["indicator"].map(worse)
    figures["numerator"] = figures["numerator"].mask(first, top)
    figures["value"] = figures["value"].mask(first & (figures["indicator"] == "model"), 55.0)
    indicators = pd.DataFrame([{"indicator": name, **words} for name, words in DECLARED.items()])
    indicators["value_basis"] = ["derived"] * 3 + ["as_published"]
    indicators = indicators.assign(accumulation="discrete", decimals=1, aggregation="ratio")
    groups = pd.DataFrame(
        [(NEIGHBOURS, own, other) for own in COUNCILS for other in COUNCILS],
        columns=["group_code", "owner_code", "member_code"],
    ).assign(distance=1.0, distance_rank=1, is_distant=False)
    found = compare(figures, indicators, groups)
    return {
        "figures": figures.reset_index(drop=True),
        "comparisons": found.comparisons,
        "benchmarks": found.benchmarks,
        "groups": conform(groups, "comparison_groups", fill=True),
        "indicators": indicators,
    }


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return night()


def watched(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return watch_list(**{name: frame for name, frame in tables.items() if name != "groups"})


def p_worse(name: str, row: pd.Series, headline: float) -> float:
    """p of the figure against the neighbours' headline, from its definition."""
    x, n = row["numerator"], row["denominator"]
    if name == "share":
        share = headline / 100
        return float(stats.norm.cdf((x / n - share) / np.sqrt(share * (1 - share) / n)))
    if name == "rate":
        return float(stats.poisson.sf(x - 1, headline * n / 1000))
    if name == "mean":
        return float(stats.norm.sf((x / n - headline) / (row["sd"] / np.sqrt(n))))
    return float(stats.norm.cdf((row["value"] - headline) / row["se"]))


@pytest.mark.parametrize("name", DECLARED)
def test_a_measure_is_listed_by_the_test_of_its_interval(name: str, tables) -> None:
    found = watched(tables)
    mine = found[(found["area_code"] == COUNCILS[0]) & (found["indicator"] == name)].iloc[0]
    figures = tables["figures"]
    own = figures[(figures["indicator"] == name) & (figures["area_code"] == COUNCILS[0])].iloc[0]
    assert mine["test"] == TESTS[name][0]
    assert mine["p_worse"] == pytest.approx(p_worse(name, own, mine["headline"]), rel=1e-9)
    assert 0 < mine["p_worse"] < 0.001
    assert mine["n_tested"] == len(DECLARED)
    assert set(found["area_code"]) == {COUNCILS[0]}, "the others are like their neighbours"


def p_better(name: str, own: pd.Series, other: pd.Series) -> float:
    """p that the other is so much better, if both were alike."""
    x1, n1, x2, n2 = own["numerator"], own["denominator"], other["numerator"], other["denominator"]
    if name == "share":
        return float(stats.fisher_exact([[x2, n2 - x2], [x1, n1 - x1]], "greater").pvalue)
    if name == "rate":
        return float(stats.binomtest(int(x2), int(x1 + x2), n2 / (n1 + n2), "less").pvalue)
    if name == "mean":
        se = np.sqrt(own["sd"] ** 2 / n1 + other["sd"] ** 2 / n2)
        return float(stats.norm.cdf((x2 / n2 - x1 / n1) / se))
    return float(stats.norm.sf((other["value"] - own["value"]) / np.hypot(own["se"], other["se"])))


@pytest.mark.parametrize("name", DECLARED)
def test_a_neighbour_is_named_by_the_test_of_the_interval_and_never_the_owner(
    name: str, tables
) -> None:
    found = find_practice(watched(tables), **tables)
    mine = found[found["indicator"] == name]
    figures = tables["figures"][tables["figures"]["indicator"] == name].set_index("area_code")
    assert len(mine) >= 3
    assert COUNCILS[0] not in set(mine["neighbour_code"])
    assert set(mine["test"]) == {TESTS[name][1]}
    assert set(mine["n_tested"]) == {8 * len(DECLARED)}
    for row in mine.to_dict("records"):
        expected = p_better(name, figures.loc[COUNCILS[0]], figures.loc[row["neighbour_code"]])
        assert row["p_better"] == pytest.approx(expected, rel=1e-6)


def test_neighbours_stand_by_measure_the_surest_first_and_practice_takes_none_away(tables) -> None:
    listed = watched(tables)
    found = find_practice(listed, **tables)
    order = ["area_code", "indicator", "p_better", "neighbour_code"]
    pd.testing.assert_frame_equal(found, found.sort_values(order, ignore_index=True))
    entry = {"practice_en": "Visits", "practice_cy": "Ymweliadau", "link": "https://x.example"}
    entries = pd.DataFrame(
        [
            {"area_code": code, "indicator": "share", "contact_role": "lead", "reviewed": "2024"}
            for code in (found.loc[found["indicator"] == "share", "neighbour_code"].iloc[0], "x")
        ]
    ).assign(**entry)
    joined = find_practice(listed, **tables, practice=entries)
    assert joined[order].equals(found[order])
    assert (joined["practice_en"] == "Visits").sum() == 1
    assert (joined["practice_en"] == ASK_EN).sum() == len(found) - 1
