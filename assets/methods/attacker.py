"""The attacker (M14): what everything that is published says about a count that is not.

Here belong the linear programs and nothing of councils or tables: counts with what is known of
each, and the sums between them. A count is from `low` to `high`; a published one has both equal.
Every answer is the exact range of the linear relaxation: no whole number outside it is possible.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from assets.methods.impossible import Floats

Form = Mapping[int, float]
"""A linear form: number of a count -> coefficient."""
TOLERANCE = 1e-6
"""Slack for the solver's own, absolute and relative to the counts at hand."""


@dataclass(frozen=True)
class Sum:
    """What is known of a sum of counts: low <= sum of coefficient x count <= high."""

    terms: Form
    low: float
    high: float


@dataclass(frozen=True)
class Feasible:
    """The range a linear form may take, and the sums that hold it there.

    `is_possible` is false where what is published contradicts itself: then nothing is proven.
    """

    low: float
    high: float
    bound_by: tuple[int, ...] = ()
    is_possible: bool = True

    def contains(self, low: float, high: float) -> bool:
        """Whether all of low to high is feasible."""
        slack = TOLERANCE * (1.0 + abs(low) + abs(high))
        return self.is_possible and self.low <= low + slack and self.high >= high - slack

    @property
    def n_whole(self) -> float:
        """How many whole numbers are feasible."""
        if not self.is_possible:
            return 0.0
        slack = TOLERANCE * (1.0 + abs(self.low))
        return max(0.0, float(np.floor(self.high + slack) - np.ceil(self.low - slack) + 1.0))


@dataclass
class Attacker:
    """Counts, what is known of each, and the sums; `hide` takes one of them out of sight."""

    low: Floats
    high: Floats
    sums: Sequence[Sum]
    _of_count: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, item in enumerate(self.sums):
            for count in item.terms:
                self._of_count.setdefault(count, []).append(number)

    def is_free(self, count: int) -> bool:
        """Whether the count is not known exactly."""
        return bool(self.low[count] < self.high[count])

    def hide(self, count: int) -> None:
        """The count is no longer published: anything from 0 up."""
        self.low[count], self.high[count] = 0.0, np.inf

    def sums_of(self, count: int) -> list[int]:
        """Numbers of the sums the count stands in."""
        return self._of_count.get(count, [])

    def reach(self, counts: Iterable[int]) -> tuple[list[int], list[int]]:
        """Free counts that hang together with these through sums, and those sums, nearest first."""
        free = [count for count in dict.fromkeys(counts) if self.is_free(count)]
        seen, found = set(free), dict[int, None]()
        for count in free:  # grows while it is walked
            for number in self.sums_of(count):
                if number in found:
                    continue
                found[number] = None
                more = [c for c in self.sums[number].terms if c not in seen and self.is_free(c)]
                seen.update(more)
                free.extend(more)
        return free, list(found)

    def range_of(self, form: Form) -> Feasible:
        """The feasible range of a linear form of the counts."""
        fixed = sum(k * self.low[c] for c, k in form.items() if not self.is_free(c))
        free, numbers = self.reach(form)
        if not free:
            return Feasible(fixed, fixed)
        program = _Program(self, free, numbers)
        ends = [program.extreme(form, sign) for sign in (1.0, -1.0)]
        if any(end is None for end in ends):
            return Feasible(fixed, fixed, tuple(numbers), is_possible=False)
        (least, tight), (most, other) = [end for end in ends if end is not None]
        return Feasible(fixed + least, fixed + most, tuple(dict.fromkeys([*tight, *other])))


class _Program:
    """The linear program of the counts that hang together."""

    def __init__(self, attacker: Attacker, free: list[int], numbers: list[int]) -> None:
        self.place = {count: column for column, count in enumerate(free)}
        self.numbers = numbers
        self.bounds = np.column_stack([attacker.low[free], attacker.high[free]])
        matrix = np.zeros((len(numbers), len(free)))
        offset = np.zeros(len(numbers))
        for row, number in enumerate(numbers):
            for count, factor in attacker.sums[number].terms.items():
                if count in self.place:
                    matrix[row, self.place[count]] = factor
                else:
                    offset[row] += factor * attacker.low[count]
        self.low = np.array([attacker.sums[n].low for n in numbers]) - offset
        self.high = np.array([attacker.sums[n].high for n in numbers]) - offset
        self.matrix = matrix

    def extreme(self, form: Form, sign: float) -> tuple[float, list[int]] | None:
        """Smallest (sign 1) or largest (-1) value and the sums that bind; None if impossible."""
        from scipy.optimize import linprog  # noqa: PLC0415  # 0.3 s, only where there is a secret

        costs = np.zeros(len(self.place))
        for count, factor in form.items():
            if count in self.place:
                costs[self.place[count]] = sign * factor
        equal = self.low == self.high
        upper, lower = ~equal & np.isfinite(self.high), ~equal & np.isfinite(self.low)
        found = linprog(
            costs,
            A_eq=self.matrix[equal],
            b_eq=self.low[equal],
            A_ub=np.vstack([self.matrix[upper], -self.matrix[lower]]),
            b_ub=np.concatenate([self.high[upper], -self.low[lower]]),
            bounds=self.bounds,
            method="highs",
        )
        if found.status == UNBOUNDED:
            return -sign * np.inf, []
        if found.status != SOLVED:
            return None
        rows = np.concatenate([np.flatnonzero(part) for part in (equal, upper, lower)])
        marginals = np.concatenate([found.eqlin.marginals, found.ineqlin.marginals])
        tight = rows[np.abs(marginals) > TOLERANCE]
        return sign * float(found.fun), [self.numbers[row] for row in tight]


SOLVED, UNBOUNDED = 0, 3
"""Words of scipy's linprog for how it ended."""
