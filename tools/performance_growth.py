"""How traffic grows from week to week, and what the hours of the day show of load and pace."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from pydantic import Field

from postlaunch.facts import Definition
from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_performance as definitions
from postlaunch.tools.costs import DAYS_A_MONTH
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.performance_lines import Line, line_through, robust_deviation
from postlaunch.tools.performance_weeks import (
    DAYS_A_WEEK,
    alone,
    covered_weeks,
    day_rows,
    no_whole_week,
    week_rows,
)
from postlaunch.tools.request_query import Figure, Row, amount, measured, nothing, rows, share
from postlaunch.tools.trend import TrendRules, days_outside
from postlaunch.windows import Window

LEAST_WEEKS = 4
LEAST_HOURS = 6
"""Hours of the day with requests that make a line of load worth fitting."""


class GrowthParameters(WindowParameters):
    """From how many weeks growth may be told."""

    least_weeks: int = Field(default=LEAST_WEEKS, ge=3, le=52, description="Fewest whole weeks")


@REGISTRY.measurement("traffic_growth", source="requests", parameters=GrowthParameters, compares=False)
def traffic_growth(log: RequestLog, parameters: GrowthParameters, limits: Limits) -> Readings:
    """Compound growth a week of requests and of active users over the window's whole ISO weeks, and the peak
    load that it has brought the application to.
    """
    spans = alone(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    weeks = covered_weeks(log, parameters.window)
    if not weeks:
        return Readings(reason=no_whole_week(spans.window), notes=spans.notes)
    full, notes, surges = _countable(log, weeks, parameters, limits)
    line = _growth_line(full, "requests") if len(full) >= parameters.least_weeks else None
    if line is None:
        least = parameters.least_weeks
        return Readings(
            reason=f"not enough data: {len(full)} whole weeks with requests on every day, {least} needed",
            notes=(*spans.notes, *notes),
        )
    return Readings(
        readings=tuple(_growth(spans.window, full, line, len(weeks) - 1)),
        texts=({"set_aside": [f"{day:%Y-%m-%d}" for day in surges]},),
        notes=(*spans.notes, *notes),
    )


Counted = tuple[int, Row]
"""A week that counts: its place in the window, and its row."""


def _countable(
    log: RequestLog, weeks: tuple[Window, ...], parameters: GrowthParameters, limits: Limits
) -> tuple[list[Counted], tuple[str, ...], tuple[date, ...]]:
    """The weeks with requests on every day and without a day far outside, why others do not count, and those
    days. Where too few would be left, weeks with such days count after all.
    """
    by_week = week_rows(log, weeks, limits)
    full = [
        (place, row)
        for place, week in enumerate(weeks)
        if (row := by_week.get(week.label)) and row["days"] == DAYS_A_WEEK
    ]
    there = {place for place, _ in full}
    notes = [
        f"{week.label} is left out: days without requests" for n, week in enumerate(weeks) if n not in there
    ]
    surges = _surges(log, weeks, limits)
    struck = {
        place: day
        for place, week in enumerate(weeks)
        for day in surges
        if week.start <= _noon(day, week) < week.end
    }
    calm = [(place, row) for place, row in full if place not in struck]
    if len(calm) < parameters.least_weeks:
        return full, tuple(notes), ()
    notes += [
        f"growth: {weeks[place].label} is left out, {day:%Y-%m-%d} is far outside every pattern of requests"
        for place, day in struck.items()
    ]
    return calm, tuple(notes), surges


def _surges(log: RequestLog, weeks: tuple[Window, ...], limits: Limits) -> tuple[date, ...]:
    """Days whose requests neither weekdays nor a trend explain: a burst is no growth."""
    span = Window(start=weeks[0].start, end=weeks[-1].end, zone=weeks[0].zone)
    days = day_rows(log, span, limits)
    return days_outside(
        [row["day"] for row in days], [math.log(row["requests"]) for row in days], TrendRules()
    )


def _noon(day: date, week: Window) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(week.zone))


def _growth_line(full: Sequence[tuple[int, Row]], what: str) -> Line | None:
    points = [(place, row[what]) for place, row in full if row[what]]
    return line_through([place for place, _ in points], [math.log(value) for _, value in points])


def _growth(window: Window, full: Sequence[tuple[int, Row]], line: Line, last: int) -> Iterator[Reading]:
    def read(definition: Definition, value: float, n: int = line.n, entity: str = "application") -> Reading:
        return Reading(definition=definition, value=value, n=n, window=window, entity=entity)

    yield read(definitions.TRAFFIC_GROWTH, math.expm1(line.slope))
    yield read(definitions.TRAFFIC_GROWTH_MONTHLY, math.expm1(line.slope * DAYS_A_MONTH / DAYS_A_WEEK))
    yield read(definitions.GROWTH_FIT, line.fit)
    yield read(definitions.GROWTH_SCATTER, line.scatter)
    yield read(definitions.GROWTH_ERROR, line.slope_error)
    yield read(definitions.GROWTH_MIDDLE, last - line.middle)
    ratios = [row["peak_per_second"] / row["requests"] for _, row in full]
    yield read(definitions.PEAK_LEVEL, math.exp(line.at(last)) * median(ratios))
    yield read(definitions.PEAK_SCATTER, robust_deviation([math.log(ratio) for ratio in ratios]))
    users = [(place, row) for place, row in full if row["users"]]
    if len(users) == len(full) and (of_users := _growth_line(users, "users")):
        yield read(definitions.USER_GROWTH_WEEKLY, math.expm1(of_users.slope))


# --- the busiest minutes ----------------------------------------------------------------------------------


class BusiestParameters(WindowParameters):
    """How long a span."""

    minutes: int = Field(default=5, ge=1, le=60, description="Minutes of the span looked for")


BUSIEST = (
    Figure(definitions.BUSIEST_START, amount("begins", of="requests")),
    Figure(definitions.BUSIEST_RATE, amount("per_second", of="requests")),
    Figure(definitions.BUSIEST_MEAN, amount("mean", of="timed")),
    Figure(definitions.BUSIEST_ERROR_RATE, share("failed", "requests")),
)


@REGISTRY.measurement("busiest_minutes", source="requests", parameters=BusiestParameters, compares=False)
def busiest_minutes(log: RequestLog, parameters: BusiestParameters, limits: Limits) -> Readings:
    """The busiest few minutes of the window: when they began, requests per second, response time and error
    rate in them.
    """
    spans = alone(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    seconds = parameters.minutes * 60
    row = rows(log, "busiest_span", spans.window, limits, seconds=seconds)[0]
    figures = {**row, "per_second": row["requests"] / seconds}
    return Readings(readings=tuple(measured(BUSIEST, spans, figures)), notes=spans.notes)


def busiest_window(start: float, minutes: int, zone: str) -> Window:
    """The span of the busiest minutes, from the moment that was measured."""
    begin = datetime.fromtimestamp(start, UTC)
    return Window(start=begin, end=begin + timedelta(minutes=minutes), zone=zone)


# --- the hours of the day ---------------------------------------------------------------------------------


@REGISTRY.measurement("load_by_hour_of_day", source="requests", parameters=WindowParameters, compares=False)
def load_by_hour_of_day(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Requests per second and pace (response time whatever the mix) in each hour of the day, over all days of
    the window, and whether requests are slower when there are more of them.
    """
    spans = alone(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    seconds = seconds_by_hour(spans.window)
    hours = [
        {**row, "rate": row["requests"] / seconds[row["hour"]]}
        for row in rows(log, "hours_of_day", spans.window, limits, zone=spans.window.zone)
        if seconds.get(row["hour"])
    ]
    readings = [reading for row in hours for reading in _hour(spans.window, row)]
    return Readings(
        readings=(*_by_load(spans.window, hours), *readings)[: limits.rows],
        notes=spans.notes,
    )


def _hour(window: Window, row: Row) -> Iterator[Reading]:
    entity = hour_name(row["hour"])
    yield Reading(definitions.HOUR_RATE, row["rate"], row["requests"], window, entity)
    if row["timed"]:
        yield Reading(definitions.HOUR_PACE, row["pace"], row["timed"], window, entity)


def _by_load(window: Window, hours: Sequence[Row]) -> Iterator[Reading]:
    """Slope and fit of the pace over the rate."""
    timed = [row for row in hours if row["timed"]]
    if len(timed) < LEAST_HOURS:
        return
    line = line_through([row["rate"] for row in timed], [row["pace"] for row in timed])
    if line is not None:
        yield Reading(definitions.PACE_SLOPE, line.slope, line.n, window)
        yield Reading(definitions.PACE_FIT, line.fit, line.n, window)


def hour_name(hour: int) -> str:
    """An hour of the day as an entity: "14:00–15:00"."""
    return f"{hour:02d}:00–{(hour + 1) % 24:02d}:00"


def seconds_by_hour(window: Window) -> dict[int, float]:
    """How many seconds of the observed part of a window fall into each hour of the day on its clock."""
    place = ZoneInfo(window.zone)
    seconds: dict[int, float] = {}
    at = window.start
    while at < window.observed_end:
        local = at.astimezone(place)
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        upto = min(at + timedelta(hours=1) - into, window.observed_end)
        seconds[local.hour] = seconds.get(local.hour, 0.0) + (upto - at).total_seconds()
        at = upto
    return seconds
