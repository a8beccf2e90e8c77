"""The attacker (M14): what follows from everything that is published for a count that is not.

Here belong counts, what is known of each, and the sums between them; nothing of councils or tables,
and no solver, which is in linear_program. A count is from `low` to `high`; a published one has both
equal. Every answer is the exact range of the linear relaxation: no whole number outside it is
possible.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from assets.methods.impossible import Floats
from assets.methods.linear_program import Program

Form = Mapping[int, float]
"""A linear form: number of a count -> coefficient."""
TOLERANCE = 1e-6
"""Slack for the solver's own, absolute and relative to the counts at hand."""
ENOUGH = 100.0
"""A count without an upper limit is tried up to this much above the smallest it may be."""


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
    points: list[Floats] = field(default_factory=list)
    """Tables that fit all that is known, whole or in part (NaN where it says nothing)."""
    _of_count: dict[int, list[int]] = field(default_factory=dict)
    _programs: dict[tuple[int, ...], Program] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, item in enumerate(self.sums):
            for count in item.terms:
                self._of_count.setdefault(count, []).append(number)

    def is_free(self, count: int) -> bool:
        """Whether the count is not known exactly."""
        return bool(self.low[count] < self.high[count])

    def hide(self, count: int) -> None:
        """The count is no longer published: anything from 0 up."""
        if not self.is_free(count):
            for point in self.points:
                point[count] = self.low[count]
        self.low[count], self.high[count] = 0.0, np.inf
        self._programs.clear()

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

    def find(self, form: Form, is_enough: Callable[[Feasible], bool]) -> Feasible:
        """The range of a form over tables found before if that is enough, else `range_of` it."""
        known = self._known(form)
        return known if known is not None and is_enough(known) else self.range_of(form)

    def range_of(self, form: Form) -> Feasible:
        """The feasible range of a linear form of the counts."""
        fixed = sum(k * self.low[c] for c, k in form.items() if not self.is_free(c))
        free, numbers = self.reach(form)
        if not free:
            return Feasible(fixed, fixed)
        costs = {count: factor for count, factor in form.items() if self.is_free(count)}
        ends: list[float] = []
        bound_by = dict[int, None]()
        for sign in (1.0, -1.0):
            found = self.program(free, numbers).extreme(costs, sign)
            if found is None:
                return Feasible(fixed, fixed, tuple(numbers), is_possible=False)
            if found.point is None:  # unbounded: one table somewhere on the way will do
                least = ends[0] if ends and np.isfinite(ends[0]) else 0.0
                tried = self.program(free, numbers).extreme(costs, sign, least + ENOUGH)
                self._keep(free, None if tried is None else tried.point)
            self._keep(free, found.point)
            ends.append(found.value)
            bound_by |= dict.fromkeys(found.tight)
        return Feasible(fixed + ends[0], fixed + ends[1], tuple(bound_by))

    def fewest_moves(self, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """The pairs of counts that are equal where as little as fits all that is known differs.

        The table that shows it is kept. Nothing where what is known contradicts itself.
        """
        apart = [({one: sign, other: -sign}, 0.0) for one, other in pairs for sign in (1.0, -1.0)]
        gaps = self._least_excess(apart, [number // 2 for number in range(len(apart))])
        return [pair for pair, gap in zip(pairs, gaps, strict=False) if gap < TOLERANCE]

    def explore(self, forms: Sequence[Form], low: float, high: float) -> None:
        """Look for tables in which many forms at once are as low, or as high, as that.

        It answers nothing, but spares `find` the linear programs of most forms.
        """
        for sign, end in ((1.0, low), (-1.0, -high)):
            wanted = [({c: sign * k for c, k in form.items()}, end) for form in forms]
            left = len(wanted) + 1
            while 0 < len(wanted) < left:
                left = len(wanted)
                excess = self._least_excess(wanted, range(left))
                wanted = [
                    item for item, over in zip(wanted, excess, strict=False) if over > TOLERANCE
                ]

    def _least_excess(
        self, forms: Sequence[tuple[Form, float]], group: Sequence[int]
    ) -> list[float]:
        """By group how far its forms must exceed their ends where all together do so least.

        The table that shows it is kept. Empty where what is known contradicts itself.
        """
        free, numbers = self.reach(count for form, _ in forms for count in form)
        size, names = len(self.low), sorted(set(group))
        low = np.concatenate([self.low, np.zeros(len(names))])
        high = np.concatenate([self.high, np.full(len(names), np.inf)])
        over = [
            Sum(dict(form) | {size + own: -1.0}, -np.inf, end)
            for (form, end), own in zip(forms, group, strict=True)
        ]
        wider = Attacker(low, high, [*(self.sums[number] for number in numbers), *over])
        program = wider.program([*free, *range(size, len(low))], list(range(len(wider.sums))))
        found = program.extreme(dict.fromkeys(range(size, len(low)), 1.0), 1.0) if forms else None
        if found is None or found.point is None:
            return []
        self._keep(free, found.point)
        return [found.point[size + own] for own in names]

    def program(self, free: list[int], numbers: list[int]) -> Program:
        """The linear program of the counts that hang together; kept until one more is hidden."""
        key = tuple(sorted(free))
        if key not in self._programs:
            sums = [self.sums[number] for number in numbers]
            rows = [
                (
                    {c: k for c, k in item.terms.items() if self.is_free(c)},
                    sum(k * self.low[c] for c, k in item.terms.items() if not self.is_free(c)),
                )
                for item in sums
            ]
            limits = [
                (item.low - known, item.high - known)
                for item, (_, known) in zip(sums, rows, strict=True)
            ]
            self._programs[key] = Program.of(
                bounds={c: (float(self.low[c]), float(self.high[c])) for c in key},
                rows=[terms for terms, _ in rows],
                limits=limits,
                names=numbers,
            )
        return self._programs[key]

    def _known(self, form: Form) -> Feasible | None:
        values = [
            sum(k * (point[c] if self.is_free(c) else self.low[c]) for c, k in form.items())
            for point in self.points
        ]
        found = [value for value in values if not np.isnan(value)]
        return Feasible(min(found), max(found)) if found else None

    def _keep(self, free: list[int], point: Mapping[int, float] | None) -> None:
        if point is not None:
            whole = np.full(len(self.low), np.nan)
            whole[free] = [point[count] for count in free]
            self.points.append(whole)
