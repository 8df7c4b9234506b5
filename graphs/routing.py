"""Where a signal goes, and why: the routing rules, pure and in one place.

| Signal | Goes to |
|---|---|
| tick | the workflow that is due |
| incident | incident, now |
| alert of SEV-1 or SEV-2, or a critical one | incident, now |
| another alert, a user report | the next daily check, which triages it |
| user report judged SEV-1 or SEV-2 | incident, now |
| finding of failing requests judged SEV-1 or SEV-2 | incident, now |
| another finding | the next sprint planning |
| critical vulnerability | incident, now |
| high vulnerability | the next sprint planning |
| another vulnerability | the next monthly review |
| deployment | the next weekly report, as something that was told |
| decision | the run that waits for it |
"""

from __future__ import annotations

from typing import Literal

from postlaunch.facts import Frozen
from postlaunch.graphs.signals import (
    AlertBody,
    DecisionBody,
    DeploymentBody,
    FindingBody,
    IncidentBody,
    TickBody,
    UserReportBody,
    VulnerabilityBody,
    body_of,
)
from postlaunch.ledger.records import SignalDraft

URGENT = frozenset({"sev-1", "sev-2", "critical"})
"""Severities that nobody waits a day for: a person is paged for them."""

FAILING = frozenset({"", "error_spell"})
"""Kinds of findings that are about requests that fail; one from outside states none."""

ADVANCE = "advance"
"""Goes to no workflow of its own, but to the run that waits."""

Destination = Literal[
    "daily_check", "weekly_report", "incident", "sprint_planning", "monthly_review", "advance"
]


class Route(Frozen):
    """Where a signal goes.

    Attributes:
        now: at once; else it is kept until that workflow next runs.
        reason: the rule, with what it was decided by.
    """

    to: Destination
    now: bool
    reason: str


def route(signal: SignalDraft) -> Route:
    """Where a signal goes, by the rules of this module."""
    match body_of(signal.kind, signal.body):
        case TickBody() as body:
            return Route(to=body.workflow, now=True, reason=f"{_due(body)} is due by the calendar")
        case IncidentBody() as body:
            return Route(to="incident", now=True, reason=_called(body))
        case DecisionBody() as body:
            return Route(to=ADVANCE, now=True, reason=f"a person decided on {body.request}")
        case DeploymentBody() as body:
            return _kept("weekly_report", f"a deployment ({body.version or body.title}) is noted")
        case VulnerabilityBody() as body:
            return _vulnerability(body)
        case AlertBody() as body:
            return _judged(body.severity, f"alert {body.rule or body.alert}".strip(), "daily_check")
        case UserReportBody() as body:
            return _judged(body.severity, "user report", "daily_check")
        case FindingBody() as body if body.kind in FAILING:
            return _judged(body.severity, "finding", "sprint_planning")
        case FindingBody() as body:
            return _kept("sprint_planning", f"{body.kind.replace('_', ' ')}, {body.severity}: {body.title}")


def urgent(severity: str) -> bool:
    """Whether a severity calls the incident-responder at once."""
    return severity.strip().casefold() in URGENT


def _called(body: IncidentBody) -> str:
    """Who calls it an incident."""
    if body.severity:
        return f"the triage calls it an incident, {body.severity}"
    return "somebody says that this is an incident"


def _due(body: TickBody) -> str:
    name = body.workflow.replace("_", " ")
    return f"{name} of {body.period}" if body.period else name


def _kept(to: Destination, why: str) -> Route:
    return Route(to=to, now=False, reason=f"{why}: kept for the next {to.replace('_', ' ')}")


def _judged(severity: str, what: str, otherwise: Destination) -> Route:
    """An alert, a report or a finding by the severity that it states."""
    stated = severity.strip()
    if urgent(stated):
        return Route(to="incident", now=True, reason=f"{what} of severity {stated}: an incident at once")
    return _kept(otherwise, f"{what} of severity {stated}" if stated else f"{what} of no stated severity")


def _vulnerability(body: VulnerabilityBody) -> Route:
    severity = body.severity.strip().casefold()
    what = f"{body.id} in {body.package}"
    if severity == "critical":
        return Route(to="incident", now=True, reason=f"{what} is critical: an incident at once")
    if severity == "high":
        return _kept("sprint_planning", f"{what} is high")
    return _kept("monthly_review", f"{what} is {severity or 'of no stated severity'}")
