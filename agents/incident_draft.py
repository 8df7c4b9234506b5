"""The incident report by rules alone: every verdict in it is a rule's, every figure a measurement's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from postlaunch.agents import incident_sections as sections
from postlaunch.agents.bench import Assignment
from postlaunch.agents.incident_records import kept_actions, made_at, record_of, with_overdue
from postlaunch.agents.judgement import Verdict
from postlaunch.facts import Assumed, Evidence, Measured, Quantity, Unavailable
from postlaunch.reports.health import Severity
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.incident_parts import (
    ActionLine,
    Allowance,
    Clock,
    Communication,
    IncidentStatus,
    Milestone,
    SeverityStated,
    TimelineEntry,
    UsersAffected,
)
from postlaunch.reports.judged import Sentence, said
from postlaunch.tools.incident_actions import action_items
from postlaunch.tools.incident_case import Case
from postlaunch.tools.incident_causes import Findings, root_cause
from postlaunch.tools.incident_clocks import Response, response_clocks
from postlaunch.tools.incident_fixes import hotfix, long_term_fixes, release_of
from postlaunch.tools.incident_impact import TOO_FEW_MINUTES, allowances, users_affected
from postlaunch.tools.incident_messages import communication
from postlaunch.tools.incident_missed import alerts_fired, why_missed
from postlaunch.tools.incident_places import strongest_change
from postlaunch.tools.incident_postmortem import post_mortem
from postlaunch.tools.incident_severity import SeverityVerdict, email_to_customers, incident_severity
from postlaunch.tools.incident_timeline import milestones, status_of, timeline

TRIGGERS = {
    "alert": "an alert",
    "user_report": "a user's report",
    "finding": "a finding of the monitoring-specialist",
    "question": "a question about the span",
}
OPEN: tuple[IncidentStatus, ...] = ("Detected", "Investigating", "Identified")


@dataclass(frozen=True)
class Ruled:
    """What the rules decided on one case, before it is put into a report.

    Attributes:
        name: the incident's id in the ledger; empty while it has none.
        first: the incident in one sentence.
    """

    case: Case
    name: str
    found: Findings
    severity: SeverityVerdict
    entries: tuple[TimelineEntry, ...]
    steps: tuple[Milestone, ...]
    status: IncidentStatus
    detected: Measured | Assumed | None
    resolved: Measured | Unavailable
    clocks: tuple[Clock, ...]
    users: UsersAffected
    allowances: tuple[Allowance, ...]
    first: Sentence

    @classmethod
    def on(cls, case: Case, name: str) -> Ruled:
        """Apply every rule to a case."""
        found, entries = root_cause(case), timeline(case)
        steps = milestones(entries)
        severity = incident_severity(
            sections.severity_figures(case), case.settings.verdicts, case.settings.incidents
        )
        detected = sections.detected_at(case)
        return cls(
            case=case,
            name=name,
            found=found,
            severity=severity,
            entries=entries,
            steps=steps,
            status=status_of(case, steps),
            detected=detected,
            resolved=sections.resolved_at(case),
            clocks=_clocks(case, severity.severity, detected),
            users=users_affected(case),
            allowances=allowances(case) if case.span is not None else (),
            first=sections.summary(case, found.root),
        )

    @property
    def confirmed(self) -> bool:
        """Whether there is an incident at all."""
        return self.case.span is not None

    @property
    def day(self) -> date:
        """The day of detection, on the application's clock."""
        return sections.local_time(self.case, self.detected).date()

    @property
    def level(self) -> Severity:
        """The severity."""
        return self.severity.severity


def _clocks(case: Case, severity: Severity, detected: Measured | Assumed | None) -> tuple[Clock, ...]:
    if case.span is None:
        return ()
    began, ended = case.fact("span", "incident_start"), case.fact("span", "incident_end")
    response = Response(
        severity=severity,
        began=Measured.of(began) if began else None,
        detected=detected,
        ended=Measured.of(ended) if ended and case.ended else None,
        alerts=case.alerts,
        now=case.observed_end if case.measured and case.observed_end else case.told_until,
        zone=case.zone,
    )
    return response_clocks(response, case.settings.incidents)


