"""The rows that the generator made, laid out for counting again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from postlaunch.facts import Fact
from postlaunch.sample.app_log import LogLine, log_lines_of
from postlaunch.sample.application import Application, application_of
from postlaunch.sample.columns import Requests
from postlaunch.sample.counting_users import span_truth
from postlaunch.sample.generate import weeks_until
from postlaunch.sample.history import History, history_of
from postlaunch.sample.places import Sample
from postlaunch.sample.resources import Samples, Usage
from postlaunch.sample.rhythm import Calendar, milliseconds
from postlaunch.sample.truth import SpanTruth
from postlaunch.windows import Window

MINUTE_MS = 60_000
Column = Any
"""One numpy array of a column."""


@dataclass(frozen=True)
class Asked:
    """A figure that is asked for.

    Attributes:
        window: the fact's own, or the one that it was compared with.
        report: the whole report's model, for names that only it gives.
        is_before: asked for what the fact was compared with.
    """

    fact: Fact
    window: Window
    report: Any
    is_before: bool = False

    def of(self, entity: str) -> Asked:
        """The same of another entity."""
        return replace(self, fact=self.fact.model_copy(update={"entity": entity}))

    @property
    def entity(self) -> str:
        """What the figure is of."""
        return self.fact.entity

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Of the measurement."""
        return self.fact.measurement.parameters

    @property
    def against(self) -> Window:
        """The window that the measurement as a whole was compared with."""
        return Window.model_validate(self.parameters["baseline"])


class World:
    """One sample: its truth, and its rows again from the seed."""

    def __init__(self, sample: Sample) -> None:
        self.sample, self.truth = sample, sample.read_truth()
        self.zone = ZoneInfo(self.truth.zone)
        self._spans: dict[tuple[int, int], SpanTruth] = {}

    @cached_property
    def application(self) -> Application:
        """Let run again: the same seed, scale and weeks make the same."""
        calendar = Calendar(weeks_until(self.sample.as_of))
        return application_of(calendar, self.sample.seed, self.truth.scale)

    @property
    def requests(self) -> Requests:
        """Every request, by time."""
        return self.application.requests

    @cached_property
    def samples(self) -> Samples:
        """Of the pods' resources."""
        return Usage(self.application).samples()

    @cached_property
    def lines(self) -> list[LogLine]:
        """Of the application's log, by time."""
        return log_lines_of(self.application, self.samples)

    @cached_property
    def history(self) -> History:
        """The product's events by person."""
        return history_of(self.application)

    def requests_in(self, window: Window) -> Requests:
        """The requests of a window."""
        return self.requests_between(*bounds(window))

    def requests_between(self, start: int, end: int) -> Requests:
        """The requests of [start, end), in milliseconds."""
        first, after = np.searchsorted(self.requests.at, [start, end])
        return self.requests.rows(slice(int(first), int(after)))

    def samples_in(self, window: Window, pod: int | None = None) -> Samples:
        """The samples of a window, of one pod or of all."""
        first, after = np.searchsorted(self.samples.at, bounds(window))
        inside = self.samples.rows(slice(int(first), int(after)))
        return inside if pod is None else inside.rows(inside.pod == pod)

    def span(self, window: Window) -> SpanTruth:
        """What the generator's own counting says of the users of a window."""
        place = bounds(window)
        if place not in self._spans:
            self._spans[place] = span_truth(self.history, self.application.people, window.label, window)
        return self._spans[place]

    def days(self, window: Window) -> list[Window]:
        """The calendar days of a window of whole days."""
        day, days = window.local(window.start).date(), []
        while (found := self.day(day.isoformat())).end <= window.observed_end:
            days.append(found)
            day += timedelta(days=1)
        return days

    def day(self, text: str) -> Window:
        """One calendar day by its ISO date."""
        start = datetime.fromisoformat(text).replace(tzinfo=self.zone)
        after = (datetime.fromisoformat(text) + timedelta(days=1)).replace(tzinfo=self.zone)
        return Window(start=start, end=after, zone=self.truth.zone, label=text)

    def hour(self, text: str) -> Window:
        """One hour of the clock: "2025-11-18 14:00"."""
        start = datetime.fromisoformat(text).replace(tzinfo=self.zone)
        end = start.timestamp() + 3600
        return Window(start=start, end=datetime.fromtimestamp(end, self.zone), zone=self.truth.zone)

    def minute(self, text: str, near: Window) -> Window:
        """One minute of the clock, "14:05", on the day of a window."""
        hour, minute = map(int, text.split(":"))
        start = near.local(near.start).replace(hour=hour, minute=minute, second=0, microsecond=0)
        return Window(start=start, end=start + timedelta(minutes=1), zone=self.truth.zone)

    def week(self, label: str) -> Window:
        """One ISO week of the sample by its label."""
        return next(week for week in self.application.calendar.weeks if week.label == label)


def bounds(window: Window) -> tuple[int, int]:
    """The observed part of a window in milliseconds."""
    return milliseconds(window.start), milliseconds(window.observed_end)


def nearest_rank(values: Column, percent: int) -> float:
    """The least value that so many percent do not exceed."""
    ordered = np.sort(values)
    return float(ordered[-(-len(ordered) * percent // 100) - 1])


def per_minute(requests: Requests) -> tuple[Column, Column, Column]:
    """Minutes that have requests, how many each, and how many of them failed with 5xx."""
    minutes, place, counts = np.unique(requests.at // MINUTE_MS, return_inverse=True, return_counts=True)
    failed = np.bincount(place[requests.status >= 500], minlength=len(minutes))
    return minutes, counts, failed


def users_of(requests: Requests) -> int:
    """Distinct users who were signed in."""
    return len(np.unique(requests.user[requests.user >= 0]))
