"""What users ask for: tickets grouped by request, candidates first, and counted by distinct requester.

1. A ticket is a request by its kind, or by its words where the kind says nothing (`feedback_text.classify`).
2. A request that names a candidate's title or keywords belongs to it; one that names several belongs to each.
   Spoken against ("please no dark mode"), it is set aside and not counted.
3. A request that names none goes to the candidate it resembles most (TF-IDF cosine), or to none.
4. The rest is clustered by average linkage.

Resemblance is graded, and the grades give the count its range: what names a candidate is certain, what
resembles one is probable, what nearly does is near.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from postlaunch.sources.tickets import Ticket
from postlaunch.tools.feedback_groups import Anchor, Group, Grouping, Member, Strength, strongest
from postlaunch.tools.feedback_naming import Naming, PhraseIndex
from postlaunch.tools.feedback_text import (
    WORD,
    asks_for_something,
    classify,
    content,
    gives_thanks,
    kind_is_open,
    plain,
    reports_trouble,
    requester_of,
    sentences,
    speaks_against,
    stem,
)
from postlaunch.tools.feedback_vectors import average_linkage, vectors

if TYPE_CHECKING:
    from postlaunch.tools.feedback_vectors import Matrix

PROBABLE, NEAR = 0.24, 0.16
"""Cosine with a candidate's words from which a ticket that does not name it is counted, or is borderline."""

ALIKE, ALIKE_SURE, ALIKE_NEAR = 0.22, 0.34, 0.15
"""Mean cosine within a cluster: to be in it, to be in it for certain, and to be borderline outside."""

MOST_COMPARED = 4000
"""Requests compared with one another (memory grows with the square); beyond it the newest are."""


def group_requests(tickets: Sequence[Ticket], anchors: Sequence[Anchor] = ()) -> Grouping:
    """Group the feature requests among tickets. Deterministic: the same tickets give the same groups."""
    requests = [ticket for ticket in tickets if classify(ticket) == "request"]
    notes = []
    if len(requests) > MOST_COMPARED:
        notes.append(f"only the newest {MOST_COMPARED:,} of {len(requests):,} requests were grouped")
        requests = sorted(requests, key=lambda t: (t.created_at, t.id))[-MOST_COMPARED:]
    members: dict[int, list[Member]] = defaultdict(list)
    index = PhraseIndex(anchors)
    texts = [_stems(ticket) for ticket in requests]
    matrix = vectors([*texts, *(_anchor_stems(anchor) for anchor in anchors)])
    to_anchors = matrix[: len(requests)] @ matrix[len(requests) :].T
    rest = []
    for row, ticket in enumerate(requests):
        likeness = [float(value) for value in to_anchors[row]]
        placed = _placed(index.naming(ticket), likeness)
        for place, strength in placed.items():
            members[place].append(_member(ticket, strength))
        opposed = any(speaks_against(sentence) for sentence in sentences(ticket))
        if not opposed and not any(strength != "near" for strength in placed.values()):
            rest.append(row)
    for ticket in tickets:
        for place in _unclear(ticket, index):
            members[place].append(_member(ticket, "near"))
    found = [
        Group(id="", label=anchor.title, candidate=anchor.candidate, members=strongest(members[place]))
        for place, anchor in enumerate(anchors)
    ]
    clusters, alone = _clusters([requests[row] for row in rest], matrix[rest])
    return Grouping(
        read=len(tickets),
        requests=tuple(ticket.id for ticket in requests),
        groups=_numbered([*found, *clusters], {ticket.id: ticket for ticket in tickets}),
        alone=alone,
        notes=tuple(notes),
    )


def _stems(ticket: Ticket) -> tuple[str, ...]:
    """What a ticket is about; the subject counts twice."""
    body = [sentence for sentence in sentences(ticket) if not gives_thanks(sentence)]
    return content(ticket.subject) + content(" ".join(body))


def _anchor_stems(anchor: Anchor) -> tuple[str, ...]:
    """What a candidate is about: its title three times, its keywords twice, its description once."""
    return content(anchor.title) * 3 + content(" ".join(anchor.keywords)) * 2 + content(anchor.description)


def _member(ticket: Ticket, strength: Strength) -> Member:
    """A ticket as a member; the same words from nobody are one requester, whatever the number of tickets."""
    requester = requester_of(ticket)
    if requester:
        return Member(ticket=ticket.id, requester=requester, strength=strength)
    text = " ".join(plain(f"{ticket.subject} {ticket.text}").split())
    nobody = f"unnamed {hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return Member(ticket=ticket.id, requester=nobody, strength=strength, named=False)


