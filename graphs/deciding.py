"""Deciding: what a person says is held against the proposal before the ledger may store it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from postlaunch.agents.product_analyst import INPUTS, PlanInputs
from postlaunch.errors import DecisionRefused, ScopeRefused, StaleProposal, UsageError
from postlaunch.graphs.amending import carry_out_amendments
from postlaunch.graphs.proposing import proposal_of, scope_problems
from postlaunch.graphs.revising import merged
from postlaunch.graphs.session import Services
from postlaunch.graphs.tracking_deciding import changes_asked, choice_fits, plan_is_the_same
from postlaunch.ledger.amendments import ASK_AGAIN
from postlaunch.ledger.amendments import GATE as COMMITMENT_GATE
from postlaunch.ledger.records import ApprovalRequest, Decision, DecisionDraft, GateOption, ScopeEdits
from postlaunch.ledger.trust import Given
from postlaunch.roster import Roster
from postlaunch.settings_gate import TRACKING_GATE
from postlaunch.tools.edits import checked_edits

Check = Callable[[Services, ApprovalRequest, DecisionDraft], None]


def drafted(
    request: ApprovalRequest,
    kind: GateOption,
    by: str,
    *,
    reason: str = "",
    scope: Sequence[str] | None = None,
    edits: ScopeEdits | None = None,
    text: str = "",
    digest: str | None = None,
) -> DecisionDraft:
    """What a person says on a request; without a digest it is about the proposal that is stored now.

    Raises:
        UsageError: nobody is named.
    """
    if not by.strip():
        raise UsageError("a decision is somebody's, and nobody is named", "name who decides: --by NAME")
    return DecisionDraft(
        request=request.id,
        kind=kind,
        by=by,
        reason=reason,
        digest=digest or request.digest,
        scope=tuple(scope) if scope is not None else None,
        edits=edits,
        text=text,
    )


def decide(
    services: Services, request: ApprovalRequest, draft: DecisionDraft, given: Given | None = None
) -> Decision:
    """Store a decision that fits its proposal. Blocking.

    Args:
        given: what proves who decides.

    Raises:
        DecisionRefused: it does not fit, or the ledger refuses it; nothing was stored but the attempt.
        StaleProposal: also where the decision is stored and lapsed at once, because somebody else's changed
            the same commitment in between.
    """
    scrutinise(services, request, draft)
    decision = services.ledger.decide(draft, given)
    if request.gate == COMMITMENT_GATE:
        carry_out_amendments(services)
        lapsed = services.ledger.lapsed(request.id)
        if lapsed is not None:
            raise StaleProposal(lapsed.text, ASK_AGAIN)
    return decision


def scrutinise(services: Services, request: ApprovalRequest, draft: DecisionDraft) -> None:
    """Refuse what does not fit the proposal it is about, and keep the attempt in the gate's journal.

    Raises:
        ScopeRefused: an edited scope does not fit, an edit names what is not there, or an answer lacks what
            its kind needs.
        PlanChanged: what is to be written is no longer the file that was looked at.
        StaleProposal: the commitment to be changed is no longer as it was when this was asked for.
    """
    over = request.closed or services.ledger.decision(request.id) is not None
    if over or draft.digest != request.digest or draft.kind not in request.options:
        return  # the ledger refuses it with the better reason: who was first, what is stale or not offered
    try:
        CHECKS_AT.get(request.gate, CHECKS)[draft.kind](services, request, draft)
    except DecisionRefused as error:
        services.ledger.refused(request.id, draft.by, draft.kind, error)
        raise


def _nothing_more(_: Services, request: ApprovalRequest, draft: DecisionDraft) -> None:
    if draft.scope is not None or (draft.edits is not None and not draft.edits.empty):
        raise ScopeRefused(
            f'"{draft.kind}" takes the proposal as it is; it comes with a scope or edits',
            'use "edit" for another scope, "changes" for another proposal',
        )


def _scope_fits(services: Services, request: ApprovalRequest, draft: DecisionDraft) -> None:
    if not draft.scope:
        raise ScopeRefused(
            '"edit" needs the ids of the items to commit', f"postlaunch edit {request.id} --item ID ..."
        )
    problems = scope_problems(services, request, draft.scope)
    if problems:
        raise ScopeRefused(
            f"this scope does not fit: {'; '.join(problems)}",
            f"name every item that is to be in (postlaunch show {request.id} lists them), leave out what "
            "does not fit, or ask for changes: of effort, of capacity, or of what must be in (--exclude ID)",
        )


def _changes_asked(services: Services, request: ApprovalRequest, draft: DecisionDraft) -> None:
    edits = draft.edits or ScopeEdits()
    if edits.empty and not draft.text.strip():
        raise ScopeRefused('"changes" needs typed edits or your words', "say what should change")
    inputs = PlanInputs.model_validate(services.ledger.document(request.run, INPUTS) or {})
    try:
        together = merged(proposal_of(request).edits, edits)
        checked_edits(together, inputs.items, Roster.from_settings(services.settings))
    except UsageError as error:
        raise ScopeRefused(str(error), error.remedy) from error


def _something_to_discover(_: Services, request: ApprovalRequest, draft: DecisionDraft) -> None:
    if not draft.text.strip():
        raise ScopeRefused(
            '"discovery" needs a text: what should be discovered',
            f'postlaunch discover {request.id} --text "..."',
        )


CHECKS: dict[str, Check] = {
    "approve": _nothing_more,
    "reject": _nothing_more,
    "edit": _scope_fits,
    "changes": _changes_asked,
    "discovery": _something_to_discover,
}


def _plan_approved(services: Services, request: ApprovalRequest, draft: DecisionDraft) -> None:
    _nothing_more(services, request, draft)
    plan_is_the_same(services, request, draft)


def _commitment_is_the_same(services: Services, request: ApprovalRequest, draft: DecisionDraft) -> None:
    _nothing_more(services, request, draft)
    services.ledger.refuse_outdated(request)


CHECKS_AT: Mapping[str, Mapping[str, Check]] = {
    TRACKING_GATE: {
        "approve": _plan_approved,
        "reject": _nothing_more,
        "edit": choice_fits,
        "changes": changes_asked,
    },
    COMMITMENT_GATE: {"approve": _commitment_is_the_same, "reject": _nothing_more},
}
"""The checks of the gates that have their own."""
