"""What a request log covers, and which week of it can be reported on."""

from __future__ import annotations

from postlaunch.facts import Frozen
from postlaunch.printing import value_text
from postlaunch.sources.observed_span import ObservedSpan
from postlaunch.windows import zone_named

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


class Coverage(ObservedSpan):
    """What a request log holds. Lines read = parsed + rejected + in the future; blank lines do not count.

    Attributes:
        format: "combined", "json", or both.
        files: names, in the order read.
        bytes: on disk, compressed where the files are.
        lines_rejected: not a request: not whole, no readable time, status outside 100–599, too long.
        lines_future: left out because they are dated more than a day after the clock.
        rejected_by_reason: `lines_rejected`, split.
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
    has_latency: bool
    has_user: bool
    has_pod: bool
    has_agent: bool
    minutes: int
    sampled: bool
    sampled_reason: str
    routes_folded: int

    @property
    def recorded(self) -> int:
        """The requests."""
        return self.lines_parsed


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
