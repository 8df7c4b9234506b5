"""What a product analytics report states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import chain, pairwise
from zoneinfo import ZoneInfo

from postlaunch.facts import Fact, Measured, Quantity, Unit
from postlaunch.printing import value_text
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.analytics_experiments import ArmDifference, ExperimentResult, MetricResult
from postlaunch.reports.analytics_figures import Funnel as FunnelPart
from postlaunch.reports.analytics_figures import KeyFigure, RetentionDay
from postlaunch.reports.consistency import plan_statements as plans
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.statements import (
    Breakdown,
    Change,
    Entry,
    Observation,
    Ranking,
    Share,
    Statement,
    basis_of,
)
from postlaunch.reports.consistency.time_statements import Lifetime, Observed, Retention
from postlaunch.reports.health import MetricRow
from postlaunch.windows import Window

PEOPLE = "people active in the product"
"""What active users are counted of; a request log knows other ones."""


def analytics_statements(report: AnalyticsReport) -> Iterator[Statement]:
    """Every figure of the report that stands in some relation to another, in the report or in another one."""
    told = _Told(report)
    parts: Iterable[Iterable[Statement]] = (
        _users(told),
        *(_retention(told, day) for day in report.retention),
        _adoption(told),
        *(_funnel(told, funnel) for funnel in report.funnels.items),
        _flow(told),
        _requests(told),
        *(_experiment(told, experiment) for experiment in report.experiments.items),
        *(_row(told, row) for row in report.business),
        _plan(told),
        _life(told),
    )
    return chain.from_iterable(parts)


class _Told:
    """A report whose figures are taken as it prints them."""

    def __init__(self, report: AnalyticsReport) -> None:
        self.report = report
        self.title = report.title
        self.window = report.window

    def figure(self, quantity: Quantity | None) -> Figure | None:
        if quantity is None:
            return None
        return Figure.stated(quantity, zone=self.window.zone, currency=self.report.currency)

    def fact(self, quantity: Quantity) -> Fact | None:
        return self.report.evidence.facts.get(quantity.fact) if isinstance(quantity, Measured) else None

    def key(self, metric: str) -> KeyFigure | None:
        listed = (*self.report.growth, *self.report.time)
        return next((figure for figure in listed if figure.metric == metric), None)

    def of_key(self, metric: str) -> Figure | None:
        key = self.key(metric)
        return self.figure(key.this) if key else None

    def share(
        self, what: str, part: Figure | None, whole: Figure | None, share: Figure | None
    ) -> Iterator[Share]:
        if part is not None and whole is not None and share is not None:
            yield Share(report=self.title, window=self.window, what=what, part=part, whole=whole, share=share)

    def at_most(self, what: str, part: Figure | None, whole: Figure | None) -> Iterator[Breakdown]:
        """A part of a whole of which there may be more."""
        if part is not None and whole is not None:
            yield Breakdown(
                report=self.title, window=self.window, what=what, whole=whole, parts=(part,), complete=False
            )


# --- users ------------------------------------------------------------------------------------------------


def _users(told: _Told) -> Iterator[Statement]:
    """DAU, WAU and MAU one within the other, and within all users; growth from new and total users."""
    yield from _active(told, "daily_active_users", 1)
    yield from _active(told, "monthly_active_users", 30)
    weekly, monthly = told.of_key("weekly_active_users"), told.of_key("monthly_active_users")
    total, new = told.of_key("total_users"), told.of_key("new_users")
    yield from told.at_most("users active in 7 of 30 days", weekly, monthly)
    key = told.key("monthly_active_users")
    share = told.figure(key.share) if key else None
    if share is not None:
        yield from told.at_most("monthly active users of all users", monthly, total)
        yield from told.share("monthly active users", monthly, total, share)
    yield from told.at_most("new users of all users", new, total)
    growth = told.of_key("user_growth")
    if total is not None and new is not None and growth is not None:
        before = total.value - new.value
        text = value_text(float(before), "count")
        yield Change(
            report=told.title,
            window=told.window,
            what="total users over the span",
            before=Figure(text=text, value=before, unit="count"),
            after=total,
            change=growth,
        )
    yield from _moved(told)


def _active(told: _Told, metric: str, days: int) -> Iterator[Observation]:
    key, value = told.key(metric), told.of_key(metric)
    if key is None or value is None:
        return
    yield Observation(
        report=told.title,
        window=told.window if days == 1 else _trailing(told.window, days),
        metric=PEOPLE,
        value=value,
        statistic="mean" if days == 1 else "total",
        per="day" if days == 1 else "",
        trailing_days=days,
        title=key.title,
        definition=key.definition,
    )
    stickiness = told.of_key("stickiness")
    if days > 1 and stickiness is not None:
        yield Observation(report=told.title, window=told.window, metric="stickiness", value=stickiness)


def _trailing(window: Window, days: int) -> Window:
    """So many days up to the window's last complete one."""
    zone = ZoneInfo(window.zone)
    last = window.local(window.observed_end).date()
    end = datetime.combine(last, time(), zone)
    return Window(
        start=datetime.combine(last - timedelta(days=days), time(), zone),
        end=end.astimezone(UTC),
        zone=window.zone,
    )


