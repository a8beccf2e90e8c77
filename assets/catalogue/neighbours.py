"""Each council's nearest neighbours: the catalogue's features, measured by assets.methods.

Here belongs which features make two councils alike and how the set and its features are published;
the distance itself is in assets.methods.neighbours.
"""

import numpy as np
import pandas as pd

from assets.catalogue.load import Catalogue
from assets.catalogue.models import Feature, NeighbourSet
from assets.methods.neighbours import nearest_neighbours, robust_scale
from sql.frames import conform, empty

COUNCIL = "council"


def neighbour_groups(catalogue: Catalogue, figures: pd.DataFrame) -> pd.DataFrame:
    """Own groups of every neighbour set, in the shape of comparison_groups.

    One row per council and neighbour, the owner's group_code being the set's id. A set one of
    whose features lacks a figure for a council, or has one without a logarithm where that is taken,
    leaves that council out as owner and as neighbour.
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


def neighbour_features(catalogue: Catalogue, figures: pd.DataFrame) -> pd.DataFrame:
    """What the distances are made of: the table neighbour_features, one row per set, council and
    feature. distance = root of sum(weight x (difference of scaled_value)^2) / sum(weight).
    """
    sets = [_features_of(item, figures) for item in catalogue.neighbour_sets.values()]
    return pd.concat(sets, ignore_index=True) if sets else empty("neighbour_features")


def _features_of(item: NeighbourSet, figures: pd.DataFrame) -> pd.DataFrame:
    plain = _plain(item.features, figures).dropna()
    if len(plain) <= item.k:
        return empty("neighbour_features")
    scaled = robust_scale(_transformed(plain, item.features).to_numpy(dtype=np.float64))
    rows = [
        pd.DataFrame(
            {
                "area_code": plain.index,
                "indicator": feature.indicator,
                "period": feature.period,
                "weight": feature.weight,
                "transform": feature.transform,
                "value": plain[feature.indicator].to_numpy(),
                "scaled_value": scaled[:, column],
            }
        )
        for column, feature in enumerate(item.features)
    ]
    named = pd.concat(rows, ignore_index=True).assign(
        group_code=item.id,
        set_version=item.version,
        n_neighbours=item.k,
        distance_cutoff=item.cutoff,
    )
    return conform(named, "neighbour_features")


def feature_frame(features: tuple[Feature, ...], figures: pd.DataFrame) -> pd.DataFrame:
    """Councils x features: each feature's total figure at its period, transformed."""
    return _transformed(_plain(features, figures), features)


def _transformed(plain: pd.DataFrame, features: tuple[Feature, ...]) -> pd.DataFrame:
    logs = {
        item.indicator: np.log(plain[item.indicator])
        for item in features
        if item.transform == "log"
    }
    return plain.assign(**logs)


def _plain(features: tuple[Feature, ...], figures: pd.DataFrame) -> pd.DataFrame:
    totals = figures[(figures["area_type"] == COUNCIL) & (figures["breakdown_type"] == "total")]
    columns = {}
    for feature in features:
        chosen = totals[
            (totals["indicator"] == feature.indicator) & (totals["period"] == feature.period)
        ]
        value = chosen.set_index("area_code")["value"]
        columns[feature.indicator] = value.where(value > 0) if feature.transform == "log" else value
    return pd.DataFrame(columns).sort_index()