def drafted(case: Case, assignment: Assignment) -> tuple[IncidentReport, tuple[Verdict, ...]]:
    """The report, and the verdicts in it for a model to see and dispute."""
    record = record_of(assignment)
    ruled = Ruled.on(case, record.id if record else "")
    items = action_items(case, ruled.found, ruled.clocks, ruled.level, ruled.day)
    kept = kept_actions(items, assignment, ruled.name)
    report = _report(ruled, with_overdue(kept, case.window.local(made_at(assignment, case.now)).date()))
    return report, _verdicts(report, ruled)


def _report(ruled: Ruled, actions: tuple[ActionLine, ...]) -> IncidentReport:
    case, found, confirmed = ruled.case, ruled.found, ruled.confirmed
    level = ruled.level if confirmed else ""
    began = sections.moment(case, "incident_start")
    ended = sections.moment(case, "incident_end", over=case.ended or not confirmed)

    uncounted = sections.no_failures(case)

    def of_span(name: str, reason: str = uncounted) -> Quantity:
        return case.quantity("span", name, reason=reason)

    return IncidentReport(
        application=case.settings.application.name,
        version=case.settings.application.version,
        currency=case.settings.application.currency,
        window=case.window,
        generated_at=case.now,
        incident_id=ruled.name,
        trigger=TRIGGERS[case.reported.trigger],
        headline=sections.headline(
            case, ruled.name, level, ruled.status, _state(ruled, actions), _first_thing(ruled, actions)
        ),
        severity=SeverityStated(
            level=level,
            because=ruled.severity.because if confirmed else (),
            others=ruled.severity.others if confirmed else (),
        ),
        status=ruled.status,
        lifecycle=sections.lifecycle(ruled.status),
        detected=ruled.detected or Unavailable(reason="not recorded: no alert and no user told of it"),
        resolved=ruled.resolved,
        duration=sections.lasted(ruled.detected, ruled.resolved, "resolved − detected"),
        began=began,
        ended=ended,
        impact_duration=of_span("incident_minutes"),
        summary=(ruled.first, *sections.further(case)),
        timeline=sections.listing(case, ruled.entries),
        milestones=ruled.steps,
        users=ruled.users,
        failed=of_span("incident_failed_requests"),
        requests=of_span("incident_requests"),
        error_rate=of_span("incident_error_rate"),
        peak_error_rate=of_span("incident_peak_error_rate", "no minute of it has 10 requests"),
        down=of_span("incident_down_minutes", uncounted if case.span is None else TOO_FEW_MINUTES),
        peak_load=case.quantity(
            "load", "incident_peak_requests_per_second", reason=case.reason("span", uncounted)
        ),
        fired=alerts_fired(case),
        revenue=sections.revenue(case),
        allowances=ruled.allowances,
        clocks=ruled.clocks,
        tickets=sections.tickets(case),
        where=sections.where(case),
        symptom=sections.symptom(case),
        root_cause=found.root,
        considered=found.considered if confirmed else (),
        why_missed=why_missed(case, found.root.name) if confirmed else (),
        immediate_fix=sections.immediate_fix(case),
        long_term=long_term_fixes(case, found, ruled.name),
        release=release_of(case),
        hotfix=hotfix(case, found, ruled.level, resolved=ruled.status not in OPEN),
        runbook=sections.runbook(case),
        post_mortem=post_mortem(case, found, ruled.clocks, ruled.steps, ruled.allowances, ruled.detected),
        actions=actions,
        communication=_messages(ruled),
        series=sections.series(case),
        notes=sections.notes(case),
        problems=case.problems,
        evidence=Evidence.of(*case.every_fact()),
    )


