"""The sections of the incident report by rules alone: what was found, or which source would tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from postlaunch.facts import Assumed, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.incident_parts import (
    LIFECYCLE,
    IncidentHeadline,
    IncidentStatus,
    RootCause,
    RunbookUsed,
    TimelineEntry,
)
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing
from postlaunch.reports.series import Point, Series
from postlaunch.tools.incident_actions import runbook_of
from postlaunch.tools.incident_case import Case, minutes_between
from postlaunch.tools.incident_chain import symptom_of
from postlaunch.tools.incident_evidence import ending_changes, joined
from postlaunch.tools.incident_places import traffic
from postlaunch.tools.incident_severity import SeverityFigures
from postlaunch.tools.incident_timeline import Blameless, detection, resolution

MOST_PLACES = 5
SLOWER = 1.5
SOURCES = {
    "requests": "request log",
    "alerts": "alerts",
    "changes": "changes",
    "resources": "resources of the pods",
    "logs": "application log",
    "launch": "launch record",
    "tickets": "support tickets",
}
"""Sources that an incident report draws on, as its notes call those that are missing."""

NO_FAILURES = "no request failed beyond the usual"


# --- head -------------------------------------------------------------------------------------------------


def detected_at(case: Case) -> Measured | Assumed | None:
    """When the incident was noticed: as an alert or a user's report is recorded, else as it was reported."""
    seen = detection(case)
    if seen is not None:
        return Measured.of(seen.fact)
    reported = case.reported
    if reported.start is None or reported.trigger not in ("alert", "user_report"):
        return None
    who = {"alert": "the alert", "user_report": "the user"}[reported.trigger]
    basis = "as it was reported; no record of an alert tells when"
    return Assumed(value=reported.start.timestamp(), unit="moment", who=who, basis=basis)


def resolved_at(case: Case) -> Measured | Unavailable:
    """When it was over, or that it is not."""
    fact = resolution(case)
    if fact is not None:
        return Measured.of(fact)
    if case.span is None:
        return Unavailable(reason="nothing was confirmed")
    return Unavailable(reason=not_over(case))


def not_over(case: Case) -> str:
    """Why there is no end."""
    why = "the data ends while requests fail" if case.measured else "nothing recorded says that it is"
    return f"it is not over: {why}"


def no_failures(case: Case) -> str:
    """Why no failing request is counted."""
    return NO_FAILURES if case.measured or case.span is None else "no requests could be looked at"


def moment(case: Case, name: str, *, over: bool = True) -> Quantity:
    """The start or the end of the failures."""
    if not over:
        return Unavailable(reason=not_over(case))
    return case.quantity("span", name, reason=no_failures(case))


def lasted(start: Quantity | None, end: Quantity, statement: str) -> Quantity:
    """The minutes between two moments, where both are known and in order."""
    if start is None or isinstance(start, Unavailable):
        return Unavailable(reason="when it was noticed is not recorded")
    if isinstance(end, Unavailable):
        return end
    if not isinstance(start, (Measured, Assumed)) or not isinstance(end, Measured):
        return Unavailable(reason="not known")
    if end.value < start.value:
        return Unavailable(reason="it was noticed only after it was over")
    return minutes_between(start, end, statement)


def lifecycle(status: IncidentStatus) -> tuple[IncidentStatus, ...]:
    """The states up to the present one."""
    return LIFECYCLE[: LIFECYCLE.index(status) + 1] if status in LIFECYCLE else ()


def severity_figures(case: Case) -> SeverityFigures:
    """What the severity table reads."""
    fired = next((seen.record for seen in case.alerts if seen.record.kind == "fired"), None)
    return SeverityFigures(
        failing=case.fact("span", "incident_error_rate"),
        minutes=case.fact("span", "incident_minutes"),
        down=case.fact("span", "incident_down_minutes"),
        burn_hour=case.fact("burn", "burn_rate_hour"),
        burn_six_hours=case.fact("burn", "burn_rate_six_hours"),
        users=case.fact("span", "incident_users"),
        week_users=case.fact("users", "incident_week_users"),
        endpoints=case.facts("endpoints", "endpoint_error_rate"),
        alert=fired.severity if fired else "",
    )


# --- summary ----------------------------------------------------------------------------------------------


def summary(case: Case, root: RootCause) -> Sentence:
    """The incident in one sentence: cause, share of requests, how long, in what context."""
    if case.span is None:
        return _unconfirmed(case)
    cause = cause_named(root)
    rate, minutes = case.fact("span", "incident_error_rate"), case.fact("span", "incident_minutes")
    failed, requests = case.fact("span", "incident_failed_requests"), case.fact("span", "incident_requests")
    if rate is None or minutes is None or failed is None or requests is None:
        return Sentence(text="An alert told of trouble; no requests could be looked at")
    lasted_so_far = "for {minutes}" if case.ended else "for {minutes} so far"
    told = said(
        f"{{cause}}: {{rate}} of the requests ({{failed}} of {{requests}}) failed {lasted_so_far}",
        cause=cause,
        rate=rate,
        failed=failed,
        requests=requests,
        minutes=minutes,
    )
    return joined([told, *_context(case)])