# --- candidates first -------------------------------------------------------------------------------------


def _placed(naming: Naming, likeness: Sequence[float]) -> dict[int, Strength]:
    """The candidates a request belongs to, and how surely.

    A phrase is certain. One word alone ("password") needs the rest of the ticket to resemble that candidate,
    or at least no other more. Without any name the request goes to the candidate it resembles most.
    """
    best = max(range(len(likeness)), key=lambda place: (likeness[place], -place), default=-1)
    placed: dict[int, Strength] = dict.fromkeys(naming.against, "against")
    placed.update(dict.fromkeys(naming.phrase, "certain"))
    for place in naming.word:
        if likeness[place] >= PROBABLE:
            placed[place] = "probable" if naming.phrase else "certain"
        elif place == best and not naming.phrase:
            placed[place] = "certain" if likeness[place] >= NEAR else "probable"
        else:
            placed[place] = "near"
    if best >= 0 and best not in placed and not naming.phrase and likeness[best] >= NEAR:
        placed[best] = "probable" if likeness[best] >= PROBABLE else "near"
    return placed


def _unclear(ticket: Ticket, index: PhraseIndex) -> tuple[int, ...]:
    """Candidates that a ticket names though it does not count as a request: borderline.

    It names one without asking in words the rules know, or it asks in words but was filed as something else.
    """
    if classify(ticket) == "request" or reports_trouble(plain(ticket.subject)):
        return ()
    if not kind_is_open(ticket) and not asks_for_something(ticket):
        return ()
    naming = index.naming(ticket)
    return tuple(sorted((naming.phrase | naming.word) - naming.against))


# --- the rest ---------------------------------------------------------------------------------------------


def _clusters(requests: Sequence[Ticket], matrix: Matrix) -> tuple[list[Group], tuple[str, ...]]:
    """Groups of at least two requesters among requests that match no candidate; the rest stay alone."""
    if not requests:
        return [], ()
    similarity = matrix @ matrix.T
    clusters = average_linkage(similarity, ALIKE)
    groups, alone = [], []
    for rows in clusters:
        members = tuple(_member(requests[row], _strength(row, rows, similarity)) for row in rows)
        if len({member.requester for member in members}) > 1:
            near = _near(rows, clusters, requests, similarity)
            groups.append(Group(id="", label="", members=members + near))
        else:
            alone += [requests[row].id for row in rows]
    return groups, tuple(alone)


def _strength(row: int, rows: Sequence[int], similarity: Matrix) -> Strength:
    others = [other for other in rows if other != row]
    mean = float(similarity[row, others].mean()) if others else 0.0
    return "certain" if mean >= ALIKE_SURE else "probable"


def _near(
    rows: Sequence[int], clusters: Sequence[Sequence[int]], requests: Sequence[Ticket], similarity: Matrix
) -> tuple[Member, ...]:
    """Requests that stand alone and nearly belong to a cluster."""
    singles = [cluster[0] for cluster in clusters if len(cluster) == 1]
    return tuple(
        _member(requests[row], "near")
        for row in singles
        if float(similarity[row, list(rows)].mean()) >= ALIKE_NEAR
    )


# --- names ------------------------------------------------------------------------------------------------


def _numbered(groups: Iterable[Group], tickets: Mapping[str, Ticket]) -> tuple[Group, ...]:
    """The groups by falling number of requesters, with ids, terms and labels."""
    listed = list(groups)
    counts = [Counter(stem for t in group.tickets for stem in set(_stems(tickets[t]))) for group in listed]
    spread = Counter(stem for count in counts for stem in count)
    named = []
    for group, count in zip(listed, counts, strict=True):
        telling = sorted(count, key=lambda stem: (-count[stem] / spread[stem] ** 0.5, stem))[:6]
        terms = tuple(_surface(term, [tickets[identity] for identity in group.tickets]) for term in telling)
        named.append(group.model_copy(update={"terms": terms, "label": group.label or " ".join(terms[:3])}))
    named.sort(key=lambda group: (-group.count, not group.candidate, group.label))
    return tuple(group.model_copy(update={"id": f"G{place}"}) for place, group in enumerate(named, start=1))


def _surface(term: str, tickets: Sequence[Ticket]) -> str:
    """The form of a stem that people write most."""
    forms = Counter(
        match[0]
        for ticket in tickets
        for match in WORD.finditer(plain(f"{ticket.subject} {ticket.text}"))
        if stem(match[0]) == term
    )
    return min(forms, key=lambda form: (-forms[form], form)) if forms else term
