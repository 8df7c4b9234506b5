"""What users ask for: tickets grouped by request, candidates first, and counted by distinct requester.

1. Slips of the keyboard are put right, and each ticket is read: whether it asks for something, whatever kind
   it was filed as (`feedback_text.intent`), and what it is about.
2. Tickets are matched to candidates, by name and by what a candidate's tickets speak of
   (`feedback_matching`). Spoken against ("please no dark mode"), a ticket is set aside and not counted.
3. Requests that match none are clustered (`feedback_clusters`).

Membership is graded, and the grades give the count its range: certain, probable, near.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from postlaunch.ledger.feedback_records import GroupingDecision
from postlaunch.sources.tickets import Ticket
from postlaunch.tools.feedback_clusters import clusters
from postlaunch.tools.feedback_decisions import settled
from postlaunch.tools.feedback_groups import Anchor, Group, Grouping, Member, Strength
from postlaunch.tools.feedback_matching import Read, matched, read
from postlaunch.tools.feedback_terms import telling_terms
from postlaunch.tools.feedback_text import WORD, plain, requester_of

MOST_COMPARED = 4000
"""Requests without a candidate compared with one another (memory grows with the square): the newest."""


def group_requests(
    tickets: Sequence[Ticket],
    anchors: Sequence[Anchor] = (),
    decisions: Sequence[GroupingDecision] = (),
) -> Grouping:
    """Group the feature requests among tickets. Deterministic: the same tickets give the same groups.

    Args:
        decisions: what people decided about groups; applied to those that are found (`feedback_decisions`).
    """
    reads = read(tickets, anchors)
    placed = matched(reads, anchors)
    members: list[list[Member]] = [[] for _ in anchors]
    requests, rest = [], []
    for one, places in zip(reads, placed, strict=True):
        for place, strength in places.items():
            members[place].append(_member(one.ticket, strength))
        counted = any(strength in ("certain", "probable") for strength in places.values())
        if counted or one.intent == "asks":
            requests.append(one.ticket.id)
        if one.intent == "asks" and not counted and not one.opposed:
            rest.append(one)
    notes = []
    if len(rest) > MOST_COMPARED:
        notes.append(
            f"only the newest {MOST_COMPARED:,} of {len(rest):,} requests without a candidate were grouped"
        )
        rest = sorted(rest, key=lambda one: (one.ticket.created_at, one.ticket.id))[-MOST_COMPARED:]
    found = [
        Group(id="", label=anchor.title, candidate=anchor.candidate, members=tuple(some))
        for anchor, some in zip(anchors, members, strict=True)
    ]
    grouped = {one.ticket.id for one in rest}
    others, alone = _others(rest, [one.terms for one in reads if one.ticket.id not in grouped])
    by_id = {one.ticket.id: one for one in reads}
    groups = _numbered([*found, *others], by_id)
    if decisions:
        loose = {identity: _member(by_id[identity].ticket, "probable") for identity in alone}
        after = settled(groups, loose, decisions)
        groups, alone = _numbered(after.groups, by_id), after.alone
        notes += after.notes
    return Grouping(
        read=len(tickets),
        requests=tuple(requests),
        groups=groups,
        alone=alone,
        notes=tuple(notes),
    )


def _others(rest: Sequence[Read], elsewhere: Sequence[Sequence[str]]) -> tuple[list[Group], tuple[str, ...]]:
    """Groups of requests that match no candidate, and those that stay alone."""
    tickets = [one.ticket for one in rest]
    found, alone = clusters(
        [one.terms for one in rest], [_member(ticket, "near").requester for ticket in tickets], elsewhere
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
        named.append(group.model_copy(update={"terms": terms, "label": group.label or " ".join(terms[:3])}))
    named.sort(key=lambda group: (-group.count, not group.candidate, group.label))
    return tuple(group.model_copy(update={"id": f"G{place}"}) for place, group in enumerate(named, start=1))


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
