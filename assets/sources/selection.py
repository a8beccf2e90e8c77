"""Which rows of a source are asked for, and what its labels mean in our keys.

Here belongs the passage from a source's labels to measures and breakdowns. A label that nobody
listed is not selected; a label that is listed and does not occur is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assets.collection.reader import RowFault

UNKNOWN = "unknown_measure"
"""Problem of a row whose label is blank, and of a listed label that the source does not have."""


@dataclass(frozen=True)
class Dimension:
    """A column that says what a row is about.

    `cells` are its cells in one or two forms (reference, label), each as long as the table.
    `mapping` gives our key for a form; without one the label itself is the key.
    """

    name: str
    cells: tuple[Sequence[str], ...]
    mapping: Mapping[str, str]

    def keys(self) -> list[str | None]:
        """Our key per row: None where the mapping does not list it, empty where it is blank."""
        rows = list(zip(*self.cells, strict=True))
        if not self.mapping:
            return [row[-1] or row[0] for row in rows]
        known = {
            row: next((self.mapping[cell] for cell in row if cell in self.mapping), None)
            for row in set(rows)
        }
        return [known[row] if any(row) else "" for row in rows]

    def unseen(self) -> list[str]:
        """Labels of the mapping that occur in no row."""
        seen = set().union(*self.cells)
        return [label for label in self.mapping if label not in seen]


@dataclass(frozen=True)
class Selection:
    """Places of the rows asked for; per dimension their keys; their problems."""

    places: list[int]
    keys: Mapping[str, list[str | None]]
    problems: list[str | None]

    def of(self, cells: Sequence[str]) -> list[str | None]:
        """The cells of the rows asked for."""
        return [cells[place] for place in self.places]


def select(dimensions: Sequence[Dimension], n_rows: int) -> Selection:
    """The rows whose key is known in every dimension, and those where a label is blank.

    A blank label cannot be told from one that was asked for, so its row is kept as a problem.
    """
    keys = {dimension.name: dimension.keys() for dimension in dimensions}
    places = [
        place
        for place in range(n_rows)
        if all(column[place] is not None for column in keys.values())
    ]
    kept = {name: [column[place] for place in places] for name, column in keys.items()}
    blank = [any(key == "" for key in row) for row in zip(*kept.values(), strict=True)]
    problems = [UNKNOWN if is_blank else None for is_blank in blank]
    return Selection(places, kept, problems if keys else [None] * len(places))


def unseen_faults(dimension: Dimension) -> list[tuple[str, RowFault]]:
    """(our key, fault on row 0) for each listed label that the source does not have."""
    return [
        (dimension.mapping[label], RowFault(0, UNKNOWN, f'{dimension.name} has no "{label}"'))
        for label in dimension.unseen()
    ]


def header_fault(
    header: Sequence[str], required: Sequence[str], known: Sequence[str] | None = None
) -> RowFault | None:
    """What is wrong with a header: a column lacking, standing twice or, with `known`, unknown."""
    lacking = [name for name in required if name not in header]
    if lacking:
        there = ", ".join(name for name in header if name not in required)
        detail = ", ".join(lacking) + (f"; not looked for: {there}" if there else "")
        return RowFault(1, "missing_column", detail)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        return RowFault(1, "unknown_column", f"{', '.join(twice)} stands twice")
    strange = [] if known is None else [name for name in header if name not in known]
    return RowFault(1, "unknown_column", ", ".join(strange)) if strange else None
