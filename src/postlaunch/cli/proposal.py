"""A proposal as a terminal shows it: the scope, who does it, and what is left out and why."""

from __future__ import annotations

from collections.abc import Collection

from rich.console import Console
from rich.table import Table
from rich.text import Text

from postlaunch.cli.watching import printable
from postlaunch.graphs.proposing import Proposal
from postlaunch.ledger.records import ApprovalRequest
from postlaunch.printing import quantity_text, value_text
from postlaunch.reports.backlog import BacklogItem
from postlaunch.reports.scope import TESTING_ID


def proposal_of(request: ApprovalRequest) -> Proposal:
    """The typed proposal of a stored request."""
    return Proposal.model_validate(request.proposal)


def show_proposal(console: Console, request: ApprovalRequest, chosen: Collection[str] | None = None) -> None:
    """Print the proposal; with `chosen`, the scope as a person is editing it."""
    proposal = proposal_of(request)
    backlog = proposal.backlog
    inside = backlog.scope.ids if chosen is None else tuple(chosen)
    round_text = f", round {request.round}" if request.round > 1 else ""
    console.print()
    console.print(
        Text(f"Sprint {backlog.sprint} of {printable(backlog.application)}{round_text}", style="bold yellow")
    )
    console.print(backlog_table(backlog.items, inside, backlog.currency))
    for line in proposal.remarks:
        console.print(Text(printable(line), style="yellow"), soft_wrap=True)
    if chosen is None:
        _print_fit(console, proposal)


def backlog_table(items: Collection[BacklogItem], inside: Collection[str], currency: str) -> Table:
    """Every item of the backlog, those in the scope marked."""
    table = Table(
        "", "", "Item", "Tier", "Days", "Who", "Requests", "ROI", "Goes to", box=None, pad_edge=False
    )
    for item in items:
        mark = "[x]" if item.id in inside else "[ ]"
        requests = quantity_text(item.requests, currency=currency)
        if requests.startswith("not available"):
            requests = "–"
        table.add_row(
            Text(str(item.number), style="dim"),
            Text(mark, style="bold green" if item.id in inside else "dim"),
            Text(printable(item.title), style="" if item.id in inside else "dim"),
            item.tier,
            value_text(sum(item.effort_by_owner.values()), "number"),
            Text(", ".join(item.owners), style="dim"),
            Text(requests),
            item.roi.band or "–",
            f"Phase {item.route.phase}",
        )
    return table


def _print_fit(console: Console, proposal: Proposal) -> None:
    scope = proposal.backlog.scope
    testing = next((item for item in scope.items if item.id == TESTING_ID), None)
    if testing is not None:
        console.print(f"    and {testing.title}: {value_text(testing.total, 'days')}", markup=False)
    verdict = "fits" if scope.fits else "does not fit"
    console.print(
        Text(f"{value_text(scope.total_days, 'days')} in all; {verdict}: ", style="bold")
        + Text("; ".join(scope.proof) or "nothing is in the scope"),
        soft_wrap=True,
    )
    for line in scope.infeasible:
        console.print(Text(f"  {printable(line)}", style="red"), soft_wrap=True)
    for left in scope.left_out:
        takes = f"; it would take {left.takes}" if left.takes else ""
        console.print(
            Text(f"  left out: {printable(left.title)}: {left.reason}{takes}", style="dim"), soft_wrap=True
        )
