"""Secondary cells (M14): what else to hide so that no secret can be computed from the rest.

Here belongs the choice. The attacker is asked about each secret; where he knows too much, the
cheapest count in the sums that hold him is hidden, until he does not. Hiding more never tells more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from assets.methods.attacker import Attacker, Feasible
from assets.methods.disclosure_cells import Cells
from assets.methods.disclosure_rules import Secret, cells_of_figure
from assets.methods.impossible import Floats

WHOLE_NUMBERS = 2
"""Whole numbers that must be left to an attacker who also knows which figures are small."""


@dataclass
class Choice:
    """The state of the choice: two attackers over the same counts, and what is hidden so far."""

    cells: Cells
    count: Floats
    """What is true, NaN where nobody knows."""
    reader: Attacker
    """Knows what is published."""
    insider: Attacker
    """Knows the rule too, and which figures it struck."""
    fixed: frozenset[int]
    """Cells that cannot be hidden: public, or of an earlier version, or shown by one."""
    totals: frozenset[int]
    hidden: set[int] = field(default_factory=set)
    _figures_of: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row, top in enumerate(self.cells.numerator.tolist()):
            self._figures_of.setdefault(top, []).append(row)

    def hide(self, cells: Iterable[int]) -> None:
        """Take these out of sight, and the small denominators of the figures they stand in."""
        for cell in cells:
            with_it = {cell}
            for row in self._figures_of.get(cell, []):
                with_it |= cells_of_figure(self.cells, row)
            for one in with_it - self.fixed - self.hidden:
                self.hidden.add(one)
                self.reader.hide(one)
                self.insider.hide(one)


def hide_secondary(choice: Choice, secrets: Sequence[Secret]) -> list[Secret]:
    """Hide until every secret is kept; returns those that cannot be kept."""
    for low, high in sorted({(secret.low, secret.high) for secret in secrets}):
        alike = [secret.form for secret in secrets if (secret.low, secret.high) == (low, high)]
        choice.reader.explore(alike, low, high)
    lost: list[Secret] = []
    kept: set[tuple[object, ...]] = set()
    for secret in secrets:
        same = (*secret.form.items(), secret.low, secret.high, secret.is_count)
        if same in kept:
            continue
        while (fault := _fault(choice, secret)) is not None:
            candidate = _cheapest(choice, secret, fault)
            if candidate is None:
                lost.append(secret)
                break
            choice.hide([candidate])
        else:
            kept.add(same)
    return lost


def _fault(choice: Choice, secret: Secret) -> Feasible | None:
    """What an attacker knows who knows too much; None when the secret is kept from both."""
    found = choice.reader.find(secret.form, secret.is_kept)
    if not secret.is_kept(found):
        return found
    if not secret.is_count:
        return None
    found = choice.insider.find(secret.form, _is_open)
    return None if _is_open(found) else found


def _is_open(found: Feasible) -> bool:
    return found.n_whole >= WHOLE_NUMBERS


def _cheapest(choice: Choice, secret: Secret, fault: Feasible) -> int | None:
    """The count to hide next: in the sums that bind, else in all that hang together."""
    _, numbers = choice.reader.reach(secret.form)
    sums = choice.reader.sums
    binding = [number for number in fault.bound_by if number < len(sums)]
    for among in (binding, numbers):
        cells = {cell for number in among for cell in sums[number].terms}
        open_ = [c for c in cells - choice.fixed if np.isfinite(choice.reader.high[c])]
        if open_:
            return min(open_, key=lambda cell: _price(choice, cell, secret.high))
    return None


def _price(choice: Choice, cell: int, wanted: float) -> tuple[bool, int, bool, float, int]:
    """Parts before totals; one that frees most and is alone least; enough room; few people."""
    reader, count = choice.reader, choice.count[cell]
    free = [
        sum(reader.is_free(other) for other in reader.sums[number].terms)
        for number in reader.sums_of(cell)
    ]
    size = 0.0 if np.isnan(count) else float(count)
    return cell in choice.totals, free.count(0) - free.count(1), size < wanted, size, cell
