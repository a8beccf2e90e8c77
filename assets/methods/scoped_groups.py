"""Comparisons whose groups differ by service or by date (M13).

Here belongs the composition of several comparisons into one; a single comparison is `compare`.
Change and trend look at a council's whole series, so every part is computed over all periods and
only the rows of its own periods are kept.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from assets.methods.compare import compare
from assets.methods.impossible import ImpossibleInput

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
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """comparisons and benchmarks of every scope, in the shape of `compare`.

    Raises ImpossibleInput where two scopes give the same group for the same figures.
    """
    if not scopes:
        raise ImpossibleInput("No scope is given. Give at least one set of groups.")
    parts = [_one(observations, indicators, scope, targets) for scope in scopes]
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


def _one(
    observations: pd.DataFrame,
    indicators: pd.DataFrame,
    scope: Scope,
    targets: pd.DataFrame | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    chosen = observations
    if scope.indicators is not None:
        chosen = observations[observations["indicator"].isin(list(scope.indicators))]
    found = compare(chosen, indicators, scope.groups, targets)
    if scope.periods is None:
        return found.comparisons, found.benchmarks
    wanted = list(scope.periods)
    comparisons, benchmarks = found.comparisons, found.benchmarks
    return (
        comparisons[comparisons["period"].isin(wanted)],
        benchmarks[benchmarks["period"].isin(wanted)],
    )
