"""Schedules: the night at 03:30 in London, and a look every five minutes for what is due."""

import dagster as dg

from pipelines.jobs import AssetJob

NIGHT = "30 3 * * *"
EVERY_FIVE_MINUTES = "*/5 * * * *"
TIMEZONE = "Europe/London"


def schedules(nightly: AssetJob, due: dg.JobDefinition) -> list[dg.ScheduleDefinition]:
    """The two schedules; 03:30 exists once in every London night, clock changes included."""
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
            cron_schedule=EVERY_FIVE_MINUTES,
            execution_timezone=TIMEZONE,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Publishes candidates whose standard release time has come.",
        ),
    ]
