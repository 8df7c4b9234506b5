"""Response times and load over time: by whole ISO week against the week before, and by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_performance as definitions
from postlaunch.tools.definitions_request_groups import DAY_MEAN_RESPONSE_TIME, DAY_REQUESTS
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.request_query import (
    Figure,
    Row,
    Spans,
    amount,
    count,
    measured,
    nothing,
    rows,
    spans_of,
)
from postlaunch.windows import Window, iso_week_of, weeks_of

DAYS_A_WEEK = 7

WEEK = (
    Figure(definitions.WEEK_MEAN_RESPONSE_TIME, amount("mean", of="timed")),
    Figure(definitions.WEEK_P95_RESPONSE_TIME, amount("p95", of="timed")),
    Figure(definitions.WEEK_REQUESTS, count("requests")),
    Figure(definitions.WEEK_USERS, amount("users", of="with_user")),
    Figure(definitions.WEEK_PEAK, amount("peak_per_second", of="requests")),
)

DayFigure = Literal["mean", "p95", "requests", "peak"]

DAY: Mapping[DayFigure, Figure] = {
    "mean": Figure(DAY_MEAN_RESPONSE_TIME, amount("mean", of="timed")),
    "p95": Figure(definitions.DAY_P95_RESPONSE_TIME, amount("p95", of="timed")),
    "requests": Figure(DAY_REQUESTS, count("requests")),
    "peak": Figure(definitions.DAY_PEAK, amount("peak_per_second", of="requests")),
}


class DaysParameters(WindowParameters):
    """Which figures of each day."""

    figures: tuple[DayFigure, ...] = Field(
        default=("mean", "p95", "requests", "peak"), min_length=1, description="Figures of each day"
    )


@REGISTRY.measurement(
    "response_times_by_week", source="requests", parameters=WindowParameters, compares=False
)
def response_times_by_week(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Response times, requests, users and peak load of each whole ISO week of the window, each against the
    week before it.
    """
    spans = alone(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    weeks = covered_weeks(log, parameters.window)
    if not weeks:
        return Readings(reason=no_whole_week(spans.window), notes=spans.notes)
    by_week = week_rows(log, weeks, limits)
    readings: list[Reading] = []
    notes: list[str] = list(spans.notes)
    for week in weeks:
        row = by_week.get(week.label)
        if row is None:
            notes.append(f"{week.label}: no requests")
            continue
        if row["days"] < DAYS_A_WEEK:
            notes.append(f"{week.label}: requests on only {row['days']} of 7 days")
        readings += _week(week, row, by_week, spans)
    listed = readings[-limits.rows :]
    if len(listed) < len(readings):
        notes.append(f"only the last {len(listed)} of {len(readings)} figures are listed")
    return Readings(readings=tuple(listed), notes=tuple(notes))


def _week(week: Window, row: Row, by_week: Mapping[str, Row], spans: Spans) -> list[Reading]:
    """The figures of a week; compared with the week before where the log covers that."""
    before = week.before()
    against = Spans(spans.window, spans.requests, before, ())
    return measured(WEEK, against, row, by_week.get(before.label), entity=week.label)


def alone(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Spans:
    """The window observed, without a baseline."""
    return spans_of(log, parameters.model_copy(update={"baseline": None}), limits)


def covered_weeks(log: RequestLog, window: Window) -> tuple[Window, ...]:
    """The whole ISO weeks of a window, as asked for, that the log covers from end to end; oldest first.

    A window cut where the log ends would lose a week whose last request came some seconds before midnight.
    """
    return tuple(week for week in weeks_of(window) if _covered(log, week))


def _covered(log: RequestLog, week: Window) -> bool:
    return log.coverage.begins_by(week.start) and log.coverage.lasts_to(week.end)


def no_whole_week(window: Window) -> str:
    """Why nothing can be said by week."""
    return f"the log covers no whole ISO week of {window.label or window.days()}"


def week_rows(log: RequestLog, weeks: tuple[Window, ...], limits: Limits) -> dict[str, Row]:
    """The rows of these weeks, and of the week before the first where the log covers it; by label."""
    before = weeks[0].before()
    start = before.start if _covered(log, before) else weeks[0].start
    span = Window(start=start, end=weeks[-1].end, zone=weeks[0].zone)
    found = rows(log, "weeks", span, limits, zone=span.zone)
    return {iso_week_of(_day(row["week"]), span.zone).label: _with_peak(row) for row in found}


def _with_peak(row: Row) -> Row:
    return {**row, "peak_per_second": row["busiest_minute"] / 60}


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


# --- days -------------------------------------------------------------------------------------------------


@REGISTRY.measurement("response_times_by_day", source="requests", parameters=DaysParameters, compares=False)
def response_times_by_day(log: RequestLog, parameters: DaysParameters, limits: Limits) -> Readings:
    """Mean and 95th percentile of the response time, requests and peak load of each day. Days without
    requests are left out, and the oldest where there are too many to list.
    """
    spans = alone(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    figures = [DAY[name] for name in dict.fromkeys(parameters.figures)]
    most = max(limits.rows // len(figures), 1)
    days = day_rows(log, spans.window, limits)
    listed = days[-most:]
    cut = (f"only the last {most} of {len(days)} days are listed",) if len(listed) < len(days) else ()
    return Readings(
        readings=tuple(
            reading
            for row in listed
            for reading in measured(figures, spans, row, entity=f"{row['day']:%Y-%m-%d}")
        ),
        notes=spans.notes + cut,
    )


def day_rows(log: RequestLog, window: Window, limits: Limits) -> list[Row]:
    """A row for each day of the window with requests."""
    found = rows(log, "days", window, limits, zone=window.zone)
    return [{**_with_peak(row), "day": _day(row["day"])} for row in found]


def is_whole(log: RequestLog, day: date, window: Window) -> bool:
    """Whether all of a day lies in a window as it was asked for, and in the log."""
    place = ZoneInfo(window.zone)
    start = datetime(day.year, day.month, day.day, tzinfo=place)
    after = day + timedelta(days=1)
    end = datetime(after.year, after.month, after.day, tzinfo=place)
    inside = start >= window.start and end <= window.observed_end
    return inside and log.coverage.begins_by(start) and log.coverage.lasts_to(end)
