"""The time of release: the calendar, approved instants, what can be found before, the schedule."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner

from assets.catalogue.load import load_catalogue
from assets.publishing.candidates import CandidateStore
from assets.publishing.policy import (
    Approval,
    ApprovalError,
    EarlyAccess,
    ReleaseDate,
    ReleasePolicy,
    read_policy,
    release_facts,
)
from assets.publishing.publish import publish_candidate, publish_due
from assets.publishing.released import load_manifest
from assets.publishing.store import ReleaseStore
from assets.publishing.words import Words
from pipelines.cli import cli
from pipelines.jobs import PUBLISH_DUE
from sql.home import Home
from tests.release.deeds import candidate_with
from tests.release.sample import NOW, PRODUCT
from tests.soak import embargo

THURSDAY, FRIDAY, MONDAY = date(2026, 3, 26), date(2026, 3, 27), date(2026, 3, 30)
CALENDAR = (
    ReleaseDate(THURSDAY, confirmed=True),
    ReleaseDate(FRIDAY, confirmed=False),
    ReleaseDate(MONDAY, confirmed=True),
)
POLICY = ReleasePolicy("09:30", CALENDAR)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def test_the_instant_is_half_past_nine_in_london_on_a_confirmed_day() -> None:
    assert POLICY.instant(at(THURSDAY, 3)) == at(THURSDAY, 9, 30)
    assert POLICY.instant(at(THURSDAY, 9, 30)) == at(THURSDAY, 9, 30)
    assert POLICY.instant(at(THURSDAY, 9, 31)) == at(MONDAY, 8, 30), "summer time begins between"
    assert ReleasePolicy("09:30").instant(at(FRIDAY, 10)) == at(FRIDAY + timedelta(days=1), 9, 30)
    assert ReleasePolicy().instant(at(FRIDAY, 10)) is None
    assert ReleasePolicy().fault(at(FRIDAY, 10)) is None


def test_a_calendar_that_has_run_out_blocks_and_says_so() -> None:
    fault = POLICY.fault(at(MONDAY, 9))
    assert fault is not None
    assert "calendar" in fault.en
    assert POLICY.fault(at(MONDAY, 8)) is None
    unconfirmed = ReleasePolicy("09:30", (ReleaseDate(MONDAY, confirmed=False),))
    assert unconfirmed.fault(at(THURSDAY, 3)) is not None


def test_the_manifest_says_when_and_who_saw_it_before() -> None:
    post = Words("Head of Statistics", "Pennaeth Ystadegau")
    organisation = Words("Welsh Government", "Llywodraeth Cymru")
    access = (
        EarlyAccess(post, organisation, (MONDAY,), MONDAY),
        EarlyAccess(post, organisation, (MONDAY,), FRIDAY),
        EarlyAccess(post, organisation, (THURSDAY,), MONDAY),
    )
    policy = replace(POLICY, access=access)
    approval = Approval(at(MONDAY, 8, 30), at(FRIDAY, 3))
    told = release_facts(policy, approval, at(MONDAY, 8, 31))
    assert told["calendar"] == [{"date": "2026-03-30", "confirmed": True}]
    assert told["approved_instant"] == "2026-03-30T08:30:00Z"
    assert [item["role"]["cy"] for item in told["pre_release_access"]] == ["Pennaeth Ystadegau"], (
        "one expired, one was confirmed for another day"
    )


def test_policy_and_approval_survive_the_disk(candidates: CandidateStore) -> None:
    policy = replace(
        POLICY, access=(EarlyAccess(Words("a", "b"), Words("c", "d"), (MONDAY,), MONDAY),)
    )
    candidates.save(candidate_with(501.0, policy=policy))
    candidates.approve(PRODUCT, Approval(at(MONDAY, 9), at(MONDAY, 8), "person", allow_major=True))
    loaded = candidates.load(PRODUCT)
    assert loaded is not None
    assert loaded.policy == policy
    assert loaded.approval == Approval(at(MONDAY, 9), at(MONDAY, 8), "person", allow_major=True)
    assert read_policy({"release_time": "immediately", "calendar": [], "access": []}) == (
        ReleasePolicy()
    )


def test_an_approved_instant_is_not_moved_by_another_run(
    candidates: CandidateStore, releases: ReleaseStore
) -> None:
    instant = NOW + timedelta(hours=5)
    candidates.save(candidate_with(501.0, not_before=instant))
    publish_candidate(candidates, releases, PRODUCT, NOW)
    later = instant + timedelta(days=1)
    candidates.save(candidate_with(502.0, not_before=later))
    publish_candidate(candidates, releases, PRODUCT, NOW + timedelta(hours=1))
    approval = candidates.approval(PRODUCT)
    assert approval is not None
    assert approval.instant == instant
    with pytest.raises(ApprovalError, match="is not moved"):
        candidates.approve(PRODUCT, Approval(later, NOW))
    with pytest.raises(ApprovalError, match="in the past"):
        Approval(NOW - timedelta(seconds=1), NOW)
    early = publish_due(candidates, releases, instant - timedelta(seconds=1))
    assert [outcome.decision.action for outcome in early] == ["wait"]
    [released] = publish_due(candidates, releases, instant)
    assert released.is_published
    assert released.path is not None
    told = load_manifest(released.path)
    assert told["release"]["approved_instant"] == told["released_at"]


def test_leave_for_a_major_holds_for_the_figures_it_was_given_for(
    candidates: CandidateStore,
) -> None:
    candidates.save(candidate_with(501.0))
    candidates.approve(PRODUCT, Approval(NOW, NOW, "person", allow_major=True))
    candidates.save(candidate_with(502.0))
    approval = candidates.approval(PRODUCT)
    assert approval is not None
    assert not approval.allow_major


def test_one_failing_product_stops_no_other(
    candidates: CandidateStore, releases: ReleaseStore
) -> None:
    candidates.save(candidate_with(501.0, not_before=NOW + timedelta(hours=1)))
    publish_candidate(candidates, releases, PRODUCT, NOW)
    other = candidate_with(501.0, not_before=NOW + timedelta(hours=1))
    other = replace(other, product=replace(other.product, id="a-first-one"))
    candidates.save(other)
    publish_candidate(candidates, releases, "a-first-one", NOW)
    (releases.root / "a-first-one" / "1.0.0").mkdir(parents=True)
    with pytest.raises(Exception, match=r"a-first-one/1\.0\.0 exists"):
        publish_due(candidates, releases, NOW + timedelta(hours=1))
    assert releases.products() == [PRODUCT]


def test_the_catalogue_has_a_calendar_of_twelve_months() -> None:
    timed = [item for item in load_catalogue().products.values() if item.release_calendar]
    assert timed
    for product in timed:
        days = [item.day for item in product.release_calendar]
        assert days[-1] - days[0] >= timedelta(days=330)
        assert all(embargo.is_working(day) for day in days)
        assert product.release_calendar[0].confirmed


@pytest.mark.parametrize("seed", [4, 146, 147, 364, 484])
def test_nights_in_london(seed: int) -> None:
    """A working day, clocks going forward and back, 31 October, 28 and 29 February."""
    assert embargo.night(seed) is None


def test_the_oracle_of_the_clocks_knows_the_four_changes() -> None:
    days = [embargo.FIRST_DAY + timedelta(days=n) for n in range(embargo.N_DAYS)]
    hours = [embargo.half_past_nine(day).hour for day in days]
    changes = [
        str(day)
        for day, hour, before in zip(days[1:], hours[1:], hours, strict=False)
        if hour != before
    ]
    assert changes == ["2027-03-28", "2027-10-31", "2028-03-26", "2028-10-29"]
    assert date(2028, 2, 29) in days


def test_probes_find_nothing_before_the_instant() -> None:
    faults = [embargo.probe(seed) for seed in range(0, 1_000, 7)]
    assert [fault for fault in faults if fault] == []


def test_the_tick_starts_a_run_only_when_an_instant_has_come(tmp_path: Path) -> None:
    from pipelines.definitions import build_definitions  # only here: it takes seconds
    from pipelines.resources import Installation
    from sql.clock import Clock

    home = Home(tmp_path / "home", "sample").open()
    candidates = CandidateStore(home.candidates)
    instant = NOW + timedelta(hours=5)
    candidates.save(candidate_with(501.0))
    candidates.approve(PRODUCT, Approval(instant, NOW))

    def tick(now: datetime) -> Any:
        installation = Installation(home=home.root, profile="sample", clock=Clock(now))
        made = build_definitions(installation=installation)
        schedule = made.resolve_schedule_def(PUBLISH_DUE)
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_schedule_context(instance, scheduled_execution_time=instant)
            return schedule.evaluate_tick(context)

    early = tick(instant - timedelta(seconds=1))
    assert early.run_requests == []
    assert early.skip_message == "Nothing is due."
    assert len(tick(instant).run_requests) == 1


def test_publish_due_does_nothing_while_a_night_holds_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess
    import sys

    home = Home(tmp_path / "home", "sample").open()
    code = (
        "import sys; from pathlib import Path; from sql.home import Home\n"
        f"with Home(Path({str(home.root)!r}), 'sample').lock('a nightly run'):\n"
        "    print('held', flush=True); sys.stdin.readline()"
    )
    night = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    try:
        assert night.stdout is not None
        assert night.stdout.readline() == "held\n"
        assert home.is_held()
        done = CliRunner().invoke(cli, ["publish", "--due", "--home", str(home.root)])
        assert done.exit_code == 0, done.output
        assert "The next call looks again." in done.output
    finally:
        night.communicate("go\n")
    assert not home.is_held()
