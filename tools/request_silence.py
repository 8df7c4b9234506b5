"""Whether it is usual that a request log is silent for so long: told from the same hours of the week before.

A log proves failure, never absence: where its lines end, the application may serve nobody, or its lines may
not arrive. At night an application for office hours is silent every day, and nothing is wrong.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from postlaunch.sources.requests import RequestLog
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.windows import Window

MEASURED = "request_summary"
"""The measurement of the hours before that tells what is usual."""

WEEK = timedelta(days=7)
LEAST_EXPECTED = 7
"""Where so many requests are expected, none come by chance less than once in a thousand times (Poisson)."""


def same_hours_before(ends: datetime, until: datetime, zone: str) -> Window:
    """The hours of a silence, a week before; of one longer than a week, the week before it."""
    return Window(start=ends - WEEK, end=min(until - WEEK, ends), zone=zone)


def usually_silent(before: MeasurementResult, hours: Window, log: object) -> bool:
    """Whether the hours a week before were as good as silent, too; not where the log does not tell.

    Args:
        before: the requests measured in those hours.
        log: where they were measured.
    """
    if hours.end - hours.start >= WEEK or before.status == "error":
        return False
    if isinstance(log, RequestLog) and not log.coverage.begins_by(hours.start):
        return False
    requests = before.fact("total_requests")
    return requests is None or requests.value < LEAST_EXPECTED
