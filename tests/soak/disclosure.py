"""Soak of disclosure control: random tables in three versions, suppressed and attacked."""

from tests.disclosure_audit import audit_case
from tests.soak.part import Part


def case(seed: int) -> str | None:
    """One table: None where neither attacker recovers a count that the version does not name."""
    outcome = audit_case(seed)
    if outcome.recovered:
        return f"{outcome.recovered} of {outcome.asked} confidential counts were recovered"
    if outcome.named:
        return f"{outcome.named} counts were recovered, and a finding was all that said so"
    return None


PARTS: tuple[Part, ...] = (
    Part(
        name="disclosure-audit",
        promise=(
            "No confidential count can be narrowed to less than all of 1 to 4, in three versions,"
            " across totals, regions, overlapping groups, time, and indicators that share counts"
        ),
        target=1_000,
        case=case,
    ),
)
