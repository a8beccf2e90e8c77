"""How sure a rank is in a large group (M4): its distribution without drawing.

Here belongs the rank's distribution from those of the figures; the simulation of small groups and
what a figure's distribution is are in rank_uncertainty.
Given that a figure falls at t, its rank is 1 + the sum of independent events "figure j falls below
t" (Poisson-binomial), taken by the refined normal approximation (Hong 2013: normal with a term for
skewness, continuity corrected); the figure itself is taken at 64 to 256 evenly likely values.
"""

from dataclasses import dataclass

import numpy as np

from assets.methods.impossible import Floats, Ints

FEWEST_NODES, MOST_NODES = 64, 256
"""Evenly likely values that stand for a figure's distribution: the most up to 1,024 members."""
NODE_CELLS = 2**18
"""Members x values, up to which there are more than the fewest."""
GRID = 2048
"""Points at which the sums over all members are held, evenly likely over the whole group."""
CHUNK = 256
"""Members taken at a time: 256 x 2048 doubles are 4 MB."""
NORMAL, BETA, GAMMA = range(3)


@dataclass(frozen=True)
class Uncertain:
    """Distributions of a group's figures, one entry per member.

    factor x Beta(a, b), factor x Gamma(a), or Normal(a, b) with b its standard error; polarity says
    how a figure becomes a place, where smaller is better.
    """

    method: Ints
    a: Floats
    b: Floats
    factor: Floats
    polarity: str
    """lower: the figure; higher: its negative; target: its distance from target."""
    target: float

    def take(self, rows: slice) -> "Uncertain":
        """Some of the members."""
        parts = (self.method[rows], self.a[rows], self.b[rows], self.factor[rows])
        return Uncertain(*parts, self.polarity, self.target)

    def nodes(self) -> Floats:
        """Evenly likely places of each member; members x values."""
        from scipy.special import betaincinv, gammaincinv, ndtri  # noqa: PLC0415  # when asked for

        size = min(max(NODE_CELLS // len(self.a), FEWEST_NODES), MOST_NODES)
        u = (np.arange(size) + 0.5) / size
        a, b, factor = self.a[:, None], self.b[:, None], self.factor[:, None]
        method = self.method[:, None]
        counts = np.maximum(a, 0.5), np.maximum(b, 0.5)
        value = np.where(
            method == NORMAL,
            a + b * ndtri(u),
            factor * np.where(method == BETA, betaincinv(*counts, u), gammaincinv(counts[0], u)),
        )
        if self.polarity == "target":
            return np.asarray(np.abs(value - self.target))
        return np.asarray(-value if self.polarity == "higher" else value)

    def below(self, place: Floats) -> Floats:
        """Probability that each member falls below a place; members x places (or broadcast)."""
        if self.polarity == "higher":
            return 1.0 - self._cdf(-place, or_equal=True)
        if self.polarity == "target":
            inner = self._cdf(self.target - place, or_equal=True)
            return np.maximum(self._cdf(self.target + place, or_equal=False) - inner, 0.0)
        return self._cdf(place, or_equal=False)

    def _cdf(self, value: Floats, *, or_equal: bool) -> Floats:
        """Probability of a figure below the value; a figure that is certain is a step."""
        from scipy.special import betainc, gammainc, ndtr  # noqa: PLC0415  # when asked for

        a, b, factor = self.a[:, None], self.b[:, None], self.factor[:, None]
        shape = np.broadcast_shapes(a.shape, np.shape(value))
        result, given = np.empty(shape), np.broadcast_to(value, shape)
        for method in np.unique(self.method).tolist():
            rows = self.method == method
            at, first, second = given[rows], a[rows], b[rows]
            if method == NORMAL:
                sure = (at >= first) if or_equal else (at > first)
                scaled = (at - first) / np.where(second > 0, second, 1.0)
                result[rows] = np.where(second > 0, ndtr(scaled), sure)
            else:
                scaled = np.maximum(at / factor[rows], 0.0)
                result[rows] = (
                    betainc(first, second, np.minimum(scaled, 1.0))
                    if method == BETA
                    else gammainc(first, scaled)
                )
        return result


def rank_quantiles(figures: Uncertain, shares: tuple[float, ...]) -> Floats:
    """Smallest rank that each member reaches with at least that probability; shares x members."""
    n = len(figures.method)
    nodes = figures.nodes()
    grid = np.unique(nodes)
    grid = grid[:: -(-len(grid) // GRID)]
    sums = np.zeros((3, len(grid)))
    for start in range(0, n, CHUNK):
        sums += _moments(figures.take(slice(start, start + CHUNK)).below(grid)).sum(axis=1)
    own = _moments(figures.below(nodes))
    mean, variance, third = (
        np.interp(nodes, grid, total) - part for total, part in zip(sums, own, strict=True)
    )
    spread = np.sqrt(np.maximum(variance, 1e-18))
    skewness = np.where(variance > 1e-12, third / spread**3, 0.0)
    found = [_smallest(share, mean, spread, skewness) for share in shares]
    return np.stack(found)


def _moments(p: Floats) -> Floats:
    """Mean, variance and third central moment of events of probability p; stacked first."""
    variance = p * (1.0 - p)
    return np.stack([p, variance, variance * (1.0 - 2.0 * p)])


def _smallest(share: float, mean: Floats, spread: Floats, skewness: Floats) -> Floats:
    from scipy.special import ndtr  # noqa: PLC0415  # when asked for

    n = len(mean)
    low, high = np.ones(n), np.full(n, float(n))
    while bool((low < high).any()):
        middle = np.floor((low + high) / 2.0)
        x = (middle[:, None] - 0.5 - mean) / spread
        density = np.exp(-np.minimum(x * x, 1400.0) / 2.0) / np.sqrt(2.0 * np.pi)
        chance = np.clip(ndtr(x) + skewness * (1.0 - x * x) * density / 6.0, 0.0, 1.0)
        reached = chance.mean(axis=1) >= share
        high = np.where(reached, middle, high)
        low = np.where(reached, low, middle + 1.0)
    return low
