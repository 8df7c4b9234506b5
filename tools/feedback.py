"""What users ask for: tickets grouped by request, candidates first, and counted by distinct requester.

1. Slips of the keyboard are put right, and each ticket is read: whether it asks for something, whatever kind
   it was filed as (`feedback_text.intent`), and what it is about.
2. Tickets are matched to candidates, by name and by what a candidate's tickets speak of
   (`feedback_matching`). Spoken against ("please no dark mode"), a ticket is set aside and not counted.
3. By embeddings, requests that match none are compared with what candidates' requests mean
   (`feedback_meaning`).
4. Requests that still match none are clustered (`feedback_clusters`).

Membership is graded, and the grades give the count its range: certain, probable, near.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING

from postlaunch.ledger.feedback_records import GroupingDecision
from postlaunch.sources.tickets import Ticket
from postlaunch.tools.feedback_clusters import clusters
from postlaunch.tools.feedback_decisions import settled
from postlaunch.tools.feedback_groups import Anchor, Group, Grouping, Member, Strength
from postlaunch.tools.feedback_matching import Read, matched, read
from postlaunch.tools.feedback_meaning import meanings
from postlaunch.tools.feedback_terms import telling_terms
from postlaunch.tools.feedback_text import WORD, plain, requester_of
from postlaunch.tools.feedback_ways import Way

if TYPE_CHECKING:
    from postlaunch.tools.feedback_embeddings import Matrix

MOST_COMPARED = 4000
"""Requests without a candidate compared with one another (memory grows with the square): the newest."""

LABEL_LENGTH = 60
"""Characters of a ticket's first sentence that name a group."""


def group_requests(
    tickets: Sequence[Ticket],
    anchors: Sequence[Anchor] = (),
    decisions: Sequence[GroupingDecision] = (),
    way: Way = "words",
) -> Grouping:
    """Group the feature requests among tickets. Deterministic: the same tickets give the same groups.

    Args:
        decisions: what people decided about groups; applied to those that are found (`feedback_decisions`).
        way: by what requests are compared.

    Raises:
        UsageError: by embeddings, and the extra is not installed.
    """
    reads = read(tickets, anchors)
    placed = matched(reads, anchors)
    outside, notes = _outside(reads, placed)
    meant = None
    if way == "embeddings":
        outside, meant = _by_meaning(reads, placed, outside, len(anchors))
    members: list[list[Member]] = [[] for _ in anchors]
    for one, places in zip(reads, placed, strict=True):
        for place, strength in places.items():
            members[place].append(_member(one.ticket, strength))
    found = [
        Group(id="", label=anchor.title, candidate=anchor.candidate, members=tuple(some))
        for anchor, some in zip(anchors, members, strict=True)
    ]
    others, alone = _others(reads, outside, meant)
    by_id = {one.ticket.id: one for one in reads}
    groups = _numbered([*found, *others], by_id)
    if decisions:
        loose = {identity: _member(by_id[identity].ticket, "probable") for identity in alone}
        after = settled(groups, loose, decisions)
        groups, alone = _numbered(after.groups, by_id), after.alone
        notes += after.notes
    return Grouping(
        read=len(tickets),
        requests=tuple(
            one.ticket.id
            for one, places in zip(reads, placed, strict=True)
            if one.intent == "asks" or _counted(places)
        ),
        groups=groups,
        alone=alone,
        notes=tuple(notes),
    )


def _outside(reads: Sequence[Read], placed: Sequence[Mapping[int, Strength]]) -> tuple[list[int], list[str]]:
    """Requests that no candidate counts, by place among the tickets, and what to say of those left out."""
    outside = [
        row
        for row, (one, places) in enumerate(zip(reads, placed, strict=True))
        if one.intent == "asks" and not one.opposed and not _counted(places)
    ]
    if len(outside) <= MOST_COMPARED:
        return outside, []
    note = f"only the newest {MOST_COMPARED:,} of {len(outside):,} requests without a candidate were grouped"
    outside.sort(key=lambda row: (reads[row].ticket.created_at, reads[row].ticket.id))
    return outside[-MOST_COMPARED:], [note]


