"""Figures of growth, of weeks and of the trend, counted and fitted again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from statistics import median
from typing import Any

import numpy as np

from oracle.regression import Line, Trend, trend
from oracle.requests import Counted, Figures, OfRequests
from oracle.resources import of_hour
from oracle.world import MINUTE_MS, Asked, World, per_minute, users_of
from postlaunch.sample.endpoints import ENDPOINTS
from postlaunch.windows import Window, weeks_of

DAYS_A_MONTH = 365.2425 / 12
ROBUST = 1.4826
"""Times the median absolute deviation: a standard deviation."""


class OfPerformance:
    """What the performance report tells of requests over weeks."""

    def __init__(self, world: World, requests: OfRequests) -> None:
        self.world, self.of_requests = world, requests
        self._trends: dict[Any, Trend] = {}

    def figures(self) -> Figures:
        """By name."""
        return {**self._weeks(), **self._growth(), **self._busiest(), **self._hours(), **self._trend()}

    def _weeks(self) -> Figures:
        """The entity is the week; what it was compared with is the week before."""
        found: dict[str, Callable[[Counted], float]] = {
            "week_requests": lambda all_: all_.number,
            "week_mean_response_time": lambda all_: all_.mean,
            "week_p95_response_time": lambda all_: all_.rank(95),
            "week_peak_requests_per_second": lambda all_: all_.peak,
        }
        return {name: self._of_week(figure) for name, figure in found.items()}

    def _of_week(self, figure: Callable[[Counted], float]) -> Callable[[Asked], float]:
        def found(asked: Asked) -> float:
            week = self.world.week(asked.entity)
            return figure(self.of_requests.counted(week.before() if asked.is_before else week))

        return found

    # --- growth -------------------------------------------------------------------------------------------

    @cached_property
    def _by_week(self) -> dict[str, Counted]:
        return {week.label: self.of_requests.counted(week) for week in self.world.application.calendar.weeks}

    def _calm_weeks(self, window: Window) -> tuple[list[Counted], list[int], int]:
        """The weeks of the log but for that of the surge, their places in a window, and the last place."""
        weeks = [week for week in weeks_of(window) if week.label in self._by_week]
        surge = self.world.truth.incident.start
        kept = [(place, week) for place, week in enumerate(weeks) if not week.contains(surge)]
        counted = [self._by_week[week.label] for _, week in kept]
        return counted, [place for place, _ in kept], len(weeks) - 1

    def _line(self, window: Window, figure: Callable[[Counted], float]) -> Line:
        weeks, places, _ = self._calm_weeks(window)
        return Line.through(places, [math.log(figure(week)) for week in weeks])

    def _growth(self) -> Figures:
        def requests(window: Window) -> Line:
            return self._line(window, lambda week: week.number)

        def ratios(window: Window) -> list[float]:
            return [week.peak / week.number for week in self._calm_weeks(window)[0]]

        def scatter(values: Sequence[float]) -> float:
            logs = [math.log(value) for value in values]
            return ROBUST * median(abs(value - median(logs)) for value in logs)

        return {
            "traffic_growth": lambda asked: math.expm1(requests(asked.window).slope),
            "traffic_growth_monthly": lambda asked: math.expm1(
                requests(asked.window).slope * DAYS_A_MONTH / 7
            ),
            "growth_fit": lambda asked: requests(asked.window).fit,
            "growth_scatter": lambda asked: requests(asked.window).scatter,
            "growth_error": lambda asked: requests(asked.window).slope_error,
            "growth_middle": lambda asked: self._calm_weeks(asked.window)[2] - requests(asked.window).middle,
            "peak_level": lambda asked: (
                math.exp(requests(asked.window).at(self._calm_weeks(asked.window)[2]))
                * median(ratios(asked.window))
            ),
            "peak_scatter": lambda asked: scatter(ratios(asked.window)),
            "weekly_user_growth": lambda asked: math.expm1(
                self._line(asked.window, lambda week: users_of(week.requests)).slope
            ),
        }

    # --- the busiest minutes, the hours of the day --------------------------------------------------------

    def _busiest(self) -> Figures:
        def counted(asked: Asked) -> Counted:
            minutes = asked.parameters["minutes"]
            start = busiest_start(self.world, asked.window, minutes)
            end = start + minutes * MINUTE_MS
            return Counted(self.world.requests_between(start, end), minutes * 60)

        return {
            "busiest_start": lambda asked: (
                busiest_start(self.world, asked.window, asked.parameters["minutes"]) / 1000
            ),
            "busiest_requests_per_second": lambda asked: counted(asked).number / counted(asked).seconds,
            "busiest_mean_response_time": lambda asked: counted(asked).mean,
            "busiest_error_rate": lambda asked: counted(asked).error_rate,
        }

    def _hours(self) -> Figures:
        def rate(window: Window, name: str) -> float:
            all_ = self.of_requests.counted(window)
            return int(of_hour(all_.requests.at, name, window).sum()) / (all_.seconds / 24)

        def fit(asked: Asked) -> float:
            """Of the pace of each hour over its rate."""
            requests = self.of_requests.counted(asked.window).requests
            pace = self.pace(asked.window)
            names = [f"{hour:02d}" for hour in range(24)]
            inside = [of_hour(requests.at, name, asked.window) for name in names]
            rates = [rate(asked.window, name) for name in names]
            return Line.through(rates, [float(pace[which].mean()) for which in inside]).fit

        return {
            "day_hour_requests_per_second": lambda asked: rate(asked.window, asked.entity),
            "pace_fit": fit,
        }

    def pace(self, window: Window) -> Any:
        """Each request's response time ÷ its endpoint's mean over the window."""
        requests = self.of_requests.counted(window).requests
        names = sorted({endpoint.name for endpoint in ENDPOINTS})
        place = np.array([names.index(endpoint.name) for endpoint in ENDPOINTS])[requests.endpoint]
        number = np.bincount(place, minlength=len(names))
        total = np.bincount(place, weights=requests.latency_ms, minlength=len(names))
        return requests.latency_ms / (total / np.maximum(number, 1))[place]

    # --- the trend ----------------------------------------------------------------------------------------

    def _trend(self) -> Figures:
        return {
            "trend_days": lambda asked: self._of(asked).days,
            "trend_p": lambda asked: self._of(asked).p,
            "trend_autocorrelation": lambda asked: self._of(asked).correlation,
            "trend_preference": lambda asked: self._of(asked).preference,
            "trend_level": lambda asked: (
                self._of(asked).level + (0 if asked.is_before else self._of(asked).change)
            ),
            "trend_slope": lambda asked: self._of(asked).slope,
            "trend_slope_share": lambda asked: self._of(asked).slope / self._of(asked).level,
        }

    def _of(self, asked: Asked) -> Trend:
        """Of the days but that of the incident, which is no day as others are."""
        key = asked.fact.measurement.id
        if key not in self._trends:
            days, values = self._daily(asked.fact.window, asked.parameters["figure"])
            self._trends[key] = trend(days, values, asked.parameters["least_segment"])
        return self._trends[key]

    def _daily(self, window: Window, figure: str) -> tuple[list[int], list[float]]:
        """Days as numbers, 0 being a Monday, with their mean; or with their pace at the window's mean."""
        all_, pace = self.of_requests.counted(window), self.pace(window)
        days, values = [], []
        for day in self.world.days(window):
            if day.contains(self.world.truth.incident.start):
                continue
            of_day = self.of_requests.counted(day)
            first = int(np.searchsorted(all_.requests.at, of_day.requests.at[0]))
            mean = float(pace[first : first + of_day.number].mean()) * all_.mean
            days.append(day.local(day.start).date().toordinal() - 1)
            values.append(mean if figure == "speed" else of_day.mean)
        return days, values


def busiest_start(world: World, window: Window, minutes: int) -> int:
    """Where the busiest of the spans of so many minutes begins into which the clock divides a window."""
    numbers, counts, _ = per_minute(world.requests_in(window))
    spans, place = np.unique(numbers // minutes, return_inverse=True)
    return int(spans[np.argmax(np.bincount(place, weights=counts))]) * minutes * MINUTE_MS