def cause_named(root: RootCause) -> str:
    """The cause, with how sure that is where it is not very sure."""
    if not root.name:
        return "A cause that the evidence does not name"
    return root.title if root.confidence == "high" else f"{root.title} ({root.confidence} confidence)"


def further(case: Case) -> tuple[Sentence, ...]:
    """What the summary adds: whom it hit, and what ended it as changes record it."""
    users, ending = case.fact("span", "incident_users"), ending_changes(case)
    lines = [said("{users} users were hit", users=users)] if users is not None and users.value else []
    if case.ended and ending:
        title = Blameless(case).text(ending[0].title)
        lines.append(said("it ended after “{title}” at {at}", title=title, at=ending[0].fact))
    return tuple(lines)


def _context(case: Case) -> list[Sentence]:
    """In what traffic it was."""
    more = traffic(case)
    load = case.fact("load", "incident_peak_requests_per_second")
    if not more.stands or load is None:
        return []
    return [said(", in more traffic than usual (up to {load})", load=load)]


def _unconfirmed(case: Case) -> Sentence:
    """What was looked at where nothing failed beyond the usual."""
    rate = case.fact("during", "error_rate", "application")
    requests = case.fact("during", "total_requests", "application")
    p95 = case.fact("during", "p95_response_time", "application")
    if rate is None or requests is None:
        return Sentence(text=f"Not confirmed: {case.reason('during', 'no requests could be looked at')}")
    before = "; {rate.before} before" if rate.baseline is not None else ""
    told = said(
        f"Not confirmed: {{rate}} of {{requests}} requests failed, not beyond the usual{before}",
        rate=rate,
        requests=requests,
    )
    if p95 is None or p95.baseline is None:
        return told
    slower = p95.value >= SLOWER * p95.baseline
    responses = "responses were slower, though" if slower else "responses were as fast as before"
    return joined([told, said(f"; {responses}: 95 % within {{p95}}, {{p95.before}} before", p95=p95)])


def looked_at(case: Case) -> tuple[Sentence, ...]:
    """For a report that is not confirmed: what each source shows of the time reported."""
    lines = []
    clients = case.fact("during", "client_error_rate", "application")
    if clients is not None and clients.baseline is not None:
        lines.append(said("client errors (4xx): {it} ({it.before} before)", it=clients))
    errors = case.fact("logs", "incident_log_errors", "application")
    if errors is not None:
        before = " ({it.before} in the hour before)" if errors.baseline is not None else ""
        lines.append(said(f"errors logged: {{it}}{before}", it=errors))
    for resource in ("pool", "memory", "cpu", "disk"):
        shares = case.facts(resource, f"incident_{resource}_peak_share")
        if shares:
            most = max(shares, key=lambda fact: fact.value)
            lines.append(said(f"{most.definition.title.casefold()}: {{it}} in {{it.entity}}", it=most))
    alerts = case.fact("alerts", "incident_alerts", "application")
    if alerts is not None:
        lines.append(said("records of alerts: {it}", it=alerts))
    return tuple(lines)


def symptom(case: Case) -> tuple[Sentence, ...]:
    """What users saw; of what is not confirmed, what was looked at."""
    if case.span is None:
        return (*looked_at(case),) or (Sentence(text="nothing could be looked at"),)
    return symptom_of(case) or (Sentence(text="not available: no requests could be looked at"),)


# --- timeline ---------------------------------------------------------------------------------------------


def listing(case: Case, entries: Sequence[TimelineEntry]) -> Listing[TimelineEntry]:
    """The timeline, or why there is none."""
    if entries:
        return Listing[TimelineEntry](items=tuple(entries))
    return Listing[TimelineEntry](reason=f"nothing is recorded: {case.reason('alerts', NO_FAILURES)}")


# --- impact -----------------------------------------------------------------------------------------------


def where(case: Case) -> tuple[Sentence, ...]:
    """Endpoints and pods that failed, each with its share."""
    lines = []
    for errors in case.facts("endpoints", "endpoint_errors")[:MOST_PLACES]:
        rate = case.fact("endpoints", "endpoint_error_rate", errors.entity)
        if rate is not None:
            lines.append(
                said("{errors.entity}: {errors} failed, {rate} of its requests", errors=errors, rate=rate)
            )
    failing = [rate for rate in case.facts("pods", "pod_error_rate") if rate.value > 0]
    pods = sorted(failing, key=lambda rate: -rate.value)
    if pods:
        told = ", ".join(f"{rate.entity} {value_text(rate.value, 'ratio')}" for rate in pods[:MOST_PLACES])
        lines.append(Sentence(text=told, facts=tuple(rate.id for rate in pods[:MOST_PLACES])))
    return tuple(lines)


