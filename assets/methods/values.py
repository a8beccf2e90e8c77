"""A council's figure from its parts (M1, M2), with the checks that it can be true.

Here belongs the value of every observation on its own; groups and time come later.
"""

from dataclasses import dataclass

import numpy as np

from assets.methods.declarations import Declarations
from assets.methods.impossible import Flags, Floats, Ints, refuse
from assets.methods.lanes import blank
from assets.methods.missing import CODES, Marks, X, combine, confidential, read_marks
from assets.methods.observations import Observations
from assets.methods.rounding import divide, round_ratio, round_supplied

LARGEST_RATIO = 1e50
"""Beyond it a figure is a slip, and its square next to no number."""


@dataclass(frozen=True)
class Nature:
    """How each indicator's value comes about; one flag per indicator, exactly one of three set."""

    is_ratio: Flags
    """multiplier x numerator / denominator"""
    is_count: Flags
    """multiplier x numerator"""
    is_supplied: Flags
    """the value column: as_published, score, index"""
    has_parts: Flags
    """A numerator and a denominator mean something: neither count, score nor index."""


@dataclass(frozen=True)
class Figures:
    """One entry per observation, NaN where missing."""

    value: Floats
    rounded: Floats
    numerator: Floats
    """NaN unless the figure and both its parts are valid."""
    denominator: Floats
    """As given, also where the figure is missing or confidential."""
    result: Ints
    """Number in missing.CODES; 0 is a value."""
    marks: Marks
    not_returned: Flags
    """Null without any code: x, because it was not returned."""


def nature_of(declared: Declarations) -> Nature:
    """How the value of each indicator comes about."""
    unit_free = declared.is_word("kind", "score", "index")
    is_supplied = declared.is_word("value_basis", "as_published") | unit_free
    is_count = declared.is_word("kind", "count")
    return Nature(
        is_ratio=~is_supplied & ~is_count,
        is_count=is_count & ~is_supplied,
        is_supplied=is_supplied,
        has_parts=~unit_free & ~is_count,
    )


def compute_figures(observations: Observations, declared: Declarations) -> Figures:
    """Value, published value and missing code of observations that check_possible passed."""
    nature, of_each = nature_of(declared), observations.of_each
    marks = read_marks(observations.columns["note_code"].texts)
    marked = observations.columns["note_code"].of_each(marks.missing)
    x, n = observations.numbers["numerator"], observations.numbers["denominator"]
    supplied = observations.numbers["value"]
    is_ratio, is_count = of_each(nature.is_ratio), of_each(nature.is_count)
    zero_of_zero = is_ratio & (x == 0) & (n == 0)
    no_x, no_n = np.isnan(x), np.isnan(n)
    absent = (is_ratio & (no_x | no_n)) | (is_count & no_x)
    absent |= ~is_ratio & ~is_count & np.isnan(supplied)
    hidden = _hidden(observations, nature, declared)
    result = combine(marked, hidden=hidden, absent=absent, is_zero_of_zero=zero_of_zero)
    value, rounded = _values(observations, declared, nature, result == 0)
    without = (result != 0) | ~of_each(nature.has_parts) | no_x | no_n
    return Figures(
        value=value,
        rounded=rounded,
        numerator=blank(x.copy(), without),
        denominator=n,
        result=result,
        marks=marks,
        not_returned=(result == X) & (marked == 0),
    )


def _hidden(observations: Observations, nature: Nature, declared: Declarations) -> Flags:
    """Which figures are confidential; their thresholds are those of their indicators."""
    is_count = declared.is_word("kind", "count")
    threshold = np.where(nature.has_parts | is_count, declared.threshold, 0.0)
    if not threshold.any():
        return np.zeros(len(observations), dtype=bool)
    x, n = observations.numbers["numerator"], observations.numbers["denominator"]
    of_each = observations.of_each
    return confidential(x, n, of_each(threshold), is_count=of_each(is_count))


def _values(
    observations: Observations, declared: Declarations, nature: Nature, is_valid: Flags
) -> tuple[Floats, Floats]:
    numbers, of_each = observations.numbers, observations.of_each
    decimals, multiplier = of_each(declared.decimals), of_each(declared.multiplier)
    value = np.full(len(observations), np.nan)
    rounded = value.copy()
    computed = np.flatnonzero(is_valid & ~of_each(nature.is_supplied))
    top, factor = numbers["numerator"][computed], multiplier[computed]
    is_count = of_each(nature.is_count)[computed]
    bottom = np.where(is_count, 1.0, numbers["denominator"][computed])
    value[computed] = divide(top, bottom, factor)
    rounded[computed] = round_ratio(top, bottom, factor, decimals[computed])
    if not nature.is_supplied.any():
        return value, rounded
    given = np.flatnonzero(is_valid & of_each(nature.is_supplied))
    value[given] = numbers["value"][given]
    rounded[given] = round_supplied(value[given], decimals[given])
    return value, rounded


def impossible_rows(
    observations: Observations, declared: Declarations, unmarked: Flags
) -> dict[str, Flags]:
    """What cannot be true, in words -> its rows; rows marked missing are not looked at."""
    nature, of_each = nature_of(declared), observations.of_each
    x, n = observations.numbers["numerator"], observations.numbers["denominator"]
    parts = of_each(nature.has_parts) & unmarked
    proportion = of_each(declared.is_word("kind", "proportion")) & unmarked
    binomial = of_each(declared.is_word("interval", "binomial")) & parts
    poisson = of_each(declared.is_word("interval", "poisson")) & unmarked
    counted = proportion | binomial | poisson
    return {
        **_impossible_spread(observations, declared, unmarked),
        "Denominator below 0": parts & (n < 0),
        "Denominator 0 under a numerator that is not": parts & (n == 0) & (x != 0) & ~np.isnan(x),
        f"Numerator more than {LARGEST_RATIO:g} times the denominator": parts
        & (n != 0)
        & (np.abs(x) > LARGEST_RATIO * np.abs(n)),
        "Numerator above the denominator": (proportion | binomial) & (x > n),
        "Numerator below 0 where people, cases or events are counted": counted & (x < 0),
    }


def _impossible_spread(
    observations: Observations, declared: Declarations, unmarked: Flags
) -> dict[str, Flags]:
    """The same of limits and spreads, where the indicator's interval is made of them."""
    of_each, numbers = observations.of_each, observations.numbers
    supplied = declared.is_word("interval", "supplied")
    by_t = declared.is_word("interval", "t")
    found: dict[str, Flags] = {}
    if supplied.any():
        has = of_each(supplied) & unmarked
        found["Standard error below 0"] = has & (numbers["se"] < 0)
        found["Lower limit above the upper"] = has & (
            (numbers["lower_95"] > numbers["upper_95"])
            | (numbers["lower_998"] > numbers["upper_998"])
        )
    if by_t.any():
        found["Standard deviation below 0"] = of_each(by_t) & unmarked & (numbers["sd"] < 0)
    return found


def check_possible(observations: Observations, declared: Declarations) -> None:
    """Refuse, naming rows, parts that cannot be true."""
    for what, flags in impossible_rows(observations, declared, is_unmarked(observations)).items():
        refuse(flags, what, observations.name_row)


def is_unmarked(observations: Observations) -> Flags:
    """Which observations carry no missing code of their own."""
    note = observations.columns["note_code"]
    return note.of_each(read_marks(note.texts).missing == 0)


def note_texts(figures: Figures, mark: Ints) -> Ints:
    """Position in figures.marks.texts of each observation's note_code, given its mark's code."""
    return mark * len(CODES) + figures.result
