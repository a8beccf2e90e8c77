"""Rules about the answers of different datasets: one fact, told twice, must be one number.

Here belongs what needs the accepted answers of all datasets at once. Which questions must agree is
declared in the catalogue (agrees_with, agrees_within_pct); which of two that differ is right is not
for us to say, so that both stand; the one whose entry names the other is queried.
"""

import numpy as np

from validations.rules.examples import CARDIFF, series
from validations.rules.registry import Example, Found, rule
from validations.rules.rows import Array, Rows, RuleContext
from validations.rules.tolerance import NOISE_FREE, half_base, half_units

KEY = ("area_code", "period", "breakdown_type", "breakdown")


def _told(one: str, other: str, **measure: object) -> Example:
    first = {**series({"2022": one}, CARDIFF)[0], "measure": "births"}
    second = {**series({"2022": other}, CARDIFF)[0], "measure": "live_births"}
    declared = {"agrees_with": "live_births", **measure}
    return Example([first, second], measure=declared, also={"measure": "live_births"})


@rule(
    "answers_disagree",
    severity="query",
    level="across_returns",
    stage="across",
    fields=("value",),
    failing=_told("100", "104"),
    passing=_told("100", "100"),
    declared=("agrees_within_pct",),
    edges=(
        _told("100000", "104200", agrees_within_pct=4.0),
        _told("100000", "104100", agrees_within_pct=4.0),
    ),
)
def answers_disagree(rows: Rows, context: RuleContext) -> Found | None:
    """Two questions that ask the same, of one place and period, with different answers.

    Allowed is half a unit of each one's place, what the rounding of each explains, and the per cent
    that the catalogue allows (estimates of different days).
    """
    partner = context.declared(rows, "agrees_with")
    asked = np.flatnonzero(partner.astype(bool) & ~np.isnan(rows["value"]))
    if not len(asked):
        return None
    values = _partners(rows, asked, partner)
    half = half_units(rows["value"], rows["measure"])
    noise = np.array([half_base(text) for text in context.declared(rows, "noise")], dtype=float)
    allowed = half + noise
    of_partner = {
        name: allowed[rows["measure"] == name].max()
        for name in set(partner[asked])
        if (rows["measure"] == name).any()
    }
    theirs = np.array([of_partner.get(name, 0.0) for name in partner[asked]], dtype=float)
    share = context.declared(rows, "agrees_within_pct")[asked] / 100
    mine = rows["value"][asked]
    slack = allowed[asked] + theirs + (share + NOISE_FREE) * np.abs(values)
    is_off = np.abs(mine - values) > slack
    hits = asked[is_off]
    return Found(
        hits,
        seen=rows["value_text"][hits],
        expected=[f"{number:.15g}" for number in values[is_off]],
        about={"other": [str(name) for name in partner[hits]]},
    )


def _partners(rows: Rows, asked: Array, partner: Array) -> Array:
    """The other question's value for each row asked about, NaN where there is none."""
    names = set(partner[asked])
    keys = list(zip(*(rows[name] for name in KEY), strict=True))
    known = {
        (rows["measure"][place], keys[place]): rows["value"][place]
        for place in np.flatnonzero([name in names for name in rows["measure"]])
    }
    found = [known.get((partner[place], keys[place]), np.nan) for place in asked]
    return np.array(found, dtype=float)
