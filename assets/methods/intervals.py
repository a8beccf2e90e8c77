"""Intervals of one figure (M6-M7), only where the indicator declares them.

Here belong the limits at 95 and 99.8 %. An interval treats the year as one draw from a stable
process; for money, tonnes, days, prices, indices and modelled estimates none is ever invented.
Sources: Wilson 1927; Byar in Breslow and Day 1987; OHID technical guidance; exact Poisson limits by
the chi-square distribution.
"""

from collections.abc import Mapping

import numpy as np

from assets.methods.declarations import Declarations
from assets.methods.impossible import Flags, Floats, Ints
from assets.methods.observations import Observations
from assets.methods.values import Figures, nature_of

Z95 = 1.959963984540054
Z998 = 3.090232306167813
LEVELS = {"95": (Z95, 0.05), "998": (Z998, 0.002)}
"""Name of the level -> two-sided normal quantile and tail probability."""
EXACT_BELOW = 10
"""Byar's approximation is used from this count on, the chi-square limits below it."""


def wilson(x: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    """Wilson score limits of the proportion x/n, as fractions of 1 (n > 0)."""
    root = z * np.sqrt(z * z + 4.0 * x * (1.0 - x / n))
    bottom = 2.0 * (n + z * z)
    lower = np.where(x == 0, 0.0, (2.0 * x + z * z - root) / bottom)
    return lower, np.where(x == n, 1.0, (2.0 * x + z * z + root) / bottom)


def byar(x: Floats, z: float, tail: float) -> tuple[Floats, Floats]:
    """Limits of a Poisson count: Byar from 10, exact chi-square below; lower limit 0 at 0."""
    safe = np.maximum(x, EXACT_BELOW)
    lower = safe * (1.0 - 1.0 / (9.0 * safe) - z / (3.0 * np.sqrt(safe))) ** 3
    above = safe + 1.0
    upper = above * (1.0 - 1.0 / (9.0 * above) + z / (3.0 * np.sqrt(above))) ** 3
    small = x < EXACT_BELOW
    lower[small], upper[small] = exact_poisson(x[small], tail)
    return lower, upper


def exact_poisson(x: Floats, tail: float) -> tuple[Floats, Floats]:
    """Exact limits of a Poisson count: half the chi-square quantiles at 2x and 2(x + 1) df."""
    from scipy.special import gammaincinv  # noqa: PLC0415  # 0.2 s, only where events are counted

    counts, place = np.unique(x, return_inverse=True)
    lower = np.where(counts > 0, gammaincinv(np.maximum(counts, 1e-9), tail / 2), 0.0)
    upper = gammaincinv(counts + 1.0, 1.0 - tail / 2)
    return lower[place], upper[place]


def student(n: Floats, tail: float) -> Floats:
    """Two-sided t quantile at n - 1 degrees of freedom; NaN for n < 2."""
    from scipy.special import stdtrit  # noqa: PLC0415  # 0.2 s, only where an sd is supplied

    return np.where(n >= 2, stdtrit(np.maximum(n - 1.0, 1.0), 1.0 - tail / 2), np.nan)


def compute_limits(
    observations: Observations, declared: Declarations, figures: Figures
) -> dict[str, Floats]:
    """lower_95, upper_95, lower_998, upper_998 of every observation, NaN where there is none."""
    valid = ~np.isnan(figures.value)
    derived = ~nature_of(declared).is_supplied
    names = [f"{side}_{level}" for level in LEVELS for side in ("lower", "upper")]
    limits = {name: np.full(len(observations), np.nan) for name in names}

    def rows(word: str, among: Flags) -> Ints:
        wanted = declared.is_word("interval", word) & among
        return np.flatnonzero(valid & observations.of_each(wanted))

    everyone = np.ones(len(derived), dtype=bool)
    is_count = declared.is_word("kind", "count")
    given = rows("supplied", everyone)
    for name in names if given.size else ():
        limits[name][given] = observations.numbers[name][given]
    for level, (z, tail) in LEVELS.items():
        for word, among in (
            ("binomial", derived & ~is_count),
            ("poisson", derived),
            ("t", ~is_count),
        ):
            chosen = rows(word, among)
            if chosen.size:
                lower, upper = _limits(word, chosen, observations, declared, figures, z, tail)
                limits[f"lower_{level}"][chosen], limits[f"upper_{level}"][chosen] = lower, upper
    return limits


def _limits(
    word: str,
    rows: Ints,
    observations: Observations,
    declared: Declarations,
    figures: Figures,
    z: float,
    tail: float,
) -> tuple[Floats, Floats]:
    indicator = observations.columns["indicator"].codes[rows]
    factor = declared.multiplier[indicator]
    x, n = observations.numbers["numerator"][rows], observations.numbers["denominator"][rows]
    if word == "t":
        half = student(n, tail) * factor * observations.numbers["sd"][rows] / np.sqrt(n)
        return figures.value[rows] - half, figures.value[rows] + half
    if word == "binomial":
        lower, upper = wilson(x, n, z)
        return factor * lower, factor * upper
    lower, upper = byar(x, z, tail)
    base = np.where(declared.is_word("kind", "count")[indicator], 1.0, n)
    return factor * lower / base, factor * upper / base


def standard_errors(
    observations: Observations, declared: Declarations, limits: dict[str, Floats]
) -> Floats:
    """Standard error of every observation, NaN where neither it nor limits are known."""
    numbers = observations.numbers
    pairs = {level: (limits[f"lower_{level}"], limits[f"upper_{level}"]) for level in LEVELS}
    is_t = observations.of_each(declared.is_word("interval", "t"))
    return standard_error(numbers["se"], pairs, numbers["denominator"], is_t=is_t)


def standard_error(
    se: Floats, limits: Mapping[str, tuple[Floats, Floats]], denominator: Floats, *, is_t: Flags
) -> Floats:
    """se as supplied, else (U - L)/(2z) of the 95 %, else of the 99.8 % limits; for t by its t.

    limits: level, as in LEVELS -> lower and upper.
    """
    cases = np.where(is_t, denominator, np.nan)
    for level, (z, tail) in LEVELS.items():
        lower, upper = limits[level]
        quantile = np.where(is_t, student(cases, tail), z) if is_t.any() else z
        se = np.where(np.isnan(se), (upper - lower) / (2.0 * quantile), se)
    return se
