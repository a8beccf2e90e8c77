"""Sound frames, one for each suite: small, yet nothing that a gate has to complain of."""

import numpy as np
import pandas as pd

from sql.frames import conform
from validations.rules.examples import answers, context
from validations.validate import validate_answers

COUNCILS = [f"W060000{number:02d}" for number in range(1, 23)]
YEARS = ["2021-01-01/P1Y", "2022-01-01/P1Y"]
KEY = {"period": YEARS[1], "breakdown_type": "total", "breakdown": "total"}


def figures(indicators=2):
    """22 councils, 2 indicators, 2 years: 88 figures."""
    made = pd.DataFrame(
        {
            "indicator": np.repeat([f"indicator_{n}" for n in range(indicators)], 44),
            "area_code": COUNCILS * 2 * indicators,
            "period": np.tile(np.repeat(YEARS, 22), indicators),
            "breakdown_type": "total",
            "breakdown": "total",
            "area_type": "council",
            "value": np.arange(44.0 * indicators),
            "value_rounded": np.arange(44.0 * indicators),
            "is_queried": False,
        }
    )
    return conform(made, "indicator_values", fill=True)


def observations():
    made = pd.DataFrame(
        {
            "dataset": "births",
            "measure": "births",
            "area_code": COUNCILS * 2,
            **KEY,
            "period": np.repeat(YEARS, 22),
            "value": np.arange(44.0),
            "is_queried": False,
        }
    )
    return conform(made, "validated_returns", fill=True)


def comparisons():
    made = figures(1)[["indicator", "period", "area_code", "breakdown_type", "breakdown", "value"]]
    made = made.assign(group_code="all", versus_benchmark="similar", versus_target="not compared")
    return conform(made.assign(rank=1, n_ranked=22, band=1), "comparisons", fill=True)


def benchmarks():
    made = pd.DataFrame(
        {
            "indicator": ["births"],
            **{name: [value] for name, value in KEY.items()},
            "group_code": ["all"],
            "owner_code": [""],
            "n_members": [22],
            "n_valid": [22],
            "q1": [1.0],
            "q3": [2.0],
        }
    )
    return conform(made, "benchmarks", fill=True)


def areas():
    made = pd.DataFrame({"area_code": COUNCILS, "name_en": "Conwy", "name_cy": "Conwy"})
    return conform(made.assign(area_type="council"), "areas", fill=True)


def indicator_catalogue():
    words = dict.fromkeys(
        ("title_en", "title_cy", "definition_en", "definition_cy", "theme", "unit", "licence"),
        "births",
    )
    codes = {
        "cy_status": "draft",
        "kind": "rate",
        "polarity": "higher",
        "interval": "poisson",
        "value_basis": "derived",
        "aggregation": "ratio",
        "accumulation": "discrete",
    }
    numbers = {"decimals": 1, "disclosure_threshold": 5, "is_reference_series": False}
    made = pd.DataFrame([{"indicator": "births", **words, **codes, **numbers}])
    return conform(made, "indicator_catalogue", fill=True)


def comparison_groups():
    made = pd.DataFrame({"group_code": "all", "owner_code": "", "member_code": COUNCILS})
    return conform(made.assign(title_en="All", title_cy="Pob un"), "comparison_groups", fill=True)


def judged():
    return validate_answers(answers([{"value_text": "1.2m"}]), context())


def answer_counts():
    made = pd.DataFrame(
        [{"dataset": "births", "n_raw": 44, "accepted": 44, "rejected": 0, "duplicate": 0}]
    )
    return conform(made, "answer_counts", fill=True)


SOUND = {
    "answer_counts": answer_counts,
    "areas": areas,
    "benchmarks": benchmarks,
    "candidate": figures,
    "comparison_groups": comparison_groups,
    "comparisons": comparisons,
    "indicator_catalogue": indicator_catalogue,
    "indicator_values": figures,
    "observations": observations,
    "rejected_returns": lambda: judged().rejected,
    "validation_findings": lambda: judged().findings,
}
"""Suite -> what makes a sound frame for it."""
