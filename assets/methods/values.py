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
from assets.methods.rounding import round_ratio, round_supplied

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
    nature, indicator = nature_of(declared), observations.columns["indicator"].codes
    marks = read_marks(observations.columns["note_code"].texts)
    marked = marks.missing[observations.columns["note_code"].codes]
    x, n = observations.numbers["numerator"], observations.numbers["denominator"]
    supplied = observations.numbers["value"]
    is_ratio, is_count = nature.is_ratio[indicator], nature.is_count[indicator]
    zero_of_zero = is_ratio & (x == 0) & (n == 0)
    no_x, no_n = np.isnan(x), np.isnan(n)
    absent = (is_ratio & (no_x | no_n)) | (is_count & no_x)
    absent |= ~is_ratio & ~is_count & np.isnan(supplied)
    hidden = _hidden(x, n, nature, declared, indicator)
    result = combine(marked, hidden=hidden, absent=absent, is_zero_of_zero=zero_of_zero)
    value, rounded = _values(observations, declared, nature, result == 0)
    without = (result != 0) | ~nature.has_parts[indicator] | no_x | no_n
    return Figures(
        value=value,
        rounded=rounded,
        numerator=blank(x.copy(), without),
        denominator=n,
        result=result,
        marks=marks,
        not_returned=(result == X) & (marked == 0),
    )


def _hidden(x: Floats, n: Floats, nature: Nature, declared: Declarations, indicator: Ints) -> Flags:
    """Which figures are confidential; their thresholds are those of their indicators."""
    is_count = declared.is_word("kind", "count")
    threshold = np.where(nature.has_parts | is_count, declared.threshold, 0.0)
    if not threshold.any():
        return np.zeros(len(indicator), dtype=bool)
    return confidential(x, n, threshold[indicator], is_count=is_count[indicator])


def _values(
    observations: Observations, declared: Declarations, nature: Nature, is_valid: Flags
) -> tuple[Floats, Floats]:
    indicator = observations.columns["indicator"].codes
    numbers = observations.numbers
    decimals, multiplier = declared.decimals[indicator], declared.multiplier[indicator]
    value = np.full(len(observations), np.nan)
    rounded = value.copy()
    computed = np.flatnonzero(is_valid & ~nature.is_supplied[indicator])
    top, factor = numbers["numerator"][computed], multiplier[computed]
    is_count = nature.is_count[indicator][computed]
    bottom = np.where(is_count, 1.0, numbers["denominator"][computed])
    value[computed] = factor * top / bottom
    rounded[computed] = round_ratio(top, bottom, factor, decimals[computed])
    if not nature.is_supplied.any():
        return value, rounded
    given = np.flatnonzero(is_valid & nature.is_supplied[indicator])
    value[given] = numbers["value"][given]
    rounded[given] = round_supplied(value[given], decimals[given])
    return value, rounded


def impossible_rows(
    observations: Observations, declared: Declarations, unmarked: Flags
) -> dict[str, Flags]:
    """What cannot be true, in words -> its rows; rows marked missing are not looked at."""
    nature, indicator = nature_of(declared), observations.columns["indicator"].codes
    x, n = observations.numbers["numerator"], observations.numbers["denominator"]
    parts = nature.has_parts[indicator] & unmarked
    proportion = declared.is_word("kind", "proportion")[indicator] & unmarked
    binomial = declared.is_word("interval", "binomial")[indicator] & parts
    poisson = declared.is_word("interval", "poisson")[indicator] & unmarked
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
    indicator, numbers = observations.columns["indicator"].codes, observations.numbers
    supplied = declared.is_word("interval", "supplied")
    by_t = declared.is_word("interval", "t")
    found: dict[str, Flags] = {}
    if supplied.any():
        has = supplied[indicator] & unmarked
        found["Standard error below 0"] = has & (numbers["se"] < 0)
        found["Lower limit above the upper"] = has & (
            (numbers["lower_95"] > numbers["upper_95"])
            | (numbers["lower_998"] > numbers["upper_998"])
        )
    if by_t.any():
        found["Standard deviation below 0"] = by_t[indicator] & unmarked & (numbers["sd"] < 0)
    return found


def check_possible(observations: Observations, declared: Declarations) -> None:
    """Refuse, naming rows, parts that cannot be true."""
    for what, flags in impossible_rows(observations, declared, is_unmarked(observations)).items():
        refuse(flags, what, observations.name_row)


def is_unmarked(observations: Observations) -> Flags:
    """Which observations carry no missing code of their own."""
    note = observations.columns["note_code"]
    return np.asarray(read_marks(note.texts).missing[note.codes] == 0)


def note_texts(figures: Figures, mark: Ints) -> Ints:
    """Position in figures.marks.texts of each observation's note_code, given its mark's code."""
    return mark * len(CODES) + figures.result
