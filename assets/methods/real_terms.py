"""Real terms (M12): money freed of inflation by a named deflator.

Here belongs what may be deflated and how; the deflator's numbers come from its publisher with their
vintage. real = nominal x index of the reference year / index of the period.
Source: HM Treasury, GDP deflators at market prices: a financial-year series for financial years;
monthly and quarterly indices (ONS) are averaged from April to March.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from assets.methods.impossible import Floats, ImpossibleInput
from assets.methods.observations import read_numbers
from assets.methods.periods import Interval, order_of, parse_interval

MONEY = "gbp"
"""Units of money are `gbp` and those that begin with `gbp_`."""
DISTORTED = Interval(date(2020, 4, 1), date(2022, 4, 1))
"""Financial years whose deflator the pandemic distorts: 2020-21 and 2021-22."""
CAVEAT = "the deflator of 2020-21 and 2021-22 is distorted by the pandemic"
PARTS_OF_A_YEAR = (1, 3)
"""Months in a month and in a quarter."""
NO_INDEX = "no index for the period"
NO_VALUE = "no value"


@dataclass(frozen=True)
class Deflator:
    """A price index: name, vintage, the period whose prices are used, and index by period.

    vintage: the release it was taken from (2025-09); base: what the publisher sets to 100 (2024-25
    = 100); index: ISO period -> index, above 0; reference: one of these periods.
    """

    name: str
    vintage: str
    reference: str
    base: str
    index: Mapping[str, float]

    def __post_init__(self) -> None:
        """Refuse an index that is not above 0, no vintage, or a reference without an index."""
        bad = [period for period, index in self.index.items() if not index > 0]
        if bad:
            raise ImpossibleInput(f"{self.name}: no index above 0 for {', '.join(bad[:5])}.")
        if self.reference not in self.index:
            raise ImpossibleInput(f"{self.name}: no index for its reference {self.reference}.")
        if not (self.name and self.vintage and self.base):
            raise ImpossibleInput("A deflator needs its name, vintage and base. Add them.")


def yearly_index(parts: Mapping[str, float], first_month: int = 4) -> dict[str, float]:
    """Yearly means of a monthly or quarterly index: ISO month or quarter, to ISO year -> index.

    first_month: 4 averages April to March, 1 calendar years. A year without all its twelve months
    (its own four quarters, the first from first_month) has no index. Raises ImpossibleInput for a
    period that is neither, or begins within a month, for both together, and for one twice.
    """
    found: dict[int, dict[int, float]] = {}
    lengths = set()
    for period, index in parts.items():
        item = parse_interval(period)
        if item is None or item.months not in PARTS_OF_A_YEAR or item.start.day != 1:
            raise ImpossibleInput(
                f"{period[:40]!r} is not a month or quarter, such as 2024-04-01/P1M."
            )
        lengths.add(item.months)
        year = item.start.year - (item.start.month < first_month)
        months = found.setdefault(year, {})
        if item.start.month in months:
            raise ImpossibleInput(f"Two indices for {item.start:%Y-%m}. Keep one.")
        months[item.start.month] = float(index)
    if len(lengths) > 1:
        raise ImpossibleInput("Months and quarters have no yearly mean together. Give one of them.")
    step = lengths.pop() if lengths else 12
    starts = sorted((first_month - 1 + part) % 12 + 1 for part in range(0, 12, step))
    means = {
        year: float(np.mean([months.get(month, np.nan) for month in starts]))
        for year, months in sorted(found.items())
    }
    return {
        f"{year}-{first_month:02}-01/P1Y": mean
        for year, mean in means.items()
        if not np.isnan(mean)
    }


def real_terms(
    figures: pd.DataFrame, indicators: pd.DataFrame, measures: pd.DataFrame, deflator: Deflator
) -> pd.DataFrame:
    """Figures in the prices of the deflator's reference period.

    figures: the key, value and, where there are, lower_95 and upper_95; indicators: indicator,
    unit, numerator, denominator (measure or null); measures: measure, unit. Returns one row per
    figure in the order given: the key, value (nominal), real_value, real_lower_95, real_upper_95,
    deflator, vintage, reference, base, caveat (for 2020-21 and 2021-22, its own or the reference),
    reason. Raises ImpossibleInput, naming them, for indicators that are not money over something
    else: money over money has no prices in it.
    """
    refuse_other_than_money(sorted(set(figures["indicator"])), indicators, measures)
    rows = figures.reset_index(drop=True)
    known = {_interval(period): index for period, index in deflator.index.items()}
    texts = order_of(rows["period"].tolist())
    factor = {text: _factor(text, known, deflator) for text in texts}
    by = rows["period"].map(factor).to_numpy(dtype=np.float64)
    numbers: dict[str, Floats] = {name: read_numbers(rows, name) for name in (
        "value", "lower_95", "upper_95")}  # fmt: skip
    distorted = rows["period"].map({text: _is_distorted(text) for text in texts})
    is_caveat = distorted.to_numpy(dtype=bool) | _is_distorted(deflator.reference)
    reason = np.select([np.isnan(numbers["value"]), np.isnan(by)], [NO_VALUE, NO_INDEX], "")
    key = [*(c for c in figures.columns if c in ("indicator", "period", "area_code")),
           *(c for c in figures.columns if c in ("breakdown_type", "breakdown"))]  # fmt: skip
    return rows[key].assign(
        value=numbers["value"],
        **{f"real_{name}": values * by for name, values in numbers.items()},
        deflator=deflator.name,
        vintage=deflator.vintage,
        reference=deflator.reference,
        base=deflator.base,
        caveat=pd.Series(np.where(is_caveat, CAVEAT, ""), dtype="str").where(is_caveat),
        reason=pd.Series(reason, dtype="str").where(reason != ""),
    )


def refuse_other_than_money(
    names: list[str], indicators: pd.DataFrame, measures: pd.DataFrame
) -> None:
    """Raise ImpossibleInput for indicators without money on top, or with money below."""
    unit_of = dict(zip(measures["measure"], measures["unit"], strict=True))
    table = indicators.set_index("indicator")
    faults = []
    for name in names:
        if name not in table.index:
            faults.append(f"{name} (not declared)")
            continue
        row = table.loc[name]
        parts = {side: row.get(side) for side in ("numerator", "denominator")}
        units = {side: unit_of.get(part) for side, part in parts.items() if pd.notna(part)}
        top = units.get("numerator", row["unit"])
        if is_money(units.get("denominator")):
            faults.append(f"{name} (money over money)")
        elif not is_money(top) or not is_money(row["unit"]):
            faults.append(f"{name} (not money)")
    if faults:
        raise ImpossibleInput(
            f"Only money over something else has real terms, not {', '.join(faults[:5])}. "
            "Leave these indicators out."
        )


def is_money(unit: object) -> bool:
    """Whether a unit is one of money."""
    return isinstance(unit, str) and (unit == MONEY or unit.startswith(f"{MONEY}_"))


def _factor(period: str, known: Mapping[Interval | str, float], deflator: Deflator) -> float:
    index = known.get(_interval(period))
    return float("nan") if index is None else deflator.index[deflator.reference] / index


def _interval(period: str) -> Interval | str:
    return parse_interval(period) or period


def _is_distorted(period: str) -> bool:
    item = parse_interval(period)
    if item is None:
        return False
    return item.start < DISTORTED.end and item.end > DISTORTED.start
