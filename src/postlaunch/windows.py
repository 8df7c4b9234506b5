"""Spans of time: half-open, with the application's time zone, and the ISO week."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from postlaunch.errors import UsageError

Clock = Callable[[], datetime]
"""Gives the present moment, with a zone. Passed in everywhere, so that tests own time."""

ISO_WEEK = re.compile(r"^(\d{4})-W(\d{2})$")
MONTH = re.compile(r"^(\d{4})-(\d{2})$")
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def system_clock() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone, or a `UsageError` that quotes the name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f'"{name}" is not a time zone', 'use an IANA name such as "Europe/Berlin" or "UTC"'
        ) from error


def _aware_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_aware_utc)]
"""A point in time; any zone goes in, UTC comes out."""


class Window(BaseModel):
    """A half-open span [start, end), and the zone in which it was cut and is printed.

    Attributes:
        zone: IANA name of the application's time zone.
        label: how the cadence calls it, e.g. "2015-W21"; empty for a span of no cadence.
        cut_at: set when the data or the day ends before the window does: the window is then
            "partial", and only [start, cut_at) was observed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: Moment
    end: Moment
    zone: str = "UTC"
    label: str = ""
    cut_at: Moment | None = Field(default=None)

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.end <= self.start:
            raise ValueError("a window ends after it starts")
        if self.cut_at is not None and not self.start < self.cut_at <= self.end:
            raise ValueError("a window is cut inside itself")
        return self

    @property
    def partial(self) -> bool:
        """Whether the window had not ended when it was measured."""
        return self.cut_at is not None and self.cut_at < self.end

    @property
    def observed_end(self) -> datetime:
        """The end of what could be observed: `cut_at` for a partial window."""
        return self.cut_at if self.cut_at is not None else self.end

    @property
    def hours(self) -> float:
        """Real hours from start to end; an ISO week over a DST change has 167 or 169."""
        return (self.end - self.start).total_seconds() / 3600

    def local(self, moment: datetime) -> datetime:
        """A moment as the application's clock on the wall shows it."""
        return moment.astimezone(ZoneInfo(self.zone))

    def contains(self, moment: datetime) -> bool:
        """Whether a moment lies in [start, end)."""
        return self.start <= moment < self.end

    def days(self) -> str:
        """The days covered as reports print them: "Nov 15–22, 2025"; the last day is included."""
        first, last = self.local(self.start), self.local(self.observed_end - timedelta(microseconds=1))
        if first.date() == last.date():
            return f"{first:%b} {first.day}, {first.year}"
        if (first.year, first.month) == (last.year, last.month):
            return f"{first:%b} {first.day}–{last.day}, {last.year}"
        if first.year == last.year:
            return f"{first:%b} {first.day} – {last:%b} {last.day}, {last.year}"
        return f"{first:%b} {first.day}, {first.year} – {last:%b} {last.day}, {last.year}"

    @property
    def _of_whole_days(self) -> bool:
        """Whether it begins and ends with a day of the clock on the wall."""
        return all(self.local(moment).time() == time() for moment in (self.start, self.end))

    def cut(self, at: datetime) -> Window:
        """This window, observed only up to `at` (unchanged when `at` is not inside)."""
        return self.model_copy(update={"cut_at": at.astimezone(UTC)}) if self.contains(at) else self

    def known_at(self, now: datetime) -> Window:
        """This window as far as it was over at a moment, wherever the observation of it ends."""
        return self.model_copy(update={"cut_at": None}).cut(now)

    def before(self) -> Window:
        """The window of the same kind just before; the same elapsed part of it if this one is partial.

        "The same elapsed part" is counted on the wall clock, so Wednesday noon is compared with
        Wednesday noon over a DST change too.
        """
        first = self.local(self.start).date()
        if ISO_WEEK.match(self.label):
            previous = iso_week_of(first - timedelta(days=7), self.zone)
        elif MONTH.match(self.label):
            previous = month_of(first - timedelta(days=1), self.zone)
        elif DAY.match(self.label):
            previous = calendar_day(first - timedelta(days=1), self.zone)
        elif self._of_whole_days:
            # By the calendar: over a change of the clocks, so many days are not so many hours.
            days = (self.local(self.end).date() - first).days
            begin = datetime.combine(first - timedelta(days=days), time(), ZoneInfo(self.zone))
            previous = Window(start=begin, end=self.start, zone=self.zone)
        else:
            span = self.end - self.start
            previous = Window(start=self.start - span, end=self.start, zone=self.zone)
        if not self.partial:
            return previous
        wall = self.local(self.observed_end).replace(tzinfo=None) - self.local(self.start).replace(
            tzinfo=None
        )
        begin = previous.local(previous.start).replace(tzinfo=None)
        at = (begin + wall).replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
        return previous.model_copy(update={"cut_at": min(at, previous.end)})


