"""What an indicator declares (M0), as arrays with one entry per indicator.

Here belongs reading and checking the INDICATORS table; what the words mean is in the method that
uses them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from assets.methods.impossible import Flags, Floats, ImpossibleInput, Ints

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

    def is_word(self, column: str, *words: str) -> Flags:
        """Which indicators declare one of the words in that column."""
        return np.isin(self.words[column], [WORDS[column].index(word) for word in words])

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


def read_declarations(indicators: pd.DataFrame | None, names: Sequence[str]) -> Declarations:
    """Declarations of the named indicators; those without a row, and null cells, take defaults.

    Raises ImpossibleInput for an indicator declared twice, an unknown word, a number out of range,
    or a target that does not go with its polarity.
    """
    table = pd.DataFrame({"indicator": []}) if indicators is None else indicators
    if "indicator" not in table.columns:
        raise ImpossibleInput("The indicators table has no column indicator. Add it.")
    ids = table["indicator"].astype("str")
    twice = sorted(set(ids[ids.duplicated()]))
    if twice:
        raise ImpossibleInput(f"Declared twice: {', '.join(twice)}. Keep one row of each.")
    table = table.set_index(ids).reindex(pd.Index(list(names), dtype="str"))
    words = {column: _words(table, column) for column in WORDS}
    numbers = {column: _numbers(table, column) for column in NUMBERS}
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


def _words(table: pd.DataFrame, column: str) -> Ints:
    known = {word: code for code, word in enumerate(WORDS[column])}
    if column not in table.columns:
        return np.zeros(len(table), dtype=np.int64)
    given = [None if pd.isna(value) else str(value) for value in table[column].tolist()]
    for name, word in zip(table.index, given, strict=True):
        if word not in (None, "") and word not in known:
            raise ImpossibleInput(
                f"Indicator {name}: unknown {column} {word[:40]!r}. "
                f"Use one of {', '.join(WORDS[column])}."
            )
    return np.array([known.get(word or "", 0) for word in given], dtype=np.int64)


def _numbers(table: pd.DataFrame, column: str) -> Floats:
    if column not in table.columns:
        return np.full(len(table), NUMBERS[column])
    try:
        given = pd.to_numeric(table[column]).astype("float64").to_numpy(na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ImpossibleInput(f"Indicators: {column} is not a number ({error}).") from error
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
        "multiplier must be above 0": ~(multiplier > 0) | np.isinf(multiplier),
        "disclosure_threshold must not be negative": numbers["disclosure_threshold"] < 0,
        "polarity target needs a target": wants_target & ~has_target,
    }
    for what, flags in faults.items():
        if flags.any():
            bad = [names[position] for position in np.flatnonzero(flags).tolist()]
            raise ImpossibleInput(f"Indicator {', '.join(bad[:5])}: {what}.")


def _places(value: float) -> int:
    if not np.isfinite(value):
        return 0
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -int(exponent))
