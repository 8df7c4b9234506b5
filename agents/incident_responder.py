"""The incident-responder: what happened, whom it hit, why, what ended it, and what follows from it."""

from __future__ import annotations

from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench, Findings, Specialist
from postlaunch.agents.incident_draft import drafted
from postlaunch.agents.incident_judgement import SECTIONS, with_judgement
from postlaunch.agents.incident_measuring import NAME, facts_for_model, measure_case, texts_of
from postlaunch.agents.judgement import Judgement, VerifiedJudgement
from postlaunch.reports.incident import IncidentReport

TOOLS = (
    "endpoint_detail",
    "error_endpoints",
    "errors_by_type",
    "incident_alerts",
    "incident_changes",
    "incident_log_errors",
    "incident_resources",
    "pod_comparison",
    "request_summary",
    "requests_by_hour",
    "requests_by_minute",
    "resource_shares",
    "slowest_endpoints",
    "tickets_about",
)


def measure(bench: Bench, assignment: Assignment) -> Findings:
    """Measure the incident and what surrounds it, apply the rules, draft the report.

    It works for any window: where the assignment states no incident, the longest spell of failures in the
    window is looked at, and where there is none the report says what was.
    """
    case = measure_case(bench, assignment)
    report, verdicts = drafted(case, assignment)
    return Findings(
        facts=facts_for_model(case),
        verdicts=verdicts,
        draft=JSON_OBJECT.validate_python(report.model_dump(mode="json")),
        texts=texts_of(case),
        names=_names(report),
        problems=case.problems,
    )


def _names(report: IncidentReport) -> tuple[str, ...]:
    """What a sentence may name: the incident, and who is to do something."""
    owners = (line.owner for line in report.actions)
    return tuple(dict.fromkeys(filter(None, (report.incident_id, *owners))))


def compose(
    bench: Bench, assignment: Assignment, findings: Findings, judgement: VerifiedJudgement
) -> dict[str, JsonValue]:
    """The final report: the draft, with what stood of the judgement beside what the rules said."""
    draft = IncidentReport.model_validate(findings.draft)
    return JSON_OBJECT.validate_python(with_judgement(draft, findings, judgement).model_dump(mode="json"))


INCIDENT_RESPONDER = Specialist(
    name=NAME,
    role="Production issue handling and resolution",
    status="new",
    priority="CRITICAL",
    tools=TOOLS,
    consults=("analytics-specialist", "monitoring-specialist"),
    judgement=Judgement,
    sections=SECTIONS,
    prompt=f"{NAME}.md",
    measure=measure,
    compose=compose,
)
"""From an alert, a user's report or a daily finding to the post-mortem and what follows from it."""
