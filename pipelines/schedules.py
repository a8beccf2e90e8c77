"""Schedules: the night at 03:30 in London, and a look every five minutes for what is due."""

from collections.abc import Callable

import dagster as dg

from assets.publishing.candidates import CandidateStore
from pipelines.jobs import AssetJob
from sql.clock import Clock
from sql.home import Home

NIGHT = "30 3 * * *"
EVERY_FIVE_MINUTES = "*/5 * * * *"
TIMEZONE = "Europe/London"


def schedules(
    nightly: AssetJob, due: dg.JobDefinition, open_home: Callable[[], Home], clock: Clock
) -> list[dg.ScheduleDefinition]:
    """The two schedules; 03:30 exists once in every London night, clock changes included.

    publish_due starts a run only when an instant has come by the clock, whatever a tick says of the
    time, and not while another run holds the home.
    """

    def _look(_context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        home = open_home()
        due_now = CandidateStore(home.candidates).due(clock.now())
        if not due_now:
            return dg.SkipReason("Nothing is due.")
        if home.is_held():
            return dg.SkipReason("Another run holds the home: the next tick looks again.")
        return dg.RunRequest()

    return [
        dg.ScheduleDefinition(
            name="every_night",
            job=nightly,
            cron_schedule=NIGHT,
            execution_timezone=TIMEZONE,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="The nightly run.",
        ),
        dg.ScheduleDefinition(
            name="publish_due",
            job=due,
            execution_fn=_look,
            cron_schedule=EVERY_FIVE_MINUTES,
            execution_timezone=TIMEZONE,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Publishes candidates whose standard release time has come.",
        ),
    ]
