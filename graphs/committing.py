"""Committing what a person approved: one fenced transaction, under a business key, with its hand-offs."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT, Findings
from postlaunch.agents.product_analyst import HEALTH, INPUTS, PlanInputs
from postlaunch.errors import AlreadyCommitted, DecisionRefused
from postlaunch.facts import Evidence, Fact, Measured, Quantity, digest_of
from postlaunch.graphs.amending import standing_items
from postlaunch.graphs.handing_on import messages_of
from postlaunch.graphs.proposing import Proposal, demanded, proposal_of
from postlaunch.graphs.session import Services, Session
from postlaunch.ledger.keys import sprint_key
from postlaunch.ledger.records import ApprovalRequest, Commitment, Decision, HandOff
from postlaunch.printing import fact_text
from postlaunch.reports.backlog import BacklogItem
from postlaunch.reports.packets import (
    Approval,
    Packet,
    Phase1Brief,
    Written,
    discovery_brief,
    packet_for,
)
from postlaunch.reports.scope import Scope
from postlaunch.tools.backlog import plan_of
from postlaunch.tools.scope import scope_of

PATTERNS = ("endpoint_requests", "endpoint_mean_response_time", "endpoint_errors")
PATTERNS_LISTED = 3
"""Of each kind, the greatest."""
TITLE_LENGTH = 120


def commit_scope(session: Session, request_id: str) -> Commitment:
    """Commit the approved or edited scope once, and hand its items on. Blocking; may run again.

    Raises:
        LeaseLost: another process moves this run now; nothing was written.
        AlreadyCommitted: another run committed this sprint first; this one committed nothing.
    """
    ledger = session.services.ledger
    request, decision = _decided(session, request_id)
    proposal = proposal_of(request)
    scope = _scope(session, proposal, decision)
    backlog = proposal.backlog
    chosen = [item for item in backlog.items if item.id in scope.ids]
    packets = [_packet(session, proposal, item, decision) for item in chosen]
    commitment = _commitment(session, request, decision, scope)
    handoffs = [_handoff(session, f"{commitment.key}/{packet.item}", packet, decision) for packet in packets]
    settings = session.bench.settings
    rows = [
        row
        for handoff, packet in zip(handoffs, packets, strict=True)
        for row in messages_of(handoff, packet, settings)
    ]
    stored = ledger.commit(session.lease, commitment, handoffs, rows)
    if stored.run != session.run.id:
        raise AlreadyCommitted(
            f"sprint {backlog.sprint} was committed already, by run {stored.run} as {stored.id}; "
            "this run committed nothing",
            f"see it with: postlaunch show {stored.request}",
        )
    _tell(session, handoffs, f"sprint {backlog.sprint} is committed as {stored.id}", stored.id)
    return stored


def _commitment(session: Session, request: ApprovalRequest, decision: Decision, scope: Scope) -> Commitment:
    backlog = proposal_of(request).backlog
    key = sprint_key(backlog.application, backlog.sprint)
    return Commitment(
        id=f"C{digest_of(key)[:8]}",
        key=key,
        run=session.run.id,
        request=request.id,
        decision=decision.hash,
        body={
            "application": backlog.application,
            "sprint": backlog.sprint,
            "scope": JSON_OBJECT.validate_python(scope.model_dump(mode="json")),
            "proposal": request.digest,
            "by": decision.by,
            "reason": decision.reason,
            "trust": decision.trust,
        },
        at=decision.at,
    )


def _packet(session: Session, proposal: Proposal, item: BacklogItem, decision: Decision) -> Packet:
    """What an approved item carries to its phase, with what was observed for the architects."""
    observed = _observed(session, item)
    packet = packet_for(
        item.model_copy(update={"in_scope": True, "decision": item.tier, "defer_to": ""}),
        sprint=proposal.backlog.sprint,
        evidence=proposal.backlog.evidence,
        written=Written(query_patterns=tuple(map(_pattern, observed))),
    )
    facts = {**packet.evidence.facts, **Evidence.of(*observed).facts}
    return packet.model_copy(update={"approved": _approval(decision), "evidence": Evidence(facts=facts)})


def _approval(decision: Decision) -> Approval:
    return Approval(
        by=decision.by,
        at=decision.at,
        reason=decision.reason,
        decision=decision.hash,
        trust=decision.trust,
    )


def committed_items(services: Services) -> list[JsonValue]:
    """Ids of the items that sprints of this application committed."""
    application = services.settings.application.name
    found: dict[JsonValue, None] = {}
    for commitment in services.ledger.commitments():
        if commitment.body.get("application") == application:
            found.update(dict.fromkeys(standing_items(services, commitment)))
    return list(found)


def hand_on_discovery(session: Session, request_id: str) -> HandOff:
    """Commit nothing; hand one brief to Phase 1. Blocking; may run again."""
    request, decision = _decided(session, request_id)
    proposal = proposal_of(request)
    packet = brief_of(proposal, decision).model_copy(update={"approved": _approval(decision)})
    key = f"discovery/{proposal.backlog.application}/{request.id}"
    handoff = _handoff(session, key, packet, decision)
    rows = tuple(messages_of(handoff, packet, session.bench.settings))
    session.services.ledger.hand_off(session.lease, handoff, rows, decision)
    _tell(session, [handoff], "nothing is committed; one brief goes to Phase 1", "")
    return handoff


def brief_of(proposal: Proposal, decision: Decision) -> Phase1Brief:
    """A brief of the person's words, with the count of those who ask for it where the words name a group."""
    backlog = proposal.backlog
    brief = discovery_brief(
        decision.text, by=decision.by, title=decision.text[:TITLE_LENGTH], sprint=backlog.sprint
    )
    words = decision.text.casefold()
    asked = next((one for one in backlog.feature_requests if one.label.casefold() in words), None)
    if asked is None:
        return brief
    cited = [fact for fact in backlog.evidence.facts.values() if fact.id in _facts_of(asked.requesters)]
    return brief.model_copy(
        update={
            "requests": asked.requesters,
            "requests_note": asked.note,
            "tickets": asked.tickets,
            "evidence": Evidence.of(*cited),
        }
    )


