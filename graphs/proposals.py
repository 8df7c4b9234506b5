"""What a request proposes, whatever its gate: for surfaces that show any of them."""

from __future__ import annotations

from postlaunch.graphs.proposing import proposal_of
from postlaunch.graphs.tracking_proposing import plan_proposal_of
from postlaunch.ledger.records import ApprovalRequest
from postlaunch.settings_gate import SPRINT_GATE, TRACKING_GATE
from postlaunch.tools.tracking_changes import PlanChange


def proposed_ids(request: ApprovalRequest) -> tuple[str, ...]:
    """The ids that an approval takes, of which an edit chooses: of items, or of changes; else none."""
    if request.gate == SPRINT_GATE:
        return proposal_of(request).backlog.scope.ids
    return plan_proposal_of(request).changes if request.gate == TRACKING_GATE else ()


def choosable_ids(request: ApprovalRequest) -> tuple[str, ...]:
    """The ids that a person may choose among, in their order; none where a gate takes a yes or a no."""
    if request.gate == SPRINT_GATE:
        return tuple(item.id for item in proposal_of(request).backlog.items)
    return tuple(change.id for change in changes_of(request))


def changes_of(request: ApprovalRequest) -> tuple[PlanChange, ...]:
    """Every change of a tracking plan that the rules would make, proposed or left out; else none."""
    return plan_proposal_of(request).study.changes if request.gate == TRACKING_GATE else ()


def remarks_of(request: ApprovalRequest) -> tuple[str, ...]:
    """What became of a person's last words, and what else must be known to decide."""
    return proposal_of(request).remarks if request.gate == SPRINT_GATE else ()


def whole_lines(request: ApprovalRequest) -> tuple[str, ...]:
    """All of it in plain lines, where its summary may leave lines out."""
    return plan_proposal_of(request).lines() if request.gate == TRACKING_GATE else request.summary


def lines_beside(request: ApprovalRequest) -> tuple[str, ...]:
    """The lines beside the changes, where these are shown to choose among."""
    return plan_proposal_of(request).lines_beside() if request.gate == TRACKING_GATE else request.summary
