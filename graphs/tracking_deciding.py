"""Deciding on changes of the tracking plan: what a person says is held against the proposal and the file."""

from __future__ import annotations

from postlaunch.errors import ScopeRefused
from postlaunch.graphs.session import Services
from postlaunch.graphs.tracking_proposing import PlanProposal, plan_proposal_of
from postlaunch.graphs.tracking_writing import refuse_changed
from postlaunch.ledger.records import ApprovalRequest, DecisionDraft, ScopeEdits
from postlaunch.tools.tracking_changes import unfit


def plan_is_the_same(services: Services, request: ApprovalRequest, _: DecisionDraft) -> None:
    """Nothing is approved for a file that is another by now.

    Raises:
        PlanChanged: it was changed since the changes were proposed.
    """
    refuse_changed(services, plan_proposal_of(request))


def choice_fits(services: Services, request: ApprovalRequest, draft: DecisionDraft) -> None:
    """The chosen changes are there, and can be made without the others.

    Raises:
        ScopeRefused: they are not, or cannot.
        PlanChanged: the file was changed since they were proposed.
    """
    proposal = plan_proposal_of(request)
    if not draft.scope:
        raise ScopeRefused(
            '"edit" needs the ids of the changes to make', f"postlaunch edit {request.id} --item T1 ..."
        )
    _refuse_unfit(proposal, draft.scope)
    plan_is_the_same(services, request, draft)


def changes_asked(_: Services, request: ApprovalRequest, draft: DecisionDraft) -> None:
    """Asking for another proposal names changes to leave out or put in, or says something.

    Raises:
        ScopeRefused: it does neither, or names what is not there.
    """
    edits = draft.edits or ScopeEdits()
    if edits.pin or edits.effort or edits.capacity:
        raise ScopeRefused(
            "changes of a tracking plan have no tier, effort or capacity",
            "leave some out (--exclude T2) or put them in again (--include T2)",
        )
    if edits.empty and not draft.text.strip():
        raise ScopeRefused('"changes" needs typed edits or your words', "say what should change")
    known = {change.id for change in plan_proposal_of(request).study.changes}
    unknown = [name for name in (*edits.include, *edits.exclude) if name not in known]
    if unknown:
        raise ScopeRefused(f"there is no change {', '.join(unknown)}", f"postlaunch show {request.id}")


def _refuse_unfit(proposal: PlanProposal, ids: tuple[str, ...]) -> None:
    problems = unfit(proposal.study.changes, ids)
    if problems:
        raise ScopeRefused(f"this choice does not fit: {'; '.join(problems)}", "name other changes")
