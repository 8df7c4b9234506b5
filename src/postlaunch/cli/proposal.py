"""A proposal as a terminal shows it: the scope on one screen, and the details for who asks for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.console import Console, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from postlaunch.cli.tree_lines import printable
from postlaunch.facts import Assumed, Quantity, Unavailable
from postlaunch.graphs.proposing import Proposal, proposal_of
from postlaunch.ledger.records import ApprovalRequest
from postlaunch.printing import value_text
from postlaunch.reports.backlog import BacklogItem
from postlaunch.reports.scope import OwnerLoad, Scope
from postlaunch.settings_product import TESTING_ID

WIDE = 110
"""Columns from which the table says who does an item, and what it brings."""
WIDEST = 140
NARROW = 60
"""Columns below which the table leaves out who asks for an item and where it goes; the details say both."""
TITLE_TO_WHO = {"Item": 3, "Who": 2}
"""How the columns that give way share what is left."""
FULLEST = 2
PHASES = "Phase 1 writes a brief, Phase 2 designs, Phase 3 builds."


def show_proposal(console: Console, request: ApprovalRequest, chosen: Collection[str] | None = None) -> None:
    """Print the proposal on one screen; with `chosen`, the scope as a person is editing it."""
    proposal = proposal_of(request)
    backlog = proposal.backlog
    console.print()
    console.print(
        Text(
            f"{title_of(request, proposal)}: {'your edit' if chosen is not None else 'the proposal'}", "bold"
        )
    )
    for line in proposal.remarks:
        console.print(Text(printable(line), style="yellow"))
    inside = backlog.scope.ids if chosen is None else chosen
    console.print(backlog_table(backlog.items, inside, console.width))
    if chosen is None:
        for text in _in_short(backlog.scope):
            console.print(text)


def title_of(request: ApprovalRequest, proposal: Proposal) -> str:
    """ "Sprint 4 of User Management System, round 2"."""
    backlog = proposal.backlog
    again = f", round {request.round}" if request.round > 1 else ""
    return f"Sprint {backlog.sprint} of {printable(backlog.application)}{again}"


def backlog_table(items: Sequence[BacklogItem], inside: Collection[str], width: int) -> Table:
    """Every item of the backlog on a line of its own, those in the scope marked; what is long is cut."""
    wide, narrow = width >= WIDE, width < NARROW
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.expand, table.width = True, min(width, WIDEST)
    asked = [people(item.requests) for item in items]
    for heading, columns in (
        ("", 2),
        ("", 3),
        ("Item", None),
        ("Tier", 6),
        ("Days", 5),
        *(() if narrow else (("Asked by", max(map(len, ["Asked by", *asked]))), ("To", 7))),
        *((("ROI", 6), ("Who", None)) if wide else ()),
    ):
        side: JustifyMethod = "right" if heading == "Days" else "left"
        ratio = None if columns else TITLE_TO_WHO[heading]
        table.add_column(heading, width=columns, ratio=ratio, justify=side, no_wrap=True, overflow="ellipsis")
    for item, who in zip(items, asked, strict=True):
        chosen = item.id in inside
        table.add_row(
            Text(str(item.number), "dim"),
            Text("[x]" if chosen else "[ ]", "bold green" if chosen else "dim"),
            Text(printable(item.title), "" if chosen else "dim"),
            item.tier,
            value_text(sum(item.effort_by_owner.values()), "number"),
            *(() if narrow else (who, f"Phase {item.route.phase}")),
            *((item.roi.band or "–", Text(", ".join(item.owners), "dim")) if wide else ()),
        )
    return table


def people(requests: Quantity) -> str:
    """Who asks for an item: "47 people", "1 person", "12 (declared)", "–" for nobody or not known."""
    if isinstance(requests, Unavailable) or not requests.value:
        return "–"
    if isinstance(requests, Assumed):
        return f"{value_text(requests.value, 'count')} (declared)"
    return f"{value_text(requests.value, 'count')} {'person' if requests.value == 1 else 'people'}"


def _in_short(scope: Scope) -> Sequence[RenderableType]:
    """Whether it fits, who is fullest, and what is left out: enough to decide on most days."""
    if not scope.items:
        return [Text("Nothing is in the scope.", "bold"), *_unfit(scope)]
    lines: list[RenderableType] = [Text.assemble((f"{_total(scope)} ", "bold"), _fit(scope))]
    lines += _unfit(scope)
    if scope.left_out:
        titles = ", ".join(printable(left.title) for left in scope.left_out)
        lines.append(Text(f"Left out: {titles}.", "dim"))
    return lines


def _total(scope: Scope) -> str:
    testing = next((item for item in scope.items if item.id == TESTING_ID), None)
    share = f", {value_text(testing.total, 'number')} of them testing and documentation" if testing else ""
    return f"{value_text(scope.total_days, 'days')}{share}."


def _fit(scope: Scope) -> str:
    loads = sorted((load for load in scope.loads if load.days), key=_fullness, reverse=True)
    fullest = ", ".join(map(load_text, loads[:FULLEST]))
    verdict = "It fits" if scope.fits else "It does not fit"
    return f"{verdict}; fullest: {fullest}." if fullest else f"{verdict}."


def _fullness(load: OwnerLoad) -> float:
    return load.days / load.capacity if load.capacity else float("inf")


def load_text(load: OwnerLoad) -> str:
    """ "security-expert 3 of 3.6 days"."""
    planned, free = value_text(load.days, "number"), value_text(load.capacity, "days")
    return f"{printable(load.owner)} {planned} of {free}"


def show_fit(console: Console, scope: Scope, room_for: Sequence[str]) -> None:
    """Print what an edited scope comes to: everyone's days, what does not fit, what there is room for.

    Args:
        room_for: the items, named for a person.
    """
    loads = sorted((load for load in scope.loads if load.days), key=_fullness, reverse=True)
    for load in loads:
        console.print(_indented(Text(f"{load_text(load)}{'' if load.fits else ': too much'}")))
    for line in _unfit(scope):
        console.print(line)
    if scope.fits:
        console.print(_indented(Text("This scope fits.", "green")))
    if scope.fits and room_for:
        console.print(_indented(f"There is room for one more: {', '.join(room_for)}."))


def _unfit(scope: Scope) -> list[Padding]:
    return [_indented(Text(printable(line), "red")) for line in scope.infeasible]


def _indented(line: Text | str) -> Padding:
    return Padding(line, (0, 0, 0, 3), expand=False)


def show_details(console: Console, request: ApprovalRequest) -> None:
    """Print what the proposal rests on: each item's reasons and owners, everyone's days, what is left out."""
    backlog = proposal_of(request).backlog
    for item in backlog.items:
        console.print(Text(f"{item.number}. {printable(item.title)}  ({item.id})", "bold"))
        for line in _item_details(item):
            console.print(_indented(line))
    if backlog.scope.loads:
        console.print(Text("Days planned, of those free", "bold"))
    for load in backlog.scope.loads:
        console.print(_indented(load_text(load)))
    if backlog.scope.left_out:
        console.print(Text("Left out", "bold"))
    for left in backlog.scope.left_out:
        takes = f"; it would take {left.takes}" if left.takes else ""
        console.print(_indented(printable(f"{left.title}: {left.reason}{takes}")))
    console.print(Text(PHASES, "dim"))


def _item_details(item: BacklogItem) -> list[str]:
    shared = [f"{owner} {value_text(days, 'days')}" for owner, days in item.effort_by_owner.items()]
    effort = ", ".join(shared) + (" (a total, split evenly)" if item.effort_assumed else "")
    asked = people(item.requests) + (f"; {item.requests_note}" if item.requests_note else "")
    lines = [
        f"{item.tier}: {item.because}",
        f"effort: {effort or 'not declared'}",
        f"asked for by: {asked}",
        f"ROI {item.roi.band or 'not known'}: {item.roi.because}",
        f"goes to Phase {item.route.phase}: {item.route.because}",
    ]
    return [printable(line) for line in lines]


def moved_lines(before: ApprovalRequest, after: ApprovalRequest) -> tuple[str, ...]:
    """What changed from one round to the next: items taken in and out, and the days."""
    old, new = proposal_of(before).backlog, proposal_of(after).backlog
    titles = {item.id: printable(item.title) for item in (*old.items, *new.items)}
    taken = [f"+ {titles[item]}" for item in new.scope.ids if item not in old.scope.ids]
    dropped = [f"− {titles[item]}" for item in old.scope.ids if item not in new.scope.ids]
    days = [value_text(backlog.scope.total_days, "days") for backlog in (old, new)]
    if not taken and not dropped and days[0] == days[1]:
        return (f"The scope is the same as in round {before.round}.",)
    return (
        f"Against round {before.round}: {days[0]} → {days[1]}",
        *(f"  {line}" for line in (*taken, *dropped)),
    )
