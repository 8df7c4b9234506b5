"""What a weekly health report states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import chain

from postlaunch.facts import Change as MovedBy
from postlaunch.facts import Fact, Measured, Quantity
from postlaunch.printing import change_text, value_text
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.intervals import total
from postlaunch.reports.consistency.plan_statements import Allowance, Attempts, Graded, Row, Target
from postlaunch.reports.consistency.resource_statements import (
    launch_statements,
    resource_statements,
    unplanned_statement,
)
from postlaunch.reports.consistency.spell_statements import spell_statements
from postlaunch.reports.consistency.statements import (
    Breakdown,
    Change,
    Entry,
    Observation,
    Ranking,
    Share,
    Statement,
)
from postlaunch.reports.consistency.time_statements import Uptime
from postlaunch.reports.health import ErrorBudget, HealthReport, MetricRow
from postlaunch.windows import Window

WHOLE = Figure(text="100%", value=Fraction(1), unit="ratio")
MINUTES_A_DAY = 24 * 60
WEEK_DAYS = 7
GRAVE = ("SEV-1", "SEV-2")
COUNTED_AS = {"total_requests": "requests"}
"""Rows of the key metrics whose figure is a count of a population that other sections count parts of."""


def health_statements(report: HealthReport) -> Iterator[Statement]:
    """Every figure of the report that stands in some relation to another, in the report or in another one."""
    told = _Told(report)
    parts: Iterable[Iterable[Statement]] = (
        *(_row(told, row) for row in report.metrics),
        _traffic(told),
        _errors(told),
        _slowest(told),
        *(
            spell_statements(told.title, told.window, told.figure, incident, told.requests)
            for incident in report.incidents.items
        ),
        _availability(told),
        _unplanned(told),
        resource_statements(told.title, told.window, told.figure, report.resources),
        launch_statements(told.title, told.window, told.figure, report.launch, _launched_at(report)),
        *(_budget(told, budget) for budget in report.budgets.items),
        _registrations(told),
        _days(told),
        _grade(told),
    )
    return chain.from_iterable(parts)


class _Told:
    """A report whose figures are taken as it prints them."""

    def __init__(self, report: HealthReport) -> None:
        self.report = report
        self.title = report.title
        self.window = report.window

    def figure(self, quantity: Quantity) -> Figure | None:
        return Figure.stated(quantity, zone=self.window.zone, currency=self.report.currency)

    @property
    def requests(self) -> Figure | None:
        return self.figure(self.report.total_requests)

    def count(
        self, value: Figure | None, window: Window | None = None, metric: str = "requests", **of: str
    ) -> Iterator[Observation]:
        """So many of a population, in the report's window or in a part of it."""
        if value is not None:
            window = window or self.window
            yield Observation(report=self.title, window=window, metric=metric, value=value, of=of)

    def share(
        self, what: str, part: Figure | None, whole: Figure | None, share: Figure | None
    ) -> Iterator[Share]:
        if part is not None and whole is not None and share is not None:
            yield Share(report=self.title, window=self.window, what=what, part=part, whole=whole, share=share)

    def ranking(self, what: str, entries: Iterable[tuple[str, Quantity]]) -> Ranking:
        listed = ((name, self.figure(quantity)) for name, quantity in entries)
        found = tuple(Entry(name=name, value=value) for name, value in listed if value is not None)
        return Ranking(report=self.title, window=self.window, what=what, entries=found)


# --- rows -------------------------------------------------------------------------------------------------


def _row(told: _Told, row: MetricRow) -> Iterator[Statement]:
    this, last = told.figure(row.this), told.figure(row.last)
    goal = _goal(told, row)
    if this is not None:
        yield Observation(
            report=told.title,
            window=told.window,
            metric=COUNTED_AS.get(row.metric, row.metric),
            value=this,
            trailing_days=WEEK_DAYS if row.metric == "active_users" and told.window.label else None,
            title=row.title,
            definition=row.definition,
        )
    if this is not None and row.metric == "active_users":
        yield from told.count(this, metric="users")
    if this is not None and last is not None and row.change is not None:
        yield from _change(told, row.title, last, this, row.change)
    direction = row.target.direction if row.target is not None else "below"
    yield Row(
        report=told.title,
        window=told.window,
        title=row.title,
        value=this,
        target=goal,
        direction=direction,
        status=row.status,
    )
    if goal is not None:
        yield Target(report=told.title, metric=row.metric, value=goal, direction=direction)


