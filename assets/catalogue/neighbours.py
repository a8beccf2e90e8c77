"""Each council's nearest neighbours: the catalogue's features, measured by assets.methods.

Here belongs which features make two councils alike and how the set is published; the distance
itself is in assets.methods.neighbours.
"""

import numpy as np
import pandas as pd

from assets.catalogue.load import Catalogue
from assets.catalogue.models import Feature, NeighbourSet
from assets.methods.neighbours import nearest_neighbours
from sql.frames import conform, empty

COUNCIL = "council"


def neighbour_groups(catalogue: Catalogue, figures: pd.DataFrame) -> pd.DataFrame:
    """Own groups of every neighbour set, in the shape of comparison_groups.

    One row per council and neighbour, the owner's group_code being the set's id. A set one of
    whose features lacks a figure for a council leaves that council out as owner and as neighbour.
    """
    sets = [_one_set(item, figures) for item in catalogue.neighbour_sets.values()]
    return pd.concat(sets, ignore_index=True) if sets else empty("comparison_groups")


def _one_set(item: NeighbourSet, figures: pd.DataFrame) -> pd.DataFrame:
    features = feature_frame(item.features, figures).dropna()
    if len(features) <= item.k:
        return empty("comparison_groups")
    weights = {feature.indicator: feature.weight for feature in item.features}
    found = nearest_neighbours(features, weights, item.k, item.cutoff)
    return conform(
        found.assign(
            group_code=item.id,
            title_en=item.title.en,
            title_cy=item.title.cy,
            set_version=item.version,
        ),
        "comparison_groups",
        fill=True,
    )


def feature_frame(features: tuple[Feature, ...], figures: pd.DataFrame) -> pd.DataFrame:
    """Councils x features: the total figure of each feature's indicator at its period."""
    totals = figures[(figures["area_type"] == COUNCIL) & (figures["breakdown_type"] == "total")]
    columns = {}
    for feature in features:
        chosen = totals[
            (totals["indicator"] == feature.indicator) & (totals["period"] == feature.period)
        ]
        values = chosen.set_index("area_code")["value"]
        columns[feature.indicator] = np.log(values) if feature.transform == "log" else values
    return pd.DataFrame(columns).sort_index()
