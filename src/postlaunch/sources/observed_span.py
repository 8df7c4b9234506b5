"""The span of time that recorded happenings cover, and which week of it can be reported on."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime, timedelta

from postlaunch.facts import Frozen
from postlaunch.windows import Moment, Window, weeks_covering


class ObservedSpan(Frozen):
    """When the first and the last of some recorded happenings (requests, events) were.

    Attributes:
        first, last: moments of the first and the last one.
    """

    first: Moment
    last: Moment

    @property
    @abstractmethod
    def recorded(self) -> int:
        """How many happenings there are from the first to the last."""

    @property
    def end(self) -> datetime:
        """The end of the span observed: the second after the last happening."""
        return self.last.replace(microsecond=0) + timedelta(seconds=1)

    @property
    def slack(self) -> timedelta:
        """How long before the first and after the last happening the recording may have been running.

        Ten times the mean gap between them, at least five minutes and at most an hour. Without it no
        week were ever complete: the first one comes a little after midnight on Monday.
        """
        mean = (self.last - self.first) / max(self.recorded, 1)
        return min(max(10 * mean, timedelta(minutes=5)), timedelta(hours=1))

    def begins_by(self, moment: datetime) -> bool:
        """Whether the recording was running at `moment`, judged from its first happening."""
        return self.first - self.slack <= moment

    def lasts_to(self, moment: datetime) -> bool:
        """Whether the recording was still running just before `moment`, judged from its last happening."""
        return self.end + self.slack >= moment

    def observed(self, window: Window) -> Window:
        """The window, cut where the recording ends inside it."""
        if self.lasts_to(window.observed_end):
            return window
        return window.cut(self.end)

    def weeks(self, zone: str) -> tuple[Window, ...]:
        """Every ISO week touched, oldest first."""
        return weeks_covering(self.first, self.last, zone)

    def last_complete_week(self, zone: str, as_of: datetime | None = None) -> Window | None:
        """The newest ISO week that is covered wholly and that had ended by `as_of`."""
        for week in reversed(self.weeks(zone)):
            ended = as_of is None or week.end <= as_of
            if ended and self.begins_by(week.start) and self.lasts_to(week.end):
                return week
        return None

    def window_for(self, zone: str, as_of: datetime | None = None) -> Window:
        """The week to report on: the last complete one, else the newest touched, cut where it ends.

        A week that has not ended by `as_of`, or whose end is not reached, is cut there.
        """
        complete = self.last_complete_week(zone, as_of)
        if complete is not None:
            return complete
        touched = [week for week in self.weeks(zone) if as_of is None or week.start < as_of]
        week = touched[-1] if touched else self.weeks(zone)[0]
        cut = min(self.end, as_of) if as_of is not None and as_of > week.start else self.end
        return week.cut(cut)