def _moved(told: _Told) -> Iterator[Change]:
    """Every change that stands beside a figure and the one before it."""
    days = (day for item in told.report.retention for day in (item.on_day, item.unbounded))
    for key in (*told.report.growth, *days, *told.report.time):
        this, last = told.figure(key.this), told.figure(key.last)
        if this is not None and last is not None and key.change is not None:
            if key.change.kind not in ("points", "relative"):
                continue
            unit: Unit = "points" if key.change.kind == "points" else "ratio"
            moved = Figure.of(key.change.value, unit, value_text(key.change.value, unit))
            yield Change(
                report=told.title, window=told.window, what=key.title, before=last, after=this, change=moved
            )


def _retention(told: _Told, day: RetentionDay) -> Iterator[Statement]:
    on_day = told.figure(day.on_day.this)
    if on_day is None:
        return
    yield Retention(
        report=told.title,
        window=told.window,
        day=day.day,
        value=on_day,
        known_at=told.window.observed_end,
    )
    later = told.figure(day.unbounded.this)
    yield from told.at_most(f"back on day {day.day} of those back then or later", on_day, later)


def _adoption(told: _Told) -> Iterator[Statement]:
    for feature in told.report.adoption.items:
        users, audience = told.figure(feature.users), told.figure(feature.audience)
        yield from told.share(feature.feature, users, audience, told.figure(feature.rate))
        yield from told.at_most(f"{feature.audience_name} who tried {feature.feature}", users, audience)


# --- ways -------------------------------------------------------------------------------------------------


def _funnel(told: _Told, funnel: FunnelPart) -> Iterator[Statement]:
    """The steps in points and relative; and for each step what became of those who came to the one before."""
    steps = funnel.steps.items
    for drop_in in ("points", "relative"):
        listed = tuple(
            plans.FunnelStep(
                name=step.label,
                users=users,
                share=told.figure(step.from_first),
                drop=told.figure(step.drop_points if drop_in == "points" else step.drop),
                drop_in=drop_in,
                in_progress=told.figure(step.in_progress),
            )
            for step in steps
            if (users := told.figure(step.users)) is not None
        )
        yield plans.Funnel(report=told.title, window=told.window, what=funnel.title, steps=listed)
    for before, step in pairwise(steps):
        users, went_on = told.figure(before.users), told.figure(step.users)
        dropped, waiting = told.figure(step.dropped), told.figure(before.in_progress)
        if users is None or went_on is None or dropped is None or waiting is None:
            continue
        what = f"{funnel.title}, {before.label}"
        yield Breakdown(
            report=told.title,
            window=told.window,
            what=what,
            whole=users,
            parts=(went_on, dropped, waiting),
        )
        failures = dropped.value + waiting.value
        yield plans.Attempts(
            report=told.title,
            window=told.window,
            what=f"{funnel.title}, {step.label}",
            tries=users,
            successes=went_on,
            failures=Figure(text=value_text(float(failures), "count"), value=failures, unit="count"),
        )
    first = told.figure(steps[0].users) if steps else None
    yield from told.share(
        f"{funnel.title}, whole drop",
        told.figure(funnel.whole_dropped),
        first,
        told.figure(funnel.whole_drop),
    )


def _flow(told: _Told) -> Iterator[Statement]:
    places = [(step.label, told.figure(step.place)) for step in told.report.flow.steps.items]
    yield Ranking(
        report=told.title,
        window=told.window,
        what="Most Common User Flow, by place in the session",
        entries=tuple(Entry(name=name, value=value) for name, value in places if value is not None),
        order="ascending",
    )