def _messages(ruled: Ruled) -> Communication:
    case, share = ruled.case, ruled.users.share
    email = email_to_customers(
        case.fact("span", "incident_minutes"),
        None if isinstance(share, Unavailable) else share.value,
        case.settings.incidents,
        over=case.ended,
    )
    resolved = ruled.resolved
    over = datetime.fromtimestamp(resolved.value, UTC) if isinstance(resolved, Measured) else None
    return communication(case, ruled.name, ruled.level, ruled.status, ruled.first, email, over)


def _state(ruled: Ruled, actions: Sequence[ActionLine]) -> Sentence:
    """What it was and how much is left to do, shortly: the summary has the figures."""
    case, minutes = ruled.case, ruled.case.fact("span", "incident_minutes")
    if not ruled.confirmed or minutes is None:
        return ruled.first
    lasting = "for {minutes}" if case.ended else "for {minutes} so far"
    told = said(
        f"{{cause}}, requests failed {lasting}", cause=sections.cause_named(ruled.found.root), minutes=minutes
    )
    return told.model_copy(update={"text": f"{told.text}; {_left(actions)}"})


def _left(actions: Sequence[ActionLine]) -> str:
    left = [line for line in actions if line.state != "closed"]
    late = sum(line.overdue for line in left)
    if not left:
        return "no action item is open"
    noun = "action item" if len(left) == 1 else "action items"
    return f"{len(left)} {noun} to do{f', {late} overdue' if late else ''}"


def _first_thing(ruled: Ruled, actions: Sequence[ActionLine]) -> Sentence:
    """What to do first: end it while it goes on, else what is due next."""
    case, found = ruled.case, ruled.found
    if not ruled.confirmed:
        return Sentence(text=actions[0].action.text if actions else "nothing: no incident was found")
    if ruled.status in OPEN:
        rate = case.fact("span", "incident_error_rate")
        change = strongest_change((*([found.cause] if found.cause else []), *found.triggers))
        cause = f"; the cause so far: {found.root.title}" if found.cause else ""
        undo = f"undo “{change.title}” and restore service" if change else "restore service"
        return said(f"{undo}{cause} ({{rate}} of requests fail)", rate=rate) if rate else Sentence(text=undo)
    left = [line for line in actions if line.state != "closed"]
    if not left:
        return Sentence(text="nothing: it is over, and no action item is open")
    line = left[0]
    due = f"{'overdue since' if line.overdue else 'due'} {line.due.isoformat()}"
    return Sentence(text=f"{line.action.text} ({line.owner}, {due})")


def _verdicts(report: IncidentReport, ruled: Ruled) -> tuple[Verdict, ...]:
    """Severity, status, root cause and e-mail, by subject."""
    root = report.root_cause
    verdicts = [
        Verdict(rule="status", subject="incident", value=report.status, because=report.summary[0].text),
    ]
    if not ruled.confirmed:
        return tuple(verdicts)
    because = report.severity.because
    cited = tuple(dict.fromkeys(fact for reason in because for fact in reason.facts))
    verdicts += [
        Verdict(
            rule="severity",
            subject="severity",
            value=ruled.level,
            because="; ".join(reason.text for reason in because),
            facts=cited,
        ),
        Verdict(
            rule="root_cause",
            subject="root cause",
            value=f"{root.title} ({root.confidence})",
            because=root.because.text,
            facts=root.because.facts,
        ),
        Verdict(
            rule="email",
            subject="e-mail",
            value="drafted" if report.communication.email.text else "none",
            because=report.communication.email.because.text,
            facts=report.communication.email.because.facts,
        ),
    ]
    verdicts += [
        Verdict(
            rule="cause",
            subject=one.title,
            value=one.state,
            because="; ".join(reason.text for reason in (*one.supports, *one.against)) or "no evidence",
        )
        for one in report.considered
        if one.state in ("contributes", "stands", "ruled out")
    ]
    return tuple(verdicts)
