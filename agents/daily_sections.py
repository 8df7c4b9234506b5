"""The sections of the daily check that list things: metrics, log lines, alerts, charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from postlaunch.agents.daily_measured import USUAL
from postlaunch.agents.health_metrics import METRICS, UNRATED, Metric
from postlaunch.agents.health_week import Week
from postlaunch.facts import Change, Fact, Measured, Quantity, Unavailable, change_between
from postlaunch.reports.daily import AlertLine, AlertStatus, DayRow, LevelLine, LogKind, Novelty
from postlaunch.reports.report import Listing
from postlaunch.reports.series import Point, Series
from postlaunch.tools import definitions_logs as logs
from postlaunch.tools.error_spells import FALSE_ALARMS, poisson_tail
from postlaunch.tools.incident_records import AlertSeen
from postlaunch.tools.verdicts import row_status

ROWS = (
    "uptime",
    "availability",
    "error_rate",
    "mean_response_time",
    "p95_response_time",
    "total_requests",
    "client_error_rate",
    "active_users",
)
"""What of the weekly report's key metrics a day is told by."""

NO_SOURCE = "no source of logs is configured"
NO_ALERTS = "no source of alerts is configured"
GRAVE = frozenset({"error", "critical"})
LEAST_USUAL = 1 / 7
"""Lines a day that are taken as usual of a kind seen less than once in the week before."""


# --- metrics ------------------------------------------------------------------------------------------------


def metric_rows(week: Week) -> tuple[DayRow, ...]:
    """The day's metrics; availability only where uptime cannot be told."""
    known = {metric.name: metric for metric in METRICS}
    rows = (known[name] for name in ROWS if _needed(week, known[name]))
    return tuple(_row(week, metric) for metric in rows)


def _needed(week: Week, metric: Metric) -> bool:
    if metric.stands_in_for:
        return week.fact(metric.stands_in_for, metric.stands_in_for) is None
    return metric.name != "active_users" or week.fact(metric.asked, metric.name) is not None


def _row(week: Week, metric: Metric) -> DayRow:
    """A row, rated by its target and, where it is known, against the same weekday."""
    fact = week.fact(metric.asked, metric.name)
    usual = week.fact(USUAL + metric.asked, metric.name)
    reason = week.reason(metric.asked, metric.missing)
    rated = usual if usual is not None and usual.baseline is not None else fact
    target = week.target(metric.objective) if metric.objective else None
    verdict = row_status(rated, target, week.settings.verdicts, reason=reason)
    if metric.stands_in_for and fact:
        verdict = UNRATED
    missing = Unavailable(reason=reason)
    return DayRow(
        metric=metric.name,
        title=metric.title,
        this=missing if fact is None else Measured.of(fact),
        before=missing if fact is None else Measured.baseline_of(fact),
        change=None if fact is None else fact.change,
        usual=missing if usual is None else Measured.baseline_of(usual),
        usual_change=_moved(usual, fact),
        target=target,
        status=verdict.status,
        because=verdict.because,
        definition="" if fact is None else fact.definition.statement,
        n=None if fact is None else fact.n,
    )


def _moved(usual: Fact | None, fact: Fact | None) -> Change | None:
    """From the same weekday to the day; both measured the day, and sums of fractions may differ in their last
    digit from one query to the next.
    """
    if usual is None or usual.baseline is None or fact is None:
        return None
    return change_between(usual.baseline, fact.value, fact.unit)


# --- logs ---------------------------------------------------------------------------------------------------


def log_levels(week: Week) -> Listing[LevelLine]:
    """Lines by level, the gravest first."""
    items = tuple(
        LevelLine(
            level=fact.entity,
            lines=Measured.of(fact),
            before=Measured.baseline_of(fact),
            change=fact.change,
        )
        for fact in week.facts("log_levels", logs.LEVEL_LINES.name)
    )
    return Listing[LevelLine](items=items, reason="" if items else _no_lines(week, "log_levels"))


def _no_lines(week: Week, asked: str) -> str:
    return f"not available: {week.reason(asked) if asked in week.results else NO_SOURCE}"


def log_kinds(week: Week) -> Listing[LogKind]:
    """Warnings and errors by kind: the new first, then the growing, then the most frequent."""
    items = tuple(_kind(week, fact) for fact in week.facts("log_templates", logs.TEMPLATE_LINES.name))
    order: Mapping[Novelty, int] = {"new": 0, "growing": 1, "known": 2}
    ranked = tuple(sorted(items, key=lambda kind: order[kind.novelty]))
    if ranked:
        return Listing[LogKind](items=ranked)
    result = week.results.get("log_templates")
    quiet = result is not None and result.status == "ok"
    reason = "None: no warning and no error was logged" if quiet else _no_lines(week, "log_templates")
    return Listing[LogKind](reason=reason)


def _kind(week: Week, lines: Fact) -> LogKind:
    text = texts_of(week).get(lines.entity, {})
    return LogKind(
        entity=lines.entity,
        level=lines.entity.partition(" ")[0],
        logger=str(text.get("logger", "")),
        template=str(text.get("template", lines.entity)),
        lines=Measured.of(lines),
        before=Measured.baseline_of(lines),
        usual=week.quantity("log_templates", logs.TEMPLATE_USUAL_LINES.name, lines.entity),
        first_seen=week.quantity("log_templates", logs.TEMPLATE_FIRST_SEEN.name, lines.entity),
        novelty=novelty(week, lines),
    )


