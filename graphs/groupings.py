"""What people decided about groups of feature requests, for the runs that count requests.

A run counts under the decisions that stood when it was started: the number of the newest one is part of its
question, so that a decision after it makes another run, and a run that is advanced again counts the same.
So is the way in which requests are compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT
from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.graphs.session import Services
from postlaunch.ledger.feedback_records import GroupAnchor, GroupingDecision, GroupingDraft
from postlaunch.sources.candidates import CandidateTable
from postlaunch.sources.opening import BrokenSource
from postlaunch.sources.tickets import TicketTable
from postlaunch.tools.backlog_requests import anchors_of
from postlaunch.tools.feedback import group_requests
from postlaunch.tools.feedback_groups import unshared
from postlaunch.tools.feedback_ways import SAID, way_of

NUMBER = "groupings"
"""The parameter of a run that names the newest decision it counts under; also what a specialist is handed."""

VECTORS = "vectors"
"""The parameter of a run that says by what it compares requests; also what a specialist is handed."""

COUNTING = frozenset({"weekly_report", "sprint_planning", "monthly_review"})
"""The workflows that count requests."""


def newest_decision(services: Services, workflow: str) -> dict[str, JsonValue]:
    """The parameter of a new run; none where nothing was decided, or the workflow counts no requests."""
    if workflow not in COUNTING:
        return {}
    decisions = services.ledger.groupings(services.settings.application.name)
    return {NUMBER: decisions[-1].number} if decisions else {}


def compared_by(services: Services, workflow: str) -> dict[str, JsonValue]:
    """The parameter of a new run; none where words alone are compared, or the workflow counts no requests.

    Raises:
        UsageError: the settings ask for embeddings, and the extra is not installed.
    """
    if workflow not in COUNTING:
        return {}
    way = way_of(services.settings.product.feedback_vectors)
    return {} if way == "words" else {VECTORS: way}


def decisions_of(services: Services, parameters: Mapping[str, JsonValue]) -> list[JsonValue]:
    """The decisions that a run counts under, as JSON."""
    newest = parameters.get(NUMBER)
    if not isinstance(newest, int):
        return []
    decisions = services.ledger.groupings(services.settings.application.name)
    return [
        JSON_OBJECT.validate_python(one.model_dump(mode="json")) for one in decisions if one.number <= newest
    ]


# --- deciding ---------------------------------------------------------------------------------------------


class ListedGroup(Frozen):
    """A group of requests as a person decides about it.

    Attributes:
        id: as `postlaunch feedback` takes it; it counts by size and moves with the data.
        requesters: distinct people; between `low` and `high`.
        tickets: ids of the tickets counted.
        decided: what people decided about it, in words.
    """

    id: str
    label: str
    candidate: str = ""
    requesters: int
    low: int
    high: int
    tickets: tuple[str, ...]
    terms: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()

    @property
    def anchor(self) -> GroupAnchor:
        """By what it is found again."""
        return GroupAnchor(candidate=self.candidate, label=self.label, tickets=self.tickets, terms=self.terms)


class ListedGroups(Frozen):
    """The groups of today, under everything that was decided.

    Attributes:
        notes: decisions that found nothing to act on, and what else to know.
        decisions: all of them, those that were undone included.
        alone: ids of the tickets that ask for what no other asks for.
    """

    groups: tuple[ListedGroup, ...]
    notes: tuple[str, ...] = ()
    decisions: tuple[GroupingDecision, ...] = ()
    alone: tuple[str, ...] = ()

    @property
    def said_of_none(self) -> str:
        """What a reader is told where no group has a ticket."""
        return f"{unshared(len(self.alone))}." if self.alone else "No ticket asks for anything."


def groups_of_today(services: Services) -> ListedGroups:
    """The groups of every ticket that is read, largest first. Blocking.

    Raises:
        UsageError: no tickets are configured, or the settings ask for embeddings that are not installed.
        SourceError: the tickets or the candidates cannot be read.
    """
    sources = services.sources()
    tickets, candidates = sources.get("tickets"), sources.get("candidates")
    for source in (tickets, candidates):
        if isinstance(source, BrokenSource):
            raise source.error
    if not isinstance(tickets, TicketTable):
        raise UsageError("no source of tickets is configured", "add [sources.tickets] to postlaunch.toml")
    items = candidates.items if isinstance(candidates, CandidateTable) else ()
    decisions = services.ledger.groupings(services.settings.application.name)
    way = way_of(services.settings.product.feedback_vectors)
    grouping = group_requests(tickets.asking.tickets, anchors_of(items), decisions, way)
    return ListedGroups(
        groups=tuple(
            ListedGroup(
                id=group.id,
                label=group.label,
                candidate=group.candidate,
                requesters=group.count,
                low=group.low,
                high=group.high,
                tickets=group.tickets,
                terms=group.terms,
                decided=group.decided,
            )
            for group in grouping.groups
        ),
        notes=(SAID[way], *grouping.notes),
        decisions=decisions,
        alone=grouping.alone,
    )


def merge_groups_of(services: Services, named: Sequence[str], by: str, note: str = "") -> GroupingDecision:
    """Store that groups ask for the same. Blocking.

    Args:
        named: each by its id, its label or its candidate item.

    Raises:
        UsageError: a group is not there, fewer than two are named, or two candidate items would be joined.
    """
    listed = groups_of_today(services).groups
    sides = list({group.id: group for group in (_named(name, listed) for name in named)}.values())
    if len(sides) < 2:
        raise UsageError(
            "a merge needs at least two different groups", "postlaunch feedback groups lists them"
        )
    candidates = sorted({side.candidate for side in sides} - {""})
    if len(candidates) > 1:
        raise UsageError(
            f"{' and '.join(candidates)} are different candidate items",
            "make one item of them in the candidates file, then their requests count together",
        )
    if empty := [side.label for side in sides if not side.tickets]:
        raise UsageError(f"nobody asks for {', '.join(empty)} yet", "a merge names its evidence: tickets")
    return services.ledger.decide_grouping(
        GroupingDraft(
            application=services.settings.application.name,
            kind="merge",
            groups=tuple(side.anchor for side in sides),
            by=by,
            note=note,
        )
    )


def split_group_of(
    services: Services, name: str, tickets: Sequence[str], by: str, note: str = ""
) -> GroupingDecision:
    """Store that some tickets of a group ask for something else. Blocking.

    Raises:
        UsageError: the group is not there, a ticket is not in it, or none of the others would stay.
    """
    group = _named(name, groups_of_today(services).groups)
    wanted = tuple(dict.fromkeys(tickets))
    if foreign := [ticket for ticket in wanted if ticket not in group.tickets]:
        raise UsageError(
            f"{', '.join(foreign)}: not counted in {group.id}, {group.label}",
            f"its tickets: {', '.join(group.tickets[:20])}{' ...' if len(group.tickets) > 20 else ''}",
        )
    if not wanted or len(wanted) == len(group.tickets):
        raise UsageError(
            "a split sets some tickets of a group apart", "name those that ask for something else"
        )
    return services.ledger.decide_grouping(
        GroupingDraft(
            application=services.settings.application.name,
            kind="split",
            groups=(group.anchor,),
            tickets=wanted,
            by=by,
            note=note,
        )
    )


def undo_grouping(services: Services, number: int, by: str, note: str = "") -> GroupingDecision:
    """Store that a decision about groups is taken back. Blocking.

    Raises:
        UsageError: there is no such decision.
    """
    return services.ledger.decide_grouping(
        GroupingDraft(
            application=services.settings.application.name, kind="undo", undoes=number, by=by, note=note
        )
    )


def _named(name: str, groups: Sequence[ListedGroup]) -> ListedGroup:
    """The group of this id, label or candidate item.

    Raises:
        UsageError: there is none, or two are called so.
    """
    wanted = name.strip().casefold()
    for field in ("id", "candidate", "label"):
        found = [group for group in groups if getattr(group, field).casefold() == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(
                f'"{name}" is {" and ".join(group.id for group in found)}', "name the group by its id"
            )
    known = ", ".join(f"{group.id} ({group.label})" for group in groups[:12])
    raise UsageError(f'there is no group "{name}"', f"postlaunch feedback groups lists them: {known}")
