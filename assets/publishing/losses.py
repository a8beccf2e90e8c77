"""Published figures that would disappear: a whole series never goes by night.

Here belongs how much loss makes a person decide; single figures that go missing are in the
changelog and in the completeness of the product.
"""

from collections.abc import Iterator

import pandas as pd

from assets.publishing.structure import Notice
from assets.publishing.words import Words

SERIES = ["indicator", "period", "breakdown_type", "breakdown"]
HIDDEN = r"(?:^|,)\s*[cz]\s*(?:,|$)"
"""Codes under which a value is withheld or does not exist: that is no loss."""


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
