"""What a day brought, sorted: alerts and reports triaged, findings told, patches and deployments passed on.

The triage is the incident-responder's, by its rule (`tools/incident_triage.py`). What it calls an incident,
what the daily check found, what a scan lists for the first time and what was deployed become signals; the
routing rules say where each goes, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from postlaunch.agents.bench import JSON_OBJECT, Bench, Document
from postlaunch.agents.incident_responder import INCIDENT_RESPONDER
from postlaunch.graphs.handing import take_signals
from postlaunch.graphs.routing import route
from postlaunch.graphs.session import Session
from postlaunch.graphs.signals import (
    Body,
    DeploymentBody,
    FindingBody,
    IncidentBody,
    UserReportBody,
    VulnerabilityBody,
    body_of,
    draft,
)
from postlaunch.ledger.records import Signal, SignalDraft, SignalKind
from postlaunch.reports.daily import DailyReport, Finding
from postlaunch.sources.changes import ChangeTable
from postlaunch.sources.vulnerabilities import ScanTable
from postlaunch.tools.incident_triage import (
    CHANGED,
    NEAR,
    RECORDED,
    SEEN,
    TOGETHER,
    USERS_TOGETHER,
    Triaged,
    triage,
)
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.security_scans import known_at
from postlaunch.windows import Window

AGENT = INCIDENT_RESPONDER.name
QUESTION = "Which alerts and reports of the day are incidents?"
HOURS_AFTER = 24.0
"""An alert of the day may be resolved the day after."""

SEEN_BY_TRIAGE = frozenset({"error_spell"})
"""Findings that the triage passes on as what they are: incidents."""


def triage_day(session: Session) -> None:
    """Sort what the day brought, and post what follows. Blocking; may run again.

    Raises:
        LeaseLost: another process moves this run now.
    """
    window = Window.model_validate(session.run.parameters["window"])
    root = session.recorder.emit("question", QUESTION, agent=AGENT)
    bench = session.bench.beneath(root.seq)
    records = window.known_at(_now(session))
    found = triage(bench.settings, _measured(bench, window, records))
    for one in found:
        _say(bench, one)
    told = take_signals(session, "daily_check", until=records.observed_end)
    follows = [
        *_incidents(session, bench, found, told),
        *_findings(session),
        *_patches(session, records),
        *_deployments(session, records),
    ]
    for signal in follows:
        _post(session, bench, signal)


def _now(session: Session) -> datetime:
    """The moment whose knowledge the triage has."""
    as_of = session.run.parameters.get("as_of")
    return datetime.fromisoformat(as_of) if isinstance(as_of, str) else session.bench.clock()


def _measured(bench: Bench, window: Window, records: Window) -> dict[str, MeasurementResult]:
    """What the triage reads: the requests of a window, and what was recorded of its time, whose end may be
    after that of the request log.
    """
    asked: dict[str, tuple[str, Window, Document]] = {
        "requests": (SEEN, window, {}),
        "alerts": (RECORDED, records, {"near_minutes": 0, "after_hours": HOURS_AFTER}),
        "changes": (CHANGED, records, {}),
    }
    return {
        name: bench.measure(
            AGENT, name, {"window": JSON_OBJECT.validate_python(span.model_dump(mode="json")), **more}
        )
        for source, (name, span, more) in asked.items()
        if source in bench.sources
    }


def _say(bench: Bench, one: Triaged) -> None:
    subject = ", ".join(one.alerts) or f"{one.start:%H:%M} UTC"
    value = f"{one.verdict} ({one.severity})" if one.severity else one.verdict
    data: Document = {
        "rule": "triage",
        "subject": subject,
        "verdict": value,
        "facts": list(one.because.facts),
    }
    text = f"triage, {subject}: {value} ({one.because.text})"
    bench.recorder.emit("verdict", text, agent=AGENT, parent=bench.under, data=data)
    if one.verdict == "look":
        looked: Document = {"severity": one.severity, "signal": ""}
        bench.recorder.emit(
            "finding", f"Look at {subject}: {one.because.text}", agent=AGENT, parent=bench.under, data=looked
        )


# --- incidents --------------------------------------------------------------------------------------------


def _incidents(
    session: Session, bench: Bench, found: Sequence[Triaged], told: Sequence[Signal]
) -> Iterator[SignalDraft]:
    """What the triage calls an incident; and users' reports told from outside that nothing measured explains,
    where there are several within an hour."""
    incidents = [one for one in found if one.verdict == "incident"]
    for one in incidents:
        body = IncidentBody(text=one.text, trigger=one.trigger, end=one.end, severity=one.severity)
        yield _draft(session, "incident", one.start, body)
    unexplained = [signal for signal in told if not _near(signal, incidents)]
    reports = [signal for signal in unexplained if signal.kind == "user_report"]
    for signal in unexplained:
        value = "look" if signal.kind == "user_report" else "noise"
        _say_told(bench, signal, value)
    for signal in reports:
        together = [other for other in reports if signal.at <= other.at <= signal.at + TOGETHER]
        if len(together) >= USERS_TOGETHER:
            first = body_of(signal.kind, signal.body)
            assert isinstance(first, UserReportBody)
            yield _draft(session, "incident", signal.at, IncidentBody(text=first.text, severity="SEV-4"))
            return


def _near(signal: Signal, incidents: Sequence[Triaged]) -> bool:
    return any(
        one.start - NEAR <= signal.at <= (one.end or one.start + timedelta(days=1)) + NEAR
        for one in incidents
    )


def _say_told(bench: Bench, signal: Signal, value: str) -> None:
    named = signal.body.get("rule") or signal.body.get("alert") or signal.kind.replace("_", " ")
    subject = f"{named} at {signal.at:%H:%M} UTC"
    because = "nothing that was measured explains it"
    data: Document = {"rule": "triage", "subject": subject, "verdict": value, "facts": []}
    text = f"triage, {subject}: {value} ({because})"
    bench.recorder.emit("verdict", text, agent=AGENT, parent=bench.under, data=data)
    if value == "look":
        said = signal.body.get("text")
        looked: Document = {"severity": "", "signal": signal.id}
        line = f"Look at {subject}: {said or because}"
        bench.recorder.emit("finding", line, agent=AGENT, parent=bench.under, data=looked)


# --- findings, patches, deployments -----------------------------------------------------------------------


def _findings(session: Session) -> Iterator[SignalDraft]:
    """What the daily check found, under the keys that outlive the day."""
    body = session.bench.document("monitoring-specialist/report")
    report = DailyReport.model_validate(body) if body is not None else None
    for finding in report.findings.items if report else ():
        if finding.kind not in SEEN_BY_TRIAGE:
            yield _finding(session, finding)


def _finding(session: Session, finding: Finding) -> SignalDraft:
    window = finding.window
    told = FindingBody(
        title=finding.title,
        kind=finding.kind,
        severity=finding.severity,
        subject=finding.subject,
        text=f"{finding.text}. {finding.do}",
        day=f"{window.local(window.start):%Y-%m-%d}",
        end=window.observed_end,
        facts=finding.facts,
    )
    made = _draft(session, "finding", window.start, told)
    return made.model_copy(update={"key": finding.key[:200]})


def _patches(session: Session, window: Window) -> Iterator[SignalDraft]:
    """What a scan of the day lists and none before it did."""
    source = session.bench.sources.get("vulnerabilities")
    if not isinstance(source, ScanTable):
        return
    for known in known_at(source, window.observed_end):
        if known.gone is None and window.start <= known.since:
            found = known.found
            body = VulnerabilityBody(
                id=found.id,
                package=found.package,
                severity=known.rating.severity,
                installed=found.installed,
                fixed_in=found.fixed_in,
                title=found.title,
            )
            yield _draft(session, "vulnerability", known.since, body)


def _deployments(session: Session, window: Window) -> Iterator[SignalDraft]:
    source = session.bench.sources.get("changes")
    if not isinstance(source, ChangeTable):
        return
    for change in source.changes:
        if change.kind == "deployment" and window.start <= change.at < window.observed_end:
            body = DeploymentBody(
                title=change.title or change.id,
                version=change.version,
                component=change.component,
                by=change.by,
            )
            yield _draft(session, "deployment", change.at, body)


# --- posting ----------------------------------------------------------------------------------------------


def _draft(session: Session, kind: SignalKind, at: datetime, body: Body) -> SignalDraft:
    return draft(session.bench.settings.application.name, kind, at, body, session.run.id)


def _post(session: Session, bench: Bench, told: SignalDraft) -> None:
    """Keep a signal and say where it goes; one that is known already is left as it is, and not told again."""
    ledger = session.services.ledger
    signal = ledger.post_signal(told, session.lease)
    if signal.run != session.run.id:
        return
    went = route(signal)
    ledger.route_signal(signal.id, to=went.to, reason=went.reason)
    where: Document = {"signal": signal.id, "to": went.to, "reason": went.reason}
    bench.recorder.emit("signal", went.reason, agent=AGENT, parent=bench.under, data=where)
    if signal.kind == "finding":
        line = f"{signal.body['title']} ({signal.body['severity']}): {signal.body['text']}"
        found: Document = {"severity": signal.body["severity"], "signal": signal.id}
        bench.recorder.emit("finding", line, agent=AGENT, parent=bench.under, data=found)
