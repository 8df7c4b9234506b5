"""Starting a run: which question it answers, over which data and settings, and so under which key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import JsonValue

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen, digest_of
from postlaunch.graphs.groupings import compared_by, newest_decision
from postlaunch.graphs.periods import (
    CALENDAR,
    around_incident,
    calendar_period,
    kept_plan,
    named_period,
    newest_period,
    nothing_to_look_at,
    plan_days,
    recorded,
)
from postlaunch.graphs.session import Services
from postlaunch.ledger.keys import sprint_key
from postlaunch.ledger.records import RunRecord
from postlaunch.sources.coverage import Coverage, coverage_text
from postlaunch.sources.event_coverage import EventCoverage, event_coverage_text
from postlaunch.sources.observed_span import ObservedSpan
from postlaunch.windows import Moment, Window, parse_day, parse_month, parse_week

Workflow = Literal[
    "daily_check", "weekly_report", "incident", "sprint_planning", "monthly_review", "tracking_plan"
]
WORKFLOWS: tuple[Workflow, ...] = (
    "daily_check",
    "weekly_report",
    "incident",
    "sprint_planning",
    "monthly_review",
    "tracking_plan",
)
CALLED_BY_PEOPLE: frozenset[Workflow] = frozenset({"tracking_plan"})
"""The workflows that no signal leads to, nor the calendar."""

Trigger = Literal["alert", "user_report", "finding"]

TAKES: Mapping[Workflow, frozenset[str]] = {
    "daily_check": frozenset({"day"}),
    "weekly_report": frozenset({"week", "only"}),
    "incident": frozenset({"incident"}),
    "sprint_planning": frozenset({"week", "sprint"}),
    "monthly_review": frozenset({"month"}),
    "tracking_plan": frozenset(),
}
"""What each workflow can be asked, beside `as_of`."""


class IncidentAsked(Frozen):
    """An incident, as it is known before anybody looked.

    Attributes:
        start: when its impact began.
        end: when it was over; None: it is not known to be.
        trigger: how it became known.
        text: what is said of it.
    """

    start: Moment
    end: Moment | None = None
    trigger: Trigger = "user_report"
    text: str = ""


class Asked(Frozen):
    """The parameters of a run, as a caller gives them.

    Attributes:
        week: "2026-W07" or a day of it; None: the last complete week of the data.
        day, month: "2026-02-11", "2026-02"; None: the last complete one of the data.
        as_of: moves the measured window to what was known then; leases and expiry use the real clock.
        sprint: the sprint to plan; None: one after the last committed.
        incident: what to look into; an incident run needs it.
        only: the name of the one specialist who makes its part of a weekly report.
    """

    week: str | None = None
    day: str | None = None
    month: str | None = None
    as_of: Moment | None = None
    sprint: int | None = None
    incident: IncidentAsked | None = None
    only: str | None = None


def start_run(services: Services, workflow: Workflow, asked: Asked) -> RunRecord:
    """Store a run, or return the one that already answers this question over this data. Blocking.

    Raises:
        UsageError: the period is not in the data, the sprint is committed already, the workflow cannot be
            asked this, or the settings ask for something that is not installed.
    """
    refuse_unfit(workflow, asked)
    window = window_of(services, workflow, asked)
    parameters: dict[str, JsonValue] = {"window": window.model_dump(mode="json")}
    if asked.as_of is not None:
        parameters["as_of"] = asked.as_of.isoformat()
    if asked.incident is not None:
        parameters["incident"] = asked.incident.model_dump(mode="json")
    if asked.only is not None:
        _refuse_alone(services, asked.only, window)
        parameters["only"] = asked.only
    if workflow == "sprint_planning":
        sprint = asked.sprint or next_sprint(services)
        parameters["sprint"] = sprint
        _refuse_committed(services, sprint)
    parameters |= newest_decision(services, workflow) | compared_by(services, workflow)
    question = question_of(services.settings.application.name, workflow, parameters)
    return services.ledger.start_run(workflow, question, run_key(services, workflow, parameters), parameters)


def run_key(services: Services, workflow: str, parameters: Mapping[str, JsonValue]) -> str:
    """The key of the run that answers a question over this data, with these settings and this model."""
    question = question_of(services.settings.application.name, workflow, parameters)
    given = dict(parameters)
    return digest_of({"question": question, "parameters": given, "digest": services.question_digest()})


def refuse_unfit(workflow: str, asked: Asked) -> None:
    """Refuse what a workflow cannot be asked.

    Raises:
        UsageError: no workflow has this name, or it takes something else.
    """
    takes = TAKES.get(workflow)  # type: ignore[call-overload]  # callers may be untyped
    if takes is None:
        raise UsageError(f'no workflow is named "{workflow}"', f"one of: {', '.join(WORKFLOWS)}")
    given = {name for name, value in asked if value is not None and name != "as_of"}
    if unfit := sorted(given - takes):
        raise UsageError(
            f"{workflow} takes no {', no '.join(unfit)}", f"it takes: {', '.join([*sorted(takes), 'as_of'])}"
        )
    if workflow == "incident" and asked.incident is None:
        raise UsageError("an incident needs its start and what is known of it", "give incident=")


def question_of(application: str, workflow: str, parameters: Mapping[str, JsonValue]) -> str:
    """What a run answers, whatever the data: the same question again supersedes."""
    window = Window.model_validate(parameters["window"])
    parts = [workflow, application]
    incident = parameters.get("incident")
    if "sprint" in parameters:
        parts.append(str(parameters["sprint"]))
    elif incident is not None:
        start = IncidentAsked.model_validate(incident).start
        parts.append(f"{start.astimezone(UTC):%Y-%m-%dT%H:%MZ}")
    elif workflow != "tracking_plan":  # there is one plan: newer days supersede what older ones proposed
        parts.append(window.label or window.days())
    if "only" in parameters:
        parts.append(str(parameters["only"]))
    return " ".join(parts)


def next_sprint(services: Services) -> int:
    """One after the last committed, and not before the first that the settings name."""
    return max(services.settings.capacity.next_sprint or 1, services.ledger.next_sprint() or 1)


def _refuse_committed(services: Services, sprint: int) -> None:
    application = services.settings.application.name
    stored = services.ledger.commitment(sprint_key(application, sprint))
    if stored is not None:
        raise UsageError(
            f"sprint {sprint} of {application} is committed already, as {stored.id}",
            "plan the next one: leave --sprint out",
        )


def _refuse_alone(services: Services, specialist: str, window: Window) -> None:
    """A specialist who is asked alone must have something to look at: nobody else's report would be there."""
    reason = nothing_to_look_at(services, "weekly_report", specialist, window)
    if reason:
        raise UsageError(
            f"the {specialist} has nothing to look at: {reason}", "postlaunch check says what works"
        )


