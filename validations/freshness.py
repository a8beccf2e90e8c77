"""How fresh a dataset is: the state of its last pull, and how old each measure's latest figure is.

Here belongs counting; whether an age is too old is for the reader to say, since a census is ten
years apart and a claimant count a month.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from sql.periods import describe_period

AGE_COLUMNS = ("measure", "latest_period", "age_days", "kept")


@dataclass(frozen=True)
class Pull:
    """The last attempt to pull a dataset: fresh, unchanged, stale or never, why, and how long ago.

    age_days counts from the last good answer; None if there never was one.
    """

    state: str
    reason: str | None
    age_days: int | None


def measure_ages(accepted: pd.DataFrame, today: date) -> pd.DataFrame:
    """One row per measure, the oldest first: latest period with a value, its age, answers kept.

    accepted: validated_returns of one dataset.
    """
    held = accepted.loc[accepted["value"].notna(), ["measure", "period"]].drop_duplicates()
    held = held.assign(end=[describe_period(key).end for key in held["period"]])
    latest = held.sort_values(["end", "period"]).groupby("measure").tail(1)
    is_kept = accepted["is_kept"].fillna(value=False).astype(bool)
    kept = is_kept.groupby(accepted["measure"]).sum()
    made = pd.DataFrame(
        {
            "measure": latest["measure"],
            "latest_period": latest["period"],
            "age_days": [(today - end).days for end in latest["end"]],
            "kept": [int(kept[measure]) for measure in latest["measure"]],
        }
    )
    return made.sort_values(["age_days", "measure"], ascending=[False, True], ignore_index=True)
