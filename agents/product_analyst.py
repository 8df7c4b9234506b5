"""The product-analyst: what do people ask for, what did others find, and what fits into the next sprint."""

from __future__ import annotations

from pydantic import JsonValue

from postlaunch.agents.backlog_inputs import INPUTS, NAME, PlanInputs, collect
from postlaunch.agents.backlog_judgement import BacklogJudgement, Extra, verify_extra, with_judgement
from postlaunch.agents.backlog_verdicts import verdicts_of
from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench, Findings, Specialist
from postlaunch.agents.judgement import VerifiedJudgement
from postlaunch.errors import UsageError
from postlaunch.facts import Fact
from postlaunch.ledger.records import ScopeEdits
from postlaunch.reports.backlog import BacklogReport
from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools import (  # noqa: F401  (registers what is measured)
    analytics,
    competitors,
    feedback_measurements,
    planning_measurements,
    security_scans,
)
from postlaunch.tools import requests as _of_requests  # noqa: F401  (registers what is measured)
from postlaunch.tools.backlog import build_backlog
from postlaunch.tools.measurement import MeasurementResult

__all__ = ["HEALTH", "INPUTS", "NAME", "PRODUCT_ANALYST", "PlanInputs"]

HEALTH = "monitoring-specialist/findings"
HEALTH_METRICS = frozenset(
    {
        "error_rate",
        "p95_response_time",
        "mean_response_time",
        "total_requests",
        "endpoint_mean_response_time",
        "endpoint_p95_response_time",
        "endpoint_errors",
        "incident_failed_requests",
        "incident_users",
        "support_tickets",
    }
)
"""What of the application's health bears on priorities, where the monitoring-specialist measured it."""

TOOLS = (
    "candidate_effort",
    "competitor_notes",
    "endpoint_detail",
    "feature_adoption",
    "funnel",
    "slowest_endpoints",
    "tickets_about",
    "ticket_volume",
    "vulnerabilities",
)
GROUPS_FIRST = 6
"""Groups of requests whose texts a model is shown before those of scans and notes."""

SECTIONS = (
    "headline",
    "findings",
    "requests",
    "priorities",
    "features",
    "competitors",
    "security",
    "scope",
)


def measure(bench: Bench, assignment: Assignment) -> Findings:
    """Count what people ask for, take up what others found, apply the planning rules, draft the backlog."""
    window = assignment.window
    if window is None:
        raise UsageError("a backlog needs the span it looks at", "give the assignment a window")
    inputs = collect(bench, assignment, window)
    bench.put_document(INPUTS, JSON_OBJECT.validate_python(inputs.model_dump(mode="json")))
    report = _backlog(bench, assignment, inputs)
    requests = inputs.requests
    facts = [*(requests.facts if requests else ()), *inputs.gathered.facts, *_health(bench)]
    return Findings(
        facts=tuple({fact.id: fact for fact in facts}.values()),
        verdicts=verdicts_of(report),
        draft=JSON_OBJECT.validate_python(report.model_dump(mode="json")),
        texts=_texts(inputs),
        names=_names(inputs),
        problems=inputs.problems,
    )


def _texts(inputs: PlanInputs) -> tuple[dict[str, JsonValue], ...]:
    """Text from outside: what the largest groups say, the scans, the notes, then the other groups."""
    groups = inputs.requests.texts if inputs.requests else ()
    return (*groups[:GROUPS_FIRST], *inputs.texts, *groups[GROUPS_FIRST:])


def _names(inputs: PlanInputs) -> tuple[str, ...]:
    """What a sentence may name plainly: items by id and title, who would work on them, features, packages."""
    gathered = inputs.gathered
    reviewed = (*gathered.features.sunset.items, *gathered.features.underperforming.items)
    names = [
        *(name for item in inputs.items for name in _item_names(item)),
        *(feature.title for feature in reviewed),
        *(name for found in gathered.security.listed.items for name in (found.id, found.package)),
        *(competitor.name for competitor in gathered.competition.competitors.items),
    ]
    return tuple(dict.fromkeys(names))


def _item_names(item: CandidateItem) -> tuple[str, ...]:
    return (item.id, item.title, *item.effort)


def _health(bench: Bench) -> tuple[Fact, ...]:
    """What the monitoring-specialist measured in this run, as far as it bears on priorities."""
    document = bench.document(HEALTH)
    if document is None:
        return ()
    found = Findings.model_validate(document).facts
    return tuple(fact for fact in found if fact.name in HEALTH_METRICS)


def _backlog(
    bench: Bench, assignment: Assignment, inputs: PlanInputs, requests: MeasurementResult | None = None
) -> BacklogReport:
    if assignment.window is None:
        raise UsageError("a backlog needs the span it looks at", "give the assignment a window")
    sprint = assignment.parameters.get("sprint")
    report = build_backlog(
        inputs.table,
        requests or inputs.requests,
        bench.settings,
        sprint=sprint if isinstance(sprint, int) else 1,
        edits=ScopeEdits.model_validate(assignment.parameters.get("edits") or {}),
        window=assignment.window,
        at=bench.clock(),
        gathered=inputs.gathered,
    )
    problems = tuple(dict.fromkeys((*report.problems, *inputs.problems)))
    return report.model_copy(update={"problems": problems})


def compose(
    bench: Bench, assignment: Assignment, findings: Findings, judgement: VerifiedJudgement
) -> dict[str, JsonValue]:
    """The backlog under the assignment's edits, with what stood of the judgement.

    Made from stored inputs, so a revision after a person's changes asks no model and no source again; only
    groups that the judgement merges are counted anew.
    """
    inputs = PlanInputs.model_validate(bench.document(INPUTS) or {})
    extra = Extra.of(judgement.extra)
    requests = _merged(bench, inputs, extra)
    draft = _backlog(bench, assignment, inputs, requests)
    report = with_judgement(draft, findings, judgement, extra)
    return JSON_OBJECT.validate_python(report.model_dump(mode="json"))


def _merged(bench: Bench, inputs: PlanInputs, extra: Extra) -> MeasurementResult | None:
    """The groups with those joined that the judgement merges; counted once, and stored with the inputs."""
    before = inputs.requests
    merges: JsonValue = [list(merge) for merge in extra.merges]
    if before is None or not merges or before.measurement.parameters.get("merges") == merges:
        return before
    again = bench.measure(NAME, "request_groups", {**before.measurement.parameters, "merges": merges})
    if again.status != "ok":
        return before
    joined = inputs.model_copy(update={"requests": again})
    bench.put_document(INPUTS, JSON_OBJECT.validate_python(joined.model_dump(mode="json")))
    return again


PRODUCT_ANALYST = Specialist(
    name=NAME,
    role="Product roadmap and enhancement planning",
    status="new",
    priority="LOW",
    tools=TOOLS,
    consults=("performance-monitor", "analytics-specialist", "monitoring-specialist"),
    judgement=BacklogJudgement,
    sections=SECTIONS,
    prompt=f"{NAME}.md",
    measure=measure,
    compose=compose,
    verify_extra=verify_extra,
)
