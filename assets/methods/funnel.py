"""Control limits around a benchmark (M8): funnel plots of proportions, rates and ratios.

Here belong limits at each area's own size, and how far they must widen where councils differ more
than chance explains; an area's own interval is in intervals.
Source: Spiegelhalter 2005, Funnel plots for comparing institutional performance, Statistics in
Medicine 24: exact limits, winsorised phi, multiplicative (A.3.1) and additive (A.3.2)
overdispersion. z is (value - target) / standard error on the plain scale.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from assets.methods.impossible import Flags, Floats, ImpossibleInput, refuse
from assets.methods.intervals import Z95, Z998
from assets.methods.observations import read_numbers
from assets.methods.versus_options import control_words

Kind = Literal["proportion", "rate", "ratio"]
Dispersion = Literal["none", "multiplicative", "additive"]
KINDS = ("proportion", "rate", "ratio")
DISPERSIONS = ("none", "multiplicative", "additive")
TAILS = {"95": (Z95, 0.025), "998": (Z998, 0.001)}
WINSORISED_SHARE = 0.1


@dataclass(frozen=True)
class Spread:
    """How much more than chance the councils differ."""

    phi: float
    """Mean squared z after winsorising the outer tenths; 1 is chance alone."""
    tau_squared: float
    """Variance between councils of the additive model, on the scale of x / n."""
    is_over: bool
    """Whether phi is above 1 + 2 sqrt(2/I): only then are limits widened."""


def funnel(
    figures: pd.DataFrame,
    kind: Kind,
    *,
    multiplier: float = 1.0,
    polarity: str = "neutral",
    target: float | None = None,
    overdispersion: Dispersion = "none",
) -> pd.DataFrame:
    """One group's figures with control limits and words of two levels.

    figures: area_code, numerator (cases or events), denominator (people; for a ratio the expected
    events). target: on the scale of the published value; by default the ratio of sums. Returns one
    row per area in the order given: area_code, value, target, z, lower_95, upper_95, lower_998,
    upper_998 (control limits), verdict (`better 99.8 %` ... `worse 99.8 %`, similar, not compared),
    phi, tau_squared. Limits are exact with `none`, or where the councils do not differ beyond
    chance; else normal: multiplicative sqrt(phi) x se, additive sqrt(se^2 + tau^2). Raises
    ImpossibleInput, naming rows, for x > n in a proportion, x < 0, n not above 0, unknown words.
    """
    _check_words(kind, overdispersion, multiplier)
    rows = figures.reset_index(drop=True)
    x, n, has = _counts(rows, kind)
    theta = _benchmark(x[has], n[has], target, multiplier, kind)
    se = standard_error(theta, np.where(has, n, np.nan), kind)
    value = np.where(has, x / np.where(n > 0, n, np.nan), np.nan)
    z = (value - theta) / np.where(se > 0, se, np.nan)
    spread = dispersion(z[has], se[has])
    limits = _limits(theta, n, has, kind, _widened(se, spread, overdispersion))
    return rows[["area_code"]].assign(
        value=multiplier * value,
        target=multiplier * theta,
        z=z,
        lower_95=multiplier * limits["95"][0],
        upper_95=multiplier * limits["95"][1],
        lower_998=multiplier * limits["998"][0],
        upper_998=multiplier * limits["998"][1],
        verdict=control_words(value, limits["95"], limits["998"], polarity),
        phi=spread.phi,
        tau_squared=spread.tau_squared,
    )


def _limits(
    theta: float, n: Floats, has: Flags, kind: str, wide: Floats | None
) -> dict[str, tuple[Floats, Floats]]:
    """Limits of each level: exact, or from widened standard errors where there are."""
    return {
        level: exact_limits(theta, n, has, tail, kind)
        if wide is None
        else normal_limits(theta, quantile * wide, kind)
        for level, (quantile, tail) in TAILS.items()
    }


def standard_error(theta: float, n: Floats, kind: str) -> Floats:
    """Standard error of x / n at the benchmark: sqrt(theta (1 - theta) / n), or sqrt(theta / n)."""
    variance = theta * (1.0 - theta) if kind == "proportion" else theta
    return np.asarray(np.sqrt(variance / n))


def dispersion(z: Floats, se: Floats) -> Spread:
    """phi and tau squared from the z of a group, the outer tenths brought in to the 10 % points.

    tau^2 = (I phi - (I - 1)) / (sum w - sum w^2 / sum w), w = 1 / se^2, not below 0.
    """
    valid = ~np.isnan(z)
    count = int(valid.sum())
    if count < 2:
        return Spread(float("nan"), float("nan"), is_over=False)
    ends = np.quantile(z[valid], [WINSORISED_SHARE, 1.0 - WINSORISED_SHARE])
    phi = float(np.mean(np.clip(z[valid], *ends) ** 2))
    weight = 1.0 / se[valid] ** 2
    room = weight.sum() - (weight**2).sum() / weight.sum()
    tau_squared = max(0.0, (count * phi - (count - 1)) / float(room))
    return Spread(phi, tau_squared, is_over=phi > 1.0 + 2.0 * np.sqrt(2.0 / count))


def exact_limits(
    theta: float, n: Floats, has: Flags, tail: float, kind: str
) -> tuple[Floats, Floats]:
    """Limits of x / n by the binomial or Poisson distribution at the benchmark.

    The limit is r / n, r the smallest count with F(r) >= p: a count beyond it has a tail below p.
    Interpolated limits are smoother and wrong for small councils: one of one would stand out.
    """
    from scipy.stats import binom, poisson  # noqa: PLC0415  # a second, only for funnels

    size = np.where(has, n, 1.0)
    count = binom(size, theta) if kind == "proportion" else poisson(size * theta)
    lower, upper = (np.maximum(count.ppf(p), 0.0) / size for p in (tail, 1.0 - tail))
    return np.where(has, lower, np.nan), np.where(has, upper, np.nan)


def normal_limits(theta: float, half: Floats, kind: str) -> tuple[Floats, Floats]:
    """The benchmark less and plus a half, within 0 and, for a proportion, 1."""
    top = 1.0 if kind == "proportion" else np.inf
    return np.clip(theta - half, 0.0, top), np.clip(theta + half, 0.0, top)


def _widened(se: Floats, spread: Spread, overdispersion: str) -> Floats | None:
    """Standard errors widened by the spread, None where limits stay exact."""
    if overdispersion == "none" or not spread.is_over:
        return None
    if overdispersion == "multiplicative":
        return np.asarray(se * np.sqrt(spread.phi))
    return np.asarray(np.sqrt(se**2 + spread.tau_squared))


def _benchmark(x: Floats, n: Floats, target: float | None, multiplier: float, kind: str) -> float:
    if target is None:
        return float(x.sum() / n.sum()) if len(x) else float("nan")
    theta = target / multiplier
    if theta < 0 or (kind == "proportion" and theta > 1):
        raise ImpossibleInput(f"A target of {target:g} is out of range for a {kind}. Correct it.")
    return theta


def _check_words(kind: str, overdispersion: str, multiplier: float) -> None:
    if kind not in KINDS or overdispersion not in DISPERSIONS or not multiplier > 0:
        raise ImpossibleInput(
            f"Funnel of {kind[:40]!r}, overdispersion {overdispersion[:40]!r}: use "
            f"{', '.join(KINDS)}; {', '.join(DISPERSIONS)}; a multiplier above 0."
        )


def _counts(rows: pd.DataFrame, kind: str) -> tuple[Floats, Floats, Flags]:
    """Numerators, denominators, and which areas have both; what cannot be true is refused."""
    x, n = read_numbers(rows, "numerator"), read_numbers(rows, "denominator")
    has = ~np.isnan(x) & ~np.isnan(n)

    def name(row: int) -> str:
        return f"row {row + 1} ({rows['area_code'].iloc[row]})"

    refuse(rows["area_code"].duplicated().to_numpy(dtype=bool), "Area twice", name)
    refuse(has & ~(n > 0), "Denominator not above 0", name)
    refuse(has & (x < 0), "Numerator below 0", name)
    if kind == "proportion":
        refuse(has & (x > n), "Numerator above the denominator", name)
        refuse(has & (n != np.floor(n)), "Denominator of a proportion is not whole", name)
    return x, n, has
