"""compare() against the slow reference, column by column, on random tables of every kind."""

import math

import numpy as np
import pandas as pd
import pytest

from assets.methods.compare import compare
from sql.frames import conform, sort_by_key
from sql.tables import column_names, key_of
from tests.fixtures.reference_compare import by_key, reference

PERIODS = {
    "year": [f"{year}-04-01/P1Y" for year in range(2015, 2024)],
    "ends": [f"{year}-01-01/{year}-12-31" for year in range(2017, 2024)],
    "exclusive": [f"{year}-01-01/{year + 1}-01-01" for year in range(2017, 2024)],
    "rolling": [f"{year}-01-01/P3Y" for year in range(2008, 2022)],
    "months": [f"{2021 + month // 12}-{month % 12 + 1:02}-01/P1M" for month in range(26)],
    "quarters": [f"{2020 + q // 4}-{q % 4 * 3 + 1:02}-01/P3M" for q in range(11)],
    "to_date": [
        f"{year}-04-01/P{length}"
        for year in range(2019, 2024)
        for length in ("3M", "6M", "9M", "1Y")
    ],
    "text": [f"{year}-{year % 100 + 1}" for year in range(2015, 2023)],
    "days": ["2019-04-17", "2020-04-15", "2021-04-14", "2023-04-19"],
}
COUNCILS = [f"W060000{number:02}" for number in range(1, 13)]
NATION = "W92000004"


def random_table(seed: int) -> tuple[list[dict], list[dict], list[dict] | None, list[dict]]:
    """Observations, indicators, groups, targets: every kind, code and period type, some missing."""
    rng = np.random.default_rng(seed)
    indicators, observations, targets = [], [], []
    for number in range(9):
        name = f"i{number}"
        declared = random_declaration(rng, name)
        if number:
            indicators.append(declared)
        kind = "rolling" if declared["accumulation"] == "rolling" else None
        kind = "to_date" if declared["accumulation"] == "year_to_date" else kind
        kind = kind or str(
            rng.choice(["year", "year", "ends", "exclusive", "months", "quarters", "text", "days"])
        )
        periods = [p for p in PERIODS[kind] if rng.random() > 0.1]
        broken = [("total", "total")] + ([("sex", "female")] if rng.random() < 0.3 else [])
        for period in periods:
            targets += random_target(rng, name, period)
            for kind_of, part in broken:
                for area in [*COUNCILS, NATION, "E06000001"]:
                    if rng.random() > 0.12:
                        row = random_row(rng, declared if number else {})
                        row |= {"indicator": name, "period": period, "area_code": area}
                        row |= {"breakdown_type": kind_of, "breakdown": part}
                        row["area_type"] = {NATION: "nation"}.get(area, "council")
                        observations.append(row)
    return observations, indicators, random_groups(rng) if seed % 3 else None, targets


def random_declaration(rng: np.random.Generator, name: str) -> dict:
    polarity = str(rng.choice(["higher", "lower", "target", "neutral"]))
    return {
        "indicator": name,
        "kind": str(
            rng.choice(["proportion", "rate", "mean", "cost", "count", "score", "share", "index"])
        ),
        "multiplier": float(rng.choice([1, 100, 1000, 0.5])),
        "polarity": polarity,
        "target": float(rng.choice([20, 33.33, 0.5])) if polarity == "target" else None,
        "decimals": int(rng.choice([0, 0, 1, 2])),
        "value_basis": str(rng.choice(["derived", "derived", "as_published"])),
        "interval": str(rng.choice(["binomial", "poisson", "t", "supplied", "none"])),
        "aggregation": str(rng.choice(["ratio", "ratio", "none"])),
        "accumulation": str(
            rng.choice(["discrete", "discrete", "year_to_date", "rolling", "stock"])
        ),
        "disclosure_threshold": int(rng.choice([0, 0, 4])),
    }


def random_target(rng: np.random.Generator, name: str, period: str) -> list[dict]:
    if rng.random() > 0.2:
        return []
    direction = str(rng.choice(["higher", "lower"]))
    value = float(rng.choice([20, 50]))
    return [{"indicator": name, "period": period, "value": value, "direction": direction}]


