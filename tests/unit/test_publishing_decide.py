"""The gate: one candidate per reason, and the order in which reasons are looked at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assets.publishing.decide import Action, CandidateFacts, ReleaseFacts, decide
from assets.publishing.instants import release_instant
from assets.publishing.version import VersionStep
from assets.publishing.words import Words

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LAST = ReleaseFacts("1.0.0", "sample")
GOOD = CandidateFacts(
    product="council-benchmarks",
    profile="sample",
    n_figures=100,
    step=VersionStep("1.0.1", "patch", "Corrections: 1", "Cywiriadau: 1"),
    completeness_pct=95,
    completeness_floor_pct=80,
    error_pct=1,
    max_error_pct=10,
)
SAME = VersionStep("1.0.0", "none", "No difference", "Dim gwahaniaeth")
MAJOR = VersionStep("2.0.0", "major", "Indicator x removed", "Tynnwyd dangosydd x")
BROKEN = (Words("The gate found an empty table", "Canfu'r porth dabl gwag"),)


@pytest.mark.parametrize(
    ("candidate", "systemic", "action", "said"),
    [
        (GOOD, (), "publish", "Corrections: 1"),
        (replace(GOOD, fingerprints_match=False), (), "blocked", "make it again"),
        (replace(GOOD, profile="live"), (), "blocked", "another home"),
        (GOOD, BROKEN, "blocked", "empty table"),
        (replace(GOOD, n_figures=0), (), "blocked", "No figures are left"),
        (replace(GOOD, completeness_pct=79.9), (), "blocked", "79.9 % of the expected"),
        (replace(GOOD, error_pct=10.1), (), "blocked", "10.1 % of the answers"),
        (replace(GOOD, step=SAME), (), "nothing", "No difference from version 1.0.0"),
        (replace(GOOD, step=MAJOR), (), "blocked", "--allow-major"),
        (
            replace(GOOD, not_before=NOW + timedelta(hours=5)),
            (),
            "wait",
            "Waits until 2026-03-02T09",
        ),
        (replace(GOOD, not_before=NOW), (), "publish", "Corrections"),
    ],
)
def test_each_reason(
    candidate: CandidateFacts, systemic: tuple[Words, ...], action: Action, said: str
) -> None:
    decision = decide(candidate, LAST, systemic, NOW)
    assert decision.action == action
    assert said in decision.reason_en
    assert decision.reason_cy


def test_a_product_that_never_had_data_is_nothing_not_a_fault() -> None:
    decision = decide(replace(GOOD, n_figures=0, completeness_pct=0), None, (), NOW)
    assert (decision.action, decision.reason_en, decision.version) == ("nothing", "No data", None)


def test_a_person_may_allow_a_major() -> None:
    decision = decide(replace(GOOD, step=MAJOR), LAST, (), NOW, allow_major=True)
    assert (decision.action, decision.version) == ("publish", "2.0.0")


def test_an_allowed_major_still_waits_for_its_instant() -> None:
    late = replace(GOOD, step=MAJOR, not_before=NOW + timedelta(minutes=1))
    assert decide(late, LAST, (), NOW, allow_major=True).action == "wait"


def test_a_systemic_finding_goes_before_no_difference() -> None:
    """A night that measured nothing must not look like a night without changes."""
    assert decide(replace(GOOD, step=SAME), LAST, BROKEN, NOW).action == "blocked"


@pytest.mark.parametrize(
    ("made_at", "instant"),
    [
        ("2026-03-02T03:30+00:00", "2026-03-02T09:30+00:00"),
        ("2026-03-02T09:30+00:00", "2026-03-02T09:30+00:00"),
        ("2026-03-02T09:31+00:00", "2026-03-03T09:30+00:00"),
        ("2026-07-01T02:30+00:00", "2026-07-01T08:30+00:00"),
        ("2026-03-28T10:00+00:00", "2026-03-29T08:30+00:00"),
        ("2026-10-24T10:00+00:00", "2026-10-25T09:30+00:00"),
    ],
)
def test_half_past_nine_is_half_past_nine_in_london(made_at: str, instant: str) -> None:
    found = release_instant("09:30", datetime.fromisoformat(made_at))
    assert found == datetime.fromisoformat(instant)


def test_immediately_has_no_instant() -> None:
    assert release_instant("immediately", NOW) is None
