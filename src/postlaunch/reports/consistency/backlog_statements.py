"""What a backlog states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from postlaunch.facts import Fact, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.backlog import BacklogItem, BacklogReport
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.plan_statements import Load, SprintAssignment, SprintPlan
from postlaunch.reports.consistency.product_statements import product_statements
from postlaunch.reports.consistency.statements import (
    Breakdown,
    Entry,
    Observation,
    Ranking,
    Statement,
    basis_of,
)

SPRINT = re.compile(r"^\s*sprint\s+(?P<number>[1-9]\d*)\s*(?P<later>\+?)\s*$", re.IGNORECASE)
"""A sprint as it is written down: "Sprint 5", "Sprint 6+"."""

DAY_STEP = Fraction(1, 1_000_000)
"""Days of a scope are kept to a millionth."""


def backlog_statements(report: BacklogReport) -> Iterator[Statement]:
    """Every figure of the backlog that stands in some relation to another, here or in another report."""
    yield from _requests(report)
    for item in report.items:
        yield from _effort(report, item)
        yield from _sprint(report, item)
    for tier in report.tiers:
        yield _ranking(report, f"{tier.title}, by RICE", [(item.id, item.rice) for item in tier.items])
    yield from _scope(report)
    yield from product_statements(report)


def _requests(report: BacklogReport) -> Iterator[Statement]:
    """Requesters of a candidate have one number in the list of requests and in the item."""
    listed = report.feature_requests
    yield _ranking(report, "Feature Requests", [(request.label, request.requesters) for request in listed])
    counted = [(request.candidate, request.requesters) for request in listed if request.candidate]
    counted += [(item.id, item.requests) for item in report.items]
    for candidate, quantity in counted:
        value = _figure(report, quantity)
        basis = basis_of(_fact(report, quantity))
        yield from _observed(report, "requesters", candidate, value, basis, tickets=report.window.days())


def _effort(report: BacklogReport, item: BacklogItem) -> Iterator[Statement]:
    """An item's effort is that of its owners, and the same in the scope."""
    effort = _figure(report, item.effort)
    if effort is None:
        return
    yield from _observed(report, "effort", item.id, effort)
    yield Breakdown(
        report=report.title,
        what=f"effort of {item.id}",
        whole=effort,
        parts=tuple(_days(days) for days in item.effort_by_owner.values()),
    )


def _sprint(report: BacklogReport, item: BacklogItem) -> Iterator[Statement]:
    if item.in_scope:
        yield SprintAssignment(report=report.title, item=item.id, sprint=report.sprint)
    put_off = SPRINT.match(item.defer_to)
    if put_off:
        yield SprintAssignment(
            report=report.title,
            item=item.id,
            sprint=int(put_off["number"]),
            or_later=bool(put_off["later"]),
        )


def _scope(report: BacklogReport) -> Iterator[Statement]:
    scope = report.scope
    known = {item.id for item in report.items}
    for item in scope.items:
        if item.id in known:
            yield from _observed(report, "effort", item.id, _days(item.total))
            yield SprintAssignment(report=report.title, item=item.id, sprint=report.sprint)
    yield SprintPlan(
        report=report.title,
        what=f"scope of sprint {report.sprint}",
        items=tuple(Entry(name=item.id, value=_days(item.total)) for item in scope.items),
        total=_days(scope.total_days),
        loads=tuple(
            Load(owner=load.owner, days=_days(load.days), capacity=_days(load.capacity))
            for load in scope.loads
        ),
        fits=scope.fits,
    )


def _observed(
    report: BacklogReport, metric: str, item: str, value: Figure | None, basis: str = "", **of: str
) -> Iterator[Observation]:
    if value is not None:
        yield Observation(
            report=report.title,
            window=report.window,
            metric=metric,
            value=value,
            of={"item": item, **of},
            counted_from=basis,
        )


def _ranking(report: BacklogReport, what: str, entries: list[tuple[str, Quantity]]) -> Ranking:
    figures = ((name, _figure(report, quantity)) for name, quantity in entries)
    found = tuple(Entry(name=name, value=value) for name, value in figures if value is not None)
    return Ranking(report=report.title, window=report.window, what=what, entries=found)


def _fact(report: BacklogReport, quantity: Quantity) -> Fact | None:
    return report.evidence.facts.get(quantity.fact) if isinstance(quantity, Measured) else None


def _figure(report: BacklogReport, quantity: Quantity) -> Figure | None:
    if isinstance(quantity, Unavailable):
        return None
    if quantity.unit == "days":
        return _days(quantity.value)
    return Figure.stated(quantity, zone=report.window.zone, currency=report.currency)


def _days(days: float) -> Figure:
    known = Figure.of(days, "days", value_text(days, "days"))
    return known.model_copy(update={"step": DAY_STEP})
