"""The hours of a window on the application's clock, and what the anomaly measurements share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from pydantic import Field

from postlaunch.facts import Definition
from postlaunch.sources.observed_span import ObservedSpan
from postlaunch.tools import definitions_anomalies as definitions
from postlaunch.tools.anomalies import HOUR, Method
from postlaunch.tools.measurement import Reading, WindowParameters
from postlaunch.tools.request_query import Value
from postlaunch.windows import Window

HISTORY_WEEKS, HISTORY_LEAST, FALSE_ALARMS = 8, 4, 0.01


class AnomalyParameters(WindowParameters):
    """How far back is looked, and how sure it must be."""

    weeks: int = Field(
        default=HISTORY_WEEKS, ge=4, le=26, description="Weeks before with which an hour is compared"
    )
    least: int = Field(
        default=HISTORY_LEAST, ge=3, le=26, description="Fewest of them that must have the hour"
    )
    alarms: float = Field(
        default=FALSE_ALARMS, gt=0, lt=0.5, description="How often an ordinary day may be called unusual"
    )

    def method(self, **of_the_figure: object) -> Method:
        """How a figure is judged by these parameters."""
        return Method(
            weeks=self.weeks,
            least=self.least,
            alarms=self.alarms,
            **of_the_figure,  # type: ignore[arg-type]
        )

    def history(self, window: Window) -> Window:
        """The weeks before a window that are looked at, with the week before the earliest of them."""
        start = window.start - timedelta(weeks=self.weeks + 1, days=1)
        return Window(start=start, end=window.observed_end, zone=window.zone)


@dataclass(frozen=True)
class Hour:
    """One whole hour: by the application's clock (naive), and as a window."""

    local: datetime
    window: Window

    @property
    def name(self) -> str:
        """As facts name it: "2025-11-18 14:00"."""
        return f"{self.local:%Y-%m-%d %H:%M}"


def whole_hours(window: Window, coverage: ObservedSpan) -> list[Hour]:
    """The whole hours of the clock that lie in a window and were observed; one that the clock repeats in
    autumn is there once, and one that it leaves out in spring is not there.
    """
    begin = max(window.start, coverage.first if not coverage.begins_by(window.start) else window.start)
    start = _next_hour(window.local(begin)).astimezone(UTC)
    hours: dict[datetime, Hour] = {}
    while start + HOUR <= window.observed_end:
        span = Window(start=start, end=start + HOUR, zone=window.zone)
        local = window.local(start).replace(tzinfo=None)
        hours.setdefault(local, Hour(local, span))
        start += HOUR
    return list(hours.values())


def _next_hour(local: datetime) -> datetime:
    """The moment itself if it is a whole hour of the clock, else the next one."""
    whole = local.replace(minute=0, second=0, microsecond=0)
    return whole if whole == local else (whole.astimezone(UTC) + HOUR).astimezone(local.tzinfo)


def by_day(hours: Sequence[Hour]) -> Iterator[list[Hour]]:
    """The hours of each calendar day."""
    for _, day in groupby(hours, key=lambda hour: hour.local.date()):
        yield list(day)


def reading(
    definition: Definition, value: Value, window: Window, entity: str = "application", note: str = ""
) -> Reading:
    """One figure."""
    figure, n = value
    assert figure is not None
    return Reading(definition=definition, value=figure, n=n, window=window, entity=entity, note=note)


def judged(window: Window, entity: str, hours: int, unusual: int, of: int) -> list[Reading]:
    """How many of the window's hours could be judged of a figure, and how many were unusual.

    Args:
        entity: the figure: "requests".
        of: whole hours of the window.
    """
    return [
        Reading(definition=definitions.HOURS_JUDGED, value=hours, n=of, window=window, entity=entity),
        Reading(definition=definitions.UNUSUAL_HOURS, value=unusual, n=hours, window=window, entity=entity),
    ]
