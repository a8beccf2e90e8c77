"""Against a benchmark and against a statutory target (M8).

Here belongs the verdict on one figure; the benchmark's own computation is in benchmarks.
"""

from dataclasses import dataclass

import numpy as np

from assets.methods.codes import Words, first_true
from assets.methods.declarations import WORDS
from assets.methods.impossible import Flags, Floats, ImpossibleInput, Ints
from assets.methods.small_tables import Table, codes_of, names_of, numbers_of, texts_of

VERDICTS = ("better", "similar", "worse", "higher", "lower", "not compared")
BETTER, SIMILAR, WORSE, HIGHER, LOWER, NOT_COMPARED = range(6)
ABOVE, BELOW = HIGHER, LOWER
REASONS = (
    "no value",
    "no benchmark",
    "no interval is declared",
    "no interval for this figure",
)
TARGET_VERDICTS = ("better", "met", "worse", "not compared")
TARGET_REASONS = ("no statutory target", "no value")
DIRECTIONS = ("higher", "lower")
COLUMNS = ("indicator", "period", "value", "direction")


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
) -> tuple[Words, Words]:
    """Verdict and reason (-1 for none) of figures against a headline, by their own 95 % limits.

    polarity: number in WORDS["polarity"]; has_interval: whether the indicator declares one. Equal
    to a limit is similar; target and neutral polarity say higher or lower.
    """
    lower, upper = limits
    reason = first_true(
        [np.isnan(value), np.isnan(headline), ~has_interval, np.isnan(lower) | np.isnan(upper)]
    )
    sides = (NOT_COMPARED, ABOVE, BELOW, SIMILAR)
    side = first_true([reason >= 0, lower > headline, upper < headline], sides)
    return _VERDICTS.take(polarity * len(VERDICTS) + side), reason


def _verdict(polarity: str, side: int) -> int:
    if side not in (ABOVE, BELOW) or polarity in ("neutral", "target"):
        return side
    return BETTER if (side == ABOVE) == (polarity == "higher") else WORSE


_VERDICTS = np.array(
    [_verdict(word, side) for word in WORDS["polarity"] for side in range(len(VERDICTS))],
    dtype=np.int8,
)


def read_targets(targets: "Table | None") -> Targets:
    """The TARGETS table; ImpossibleInput for a second target of a key or an unknown direction."""
    wanted: dict[tuple[str, str], tuple[float, bool]] = {}
    if targets is None or not len(targets):
        return Targets(wanted)
    lacking = [name for name in COLUMNS if name not in names_of(targets)]
    if lacking:
        raise ImpossibleInput(f"Targets: no column {', '.join(lacking)}. Add it.")
    keys = list(zip(*(codes_of(targets, name, "Targets") for name in COLUMNS[:2]), strict=True))
    called = [f"Target of {indicator}, {period}" for indicator, period in keys]
    values = numbers_of(targets, "value", called).tolist()
    for key, value, direction in zip(keys, values, texts_of(targets, "direction"), strict=True):
        if value != value:  # noqa: PLR0124  # NaN
            raise ImpossibleInput(f"Target of {key[0]}, {key[1]}: no value. Fill it in.")
        if direction not in DIRECTIONS:
            raise ImpossibleInput(
                f"Target of {key[0]}, {key[1]}: unknown direction {direction[:40]!r}. "
                "Use higher or lower."
            )
        if key in wanted:
            raise ImpossibleInput(f"Two targets of {key[0]}, {key[1]}. Keep one.")
        wanted[key] = value, direction == "higher"
    return Targets(wanted)


def versus_target(rounded: Floats, target: Floats, wants_more: Flags) -> tuple[Words, Words]:
    """Verdict and reason (-1 for none) of published values against targets; equal is met."""
    reason = first_true([np.isnan(target), np.isnan(rounded)])
    is_better = np.where(wants_more, rounded > target, rounded < target)
    return first_true([reason >= 0, rounded == target, is_better], (3, 1, 0, 2)), reason
