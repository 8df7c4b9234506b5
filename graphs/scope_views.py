"""A scope while a person puts it together: everyone's days, what does not fit, what there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.facts import Frozen
from postlaunch.graphs.proposing import demanded, plan_behind, proposal_of
from postlaunch.graphs.session import Services
from postlaunch.ledger.records import ApprovalRequest
from postlaunch.reports.scope import Scope
from postlaunch.tools.scope import scope_of
from postlaunch.tools.scope_changes import what_changes


class ScopeView(Frozen):
    """A scope as it stands while it is edited.

    Attributes:
        scope: of exactly the items asked for; its `infeasible` says what is wrong with it.
        room_for: ids of the items outside that would fit as well, each alone with what it depends on.
    """

    scope: Scope
    room_for: tuple[str, ...] = ()


def view_scope(services: Services, request: ApprovalRequest, items: Sequence[str]) -> ScopeView:
    """The scope of exactly these items, under the proposal's edits. Blocking; nothing is stored."""
    plan = plan_behind(services, request)
    musts = demanded(plan, proposal_of(request))
    outside = (work for work in plan.works if work.id not in items and not work.excluded)
    return ScopeView(
        scope=scope_of(plan.works, plan.team, items, musts),
        room_for=tuple(
            work.id for work in outside if what_changes(plan.works, plan.team, items, work.id, musts).fits
        ),
    )
