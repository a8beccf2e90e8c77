"""What answers lead to: figures on trial before they displace others, explained, files refused.

Here belongs what validate needs to know beyond single rows: the figure that a resubmitted answer
would make with the others, and whose file it was that nobody could read. Figures that are published
are made by assets.methods; these are only looked at by the rules that refuse.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sql.frames import conform
from sql.periods import parse_period
from validations.rules.rows import Record, Rows, RuleContext, as_array

Places = NDArray[np.intp]
KEY = ("period", "area_code", "breakdown_type", "breakdown")
ROLES = ("numerator", "denominator", "value_measure", "stated_measure")
ORIGIN = ("measure", "return_ref", "source_file", "source_row", "source_sha256", "source_published")
_CODE = re.compile(r"[A-Z]\d{8}")


@dataclass(frozen=True)
class Trial:
    """Figures on trial, in the shape of indicator_values with the origin of the answer that makes
    them, and for each the places of the replacing answers it is made of.
    """

    figures: pd.DataFrame
    made_of: list[list[int]]


def trial_figures(rows: Rows, replacing: Places, context: RuleContext) -> Trial | None:
    """The figures that answers at the places `replacing` would make with those that stand."""
    if not len(replacing):
        return None
    keys = list(zip(*(rows[name] for name in ("measure", *KEY)), strict=True))
    newest = {keys[place]: int(place) for place in range(len(keys))}
    newest |= {keys[place]: int(place) for place in replacing}
    wanted = set(replacing.tolist())
    figures: list[Record] = []
    made_of: list[list[int]] = []
    for indicator in _declared(context):
        for key in dict.fromkeys(keys[place][1:] for place in replacing):
            parts = {role: newest.get((indicator[role], *key)) for role in ROLES}
            sent = sorted({place for place in parts.values() if place is not None} & wanted)
            if sent:
                figures.append(_figure(indicator, key, parts, rows, sent[0]))
                made_of.append(sent)
    return Trial(_frame(figures), made_of) if figures else None


def _declared(context: RuleContext) -> list[Record]:
    names = ("indicator", "multiplier", "value_basis", *ROLES)
    columns = [as_array(context.indicators[name]) for name in names]
    declared = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    return [item for item in declared if any(item[role] in context.measure for role in ROLES)]


def _figure(
    indicator: Record, key: tuple[str, ...], parts: dict[str, int | None], rows: Rows, sent: int
) -> Record:
    numbers = {
        role: np.nan if place is None else float(rows["value"][place])
        for role, place in parts.items()
    }
    top, bottom = numbers["numerator"], numbers["denominator"]
    derived = indicator["multiplier"] * top / bottom if bottom > 0 else np.nan
    is_supplied = indicator["value_basis"] == "as_published"
    supplied = parts["value_measure"]
    limits = {
        name: np.nan if supplied is None else float(rows[name][supplied])
        for name in ("lower_95", "upper_95")
    }
    return {
        "indicator": indicator["indicator"],
        **dict(zip(KEY, key, strict=True)),
        "numerator": top,
        "denominator": bottom,
        "value": numbers["value_measure"] if is_supplied else derived,
        "stated_value": numbers["stated_measure"],
        **limits,
        **{name: rows[name][sent] for name in ORIGIN},
    }


def _frame(figures: list[Record]) -> pd.DataFrame:
    made = pd.DataFrame(figures)
    shaped = conform(made.drop(columns=list(ORIGIN)), "indicator_values", fill=True)
    return shaped.assign(**{name: made[name] for name in ORIGIN})


def explained_figures(
    figures: Rows, indicators: pd.DataFrame, answers: pd.DataFrame
) -> NDArray[np.bool_]:
    """By row of figures: whether the council explained one of the answers it is made of.

    indicators: indicator_catalogue; answers: validated_returns. Parts of another period (a lagged
    denominator) count where the explanation stands with the others.
    """
    texts = answers["explanation"].fillna("").astype(str).str.strip()
    columns = [as_array(answers[name])[(texts != "").to_numpy()] for name in ("measure", *KEY)]
    told = set(zip(*columns, strict=True))
    if not told:
        return np.zeros(len(figures), dtype=np.bool_)
    measures = [as_array(indicators[role]) for role in ROLES]
    made_of = dict(zip(as_array(indicators["indicator"]), zip(*measures, strict=True), strict=True))
    keys = zip(*(figures[name] for name in KEY), strict=True)
    found = [
        any((measure, *key) in told for measure in made_of[indicator])
        for indicator, key in zip(figures["indicator"], keys, strict=True)
    ]
    return np.array(found, dtype=np.bool_)


def files_refused(refused: Rows, context: RuleContext) -> frozenset[tuple[str, str | None]]:
    """Council and period of answers refused while reading; the period None where it is not said.

    Whose file it was is said by its folder, where files lie in one for each council.
    """
    kinds = {str(item["period_type"]) for item in context.measure.values()}
    found = set()
    columns = (refused["area_text"], refused["period_text"], refused["source_file"])
    for area, period, file in set(zip(*columns, strict=True)):
        code = _folder(file) or (area if area in context.area else None)
        periods = (parse_period(period or "", kind) for kind in sorted(kinds))
        named = next((item.key for item in periods if item), None)
        if code is not None:
            found.add((code, named))
    return frozenset(found)


def _folder(file: str | None) -> str | None:
    codes = [part for part in (file or "").split("/")[:-1] if _CODE.fullmatch(part)]
    return codes[-1] if codes else None