def random_row(rng: np.random.Generator, declared: dict) -> dict:
    n = float(rng.choice([0, 3, 8, 20, 40, 200, 5000], p=[0.02, 0.03, 0.05, 0.2, 0.2, 0.3, 0.2]))
    x = float(rng.integers(0, int(n) + 1))
    if n > 20 and rng.random() < 0.7:
        x = float(rng.integers(int(0.2 * n), int(0.3 * n)))
    value = round(float(rng.uniform(-5, 60)), int(rng.choice([0, 1, 2])))
    half = float(rng.uniform(0.1, 6))
    row = {
        "numerator": x,
        "denominator": n,
        "value": value,
        "sd": float(rng.uniform(0.1, 3)),
        "se": half / 2 if rng.random() < 0.2 else None,
        "lower_95": value - half,
        "upper_95": value + half,
        "lower_998": value - 1.6 * half,
        "upper_998": value + 1.6 * half,
        "stated_value": 1.0,
        "note_code": None,
        "missing_reason": None,
    }
    if rng.random() < 0.15:
        row["note_code"] = str(
            rng.choice(["p", "b", "u", "z", "x", "c", "w", "k", "e, p", "x,c", "p,b", "p,x,z"])
        )
    if rng.random() < 0.05:
        row["missing_reason"] = "collection suspended"
    for name in ("numerator", "denominator", "value", "lower_95", "upper_998"):
        if rng.random() < 0.04:
            row[name] = None
    return row


def random_groups(rng: np.random.Generator) -> list[dict]:
    rows = [
        {"group_code": "all", "owner_code": "", "member_code": a, "group_area_code": NATION}
        for a in COUNCILS
    ]
    rows += [{"group_code": "some", "owner_code": None, "member_code": a} for a in COUNCILS[:5]]
    rows += [
        {"group_code": "some", "owner_code": None, "member_code": a} for a in (NATION, "W06000099")
    ]
    for owner in COUNCILS:
        members = rng.choice(COUNCILS, size=int(rng.integers(1, 11)), replace=True)
        rows += [
            {"group_code": "near", "owner_code": owner, "member_code": str(m)} for m in members
        ]
    return rows


def assert_same(found: pd.DataFrame, expected: dict, table: str) -> None:
    key = key_of(table)
    mine = by_key(found, key)
    assert set(mine) == set(expected)
    assert len(mine) == len(found), "rows in = rows out"
    for at, row in expected.items():
        for name, value in row.items():
            got = mine[at][name]
            if isinstance(value, float) and isinstance(got, float):
                same = math.isclose(got, value, rel_tol=1e-9, abs_tol=1e-9)
            else:
                same = got == value
            assert same, f"{at} {name}: {got!r}, reference {value!r}"
        assert set(row) >= set(column_names(table)) - set(key), set(column_names(table)) - set(row)


@pytest.mark.parametrize("seed", range(12))
def test_every_column_is_that_of_the_reference(seed: int) -> None:
    observations, indicators, groups, targets = random_table(seed)
    frames = [pd.DataFrame(rows) if rows else None for rows in (indicators, groups, targets)]
    table = drop_impossible(pd.DataFrame(observations), frames[0])
    found = compare(table, *frames)
    records = [
        {name: None if value != value else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]
    comparisons, benchmarks = reference(records, indicators, groups, targets)
    assert_same(found.comparisons, comparisons, "comparisons")
    assert_same(found.benchmarks, benchmarks, "benchmarks")
    for name, frame in (("comparisons", found.comparisons), ("benchmarks", found.benchmarks)):
        ordered = sort_by_key(conform(frame, name), name)
        pd.testing.assert_frame_equal(frame, ordered)


def drop_impossible(table: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """The table without positive/0, which is refused whole and tested elsewhere."""
    kinds = table["indicator"].map(indicators.set_index("indicator")["kind"]).fillna("rate")
    bad = (table["denominator"] == 0) & ~(table["numerator"] == 0)
    return table[~bad | kinds.isin(["count", "score", "index"])].reset_index(drop=True)
