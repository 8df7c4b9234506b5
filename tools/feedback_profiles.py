"""What a candidate's tickets are about: term weights from its own words, then from the tickets.

A profile is a naive Bayes model of one candidate against all tickets. It starts from the candidate's title,
keywords and description; the terms of the tickets counted for it are then learned into it (pseudo-relevance
feedback), so that "revert" or "go back" count once they are seen beside "rollback".
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postlaunch.tools.feedback_groups import Anchor
from postlaunch.tools.feedback_terms import telling_terms

TITLE, KEYWORD, DESCRIPTION = 0.5, 0.5, 0.2
"""Share of a candidate's tickets that is expected to hold a term of its title, keywords, description."""

DECLARED_TICKETS = 4.0
"""What is declared counts as much as this many tickets."""

USUAL_TICKETS = 2.0
"""And what all tickets say as much as this many: terms never seen stay near neutral."""

MOST, LEAST = 3.0, -0.4
"""Bounds of one term's weight: no word decides alone, and a long ticket is not held against itself."""


@dataclass(frozen=True)
class Profile:
    """What terms speak for a candidate: how much likelier each is in its tickets than in any, in nats.

    Attributes:
        absent: the weight of a term that `weights` does not hold.
    """

    weights: Mapping[str, float]
    absent: float


class Scorer:
    """Scores a ticket by many profiles at once: only the terms that a profile holds are looked at."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self._absent = [one.absent for one in profiles]
        self._holding: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, one in enumerate(profiles):
            for term, weight in one.weights.items():
                self._holding[term].append((place, weight - one.absent))

    def scores(self, terms: Sequence[str]) -> list[float]:
        """The score of these distinct terms by each profile."""
        scores = [absent * len(terms) for absent in self._absent]
        for term in terms:
            for place, weight in self._holding.get(term, ()):
                scores[place] += weight
        return scores


def declared_terms(anchor: Anchor) -> dict[str, float]:
    """The terms of a candidate's own words, each with the share of its tickets expected to hold it."""
    shares: dict[str, float] = {}
    for text, share in (
        (anchor.description, DESCRIPTION),
        *((keyword, KEYWORD) for keyword in anchor.keywords),
        (anchor.title, TITLE),
    ):
        for term in telling_terms(text):
            shares[term] = max(shares.get(term, 0.0), share)
    return shares


def profile(
    declared: Mapping[str, float],
    learned: Sequence[Sequence[str]],
    held: Counter[str],
    tickets: int,
) -> Profile:
    """The profile from declared terms and from the tickets that surely belong.

    A term seen once in them teaches nothing: one is taken off each count.

    Args:
        learned: the distinct terms of each of those tickets.
        held: how many of all tickets hold a term.
    """
    seen = Counter(term for terms in learned for term in terms)
    total = (DECLARED_TICKETS if declared else 0.0) + len(learned) + USUAL_TICKETS
    weights = {}
    for term in {*declared, *(term for term, number in seen.items() if number > 1)}:
        usual = (held[term] + 0.5) / (tickets + 1)
        own = DECLARED_TICKETS * declared.get(term, 0.0) + max(0, seen[term] - 1) + USUAL_TICKETS * usual
        weights[term] = min(MOST, max(LEAST, math.log(own / total / usual)))
    return Profile(weights, max(LEAST, math.log(USUAL_TICKETS / total)) / 4)
