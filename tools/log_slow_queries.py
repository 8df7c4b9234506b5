"""Queries that an application or its database logged as slow: how many, and of how many new kinds."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.sources.app_logs import ApplicationLog
from postlaunch.tools import definitions_logs as definitions
from postlaunch.tools.embedded_query import Row
from postlaunch.tools.log_query import LINES, lines_in, querying
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.observed_spans import Observed, nothing_observed, observed, readings_of, span_of
from postlaunch.tools.request_query import Figure, count

NONE_TOLD = "no line of the application's log tells of a slow query: none was slow, or none is logged"


@REGISTRY.measurement("slow_queries", source="logs", parameters=WindowParameters)
def slow_queries(log: ApplicationLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Log lines that tell of a slow query, against the baseline, and how many of their kinds are new."""
    with querying(log, limits) as run:
        spans = observed(log, parameters, lambda window: lines_in(run, window), LINES)
        if not spans.rows:
            return nothing_observed(log, spans, LINES)
        before = span_of(spans.baseline) if spans.baseline else {"start": None, "end": None}
        rows = run(
            "slow_queries",
            {**span_of(spans.window), "before_start": before["start"], "before_end": before["end"]},
        )
    now = {"lines": sum(row["lines"] for row in rows)}
    old = {"lines": sum(row["lines_before"] for row in rows)} if spans.baseline else None
    if not now["lines"] and not (old and old["lines"]):
        return Readings(reason=NONE_TOLD, notes=spans.notes)
    readings = readings_of([Figure(definitions.SLOW_QUERIES, count("lines"))], spans, now, old)
    if old is not None:
        readings += _new(spans, rows)
    return Readings(readings=tuple(readings), notes=spans.notes)


def _new(spans: Observed, rows: Sequence[Row]) -> list[Reading]:
    """How many kinds the baseline does not have, and what they took, where each of their lines tells it."""
    new = [row for row in rows if row["lines"] and not row["lines_before"]]
    lines = sum(row["lines"] for row in rows)
    readings = [
        Reading(definition=definitions.SLOW_QUERIES_NEW, value=len(new), n=lines, window=spans.window)
    ]
    if new and all(row["took"] is not None for row in new):
        took, told = sum(row["took"] for row in new), sum(row["lines"] for row in new)
        readings.append(
            Reading(definition=definitions.SLOW_QUERIES_NEW_TIME, value=took, n=told, window=spans.window)
        )
    return readings
