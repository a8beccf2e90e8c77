"""Rounding (M19): half away from zero at the indicator's decimals, exactly.

Here belongs rounding for publication; numpy.round (half to even, of the binary value) is never
used for it. A published value is k / 10^decimals with k a whole number, and so the double nearest
to the decimal people read.
"""

from fractions import Fraction

import numpy as np

from assets.methods.impossible import Flags, Floats, Ints

EXACT = 2.0**52
"""Whole numbers up to here, and their halves, are exact in a double."""


_POWERS = np.array([10.0**place for place in range(23)])


def powers(decimals: Ints) -> Floats:
    """10^decimals, exact up to 22."""
    return _POWERS.take(decimals)


def divide(numerator: Floats, denominator: Floats, multiplier: Floats) -> Floats:
    """multiplier x numerator / denominator, unrounded; arrays of one shape.

    Parts of up to six decimals are divided as whole numbers, which gives the double nearest to the
    ratio: at one price for all, 619.2 / 3 and 2682.2 / 13 are no different.
    """
    value: Floats = multiplier * numerator / denominator
    left = np.flatnonzero(~_is_whole(numerator, denominator) & _is_whole(multiplier))
    for power in (1e2, 1e6) if left.size else ():
        top, bottom = numerator[left], denominator[left]
        x, n = np.rint(top * power), np.rint(bottom * power)
        exact = (x / power == top) & (n / power == bottom) & (np.abs(n) < EXACT)
        x *= multiplier[left]
        exact &= np.abs(x) < EXACT
        value[left[exact]] = x[exact] / n[exact]
        left = left[~exact]
    return value


def round_supplied(value: Floats, decimals: Ints) -> Floats:
    """Round figures from their shortest decimal form (as_published, score, index).

    Arrays of one dimension; NaN stays NaN. The double nearest to a tie has the tie as its shortest
    decimal form, and doubles order as their decimals do: one comparison with it decides, as long as
    whole published units are exact; beyond, fractions do.
    """
    power = powers(decimals)
    size = np.abs(value)
    whole = np.floor(size * power)
    up = size >= (2.0 * whole + 1.0) / (2.0 * power)
    result = (whole + up) / power
    for index in np.flatnonzero((size * power >= EXACT) & (size < np.inf)):
        result[index] = _round_fraction(size[index], 1.0, 1.0, int(decimals[index]))
    return np.asarray(np.copysign(result, value) + 0.0)


def round_ratio(
    numerator: Floats, denominator: Floats, multiplier: Floats, decimals: Ints
) -> Floats:
    """Round multiplier x numerator / denominator from the exact ratio; arrays of one dimension.

    Whole numbers take one exact integer comparison (below 2^52 their quotient in doubles never
    reaches the next whole number); others are decided by their double unless that is near a tie,
    and then by fractions of the shortest decimal forms.
    """
    power = powers(decimals)
    with np.errstate(divide="ignore", invalid="ignore"):
        top = np.abs(numerator) * multiplier * power
        whole = np.floor(top / denominator)
        rest = top - whole * denominator
        exact = _is_whole(numerator, multiplier, denominator) & (top < EXACT)
        scaled = np.abs(multiplier * numerator / denominator) * power
        result = np.where(exact, whole + (2.0 * rest >= denominator), np.floor(scaled + 0.5))
        near = np.abs(scaled - np.floor(scaled) - 0.5) <= 1e-9 * (1.0 + scaled)
        result = result / power
    for index in np.flatnonzero(near & ~exact & np.isfinite(scaled)):
        result[index] = _round_fraction(
            numerator[index], denominator[index], multiplier[index], int(decimals[index])
        )
    return np.asarray(np.copysign(result, numerator) + 0.0)


def _is_whole(*parts: Floats) -> Flags:
    return np.asarray(np.logical_and.reduce([part == np.floor(part) for part in parts]))


def _round_fraction(
    numerator: float, denominator: float, multiplier: float, decimals: int
) -> float:
    """The size of the published value, the double nearest to it."""
    top = Fraction(repr(float(multiplier))) * Fraction(repr(abs(float(numerator))))
    exact = top / Fraction(repr(float(denominator))) * 10**decimals
    units = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return float(Fraction(units, 10**decimals))