def texts_of(week: Week) -> dict[str, Mapping[str, object]]:
    """What lines of each kind say, by the kind's entity."""
    result = week.results.get("log_templates")
    return {str(text.get("entity")): text for text in result.texts} if result else {}


def novelty(week: Week, lines: Fact) -> Novelty:
    """New where its first line is of the window and the log tells; growing where there are `template_growth`
    times its usual lines, beyond chance.
    """
    told = week.fact("log_templates", logs.TEMPLATES_NEW.name)
    first = week.fact("log_templates", logs.TEMPLATE_FIRST_SEEN.name, lines.entity)
    if told is None or first is None:
        return "known"
    if first.value >= week.window.start.timestamp():
        return "new"
    usual = week.fact("log_templates", logs.TEMPLATE_USUAL_LINES.name, lines.entity)
    expected = max(usual.value if usual else 0.0, LEAST_USUAL) * _days(week)
    settings = week.settings.monitoring
    many = lines.value >= settings.template_least and lines.value >= settings.template_growth * expected
    return "growing" if many and poisson_tail(round(lines.value), expected) <= FALSE_ALARMS else "known"


def _days(week: Week) -> float:
    return (week.window.observed_end - week.window.start) / timedelta(days=1)


# --- alerts -------------------------------------------------------------------------------------------------


def alert_lines(week: Week) -> Listing[AlertLine]:
    """The alerts that fired in the window, each with what became of it."""
    if "alerts" not in week.results:
        return Listing[AlertLine](reason=f"not available: {NO_ALERTS}")
    items = tuple(_alert(week, fired) for fired in alerts_fired(week))
    reason = week.reason("alerts") if week.results["alerts"].status == "error" else _no_alert(week)
    return Listing[AlertLine](items=items, reason="" if items else reason)


def _no_alert(week: Week) -> str:
    """That none fired, and until when that is known."""
    records = week.records
    until = f" until {records.local(records.observed_end):%H:%M}" if records.partial else ""
    return f"None: no alert fired{until}"


def alerts_fired(week: Week) -> tuple[AlertSeen, ...]:
    """Every firing of an alert in the window, oldest first."""
    return tuple(
        alert for alert in week.alerts if alert.record.kind == "fired" and week.window.contains(alert.at)
    )


def _alert(week: Week, fired: AlertSeen) -> AlertLine:
    acknowledged, resolved = (answer_to(week, fired, kind) for kind in ("acknowledged", "resolved"))
    return AlertLine(
        alert=fired.record.alert or fired.name,
        rule=fired.record.rule,
        severity=fired.record.severity,
        fired=Measured.of(fired.fact),
        acknowledged=_moment(acknowledged),
        resolved=_moment(resolved),
        status=alert_status(week, fired),
    )


def _moment(seen: AlertSeen | None) -> Quantity:
    return Unavailable(reason="not recorded") if seen is None else Measured.of(seen.fact)


def answer_to(week: Week, fired: AlertSeen, kind: str) -> AlertSeen | None:
    """The first record of a kind that belongs to an alert, after it fired."""
    own = (
        alert
        for alert in week.alerts
        if alert.record.kind == kind and alert.at >= fired.at and _same(alert, fired)
    )
    return next(own, None)


def _same(one: AlertSeen, other: AlertSeen) -> bool:
    if one.record.alert or other.record.alert:
        return one.record.alert == other.record.alert
    return one.record.rule == other.record.rule


def alert_status(week: Week, fired: AlertSeen) -> AlertStatus:
    """Whether a person took an alert up within the minutes that its severity allows; one that went away
    before then needed nobody, and one that has not waited so long is still waiting.
    """
    allowed = timedelta(minutes=minutes_allowed(week, fired))
    acknowledged, resolved = (answer_to(week, fired, kind) for kind in ("acknowledged", "resolved"))
    if acknowledged is not None:
        return "acknowledged" if acknowledged.at - fired.at <= allowed else "acknowledged late"
    if resolved is not None and resolved.at - fired.at <= allowed:
        return "resolved"
    return "waiting" if fired.at + allowed > week.records.observed_end else "unacknowledged"


def minutes_allowed(week: Week, fired: AlertSeen) -> float:
    """How long an alert may wait for a person; one of a severity that is not set, the longest of all."""
    minutes = week.settings.monitoring.acknowledge_minutes
    return minutes.get(fired.record.severity, max(minutes.values(), default=60.0))


# --- charts -------------------------------------------------------------------------------------------------

HOURS = (
    ("hour_requests", "Requests per hour", ""),
    ("hour_error_rate", "Error rate per hour", "error_rate"),
)


def series(week: Week) -> tuple[Series, ...]:
    """The figures of each hour, for the charts."""
    return tuple(_series(week))


def _series(week: Week) -> Iterator[Series]:
    for name, title, objective in HOURS:
        facts: Sequence[Fact] = week.facts("requests_by_hour", name)
        if facts:
            yield Series(
                metric=name,
                title=title,
                unit=facts[0].unit,
                points=tuple(
                    Point(label=fact.entity.partition(" ")[2] or fact.entity, value=Measured.of(fact))
                    for fact in facts
                ),
                target=week.target(objective) if objective else None,
            )
