"""Ranks and bands by the other methods (M4-M5), offered by name beside those that are published.

Here belong the options, for whoever must reproduce another service's ranks; what every release
publishes (ties take the smallest rank, bands by type 7 cuts) is in position.
Sources: Hyndman and Fan 1996; PHEindicatormethods (bands by rank).
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from assets.methods.declarations import Declarations, read_declarations
from assets.methods.dense import places
from assets.methods.impossible import Floats, ImpossibleInput, Ints
from assets.methods.position import BANDED_FROM, RANKED_FROM, rank_row
from assets.methods.rounding import powers, round_supplied

Ties = Literal["smallest", "average", "first", "dense"]
BandMethod = Literal["type 7", "type 6", "rank"]
TIES = ("smallest", "average", "first", "dense")
BAND_METHODS = ("type 7", "type 6", "rank")


def ranks(
    values: pd.Series,
    polarity: str | Sequence[str],
    *,
    decimals: int = 1,
    target: float | None = None,
    ties: Ties = "smallest",
) -> pd.Series:
    """Ranks of one group's figures on published decimals, 1 = best; index area_code.

    ties: smallest (1, 2, 2, 4), average (1, 2.5, 2.5, 4), first (1, 2, 3, 4, in the order of the
    codes) or dense (1, 2, 2, 3). Null without a value, for fewer than five, for neutral polarity.
    Raises ImpossibleInput for a repeated code, two polarities, an unknown word.
    """
    if ties not in TIES:
        raise ImpossibleInput(f"Unknown ties {str(ties)[:40]!r}. Use one of {', '.join(TIES)}.")
    place, _ = _places(values, polarity, decimals, target)
    present = np.flatnonzero(~np.isnan(place))
    found = np.full(len(values), np.nan)
    if len(present) >= RANKED_FROM:
        codes = [str(code) for code in values.index[present]]
        found[present] = _ranked(place[present], codes, ties)
    return pd.Series(found, index=values.index)


def _ranked(place: Floats, codes: list[str], ties: Ties) -> Floats:
    smallest, n_tied, ordered = rank_row(place)
    if ties == "average":
        return np.asarray(smallest + (n_tied - 1) / 2.0)
    if ties == "dense":
        return np.asarray(np.searchsorted(np.unique(ordered), place) + 1.0, dtype=np.float64)
    if ties == "first":
        order = sorted(range(len(place)), key=lambda row: (place[row], codes[row]))
        smallest[order] = np.arange(1.0, len(place) + 1.0)
    return smallest


def bands(
    values: pd.Series,
    polarity: str | Sequence[str],
    *,
    decimals: int = 1,
    target: float | None = None,
    method: BandMethod = "type 7",
    n_bands: int = 4,
) -> pd.Series:
    """Bands of one group's figures on published decimals, 1 = best; index area_code.

    method: cuts of type 7 or type 6 (a value on a cut belongs to the better band), or `rank`:
    floor((g + 1) - ceil((n + 1 - rank) / (n / g))), ties sharing the smallest rank. None for fewer
    than eight, for neutral polarity, or when two neighbouring cuts are equal at published decimals.
    Raises ImpossibleInput for a repeated code, two polarities, an unknown method, under two bands.
    """
    if method not in BAND_METHODS or n_bands < 2:
        raise ImpossibleInput(
            f"Bands by {str(method)[:40]!r}, {n_bands} of them: use {', '.join(BAND_METHODS)}, "
            "and at least 2 bands."
        )
    place, step = _places(values, polarity, decimals, target)
    present = np.flatnonzero(~np.isnan(place))
    found = np.full(len(values), np.nan)
    if len(present) >= max(BANDED_FROM, n_bands):
        found[present] = _banded(place[present].astype(np.int64), step, method, n_bands)
    return pd.Series(found, index=values.index)


def _banded(place: Ints, step: int, method: BandMethod, n_bands: int) -> Floats:
    cuts = scaled_cuts(np.sort(place), n_bands, 6 if method == "type 6" else 7)
    shown = _to_unit(cuts, n_bands * step)
    if bool((shown[1:] == shown[:-1]).any()):
        return np.full(len(place), np.nan)
    if method == "rank":
        rank, n = rank_row(place.astype(np.float64))[0].astype(np.int64), len(place)
        return np.asarray(n_bands + 1.0 + (-(n + 1 - rank) * n_bands // n), dtype=np.float64)
    return np.asarray(
        1.0 + (n_bands * place[:, None] > cuts[None, :]).sum(axis=1), dtype=np.float64
    )


def scaled_cuts(ordered: Ints, n_bands: int, kind: int) -> Ints:
    """n_bands times the cuts between bands of sorted whole numbers, exact; kind 6 or 7.

    Type 7 cuts lie at (n - 1) p + 1, type 6 at (n + 1) p, p = 1/n_bands, 2/n_bands...
    """
    n = len(ordered)
    steps = np.arange(1, n_bands) * (n - 1 if kind == 7 else n + 1)
    low = steps // n_bands + (0 if kind == 7 else -1)
    rest = steps % n_bands
    below = ordered[np.clip(low, 0, n - 1)]
    above = ordered[np.clip(low + (rest > 0), 0, n - 1)]
    return np.asarray(n_bands * below + rest * (above - below), dtype=np.int64)


def _to_unit(cuts: Ints, unit: int) -> Ints:
    """Cuts rounded half away from zero to whole units."""
    return np.asarray(np.sign(cuts) * ((2 * np.abs(cuts) + unit) // (2 * unit)), dtype=np.int64)


def _places(
    values: pd.Series, polarity: str | Sequence[str], decimals: int, target: float | None
) -> tuple[Floats, int]:
    """Whole numbers to rank by, smaller is better, and one published unit in them."""
    if not values.index.is_unique:
        twice = ", ".join(sorted({str(code) for code in values.index[values.index.duplicated()]}))
        raise ImpossibleInput(f"Listed twice: {twice}. Keep one figure of each.")
    declared = _declare(one_polarity(values, polarity), decimals, target)
    given = values.to_numpy(dtype=np.float64, na_value=np.nan)
    row = np.zeros(len(given), dtype=np.int64)
    rounded = round_supplied(given, declared.decimals[row])
    step = powers(declared.scale_decimals - declared.decimals)
    return places(rounded, row, declared), int(step[0])


def one_polarity(values: pd.Series, polarity: str | Sequence[str]) -> str:
    """The polarity that all figures of a group share; ImpossibleInput names those that differ."""
    if isinstance(polarity, str):
        return polarity
    listed = [str(word) for word in polarity]
    if len(listed) != len(values) or not listed:
        raise ImpossibleInput(f"{len(listed)} polarities for {len(values)} figures. Give one.")
    codes = [str(code) for code in values.index]
    other = [
        f"{code} ({word})" for code, word in zip(codes, listed, strict=True) if word != listed[0]
    ]
    if other:
        raise ImpossibleInput(
            f"Two polarities in one group, {listed[0]} and: {'; '.join(other[:5])}. "
            "Rank and band each indicator by itself."
        )
    return listed[0]


def _declare(polarity: str, decimals: int, target: float | None) -> Declarations:
    row = {"indicator": "figures", "polarity": polarity, "decimals": decimals, "target": target}
    return read_declarations(pd.DataFrame([row]), ["figures"])
