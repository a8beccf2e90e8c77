"""Progress of a run on the terminal: one tick per finished step, and every failure in a line.

Here belongs how a run in process is watched. It logs nothing that Dagster does not keep itself.
"""

import logging
from collections.abc import Callable

import dagster as dg

TICKER = "ticker"
RUN_CONFIG: dict[str, dict[str, dict[str, str]]] = {"loggers": {TICKER: {}}}
"""Run config that replaces Dagster's console log by the ticker."""


class _Watcher(logging.Handler):
    """Calls back for each step that started, ended or failed."""

    def __init__(self, called: Callable[[str, str], None]) -> None:
        super().__init__()
        self.called = called

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on the events a person follows a run by."""
        event = getattr(record, "dagster_event", None)
        if event is not None and event.step_key:
            self.called(event.event_type_value, event.step_key)


def ticker(called: Callable[[str, str], None]) -> dict[str, dg.LoggerDefinition]:
    """Loggers for build_definitions that call back with event type and step."""

    def _logger(_context: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger(TICKER, logging.DEBUG)  # noqa: LOG001 - one of its own per run
        logger.addHandler(_Watcher(called))
        return logger

    return {TICKER: dg.LoggerDefinition(_logger)}
