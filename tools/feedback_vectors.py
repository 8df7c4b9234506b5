"""How alike texts are, and which belong together: TF-IDF cosine and average linkage, in numpy.

Words and character 4-grams are weighted apart and joined, so that "authentification" still resembles
"authentication". Everything is deterministic: ties go to the earlier text.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

GRAM = 4
GRAM_SHARE = 0.3
"""Share of the character 4-grams in the similarity; the rest is the words'."""

COLUMNS = 3000
"""Most terms of each sort that are compared; what a text has beyond them still counts in its length."""


def vectors(texts: Sequence[Sequence[str]]) -> Matrix:
    """One row of length one (or zero, for a text without words) per text, given as its stems.

    Term weight is (1 + ln tf) × (ln((1 + n) ÷ (1 + df)) + 1).
    """
    words = _weighted([Counter(text) for text in texts])
    grams = _weighted([Counter(_grams(text)) for text in texts])
    return joined(grams, words, GRAM_SHARE)


def joined(one: Matrix, other: Matrix, share: float) -> Matrix:
    """Vectors whose cosines are the mean of those of two sorts; `share` is the weight of the first."""
    import numpy as np

    found: Matrix = np.hstack([one * math.sqrt(share), other * math.sqrt(1 - share)])
    return found


def _grams(stems: Sequence[str]) -> list[str]:
    padded = [f"^{stem}$" for stem in stems]
    return [word[place : place + GRAM] for word in padded for place in range(max(1, len(word) - GRAM + 1))]


def _weighted(counts: Sequence[Counter[str]]) -> Matrix:
    import numpy as np

    spread = Counter(term for count in counts for term in count)
    rarity = {term: math.log((1 + len(counts)) / (1 + number)) + 1 for term, number in spread.items()}
    shared = sorted((term for term in spread if spread[term] > 1), key=lambda term: (-spread[term], term))
    column = {term: place for place, term in enumerate(shared[:COLUMNS])}
    matrix = np.zeros((len(counts), max(1, len(column))), dtype=np.float32)
    for row, count in enumerate(counts):
        weights = {term: (1 + math.log(number)) * rarity[term] for term, number in count.items()}
        length = math.sqrt(math.fsum(weight * weight for weight in weights.values())) or 1.0
        for term, weight in weights.items():
            if term in column:
                matrix[row, column[term]] = weight / length
    return matrix


def average_linkage(similarity: Matrix, least: float) -> list[list[int]]:
    """Clusters whose members are on average at least this alike, largest first.

    The nearest-neighbour chain gives the same clusters as merging the closest pair each time (average linkage
    is reducible) in O(n²) time and memory. A chain whose tip has no neighbour within reach is final.
    """
    import numpy as np

    count = len(similarity)
    distance = (1.0 - similarity).astype(np.float32)
    np.fill_diagonal(distance, np.inf)
    members: dict[int, list[int]] = {place: [place] for place in range(count)}
    active = list(range(count))
    final: list[list[int]] = []
    chain: list[int] = []
    while active:
        if not chain:
            chain = [active[0]]
        tip = chain[-1]
        near = int(np.argmin(distance[tip]))
        if len(chain) > 1 and distance[tip, chain[-2]] <= distance[tip, near]:
            near = chain[-2]
        if distance[tip, near] > 1.0 - least:
            for place in chain:
                final.append(sorted(members.pop(place)))
                distance[place, :] = distance[:, place] = np.inf
            active = [place for place in active if place in members]
            chain = []
        elif len(chain) > 1 and near == chain[-2]:
            chain = chain[:-2]
            _merge(distance, members, keep=min(tip, near), drop=max(tip, near))
            active = [place for place in active if place in members]
        else:
            chain.append(near)
    return sorted(final, key=lambda places: (-len(places), places))


def _merge(distance: Matrix, members: dict[int, list[int]], *, keep: int, drop: int) -> None:
    """Join two clusters: distances to them become the mean over their members (Lance and Williams)."""
    import numpy as np

    first, second = len(members[keep]), len(members[drop])
    joined = (first * distance[keep] + second * distance[drop]) / (first + second)
    distance[keep, :] = distance[:, keep] = joined
    distance[keep, keep] = np.inf
    distance[drop, :] = distance[:, drop] = np.inf
    members[keep] += members.pop(drop)
