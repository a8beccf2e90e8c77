"""The linear program behind the attacker (M14): limits of counts and of sums of counts.

Here belongs the passage to the solver (HiGHS, by scipy) and its words for how it ended; what is
asked of it is in assets.methods.attacker.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assets.methods.impossible import Floats

Terms = Mapping[int, float]
TOLERANCE = 1e-6
SOLVED, UNBOUNDED = 0, 3
"""Words of scipy's linprog for how it ended."""


@dataclass(frozen=True)
class Extreme:
    """The extreme of a form, a table that has it (None: without limit), and the sums that bind."""

    value: float
    point: Mapping[int, float] | None
    tight: tuple[int, ...]


@dataclass
class Program:
    """Counts by column, sums by row; made once for counts that hang together."""

    place: Mapping[int, int]
    bounds: Floats
    upper: Any
    """Sparse rows for <=, with their right-hand sides and the names of their sums."""
    most: Floats
    of_upper: Sequence[int]
    equal: Any
    exact: Floats
    of_equal: Sequence[int]

    @classmethod
    def of(
        cls,
        bounds: Mapping[int, tuple[float, float]],
        rows: Sequence[Terms],
        limits: Sequence[tuple[float, float]],
        names: Sequence[int],
    ) -> "Program":
        """bounds: count -> (low, high); rows: count -> coefficient, each with limits and a name."""
        place = {count: column for column, count in enumerate(bounds)}
        equal: list[tuple[Terms, float, int]] = []
        upper: list[tuple[Terms, float, int]] = []
        for terms, (low, high), name in zip(rows, limits, names, strict=True):
            if low == high:
                equal.append((terms, low, name))
                continue
            if np.isfinite(high):
                upper.append((terms, high, name))
            if np.isfinite(low):
                upper.append(({c: -k for c, k in terms.items()}, -low, name))
        return cls(
            place=place,
            bounds=np.array(list(bounds.values())),
            upper=_sparse([terms for terms, _, _ in upper], place),
            most=np.array([limit for _, limit, _ in upper]),
            of_upper=[name for _, _, name in upper],
            equal=_sparse([terms for terms, _, _ in equal], place),
            exact=np.array([limit for _, limit, _ in equal]),
            of_equal=[name for _, _, name in equal],
        )

    def extreme(self, form: Terms, sign: float, at_most: float | None = None) -> Extreme | None:
        """Smallest (sign 1) or largest (-1) value of a form; None if nothing fits.

        at_most: stop at that size, so that a form without limit has a table all the same.
        """
        from scipy.optimize import linprog  # noqa: PLC0415  # 0.3 s, only where there is a secret

        costs = np.zeros(len(self.place))
        for count, factor in form.items():
            costs[self.place[count]] = sign * factor
        upper, most = self.upper, self.most
        if at_most is not None:
            from scipy.sparse import csr_array, vstack  # noqa: PLC0415  # as above

            upper = vstack([upper, csr_array(-costs[None, :])])
            most = np.append(most, at_most)
        found = linprog(
            costs,
            A_eq=self.equal,
            b_eq=self.exact,
            A_ub=upper,
            b_ub=most,
            bounds=self.bounds,
            method="highs",
        )
        if found.status == UNBOUNDED:
            return Extreme(-sign * np.inf, None, ())
        if found.status != SOLVED:
            return None
        values = dict(zip(self.place, found.x.tolist(), strict=True))
        return Extreme(sign * float(found.fun), values, self._tight(found))

    def _tight(self, found: Any) -> tuple[int, ...]:
        pairs = (
            *zip(self.of_equal, found.eqlin.marginals, strict=True),
            *zip(self.of_upper, found.ineqlin.marginals, strict=False),
        )
        return tuple(name for name, marginal in pairs if abs(marginal) > TOLERANCE)


def _sparse(rows: Sequence[Terms], place: Mapping[int, int]) -> Any:
    from scipy.sparse import csr_array  # noqa: PLC0415  # only where there is a secret

    entries = [
        (number, place[count], factor)
        for number, terms in enumerate(rows)
        for count, factor in terms.items()
    ]
    lines, columns, factors = zip(*entries, strict=True) if entries else ((), (), ())
    return csr_array((factors, (lines, columns)), shape=(len(rows), len(place)), dtype=float)
