"""What each workflow asks of each specialist."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import JsonValue

from postlaunch.agents.bench import Assignment
from postlaunch.graphs.committing import committed_items
from postlaunch.graphs.groupings import NUMBER, VECTORS, decisions_of
from postlaunch.graphs.handing import hand, items_to_do, known_incidents, newest_report, taken_signals
from postlaunch.graphs.periods import (
    ANALYTICS,
    MONITORING,
    PERFORMANCE,
    looked_at,
    nothing_to_look_at,
)
from postlaunch.graphs.session import Services, Session
from postlaunch.graphs.starting import next_sprint
from postlaunch.ledger.records import RunRecord
from postlaunch.reports.standing import last_standing
from postlaunch.windows import Window

QUESTIONS: dict[str, dict[str, str]] = {
    "daily_check": {
        "monitoring-specialist": "What was unusual on this day, and what needs somebody's attention?",
    },
    "weekly_report": {
        "monitoring-specialist": (
            "How healthy was the application this week, what changed, and what should be done?"
        ),
        "performance-monitor": "How does performance develop, why, and what is worth doing about it?",
        "analytics-specialist": "Who uses the application, how, and where are people lost?",
    },
    "monthly_review": {
        "monitoring-specialist": "How healthy was the application this month, and what changed?",
        "performance-monitor": "How did performance develop this month, and how long does capacity last?",
        "analytics-specialist": "How did the use of the application develop this month?",
    },
}


def assignments_of(
    session: Session, workflow: str, specialists: Iterable[str], *, always: Iterable[str] = ()
) -> dict[str, Assignment]:
    """What each specialist is asked who has something to look at; of each other the run says why not.

    Args:
        workflow: whose questions are asked: a sprint planning asks those of the week.
        always: who takes part whatever the sources are: their report says what is missing.

    Blocking; what it says is said once, however often the node runs.
    """
    services, run = session.services, session.run
    window = Window.model_validate(run.parameters["window"])
    handed: dict[str, JsonValue] = {
        "incidents": known_incidents(session, window),
        "action_items": items_to_do(session, window),
    }
    hand(session, MONITORING, {**handed, "signals": taken_signals(session)})
    counting = {NUMBER: decisions_of(services, run.parameters), VECTORS: run.parameters.get(VECTORS)}
    hand(session, ANALYTICS, {"previous": newest_report(session, "analytics", window), **counting})
    only = run.parameters.get("only")
    found: dict[str, Assignment] = {}
    for name in specialists:
        if only not in (None, name):
            continue
        reason = nothing_to_look_at(services, workflow, name, window)
        if reason and name not in always:
            say_left_out(session, name, reason)
        else:
            found[name] = _assignment(services, run, workflow, name, window)
    return found


def say_left_out(session: Session, specialist: str, reason: str) -> None:
    """A specialist takes no part, which is no failure: one line says so. Said once a run."""
    text = f"{specialist} takes no part: {reason}"
    known = session.services.ledger.events(session.run.id)
    if not any(event.kind == "step" and event.text == text for event in known):
        session.recorder.emit("step", text, data={"left_out": specialist, "reason": reason})


def _assignment(
    services: Services, run: RunRecord, workflow: str, specialist: str, window: Window
) -> Assignment:
    span, baseline = looked_at(services, workflow, specialist, window)
    parameters: dict[str, JsonValue] = {}
    if specialist == MONITORING and workflow != "daily_check":
        parameters |= _previous_standing(services, window)
    if specialist in (PERFORMANCE, ANALYTICS):
        parameters["sprint"] = run.parameters.get("sprint") or next_sprint(services)
    if specialist == PERFORMANCE:
        parameters["committed"] = committed_items(services)
    if "as_of" in run.parameters:
        parameters["as_of"] = run.parameters["as_of"]
    return Assignment(
        workflow=run.workflow,
        question=QUESTIONS[workflow][specialist],
        window=span,
        baseline=baseline,
        parameters=parameters,
    )


def _previous_standing(services: Services, window: Window) -> dict[str, JsonValue]:
    """How the last report on an earlier window of the same kind stood, for this one to compare with."""
    published = services.ledger.reports(kind="weekly_health")
    same_kind = (record.body for record in published if _length(record.body) == len(window.label))
    last = last_standing(same_kind, services.settings.application.name, window)
    return {"previous": last.model_dump(mode="json")} if last else {}


def _length(body: dict[str, JsonValue]) -> int:
    """How long the label of a report's window is: weeks, months and days have labels of their own length."""
    window = body.get("window")
    label = window.get("label") if isinstance(window, dict) else None
    return len(label) if isinstance(label, str) else -1
