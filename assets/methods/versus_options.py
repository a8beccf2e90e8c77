"""Verdicts by the other methods (M8): overlap of intervals, and words of two levels.

Here belong the options; the published verdict (the area's own 95 % interval excludes the headline)
is in versus, control limits are in funnel.
Source: OHID technical guidance (levels of 95 and 99.8 %); Schenker and Gentleman 2001 on why two
intervals that overlap may still differ.
"""

import numpy as np
import numpy.typing as npt

from assets.methods.declarations import WORDS
from assets.methods.impossible import Flags, Floats, ImpossibleInput

Texts = npt.NDArray[np.str_]
SIMILAR, NOT_COMPARED = "similar", "not compared"
LEVELS = ("99.8 %", "95 %")


def intervals_overlap(limits1: tuple[Floats, Floats], limits2: tuple[Floats, Floats]) -> Floats:
    """1 where two intervals share a point, an end included, 0 where not, NaN without both.

    "95 % intervals do not overlap" is a stricter test than 95 %: a rule of thumb, by its own name.
    """
    (lower1, upper1), (lower2, upper2) = limits1, limits2
    apart = (lower1 > upper2) | (lower2 > upper1)
    return np.where(np.isnan(lower1 + upper1 + lower2 + upper2), np.nan, 1.0 - apart)


def overlap_words(
    limits: tuple[Floats, Floats], benchmark: tuple[Floats, Floats], polarity: str
) -> Texts:
    """better, similar, worse (higher, lower where no direction is good), not compared.

    Similar unless the figure's interval and the benchmark's own interval share no point.
    """
    overlap = intervals_overlap(limits, benchmark)
    above = limits[0] > benchmark[1]
    return _words([overlap == 0], above, polarity, np.isnan(overlap), [""])


def two_level_words(
    limits_95: tuple[Floats, Floats],
    limits_998: tuple[Floats, Floats],
    benchmark: Floats,
    polarity: str,
) -> Texts:
    """As `better 99.8 %`, `better 95 %`, similar, `worse 95 %`, `worse 99.8 %`, not compared.

    The figure's own interval of that level excludes the benchmark; equal to a limit is inside.
    Without 99.8 % limits only the 95 % words are used.
    """
    above = limits_95[0] > benchmark
    outside_95 = above | (limits_95[1] < benchmark)
    outside_998 = (limits_998[0] > benchmark) | (limits_998[1] < benchmark)
    unknown = np.isnan(limits_95[0] + limits_95[1] + benchmark)
    return _words([outside_998, outside_95], above, polarity, unknown, list(LEVELS))


def control_words(
    value: Floats,
    limits_95: tuple[Floats, Floats],
    limits_998: tuple[Floats, Floats],
    polarity: str,
) -> Texts:
    """The words of two levels for a figure against control limits around the benchmark."""
    outside = [(value > upper) | (value < lower) for lower, upper in (limits_998, limits_95)]
    above = value > limits_95[1]
    unknown = np.isnan(value + limits_95[0] + limits_95[1])
    return _words(outside, above, polarity, unknown, list(LEVELS))


def _words(
    outside: list[Flags], above: Flags, polarity: str, unknown: Flags, levels: list[str]
) -> Texts:
    if polarity not in WORDS["polarity"]:
        raise ImpossibleInput(f"Unknown polarity {polarity[:40]!r}. Use {WORDS['polarity']}.")
    has_side = polarity in ("higher", "lower")
    words = ("better", "worse") if polarity == "higher" else ("worse", "better")
    up, down = words if has_side else ("higher", "lower")
    conditions, results = [unknown], [NOT_COMPARED]
    for flags, level in zip(outside, levels, strict=True):
        conditions += [flags & above, flags & ~above]
        results += [f"{up} {level}".strip(), f"{down} {level}".strip()]
    return np.select(conditions, results, default=SIMILAR)
