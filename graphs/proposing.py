"""Making a proposal of the backlog, and making another one from what a person asks for."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, JsonValue

from postlaunch.agents.bench import JSON_OBJECT, Assignment, Findings
from postlaunch.agents.judgement import VerifiedJudgement
from postlaunch.agents.product_analyst import INPUTS, PRODUCT_ANALYST, PlanInputs
from postlaunch.errors import PostLaunchError
from postlaunch.facts import Frozen
from postlaunch.graphs.handing import finding_what_is_handed
from postlaunch.graphs.publishing import publish_report
from postlaunch.graphs.reconciling import reconciled
from postlaunch.graphs.requesting import put_before_people
from postlaunch.graphs.session import Services, Session
from postlaunch.ledger.records import ApprovalRequest, GateOption, ScopeEdits
from postlaunch.printing import quantity_text, value_text
from postlaunch.reports.backlog import BacklogReport
from postlaunch.settings_gate import SPRINT_GATE
from postlaunch.tools.backlog import Plan, plan_of
from postlaunch.tools.backlog_advice import due_outside
from postlaunch.tools.scope import check_scope
from postlaunch.tools.scope_changes import ScopeChange, what_changes

GATE = SPRINT_GATE
BACKLOG = f"{PRODUCT_ANALYST.name}/report"


class Proposal(Frozen):
    """What a person decides on; its canonical JSON is what the request's digest is taken of.

    Attributes:
        edits: every typed edit it was made under.
        remarks: what became of the person's last words, and what else must be known to decide.
    """

    backlog: BacklogReport
    edits: ScopeEdits = ScopeEdits()
    remarks: tuple[str, ...] = Field(default=())


def proposal_of(request: ApprovalRequest) -> Proposal:
    """The typed proposal of a stored request."""
    return Proposal.model_validate(request.proposal)


def propose(
    session: Session, assignment: Assignment, round_: int, edits: ScopeEdits, remarks: Sequence[str]
) -> ApprovalRequest:
    """Make the backlog under these edits, publish it, and put it before a person. Blocking; may run again.

    Raises:
        LeaseLost: another process moves this run now.
    """
    bench = session.bench
    proposal = _made(session, assignment, round_, edits, remarks)
    bench.put_document(BACKLOG, JSON_OBJECT.validate_python(proposal.backlog.model_dump(mode="json")))
    publish_report(session, BACKLOG, PRODUCT_ANALYST.name)
    return put_before_people(
        session,
        GATE,
        JSON_OBJECT.validate_python(proposal.model_dump(mode="json")),
        options_for(proposal.backlog),
        summary_of(proposal),
        round_,
    )


def _made(
    session: Session, assignment: Assignment, round_: int, edits: ScopeEdits, remarks: Sequence[str]
) -> Proposal:
    """The proposal of a round: made once, so that what is published is what the request shows."""
    bench, name = session.bench, f"proposal/{round_}"
    known = bench.document(name)
    if known is not None:
        return Proposal.model_validate(known)
    parameters: dict[str, JsonValue] = {**assignment.parameters, "edits": edits.model_dump(mode="json")}
    body = finding_what_is_handed(PRODUCT_ANALYST).compose(
        bench,
        assignment.model_copy(update={"parameters": parameters}),
        Findings.model_validate(_document(session, f"{PRODUCT_ANALYST.name}/findings")),
        VerifiedJudgement.model_validate(_document(session, f"{PRODUCT_ANALYST.name}/judgement")),
    )
    backlog = reconciled(session, BacklogReport.model_validate(body))
    proposal = Proposal(backlog=backlog, edits=edits, remarks=tuple(remarks))
    bench.put_document(name, JSON_OBJECT.validate_python(proposal.model_dump(mode="json")))
    return proposal


def _document(session: Session, name: str) -> dict[str, JsonValue]:
    body = session.bench.document(name)
    if body is None:
        raise PostLaunchError(f"run {session.run.id} has no document {name}", "advance the run again")
    return body


def options_for(backlog: BacklogReport) -> tuple[GateOption, ...]:
    """What can be decided: where nothing is in the scope there is nothing to approve."""
    if backlog.scope.ids:
        return ("approve", "edit", "changes", "discovery", "reject")
    return ("edit", "changes", "discovery", "reject") if backlog.items else ("discovery", "reject")


def summary_of(proposal: Proposal) -> tuple[str, ...]:
    """The proposal in plain lines, what decides first."""
    backlog, scope = proposal.backlog, proposal.backlog.scope
    fits = "fits" if scope.fits else "does not fit"
    lines = [
        f"Sprint {backlog.sprint} of {backlog.application}: "
        f"{len(scope.ids)} items, {value_text(scope.total_days, 'days')}, {fits}"
    ]
    lines.extend(missing.text for missing in due_outside(backlog.security, scope))
    for item in backlog.items:
        if item.in_scope:
            requests = quantity_text(item.requests, currency=backlog.currency)
            effort = quantity_text(item.effort, currency=backlog.currency)
            lines.append(
                f"- {item.title}: {item.tier}, {effort}, requests: {requests}, to Phase {item.route.phase}"
            )
    if scope.left_out:
        lines.append(f"Left out: {', '.join(left.title for left in scope.left_out)}")
    return (*lines, *proposal.remarks)


def scope_problems(services: Services, request: ApprovalRequest, items: Sequence[str]) -> tuple[str, ...]:
    """What is wrong with a scope of exactly these items, under the proposal's edits; empty when it fits."""
    plan = plan_behind(services, request)
    return tuple(check_scope(plan.works, plan.team, items, demanded(plan, proposal_of(request))))


def scope_change(
    services: Services, request: ApprovalRequest, items: Sequence[str], item: str
) -> ScopeChange:
    """What changes in a scope of these items when one is taken out of it, or put in.

    Raises:
        UsageError: the proposal has no such item.
    """
    plan = plan_behind(services, request)
    return what_changes(plan.works, plan.team, items, item, demanded(plan, proposal_of(request)))


def demanded(plan: Plan, proposal: Proposal) -> frozenset[str]:
    """Ids that an edit of the proposal may not leave out: the Musts that it holds.

    A Must that the proposal leaves out itself, because not all fit, is not asked of an edit either; nor is
    what a person had put in: a person takes it out again.
    """
    held = proposal.backlog.scope.ids
    return frozenset(
        work.id for work in plan.works if work.wanted and work.tier == "Must" and work.id in held
    )


def plan_behind(services: Services, request: ApprovalRequest) -> Plan:
    """The plan of a proposal, made again from its stored inputs."""
    body = services.ledger.document(request.run, INPUTS) or {}
    inputs = PlanInputs.model_validate(body)
    return plan_of(
        inputs.table, inputs.requests, services.settings, proposal_of(request).edits, inputs.gathered
    )
