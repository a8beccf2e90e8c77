"""Against a benchmark and against a statutory target (M8).

Here belongs the verdict on one figure; the benchmark's own computation is in benchmarks.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.methods.declarations import WORDS
from assets.methods.impossible import Flags, Floats, ImpossibleInput, Ints
from assets.methods.observations import read_numbers

VERDICTS = ("better", "similar", "worse", "higher", "lower", "not compared")
BETTER, SIMILAR, WORSE, HIGHER, LOWER, NOT_COMPARED = range(6)
REASONS = (
    "no value",
    "no benchmark",
    "no interval is declared",
    "no interval for this figure",
)
TARGET_VERDICTS = ("better", "met", "worse", "not compared")
TARGET_REASONS = ("no statutory target", "no value")
DIRECTIONS = ("higher", "lower")


@dataclass(frozen=True)
class Targets:
    """Statutory targets: (indicator, period) -> value and whether at least that value is wanted."""

    wanted: dict[tuple[str, str], tuple[float, bool]]


def versus_benchmark(
    value: Floats,
    limits: tuple[Floats, Floats],
    headline: Floats,
    polarity: Ints,
    has_interval: Flags,
) -> tuple[Ints, Ints]:
    """Verdict and reason (-1 for none) of figures against a headline, by their own 95 % limits.

    polarity: number in WORDS["polarity"]; has_interval: whether the indicator declares one. Equal
    to a limit is similar; target and neutral polarity say higher or lower.
    """
    lower, upper = limits
    reason = np.select(
        [np.isnan(value), np.isnan(headline), ~has_interval, np.isnan(lower) | np.isnan(upper)],
        [0, 1, 2, 3],
        default=-1,
    )
    above = np.array([_verdict(word, is_above=True) for word in WORDS["polarity"]])[polarity]
    below = np.array([_verdict(word, is_above=False) for word in WORDS["polarity"]])[polarity]
    verdict = np.select([lower > headline, upper < headline], [above, below], default=SIMILAR)
    return np.where(reason >= 0, NOT_COMPARED, verdict), reason


def _verdict(polarity: str, *, is_above: bool) -> int:
    if polarity in ("neutral", "target"):
        return HIGHER if is_above else LOWER
    return BETTER if is_above == (polarity == "higher") else WORSE


def read_targets(targets: pd.DataFrame | None) -> Targets:
    """The TARGETS table; ImpossibleInput for a second target of a key or an unknown direction."""
    wanted: dict[tuple[str, str], tuple[float, bool]] = {}
    if targets is None or targets.empty:
        return Targets(wanted)
    lacking = [c for c in ("indicator", "period", "value", "direction") if c not in targets]
    if lacking:
        raise ImpossibleInput(f"Targets: no column {', '.join(lacking)}. Add it.")
    keys = zip(targets["indicator"].map(str), targets["period"].map(str), strict=True)
    values = read_numbers(targets, "value").tolist()
    for key, value, direction in zip(keys, values, targets["direction"].tolist(), strict=True):
        if direction not in DIRECTIONS or value != value:  # noqa: PLR0124  # NaN
            raise ImpossibleInput(
                f"Target of {key[0]}, {key[1]}: give a value, and direction higher or lower, "
                f"not {str(direction)[:40]!r}."
            )
        if key in wanted:
            raise ImpossibleInput(f"Two targets of {key[0]}, {key[1]}. Keep one.")
        wanted[key] = value, direction == "higher"
    return Targets(wanted)


def versus_target(rounded: Floats, target: Floats, wants_more: Flags) -> tuple[Ints, Ints]:
    """Verdict and reason (-1 for none) of published values against targets; equal is met."""
    reason = np.select([np.isnan(target), np.isnan(rounded)], [0, 1], default=-1)
    is_better = np.where(wants_more, rounded > target, rounded < target)
    verdict = np.select([reason >= 0, rounded == target, is_better], [3, 1, 0], default=2)
    return verdict, reason