def window_of(services: Services, workflow: Workflow, asked: Asked) -> Window:
    """The span a run looks at; partial when the data or the day ends inside it.

    Raises:
        UsageError: nothing of it is recorded.
    """
    zone = services.settings.application.timezone
    if workflow == "tracking_plan":
        kept_plan(services)  # refused here, before a run is made
        return plan_days(services, asked.as_of)
    now: datetime = asked.as_of or services.clock()
    if asked.incident is not None:
        return around_incident(services, asked.incident.start, asked.incident.end, now)
    period_of, named = CALENDAR[workflow], _named(asked, zone)
    span = recorded(services, asked.only)
    if span is None:
        return calendar_period(period_of, named, now, zone)
    if named is None:
        return newest_period(period_of, span, zone, asked.as_of)
    return named_period(named, span, now, _covered(span, zone))


def _named(asked: Asked, zone: str) -> Window | None:
    if asked.day is not None:
        return parse_day(asked.day, zone)
    if asked.month is not None:
        return parse_month(asked.month, zone)
    return parse_week(asked.week, zone) if asked.week is not None else None


def _covered(span: ObservedSpan, zone: str) -> str:
    """What the data covers, for who asked for what it does not."""
    if isinstance(span, Coverage):
        return coverage_text(span, zone)
    return event_coverage_text(span, zone) if isinstance(span, EventCoverage) else ""
