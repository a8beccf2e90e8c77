"""Comparisons whose groups differ by service or by date (M13).

Here belongs the composition of several comparisons into one; a single comparison is `compare`.
Change and trend look at a council's whole series, so every part is computed over all periods and
only the rows of its own periods are kept.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from assets.methods.compare import compare
from assets.methods.groups import SCOPED
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


def scopes_of(
    groups: pd.DataFrame, indicators: pd.DataFrame, periods: Iterable[str]
) -> list[Scope]:
    """The scopes of comparison_groups: those by date, of the groups for every service and of the
    groups for some `themes` (joined by ;), whose indicators alone are compared in them.

    indicators: indicator_catalogue. Raises ImpossibleInput as scopes_by_date.
    """
    found: list[Scope] = []
    held = sorted(set(periods))
    for themes, part in groups.groupby(groups["themes"].fillna(""), sort=True):
        ours = indicators.loc[indicators["theme"].isin(themes.split(";")), "indicator"]
        chosen = tuple(ours) if themes else None
        found += [replace(scope, indicators=chosen) for scope in scopes_by_date(part, held)]
    return found


def scopes_by_date(groups: pd.DataFrame, periods: Iterable[str]) -> list[Scope]:
    """One scope of the groups without dates, and one for each set of members in force.

    groups: comparison_groups; valid_from and valid_to are a member's first and last day, null for
    always. A group one of whose members has a date holds for the periods whose last day it is in
    force on. Raises ImpossibleInput for a period that is no ISO interval or day, if there is one
    such group.
    """
    first, last = groups["valid_from"], groups["valid_to"]
    dated = groups["group_code"].isin(groups["group_code"][first.notna() | last.notna()])
    scopes = [Scope(groups[~dated])] if not dated.all() else []
    moving = groups[dated]
    by_members: dict[tuple[bool, ...], list[str]] = {}
    for period in sorted(set(periods)) if len(moving) else ():
        by_members.setdefault(tuple(is_in_force(moving, period).tolist()), []).append(period)
    scopes += [
        Scope(moving[list(in_force)], periods=found)
        for in_force, found in by_members.items()
        if any(in_force)
    ]
    return scopes


def is_in_force(groups: pd.DataFrame, period: str) -> pd.Series:
    """Which members are in their group on the last day of the period."""
    day = last_day(period)
    since, until = groups["valid_from"].fillna(ALWAYS_FROM), groups["valid_to"].fillna(ALWAYS_TO)
    return (since <= day) & (day <= until)


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
    groups = scope.groups.drop(columns=list(SCOPED), errors="ignore")
    found = compare(chosen, indicators, groups, targets, rank_uncertainty=rank_uncertainty)
    if scope.periods is None:
        return found.comparisons, found.benchmarks
    wanted = list(scope.periods)
    comparisons, benchmarks = found.comparisons, found.benchmarks
    return (
        comparisons[comparisons["period"].isin(wanted)],
        benchmarks[benchmarks["period"].isin(wanted)],
    )
