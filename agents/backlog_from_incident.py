"""What an incident report says of the product: its cause, and what keeps it from coming back."""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.agents.backlog_advised import advised
from postlaunch.agents.backlog_from_health import AT_RISK
from postlaunch.facts import measured_in
from postlaunch.printing import quantity_text
from postlaunch.reports.colleagues import ColleagueFinding
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.judged import Sentence

UNKNOWN_CAUSE = "no piece of work: its cause is not known"


def findings_of_incident(report: IncidentReport) -> tuple[ColleagueFinding, ...]:
    """The cause of the incident and its long-term fixes."""
    return (*_cause(report), *_fixes(report), *advised(report.recommendations))


def _name(report: IncidentReport) -> str:
    return report.incident_id or f"incident of {report.window.days()}"


def _cause(report: IncidentReport) -> Iterator[ColleagueFinding]:
    cause, zone = report.root_cause, report.window.zone
    inconclusive = cause.confidence == "inconclusive"
    failed = quantity_text(report.failed, zone=zone)
    level = f", {report.severity.level}" if report.severity.level else ""
    known = f"{cause.title} ({cause.confidence} confidence)"
    facts = (*(one.fact for one in measured_in(report.failed)), *cause.because.facts)
    yield ColleagueFinding(
        title=f"{_name(report)}: {cause.title}",
        finding=Sentence(
            text=f"{_name(report)}{level}: {known}; {failed} requests failed",
            facts=tuple(dict.fromkeys(facts)),
        ),
        figure=report.failed,
        subjects=tuple(filter(None, (report.incident_id, "" if inconclusive else cause.name))),
        words="" if inconclusive else " ".join((cause.title, *(link.text for link in cause.chain))),
        requires=_requires(report),
        otherwise=UNKNOWN_CAUSE if inconclusive else "",
    )


def _requires(report: IncidentReport) -> str:
    """An objective that the incident's failures used up."""
    exceeded = [allowance for allowance in report.allowances if allowance.verdict == "exceeded"]
    if not exceeded:
        return ""
    return f"{AT_RISK}: {exceeded[0].objective}, used up with {_name(report)}"


def _fixes(report: IncidentReport) -> Iterator[ColleagueFinding]:
    for fix in report.long_term:
        yield ColleagueFinding(
            title=fix.action.text,
            finding=Sentence(
                text=f"{_name(report)}: {fix.action.text}; {fix.because.text}",
                facts=tuple(dict.fromkeys((*fix.action.facts, *fix.because.facts))),
                by=fix.action.by,
            ),
            words=fix.action.text,
            named=(fix.candidate,) if fix.candidate else (),
        )
