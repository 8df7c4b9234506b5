"""Performance over time: the weeks with their deltas, the trend, how the response time stands, the charts."""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.agents.performance_span import NO_LATENCY, Span
from postlaunch.facts import Assumed, Derived, Fact, Forecast, Measured, Quantity, Unavailable
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.performance import Standing, TrendVerdict, WeekRow
from postlaunch.reports.performance_capacity import CapacityPlan
from postlaunch.reports.report import Listing
from postlaunch.reports.series import Point, Series
from postlaunch.tools.performance_verdicts import trend_verdict
from postlaunch.tools.verdicts import row_status
from postlaunch.windows import parse_week

STANDINGS = (
    ("mean_response_time", "Avg Response Time"),
    ("p95_response_time", "95th Percentile"),
)
NO_WEEK_BEFORE = "no week before it was measured"


def week_rows(span: Span) -> Listing[WeekRow]:
    """The whole ISO weeks of the span, oldest first."""
    labels = dict.fromkeys(fact.entity for fact in span.facts("weeks", "week_requests"))
    items = tuple(_week(span, label) for label in labels)
    reason = span.reason("weeks", "no whole week was measured")
    return Listing[WeekRow](items=items, reason="" if items else f"not enough data: {reason}")


def _week(span: Span, label: str) -> WeekRow:
    mean = span.fact("weeks", "week_mean_response_time", label)

    def of(name: str, reason: str = "") -> Quantity:
        return span.quantity("weeks", name, label, reason=reason)

    before = Unavailable(reason=NO_LATENCY) if mean is None else Measured.baseline_of(mean)
    return WeekRow(
        label=label,
        window=parse_week(label, span.window.zone),
        mean=of("week_mean_response_time", NO_LATENCY),
        p95=of("week_p95_response_time", NO_LATENCY),
        requests=of("week_requests"),
        peak=of("week_peak_requests_per_second"),
        delta=_delta(mean, before),
        change=None if mean is None else mean.change,
        before=before,
    )


def _delta(mean: Fact | None, before: Quantity) -> Quantity:
    if mean is None or not isinstance(before, Measured):
        return Unavailable(reason=NO_LATENCY if mean is None else NO_WEEK_BEFORE)
    statement = "mean of the week − mean of the week before"
    return Derived.of("difference", Measured.of(mean), before, unit="ms", statement=statement)


# --- trend ------------------------------------------------------------------------------------------------


def trend(span: Span) -> TrendVerdict:
    """The verdict on the response time over the span, with mix told from speed."""
    found = trend_verdict(span.results.get("trend"), span.reason("trend", NO_LATENCY))
    return found.model_copy(update={"remarks": (*_mix_and_speed(span), *_speed_trend(span), *found.remarks)})


def _mix_and_speed(span: Span) -> Iterator[Sentence]:
    """How much of the change from the first to the last week came from speed, how much from the mix."""
    rate, mix = span.fact("mix", "rate_effect"), span.fact("mix", "mix_effect")
    mean = span.fact("mix", "mean_response_time")
    if rate is None or mix is None or mean is None or span.oldest is None:
        return
    yield said(
        "{oldest} → {newest}: {mean.before} → {mean} ({mean.change}), of which {rate} from the speed of the "
        "endpoints and {mix} from the mix of traffic",
        oldest=span.oldest.label,
        newest=span.typical.label,
        mean=mean,
        rate=rate,
        mix=mix,
    )
    slower, faster = span.fact("mix", "endpoints_slower"), span.fact("mix", "endpoints_faster")
    rose = mean.baseline is not None and mean.value > mean.baseline and rate.value <= 0 < mix.value
    if rose and slower is not None and faster is not None:
        yield said(
            "a mix shift: the mean rose though {faster} endpoints became faster and {slower} slower",
            faster=faster,
            slower=slower,
        )


def _speed_trend(span: Span) -> Iterator[Sentence]:
    """What the trend is at an unchanged mix, where it differs from that of the mean."""
    result = span.results.get("trend_speed")
    p = result.fact("trend_p", "unchanged mix") if result else None
    if result is None or p is None:
        return
    level = result.fact("trend_level", "unchanged mix")
    if level is None:
        if span.fact("trend", "trend_level") is not None:
            yield said("at an unchanged mix of endpoints there is no trend (p {p})", p=p)
        return
    yield said(
        "at an unchanged mix of endpoints: {level.before} → {level} ({level.change}, p {p})", level=level, p=p
    )


# --- against the objectives -------------------------------------------------------------------------------


def standings(span: Span) -> tuple[Standing, ...]:
    """Mean and 95th percentile of the newest week against their objectives."""
    return tuple(_standing(span, metric, title) for metric, title in STANDINGS)


def _standing(span: Span, metric: str, title: str) -> Standing:
    fact, target = span.fact("summary", metric), span.target(metric)
    reason = span.reason("summary", NO_LATENCY)
    verdict = row_status(fact, target, span.settings.verdicts, reason=reason)
    return Standing(
        metric=metric,
        title=title,
        value=span.quantity("summary", metric, reason=NO_LATENCY),
        target=target,
        status=verdict.status,
        because=verdict.because,
    )


# --- charts -----------------------------------------------------------------------------------------------


def series(span: Span, weeks: Listing[WeekRow], capacity: CapacityPlan) -> tuple[Series, ...]:
    """Response time by week and by day, requests per second with their forecasts."""
    return tuple(filter(None, (_by_week(span, weeks), _by_day(span), _peaks(weeks, capacity))))


def _by_week(span: Span, weeks: Listing[WeekRow]) -> Series | None:
    points = tuple(Point(label=row.label, value=row.mean) for row in weeks.items)
    if not any(point.value.kind == "measured" for point in points):
        return None
    return Series(
        metric="week_mean_response_time",
        title="Average response time per week",
        unit="ms",
        points=points,
        target=span.target("mean_response_time"),
        form="line",
    )


def _by_day(span: Span) -> Series | None:
    facts = sorted(span.facts("days", "day_mean_response_time"), key=lambda fact: fact.entity)
    if not facts:
        return None
    return Series(
        metric="day_mean_response_time",
        title="Average response time per day",
        unit="ms",
        points=tuple(Point(label=fact.entity, value=Measured.of(fact)) for fact in facts),
        target=span.target("mean_response_time"),
        form="line",
    )


def _peaks(weeks: Listing[WeekRow], capacity: CapacityPlan) -> Series | None:
    """The weekly peaks as they were, then the forecasts with their intervals."""
    points = [Point(label=row.label, value=row.peak) for row in weeks.items]
    for projection in capacity.projections:
        if projection.months and isinstance(projection.peak, Forecast):
            label = f"in {projection.months} months"
            peak = projection.peak
            points.append(Point(label=label, value=peak, low=peak.low, high=peak.high))
    if not any(isinstance(point.value, (Measured, Derived, Assumed, Forecast)) for point in points):
        return None
    return Series(
        metric="week_peak_requests_per_second",
        title="Peak requests per second, and forecast",
        unit="per_second",
        points=tuple(points),
        form="intervals",
    )