def _goal(told: _Told, row: MetricRow) -> Figure | None:
    if row.target is None:
        return None
    return Figure.of(row.target.value, row.target.unit, row.target.text(told.report.currency))


def _change(told: _Told, title: str, last: Figure, this: Figure, moved: MovedBy) -> Iterator[Change]:
    if moved.kind not in ("points", "relative"):
        return
    change = Figure.of(moved.value, "points" if moved.kind == "points" else "ratio", change_text(moved))
    yield Change(report=told.title, window=told.window, what=title, before=last, after=this, change=change)


# --- requests ---------------------------------------------------------------------------------------------


def _traffic(told: _Told) -> Iterator[Statement]:
    yield from told.count(told.requests)
    top = told.report.top_endpoints.items
    for endpoint in top:
        count = told.figure(endpoint.requests)
        yield from told.count(count, endpoint=endpoint.endpoint)
        yield from told.share(endpoint.endpoint, count, told.requests, told.figure(endpoint.share))
    yield told.ranking("Top Endpoints by Traffic", ((e.endpoint, e.requests) for e in top))


def _errors(told: _Told) -> Iterator[Statement]:
    """The table of errors against itself and, where it lists them all, against the key metrics."""
    errors = told.report.errors.items
    yield told.ranking("Errors by Type", ((error.error, error.count) for error in errors))
    for error in errors:
        yield from told.count(
            told.figure(error.count), answer="error", family=f"{error.error[:1]}xx", status=error.error
        )
    shares = [figure for error in errors if (figure := told.figure(error.share)) is not None]
    if not shares:
        return
    yield Breakdown(
        report=told.title,
        window=told.window,
        what="shares of Errors by Type",
        whole=WHOLE,
        parts=tuple(shares),
        complete=False,
    )
    if not total(share.interval for share in shares).meets(WHOLE.interval):
        return  # not every type is listed
    counts = [(error, figure) for error in errors if (figure := told.figure(error.count)) is not None]
    everything = _sum([figure for _, figure in counts])
    for error, figure in counts:
        yield from told.share(error.error, figure, everything, told.figure(error.share))
    for metric, family in (("error_rate", "5"), ("client_error_rate", "4")):
        listed = _sum([figure for error, figure in counts if error.error.startswith(family)])
        yield from told.count(listed, answer="error", family=f"{family}xx")
        rate = next((row.this for row in told.report.metrics if row.metric == metric), None)
        if rate is not None:
            yield from told.share(f"{family}xx of all requests", listed, told.requests, told.figure(rate))


def _sum(figures: list[Figure]) -> Figure:
    value = sum((figure.value for figure in figures), Fraction(0))
    return Figure(text=value_text(float(value), "count"), value=value, unit="count")


def _slowest(told: _Told) -> Iterator[Statement]:
    slowest = told.report.slowest.items
    yield told.ranking("Slowest Endpoints", ((slow.endpoint, slow.mean) for slow in slowest))
    for slow in slowest:
        yield from told.count(told.figure(slow.requests), endpoint=slow.endpoint)


def _registrations(told: _Told) -> Iterator[Statement]:
    """Registrations against the requests to the endpoints that register, as far as these are listed."""
    row = next((row for row in told.report.metrics if row.metric == "new_registrations"), None)
    if row is None or not isinstance(row.this, Measured):
        return
    endpoints = told.report.fact(row.this.fact).measurement.parameters.get("endpoints")
    names = endpoints if isinstance(endpoints, list) else []
    tries = [told.figure(top.requests) for top in told.report.top_endpoints.items if top.endpoint in names]
    failures = [told.figure(error.count) for error in told.report.errors.items]
    listed = _sum([figure for figure in tries if figure is not None])
    if listed.value >= Fraction(row.this.value):  # else others, not among the top endpoints, register too
        yield Attempts(
            report=told.title,
            window=told.window,
            what=row.title,
            tries=listed,
            successes=Figure.of(row.this.value, "count", value_text(row.this.value, "count")),
            failures=_sum([figure for figure in failures if figure is not None]),
        )


