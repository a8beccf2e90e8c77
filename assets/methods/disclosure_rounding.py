"""The other profile of M14: every count rounded to a base, totals on their own, few suppressed.

Here belongs rounding as protection; rounding for display is assets.methods.rounding. Of a
rounded count at least two whole numbers must stay feasible: a total that gives one away goes.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from assets.methods.attacker import Attacker, Sum
from assets.methods.disclosure import Protected, Struck, strike
from assets.methods.disclosure_cells import Cells, Declared, concerned, declare, rows_of
from assets.methods.disclosure_rules import Secret, find_secrets
from assets.methods.disclosure_secondary import Choice, hide_secondary
from assets.methods.disclosure_table import read_version
from assets.methods.impossible import Floats
from assets.methods.rounding import round_ratio
from sql.frames import empty

LIMITS = ("lower_95", "upper_95", "lower_998", "upper_998", "sd", "se", "stated_value")
"""Computed from the true counts, so they cannot stand beside rounded ones."""


def round_to_base(counts: Floats, base: int) -> Floats:
    """The multiple of base nearest to each count, half away from zero; NaN stays NaN."""
    return np.asarray(np.copysign(np.floor(np.abs(counts) / base + 0.5) * base, counts) + 0.0)


def round_counts(
    figures: pd.DataFrame, indicators: pd.DataFrame, groups: pd.DataFrame | None, base: int
) -> Protected:
    """Figures of indicators with a rule, from counts rounded to base; c where that is not enough.

    As `protect`, for a source whose profile rounds. Values are those of the rounded counts, and
    have no interval. Raises ValueError for a base below 3, which would tell each count exactly.
    """
    if base < 3:
        raise ValueError(f"rounding to base {base} hides nothing: give 3 or more, 5 as a rule")
    declared = {n: d for n, d in concerned(declare(indicators)).items() if d.threshold > 0}
    is_ours = figures["indicator"].isin(list(declared)).to_numpy(dtype=bool)
    ours = figures[is_ours].reset_index(drop=True)
    table = read_version(ours, declared, groups)
    seen = round_to_base(table.count, base)
    choice = Choice(
        cells=table.cells,
        count=table.count,
        reader=reader_of_rounded(seen, base, table.sums),
        insider=reader_of_rounded(seen, base, table.sums),
        fixed=frozenset(),
        totals=table.totals,
    )
    hide_secondary(choice, _secrets(ours, table.cells, declared))
    rounded = _rounded(ours, indicators, declared, base)
    why = np.where(rows_of(table.cells, choice.hidden), "secondary", "").astype(object)
    struck = Struck(table.cells, why, choice.hidden)
    return strike(figures, is_ours, rounded, struck, empty("validation_findings"))


def _secrets(figures: pd.DataFrame, cells: Cells, declared: dict[str, Declared]) -> list[Secret]:
    """Small counts: what is true must stay feasible, and one more whole number at least."""
    found = [item for item in find_secrets(figures, cells, declared) if item.is_count]
    return [
        replace(item, low=count, high=count)
        for item in found
        for count in [sum(k * float(cells.count[c]) for c, k in item.form.items())]
    ]


def reader_of_rounded(seen: Floats, base: int, sums: tuple[Sum, ...]) -> Attacker:
    """An attacker who knows that counts were rounded to base, half up."""
    is_seen = ~np.isnan(seen)
    low = np.where(is_seen, np.maximum(seen - base // 2, 0.0), 0.0)
    return Attacker(low, np.where(is_seen, seen + (base - 1) // 2, np.inf), sums)


def _rounded(
    figures: pd.DataFrame, indicators: pd.DataFrame, declared: dict[str, Declared], base: int
) -> pd.DataFrame:
    x, n = (
        round_to_base(figures[name].to_numpy(dtype=np.float64), base)
        for name in ("numerator", "denominator")
    )
    facts = indicators.set_index("indicator").loc[figures["indicator"]]
    factor = facts["multiplier"].to_numpy(dtype=np.float64)
    decimals = facts["decimals"].to_numpy(dtype=np.int64)
    is_count = np.array([declared[name].is_count for name in figures["indicator"]])
    bottom = np.where(is_count, 1.0, np.where(n == 0, np.nan, n))
    has_value = figures["value"].notna().to_numpy()
    values = factor * x / bottom
    shown = round_ratio(x, bottom, factor, decimals)
    return figures.assign(
        numerator=x,
        denominator=n,
        value=np.where(has_value, values, np.nan),
        value_rounded=np.where(has_value, shown, np.nan),
        **dict.fromkeys((name for name in LIMITS if name in figures), np.nan),
    )