def iso_week_of(day: date, zone: str) -> Window:
    """The ISO week (Monday to Monday on the wall clock of `zone`) that holds `day`."""
    place = zone_named(zone)
    monday = day - timedelta(days=day.weekday())
    year, week, _ = monday.isocalendar()
    return Window(
        start=datetime.combine(monday, time(), place),
        end=datetime.combine(monday + timedelta(days=7), time(), place),
        zone=zone,
        label=f"{year}-W{week:02d}",
    )


def month_of(day: date, zone: str) -> Window:
    """The calendar month, on the wall clock of `zone`, that holds `day`; its label is "2025-11"."""
    place = zone_named(zone)
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return Window(
        start=datetime.combine(first, time(), place),
        end=datetime.combine(after, time(), place),
        zone=zone,
        label=f"{first:%Y-%m}",
    )


def calendar_day(day: date, zone: str) -> Window:
    """The calendar day on the wall clock of `zone`; its label is "2025-11-18"."""
    place = zone_named(zone)
    return Window(
        start=datetime.combine(day, time(), place),
        end=datetime.combine(day + timedelta(days=1), time(), place),
        zone=zone,
        label=f"{day:%Y-%m-%d}",
    )


def parse_month(text: str, zone: str) -> Window:
    """A month as a person writes it: "2025-11", or any day of it.

    Raises:
        UsageError: the text is neither.
    """
    place = MONTH.match(text.strip())
    try:
        day = date(int(place[1]), int(place[2]), 1) if place else date.fromisoformat(text.strip())
        return month_of(day, zone)
    except ValueError as error:
        raise UsageError(f'"{text}" is not a month', "write 2026-02, or a day of it: 2026-02-11") from error


def parse_day(text: str, zone: str) -> Window:
    """A day as a person writes it: "2026-02-11".

    Raises:
        UsageError: the text is none.
    """
    try:
        return calendar_day(date.fromisoformat(text.strip()), zone)
    except ValueError as error:
        raise UsageError(f'"{text}" is not a day', "write 2026-02-11") from error


def weeks_of(window: Window) -> tuple[Window, ...]:
    """The ISO weeks that lie in a window whole, and were over when it was observed; oldest first."""
    touched = weeks_covering(window.start, window.observed_end, window.zone)
    return tuple(week for week in touched if week.start >= window.start and week.end <= window.observed_end)


def parse_week(text: str, zone: str) -> Window:
    """A week as a person writes it: "2015-W21", or any day of it, "2015-05-20".

    Raises:
        UsageError: the text is neither.
    """
    place = ISO_WEEK.match(text.strip())
    try:
        if place:
            return iso_week_of(date.fromisocalendar(int(place[1]), int(place[2]), 1), zone)
        return iso_week_of(date.fromisoformat(text.strip()), zone)
    except ValueError as error:
        raise UsageError(f'"{text}" is not a week', "write 2026-W07, or a day of it: 2026-02-11") from error


def weeks_covering(first: datetime, last: datetime, zone: str) -> tuple[Window, ...]:
    """Every ISO week that [first, last] touches, oldest first."""
    place = zone_named(zone)
    week = iso_week_of(first.astimezone(place).date(), zone)
    weeks = [week]
    while weeks[-1].end <= last:
        week = iso_week_of(weeks[-1].local(weeks[-1].end).date(), zone)
        weeks.append(week)
    return tuple(weeks)
