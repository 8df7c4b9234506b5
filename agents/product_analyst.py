"""The product-analyst: what do people ask for, what is it worth, and what fits into the next sprint."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pydantic import Field, JsonValue

from postlaunch.agents.backlog_judgement import BacklogJudgement, Extra, verify_extra, with_judgement
from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench, Findings, Specialist
from postlaunch.agents.judgement import Verdict, VerifiedJudgement
from postlaunch.errors import UsageError
from postlaunch.facts import Fact, Frozen
from postlaunch.ledger.records import ScopeEdits
from postlaunch.reports.backlog import BacklogReport
from postlaunch.sources.candidates import CandidateItem, CandidateTable
from postlaunch.sources.opening import BrokenSource
from postlaunch.sources.tickets import TicketTable
from postlaunch.tools.backlog import anchors_of, build_backlog
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.windows import Window

NAME = "product-analyst"
INPUTS = f"{NAME}/inputs"
"""The document that a plan is made from, so that it can be made again with other edits."""

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
    "endpoint_detail",
    "request_groups",
    "slowest_endpoints",
    "tickets_about",
    "ticket_volume",
)
SECTIONS = ("headline", "requests", "priorities", "scope")


class PlanInputs(Frozen):
    """What the backlog is computed from.

    Attributes:
        requests: of the measurement "request_groups"; None where no tickets source is configured.
        problems: configured sources that failed.
    """

    fingerprint: str = ""
    items: tuple[CandidateItem, ...] = ()
    notes: tuple[str, ...] = ()
    requests: MeasurementResult | None = None
    problems: tuple[str, ...] = Field(default=())

    @property
    def table(self) -> CandidateTable:
        """The candidates as the planning rules take them."""
        return CandidateTable(fingerprint=self.fingerprint, items=self.items, notes=self.notes)


def measure(bench: Bench, assignment: Assignment) -> Findings:
    """Count what people ask for, apply the planning rules, draft the backlog."""
    inputs = _inputs(bench, assignment)
    bench.put_document(INPUTS, JSON_OBJECT.validate_python(inputs.model_dump(mode="json")))
    report = _backlog(bench, assignment, inputs)
    facts = [*(inputs.requests.facts if inputs.requests else ()), *_health(bench)]
    return Findings(
        facts=tuple({fact.id: fact for fact in facts}.values()),
        verdicts=_verdicts(report),
        draft=JSON_OBJECT.validate_python(report.model_dump(mode="json")),
        texts=inputs.requests.texts if inputs.requests else (),
        names=_names(inputs.items),
        problems=inputs.problems,
    )


def _names(items: tuple[CandidateItem, ...]) -> tuple[str, ...]:
    """What a sentence may name: items by id and title, and who would work on them."""
    return tuple(dict.fromkeys(name for item in items for name in (item.id, item.title, *item.effort)))


def _inputs(bench: Bench, assignment: Assignment) -> PlanInputs:
    source = bench.sources.get("candidates")
    problems: list[str] = []
    table = CandidateTable(fingerprint="", items=())
    if isinstance(source, CandidateTable):
        table = _without_committed(source, assignment.parameters.get("committed"))
    elif isinstance(source, BrokenSource):
        problems.append(f"candidates: {source.error}")
    requests = None
    if bench.settings.sources.tickets is not None:
        anchors: JsonValue = [anchor.model_dump(mode="json") for anchor in anchors_of(table.items)]
        asked: dict[str, JsonValue] = {"anchors": anchors, **_until(bench, assignment)}
        requests = bench.measure(NAME, "request_groups", asked)
        if requests.status == "error":
            problems.append(f"tickets: {requests.reason}")
    return PlanInputs(
        fingerprint=table.fingerprint,
        items=table.items,
        notes=table.notes,
        requests=requests,
        problems=tuple(problems),
    )


def _until(bench: Bench, assignment: Assignment) -> dict[str, JsonValue]:
    """The span of the tickets when a run looks back at a moment: what came later was not known then."""
    source, as_of = bench.sources.get("tickets"), assignment.parameters.get("as_of")
    if not isinstance(source, TicketTable) or not isinstance(as_of, str):
        return {}
    first, end = min(ticket.created_at for ticket in source.tickets), datetime.fromisoformat(as_of)
    if end <= first:
        return {}
    window = Window(start=first, end=end, zone=bench.settings.application.timezone)
    return {"window": JSON_OBJECT.validate_python(window.model_dump(mode="json"))}


def _without_committed(table: CandidateTable, committed: JsonValue) -> CandidateTable:
    """The candidates that no earlier sprint took; what depended on those that one took no longer waits."""
    gone = set(committed) if isinstance(committed, list) else set()
    left = tuple(
        item.model_copy(update={"depends_on": tuple(other for other in item.depends_on if other not in gone)})
        for item in table.items
        if item.id not in gone
    )
    taken = ", ".join(item.id for item in table.items if item.id in gone)
    note = (f"committed in an earlier sprint, and so left out: {taken}",) if taken else ()
    return replace(table, items=left, notes=(*table.notes, *note))


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
    )
    problems = tuple(dict.fromkeys((*report.problems, *inputs.problems)))
    return report.model_copy(update={"problems": problems})


def _verdicts(report: BacklogReport) -> tuple[Verdict, ...]:
    """Tier, route and fit, for a model to see and dispute."""
    scope = report.scope
    fit = "fits" if scope.fits else "does not fit"
    because = "; ".join(scope.infeasible or scope.proof) or "nothing is in the scope"
    verdicts = [Verdict(rule="fit", subject="scope", value=fit, because=because)]
    for item in report.items:
        verdicts.append(Verdict(rule="tier", subject=item.id, value=item.decision, because=item.because))
        verdicts.append(
            Verdict(
                rule="route", subject=item.id, value=f"Phase {item.route.phase}", because=item.route.because
            )
        )
    return tuple(verdicts)


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
    consults=("monitoring-specialist",),
    judgement=BacklogJudgement,
    sections=SECTIONS,
    prompt=f"{NAME}.md",
    measure=measure,
    compose=compose,
    verify_extra=verify_extra,
)
