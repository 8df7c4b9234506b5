"""When it is usual that no request comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from postlaunch.tools.definitions_requests import TOTAL_REQUESTS
from postlaunch.tools.measurement import (
    Limits,
    MeasurementResult,
    Reading,
    Readings,
    Registry,
    WindowParameters,
    run_measurement,
)
from postlaunch.tools.request_silence import MEASURED, same_hours_before, usually_silent
from postlaunch.windows import Window

ENDS = datetime(2025, 11, 20, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(8, (datetime(2025, 11, 13, 18, tzinfo=UTC), 8)), (400, (datetime(2025, 11, 13, 18, tzinfo=UTC), 168))],
)
def test_a_silence_is_held_against_the_same_hours_of_the_week_before(hours: float, expected: Any) -> None:
    window = same_hours_before(ENDS, ENDS + timedelta(hours=hours), "UTC")
    assert (window.start, window.hours) == expected


class Log:
    """A source that is never read: the registry answers for it."""

    name, fingerprint = "requests", "f"


def counted(requests: float | None, window: Window) -> MeasurementResult:
    """So many requests in a window; None: there is no data of it."""
    registry = Registry()

    @registry.measurement(MEASURED, source="requests", parameters=WindowParameters)
    def code(source: Log, parameters: WindowParameters, limits: Limits) -> Readings:
        """Counts requests."""
        if requests is None:
            return Readings(reason="no request")
        return Readings(readings=(Reading(TOTAL_REQUESTS, requests, n=1, window=window),))

    return run_measurement(MEASURED, {"window": window}, {"requests": Log()}, registry=registry)


@pytest.mark.parametrize(
    ("requests", "hours", "usual"),
    [(None, 8, True), (6, 8, True), (7, 8, False), (None, 168, False)],
    ids=["none then either", "next to none", "some", "for a week"],
)
def test_as_many_hours_without_requests_a_week_before_make_a_silence_usual(
    requests: float | None, hours: int, usual: bool
) -> None:
    window = Window(start=ENDS - timedelta(days=7), end=ENDS + timedelta(hours=hours, days=-7))
    assert usually_silent(counted(requests, window), window, log=None) is usual
