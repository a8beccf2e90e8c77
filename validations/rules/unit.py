"""The rule about a change of unit: figures a thousand or a hundred times their series' others.

Here belongs what says that a number cannot be meant as it stands; a large change that may be true
is in changes.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from validations.rules.bounds import bound
from validations.rules.examples import CARDIFF, CONWY, WIDE, series
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Array, Mask, Rows, RuleContext

POWERS = (3, -3, 2, -2)
"""Powers of ten by which units are mistaken: pounds for thousands, shares for per cent."""


def _hundredfold(jumping: int, steady: int) -> Example:
    """So many councils whose last figure is a hundred times the one before, and so many others."""
    rows = []
    for place, area in enumerate((CARDIFF, CONWY, *WIDE[:2], *WIDE[3:14])[: jumping + steady]):
        last = "3100" if place < jumping else "31"
        rows += series({"2020": "30", "2021": "31", "2022": last}, area)
    return Example(rows, is_wide=True)


_EDGES = (
    Example(series({"2020": "30", "2021": "30", "2022": "58500"})),
    Example(series({"2020": "30", "2021": "30", "2022": "61500"})),
    _hundredfold(8, 7),
    _hundredfold(7, 8),
    _hundredfold(3, 0),
    _hundredfold(2, 0),
)


@rule(
    "unit_change",
    severity="error",
    level="across_returns",
    stage="series",
    fields=("value",),
    failing=Example(series({"2020": "31", "2021": "30", "2022": "32000"})),
    passing=Example(series({"2020": "31", "2021": "30", "2022": "320"})),
    one_per=("measure", "period", "breakdown_type"),
    bounds=("unit_near", "unit_most", "unit_councils"),
    edges=_EDGES,
)
def unit_change(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """Figures near 1000 or 1/1000 of the same place's others; near 100 or 1/100 if most are.

    The unit of a series is the one most of its periods share, the earliest where two are equal, so
    that the jump back after a wrong period does not condemn the right one.
    """
    value = rows["value"]
    usable = np.flatnonzero(np.nan_to_num(value) > 0)
    if len(usable) < 2:
        return None
    ordered, starts = _in_series(rows, usable)
    jump = _jumps(rows, ordered, starts)
    if not jump.any():
        return None
    level = np.cumsum(jump)
    owner = np.cumsum(starts.astype(np.int64))
    is_wrong, times = _off_the_usual(level, owner)
    hits = ordered[is_wrong]
    return Found(
        hits,
        seen=rows["value_text"][hits],
        expected=[f"{10**power}" if power > 0 else f"1/{10**-power}" for power in times[is_wrong]],
    )


def _in_series(rows: Rows, usable: NDArray[np.intp]) -> tuple[NDArray[np.intp], Mask]:
    """Rows in order of series and period, and where each series starts."""
    keys = [rows[name][usable] for name in ("measure", "breakdown_type", "breakdown", "area_code")]
    series_of = {key: place for place, key in enumerate(dict.fromkeys(zip(*keys, strict=True)))}
    numbers = np.array([series_of[key] for key in zip(*keys, strict=True)])
    order = np.lexsort((rows["period_start"][usable].astype(str), numbers))
    ordered = numbers[order]
    return usable[order], np.concatenate(([True], ordered[1:] != ordered[:-1]))


def _jumps(rows: Rows, ordered: NDArray[np.intp], starts: Mask) -> NDArray[np.int64]:
    """Power of ten (3, 2, -2, -3 or 0) by which each row's unit differs from the row before."""
    logs = np.log10(rows["value"][ordered])
    step = np.where(starts, 0.0, np.diff(logs, prepend=logs[0]))
    power = np.zeros(len(step), dtype=np.int64)
    width = np.log10(bound("unit_near"))
    for size in POWERS:
        power[np.abs(step - size) <= width] = size
    hundreds = np.abs(power) == 2
    if not hundreds.any():
        return power
    keys = list(zip(rows["measure"][ordered], rows["period"][ordered], strict=True))
    jumps = list(zip(keys, power.tolist(), strict=True))
    held, alike = Counter(keys), Counter(jumps)
    for place in np.flatnonzero(hundreds):
        together = alike[jumps[place]]
        if together < bound("unit_councils") or together < bound("unit_most") * held[keys[place]]:
            power[place] = 0
    return power


def _off_the_usual(level: NDArray[np.int64], owner: NDArray[np.int64]) -> tuple[Mask, Array]:
    """Rows whose unit is not their series' usual one, and by which power of ten."""
    times = np.zeros(len(level), dtype=np.int64)
    for one_series in np.unique(owner[np.flatnonzero(np.diff(level, prepend=level[0]))]):
        of_series = np.flatnonzero(owner == one_series)
        units, firsts, counts = np.unique(level[of_series], return_index=True, return_counts=True)
        usual = units[np.lexsort((firsts, -counts))[0]]
        times[of_series] = level[of_series] - usual
    return times != 0, times
