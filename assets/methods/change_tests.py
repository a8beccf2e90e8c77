"""Tests of a change between two periods (M9): Newcombe, conditional binomial, z.

Here belongs whether a difference is beyond chance; which test applies is in assets.methods.change.
Sources: Newcombe 1998, method 10; Przyborowski and Wilenski 1940; all arrays of one shape.
"""

import numpy as np

from assets.methods.impossible import Flags, Floats
from assets.methods.intervals import Z95, wilson

SIGNIFICANT_BELOW = 0.05
MOST_EVENTS = 1e12
"""Events in both periods up to which an outcome's probability is known to 1 %; beyond, rounding of
its logarithm decides, and from 2^53 on the next whole number is no double."""
NO_LIKELIER = 1.0 + 1e-7
"""Outcomes as likely as the one seen, up to rounding, count as no likelier."""


def newcombe(x1: Floats, n1: Floats, x2: Floats, n2: Floats) -> tuple[Floats, Floats]:
    """95 % limits of the difference x2/n2 - x1/n1, from the two Wilson intervals."""
    p1, p2 = x1 / n1, x2 / n2
    (lower1, upper1), (lower2, upper2) = wilson(x1, n1, Z95), wilson(x2, n2, Z95)
    difference = p2 - p1
    lower = difference - np.sqrt((p2 - lower2) ** 2 + (upper1 - p1) ** 2)
    upper = difference + np.sqrt((upper2 - p2) ** 2 + (p1 - lower1) ** 2)
    return lower, upper


def is_newcombe_significant(x1: Floats, n1: Floats, x2: Floats, n2: Floats) -> Flags:
    """Whether the 95 % interval of the difference excludes 0."""
    lower, upper = newcombe(x1, n1, x2, n2)
    return np.asarray((lower > 0) | (upper < 0))


def conditional_binomial(x1: Floats, n1: Floats, x2: Floats, n2: Floats) -> Floats:
    """Two-sided p of equal rates x1/n1 and x2/n2: given x1 + x2 events, x2 is binomial.

    p is the sum of the probabilities of all outcomes no likelier than the one seen; 1 without
    events. Counts are whole numbers, together MOST_EVENTS at most.
    """
    from scipy.special import betainc  # noqa: PLC0415  # 0.2 s, only where events are counted

    total, share = x1 + x2, n2 / (n1 + n2)
    mean = total * share
    seen = _log_probability(x2, total, share) + np.log(NO_LIKELIER)
    is_low = x2 < mean
    other = np.where(
        is_low,
        _first_no_likelier(seen, np.ceil(mean), total + 1.0, total, share),
        total - _first_no_likelier(seen, total - np.floor(mean), total + 1.0, total, 1.0 - share),
    )

    def up_to(k: Floats) -> Floats:
        inside = np.clip(k, 0.0, np.maximum(total - 1.0, 0.0))
        tail = betainc(np.maximum(total - inside, 1.0), inside + 1.0, 1.0 - share)
        return np.where(k < 0, 0.0, np.where(k >= total, 1.0, tail))

    def beyond(k: Floats) -> Floats:
        inside = np.clip(k, 0.0, np.maximum(total - 1.0, 0.0))
        tail = betainc(inside + 1.0, np.maximum(total - inside, 1.0), share)
        return np.where(k < 0, 1.0, np.where(k >= total, 0.0, tail))

    low, high = np.where(is_low, x2, other), np.where(is_low, other, x2)
    p = up_to(low) + beyond(high - 1.0)
    return np.where((x2 == mean) | (total == 0), 1.0, np.minimum(p, 1.0))


def _first_no_likelier(
    seen: Floats, start: Floats, stop: Floats, total: Floats, share: Floats
) -> Floats:
    """Smallest k from start (at or above the mode) whose log probability is at most `seen`."""
    low, high = start.copy(), stop.copy()
    while bool(np.any(low < high)):
        middle = np.floor((low + high) / 2.0)
        fits = _log_probability(middle, total, share) <= seen
        active = low < high
        high = np.where(active & fits, middle, high)
        low = np.where(active & ~fits, middle + 1.0, low)
    return low


def _log_probability(k: Floats, total: Floats, share: Floats) -> Floats:
    from scipy.special import gammaln, xlog1py, xlogy  # noqa: PLC0415  # as above

    inside = np.clip(k, 0, total)
    ways = gammaln(total + 1.0) - gammaln(inside + 1.0) - gammaln(total - inside + 1.0)
    found = ways + xlogy(inside, share) + xlog1py(total - inside, -share)
    return np.where((k < 0) | (k > total), -np.inf, found)


def is_z_significant(difference: Floats, se1: Floats, se2: Floats) -> Flags:
    """Whether |difference| / sqrt(se1^2 + se2^2) is beyond the 97.5 % normal quantile."""
    return np.asarray(np.abs(difference) > Z95 * np.sqrt(se1 * se1 + se2 * se2))