def _by_meaning(
    reads: Sequence[Read], placed: Sequence[dict[int, Strength]], outside: Sequence[int], candidates: int
) -> tuple[list[int], Matrix]:
    """Place requests that mean what a candidate's do; those that are still outside, with their vectors."""
    found = meanings(reads, outside, placed, candidates)
    for row, (candidate, strength) in found.resembles.items():
        if placed[row].get(candidate) != "against":
            placed[row][candidate] = strength
    left = [number for number, row in enumerate(outside) if not _counted(placed[row])]
    return [outside[number] for number in left], found.vectors[left]


def _counted(places: Mapping[int, Strength]) -> bool:
    """Whether a ticket is counted for a candidate."""
    return any(strength in ("certain", "probable") for strength in places.values())


def _others(
    reads: Sequence[Read], outside: Sequence[int], meant: Matrix | None
) -> tuple[list[Group], tuple[str, ...]]:
    """Groups of requests that match no candidate, and those that stay alone.

    Args:
        outside: their places among the tickets.
        meant: what each of them means; None: their words alone are compared.
    """
    tickets = [reads[row].ticket for row in outside]
    grouped = set(outside)
    found, alone = clusters(
        [reads[row].terms for row in outside],
        [_member(ticket, "near").requester for ticket in tickets],
        [one.terms for row, one in enumerate(reads) if row not in grouped],
        meant,
    )
    groups = [
        Group(
            id="",
            label="",
            members=tuple(_member(tickets[row], strength) for row, strength in sorted(rows.items())),
        )
        for rows in found
    ]
    return groups, tuple(tickets[row].id for row in alone)


def _member(ticket: Ticket, strength: Strength) -> Member:
    """A ticket as a member; the same words from nobody are one requester, whatever the number of tickets."""
    requester = requester_of(ticket)
    if requester:
        return Member(ticket=ticket.id, requester=requester, strength=strength)
    text = " ".join(plain(f"{ticket.subject} {ticket.text}").split())
    nobody = f"unnamed {hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return Member(ticket=ticket.id, requester=nobody, strength=strength, named=False)


# --- names ------------------------------------------------------------------------------------------------


def _numbered(groups: Iterable[Group], reads: Mapping[str, Read]) -> tuple[Group, ...]:
    """The groups by falling number of requesters, with ids, terms and labels."""
    listed = list(groups)
    counts = [Counter(term for t in group.tickets for term in set(reads[t].terms)) for group in listed]
    spread = Counter(term for count in counts for term in count)
    named = []
    for group, count in zip(listed, counts, strict=True):
        telling = sorted(count, key=lambda term: (-count[term] / spread[term] ** 0.5, term))[:6]
        terms = _surfaces(telling, [reads[identity] for identity in group.tickets])
        label = group.label or " ".join(terms[:3]) or _first_said(group, reads)
        named.append(group.model_copy(update={"terms": terms, "label": label}))
    named.sort(key=lambda group: (-group.count, not group.candidate, group.label))
    return tuple(group.model_copy(update={"id": f"G{place}"}) for place, group in enumerate(named, start=1))


def _first_said(group: Group, reads: Mapping[str, Read]) -> str:
    """The subject of a group's first ticket, else its first sentence: for one that no words tell."""
    if not group.members:
        return ""  # decisions moved all of it elsewhere
    first = group.members[0].ticket
    return shorten(next(iter(reads[first].said), f"ticket {first}"), LABEL_LENGTH, placeholder=" …")


def _surfaces(terms: Sequence[str], reads: Iterable[Read]) -> tuple[str, ...]:
    """For each term the word that people write most; a name of several words stands as its term."""
    forms: dict[str, Counter[str]] = {term: Counter() for term in terms}
    written = Counter(match[0] for one in reads for said in one.said for match in WORD.finditer(said))
    for word, number in written.items():
        for term in telling_terms(word):
            if term in forms:
                forms[term][word] += number
    return tuple(
        min(found, key=lambda form: (-found[form], form)) if found else term for term, found in forms.items()
    )
