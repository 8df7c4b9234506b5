"""How many lines an application logged, by level."""

from __future__ import annotations

from postlaunch.sources.app_logs import ApplicationLog
from postlaunch.tools import definitions_logs as definitions
from postlaunch.tools.embedded_query import Run
from postlaunch.tools.log_query import LINES, lines_in, querying
from postlaunch.tools.measurement import REGISTRY, Limits, Readings, WindowParameters
from postlaunch.tools.observed_spans import nothing_observed, observed, readings_of, span_of
from postlaunch.tools.request_query import Figure, count, share
from postlaunch.windows import Window

LEVELS = ("critical", "error", "warning", "info", "debug")
"""The gravest first."""

LEVEL = (
    Figure(definitions.LEVEL_LINES, count("lines")),
    Figure(definitions.LEVEL_SHARE, share("lines", "all")),
)


@REGISTRY.measurement("log_levels", source="logs", parameters=WindowParameters)
def log_levels(log: ApplicationLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Lines that the application logged, in all and of each level, against the baseline."""
    with querying(log, limits) as run:
        spans = observed(log, parameters, lambda window: lines_in(run, window), LINES)
        if not spans.rows:
            return nothing_observed(log, spans, LINES)
        now = _levels(run, spans.window)
        before = _levels(run, spans.baseline) if spans.baseline else None
    total = {"lines": sum(now.values())}
    total_before = {"lines": sum(before.values())} if before is not None else None
    readings = readings_of([Figure(definitions.LOG_LINES, count("lines"))], spans, total, total_before)
    for level in LEVELS:
        row = {"lines": now.get(level, 0), "all": total["lines"]}
        old = (
            {"lines": before.get(level, 0), "all": total_before["lines"]}
            if before is not None and total_before is not None
            else None
        )
        if row["lines"] or (old is not None and old["lines"]):
            readings += readings_of(LEVEL, spans, row, old, entity=level)
    return Readings(readings=tuple(readings), notes=spans.notes)


def _levels(run: Run, window: Window) -> dict[str, int]:
    return {row["level"]: row["lines"] for row in run("log_levels", span_of(window))}
