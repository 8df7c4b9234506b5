"""Requests that mean what a candidate's requests mean though no rule connects their words, by embeddings.

A candidate is what its newest counted tickets say. What all requests have in common (one product, one tone)
is taken off first: without that, every ticket of a product resembles every other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postlaunch.tools.feedback_embeddings import embedded
from postlaunch.tools.feedback_groups import Strength
from postlaunch.tools.feedback_matching import Read

if TYPE_CHECKING:
    from postlaunch.tools.feedback_embeddings import Matrix

EXAMPLES = 20
"""Newest tickets of a candidate that stand for it; fewer than `FEWEST` say too little."""

FEWEST = 3

COUNTED, BORDERLINE = 0.30, 0.20
"""Mean cosine with those tickets: probable, and near."""

SHRUNK = 20
"""What requests have in common is told from their mean as if so many more had nothing in common."""

Placed = Mapping[int, Strength]


@dataclass(frozen=True)
class Meanings:
    """What the requests outside every candidate mean.

    Attributes:
        vectors: a row of length one per such request, in their order.
        resembles: request (its place among the tickets) → the candidate it resembles most, by its place, and
            how surely it asks for it.
    """

    vectors: Matrix
    resembles: Mapping[int, tuple[int, Strength]]


def meanings(
    reads: Sequence[Read], outside: Sequence[int], placed: Sequence[Placed], candidates: int
) -> Meanings:
    """Embed the requests that no candidate counts, and find what each resembles.

    Args:
        outside: their places among the tickets.
        placed: for each ticket the candidates it asks for, by their place.
    """
    examples = [_examples(reads, placed, candidate) for candidate in range(candidates)]
    rows = list(dict.fromkeys([*outside, *(row for some in examples for row in some)]))
    vectors = centred(embedded([". ".join(reads[row].said) for row in rows]))
    place = {row: number for number, row in enumerate(rows)}
    told = {
        candidate: vectors[[place[row] for row in some]].mean(axis=0)
        for candidate, some in enumerate(examples)
        if len(some) >= FEWEST
    }
    resembles = {}
    for row in outside:
        likeness = {candidate: float(vectors[place[row]] @ mean) for candidate, mean in told.items()}
        best = max(likeness, key=lambda candidate: likeness[candidate], default=None)
        if best is not None and likeness[best] >= BORDERLINE:
            resembles[row] = (best, _strength(likeness[best]))
    return Meanings(vectors=vectors[: len(outside)], resembles=resembles)


def _strength(likeness: float) -> Strength:
    return "probable" if likeness >= COUNTED else "near"


def _examples(reads: Sequence[Read], placed: Sequence[Placed], candidate: int) -> list[int]:
    counted = [row for row, found in enumerate(placed) if found.get(candidate) in ("certain", "probable")]
    newest = sorted(counted, key=lambda row: (reads[row].ticket.created_at, reads[row].ticket.id))
    return newest[-EXAMPLES:]


def centred(vectors: Matrix) -> Matrix:
    """The vectors without what all have in common, of length one again."""
    import numpy as np

    if not len(vectors):
        return vectors
    apart = vectors - vectors.sum(axis=0) / (len(vectors) + SHRUNK)
    lengths = np.linalg.norm(apart, axis=1, keepdims=True)
    found: Matrix = (apart / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return found
