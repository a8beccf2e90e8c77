"""Trend over the five latest annual points (M10).

Here belongs the direction of a series of five; the change between two periods is in change.
Sources: Cochran 1954 and Armitage 1955 (chi-square for linear trend); Mann 1945 and Kendall 1975
(exact p); OHID technical guidance (five points, p = 0.002). Points are rows x 5, oldest first.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations

import numpy as np

from assets.methods.declarations import Declarations
from assets.methods.impossible import Flags, Floats, Ints

TRENDS = ("rising", "falling", "no significant trend")
RISING, FALLING, NO_TREND = range(3)
REASONS = (
    "no value",
    "break in the series",
    "fewer than five points",
    "periods are not annual",
    "no interval for every point",
)
NO_VALUE, BREAK, TOO_FEW, NOT_ANNUAL, NO_INTERVAL = range(5)
POINTS = 5
CRITICAL = 9.5495
"""Chi-square with 1 degree of freedom at p = 0.002."""
MANN_KENDALL_BELOW = 0.05
NOISE = 1e-12
"""A slope below this share of its terms is 0: a fit that is level rises by no rounding."""
PAIRS = tuple(combinations(range(POINTS), 2))


@dataclass(frozen=True)
class Trend:
    """One entry per observation: positions in TRENDS and REASONS, -1 for null."""

    trend: Ints
    reason: Ints


@dataclass(frozen=True)
class Series:
    """What trend needs of a block, one entry per observation."""

    indicator: Ints
    value: Floats
    numerator: Floats
    denominator: Floats
    se: Floats
    before: Ints
    """Observation of the previous equivalent period, -1 for none."""
    is_broken: Flags
    """A break stands between it and the previous equivalent period."""
    year: Ints
    """Year in which the period starts, -1 where it is not annual."""


def compute_trend(series: Series, declared: Declarations) -> Trend:
    """Trend ending at each observation, or the reason why there is none."""
    chain, reason = _chains(series)
    result = np.full(len(series.value), -1, dtype=np.int64)
    rows = np.flatnonzero(reason < 0)
    points = chain[rows]
    indicator = series.indicator[rows]
    binomial = declared.is_word("interval", "binomial")[indicator]
    none = declared.is_word("interval", "none")[indicator]
    numerator, denominator = series.numerator[points], series.denominator[points]
    has_counts = binomial & ~np.isnan(numerator + denominator).any(axis=1)
    has_se = ~none & ~binomial & (series.se[points] > 0).all(axis=1)
    result[rows[has_counts]] = linear_trend(numerator[has_counts], denominator[has_counts])
    value, se = series.value[points], series.se[points]
    result[rows[has_se]] = weighted_trend(value[has_se], se[has_se])
    result[rows[none]] = mann_kendall_trend(value[none])
    reason[rows] = np.where(result[rows] >= 0, -1, NO_INTERVAL)
    return Trend(result, reason)


def _chains(series: Series) -> tuple[Ints, Ints]:
    """The five observations up to each one, oldest first, and why there are not five, else -1."""
    rows = np.arange(len(series.value))
    chain = [rows]
    broken, short = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    for _ in range(POINTS - 1):
        last = chain[-1]
        broken |= ~short & series.is_broken[last]
        short |= series.before[last] < 0
        chain.append(np.where(short, last, series.before[last]))
    points = np.stack(chain[::-1], axis=1)
    years = series.year[points]
    steps = np.diff(years, axis=1)
    even = (years >= 0).all(axis=1) & (steps == steps[:, :1]).all(axis=1) & (steps[:, 0] > 0)
    reason = np.select(
        [np.isnan(series.value), broken, short, ~even],
        [NO_VALUE, BREAK, TOO_FEW, NOT_ANNUAL],
        default=-1,
    )
    return points, reason


def _judge(chi_square: Floats, slope: Floats, left_out: Floats) -> Ints:
    """Significant beyond 9.5495 with the same sign in every leave-one-out fit, else no trend."""
    steady = (np.sign(left_out) == np.sign(slope)[:, None]).all(axis=1)
    is_trend = (chi_square > CRITICAL) & steady
    return np.select([is_trend & (slope > 0), is_trend & (slope < 0)], [RISING, FALLING], NO_TREND)


def linear_trend(x: Floats, n: Floats) -> Ints:
    """Chi-square for linear trend of proportions x/n; none where all or no cases have it."""
    slope, variance = trend_in_proportions(x, n)
    chi_square = np.where(variance > 0, slope**2 / np.where(variance > 0, variance, 1.0), 0.0)
    kept = [np.delete(np.arange(POINTS), out) for out in range(POINTS)]
    left_out = [trend_in_proportions(x[:, k], n[:, k], k.astype(float))[0] for k in kept]
    return _judge(chi_square, slope, np.stack(left_out, axis=1))


def trend_in_proportions(
    x: Floats, n: Floats, times: Floats | None = None
) -> tuple[Floats, Floats]:
    """Sum of t (x - n p) and its variance p (1 - p) (sum n t^2 - (sum n t)^2 / sum n)."""
    t = np.arange(x.shape[1], dtype=float) if times is None else times
    total = n.sum(axis=1)
    share = x.sum(axis=1) / total
    moment = (n * t).sum(axis=1)
    slope = (x * t).sum(axis=1) - share * moment
    slope = np.where(np.abs(slope) <= NOISE * (np.abs(x * t).sum(axis=1) + 1.0), 0.0, slope)
    return slope, share * (1.0 - share) * ((n * t * t).sum(axis=1) - moment**2 / total)


def weighted_trend(y: Floats, se: Floats) -> Ints:
    """Weighted least squares on time with weights 1/se^2; chi-square = (slope / its se)^2."""
    slope, spread = weighted_slope(y, se)
    kept = [np.delete(np.arange(POINTS), out) for out in range(POINTS)]
    left_out = [weighted_slope(y[:, k], se[:, k], k.astype(float))[0] for k in kept]
    return _judge(slope**2 * spread, slope, np.stack(left_out, axis=1))


def weighted_slope(y: Floats, se: Floats, times: Floats | None = None) -> tuple[Floats, Floats]:
    """Slope, and the weighted sum of squares of time (1 / variance of the slope)."""
    t = np.arange(y.shape[1], dtype=float) if times is None else times
    weight = 1.0 / se**2
    total = weight.sum(axis=1, keepdims=True)
    from_mean = t - (weight * t).sum(axis=1, keepdims=True) / total
    centred = y - (weight * y).sum(axis=1, keepdims=True) / total
    spread = (weight * from_mean**2).sum(axis=1)
    moment = (weight * from_mean * centred).sum(axis=1)
    terms = np.abs(weight * from_mean * y).sum(axis=1)
    return np.where(np.abs(moment) <= NOISE * terms, 0.0, moment / spread), spread


def mann_kendall_trend(y: Floats) -> Ints:
    """Mann-Kendall with the exact two-sided p below 0.05; the direction is that of S."""
    signs = np.stack([np.sign(y[:, late] - y[:, early]) for early, late in PAIRS], axis=1)
    score = signs.sum(axis=1)
    ties = (y[:, :, None] == y[:, None, :]).sum(axis=2)
    pattern = np.sort(ties, axis=1) @ (10 ** np.arange(POINTS))
    found = np.zeros(len(y), dtype=bool)
    for code in np.unique(pattern).tolist():
        rows = np.flatnonzero(pattern == code)
        sizes = tuple(int(size) for size in np.sort(ties[rows[0]]))
        p = np.array([exact_p(total, sizes) for total in range(len(PAIRS) + 1)])
        found[rows] = p[np.abs(score[rows]).astype(np.int64)] < MANN_KENDALL_BELOW
    return np.select([found & (score > 0), found & (score < 0)], [RISING, FALLING], NO_TREND)


@lru_cache(maxsize=256)
def exact_p(score: int, ties: tuple[int, ...]) -> float:
    """Share of all orders of the points with |S| of at least `score`.

    ties: for each point, sorted, how many points have its value: (1, 1, 1, 2, 2) has one tied pair.
    """
    values: list[int] = []
    while len(values) < len(ties):
        values += [len(values)] * ties[len(values)]
    scores = [
        abs(sum((b > a) - (b < a) for a, b in combinations(order, 2)))
        for order in permutations(values)
    ]
    return sum(found >= score for found in scores) / len(scores)
