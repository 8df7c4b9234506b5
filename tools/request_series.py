"""Requests over time, by the hours and the days of the application's clock."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone

from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_request_groups as definitions
from postlaunch.tools.measurement import REGISTRY, Limits, Readings, WindowParameters
from postlaunch.tools.request_query import (
    Figure,
    Row,
    amount,
    count,
    kept,
    measured,
    nothing,
    rows,
    share,
    spans_of,
)

HOUR = (
    Figure(definitions.HOUR_REQUESTS, count("requests")),
    Figure(definitions.HOUR_ERROR_RATE, share("failed", "requests")),
)

DAY = (
    Figure(definitions.DAY_REQUESTS, count("requests")),
    Figure(definitions.DAY_ERROR_RATE, share("failed", "requests")),
    Figure(definitions.DAY_MEAN_RESPONSE_TIME, amount("mean", of="timed")),
)


@REGISTRY.measurement("requests_by_hour", source="requests", parameters=WindowParameters, compares=False)
def requests_by_hour(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Requests and error rate of each hour. Hours without requests are left out."""
    return _series(log, parameters, limits, "hour", HOUR)


@REGISTRY.measurement("requests_by_day", source="requests", parameters=WindowParameters, compares=False)
def requests_by_day(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Requests, error rate and mean response time of each day."""
    return _series(log, parameters, limits, "day", DAY)


def _series(
    log: RequestLog, parameters: WindowParameters, limits: Limits, unit: str, figures: tuple[Figure, ...]
) -> Readings:
    spans = spans_of(log, parameters.model_copy(update={"baseline": None}), limits)
    if not spans.requests:
        return nothing(log, spans)
    periods = rows(log, "periods", spans.window, limits, unit=unit, zone=spans.window.zone)
    listed, cut = kept(periods, limits.rows, f"{unit}s")
    repeated = {local for local, times in Counter(row["local"] for row in listed).items() if times > 1}
    return Readings(
        readings=tuple(
            reading
            for row in listed
            for reading in measured(figures, spans, row, entity=_name(row, unit, row["local"] in repeated))
        ),
        notes=spans.notes + cut,
    )


def _name(row: Row, unit: str, repeated: bool) -> str:
    """ "2025-11-18 14:00" or "2025-11-18"; an hour that the clock repeats in autumn with its offset."""
    local: datetime = row["local"]
    if unit == "day":
        return f"{local:%Y-%m-%d}"
    if not repeated:
        return f"{local:%Y-%m-%d %H:%M}"
    place = timezone(timedelta(seconds=row["offset_seconds"]))
    return f"{local.replace(tzinfo=place):%Y-%m-%d %H:%M%z}"
