"""Signals as they are told: what each kind says, and the key under which it is one and the same.

A program tells one as JSON: `{"kind": "alert", "at": "2025-11-18T14:15:00-08:00", "body": {"rule": "..."}}`.
What a body may hold is written below, kind by kind; a field that is not known is refused, so that a misspelt
severity does not pass for none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Literal

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen, digest_of
from postlaunch.graphs.cadence import Recurring
from postlaunch.ledger.records import GateOption, SignalDraft, SignalKind
from postlaunch.windows import Moment

JSON_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])

KEY_LENGTH = 200


class TickBody(Frozen):
    """The calendar says that something is due.

    Attributes:
        period: the day, week or month; empty: the newest whole one of the data.
    """

    workflow: Recurring
    period: str = ""


class AlertBody(Frozen):
    """An alert that fired.

    Attributes:
        alert: id that ties what belongs to it together; empty: its rule and its minute name it.
        severity: of the incident it means ("SEV-1" ... "SEV-4") or of the rule ("critical", "warning").
        end: when it was resolved, where that is known already.
    """

    alert: str = ""
    rule: str = ""
    severity: str = ""
    component: str = ""
    value: float | None = None
    threshold: float | None = None
    text: str = ""
    end: Moment | None = None


class UserReportBody(Frozen):
    """What somebody reports who uses the application.

    Attributes:
        severity: as whoever took the report judged it; empty: nobody did.
    """

    text: str = Field(min_length=1)
    severity: str = ""
    component: str = ""


class FindingBody(Frozen):
    """What a daily check found.

    Attributes:
        kind: as the check calls it: "error_spell", "resource_trend"; empty for one from outside.
        subject: what it is about: a metric, an endpoint, a pod.
        day: the day checked, "2025-11-18".
        end: when it was over; None: it is not known to be.
        facts: the measured facts behind it.
    """

    title: str = Field(min_length=1)
    kind: str = ""
    severity: str = ""
    subject: str = ""
    text: str = ""
    day: str = ""
    end: Moment | None = None
    facts: tuple[str, ...] = ()


class VulnerabilityBody(Frozen):
    """A vulnerability that a scan lists.

    Attributes:
        severity: by its CVSS score, or the scanner's own word: "critical", "high", "medium", "low".
    """

    id: str = Field(min_length=1)
    package: str = Field(min_length=1)
    severity: str = ""
    installed: str = ""
    fixed_in: str = ""
    title: str = ""


class DeploymentBody(Frozen):
    """A deployment that took place."""

    title: str = Field(min_length=1)
    version: str = ""
    component: str = ""
    by: str = ""


class DecisionBody(Frozen):
    """A person decided, or decides with this.

    Attributes:
        request: id of the approval request.
        decision: None: it is in the ledger already, and the run that waits is moved on.
        digest: of the proposal that was shown.
    """

    request: str = Field(min_length=1)
    decision: GateOption | None = None
    by: str = ""
    reason: str = ""
    digest: str = ""
    scope: tuple[str, ...] | None = None
    text: str = ""


class IncidentBody(Frozen):
    """Somebody says that this is an incident: a person, or the triage of a day.

    Attributes:
        severity: as the triage judged it; empty: nobody did.
        end: when it was over; None: it is not known to be.
    """

    text: str = ""
    trigger: Literal["alert", "user_report", "finding"] = "user_report"
    severity: str = ""
    end: Moment | None = None


Body = (
    TickBody
    | AlertBody
    | UserReportBody
    | FindingBody
    | VulnerabilityBody
    | DeploymentBody
    | DecisionBody
    | IncidentBody
)

BODIES: Mapping[SignalKind, type[Body]] = {
    "tick": TickBody,
    "alert": AlertBody,
    "user_report": UserReportBody,
    "finding": FindingBody,
    "vulnerability": VulnerabilityBody,
    "deployment": DeploymentBody,
    "decision": DecisionBody,
    "incident": IncidentBody,
}


class Told(Frozen):
    """A signal as a program tells it.

    Attributes:
        key: names it, so that the same one told twice is one; empty: made from what it says.
    """

    kind: SignalKind
    at: Moment
    body: dict[str, JsonValue] = Field(default_factory=dict)
    key: str = ""


def told(event: Mapping[str, JsonValue]) -> Told:
    """A signal in a JSON object.

    Raises:
        UsageError: its kind is not known, or its body does not fit it.
    """
    try:
        found = Told.model_validate(dict(event))
        body_of(found.kind, found.body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the event"
        raise UsageError(
            f"this is no event: {where}: {first['msg']}",
            f'write {{"kind": ..., "at": "2025-11-18T14:15:00-08:00", "body": {{...}}}}, '
            f"of one of the kinds {', '.join(BODIES)}",
        ) from error
    return found


def body_of(kind: SignalKind, body: Mapping[str, JsonValue]) -> Body:
    """The typed body of a signal.

    Raises:
        ValidationError: it does not fit its kind.
    """
    return BODIES[kind].model_validate(dict(body))


def draft_of(application: str, signal: Told, run: str = "") -> SignalDraft:
    """A signal of an application, under its business key.

    Args:
        run: the run that found it; "" for one from outside.
    """
    body = body_of(signal.kind, signal.body)
    stated = JSON_OBJECT.validate_python(body.model_dump(mode="json"))
    return SignalDraft(
        application=application,
        key=signal.key or _key(signal, body, stated),
        kind=signal.kind,
        at=signal.at,
        body=stated,
        run=run,
    )


def draft(application: str, kind: SignalKind, at: Moment, body: Body, run: str = "") -> SignalDraft:
    """A signal that this program tells itself."""
    stated = JSON_OBJECT.validate_python(body.model_dump(mode="json"))
    return draft_of(application, Told(kind=kind, at=at, body=stated), run)


def _key(signal: Told, body: Body, stated: dict[str, JsonValue]) -> str:
    """What makes two tellings the same: the thing's own name and moment, or else all that is said of it."""
    minute = f"{signal.at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    parts: tuple[str, ...]
    match body:
        case TickBody():
            parts = (body.workflow, body.period or minute)
        case AlertBody():
            parts = (body.alert or body.rule or digest_of(stated)[:12], minute)
        case FindingBody():
            parts = (body.day or minute, body.subject or "application", digest_of(body.title)[:12])
        case VulnerabilityBody():
            parts = (body.id, body.package, body.installed)
        case DeploymentBody():
            parts = (body.version or body.title, body.component, minute)
        case DecisionBody():
            parts = (body.request,) if body.decision is None else (body.request, digest_of(stated)[:12])
        case UserReportBody():
            parts = (minute, digest_of(stated)[:12])
        case IncidentBody():
            parts = (minute,)
    whole = "/".join((signal.kind, *parts))
    return whole if len(whole) <= KEY_LENGTH else f"{signal.kind}/{digest_of(whole)}"
