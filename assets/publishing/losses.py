"""Published figures that would disappear or change unit: a whole series never does so by night.

Here belongs how much loss makes a person decide; single figures that go missing or change are in
the changelog and in the completeness of the product.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from assets.publishing.structure import Notice
from assets.publishing.words import Words

SERIES = ["indicator", "period", "breakdown_type", "breakdown"]
HIDDEN = r"(?:^|,)\s*[cz]\s*(?:,|$)"
"""Codes under which a value is withheld or does not exist: that is no loss."""


MANY, SAME, TOLERANCE = 5, 0.8, 0.01
"""Figures, share of them, and distance from a power of ten in log10 (2 %)."""


def loss_notices(changes: pd.DataFrame, new_figures: pd.DataFrame) -> Iterator[Notice]:
    """A MAJOR notice for each indicator and period that would lose every council's value.

    changes: the changelog of the candidate; new_figures: its indicator_values.
    """
    is_hidden = changes["new_note_code"].str.contains(HIDDEN, na=False)
    lost = changes[changes["old_value"].notna() & changes["new_value"].isna() & ~is_hidden]
    if lost.empty:
        return
    left = new_figures.loc[new_figures["value"].notna(), SERIES].drop_duplicates()
    gone = lost[SERIES].drop_duplicates().merge(left, how="left", indicator=True)
    for indicator, rows in gone[gone["_merge"] == "left_only"].groupby("indicator"):
        periods = ", ".join(sorted(set(rows["period"]))[:3])
        yield Notice(
            "major",
            "figures",
            Words(
                f"every figure of {indicator} would disappear ({periods})",
                f"byddai pob ffigur {indicator} yn diflannu ({periods})",
            ),
        )


def unit_notices(changes: pd.DataFrame) -> Iterator[Notice]:
    """A MAJOR notice for each indicator whose figures look like the same ones in another unit.

    That is: at least MANY of them changed, and SAME of those by one power of ten.
    """
    both = changes[changes["old_value"].abs().gt(0) & changes["new_value"].abs().gt(0)]
    power = np.log10((both["new_value"] / both["old_value"]).abs().to_numpy(dtype=float))
    near = np.round(power)
    is_power = (near != 0) & (np.abs(power - near) < TOLERANCE)
    powers = both.assign(power=np.where(is_power, near, np.nan))
    for indicator, rows in powers.groupby("indicator"):
        most = rows["power"].value_counts()
        if len(rows) >= MANY and len(most) and most.iloc[0] >= SAME * len(rows):
            factor = f"10^{int(most.index[0])}"
            yield Notice(
                "major",
                "figures",
                Words(
                    f"{len(rows)} figures of {indicator} look multiplied by {factor}",
                    f"mae {len(rows)} ffigur {indicator} fel petaent wedi'u lluosi â {factor}",
                ),
            )