def _days(told: _Told) -> Iterator[Statement]:
    """The days of the chart add up to the week, where no day is left out."""
    whole = told.requests
    for series in told.report.series:
        if series.metric != "day_requests" or whole is None:
            continue
        days = tuple(figure for point in series.points if (figure := told.figure(point.value)) is not None)
        span = told.window.local(told.window.observed_end) - told.window.local(told.window.start)
        yield Breakdown(
            report=told.title,
            window=told.window,
            what=series.title,
            whole=whole,
            parts=days,
            complete=len(days) >= span / timedelta(days=1),
        )


# --- incidents, availability, budgets ---------------------------------------------------------------------


def _availability(told: _Told) -> Iterator[Statement]:
    """Uptime against the downtime listed; `n` of an uptime is the minutes that it is of."""
    row = next((row for row in told.report.metrics if row.metric == "uptime"), None)
    value = told.figure(row.this) if row is not None else None
    if row is None or value is None or row.n is None:
        return
    lengths = [told.figure(outage.duration) for outage in told.report.downtime.items]
    yield Uptime(
        report=told.title,
        window=told.window,
        value=value,
        minutes=Figure.of(row.n, "minutes", value_text(row.n, "minutes")),
        down=tuple(length for length in lengths if length is not None),
    )


def _unplanned(told: _Told) -> Iterator[Statement]:
    """Uptime with and without planned maintenance, where the report tells both."""
    report = told.report
    row = next((row for row in report.metrics if row.metric == "uptime"), None)
    if row is None or not isinstance(row.this, Measured) or not isinstance(report.uptime_unplanned, Measured):
        return
    unplanned = report.fact(report.uptime_unplanned.fact)
    inside = next((fact for fact in _named(report, "planned_down_minutes")), None)
    if inside is not None:
        yield unplanned_statement(told.title, told.window, report.fact(row.this.fact), unplanned, inside)


def _launched_at(report: HealthReport) -> float | None:
    return next((fact.value for fact in _named(report, "launched_at")), None)


def _named(report: HealthReport, name: str) -> Iterator[Fact]:
    return (fact for fact in report.evidence.facts.values() if fact.name == name)


def _budget(told: _Told, budget: ErrorBudget) -> Iterator[Statement]:
    """A budget of minutes, whose whole is the objective's window; one of requests names no whole."""
    days, allowed = budget.target.window.removesuffix("d"), told.figure(budget.allowed)
    if budget.method != "time-slices" or allowed is None or not days.isdigit():
        return
    minutes = int(days) * MINUTES_A_DAY
    yield Allowance(
        report=told.title,
        what=f"error budget of {budget.target.title}",
        failing=_complement(Figure.of(budget.target.value, "ratio", "")),
        whole=Figure.of(minutes, "minutes", value_text(minutes, "minutes")),
        allowed=allowed,
        bad=told.figure(budget.bad),
        spent=told.figure(budget.spent),
        left=told.figure(budget.left),
    )


def _complement(share: Figure) -> Figure:
    value = 1 - share.value
    return Figure(text=value_text(float(value), "ratio"), value=value, unit="ratio")


def _grade(told: _Told) -> Iterator[Statement]:
    report = told.report
    spent = {budget.target.title: told.figure(budget.spent) for budget in report.budgets.items}
    overspent = [title for title, share in spent.items() if share is not None and share.value >= 1]
    partly = [title for title, share in spent.items() if share is not None and 0 < share.value < 1]
    grave = [
        f"Incident #{incident.number} ({incident.severity}) is open"
        for incident in report.incidents.items
        if incident.status == "Open" and incident.severity in GRAVE
    ]
    yield Graded(
        report=told.title,
        window=told.window,
        grade=report.headline.grade,
        rows={row.title: row.status for row in report.metrics},
        incidents=len(report.incidents.items),
        concerns=(*(f"the error budget of {title} is spent" for title in overspent), *grave),
        grounds=tuple(f"the error budget of {title} is spent in part" for title in partly),
    )
