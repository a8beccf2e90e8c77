"""Comparisons whose groups differ by service or by date (M13).

Here belongs the composition of several comparisons into one; a single comparison is `compare`.
Change and trend look at a council's whole series, so every part is computed over all periods and
only the rows of its own periods are kept.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from assets.methods.compare import compare
from assets.methods.impossible import ImpossibleInput
from assets.methods.periods import parse_interval

ALWAYS_FROM, ALWAYS_TO = "0000-00-00", "9999-99-99"
KEY = ["indicator", "period", "breakdown_type", "breakdown", "group_code"]


@dataclass(frozen=True)
class Scope:
    """Which indicators and periods are compared within these groups; None means all."""

    groups: pd.DataFrame
    indicators: Collection[str] | None = None
    periods: Collection[str] | None = None


def compare_scopes(
    observations: pd.DataFrame,
    indicators: pd.DataFrame,
    scopes: Sequence[Scope],
    targets: pd.DataFrame | None = None,
    *,
    rank_uncertainty: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """comparisons and benchmarks of every scope, in the shape of `compare`.

    Raises ImpossibleInput where two scopes give the same group for the same figures.
    """
    if not scopes:
        raise ImpossibleInput("No scope is given. Give at least one set of groups.")
    parts = [
        _one(observations, indicators, scope, targets, rank_uncertainty=rank_uncertainty)
        for scope in scopes
    ]
    comparisons = pd.concat([part[0] for part in parts], ignore_index=True)
    benchmarks = pd.concat([part[1] for part in parts], ignore_index=True)
    repeated = benchmarks[benchmarks.duplicated([*KEY, "owner_code"])]
    if len(repeated):
        first = repeated.iloc[0]
        raise ImpossibleInput(
            f"Group {first['group_code']} is given twice for {first['indicator']}, "
            f"{first['period']}. Let its scopes not overlap."
        )
    return comparisons, benchmarks


def scopes_by_date(groups: pd.DataFrame, periods: Iterable[str]) -> list[Scope]:
    """One scope of the groups without dates, and one for each set of members in force.

    groups: comparison_groups; valid_from and valid_to are a member's first and last day, null for
    always. A group one of whose members has a date holds for the periods whose last day it is in
    force on. Raises ImpossibleInput for a period that is no ISO interval or day, if there is one
    such group.
    """
    first, last = groups["valid_from"], groups["valid_to"]
    dated = groups["group_code"].isin(groups["group_code"][first.notna() | last.notna()])
    scopes = [Scope(groups[~dated])]
    if not dated.any():
        return scopes
    moving, first, last = groups[dated], first[dated], last[dated]
    by_members: dict[tuple[bool, ...], list[str]] = {}
    for period in sorted(set(periods)):
        day = last_day(period)
        in_force = (first.fillna(ALWAYS_FROM) <= day) & (day <= last.fillna(ALWAYS_TO))
        by_members.setdefault(tuple(in_force.tolist()), []).append(period)
    scopes += [
        Scope(moving[list(in_force)], periods=found)
        for in_force, found in by_members.items()
        if any(in_force)
    ]
    return scopes


def last_day(period: str) -> str:
    """The last day of an ISO interval, or the day itself."""
    interval = parse_interval(period) or parse_interval(f"{period}/P1D")
    if interval is None:
        raise ImpossibleInput(
            f"{period[:40]!r} is no period with days, which groups that change by date need."
        )
    return (interval.end - timedelta(days=1)).isoformat()


def _one(
    observations: pd.DataFrame,
    indicators: pd.DataFrame,
    scope: Scope,
    targets: pd.DataFrame | None,
    *,
    rank_uncertainty: bool,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    chosen = observations
    if scope.indicators is not None:
        chosen = observations[observations["indicator"].isin(list(scope.indicators))]
    found = compare(chosen, indicators, scope.groups, targets, rank_uncertainty=rank_uncertainty)
    if scope.periods is None:
        return found.comparisons, found.benchmarks
    wanted = list(scope.periods)
    comparisons, benchmarks = found.comparisons, found.benchmarks
    return (
        comparisons[comparisons["period"].isin(wanted)],
        benchmarks[benchmarks["period"].isin(wanted)],
    )
