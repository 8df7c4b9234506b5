"""Groups of feature requests, how many people stand behind each, and how they are merged."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from pydantic import Field

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen

Strength = Literal["certain", "probable", "near", "against"]
STRENGTHS: tuple[Strength, ...] = ("certain", "probable", "near", "against")


UNSEEN = 0.18
"""Requesters not counted for each that is, because no rule connects their words with the group: 15 of 100 on
the tuned sets of `postlaunch.evals.feedback`."""


class Anchor(Frozen):
    """A candidate item, by whose words tickets are matched to it first."""

    candidate: str
    title: str
    keywords: tuple[str, ...] = ()
    description: str = ""


class Member(Frozen):
    """One ticket of a group.

    Attributes:
        requester: who asks, normalised; "ticket 12" where the ticket names nobody.
        strength: "certain" and "probable" are counted; "near" is not, but could be; "against" asks for the
            opposite and never is.
    """

    ticket: str
    requester: str
    strength: Strength
    named: bool = True


class Group(Frozen):
    """Tickets that ask for the same thing.

    Attributes:
        id: "G1" has the most requesters.
        candidate: the candidate item they ask for; empty where they match none.
        terms: the words that tell this group from the others, most telling first.
        decided: what people decided about it, in words: "merged with night theme by Anna on 2025-11-24".
        apart: numbers of the decisions that set it apart from another group; the two stay apart.
    """

    id: str
    label: str
    candidate: str = ""
    terms: tuple[str, ...] = ()
    members: tuple[Member, ...] = Field(default=())
    decided: tuple[str, ...] = ()
    apart: tuple[int, ...] = ()

    def of(self, *strengths: Strength) -> tuple[str, ...]:
        """Ticket ids of the members of these strengths, in the order of the tickets."""
        return tuple(member.ticket for member in self.members if member.strength in strengths)

    def requesters(self, *strengths: Strength) -> int:
        """Distinct requesters behind the members of these strengths."""
        return len({member.requester for member in self.members if member.strength in strengths})

    @property
    def count(self) -> int:
        """Distinct requesters: the figure that is reported."""
        return self.requesters("certain", "probable")

    @property
    def low(self) -> int:
        """Distinct requesters of the certain tickets alone."""
        return self.requesters("certain")

    @property
    def high(self) -> int:
        """Distinct requesters when borderline tickets are counted too, or when more than usual were not seen.

        The unseen are taken as Poisson: their mean and two standard deviations.
        """
        unseen = UNSEEN * self.count
        return max(
            self.requesters("certain", "probable", "near"),
            math.ceil(self.count + unseen + 2 * math.sqrt(unseen)),
        )

    @property
    def tickets(self) -> tuple[str, ...]:
        """Ids of the tickets counted: the evidence."""
        return self.of("certain", "probable")

    def note(self) -> str:
        """What a reader must know beside the count."""
        parts = []
        if self.low != self.high:
            parts.append(f"between {self.low} and {self.high}: wording leaves the rest open")
        counted = [member for member in self.members if member.strength in ("certain", "probable")]
        unnamed = len({member.requester for member in counted if not member.named})
        if unnamed:
            parts.append(f"{unnamed} without a requester, each counted as one of its own")
        against = self.requesters("against")
        if against:
            parts.append(f"{against} against it, not counted")
        parts.extend(self.decided)
        return "; ".join(parts)


class Grouping(Frozen):
    """What the tickets ask for.

    Attributes:
        read: tickets looked at.
        requests: ids of those that ask for something new.
        alone: ids of requests that resemble no other and match no candidate.
    """

    read: int
    requests: tuple[str, ...]
    groups: tuple[Group, ...]
    alone: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def unshared(requests: int) -> str:
    """That people ask, each for something else, in words."""
    if requests == 1:
        return "1 request, which nobody shares"
    return f"{requests:,} requests, none of which two people share"


def strongest(members: Iterable[Member]) -> tuple[Member, ...]:
    """One member per ticket, the strongest, in the order of first appearance."""
    best: dict[str, Member] = {}
    for member in members:
        known = best.get(member.ticket)
        if known is None or STRENGTHS.index(member.strength) < STRENGTHS.index(known.strength):
            best[member.ticket] = member
    return tuple(best.values())


def merge_groups(groups: Sequence[Group], merges: Sequence[Collection[str]]) -> tuple[Group, ...]:
    """Join groups that a person or a model found to ask for the same thing; counts follow from the tickets.

    The joined group keeps the id of the largest of them, and the label of the candidate's or else of that;
    the others' ids are gone, none is renumbered.

    Raises:
        UsageError: an unknown id, an id in two sets, a set of fewer than two, two different candidates, or
            groups that a person set apart.
    """
    known = {group.id: group for group in groups}
    _check_merges(known, merges)
    gone: set[str] = set()
    joined: dict[str, Group] = {}
    for merge in merges:
        parts = sorted((known[identity] for identity in merge), key=lambda group: (-group.count, group.id))
        first = parts[0]
        gone |= {group.id for group in parts[1:]}
        named = next((group for group in parts if group.candidate), first)
        joined[first.id] = first.model_copy(
            update={
                "candidate": named.candidate,
                "label": named.label,
                "decided": tuple(dict.fromkeys(said for group in parts for said in group.decided)),
                "apart": tuple(sorted({number for group in parts for number in group.apart})),
                "terms": tuple(dict.fromkeys(term for group in parts for term in group.terms))[:8],
                "members": strongest(member for group in parts for member in group.members),
            }
        )
    return tuple(joined.get(group.id, group) for group in groups if group.id not in gone)


def _check_merges(known: dict[str, Group], merges: Sequence[Collection[str]]) -> None:
    seen: set[str] = set()
    for merge in merges:
        for identity in merge:
            if identity not in known:
                raise UsageError(f'there is no group "{identity}"', f"one of: {', '.join(known)}")
            if identity in seen:
                raise UsageError(f'"{identity}" is merged twice', "name each group in one set")
            seen.add(identity)
        if len(merge) < 2:
            raise UsageError("a merge names at least two groups", "leave out a set of one")
        candidates = {known[identity].candidate for identity in merge} - {""}
        if len(candidates) > 1:
            raise UsageError(
                f"a merge would join the candidates {' and '.join(sorted(candidates))}",
                "groups of different candidate items stay apart",
            )
        numbers = [number for identity in merge for number in known[identity].apart]
        if len(set(numbers)) < len(numbers):
            raise UsageError(
                f"a person set {' and '.join(known[identity].label for identity in merge)} apart",
                "a person puts them together again: postlaunch feedback merge, or undo",
            )
