"""What a performance trend report states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain

from postlaunch.facts import Quantity
from postlaunch.printing import change_text
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.plan_statements import (
    CostLine,
    Row,
    Scaling,
    SprintAssignment,
    Target,
)
from postlaunch.reports.consistency.statements import (
    Breakdown,
    Change,
    Observation,
    Statement,
)
from postlaunch.reports.consistency.time_statements import Growth, Projection
from postlaunch.reports.performance import Opportunity, PerformanceReport, WeekRow
from postlaunch.reports.targets import Target as Objective

WHOLE = Figure(text="100%", value=Fraction(1), unit="ratio")
TRAFFIC = "traffic"
"""What grows, and what the projections of the peak are based on."""

POD = "pod"


def performance_statements(report: PerformanceReport) -> Iterator[Statement]:
    """Every figure of the report that stands in some relation to another, in the report or in another one."""
    told = _Told(report)
    parts: Iterable[Iterable[Statement]] = (
        *(_week(told, week) for week in report.weeks.items),
        _standing(told),
        *(_opportunity(told, item) for item in report.opportunities.items),
        _shares(told),
        _growth(told),
        _costs(told),
    )
    return chain.from_iterable(parts)


class _Told:
    """A report whose figures are taken as it prints them."""

    def __init__(self, report: PerformanceReport) -> None:
        self.report = report
        self.title = report.title
        self.window = report.window

    def figure(self, quantity: Quantity) -> Figure | None:
        return Figure.stated(quantity, zone=self.window.zone, currency=self.report.currency)

    def goal(self, target: Objective) -> Figure:
        return Figure.of(target.value, target.unit, target.text(self.report.currency))


def _week(told: _Told, week: WeekRow) -> Iterator[Statement]:
    """A week's figures are those of every report on that week; its deltas are those of its figures."""

    def seen(metric: str, quantity: Quantity, **more: str) -> Iterator[Observation]:
        value = told.figure(quantity)
        if value is not None:
            yield Observation.model_validate(
                {"report": told.title, "window": week.window, "metric": metric, "value": value, **more}
            )

    yield from seen("mean_response_time", week.mean)
    yield from seen("p95_response_time", week.p95)
    yield from seen("requests", week.requests)
    yield from seen("requests", week.peak, statistic="peak", per="second")
    before, after, delta = (told.figure(quantity) for quantity in (week.before, week.mean, week.delta))
    if before is None or after is None:
        return
    what = f"response time of {week.label}"
    if delta is not None:
        yield Change(report=told.title, what=what, before=before, after=after, change=delta)
    if week.change is not None and week.change.kind == "relative":
        change = Figure.of(week.change.value, "ratio", change_text(week.change))
        yield Change(report=told.title, what=what, before=before, after=after, change=change)


def _standing(told: _Told) -> Iterator[Statement]:
    cost, of_cost = told.report.cost, told.report.cost.per_user_target
    rows = [(row.metric, row.title, row.value, row.target, row.status) for row in told.report.standing]
    if of_cost is not None:
        rows.append(("cost_per_user", of_cost.title, cost.per_user, of_cost, cost.per_user_status))
    for metric, title, value, target, status in rows:
        goal = None if target is None else told.goal(target)
        direction = "below" if target is None else target.direction
        yield Row(
            report=told.title,
            title=title,
            value=told.figure(value),
            target=goal,
            direction=direction,
            status=status,
        )
        if goal is not None:
            yield Target(report=told.title, metric=metric, value=goal, direction=direction)


# --- opportunities ----------------------------------------------------------------------------------------


def _opportunity(told: _Told, item: Opportunity) -> Iterator[Statement]:
    current, optimised, saved = (told.figure(one) for one in (item.current, item.optimised, item.saved))
    if current is not None and optimised is not None and saved is not None:
        what = f"saved by {item.title} on {item.endpoint}"
        yield Change(report=told.title, what=what, before=optimised, after=current, change=saved)
    if item.candidate and item.sprint is not None:
        yield SprintAssignment(report=told.title, item=item.candidate, sprint=item.sprint)


def _shares(told: _Told) -> Iterator[Statement]:
    """Endpoints do not overlap: their shares add up to no more than all."""
    items = {item.endpoint: item for item in told.report.opportunities.items}.values()
    for what, quantities in (
        ("shares of the requests", [item.share_of_requests for item in items]),
        ("shares of the load", [item.share_of_load for item in items]),
    ):
        parts = tuple(figure for one in quantities if (figure := told.figure(one)) is not None)
        if parts:
            yield Breakdown(report=told.title, what=what, whole=WHOLE, parts=parts, complete=False)


# --- growth, capacity, cost -------------------------------------------------------------------------------


def _growth(told: _Told) -> Iterator[Statement]:
    capacity = told.report.capacity
    week, month = told.figure(capacity.growth.per_week), told.figure(capacity.growth.per_month)
    if week is not None:
        yield Growth(report=told.title, metric=TRAFFIC, rate=week, per="week")
    if month is not None:
        yield Growth(report=told.title, metric=TRAFFIC, rate=month, per="month")
    for projection in capacity.projections:
        for what, now, then in (
            ("peak", capacity.current.peak, projection.peak),
            ("usual peak", capacity.current.usual_peak, projection.usual),
        ):
            start, end = told.figure(now), told.figure(then)
            if projection.months and start is not None and end is not None:
                yield Projection(
                    report=told.title,
                    what=f"{what} in {projection.months} months",
                    basis=TRAFFIC,
                    start=start,
                    end=end,
                    horizon=projection.months,
                )


def _costs(told: _Told) -> Iterator[Statement]:
    """The pods paid for in a scenario are those of now and those that the advice adds."""
    for scenario in told.report.cost.scenarios:
        cost = told.figure(scenario.cost)
        if not scenario.pods or cost is None:
            continue
        name = f"{scenario.name}, {scenario.months} months"
        yield CostLine(report=told.title, scenario=name, resource=POD, instances=scenario.pods, cost=cost)
        projection = told.report.capacity.at(scenario.months)
        optimised = scenario.name == "with optimisation"
        add = 0 if not scenario.months else projection.add_optimised if optimised else projection.add
        if projection.current is not None and add is not None:
            yield Scaling(
                report=told.title,
                scenario=name,
                current=projection.current,
                least_added=add,
                most_added=add,
            )
