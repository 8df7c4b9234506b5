"""What an incident report states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from itertools import chain

from postlaunch.facts import Derived, Quantity
from postlaunch.printing import value_text
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.plan_statements import Allowance as Allowed
from postlaunch.reports.consistency.plan_statements import Target
from postlaunch.reports.consistency.statements import Breakdown, Observation, Share, Statement
from postlaunch.reports.consistency.time_statements import AlertRule, Downtime, Firing, Span
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.incident_parts import AlertFired, Allowance
from postlaunch.windows import Window

MINUTES_A_DAY = 24 * 60
WEEK_DAYS = 7


def incident_statements(report: IncidentReport) -> Iterator[Statement]:
    """Every figure of the report that stands in some relation to another, in the report or in another one."""
    told = _Told(report)
    parts: Iterable[Iterable[Statement]] = (
        _spans(told),
        _failures(told),
        _users(told),
        _down(told),
        *(_allowance(told, one) for one in report.allowances),
        *(_alert(told, one) for one in report.fired),
    )
    return chain.from_iterable(parts)


class _Told:
    """A report whose figures are taken as it prints them."""

    def __init__(self, report: IncidentReport) -> None:
        self.report = report
        self.title = f"{report.title} {report.incident_id}".strip()
        self.zone = report.window.zone

    def figure(self, quantity: Quantity) -> Figure | None:
        """A quantity as printed; None where there is none."""
        return Figure.stated(quantity, zone=self.zone, currency=self.report.currency)

    def moment(self, quantity: Quantity) -> datetime | None:
        """The moment that a quantity states."""
        figure = self.figure(quantity)
        return None if figure is None else datetime.fromtimestamp(float(figure.value), UTC)

    @property
    def inside(self) -> Window | None:
        """From the first failing minute to the end of the last."""
        start, end = self.moment(self.report.began), self.moment(self.report.ended)
        if start is None or end is None or end <= start:
            return None
        return Window(start=start, end=end, zone=self.zone)

    def count(self, quantity: Quantity, metric: str = "requests", **of: str) -> Iterator[Observation]:
        """So many of a population, within the incident."""
        figure, inside = self.figure(quantity), self.inside
        if figure is not None and inside is not None:
            yield Observation(report=self.title, window=inside, metric=metric, value=figure, of=of)


def _spans(told: _Told) -> Iterator[Statement]:
    """The failures, the response and the timeline, each from its start to its end."""
    report = told.report
    spans = (
        ("the failures", report.began, report.ended, report.impact_duration),
        ("the response", report.detected, report.resolved, report.duration),
    )
    for what, first, last, length in spans:
        start, end = told.moment(first), told.moment(last)
        if start is not None and end is not None and told.figure(length) is not None:
            yield Span(report=told.title, what=what, start=start, end=end, length=told.figure(length))
    steps = [moment for entry in report.timeline.items if (moment := told.moment(entry.at))]
    if steps:
        yield Span(report=told.title, what="the timeline", start=steps[0], end=steps[-1], steps=tuple(steps))


def _failures(told: _Told) -> Iterator[Statement]:
    """Failed and all requests, their share, and the busiest minute."""
    report = told.report
    yield from told.count(report.requests)
    yield from told.count(report.failed, answer="error", family="5xx")
    failed, requests, rate = (
        told.figure(quantity) for quantity in (report.failed, report.requests, report.error_rate)
    )
    if failed is not None and requests is not None and rate is not None:
        yield Share(
            report=told.title,
            window=told.inside,
            what="requests failed",
            part=failed,
            whole=requests,
            share=rate,
        )
    peak, inside = told.figure(report.peak_load), told.inside
    if peak is not None and inside is not None:
        yield Observation(
            report=told.title,
            window=inside,
            metric="requests",
            value=peak,
            statistic="peak",
            per="second",
        )


def _users(told: _Told) -> Iterator[Statement]:
    """Users hit, and their share of those active in the week."""
    users, share = told.report.users, told.figure(told.report.users.share)
    if not users.estimated:
        yield from told.count(users.count, metric="users", answer="error", family="5xx")
    part = told.figure(users.count)
    if part is None or share is None or not isinstance(users.share, Derived):
        return
    whole = told.figure(users.share.inputs[-1])
    if whole is None:
        return
    yield Share(report=told.title, what="users affected", part=part, whole=whole, share=share)
    yield Breakdown(report=told.title, what="users of the week", whole=whole, parts=(part,), complete=False)


def _down(told: _Told) -> Iterator[Statement]:
    """Minutes down in the incident: they are counted as downtime, wherever uptime is told."""
    down, inside = told.figure(told.report.down), told.inside
    if down is None or inside is None:
        return
    yield Downtime(report=told.title, window=inside, what="the incident", minutes=down)
    lasted = told.figure(told.report.impact_duration)
    if lasted is not None:
        yield Breakdown(
            report=told.title, what="minutes of the incident", whole=lasted, parts=(down,), complete=False
        )


def _allowance(told: _Told, allowance: Allowance) -> Iterator[Statement]:
    """What the objective allows over its window, in minutes or in requests; no incident spends more than all
    that was spent.
    """
    target = allowance.target
    goal = Figure.of(target.value, target.unit, target.text())
    yield Target(report=told.title, metric=target.objective, value=goal, direction=target.direction)
    allowed, spent, used = (
        told.figure(quantity) for quantity in (allowance.allowed, allowance.spent, allowance.used)
    )
    if spent is not None and used is not None:
        what = f"{target.title} spent by {allowance.by}"
        yield Breakdown(report=told.title, what=what, whole=spent, parts=(used,), complete=False)
    whole = _whole(told, allowance)
    if allowed is None or whole is None:
        return
    failing = Fraction(1) - goal.value
    yield Allowed(
        report=told.title,
        what=f"error budget of {target.title} by {allowance.by}",
        failing=Figure(text=value_text(float(failing), "ratio"), value=failing, unit="ratio"),
        whole=whole,
        allowed=allowed,
        bad=spent,
    )


def _whole(told: _Told, allowance: Allowance) -> Figure | None:
    """Of which the allowance is a share: the minutes, or the requests, of the objective's window."""
    if allowance.by == "requests":
        allowed = allowance.allowed
        return told.figure(allowed.inputs[-1]) if isinstance(allowed, Derived) else None
    days = allowance.target.window.removesuffix("d")
    minutes = int(days) * MINUTES_A_DAY if days.isdigit() else 0
    return Figure.of(minutes, "minutes", value_text(minutes, "minutes")) if minutes else None


def _alert(told: _Told, fired: AlertFired) -> Iterator[Statement]:
    """An alert's rule, and that it fired."""
    threshold, lasting, extreme, after = (
        told.figure(quantity) for quantity in (fired.threshold, fired.lasting, fired.extreme, fired.after)
    )
    if threshold is None or lasting is None or extreme is None or after is None:
        return
    yield AlertRule(report=told.title, name=fired.name, threshold=threshold, lasting=lasting)
    yield Firing(report=told.title, alert=fired.name, extreme=extreme, after=after)
