"""Requests that match no candidate, grouped among themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from postlaunch.tools.feedback_groups import Strength
from postlaunch.tools.feedback_profiles import Scorer, profile
from postlaunch.tools.feedback_vectors import average_linkage, joined, vectors

if TYPE_CHECKING:
    from postlaunch.tools.feedback_vectors import Matrix

ALIKE, ALIKE_SURE = 0.15, 0.34
"""Mean cosine within a cluster: to be in it, and to be in it for certain."""

WORDS_SHARE = 0.3
"""Share of the words in the likeness of two requests, where what they mean is compared too."""

JOINS, JOINS_NEARLY = 1.8, 1.0
"""Scores (nats) by a cluster's profile: a lone request joins it, or is borderline."""

Rows = dict[int, Strength]


def clusters(
    texts: Sequence[Sequence[str]],
    requesters: Sequence[str],
    others: Sequence[Sequence[str]] = (),
    meant: Matrix | None = None,
) -> tuple[list[Rows], list[int]]:
    """Groups of at least two requesters, as rows with their strength, and the rows that stay alone.

    Average linkage finds the groups; the profile of each then takes in lone requests that speak of the same
    in other words.

    Args:
        texts: the terms of each request.
        others: the terms of other tickets, which tell how usual a term is.
        meant: a vector of length one for what each request means, compared together with its words.
    """
    if not texts:
        return [], []
    words = vectors([*texts, *others])[: len(texts)]
    matrix = words if meant is None else joined(words, meant, WORDS_SHARE)
    similarity = matrix @ matrix.T
    found = average_linkage(similarity, ALIKE)
    groups = [rows for rows in found if len({requesters[row] for row in rows}) > 1]
    lone = sorted(row for rows in found if rows not in groups for row in rows)
    made = [{row: _strength(row, rows, similarity) for row in rows} for rows in groups]
    for row, places in _joining([tuple(dict.fromkeys(text)) for text in texts], groups, lone).items():
        for place, strength in places.items():
            made[place][row] = strength
    taken = {row for rows in made for row, strength in rows.items() if strength != "near"}
    return made, [row for row in lone if row not in taken]


def _strength(row: int, rows: Sequence[int], similarity: Matrix) -> Strength:
    others = [other for other in rows if other != row]
    mean = float(similarity[row, others].mean()) if others else 0.0
    return "certain" if mean >= ALIKE_SURE else "probable"


def _joining(
    terms: Sequence[tuple[str, ...]], groups: Sequence[Sequence[int]], lone: Sequence[int]
) -> dict[int, Rows]:
    """Lone rows with the groups that they join or nearly do, by the group's place."""
    held = Counter(term for some in terms for term in some)
    scorer = Scorer([profile({}, [terms[row] for row in rows], held, len(terms)) for rows in groups])
    return {row: _places(scorer.scores(terms[row])) for row in lone}


def _places(scores: Sequence[float]) -> Rows:
    best = max(scores, default=0.0)
    return {
        place: "probable" if score == best and score >= JOINS else "near"
        for place, score in enumerate(scores)
        if score >= JOINS_NEARLY
    }
