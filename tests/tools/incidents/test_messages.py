"""When it was, in the messages about an incident."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postlaunch.cli.incident_commands import when_on_one_line
from postlaunch.tools.incident_messages import public_text
from postlaunch.windows import Window

AUTUMN, SPRING = datetime(2025, 10, 26, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "zone", "told", "line"),
    [
        (
            AUTUMN.replace(hour=0, minute=40),
            AUTUMN.replace(hour=1, minute=20),
            "Europe/Berlin",
            "Service disruption resolved: on 2025-10-26 from 02:40 CEST to 02:20 CET,",
            "2025-10-26 02:40 CEST–02:20 CET",
        ),
        (
            SPRING.replace(hour=6, minute=55),
            SPRING.replace(hour=7, minute=1),
            "America/New_York",
            "Brief service disruption resolved: on 2026-03-08 from 01:55 EST to 03:01 EDT,",
            "2026-03-08 01:55 EST–03:01 EDT",
        ),
        (
            AUTUMN.replace(day=20, hour=21, minute=50),
            AUTUMN.replace(day=20, hour=22),
            "Europe/Berlin",
            "Service disruption resolved: from 2025-10-20 23:50 to 2025-10-21 00:00 CEST,",
            "2025-10-20 23:50–2025-10-21 00:00 CEST",
        ),
    ],
    ids=["the hour that comes twice", "the hour that is left out", "over midnight"],
)
def test_an_incident_ends_after_it_began(
    start: datetime, end: datetime, zone: str, told: str, line: str
) -> None:
    assert public_text("Shop", Window(start=start, end=end, zone=zone), "Resolved").startswith(told)
    assert when_on_one_line(start, end, zone) == line
