"""How the log measurements read an application's lines."""

from __future__ import annotations

from contextlib import AbstractContextManager

from postlaunch.sources.app_logs import ApplicationLog
from postlaunch.tools.embedded_query import Run, queries
from postlaunch.tools.measurement import Limits
from postlaunch.tools.observed_spans import span_of
from postlaunch.windows import Window

LINES = "the lines of the application's log"
"""How notes call the rows."""


def querying(log: ApplicationLog, limits: Limits) -> AbstractContextManager[Run]:
    """Queries over the lines on one connection; raises `SourceError` where they fail or take too long."""
    return queries(log, LINES, limits)


def lines_in(run: Run, window: Window) -> int:
    """How many lines there are in a window."""
    return int(run("log_totals", span_of(window))[0]["lines"])
