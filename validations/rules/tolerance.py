"""How far a stated figure may lie from its parts (M1): the inputs' own rounding, nothing more.

Here belongs the arithmetic of the tolerance, for rules and for whoever reconciles a table; what to
do about a difference is said by the rules in figures. The tolerance is half a unit of the stated
place plus what rounded inputs allow: a number rounded to base b is up to floor(b/2) from the truth,
so a total of k such parts, rounded itself, may differ from their sum by floor(b/2)(k + 1).
"""

from dataclasses import dataclass, fields

import numpy as np

from validations.rules.bounds import bound
from validations.rules.rows import Array, Mask

NOISE_FREE = 1e-9
"""Arithmetic in doubles, as a share of the figure."""
PERTURBED = "perturbed"
ROUNDED = "rounded:"


@dataclass(frozen=True)
class Gap:
    """How far stated figures lie from derived ones: one entry per figure."""

    derived: Array
    low: Array
    high: Array
    """Smallest and largest stated value that rounding explains."""
    is_off: Mask
    is_far: Mask
    """More than 2 % away; of a derived 0 everything is."""


def half_base(noise: str | None) -> float:
    """floor(b/2) of `rounded:b`, 0 for none; NaN for perturbed, which is never reconciled."""
    if noise == PERTURBED:
        return float("nan")
    return float(int(noise.removeprefix(ROUNDED)) // 2) if noise and ROUNDED in noise else 0.0


def reconcile_total(parts: Array, total: Array, half: Array, noise: Array) -> Gap:
    """Stated totals against the sums of their parts; parts is figures x k, NaN for none.

    half: half a unit of each total's place; noise: floor(b/2) of the base all are rounded to. The
    tolerance is half + floor(b/2)(k + 1); a total without parts is never off.
    """
    k = np.count_nonzero(~np.isnan(parts), axis=1)
    derived = np.where(k > 0, np.nansum(parts, axis=1), np.nan)
    allowed = noise * (k + 1)
    return _gap(total, derived, derived - allowed, derived + allowed, half)


def reconcile_ratio(
    numerator: Array, denominator: Array, multiplier: Array, stated: Array, half: Array,
    noise: Array,
) -> Gap:  # fmt: skip
    """Stated values against multiplier x numerator / denominator (above 0), each part rounded.

    Both parts may be floor(b/2) from the truth, so the ratio lies between the smallest numerator
    over the largest denominator and the reverse; a denominator within its rounding is never off.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        derived = multiplier * numerator / denominator
        ends = [
            multiplier * (numerator + side * noise) / (denominator - other * side * noise)
            for side in (-1.0, 1.0)
            for other in (-1.0, 1.0)
        ]
    low, high = np.minimum.reduce(ends), np.maximum.reduce(ends)
    unsure = ~(denominator > noise)
    return _gap(stated, derived, np.where(unsure, np.nan, low), high, half)


def _gap(stated: Array, derived: Array, low: Array, high: Array, half: Array) -> Gap:
    slack = half + NOISE_FREE * np.maximum(1, np.abs(derived))
    known = ~np.isnan(low) & ~np.isnan(high)
    is_off = ((stated < low - slack) | (stated > high + slack)) & known
    is_far = np.abs(stated - derived) > bound("far_from_parts") * np.abs(derived)
    return Gap(derived, low - half, high + half, is_off, is_far)


def choose(first: Mask, one: Gap, other: Gap) -> Gap:
    """Entry by entry one gap where the flag is set, else the other."""
    return Gap(*(
        np.where(first, getattr(one, field.name), getattr(other, field.name))
        for field in fields(Gap)
    ))  # fmt: skip


def half_units(values: Array, indicators: Array) -> Array:
    """Half a unit of the place each value is stated at.

    62.0 and 62 are one number to a computer: a value is taken to be stated at the place most of
    its indicator's values are, or at its own where that is finer.
    """
    own = np.array([decimals_of(value) for value in values], dtype=np.intp)
    half = np.full(len(values), np.nan)
    for indicator in set(indicators):
        of_it = np.flatnonzero(indicators == indicator)
        usual = np.bincount(own[of_it]).argmax()
        half[of_it] = 0.5 * 10.0 ** -np.maximum(own[of_it], usual)
    return half


def decimals_of(value: float) -> int:
    """Decimals of a number as written, at most ten: 6.04 has two, 62.0 none."""
    return len(f"{value:.10f}".rstrip("0").partition(".")[2])
