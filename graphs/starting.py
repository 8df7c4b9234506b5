"""Starting a run: which question it answers, over which data and settings, and so under which key."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen, digest_of
from postlaunch.graphs.session import Services
from postlaunch.ledger.records import RunRecord
from postlaunch.sources.requests import RequestLog, coverage_text
from postlaunch.windows import Moment, Window, iso_week_of, parse_week, zone_named

Workflow = Literal["weekly_report", "sprint_planning"]
WORKFLOWS: tuple[Workflow, ...] = ("weekly_report", "sprint_planning")


class Asked(Frozen):
    """The parameters of a run, as a caller gives them.

    Attributes:
        week: "2026-W07" or a day of it; None: the last complete week of the data.
        as_of: moves the measured window to what was known then; leases and expiry use the real clock.
            sprint: the sprint to plan; None: one after the last committed.
    """

    week: str | None = None
    as_of: Moment | None = None
    sprint: int | None = None


def start_run(services: Services, workflow: Workflow, asked: Asked) -> RunRecord:
    """Store a run, or return the one that already answers this question over this data. Blocking.

    Raises:
        UsageError: the week is not in the data, or the sprint is committed already.
    """
    window = window_of(services, asked)
    parameters: dict[str, JsonValue] = {"window": window.model_dump(mode="json")}
    if asked.as_of is not None:
        parameters["as_of"] = asked.as_of.isoformat()
    question = f"{workflow} {services.settings.application.name} {window.label or window.days()}"
    if workflow == "sprint_planning":
        sprint = asked.sprint or next_sprint(services)
        parameters["sprint"] = sprint
        _refuse_committed(services, sprint)
        question = f"{workflow} {services.settings.application.name} {sprint}"
    key = digest_of({"question": question, "parameters": parameters, "digest": services.question_digest()})
    return services.ledger.start_run(workflow, question, key, parameters)


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


def sprint_key(application: str, sprint: int) -> str:
    """The business key under which a sprint is committed, whoever commits it."""
    return f"sprint/{application}/{sprint}"


def window_of(services: Services, asked: Asked) -> Window:
    """The week a run looks at; partial when the data or the day ends inside it."""
    zone = services.settings.application.timezone
    now: datetime = asked.as_of or services.clock()
    log = services.sources().get("requests")
    if not isinstance(log, RequestLog):
        return _calendar_week(asked.week, now, zone)
    if asked.week is None:
        return log.window_for(zone, asked.as_of)
    week = parse_week(asked.week, zone)
    last = min(now, log.coverage.last)
    if week.start > last or week.end <= log.coverage.first:
        raise UsageError(f"the request log holds nothing of {week.label}", coverage_text(log.coverage, zone))
    observed = log.coverage.observed(week)
    return observed.cut(now) if now < observed.observed_end else observed


def _calendar_week(named: str | None, now: datetime, zone: str) -> Window:
    if named is not None:
        return parse_week(named, zone).cut(now)
    this = iso_week_of(now.astimezone(zone_named(zone)).date(), zone)
    return this.before()
