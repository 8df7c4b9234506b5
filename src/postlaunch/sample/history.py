"""The product events laid out for counting: by person and time, with calendar days and sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from postlaunch.sample.application import Application
from postlaunch.sample.changes import LAUNCHED_BEFORE
from postlaunch.sample.columns import (
    MINUTE,
    PAGE_VIEW_REGISTER,
    REGISTER_SUBMITTED,
    SIGNED_UP,
    Codes,
    Events,
    Flags,
    Ids,
    Moments,
    Places,
)
from postlaunch.sample.rhythm import Calendar

SESSION_GAP = 30 * MINUTE


@dataclass(frozen=True)
class History:
    """Events by person, then time, then place in the file.

    Attributes:
        first_day: the day that is 0 in `day`.
        day: calendar day of each event, counted from the first day of the launch's week.
        acts: whether the event is one that a visitor does not have.
        joined: person → when the person signed up; persons are counted from 0 among all who signed up.
        joined_day: the calendar day of it.
    """

    calendar: Calendar
    first_day: date
    at: Moments
    person: Ids
    name: Codes
    day: Places
    acts: Flags
    events: Events
    joined: Moments
    joined_day: Places

    def day_number(self, day: date) -> int:
        """A date as `day` counts it."""
        return (day - self.first_day).days

    def inside(self, start: int, end: int) -> Flags:
        """Which events lie in [start, end), in milliseconds."""
        return np.asarray((self.at >= start) & (self.at < end), dtype=np.bool_)


def history_of(application: Application) -> History:
    """The events of an application."""
    calendar = application.calendar
    events = application.events
    order = np.lexsort((np.arange(len(events)), events.at, events.person))
    sorted_events = events.rows(order)
    first_day = calendar.days[0] - timedelta(days=LAUNCHED_BEFORE)
    starts = np.array(
        [
            calendar.at(first_day + timedelta(days=place))
            for place in range(len(calendar.days) + LAUNCHED_BEFORE + 1)
        ]
    )
    day = np.searchsorted(starts, sorted_events.at, side="right") - 1
    signs_up = sorted_events.name == SIGNED_UP
    joined = np.full(len(application.people), -1, dtype=np.int64)
    joined[sorted_events.person[signs_up]] = sorted_events.at[signs_up]
    return History(
        calendar=calendar,
        first_day=first_day,
        at=sorted_events.at,
        person=sorted_events.person,
        name=sorted_events.name,
        day=day,
        acts=np.asarray(
            (sorted_events.name < PAGE_VIEW_REGISTER) | (sorted_events.name > REGISTER_SUBMITTED),
            dtype=np.bool_,
        ),
        events=sorted_events,
        joined=joined,
        joined_day=np.searchsorted(starts, joined, side="right") - 1,
    )


@dataclass(frozen=True)
class Sessions:
    """Sessions that begin in a span, as runs of the events inside it.

    Attributes:
        first, after: places in the history of each session's first event, and after its last.
    """

    first: Places
    after: Places


def sessions_of(history: History, start: int, end: int) -> Sessions:
    """The sessions that begin in [start, end): at most 30 minutes lie between one event and the next.

    A session that was under way at the start began before it, and is none of the span's; one that is under
    way at the end is cut there.
    """
    known = np.flatnonzero((history.at >= start - 24 * 60 * MINUTE) & (history.at < end))
    at, person = history.at[known], history.person[known]
    opens = np.ones(len(known), dtype=np.bool_)
    opens[1:] = (person[1:] != person[:-1]) | (at[1:] - at[:-1] > SESSION_GAP)
    opened = np.flatnonzero(opens)
    closed = np.append(opened[1:], len(known))
    begins = at[opened] >= start
    return Sessions(known[opened[begins]], known[closed[begins] - 1] + 1)
