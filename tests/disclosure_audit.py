"""The disclosure audit (M14): random tables in three versions, suppressed, then attacked.

    python -m tests.disclosure_audit 1000

A table has councils in regions in a nation, at times regions of two kinds that overlap, two
breakdowns, two indicators that share counts, at times the four periods of a year to date; between
versions some counts are revised. Two attackers have every version and its benchmarks: one takes as
few counts for revised as explain what he sees, the other is told which were. Nothing suppressed, in
any version, may be found out by either. Every fourth table is rounded once, too.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import pandas as pd

from assets.methods.attacker import Attacker, Form
from assets.methods.compare import compare
from assets.methods.disclosure import Protected, protect
from assets.methods.disclosure_attack import Hidden, read_everything
from assets.methods.disclosure_cells import CellKey, concerned, declare, read_cells
from assets.methods.disclosure_rounding import reader_of_rounded, round_counts
from assets.methods.disclosure_rules import find_secrets
from assets.methods.disclosure_table import read_version
from assets.methods.disclosure_versions import Versions, read_versions
from sql.frames import conform
from sql.tables import FIGURE_KEY

NATION, PERIOD, THRESHOLD = "W92000004", "2023-04-01/P1Y", 4
TO_DATE = ("2023-04-01/P3M", "2023-04-01/P6M", "2023-04-01/P9M", PERIOD)
KEY = list(FIGURE_KEY)
VERSIONS = 3


@dataclass(frozen=True)
class Case:
    """A random table: true figures, the declarations, the groups."""

    figures: pd.DataFrame
    indicators: pd.DataFrame
    groups: pd.DataFrame


def declarations(accumulation: str = "discrete") -> pd.DataFrame:
    """A proportion and a count that share the numerator's measure."""
    shared = {"multiplier": 100.0, "noise": "none", "disclosure_threshold": THRESHOLD}
    share = {"indicator": "share", "kind": "proportion", "interval": "binomial", "numerator": "x"}
    count = {"indicator": "count", "kind": "count", "interval": "none", "numerator": "x"}
    rows = [{**shared, **share, "denominator": "n"}, {**shared, **count, "multiplier": 1.0}]
    kept = {"polarity": "lower", "decimals": 1, "value_basis": "derived", "aggregation": "ratio"}
    return pd.DataFrame(rows).assign(
        accumulation=accumulation, value_measure=None, stated_measure=None, **kept
    )


def random_case(rng: np.random.Generator, *, is_to_date: bool = False) -> Case:
    """Councils x sex x age, small counts among larger ones, and all that is published of them."""
    n_councils = int(rng.integers(3, 5 if is_to_date else 8))
    size = (n_councils, 2, int(rng.integers(2, 4)))
    periods = TO_DATE if is_to_date else (PERIOD,)
    typical, share = rng.choice([6, 15, 40]), rng.choice([0.03, 0.2, 0.9])
    added = [rng.poisson(typical, size) for _ in periods]
    of_them = [rng.binomial(denominator, share) for denominator in added]
    councils = [f"W060000{number:02}" for number in range(n_councils)]
    members = _members(councils, rng)
    counts = zip(periods, np.cumsum(of_them, axis=0), np.cumsum(added, axis=0), strict=True)
    table = pd.concat([_figures(_rows(councils, members, x, n), p) for p, x, n in counts])
    group_rows = [(f"g:{area}", "", code, area) for area, own in members.items() for code in own]
    columns = ["group_code", "owner_code", "member_code", "group_area_code"]
    groups = conform(pd.DataFrame(group_rows, columns=columns), "comparison_groups", fill=True)
    accumulation = "year_to_date" if is_to_date else "discrete"
    return Case(table.reset_index(drop=True), declarations(accumulation), groups)


def _members(councils: list[str], rng: np.random.Generator) -> dict[str, list[str]]:
    """The nation, and one or two ways to cut it into regions."""
    members = {NATION: councils}
    for kind in range(int(rng.integers(1, 3))):
        regions = rng.integers(0, 2, len(councils))
        for region in sorted(set(regions.tolist())):
            inside = [code for code, own in zip(councils, regions, strict=True) if own == region]
            members[f"W110000{kind}{region}"] = inside
    return members


