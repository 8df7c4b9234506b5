"""Uptime without the maintenance that was planned: the same minutes, those spans left out."""

from __future__ import annotations

from pydantic import Field

from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_requests as definitions
from postlaunch.tools.embedded_query import Row
from postlaunch.tools.measurement import REGISTRY, Limits, Readings, WindowParameters
from postlaunch.tools.request_availability import LEAST_COVERAGE, RULE
from postlaunch.tools.request_query import (
    Figure,
    amount,
    measured,
    minutes_in,
    nothing,
    rows,
    spans_of,
)
from postlaunch.windows import Window


class MaintenanceParameters(WindowParameters):
    """Which spans were planned."""

    planned: tuple[Window, ...] = Field(
        min_length=1, max_length=100, description="Spans of planned maintenance"
    )


OUTSIDE = (
    Figure(definitions.UPTIME_UNPLANNED, lambda row: (row["up"], row["others"])),
    Figure(definitions.PLANNED_DOWN_MINUTES, amount("planned_down", of="minutes")),
)


@REGISTRY.measurement(
    "uptime_unplanned", source="requests", parameters=MaintenanceParameters, for_model=False
)
def uptime_unplanned(log: RequestLog, parameters: MaintenanceParameters, limits: Limits) -> Readings:
    """Uptime with the minutes of planned maintenance left out, and how many of these were down.

    Not available where uptime itself is not: from a sample, and where the log covers too little of the
    window.
    """
    spans = spans_of(log, parameters.model_copy(update={"baseline": None}), limits)
    if not spans.requests:
        return nothing(log, spans)
    row = _row(log, spans.window, parameters, limits)
    if log.coverage.sampled or row["minutes"] / minutes_in(spans.window) < LEAST_COVERAGE:
        return Readings(reason="no probe: uptime cannot be told from the log", notes=spans.notes)
    return Readings(readings=tuple(measured(OUTSIDE, spans, row)), notes=spans.notes)


def _row(log: RequestLog, window: Window, parameters: MaintenanceParameters, limits: Limits) -> Row:
    planned = [
        (span.start.replace(tzinfo=None), span.end.replace(tzinfo=None)) for span in parameters.planned
    ]
    starts, ends = zip(*planned, strict=True)
    given = {**RULE, "starts": list(starts), "ends": list(ends)}
    row = rows(log, "planned_minutes", window, limits, **given)[0]
    up = 1 - row["others_down"] / row["others"] if row["others"] else None
    return {**row, "up": up}
