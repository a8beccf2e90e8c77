"""The disclosure audit (M14): random tables, suppressed, then attacked; run it with a count.

    python -m tests.disclosure_audit 1000

A table has councils in regions in a nation, two breakdowns, two indicators that share counts, and a
second version in which some counts are revised. Nothing suppressed may be found out.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.methods.compare import compare
from assets.methods.disclosure import Protected, attack, protect
from sql.frames import conform
from sql.tables import FIGURE_KEY

NATION, PERIOD, THRESHOLD = "W92000004", "2023-04-01/P1Y", 4
KEY = list(FIGURE_KEY)


@dataclass(frozen=True)
class Case:
    """A random table: true figures, the declarations, the groups."""

    figures: pd.DataFrame
    indicators: pd.DataFrame
    groups: pd.DataFrame


def declarations() -> pd.DataFrame:
    """A proportion and a count that share the numerator's measure."""
    shared = {"multiplier": 100.0, "noise": "none", "disclosure_threshold": THRESHOLD}
    share = {"indicator": "share", "kind": "proportion", "interval": "binomial", "numerator": "x"}
    count = {"indicator": "count", "kind": "count", "interval": "none", "numerator": "x"}
    rows = [{**shared, **share, "denominator": "n"}, {**shared, **count, "multiplier": 1.0}]
    kept = {"polarity": "lower", "decimals": 1, "value_basis": "derived", "aggregation": "ratio"}
    return pd.DataFrame(rows).assign(
        accumulation="discrete", value_measure=None, stated_measure=None, **kept
    )


def random_case(rng: np.random.Generator) -> Case:
    """Councils x sex x age, small counts among larger ones, and all that is published of them."""
    n_councils, n_ages = int(rng.integers(3, 8)), int(rng.integers(2, 4))
    size = (n_councils, 2, n_ages)
    denominator = rng.poisson(rng.choice([6, 20, 60]), size)
    numerator = rng.binomial(denominator, rng.choice([0.03, 0.2, 0.9]))
    regions = rng.integers(0, 2, n_councils)
    councils = [f"W060000{number:02}" for number in range(n_councils)]
    members = {NATION: councils}
    for region in set(regions.tolist()):
        inside = [code for code, own in zip(councils, regions, strict=True) if own == region]
        members[f"W1100000{region}"] = inside
    rows = []
    for area in [*councils, *members]:
        index = [councils.index(code) for code in members.get(area, [area])]
        x, n = numerator[index].sum(axis=0), denominator[index].sum(axis=0)
        rows.append((area, "total", "total", x.sum(), n.sum()))
        rows += [(area, "sex", f"s{i}", x[i].sum(), n[i].sum()) for i in range(2)]
        rows += [(area, "age", f"a{i}", x[:, i].sum(), n[:, i].sum()) for i in range(n_ages)]
    group_rows = [(f"g:{area}", "", code, area) for area, own in members.items() for code in own]
    columns = ["group_code", "owner_code", "member_code", "group_area_code"]
    groups = conform(pd.DataFrame(group_rows, columns=columns), "comparison_groups", fill=True)
    return Case(_figures(rows), declarations(), groups)


def _figures(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    columns = ["area_code", "breakdown_type", "breakdown", "numerator", "denominator"]
    table = pd.DataFrame(rows, columns=columns).astype({"numerator": float, "denominator": float})
    types = {"W92": "nation", "W11": "health_board", "W06": "council"}
    table = table.assign(period=PERIOD, area_type=table["area_code"].str[:3].map(types))
    share = table.assign(indicator="share", value=100 * table["numerator"] / table["denominator"])
    count = table.assign(indicator="count", value=table["numerator"], denominator=np.nan)
    return conform(pd.concat([share, count]), "indicator_values", fill=True)


def revised(case: Case, rng: np.random.Generator) -> Case:
    """A later version: one council's counts of one category, and all their totals, are higher."""
    figures = case.figures.copy()
    council = rng.choice(figures["area_code"][figures["area_type"] == "council"].unique())
    wholes = case.groups.loc[case.groups["member_code"] == council, "group_area_code"]
    more = float(rng.integers(1, 12))
    place = figures["area_code"].isin([council, *wholes])
    part = figures["breakdown"].isin(["total", "s0", "a0"])
    for column in ("numerator", "denominator"):
        figures.loc[place & part, column] += more
    return Case(figures, case.indicators, case.groups)


def recoverable(truth: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Confidential counts of the truth whose feasible range lacks one of 1 to 4."""
    counts = pd.concat(
        [
            truth[KEY].assign(part="numerator", count=truth["numerator"]),
            truth[KEY].assign(part="denominator", count=truth["denominator"]),
            truth[KEY].assign(part="rest", count=truth["denominator"] - truth["numerator"]),
        ]
    )
    secret = counts[counts["count"].between(1, THRESHOLD)]
    joined = secret.merge(found, on=[*KEY, "part"], how="left")
    is_open = (joined["low"] <= 1 + 1e-6) & (joined["high"] >= THRESHOLD - 1e-6)
    return joined[~is_open]


def unrevised(previous: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """What the earlier version showed that still holds: the attacker guesses right what does."""
    now = previous[KEY].merge(truth, on=KEY, how="left")
    still = previous.copy()
    for column in ("numerator", "denominator"):
        still[column] = previous[column].where(
            previous[column].to_numpy() == now[column].to_numpy()
        )
    return still


def audit_case(case: Case, previous: pd.DataFrame | None) -> tuple[Protected, pd.DataFrame]:
    """The case protected, and what an attacker finds out with benchmarks and the version before."""
    kept = protect(case.figures, case.indicators, case.groups, previous)
    benchmarks = compare(kept.figures, case.indicators, case.groups).benchmarks
    still = None if previous is None else unrevised(previous, case.figures)
    found = attack(kept.figures, case.indicators, case.groups, still, benchmarks)
    return kept, recoverable(case.figures, found)


@dataclass
class Outcome:
    """Counts of the audit."""

    tables: int = 0
    primary: int = 0
    secondary: int = 0
    recovered: int = 0
    named: int = 0
    """Recoverable because an earlier version showed the count; every one has its finding."""


def audit(count: int, seed: int = 0) -> Outcome:
    """Attack `count` random tables, each in two versions; the same seed gives the same tables."""
    outcome = Outcome()
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        first = random_case(rng)
        before, lost = audit_case(first, None)
        outcome.recovered += len(lost)
        after, lost = audit_case(revised(first, rng), before.figures)
        named = lost.merge(after.findings[KEY], on=KEY)
        outcome.named += len(named)
        outcome.recovered += len(lost) - len(named)
        outcome.tables += 2
        for kept in (before, after):
            outcome.primary += int(kept.suppressed["why"].eq("primary").sum())
            outcome.secondary += int(kept.suppressed["why"].ne("primary").sum())
    return outcome


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="tables, each attacked in two versions")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(audit(given.count, given.seed))
