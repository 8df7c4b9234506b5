"""Which candidates each ticket asks for, and how surely: by name, and by what others who ask for it say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from postlaunch.llm.privacy import blanked
from postlaunch.sources.tickets import Ticket
from postlaunch.tools.feedback_groups import Anchor, Strength
from postlaunch.tools.feedback_naming import Naming, PhraseIndex
from postlaunch.tools.feedback_profiles import Profile, Scorer, declared_terms, profile
from postlaunch.tools.feedback_spelling import Spelling
from postlaunch.tools.feedback_terms import telling_terms
from postlaunch.tools.feedback_text import Intent, asks, gives_thanks, intent, sentences, speaks_against

CERTAIN, PROBABLE, NEAR = 3.5, 1.4, 0.6
"""Scores (nats) of a ticket that does not name a candidate: counted for certain, counted, borderline."""

NAMED_CERTAIN, NAMED_PROBABLE = 2.0, 0.8
"""Scores of a ticket that names a candidate by one word: counted for certain, counted."""

RIVAL = 0.5
"""How far below the best candidate's score another one still competes."""

SECOND = 2.0
"""How far below it one that is named may be and still be asked for as well."""

ROUNDS = 3
"""How often the profiles learn from the tickets that they match."""


@dataclass(frozen=True)
class Read:
    """One ticket as the rules read it.

    Attributes:
        ticket: as it came, for who asks, and when.
        said: its sentences, slips put right, blanks for personal data and secrets; so are the terms.
        terms: what it is about; the subject and sentences that ask count twice, thanks not at all.
        opposed: it speaks against something.
    """

    ticket: Ticket
    intent: Intent
    said: tuple[str, ...]
    terms: tuple[str, ...]
    naming: Naming
    opposed: bool


def read(tickets: Sequence[Ticket], anchors: Sequence[Anchor]) -> tuple[Read, ...]:
    """Read tickets, personal data and secrets left out, slips of the keyboard put right."""
    clean = [_without_personal_data(ticket) for ticket in tickets]
    declared = [" ".join((anchor.title, *anchor.keywords, anchor.description)) for anchor in anchors]
    spelling = Spelling((f"{ticket.subject}\n{ticket.text}" for ticket in clean), declared)
    index = PhraseIndex(anchors)
    return tuple(_read(ticket, bare, spelling, index) for ticket, bare in zip(tickets, clean, strict=True))


def _without_personal_data(ticket: Ticket) -> Ticket:
    """The ticket as its words may be met one by one: in a group's terms and label, or in its vector."""
    return ticket.model_copy(update={"subject": blanked(ticket.subject), "text": blanked(ticket.text)})


def _read(ticket: Ticket, clean: Ticket, spelling: Spelling, index: PhraseIndex) -> Read:
    right = clean.model_copy(
        update={"subject": spelling.put_right(clean.subject), "text": spelling.put_right(clean.text)}
    )
    said = sentences(right)
    counted = [sentence for sentence in said if not gives_thanks(sentence)]
    asking = [sentence for sentence in counted if asks(sentence)]
    return Read(
        ticket=ticket,
        intent=intent(right),
        said=said,
        terms=telling_terms("\n".join((right.subject, *counted, *asking))),
        naming=index.naming(right),
        opposed=any(speaks_against(sentence) for sentence in said),
    )


def matched(reads: Sequence[Read], anchors: Sequence[Anchor]) -> list[dict[int, Strength]]:
    """For each ticket the candidates it asks for, by their place among the anchors.

    The profiles start from the candidates' own words and learn from the tickets counted for them, some rounds
    over; a ticket then teaches what else people say who ask for the same.
    """
    terms = [tuple(dict.fromkeys(one.terms)) for one in reads]
    held = Counter(term for some in terms for term in some)
    declared = [declared_terms(anchor) for anchor in anchors]
    placed: list[dict[int, Strength]] = [{} for _ in reads]
    for _ in range(ROUNDS + 1):
        scorer = Scorer(_profiles(declared, terms, placed, held))
        placed = [_placed(one, scorer.scores(some)) for one, some in zip(reads, terms, strict=True)]
    return placed


def _profiles(
    declared: Sequence[dict[str, float]],
    terms: Sequence[tuple[str, ...]],
    placed: Sequence[dict[int, Strength]],
    held: Counter[str],
) -> list[Profile]:
    learned: list[list[tuple[str, ...]]] = [[] for _ in declared]
    for some, places in zip(terms, placed, strict=True):
        for place, strength in places.items():
            if strength in ("certain", "probable"):
                learned[place].append(some)
    return [profile(own, others, held, len(terms)) for own, others in zip(declared, learned, strict=True)]


def _placed(one: Read, scores: Sequence[float]) -> dict[int, Strength]:
    """The candidates a ticket asks for, and how surely.

    One that is named by a phrase is certain; by a word, as its score says. Without any name it is the one
    with the best score, if that is good. How surely the ticket asks at all then limits it.
    """
    best = max(scores, default=0.0)
    placed: dict[int, Strength] = dict.fromkeys(one.naming.against, "against")
    for place, score in enumerate(scores):
        if place in placed:
            continue
        topic = _topic(place, score, best, one.naming)
        strength = topic and _limited(topic, one.intent)
        if strength:
            placed[place] = strength
    return placed


def _topic(place: int, score: float, best: float, naming: Naming) -> Strength | None:
    if place in naming.phrase:
        return "certain"
    leads = score >= best - RIVAL
    if place in naming.word:
        if score >= NAMED_CERTAIN and leads:
            return "certain"
        second = score >= max(NAMED_PROBABLE, best - SECOND)
        return "probable" if second or (leads and not naming.phrase) else "near"
    if naming.phrase or not leads or score < NEAR:
        return None
    if score >= CERTAIN and not naming.word:
        return "certain"
    return "probable" if score >= PROBABLE else "near"


def _limited(topic: Strength, asked: Intent) -> Strength | None:
    """What is left of a match when the ticket may not ask for anything."""
    if asked == "asks":
        return topic
    if asked == "wonders":
        return "probable" if topic == "certain" else topic
    sure = topic == "certain" or (asked == "may ask" and topic == "probable")
    return "near" if sure and asked != "other" else None
