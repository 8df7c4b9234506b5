"""What a request log covers, and which week of it can be reported on."""

from __future__ import annotations

from datetime import datetime, timedelta

from postlaunch.facts import Frozen
from postlaunch.printing import value_text
from postlaunch.windows import Moment, Window, weeks_covering, zone_named

SAMPLED_MINUTES = 6
"""A log whose hours hold requests in at most this many minutes each is a sample of the traffic."""

SAMPLED_HOURS = 3
"""Fewest hours with 20 requests or more from which that is judged."""


class RejectedLine(Frozen):
    """A line that could not be read: text from outside, cut and cleaned of control characters."""

    file: str
    line: int
    reason: str
    text: str


class MinutesOfHours(Frozen):
    """In how many minutes of an hour requests fall, over the hours with at least 20 of them.

    Attributes:
        most: nine in ten of these hours have requests in at most so many minutes.
        first, last: the earliest and the latest minute of an hour that occurs.
    """

    hours: int = 0
    most: int = 0
    first: int = 0
    last: int = 0

    @property
    def sampled_reason(self) -> str:
        """Why the log is a sample, or nothing."""
        if self.hours < SAMPLED_HOURS or self.most > SAMPLED_MINUTES:
            return ""
        if self.first == self.last:
            return (
                f"all requests fall into minute :{self.first:02d} of their hour "
                f"({self.hours} busy hours): the log is a sample"
            )
        return (
            f"requests fall into at most {self.most} minutes of an hour in nine of ten hours "
            f"({self.hours} busy hours): the log is a sample"
        )


class Coverage(Frozen):
    """What a request log holds. Lines read = parsed + rejected + in the future; blank lines do not count.

    Attributes:
        format: "combined", "json", or both.
        files: names, in the order read.
        bytes: on disk, compressed where the files are.
        lines_rejected: not a request: not whole, no readable time, status outside 100–599, too long.
        lines_future: left out because they are dated more than a day after the clock.
        rejected_by_reason: `lines_rejected`, split.
        first, last: moments of the first and the last request.
        minutes: distinct minutes that hold a request.
        sampled: whether the log holds only a sample of the traffic; `sampled_reason` says why.
        routes_folded: endpoints too many to be kept apart, counted under their folder.
    """

    format: str
    files: tuple[str, ...]
    bytes: int
    lines_read: int
    lines_parsed: int
    lines_rejected: int
    lines_future: int
    rejected_by_reason: dict[str, int]
    rejected_samples: tuple[RejectedLine, ...]
    first: Moment
    last: Moment
    has_latency: bool
    has_user: bool
    has_pod: bool
    has_agent: bool
    minutes: int
    sampled: bool
    sampled_reason: str
    routes_folded: int

    @property
    def end(self) -> datetime:
        """The end of the span observed: the second after the last request."""
        return self.last.replace(microsecond=0) + timedelta(seconds=1)

    @property
    def slack(self) -> timedelta:
        """How long before the first and after the last request the log may have been running.

        Ten times the mean gap between requests, at least five minutes and at most an hour. Without it no
        week were ever complete: the first request comes a little after midnight on Monday.
        """
        mean = (self.last - self.first) / max(self.lines_parsed, 1)
        return min(max(10 * mean, timedelta(minutes=5)), timedelta(hours=1))

    def begins_by(self, moment: datetime) -> bool:
        """Whether the log was running at `moment`, judged from its first request."""
        return self.first - self.slack <= moment

    def lasts_to(self, moment: datetime) -> bool:
        """Whether the log was still running just before `moment`, judged from its last request."""
        return self.end + self.slack >= moment

    def observed(self, window: Window) -> Window:
        """The window, cut where the log ends inside it."""
        if self.lasts_to(window.observed_end):
            return window
        return window.cut(self.end)

    def weeks(self, zone: str) -> tuple[Window, ...]:
        """Every ISO week the log touches, oldest first."""
        return weeks_covering(self.first, self.last, zone)

    def last_complete_week(self, zone: str, as_of: datetime | None = None) -> Window | None:
        """The newest ISO week that the log covers wholly and that had ended by `as_of`."""
        for week in reversed(self.weeks(zone)):
            ended = as_of is None or week.end <= as_of
            if ended and self.begins_by(week.start) and self.lasts_to(week.end):
                return week
        return None

    def window_for(self, zone: str, as_of: datetime | None = None) -> Window:
        """The week to report on: the last complete one, else the newest touched, cut where it ends.

        A week that has not ended by `as_of`, or that the log does not reach the end of, is cut there.
        """
        complete = self.last_complete_week(zone, as_of)
        if complete is not None:
            return complete
        touched = [week for week in self.weeks(zone) if as_of is None or week.start < as_of]
        week = touched[-1] if touched else self.weeks(zone)[0]
        cut = min(self.end, as_of) if as_of is not None and as_of > week.start else self.end
        return week.cut(cut)


def coverage_text(coverage: Coverage, zone: str) -> str:
    """What the log covers, in one or two lines for a person."""
    place = zone_named(zone)
    first, last = coverage.first.astimezone(place), coverage.last.astimezone(place)
    files = coverage.files[0] if len(coverage.files) == 1 else f"{len(coverage.files)} files"
    text = (
        f"{coverage.lines_parsed:,} requests from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} {zone} "
        f"({files}, {value_text(coverage.bytes, 'bytes')}, {coverage.format})"
    )
    if coverage.lines_rejected:
        text += f"; {coverage.lines_rejected:,} of {coverage.lines_read:,} lines could not be read"
    if coverage.lines_future:
        text += f"; {coverage.lines_future:,} lines are dated in the future and left out"
    absent = [
        name
        for name, there in (
            ("response times", coverage.has_latency),
            ("users", coverage.has_user),
            ("pods", coverage.has_pod),
        )
        if not there
    ]
    second = [f"No {', no '.join(absent)} in the log."] if absent else []
    if coverage.sampled:
        second.insert(0, f"Sampled: {coverage.sampled_reason}.")
    return "\n".join([text, " ".join(second)] if second else [text])
