"""The method manifest: every statistic's name and options, as they stand in methods.json.

Here belongs what was computed and how, in words a program can read; changing a default is a MAJOR
version of the data.
"""

from assets.methods.declarations import Declarations
from assets.methods.rank_uncertainty import DRAWS, SEED, SIMULATED_TO
from assets.methods.trend import CRITICAL

VERSION = 1

METHODS: dict[str, dict[str, object]] = {
    "value": {"method": "M1", "formula": "multiplier x numerator / denominator"},
    "missing": {"method": "M2", "precedence": ["z", "c", "x", "w", "k"], "imputation": "none"},
    "quantiles": {"method": "M3", "type": "hyndman-fan 7"},
    "sd": {"method": "M3", "denominator": "n - 1", "passes": 2},
    "headline": {
        "method": "M3",
        "order": ["source", "ratio_of_sums", "partial_ratio", "median"],
        "partial_share": 0.9,
    },
    "own_groups": {"method": "M3", "benchmarks": "without the owner"},
    "rank": {"method": "M4", "tie_rule": "smallest rank", "on": "value_rounded", "min_n": 5},
    "percentile_rank": {"method": "M4", "formula": "100 (n - midrank) / (n - 1)"},
    "band": {
        "method": "M5",
        "band_method": "percentile cuts, hyndman-fan 7",
        "bands": 4,
        "best": 1,
        "min_n": 8,
        "too_many_ties": "a quartile equals the median at published decimals",
    },
    "interval": {
        "method": "M6-M7",
        "levels": [0.95, 0.998],
        "binomial": "wilson",
        "poisson": "byar from 10 events, exact chi-square below",
        "t": "student",
        "supplied": "as supplied",
    },
    "versus_benchmark": {"method": "M8", "rule": "own 95 % interval excludes the headline"},
    "mad_z": {"method": "M8", "formula": "(value - median) / MAD / 1.4826"},
    "change": {
        "method": "M9",
        "previous": "preceding period of the calendar",
        "tests": {
            "binomial": "newcombe",
            "poisson": "conditional_binomial",
            "supplied": "z",
        },
        "level": 0.95,
    },
    "disclosure": {"method": "M14", "applied": "the figure itself"},
    "rank_uncertainty": {
        "method": "M4",
        "percentiles": [5, 95],
        "draws": DRAWS,
        "seed": SEED,
        "simulated_to_members": SIMULATED_TO,
        "beyond": "poisson-binomial, refined normal approximation",
        "for": "the latest period of each series",
    },
    "trend": {
        "method": "M10",
        "points": 5,
        "binomial": "chi-square for linear trend",
        "poisson, t, supplied": "weighted least squares",
        "none": "mann-kendall, exact p below 0.05",
        "chi_square_above": CRITICAL,
        "and": "every leave-one-out fit has the same sign",
    },
    "rounding": {"method": "M19", "rule": "half away from zero, exact"},
}


def method_manifest(declared: Declarations, *, rank_uncertainty: bool) -> dict[str, object]:
    """What methods.json says: every method with its options, and every indicator's declarations."""
    indicators = {
        name: {
            **declared.row(position),
            "tie_rule": "smallest rank",
            "band_method": "percentile cuts, hyndman-fan 7",
        }
        for position, name in enumerate(declared.names)
    }
    return {
        "version": VERSION,
        "methods": METHODS,
        "rank_uncertainty": rank_uncertainty,
        "indicators": indicators,
    }
