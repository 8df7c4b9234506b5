"""Changing a commitment, or calling it off: a request at its own gate, and what follows.

The commitment stays as it was written. An approved request adds an amendment beside it, once, with messages
to everybody who was handed something that is called off, and hand-offs of what is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT
from postlaunch.errors import ScopeRefused, StaleProposal, UsageError
from postlaunch.facts import Frozen, digest_of
from postlaunch.graphs.handing_on import messages_calling_off, messages_of
from postlaunch.graphs.lapsing import lapse_notices
from postlaunch.graphs.notifying import tell_at_once
from postlaunch.graphs.proposing import plan_behind, proposal_of
from postlaunch.graphs.requesting import request_for
from postlaunch.graphs.session import Services
from postlaunch.ledger.amendments import GATE
from postlaunch.ledger.calling_off import called_off
from postlaunch.ledger.gate_records import Amendment, AmendmentKind
from postlaunch.ledger.records import ApprovalRequest, Commitment, Decision, HandOff
from postlaunch.reports.packets import Approval, Packet, packet_for
from postlaunch.reports.scope import Scope
from postlaunch.tools.backlog import Plan
from postlaunch.tools.scope import check_scope, scope_of

KINDS: dict[AmendmentKind, str] = {"amend": "change", "revoke": "call off"}


class AmendmentProposal(Frozen):
    """What is decided on at the gate for commitments.

    Attributes:
        base: the ids that it held when this was asked; None in what was asked before this was noted.
        items: the ids that the commitment holds from then on; none where it is called off.
        out, into: the titles of what leaves it and of what comes into it.
        without: titles of what must be in and is not, with why it must: who decides may leave it out.
        scope: the new scope with its proof; None where it is called off.
        by, reason: who asks for it, and why.
    """

    commitment: str
    kind: AmendmentKind
    application: str
    sprint: int
    base: tuple[str, ...] | None = None
    items: tuple[str, ...] = ()
    out: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    scope: Scope | None = None
    by: str
    reason: str

    def lines(self) -> tuple[str, ...]:
        """In plain lines, for a person."""
        what = f"{KINDS[self.kind]} sprint {self.sprint} of {self.application} ({self.commitment})"
        lines = [f"Asked by {self.by}: {what}, which is committed. Why: {self.reason}"]
        lines += [f"- left out although it must be in: {title}" for title in self.without]
        lines += [f"- out: {title}" for title in self.out]
        lines += [f"- in: {title}" for title in self.into]
        if self.scope is not None:
            lines += [f"  {line}" for line in self.scope.proof]
        return tuple(line[:200] for line in lines)


def standing_items(services: Services, commitment: Commitment) -> tuple[str, ...]:
    """The ids that a commitment holds now, after everything that changed it."""
    changed = services.ledger.amendments(commitment.id)
    if not changed:
        return Scope.model_validate(commitment.body["scope"]).ids
    return AmendmentProposal.model_validate(changed[-1].body).items


def open_amendment(
    services: Services,
    commitment_id: str,
    kind: AmendmentKind,
    *,
    items: Sequence[str],
    by: str,
    reason: str,
) -> ApprovalRequest:
    """Put a change of a commitment before a person, who is told. Blocking.

    The same change asked for again, while nobody decided it, is the same request.

    Raises:
        UsageError: there is no such commitment, it was called off, or nothing would change.
        ScopeRefused: the new items do not fit.
        RunBusy: somebody moves the run of the commitment.
    """
    commitment = _commitment(services, commitment_id)
    proposal = _proposal(services, commitment, kind, items, by=by, reason=reason)
    shown = JSON_OBJECT.validate_python(proposal.model_dump(mode="json"))
    waiting = services.ledger.requests(commitment.run, pending=True)
    same = next((request for request in waiting if request.digest == digest_of(shown)), None)
    request = same or _opened(services, commitment, proposal, shown)
    tell_at_once(services, request)
    return request


def _opened(
    services: Services,
    commitment: Commitment,
    proposal: AmendmentProposal,
    shown: dict[str, JsonValue],
) -> ApprovalRequest:
    ledger = services.ledger
    number = 1 + sum(request.gate == GATE for request in ledger.requests(commitment.run))
    request = request_for(
        services, commitment.run, GATE, shown, ("approve", "reject"), proposal.lines(), round_=number
    )
    lease = ledger.take_lease(commitment.run, services.holder, services.settings.ledger.lease_seconds)
    try:
        return ledger.open_request(lease, request)
    finally:
        ledger.release(lease)


def _commitment(services: Services, named: str) -> Commitment:
    found = [one for one in services.ledger.commitments() if named and one.id.startswith(named)]
    if len(found) != 1:
        known = ", ".join(one.id for one in services.ledger.commitments()) or "none yet"
        raise UsageError(f'"{named}" is no commitment', f"those there are: {known}")
    if any(one.kind == "revoke" for one in services.ledger.amendments(found[0].id)):
        raise UsageError(f"commitment {found[0].id} was called off", "plan the next sprint: postlaunch plan")
    return found[0]


def _proposal(
    services: Services,
    commitment: Commitment,
    kind: AmendmentKind,
    items: Sequence[str],
    *,
    by: str,
    reason: str,
) -> AmendmentProposal:
    if not by.strip() or not reason.strip():
        raise UsageError("a commitment is changed for somebody, for a reason", "give --by and --reason")
    request = services.ledger.request(commitment.request)
    backlog = proposal_of(request).backlog
    titles = {item.id: item.title for item in backlog.items}
    now, then = standing_items(services, commitment), tuple(dict.fromkeys(items))
    scope: Scope | None = None
    without: tuple[str, ...] = ()
    if kind == "amend":
        plan = plan_behind(services, request)
        scope = _scope(plan, then)
        if set(now) == set(then):
            raise UsageError("the commitment holds exactly these items already", "nothing is to be changed")
        missing = [work for work in plan.works if work.wanted and work.id not in then]
        without = tuple(f"{work.title} ({work.wanted})" for work in missing)
    return AmendmentProposal(
        commitment=commitment.id,
        kind=kind,
        application=backlog.application,
        sprint=backlog.sprint,
        base=now,
        items=then if scope is not None else (),
        out=tuple(titles[item] for item in now if item not in then or scope is None),
        into=tuple(titles[item] for item in then if item not in now) if scope is not None else (),
        without=without,
        scope=scope,
        by=by,
        reason=reason,
    )


def _scope(plan: Plan, items: Sequence[str]) -> Scope:
    """The scope of exactly these items; what must be in may be left out, for who decides is told of it.

    Raises:
        ScopeRefused: they do not fit, lack what they depend on, or are not of the backlog.
    """
    problems = check_scope(plan.works, plan.team, items, demanded=()) if items else ["no item is named"]
    if problems:
        raise ScopeRefused(
            f"this scope does not fit: {'; '.join(problems)}",
            "name items that fit together, with what they depend on",
        )
    return scope_of(plan.works, plan.team, items, demanded=())


# --- what follows -------------------------------------------------------------------------------------------


def carry_out_amendments(services: Services) -> tuple[Amendment, ...]:
    """Write every amendment that was decided and is not written yet. Blocking; may run again, from anywhere.

    Of two that were decided on one commitment before either was written, the first counts. The second was
    shown on what no longer stands: it lapses, and people are told.
    """
    carried_out = []
    for request, made in services.ledger.unamended():
        try:
            carried_out.append(_carried_out(services, request, made))
        except StaleProposal as error:
            services.ledger.lapse(made, str(error), lapse_notices(services, request, str(error)))
    return tuple(carried_out)


def _carried_out(services: Services, request: ApprovalRequest, made: Decision) -> Amendment:
    proposal = AmendmentProposal.model_validate(request.proposal)
    commitment = _by_id(services, proposal.commitment)
    before = set(standing_items(services, commitment))
    added = [item for item in proposal.items if item not in before]
    packets = _packets(services, commitment, added, made)
    new = [(_handoff(commitment, packet, made), packet) for packet in packets]
    amendment = Amendment(
        id=f"M{digest_of(made.hash)[:8]}",
        commitment=commitment.id,
        kind=proposal.kind,
        request=request.id,
        decision=made.hash,
        body=request.proposal,
        at=made.at,
    )
    rows = [row for handoff, packet in new for row in messages_of(handoff, packet, services.settings)]
    for one in called_off(services.ledger, amendment).values():
        if one.decision.hash == made.hash:
            rows += messages_calling_off(one, services.ledger)
    return services.ledger.amend(amendment, [handoff for handoff, _ in new], rows)


def _by_id(services: Services, commitment: str) -> Commitment:
    return next(one for one in services.ledger.commitments() if one.id == commitment)


def _packets(
    services: Services, commitment: Commitment, items: Sequence[str], made: Decision
) -> Iterator[Packet]:
    backlog = proposal_of(services.ledger.request(commitment.request)).backlog
    approval = Approval(by=made.by, at=made.at, reason=made.reason, decision=made.hash, trust=made.trust)
    for item in backlog.items:
        if item.id in items:
            taken = item.model_copy(update={"in_scope": True, "decision": item.tier, "defer_to": ""})
            packet = packet_for(taken, sprint=backlog.sprint, evidence=backlog.evidence)
            yield packet.model_copy(update={"approved": approval})


def _handoff(commitment: Commitment, packet: Packet, made: Decision) -> HandOff:
    key = f"{commitment.key}/{packet.item}/{made.hash[:8]}"  # the item may have been in, out, and in again
    return HandOff(
        id=f"H{digest_of(key)[:8]}",
        key=key,
        commitment=commitment.id,
        run=commitment.run,
        phase=packet.phase,
        item=packet.item,
        packet=JSON_OBJECT.validate_python(packet.model_dump(mode="json")),
        at=made.at,
    )
