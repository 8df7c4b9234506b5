"""When a slowdown that goes on misses each objective of the response time; the soonest comes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from postlaunch.agents.performance_span import Span
from postlaunch.facts import Fact
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence
from postlaunch.reports.performance import Standing, TrendVerdict
from postlaunch.tools.performance_lines import median_line
from postlaunch.windows import Window, parse_week

WEEK = timedelta(days=7)
LEAST_WEEKS = 3
"""Weeks without a day set aside below which no line is laid through them."""

BY_THE_TREND = "by the line of the trend"


@dataclass(frozen=True)
class _Course:
    """Where a response time is at the end of the span, and where it goes.

    Attributes:
        level: in ms; slope: in ms a week.
        basis: how both are known, in words, with the facts behind it.
    """

    level: float
    slope: float
    basis: str
    facts: tuple[str, ...]


def objectives_ahead(span: Span, trend: TrendVerdict, standing: Sequence[Standing]) -> tuple[Sentence, ...]:
    """Every objective that is met now and will be missed if a gradual slowdown goes on, the soonest first."""
    if trend.shape != "ramp" or trend.direction != "slower":
        return ()
    found = [
        (max((row.target.value - course.level) / course.slope, 0.0), _told(row, course))
        for row in standing
        if row.target is not None and row.status in ("ok", "warning")
        for course in _courses(span, row.metric)
    ]
    return tuple(sentence for _, sentence in sorted(found, key=lambda pair: pair[0]))


def _told(row: Standing, course: _Course) -> Sentence:
    assert row.target is not None
    left = (row.target.value - course.level) / course.slope
    number = value_text(left, "count")
    when = "in less than a week" if left < 1 else f"in about {number} {'week' if number == '1' else 'weeks'}"
    goal, level, slope = (value_text(ms, "ms") for ms in (row.target.value, course.level, course.slope))
    return Sentence(
        text=(
            f"{row.title} reaches {goal} {when}, from {level} at the end of the span at {slope} a week "
            f"({course.basis})"
        ),
        facts=course.facts,
    )


def _courses(span: Span, metric: str) -> Iterator[_Course]:
    """The course of a response time that rises; nothing where that cannot be told."""
    course = _of_the_trend(span) if metric == "mean_response_time" else _of_weeks(span, f"week_{metric}")
    if course is not None and course.slope > 0:
        yield course


def _of_the_trend(span: Span) -> _Course | None:
    slope, level = span.fact("trend", "trend_slope"), span.fact("trend", "trend_level")
    if slope is None or level is None:
        return None
    return _Course(level.value, slope.value, BY_THE_TREND, (slope.id, level.id))


def _of_weeks(span: Span, name: str) -> _Course | None:
    """By the weeks without a day set aside: the median of the slopes between any two, which no week moves."""
    weeks = [(parse_week(fact.entity, span.window.zone), fact) for fact in span.facts("weeks", name)]
    usual = [(_middle(week), fact) for week, fact in weeks if not _touched(week, span)]
    if len(usual) < LEAST_WEEKS:
        return None
    first = usual[0][0]
    places = [(at - first) / WEEK for at, _ in usual]
    line = median_line(places, _values([fact for _, fact in usual]))
    return _Course(
        line.at((span.window.observed_end - first) / WEEK),
        line.slope,
        f"by the median slope of the {len(usual)} weeks without a day set aside",
        tuple(fact.id for _, fact in usual),
    )


def _values(facts: Sequence[Fact]) -> list[float]:
    return [fact.value for fact in facts]


def _middle(week: Window) -> datetime:
    return week.start + (week.end - week.start) / 2


def _touched(week: Window, span: Span) -> bool:
    first, after = week.local(week.start).date(), week.local(week.end).date()
    return any(first <= day < after for day in span.set_aside)