def _rows(
    councils: list[str], members: dict[str, list[str]], numerator: np.ndarray, of: np.ndarray
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for area in [*councils, *members]:
        index = [councils.index(code) for code in members.get(area, [area])]
        x, n = numerator[index].sum(axis=0), of[index].sum(axis=0)
        rows.append((area, "total", "total", x.sum(), n.sum()))
        rows += [(area, "sex", f"s{i}", x[i].sum(), n[i].sum()) for i in range(x.shape[0])]
        rows += [(area, "age", f"a{i}", x[:, i].sum(), n[:, i].sum()) for i in range(x.shape[1])]
    return rows


def _figures(rows: list[tuple[object, ...]], period: str) -> pd.DataFrame:
    columns = ["area_code", "breakdown_type", "breakdown", "numerator", "denominator"]
    table = pd.DataFrame(rows, columns=columns).astype({"numerator": float, "denominator": float})
    types = {"W92": "nation", "W11": "health_board", "W06": "council"}
    table = table.assign(period=period, area_type=table["area_code"].str[:3].map(types))
    share = table.assign(indicator="share", value=100 * table["numerator"] / table["denominator"])
    count = table.assign(indicator="count", value=table["numerator"], denominator=np.nan)
    return conform(pd.concat([share, count]), "indicator_values", fill=True)


def revised(case: Case, rng: np.random.Generator) -> Case:
    """A later version: one or two councils sent other counts of one category, and so all totals."""
    figures = case.figures.copy()
    councils = figures["area_code"][figures["area_type"] == "council"].unique()
    sexes, ages = (
        sorted(figures.loc[figures["breakdown_type"] == kind, "breakdown"].unique())
        for kind in ("sex", "age")
    )
    first = figures["period"].eq(rng.choice(figures["period"].unique()))
    for council in rng.choice(councils, int(rng.integers(1, 3)), replace=False):
        wholes = case.groups.loc[case.groups["member_code"] == council, "group_area_code"]
        place = figures["area_code"].isin([council, *wholes]) & _since(figures, first)
        part = figures["breakdown"].isin(["total", rng.choice(sexes), rng.choice(ages)])
        least = figures.loc[place & part & figures["denominator"].notna(), "numerator"].min()
        more = float(rng.integers(-min(int(least), 3), 12))
        for column in ("numerator", "denominator"):
            figures.loc[place & part, column] += more
    return Case(figures, case.indicators, case.groups)


def _since(figures: pd.DataFrame, first: pd.Series) -> pd.Series:
    """Figures of the period chosen, and of those to date that hold it."""
    order = figures["period"].map({period: place for place, period in enumerate(TO_DATE)})
    return order >= order[first].iloc[0]


def recoverable(truth: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Confidential counts of the truth whose feasible range lacks one of 1 to 4."""
    secret = _parts(truth)
    secret = secret[secret["count"].between(1, THRESHOLD)]
    joined = secret.merge(found, on=[*KEY, "part"], how="left")
    is_open = (joined["low"] <= 1 + 1e-6) & (joined["high"] >= THRESHOLD - 1e-6)
    return joined[~is_open]


def _parts(truth: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(
        [
            truth[KEY].assign(part="numerator", count=truth["numerator"]),
            truth[KEY].assign(part="denominator", count=truth["denominator"]),
            truth[KEY].assign(part="rest", count=truth["denominator"] - truth["numerator"]),
        ]
    )


@dataclass
class Outcome:
    """Counts of the audit; `recovered` and `misled` are of secrets, over both attackers."""

    tables: int = 0
    primary: int = 0
    secondary: int = 0
    asked: int = 0
    """How often an attacker was asked for a confidential count."""
    recovered: int = 0
    """Counts of which an attacker, all of whose premises are true, rules out one of 1 to 4."""
    guessed: int = 0
    """The same, but what he takes for unrevised was revised: he may be right or wrong."""
    misled: int = 0
    """Of the guessed ones, those of which he rules out the truth."""
    named: int = 0
    """Recovered, and the version says so: its findings block it."""

    def __iadd__(self, other: "Outcome") -> "Outcome":
        for item in fields(self):
            setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))
        return self


def unchanged_cells(before: Case, now: Case) -> set[CellKey]:
    """Counts that stand unchanged, by the truth."""
    declared = concerned(declare(now.indicators))
    old, new = (read_cells(case.figures, declared) for case in (before, now))
    return {key for key, n in old.number.items() if new.count[new.number[key]] == old.count[n]}


def audit_history(history: Sequence[Case]) -> Outcome:
    """Each version protected beside those before it, then attacked with all of them."""
    outcome, published = Outcome(), []
    known = [unchanged_cells(before, now) for before, now in pairwise(history)]
    for number, case in enumerate(history):
        truths = [earlier.figures for earlier in history[:number]]
        kept = protect(case.figures, case.indicators, case.groups, published, truths)
        given = (kept.figures, case.indicators, case.groups, published)
        benchmarks = compare(kept.figures, case.indicators, case.groups).benchmarks
        declared = concerned(declare(case.indicators))
        truth = read_versions(case.figures, declared, case.groups, published, truths)
        for told in (known[:number], None) if number else ([],):
            reading = read_everything(*given, benchmarks, told)
            true = true_counts(truth, reading.versions)
            outcome += ask(reading.attacker, list(reading.hidden()), true, kept)
        published = [*published, kept.figures]
        outcome.tables += 1
        outcome.primary += int(kept.suppressed["why"].eq("primary").sum())
        outcome.secondary += int(kept.suppressed["why"].ne("primary").sum())
    return outcome


def true_counts(truth: Versions, seen: Versions) -> np.ndarray:
    """What is true of every count that a reader sees or thinks of, by his numbers.

    No figure holds a stretch of time that no period covers alone; its count follows from the sums
    it stands in, and from those of the reader where the truth has no such stretch.
    """
    counts = _followed(truth.truth, truth)
    places = {key: number for number, key in enumerate(_keys(truth))}
    found = [counts[places[key]] if key in places else np.nan for key in _keys(seen)]
    return _followed(np.array(found), seen)


def _keys(versions: Versions) -> list[tuple[int, CellKey]]:
    """Version (0 is the latest) and key of every count, by its number."""
    parts = enumerate((versions.now, *versions.earlier))
    return [(number, key) for number, version in parts for key in version.cells.keys]


def _followed(counts: np.ndarray, versions: Versions) -> np.ndarray:
    true = counts.copy()
    equal = [item for item in versions.sums() if item.low == item.high]
    n_unknown = len(true) + 1
    while np.isnan(true).sum() < n_unknown:
        n_unknown = int(np.isnan(true).sum())
        for item in equal:
            unknown = [cell for cell in item.terms if np.isnan(true[cell])]
            if len(unknown) == 1:
                rest = sum(k * true[cell] for cell, k in item.terms.items() if cell not in unknown)
                true[unknown[0]] = (item.low - rest) / item.terms[unknown[0]]
    return true


def ask(attacker: Attacker, hidden: Sequence[Hidden], true: np.ndarray, kept: Protected) -> Outcome:
    """What that attacker finds out about the confidential counts of all versions; true: of each."""
    outcome = Outcome()
    named = set(kept.findings[KEY].itertuples(index=False, name=None))
    counts = [sum(k * true[cell] for cell, k in item.form.items()) for item in hidden]
    pairs = zip(hidden, counts, strict=True)
    small = [(item, count) for item, count in pairs if 1 <= count <= THRESHOLD]
    attacker.explore([item.form for item, _ in small], 1, THRESHOLD)
    for item, count in small:
        outcome.asked += 1
        found = attacker.find(item.form, lambda range_: range_.contains(1, THRESHOLD))
        if found.contains(1, THRESHOLD):
            continue
        if not is_true(attacker, item.form, true):
            outcome.guessed += 1
            outcome.misled += not found.contains(count, count)
        elif tuple(item.key[name] for name in KEY) in named:
            outcome.named += 1
        else:
            outcome.recovered += 1
    return outcome


def is_true(attacker: Attacker, form: Form, true: np.ndarray) -> bool:
    """Whether all that the attacker draws on for a form is true of the counts.

    That a stretch of time holds no fewer than none is not, where a later revision made it so.
    """
    free, numbers = attacker.reach(form)
    if (true[free] < attacker.low[free] - 1e-6).any():
        return False
    for item in (attacker.sums[number] for number in numbers):
        total = sum(k * true[cell] for cell, k in item.terms.items())
        slack = 1e-6 * (1 + sum(abs(k * true[cell]) for cell, k in item.terms.items()))
        if total < item.low - slack or total > item.high + slack:
            return False
    return True


def audit_rounded(case: Case, base: int = 5) -> Outcome:
    """The case with every count rounded: of each small one two whole numbers must stay possible."""
    declared = concerned(declare(case.indicators))
    kept = round_counts(case.figures, case.indicators.assign(decimals=1), case.groups, base)
    true = read_version(case.figures, declared, case.groups)
    seen = read_version(kept.figures, declared, case.groups).count[: len(true.count)]
    reader = reader_of_rounded(seen, base, true.sums)
    outcome = Outcome(tables=1, secondary=len(kept.suppressed))
    for secret in find_secrets(case.figures, true.cells, declared):
        if secret.is_count:
            found = reader.range_of(secret.form)
            count = sum(k * true.count[cell] for cell, k in secret.form.items())
            outcome.asked += 1
            outcome.recovered += found.n_whole < 2 or not found.contains(count, count)
    return outcome


def random_history(seed: int) -> list[Case]:
    """The case of that number: a random table and its revisions."""
    rng = np.random.default_rng([2, seed])
    history = [random_case(rng, is_to_date=seed % 5 == 4)]
    for _ in range(VERSIONS - 1):
        history.append(revised(history[-1], rng))
    return history


def audit_case(seed: int) -> Outcome:
    """The case of that number, in three versions; every fourth is rounded as well."""
    history = random_history(seed)
    outcome = audit_history(history)
    if seed % 4 == 3:
        outcome += audit_rounded(history[0])
    return outcome


def audit(count: int, seed: int = 0) -> Outcome:
    """Attack `count` random tables, each in three versions; a seed gives the same tables."""
    outcome = Outcome()
    for number in range(seed, seed + count):
        outcome += audit_case(number)
    return outcome


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="tables, each attacked in three versions")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(audit(given.count, given.seed))
