"""What an indicator declares (M0), as arrays with one entry per indicator.

Here belongs reading and checking the INDICATORS table; what the words mean is in the method that
uses them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa

from assets.methods.arrow import text_array
from assets.methods.impossible import Flags, Floats, ImpossibleInput, Ints
from assets.methods.small_tables import Table, codes_of, names_of, numbers_of, texts_of

WORDS: dict[str, tuple[str, ...]] = {
    "kind": ("rate", "proportion", "mean", "cost", "count", "score", "share", "index"),
    "polarity": ("neutral", "higher", "lower", "target"),
    "value_basis": ("derived", "as_published"),
    "interval": ("none", "binomial", "poisson", "t", "supplied"),
    "aggregation": ("ratio", "none"),
    "accumulation": ("discrete", "year_to_date", "rolling", "stock"),
}
"""The words of each column; the first is the default."""
NUMBERS: dict[str, float] = {
    "multiplier": 1.0,
    "target": float("nan"),
    "decimals": 1.0,
    "disclosure_threshold": 0.0,
}
LARGEST, LAST_PLACE = 1e15, 22
"""Targets and multipliers are below the one; a target has at most so many decimals."""
NOTHING = pa.Table.from_arrays([text_array([])], names=["indicator"])


@dataclass(frozen=True)
class Declarations:
    """Declarations as arrays, one entry per indicator in the order of `names`."""

    names: list[str]
    words: dict[str, Ints]
    multiplier: Floats
    target: Floats
    decimals: Ints
    threshold: Floats
    scale_decimals: Ints
    """Decimals at which the published value and its distance from the target are both whole."""
    _known: dict[tuple[str, ...], Flags] = field(default_factory=dict, repr=False, compare=False)

    def is_word(self, column: str, *words: str) -> Flags:
        """Which indicators declare one of the words in that column; not to be written to."""
        if (column, *words) not in self._known:
            codes = [WORDS[column].index(word) for word in words]
            self._known[column, *words] = np.isin(self.words[column], codes)
        return self._known[column, *words]

    def row(self, position: int) -> dict[str, str | float | None]:
        """One indicator's declarations in words, for the method manifest."""
        target = float(self.target[position])
        return {
            **{column: WORDS[column][code[position]] for column, code in self.words.items()},
            "multiplier": float(self.multiplier[position]),
            "target": None if np.isnan(target) else target,
            "decimals": int(self.decimals[position]),
            "disclosure_threshold": float(self.threshold[position]),
        }


def read_declarations(indicators: "Table | None", names: Sequence[str]) -> Declarations:
    """Declarations of the named indicators; those without a row, and null cells, take defaults.

    Raises ImpossibleInput for an indicator declared twice, an unknown word, a number out of range,
    or a target that does not go with its polarity.
    """
    table = NOTHING if indicators is None else indicators
    if "indicator" not in names_of(table):
        raise ImpossibleInput("The indicators table has no column indicator. Add it.")
    ids = codes_of(table, "indicator", "Indicators")
    if "" in ids:
        raise ImpossibleInput(f"Indicators: no indicator in row {ids.index('') + 1}. Fill it in.")
    twice = sorted(name for name, times in Counter(ids).items() if times > 1)
    if twice:
        raise ImpossibleInput(f"Declared twice: {', '.join(twice)}. Keep one row of each.")
    row_of = {name: row for row, name in enumerate(ids)}
    rows = np.array([row_of.get(name, len(ids)) for name in names], dtype=np.int64)
    words = {column: _words(table, column, ids)[rows] for column in WORDS}
    numbers = {column: _numbers(table, column, ids)[rows] for column in NUMBERS}
    _check_numbers(numbers, names, words)
    decimals = numbers["decimals"].astype(np.int64)
    places = [_places(value) for value in numbers["target"].tolist()]
    return Declarations(
        names=list(names),
        words=words,
        multiplier=numbers["multiplier"],
        target=numbers["target"],
        decimals=decimals,
        threshold=numbers["disclosure_threshold"],
        scale_decimals=np.maximum(decimals, np.array(places, dtype=np.int64)),
    )


def _words(table: Table, column: str, ids: list[str]) -> Ints:
    """Code of each row's word, and the default's at the end."""
    known = {word: code for code, word in enumerate(WORDS[column])}
    given = texts_of(table, column)
    for name, word in zip(ids, given, strict=True):
        if word and word not in known:
            raise ImpossibleInput(
                f"Indicator {name}: unknown {column} {word[:40]!r}. "
                f"Use one of {', '.join(WORDS[column])}."
            )
    return np.array([known.get(word, 0) for word in [*given, ""]], dtype=np.int64)


def _numbers(table: Table, column: str, ids: list[str]) -> Floats:
    """Each row's number, and the default at the end."""
    given = np.append(numbers_of(table, column, [f"Indicator {name}" for name in ids]), np.nan)
    return np.where(np.isnan(given), NUMBERS[column], given)


def _check_numbers(
    numbers: dict[str, Floats], names: Sequence[str], words: dict[str, Ints]
) -> None:
    decimals, multiplier = numbers["decimals"], numbers["multiplier"]
    has_target = ~np.isnan(numbers["target"])
    wants_target = words["polarity"] == WORDS["polarity"].index("target")
    faults = {
        "decimals must be a whole number from 0 to 10": (decimals != np.floor(decimals))
        | (decimals < 0)
        | (decimals > 10),
        "multiplier must be above 0": ~(multiplier > 0),
        "multiplier must be below 1e15": multiplier >= LARGEST,
        "disclosure_threshold must not be negative": numbers["disclosure_threshold"] < 0,
        "polarity target needs a target": wants_target & ~has_target,
        f"target must be below 1e15 and have at most {LAST_PLACE} decimals": has_target
        & np.array([not _is_exact(value) for value in numbers["target"].tolist()], dtype=bool),
    }
    for what, flags in faults.items():
        if flags.any():
            bad = [names[position] for position in np.flatnonzero(flags).tolist()]
            raise ImpossibleInput(f"Indicator {', '.join(bad[:5])}: {what}.")


def _is_exact(value: float) -> bool:
    return abs(value) < LARGEST and _places(value) <= LAST_PLACE


def _places(value: float) -> int:
    if not np.isfinite(value):
        return 0
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -int(exponent))
