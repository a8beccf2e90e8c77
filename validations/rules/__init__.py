"""Rules about figures, rows, returns and councils: pure functions, registered with examples.

Importing this package registers every rule. Nothing here knows Great Expectations or Dagster.
"""

from validations.rules import (  # noqa: F401  importing a module registers its rules
    across,
    answers,
    changes,
    copies,
    duplicates,
    figures,
    grid,
    misfiled,
    outliers,
    places,
    structure,
    totals,
    unexpected,
    unit,
)
from validations.rules.registry import REGISTER, Rule, rules_of

__all__ = ["REGISTER", "Rule", "rules_of"]
