"""What the other specialists found, read from their reports: of the same run, else the newest handed over.

A report is evidence, not an order: what is taken up are its figures and verdicts, by rule, each with the
facts it cites. A report that is not there is said to be missing; nothing is concluded from that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from postlaunch.agents.backlog_from_analytics import findings_of_analytics
from postlaunch.agents.backlog_from_health import CAUSE_FIRST, TO_THE_RESPONDER, findings_of_health
from postlaunch.agents.backlog_from_incident import findings_of_incident
from postlaunch.agents.backlog_from_performance import findings_of_performance
from postlaunch.agents.backlog_signals import kept_signals
from postlaunch.agents.bench import Assignment, Bench, Document
from postlaunch.errors import UsageError
from postlaunch.facts import Fact, measured_in
from postlaunch.ledger.records import ActionItem
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.colleagues import Colleague, ColleagueFinding
from postlaunch.reports.health import HealthReport
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.judged import Sentence
from postlaunch.reports.performance import PerformanceReport
from postlaunch.reports.reading import AnyReport, report_from
from postlaunch.reports.report import Report
from postlaunch.settings import Settings
from postlaunch.windows import Window

RESPONDER = "incident-responder"
READ: tuple[tuple[str, str], ...] = (
    ("monitoring-specialist", "weekly_health"),
    (RESPONDER, "incident"),
    ("performance-monitor", "performance"),
    ("analytics-specialist", "analytics"),
)
"""Which report of which specialist is read, in the order in which they are printed."""

FINDINGS = 8
"""Findings of one specialist that are taken up."""

NO_REPORT = "not available: there is no report of it, of this run or before"
NOTHING_FOUND = "None: nothing in its report asks for work on the product"


@dataclass(frozen=True)
class Heard:
    """What the others found, and the facts behind it.

    Attributes:
        reports: those that were read.
    """

    colleagues: tuple[Colleague, ...]
    reports: tuple[AnyReport, ...]
    facts: tuple[Fact, ...]

    def of(self, kind: str) -> AnyReport | None:
        """The report of one kind."""
        return next((report for report in self.reports if report.kind == kind), None)


def heard(bench: Bench, assignment: Assignment) -> Heard:
    """Read the others' reports."""
    reports = {kind: tuple(_reports(bench, assignment, name, kind)) for name, kind in READ}
    actions = _open_actions(assignment)
    colleagues = tuple(_colleague(name, reports[kind], actions, bench.settings) for name, kind in READ)
    zone = bench.settings.application.timezone
    colleagues = (*_each_incident_once(colleagues), *kept_signals(assignment, zone))
    read = tuple(report for some in reports.values() for report in some)
    known = {identity: fact for report in read for identity, fact in report.evidence.facts.items()}
    cited = dict.fromkeys(identity for one in colleagues for identity in _cited(one.findings))
    return Heard(colleagues, read, tuple(known[identity] for identity in cited if identity in known))


# --- reading ----------------------------------------------------------------------------------------------


def _reports(bench: Bench, assignment: Assignment, name: str, kind: str) -> Iterator[AnyReport]:
    """The report of this run; where there is none, those handed over, the newest first."""
    findings = bench.document(f"{name}/findings") or {}
    for body in (bench.document(f"{name}/report"), findings.get("draft")):
        report = _read(body, kind, assignment.window)
        if report is not None:
            yield report
            return
    colleagues = assignment.parameters.get("colleagues")
    given = colleagues.get(kind) if isinstance(colleagues, dict) else None
    for body in given if isinstance(given, list) else [given]:
        report = _read(body, kind, assignment.window)
        if report is not None:
            yield report


def _read(body: Document | JsonValue, kind: str, window: Window | None) -> AnyReport | None:
    """The typed report in a document; None where it is none of this kind, or speaks of what came later."""
    if not isinstance(body, dict) or body.get("kind") != kind:
        return None
    try:
        report = report_from(body)
    except UsageError:
        return None
    later = window is not None and report.window.start >= window.observed_end
    return None if later else report


def _open_actions(assignment: Assignment) -> tuple[ActionItem, ...]:
    """The action items of incidents that nobody has closed."""
    given = assignment.parameters.get("action_items")
    found = []
    for body in given if isinstance(given, list) else []:
        try:
            found.append(ActionItem.model_validate(body))
        except ValidationError:
            continue
    return tuple(item for item in found if item.status == "open")


# --- findings ---------------------------------------------------------------------------------------------


def _colleague(
    name: str, reports: Sequence[AnyReport], actions: Sequence[ActionItem], settings: Settings
) -> Colleague:
    findings = [finding for report in reports for finding in _findings(report, settings)]
    if name == RESPONDER:
        findings = [*map(_action, actions), *findings]
    shown = tuple(findings[:FINDINGS])
    reason = "" if shown else (NOTHING_FOUND if reports else NO_REPORT)
    return Colleague(name=name, report="; ".join(map(_named, reports)), findings=shown, reason=reason)


def _findings(report: AnyReport, settings: Settings) -> tuple[ColleagueFinding, ...]:
    if isinstance(report, HealthReport):
        return findings_of_health(report, settings)
    if isinstance(report, IncidentReport):
        return findings_of_incident(report)
    if isinstance(report, PerformanceReport):
        return findings_of_performance(report)
    if isinstance(report, AnalyticsReport):
        return findings_of_analytics(report)
    return ()


def _named(report: Report) -> str:
    return f"{report.title}, {report.window.label or report.window.days()}"


def _action(item: ActionItem) -> ColleagueFinding:
    """An open action item: a promise that somebody gave after an incident."""
    due = item.due.isoformat()
    return ColleagueFinding(
        title=f"{item.action} ({item.id})",
        finding=Sentence(text=f"{item.id}, open: {item.action} ({item.owner}, due {due})"),
        subjects=(item.id, item.incident),
        words=item.action,
        requires=f"an open action item: {item.id}, due {due}",
        otherwise=f"with {item.owner}, due {due}",
    )


def _each_incident_once(colleagues: Sequence[Colleague]) -> tuple[Colleague, ...]:
    """Where the incident-responder reports itself, the spells that the logs show are left out, and an
    objective that an incident carries leads to what addresses the cause that was found.
    """
    responder = next(one for one in colleagues if one.name == RESPONDER)
    if not responder.findings:
        return tuple(colleagues)
    causes = " ".join(finding.words for finding in responder.findings if finding.figure is not None)
    kept = []
    for one in colleagues:
        findings = tuple(
            finding.model_copy(update={"words": f"{finding.words} {causes}".strip()})
            if finding.otherwise == CAUSE_FIRST
            else finding
            for finding in one.findings
            if finding.otherwise != TO_THE_RESPONDER
        )
        reason = one.reason if findings or not one.findings else NOTHING_FOUND
        kept.append(one.model_copy(update={"findings": findings, "reason": reason}))
    return tuple(kept)


def _cited(findings: Iterable[ColleagueFinding]) -> Iterator[str]:
    for finding in findings:
        yield from finding.finding.facts
        yield from (measured.fact for measured in measured_in(finding))
