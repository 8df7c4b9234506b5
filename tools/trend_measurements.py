"""The trend of the response time over a window, measured: what became of it, with p, shape, date or slope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from postlaunch.facts import Definition
from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_performance as definitions
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.performance_weeks import alone, day_rows, is_whole
from postlaunch.tools.request_query import Row, nothing
from postlaunch.tools.trend import Trend, TrendRules, trend_of
from postlaunch.windows import Window

LEAST_TIMED = 30
"""Timed requests that make a day's mean one; days with fewer are left out."""

FIGURES = {"mean": "application", "p95": "95th percentile", "speed": "unchanged mix"}
"""What each figure's facts are of."""


class TrendParameters(WindowParameters):
    """Which figure, and what makes a trend of it."""

    figure: Literal["mean", "p95", "speed"] = Field(
        default="mean",
        description="mean: of all requests; p95: their 95th percentile; speed: the mean as it would be with "
        "an unchanged mix of endpoints",
    )
    alpha: float = Field(default=TrendRules.alpha, gt=0, lt=0.5, description="p below which it is a trend")
    least_days: int = Field(default=TrendRules.least_days, ge=14, description="Fewest days")
    least_segment: int = Field(
        default=TrendRules.least_segment, ge=3, description="Fewest days on either side of a step"
    )
    least_change: float = Field(
        default=TrendRules.least_change, ge=0, description="Relative change below which it does not matter"
    )


@REGISTRY.measurement("response_time_trend", source="requests", parameters=TrendParameters, compares=False)
def response_time_trend(log: RequestLog, parameters: TrendParameters, limits: Limits) -> Readings:
    """Whether the response time ramped, stepped (and when) or held over the window's whole days, weekdays
    taken out and autocorrelation tested.
    """
    spans = alone(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    if not log.coverage.has_latency:
        return Readings(reason="the log has no response times", notes=spans.notes)
    every = [row for row in day_rows(log, spans.window, limits) if row["timed"]]
    days = [
        row for row in every if row["timed"] >= LEAST_TIMED and is_whole(log, row["day"], parameters.window)
    ]
    rules = TrendRules(
        parameters.alpha, parameters.least_days, parameters.least_segment, parameters.least_change
    )
    usual = sum(row["mean"] * row["timed"] for row in every) / max(sum(row["timed"] for row in every), 1)
    values = [_value(row, parameters.figure, usual) for row in days]
    trend = trend_of([row["day"] for row in days], values, rules)
    if trend is None:
        return Readings(reason=_too_little(len(days), rules), notes=spans.notes)
    return Readings(
        readings=tuple(_readings(trend, parameters.figure, spans.window)),
        texts=(
            {
                "shape": trend.shape,
                "figure": parameters.figure,
                "dates_tried": trend.dates_tried,
                "set_aside": [f"{day:%Y-%m-%d}" for day in trend.set_aside],
                "relative_change": trend.relative,
            },
        ),
        notes=spans.notes,
    )


def _value(row: Row, figure: str, usual: float) -> float:
    """A day's figure in ms; "speed" is the day's pace × the window's mean."""
    return float(row["pace"]) * usual if figure == "speed" else float(row[figure])


def _too_little(days: int, rules: TrendRules) -> str:
    least = max(rules.least_days, 2 * rules.least_segment)
    return (
        f"not enough data: {days} whole {'day' if days == 1 else 'days'} with at least {LEAST_TIMED} timed "
        f"requests, {least} needed"
    )


def _readings(trend: Trend, figure: str, window: Window) -> Iterator[Reading]:
    """What the trend states; a slope only of a ramp, a date only of a step."""

    def read(definition: Definition, value: float, before: float | None = None) -> Reading:
        return Reading(
            definition=definition,
            value=value,
            n=trend.n,
            window=window,
            entity=FIGURES[figure],
            baseline=before,
            baseline_n=None if before is None else trend.n,
        )

    yield read(definitions.TREND_DAYS, trend.n)
    yield read(definitions.TREND_P, trend.p)
    yield read(definitions.TREND_CORRELATION, trend.correlation)
    yield read(definitions.TREND_PREFERENCE, trend.preference)
    if trend.shape == "none":
        return
    yield read(definitions.TREND_LEVEL, trend.level + trend.change, trend.level)
    if trend.slope is not None:
        yield read(definitions.TREND_SLOPE, trend.slope)
        if trend.level:
            yield read(definitions.TREND_SLOPE_SHARE, trend.slope / abs(trend.level))
    if trend.step_on is not None:
        day = trend.step_on
        start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(window.zone))
        yield read(definitions.TREND_STEP_ON, start.timestamp())