def _requests(told: _Told) -> Iterator[Statement]:
    """Requesters are counted over the tickets' own span, which the backlog counts over, too. Over another
    span they are grouped anew, and a group is no part of one of more tickets: those are not compared.
    """
    entries = []
    for request in told.report.requests.items:
        value, fact = told.figure(request.requesters), told.fact(request.requesters)
        if value is None:
            continue
        entries.append(Entry(name=request.label, value=value))
        if request.candidate and fact is not None:
            yield Observation(
                report=told.title,
                window=fact.window,
                metric="requesters",
                value=value,
                of={"item": request.candidate, "tickets": fact.window.days()},
                counted_from=basis_of(fact),
            )
    yield Ranking(report=told.title, window=told.window, what="Feature Requests", entries=tuple(entries))


# --- experiments ------------------------------------------------------------------------------------------


def _experiment(told: _Told, experiment: ExperimentResult) -> Iterator[Statement]:
    if experiment.observed is not None:
        yield Observed(report=told.title, window=experiment.observed, what=experiment.name)
    for metric in experiment.metrics:
        arms = tuple(_arms(told, experiment, metric))
        if not arms:
            continue
        # A difference adjusted by the days before exposure is not that of the two figures beside it.
        plain = not any(item.adjusted for item in metric.differences)
        winner = _deciding(experiment, metric) if plain else None
        low, high = (told.figure(winner.low), told.figure(winner.high)) if winner else (None, None)
        yield plans.Experiment(
            report=told.title,
            window=experiment.observed,
            what=f"{experiment.name}, {metric.name}",
            better=metric.better,
            arms=arms,
            winner=metric.winner if plain else "",
            interval=(low, high) if low is not None and high is not None else None,
            p=told.figure(winner.p) if winner else None,
            alpha=experiment.alpha,
        )


def _arms(told: _Told, experiment: ExperimentResult, metric: MetricResult) -> Iterator[plans.Arm]:
    for arm, value in zip(experiment.arms, metric.values, strict=True):
        rate = told.figure(value)
        if rate is None:
            continue
        fact = told.fact(value)
        users = told.figure(arm.users)
        counted = Figure.of(fact.n, "count", value_text(fact.n, "count")) if fact else users
        conversions = _conversions(told, fact)
        yield plans.Arm(name=arm.name, rate=rate, n=counted, conversions=conversions)


def _conversions(told: _Told, rate: Fact | None) -> Figure | None:
    """The conversions behind a rate, which the evidence holds beside it."""
    if rate is None:
        return None
    key = ("experiment_conversions", rate.entity)
    facts = (fact for fact in told.report.evidence.facts.values() if fact.key == key)
    found = next((fact for fact in facts if fact.measurement == rate.measurement), None)
    return None if found is None else Figure.of(found.value, "count", value_text(found.value, "count"))


def _deciding(experiment: ExperimentResult, metric: MetricResult) -> ArmDifference | None:
    """The comparison that made the winner: its own, or the closest one where the control won."""
    if not metric.winner:
        return None
    own = next((item for item in metric.differences if item.arm == metric.winner), None)
    if own is not None:
        return own
    known = [item for item in metric.differences if item.p.kind != "unavailable"]
    return max(known, key=lambda item: getattr(item.p, "value", 0.0), default=None)


# --- objectives, life -------------------------------------------------------------------------------------


def _row(told: _Told, row: MetricRow) -> Iterator[Statement]:
    if row.target is None:
        return
    text = row.target.text(told.report.currency)
    goal = Figure.of(row.target.value, row.target.unit, text)
    yield plans.Row(
        report=told.title,
        window=told.window,
        title=row.title,
        value=told.figure(row.this),
        target=goal,
        direction=row.target.direction,
        status=row.status,
    )
    yield plans.Target(report=told.title, metric=row.metric, value=goal, direction=row.target.direction)


def _plan(told: _Told) -> Iterator[Breakdown]:
    """What differs from the tracking plan, within what it is counted of."""
    for row in told.report.tracking.plan.differences:
        whole = Figure.of(row.of, "count", value_text(row.of, "count"))
        yield from told.at_most(f"{row.kind}, {row.where}", told.figure(row.found), whole)


def _life(told: _Told) -> Iterator[Statement]:
    if told.report.live_since is not None:
        yield Lifetime(report=told.title, live_since=told.report.live_since)
