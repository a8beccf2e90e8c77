"""Lists across many indicators (M8): one-sided p-values, and how many findings chance alone gives.

Here belong the tests behind the watch list and the finder; which measures they are asked about is
in those modules. Arrays of one shape; NaN where a test has nothing to go by. p is the probability
of a figure at least as bad (or good) as the one seen if nothing but chance were at work.
Sources: Wilson 1927 (score test); Fisher 1935; Przyborowski and Wilenski 1940; Benjamini and
Hochberg 1995.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.methods.impossible import Flags, Floats

ONE_SIDED_998 = 0.001
"""One tail outside a 99.8 % interval."""
FALSE_SHARE = 0.1
"""Benjamini-Hochberg: share of a list that chance alone may account for."""
METHODS = ("99.8 %", "Benjamini-Hochberg 10 %")


@dataclass(frozen=True)
class Sample:
    """Figures with what a test needs of them; NaN where they lack it."""

    value: Floats
    numerator: Floats
    denominator: Floats
    """1 for counts."""
    se: Floats


def p_score(sample: Sample, benchmark: Floats, multiplier: Floats, *, above: Flags) -> Floats:
    """Score test of a proportion against a fixed one; below 0.001 = outside Wilson's 99.8 %."""
    from scipy.special import ndtr  # noqa: PLC0415  # 0.2 s, only where there is a test

    share = sample.numerator / sample.denominator
    expected = benchmark / multiplier
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(expected * (1.0 - expected) / sample.denominator)
        z = (share - expected) / root
    z = np.where(share == expected, 0.0, z)
    return np.asarray(ndtr(np.where(above, -z, z)))


def p_poisson(sample: Sample, benchmark: Floats, multiplier: Floats, *, above: Flags) -> Floats:
    """Exact tail of a Poisson count whose mean is the benchmark's rate: P(X >= x) or P(X <= x)."""
    from scipy.special import gammainc, gammaincc  # noqa: PLC0415  # as above

    mean = benchmark * sample.denominator / multiplier
    x = sample.numerator
    at_least = np.where(x == 0, 1.0, gammainc(np.maximum(x, 1e-300), mean))
    p = np.where(above, at_least, gammaincc(x + 1.0, mean))
    return np.where(np.isnan(x + mean), np.nan, p)


def p_normal(difference: Floats, se: Floats, *, above: Flags) -> Floats:
    """Normal tail of a difference with a standard error."""
    from scipy.special import ndtr  # noqa: PLC0415  # as above

    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where((difference == 0) & (se == 0), 0.0, difference / se)
    return np.asarray(ndtr(np.where(above, -z, z)))


def p_fisher(own: Sample, other: Sample, *, above: Flags) -> Floats:
    """Fisher's exact tail that `other` has so many (above), or so few, of both together."""
    from scipy.stats import hypergeom  # noqa: PLC0415  # as above

    both, people = own.numerator + other.numerator, own.denominator + other.denominator
    args = (people, both, other.denominator)
    few = hypergeom.cdf(other.numerator, *args)
    many = hypergeom.sf(other.numerator - 1.0, *args)
    return np.asarray(np.where(above, many, few))


def p_conditional(own: Sample, other: Sample, *, above: Flags) -> Floats:
    """Conditional binomial tail of the events of `other`, given those of both."""
    from scipy.stats import binom  # noqa: PLC0415  # as above

    both = own.numerator + other.numerator
    share = other.denominator / (own.denominator + other.denominator)
    few = binom.cdf(other.numerator, both, share)
    many = binom.sf(other.numerator - 1.0, both, share)
    return np.asarray(np.where(above, many, few))


def benjamini_hochberg(p: Floats, share: float = FALSE_SHARE) -> float:
    """The cut-off: p up to it are findings; NaN where none is. p without NaN, in any order."""
    ordered = np.sort(p)
    fits = np.flatnonzero(ordered <= share * np.arange(1, len(p) + 1) / max(len(p), 1))
    return float(ordered[fits[-1]]) if fits.size else float("nan")


@dataclass(frozen=True)
class Findings:
    """By p-value whether it is beyond chance; how many were tested; how many chance would give."""

    is_beyond: Flags
    n_tested: int
    expected: float


def beyond_chance(p: Floats, method: str) -> Findings:
    """One council's p-values judged together; NaN is not tested. ValueError for another method."""
    if method not in METHODS:
        raise ValueError(f"no method {method[:40]!r}: give one of {', '.join(METHODS)}")
    tested = ~np.isnan(p)
    if method == METHODS[0]:
        cut, is_beyond = ONE_SIDED_998, tested & (p < ONE_SIDED_998)
    else:
        cut = benjamini_hochberg(p[tested])
        is_beyond = tested & (p <= cut)
    n_tested = int(tested.sum())
    return Findings(is_beyond, n_tested, n_tested * cut if cut >= 0 else 0.0)


def judge_by(owners: pd.Series, p: Floats, method: str) -> dict[str, np.ndarray]:
    """beyond_chance of each owner's p-values: is_beyond, n_tested, expected_by_chance by row."""
    is_beyond, n_tested = np.zeros(len(p), dtype=bool), np.zeros(len(p), dtype=np.int64)
    expected = np.zeros(len(p))
    for rows in owners.groupby(owners.to_numpy()).indices.values():
        found = beyond_chance(p[rows], method)
        is_beyond[rows], n_tested[rows] = found.is_beyond, found.n_tested
        expected[rows] = found.expected
    return {"is_beyond": is_beyond, "n_tested": n_tested, "expected_by_chance": expected}