def _facts_of(quantity: Quantity) -> tuple[str, ...]:
    return (quantity.fact,) if isinstance(quantity, Measured) else ()


def _decided(session: Session, request_id: str) -> tuple[ApprovalRequest, Decision]:
    ledger = session.services.ledger
    decision = ledger.decision(request_id)
    if decision is None:
        raise DecisionRefused(
            f"nothing is committed: nobody decided on {request_id}", f"postlaunch show {request_id}"
        )
    return ledger.request(request_id), decision


def _scope(session: Session, proposal: Proposal, decision: Decision) -> Scope:
    """As proposed, or exactly as the person edited it."""
    if decision.kind != "edit" or decision.scope is None:
        return proposal.backlog.scope
    inputs = PlanInputs.model_validate(session.bench.document(INPUTS) or {})
    plan = plan_of(inputs.table, inputs.requests, session.bench.settings, proposal.edits, inputs.gathered)
    return scope_of(plan.works, plan.team, decision.scope, demanded(plan, proposal))


def _observed(session: Session, item: BacklogItem) -> tuple[Fact, ...]:
    """What was measured of the application's requests, for the architects of a complex change."""
    document = session.bench.document(HEALTH) if item.route.phase == 2 else None
    if document is None:
        return ()
    facts = [fact for fact in Findings.model_validate(document).facts if fact.name in PATTERNS]
    longest = max((fact.window.end - fact.window.start for fact in facts), default=None)
    whole = [fact for fact in facts if fact.window.end - fact.window.start == longest]
    return tuple(fact for name in PATTERNS for fact in _greatest(whole, name))


def _greatest(facts: Sequence[Fact], name: str) -> list[Fact]:
    of_name = [fact for fact in facts if fact.name == name]
    return sorted(of_name, key=lambda fact: -fact.value)[:PATTERNS_LISTED]


def _pattern(fact: Fact) -> str:
    when = fact.window.label or fact.window.days()
    return f"{fact.entity}: {fact.definition.title} {fact_text(fact)}, {when}"


def _handoff(session: Session, key: str, packet: Packet, decision: Decision) -> HandOff:
    return HandOff(
        id=f"H{digest_of(key)[:8]}",
        key=key,
        run=session.run.id,
        phase=packet.phase,
        item=packet.item,
        packet=JSON_OBJECT.validate_python(packet.model_dump(mode="json")),
        at=decision.at,
    )


def _tell(session: Session, handoffs: Sequence[HandOff], text: str, commitment: str) -> None:
    if commitment:
        session.recorder.emit("committed", text, data={"commitment": commitment})
    for handoff in handoffs:
        session.recorder.emit(
            "handoff",
            f"{handoff.packet['title']} goes to Phase {handoff.phase}",
            data={"handoff": handoff.id, "phase": handoff.phase, "item": handoff.item},
        )
