"""Nearest neighbours (M13): which councils are most alike, by published features and weights.

Here belong the robust scale and the distance; which features are used is for the catalogue, and an
outcome is never one.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from assets.methods.impossible import Floats

MAD_TO_SD = 1.4826
WINSORISED_SHARE = 0.1
"""Share pulled in at each end where more than half of the values are equal and the MAD is 0."""


def nearest_neighbours(
    features: pd.DataFrame, weights: Mapping[str, float], k: int, cutoff: float
) -> pd.DataFrame:
    """The k areas nearest to each, by weighted Euclidean distance over robustly scaled features.

    features: area_code x feature, without nulls; weights: feature -> weight above 0. Returns
    owner_code, member_code, distance (in robust standard deviations, root of the weighted mean
    square), distance_rank (1 = nearest, ties by code), is_distant (beyond cutoff); sorted by owner
    and rank. Raises ValueError for nulls, repeated areas, a feature without a weight, k too large.
    """
    _check(features, weights, k)
    ordered = features.sort_index()[list(weights)]
    codes = ordered.index.to_numpy(dtype=object)
    weight = np.array([weights[name] for name in ordered.columns])
    scaled = robust_scale(ordered.to_numpy(dtype=np.float64)) * np.sqrt(weight / weight.sum())
    owners, members, distances = [], [], []
    for row, owner in enumerate(codes):
        distance = np.sqrt(np.square(scaled - scaled[row]).sum(axis=1)).round(12)
        distance[row] = np.inf
        nearest = np.argsort(distance, kind="stable")[:k]
        owners += [owner] * k
        members += codes[nearest].tolist()
        distances += distance[nearest].tolist()
    return pd.DataFrame(
        {
            "owner_code": pd.Series(owners, dtype="str"),
            "member_code": pd.Series(members, dtype="str"),
            "distance": np.array(distances),
            "distance_rank": pd.array(list(range(1, k + 1)) * len(codes), dtype="Int64"),
            "is_distant": pd.array(np.array(distances) > cutoff, dtype="boolean"),
        }
    )


def robust_scale(values: Floats) -> Floats:
    """(value - median) / (1.4826 MAD), column by column of areas x features.

    One typing error moves neither median nor MAD, and so no other council's distance to a third.
    Where the MAD is 0 the winsorised standard deviation stands in; a constant feature is 0.
    """
    middle = np.median(values, axis=0)
    spread = MAD_TO_SD * np.median(np.abs(values - middle), axis=0)
    spread = np.where(spread > 0, spread, _winsorised_sd(values))
    return np.where(spread > 0, (values - middle) / np.where(spread > 0, spread, 1.0), 0.0)


def _winsorised_sd(values: Floats) -> Floats:
    low, high = np.quantile(values, [WINSORISED_SHARE, 1.0 - WINSORISED_SHARE], axis=0)
    clipped = np.clip(values, low, high)
    return np.asarray(np.std(clipped, axis=0, ddof=1) if len(values) > 1 else 0.0 * low)


def _check(features: pd.DataFrame, weights: Mapping[str, float], k: int) -> None:
    lacking = [name for name in weights if name not in features.columns]
    faults = {
        f"features lack {', '.join(lacking)}": bool(lacking),
        "a weight is not above 0": any(not weight > 0 for weight in weights.values()),
        "an area is listed twice": not features.index.is_unique,
        f"k = {k} of {len(features)} areas": not 0 < k < len(features),
    }
    for what, is_fault in faults.items():
        if is_fault:
            raise ValueError(f"neighbours: {what}")
    if features[list(weights)].isna().to_numpy().any():
        raise ValueError("neighbours: a feature has no value for an area; leave the area out")
