"""How sure a rank is (M4): 5th and 95th percentile of the rank, asked for by name.

Here belongs a figure's distribution, Beta(x + 1/2, n - x + 1/2), Gamma(x + 1/2) / n or
Normal(value, se), and the simulation up to 50 ranked members by seeded draws, which costs about
10 ms an indicator and group; larger groups are computed in rank_analytic.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from assets.methods.declarations import WORDS, Declarations
from assets.methods.dense import Dense
from assets.methods.groups import GroupSet
from assets.methods.impossible import Floats, Ints
from assets.methods.position import RANKED_FROM, rank_row
from assets.methods.rank_analytic import BETA, GAMMA, NORMAL, Uncertain, rank_quantiles

DRAWS = 10_000
SEED = 20_260_401
PERCENTILES = (5.0, 95.0)
SIMULATED_TO = 50
"""Ranked members up to which ranks are simulated; beyond, they are computed."""
KEPT = 512
"""Figures whose draws are kept at a time: 80 kB each."""


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


@dataclass(frozen=True)
class Draws:
    """One line's figures, drawn when they are wanted: the same figure always draws the same."""

    line: int
    rows: Ints
    """Observation of each area's ranked figure, -1 for none."""
    cells: Cells
    declared: Declarations
    kept: dict[int, Floats] = field(default_factory=dict, repr=False)

    def has_interval(self, columns: Ints) -> bool:
        """Whether every one of these areas' figures has a distribution."""
        rows = self.rows[columns]
        method, cells = self.cells.has_counts[rows], self.cells
        parts = cells.numerator[rows] + np.where(method == 2, 0.0, cells.denominator[rows])
        per = np.where(method == 2, cells.denominator[rows], 1.0)
        has = np.where(method == 0, cells.se[rows] >= 0, ~np.isnan(parts) & (per != 0))
        return bool(((method >= 0) & has).all())

    def places(self, columns: Ints) -> Floats:
        """DRAWS x columns, smaller is better."""
        if len(self.kept) > KEPT:
            self.kept.clear()
        for column in columns.tolist():
            if column not in self.kept:
                self.kept[column] = _draw(int(self.rows[column]), self.cells, self.declared)
        return np.stack([self.kept[column] for column in columns.tolist()], axis=1)

    def uncertain(self, columns: Ints) -> Uncertain:
        """Their distributions, for groups too large to draw."""
        rows, cells, declared = self.rows[columns], self.cells, self.declared
        indicator = cells.indicator[rows]
        x, n, method = cells.numerator[rows], cells.denominator[rows], cells.has_counts[rows]
        factor = declared.multiplier[indicator]
        polarity = WORDS["polarity"][int(declared.words["polarity"][indicator[0]])]
        return Uncertain(
            method=np.select([method == 1, method == 2], [BETA, GAMMA], NORMAL),
            a=np.where(method == 0, cells.value[rows], x + 0.5),
            b=np.where(method == 0, cells.se[rows], n - x + 0.5),
            factor=np.where(method == 2, factor / n, factor),
            polarity=polarity,
            target=float(declared.target[indicator[0]]),
        )


def draw_line(line: int, dense: Dense, cells: Cells, declared: Declarations) -> Draws:
    """The ranked figures of a line, ready to be drawn."""
    rows = np.where(np.isnan(dense.ranked[line]), -1, dense.row[line])
    return Draws(line, rows, cells, declared)


def _draw(row: int, cells: Cells, declared: Declarations) -> Floats:
    indicator = int(cells.indicator[row])
    random = np.random.default_rng([SEED, crc32(cells.names[row].encode())])
    x, n = float(cells.numerator[row]), float(cells.denominator[row])
    factor, method = float(declared.multiplier[indicator]), int(cells.has_counts[row])
    if method == 1:
        values = factor * random.beta(x + 0.5, n - x + 0.5, DRAWS)
    elif method == 2:
        values = factor * random.gamma(x + 0.5, 1.0, DRAWS) / n
    else:
        values = random.normal(float(cells.value[row]), float(cells.se[row]), DRAWS)
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
                found = _limits(drawn, dense, columns)
                limits[:, drawn.line, place] = found[:, -1]
        else:
            limits[:, drawn.line] = _limits(drawn, dense, subjects)
    return limits[0], limits[1]


def _limits(drawn: Draws, dense: Dense, columns: Ints) -> Floats:
    """Low and high rank of each column; 2 x columns."""
    result = np.full((2, len(columns)), np.nan)
    ranked = np.flatnonzero(~np.isnan(dense.ranked[drawn.line, columns]))
    members = columns[ranked]
    if len(ranked) < RANKED_FROM or not drawn.has_interval(members):
        return result
    if len(ranked) > SIMULATED_TO:
        low, high = PERCENTILES
        result[:, ranked] = rank_quantiles(drawn.uncertain(members), (low / 100.0, high / 100.0))
    else:
        result[:, ranked] = simulate(drawn.places(members))
    return result


def simulate(places: Floats) -> Floats:
    """Percentiles of the rank of each column over draws x columns; equal places share a rank."""
    order = np.argsort(places, axis=1)
    ordered = np.take_along_axis(places, order, axis=1)
    if bool((ordered[:, 1:] == ordered[:, :-1]).any()):
        ranks = rank_row(places)[0]
    else:
        ranks = np.add(np.argsort(order, axis=1), 1, dtype=np.float64)
    return np.asarray(np.percentile(ranks, PERCENTILES, axis=0))
