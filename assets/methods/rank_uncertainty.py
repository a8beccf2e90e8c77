"""How sure a rank is (M4): 5th and 95th percentile of the rank over seeded draws.

Here belongs the simulation, asked for by name because it costs about 10 ms an indicator and group.
Each figure is drawn from Beta(x + 1/2, n - x + 1/2), Gamma(x + 1/2) / n or Normal(value, se).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from assets.methods.declarations import Declarations
from assets.methods.dense import Dense
from assets.methods.groups import GroupSet
from assets.methods.impossible import Floats, Ints
from assets.methods.position import RANKED_FROM

DRAWS = 10_000
SEED = 20_260_401
PERCENTILES = (5.0, 95.0)


@dataclass(frozen=True)
class Draws:
    """Draws of one line's figures: `places` is DRAWS x areas, smaller is better, NaN without."""

    line: int
    places: Floats


@dataclass(frozen=True)
class Cells:
    """What the draws of a block need: one entry per observation."""

    names: Sequence[str]
    """Key of each observation in words: the seed of its draws, whatever the order of rows."""
    indicator: Ints
    numerator: Floats
    denominator: Floats
    value: Floats
    se: Floats
    has_counts: Ints
    """1 beta, 2 gamma, 0 normal, -1 no interval."""


def draw_line(line: int, dense: Dense, cells: Cells, declared: Declarations) -> Draws:
    """Draws of every ranked figure of a line."""
    places = np.full((DRAWS, dense.row.shape[1]), np.nan)
    for column in np.flatnonzero(~np.isnan(dense.ranked[line])).tolist():
        row = int(dense.row[line, column])
        places[:, column] = _draw(row, cells, declared)
    return Draws(line, places)


def _draw(row: int, cells: Cells, declared: Declarations) -> Floats:
    indicator = int(cells.indicator[row])
    random = np.random.default_rng([SEED, crc32(cells.names[row].encode())])
    x, n = float(cells.numerator[row]), float(cells.denominator[row])
    factor, method = float(declared.multiplier[indicator]), int(cells.has_counts[row])
    if method == 1:
        values = factor * random.beta(x + 0.5, n - x + 0.5, DRAWS)
    elif method == 2:
        values = factor * random.gamma(x + 0.5, 1.0, DRAWS) / n
    elif method == 0 and cells.se[row] >= 0:
        values = random.normal(float(cells.value[row]), float(cells.se[row]), DRAWS)
    else:
        return np.full(DRAWS, np.nan)
    if bool(declared.is_word("polarity", "target")[indicator]):
        return np.asarray(np.abs(values - declared.target[indicator]))
    return -values if bool(declared.is_word("polarity", "higher")[indicator]) else values


def rank_limits(draws: Sequence[Draws], dense: Dense, group: GroupSet) -> tuple[Floats, Floats]:
    """Percentiles of the rank of every council of the group; lines x councils of the group.

    NaN for the whole group where a ranked member has no interval, and where there is no rank.
    """
    subjects = group.owners if group.is_own else group.members[0]
    limits = np.full((2, len(dense.row), len(subjects)), np.nan)
    for drawn in draws:
        if group.is_own:
            for place, owner in enumerate(subjects.tolist()):
                columns = np.append(group.members[place], owner)
                found = _simulate(drawn, dense, columns)
                limits[:, drawn.line, place] = found[:, -1]
        else:
            limits[:, drawn.line] = _simulate(drawn, dense, subjects)
    return limits[0], limits[1]


def _simulate(drawn: Draws, dense: Dense, columns: Ints) -> Floats:
    """Low and high rank of each column; 2 x columns."""
    result = np.full((2, len(columns)), np.nan)
    ranked = np.flatnonzero(~np.isnan(dense.ranked[drawn.line, columns]))
    places = drawn.places[:, columns[ranked]]
    if len(ranked) < RANKED_FROM or np.isnan(places[0]).any():
        return result
    ranks = np.argsort(np.argsort(places, axis=1), axis=1) + 1.0
    result[:, ranked] = np.percentile(ranks, PERCENTILES, axis=0)
    return result