def revenue(case: Case) -> Sentence:
    """The impact on revenue as the settings declare it."""
    declared = case.settings.incidents.revenue
    if case.span is None:
        return Sentence(text="None: nothing was confirmed")
    if declared:
        return Sentence(text=f"{declared} (declared in the settings)")
    return Sentence(text="not available: nothing measures it; declare it under [incidents] revenue")


def tickets(case: Case) -> Sentence:
    """Support tickets in the hours after, against the same hours a week before."""
    count = case.fact("tickets", "support_tickets", "application")
    if count is None:
        return Sentence(text=f"not available: {case.reason('tickets')}")
    if count.baseline is None:
        return said("{it} from its start to six hours after its end", it=count)
    return said("{it} from its start to six hours after its end, {it.before} a week before", it=count)


# --- resolution -------------------------------------------------------------------------------------------


def immediate_fix(case: Case) -> tuple[Sentence, ...]:
    """What ended it, as changes record it; the notes of those who handled it where no change does."""
    if case.span is None:
        return (Sentence(text="None: nothing was confirmed"),)
    blameless = Blameless(case)
    made = [
        said("{title} ({at})", title=blameless.text(seen.title), at=seen.fact)
        for seen in ending_changes(case)
    ]
    noted = [
        said("{text} ({at})", text=blameless.text(seen.record.text), at=seen.fact)
        for seen in case.alerts
        if seen.record.milestone in ("fix_applied", "restarted") and seen.record.text
    ]
    if made or noted:
        return tuple(made or noted)
    if not case.ended:
        return (Sentence(text="None yet: it is not over"),)
    if not case.looked("changes") and not case.looked("alerts"):
        told = "not recorded: changes or alerts would tell ([sources.changes], [sources.alerts])"
        return (Sentence(text=told),)
    return (Sentence(text="None recorded: it ended by itself, or what ended it was not written down"),)


def runbook(case: Case) -> RunbookUsed | None:
    """The runbook of the first alert that fired, as the launch left it."""
    place = runbook_of(case)
    if place is None or case.launch is None:
        return None
    found = case.launch.runbooks[place]
    return RunbookUsed(alert=found.alert, steps=found.steps, escalation=found.escalation)


# --- headline, notes, charts ------------------------------------------------------------------------------


def headline(
    case: Case,
    name: str,
    severity: str,
    status: IncidentStatus,
    first: Sentence,
    do: Sentence,
) -> IncidentHeadline:
    """The first lines: what to do now, who decides, how it stands."""
    who = name or "The incident"
    level = f"{severity}, " if severity else ""
    shown = f" ({level}{status.casefold()})"
    words = first.text
    if status == "Not confirmed":
        shown, words = "", words[:1].casefold() + words[1:]
    state = Sentence(text=f"{who}{shown}: {words}", facts=first.facts)
    decides = ", ".join(case.settings.approvers) or "the on-call engineer"
    return IncidentHeadline(state=state, do=do, decides=decides)


def notes(case: Case) -> tuple[Sentence, ...]:
    """What a reader must know of the data: notes of the measurements, sources that are not configured."""
    told = dict.fromkeys(
        note
        for asked in ("span", "during", "logs", "changes", "alerts", "users", "event_users", "allowance")
        if (result := case.results.get(asked)) is not None
        for note in result.notes
    )
    missing = [title for source, title in SOURCES.items() if getattr(case.settings.sources, source) is None]
    lines = [Sentence(text=note) for note in told]
    if missing:
        lines.append(Sentence(text=f"no source is configured for: {', '.join(missing)}"))
    return tuple(lines)


def series(case: Case) -> tuple[Series, ...]:
    """Requests, failures and the resource that ran out, minute by minute."""
    charts = (
        ("minutes", "minute_requests", "Requests"),
        ("minutes", "minute_error_rate", "Error rate"),
        ("shares", "incident_resource_share", _resource_title(case)),
    )
    return tuple(
        Series(
            metric=name,
            title=f"{title} by the clock",
            unit=facts[0].unit,
            points=tuple(Point(label=fact.entity, value=Measured.of(fact)) for fact in facts),
            form="line",
        )
        for asked, name, title in charts
        if (facts := case.facts(asked, name))
    )


def _resource_title(case: Case) -> str:
    result = case.results.get("shares")
    resource = str(result.measurement.parameters.get("resource", "")) if result else ""
    names = {"pool": "Database connections", "memory": "Memory", "cpu": "CPU", "disk": "Disk"}
    return f"{names.get(resource, 'Resource')}, share of the limit,"


def local_time(case: Case, at: Measured | Assumed | None) -> datetime:
    """A moment on the application's clock; without one, the start of the failures, or of the window."""
    if at is not None:
        return case.window.local(datetime.fromtimestamp(at.value, UTC))
    start = case.span.start if case.span is not None else case.window.start
    return case.window.local(start)
