"""Whose history a set of figures fits best: likelihoods of figures against every council's past.

Here belongs the statistic; what to say about it is for the rules in misfiled. The cost of figures
against council j is the sum over questions of the negative log likelihood (Student's t, 3 degrees
of freedom) of each figure, given j's last value and usual change, or this year's change where
enough councils have answered. Only differences of costs are used: constants are left out.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from validations.rules.bounds import bound
from validations.rules.history import History
from validations.rules.limits import Limits, limits_of
from validations.rules.rows import Array, Mask

DEGREES = 3
"""Degrees of freedom: tails so long that one odd figure does not decide."""


@dataclass(frozen=True)
class Costs:
    """Costs by period of the councils' figures against every council's past.

    by_series: series x period x sent x past; sent: period x sent x past; n_used: period x sent, the
    questions that could be compared; is_hub: series x period, whether this year's change is known.
    """

    by_series: Array
    sent: Array
    n_used: Array
    is_hub: Mask


@lru_cache(maxsize=1)  # several rules in a row ask about the same block
def costs_of(block: History) -> Costs:
    """Costs of every council's figures in every period of a block."""
    learnt = limits_of(block)
    values, last, expected, spread, points = _of_councils(block, learnt)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs, last_logs = (np.log(np.where(item > 0, item, np.nan)) for item in (values, last))
    figures = np.where(points, values, logs)
    past = np.where(points, last, last_logs) + expected
    z = (figures[..., :, None] - past[..., None, :]) / spread[..., None, :]
    cost = (DEGREES + 1) / 2 * np.log1p(z**2 / DEGREES) + np.log(spread)[..., None, :]
    own = np.diagonal(cost, axis1=-2, axis2=-1)
    is_used = ~np.isnan(own)
    # A council whose past is not known for a question is neither nearer nor further in it.
    known = np.where(np.isnan(cost), own[..., :, None], cost)
    known = np.where(is_used[..., :, None], known, 0.0)
    hub = ~np.isnan(learnt.shift[:, 0, :]) if learnt.shift.size else np.zeros((0, 0), dtype=bool)
    return Costs(known, known.sum(axis=0), np.count_nonzero(is_used, axis=0), hub)


def _of_councils(block: History, learnt: Limits) -> tuple[Array, Array, Array, Array, Array]:
    """Figures, last figures, expected changes and spreads: series x period x council."""
    expected = np.where(np.isnan(learnt.shift), learnt.usual, learnt.shift)
    blocks = (block.figures, block.before(block.figures), expected, learnt.spread)
    made = [np.moveaxis(item[:, block.is_council], 1, 2) for item in blocks]
    return made[0], made[1], made[2], made[3], block.is_points[:, None, None]


def is_judged(n_used: Array) -> Mask:
    """Whether so many questions are enough to tell councils apart."""
    found: Mask = np.asarray(n_used) >= bound("misfiled_measures")
    return found


def is_doubted(gain: Array | float) -> Mask:
    """Whether another council fits so much better that somebody must look."""
    found: Mask = np.asarray(gain) > bound("misfiled_gain")
    return found


def is_out_of_order(gain: Array | float) -> Mask:
    """Whether another order fits a column so much better that somebody must look."""
    found: Mask = np.asarray(gain) > bound("column_gain")
    return found


def gains(cost: Array) -> Array:
    """By council: its own cost minus that of the best other one; cost is ... x sent x past."""
    own = np.diagonal(cost, axis1=-2, axis2=-1)
    others = np.where(np.eye(cost.shape[-1], dtype=bool), np.inf, cost)
    found: Array = own - others.min(axis=-1)
    return found


@dataclass(frozen=True)
class Replay:
    """What the rule would have said of the past: true returns doubted, exchanged ones found."""

    returns: int
    doubted: float
    found: float

    @property
    def is_trusted(self) -> bool:
        """Whether the rule may be asked: enough returns tried, few doubted, most found."""
        enough = self.returns >= bound("replay_returns")
        is_quiet = self.doubted <= bound("replay_false")
        return enough and is_quiet and self.found >= bound("replay_found")


def replay(costs: Costs, until: int) -> Replay:
    """The rule asked about every council of every period before `until`, and about exchanges.

    An exchange: the figures of one council under the name of another, for every pair of them.
    """
    doubted, found = [], []
    for period in range(until):
        judged = is_judged(costs.n_used[period])
        if judged.sum() < 2:
            continue
        cost = costs.sent[period][np.ix_(judged, judged)]
        doubted += is_doubted(gains(cost)).tolist()
        found += _exchanged(cost).tolist()
    if not doubted:
        return Replay(0, 0.0, 0.0)
    return Replay(len(doubted), float(np.mean(doubted)), float(np.mean(found)))


def _exchanged(cost: Array) -> Mask:
    """For each ordered pair: whether the one's figures under the other's name would be found."""
    best, second = np.partition(cost, 1, axis=1)[:, :2].T
    least_other = np.where(cost == best[:, None], second[:, None], best[:, None])
    gain = cost - least_other
    off_diagonal = ~np.eye(len(cost), dtype=bool)
    found: Mask = is_doubted(gain)[off_diagonal]
    return found


def exchanges(cost: Array) -> list[tuple[list[int], float]]:
    """Rings of councils that fit better when their figures change places, and by how much.

    cost: sent x past. The best assignment of all, taken apart into its rings.
    """
    if not gains(cost).max(initial=-np.inf) > 0:
        return []
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415  half a second, rarely needed

    _, best = linear_sum_assignment(cost)
    rings, seen = [], set()
    for start in range(len(cost)):
        ring, place = [], start
        while place not in seen:
            seen.add(place)
            ring.append(place)
            place = int(best[place])
        if len(ring) > 1:
            gain = sum(float(cost[item, item] - cost[item, best[item]]) for item in ring)
            rings.append((ring, gain))
    return rings
