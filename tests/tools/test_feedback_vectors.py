"""Cosine and average linkage, against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postlaunch.tools.feedback_vectors import average_linkage, vectors


def closest_pair_first(similarity: np.ndarray, least: float) -> set[frozenset[int]]:
    """Average linkage as it is defined: the most alike pair of clusters is joined, again and again."""
    clusters = [frozenset({place}) for place in range(len(similarity))]

    def alike(one: frozenset[int], other: frozenset[int]) -> float:
        return float(np.mean([similarity[a, b] for a in one for b in other]))

    while len(clusters) > 1:
        pairs = [(one, other) for place, one in enumerate(clusters) for other in clusters[place + 1 :]]
        best = max(pairs, key=lambda pair: alike(*pair))
        if alike(*best) < least:
            break
        clusters = [cluster for cluster in clusters if cluster not in best] + [best[0] | best[1]]
    return set(clusters)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(0, 10_000), st.sampled_from((0.2, 0.4, 0.6, 0.8)))
def test_the_chain_finds_the_clusters_of_the_definition(count: int, seed: int, least: float) -> None:
    half = np.random.default_rng(seed).random((count, count))
    similarity = ((half + half.T) / 2).astype(np.float32)
    found = {frozenset(cluster) for cluster in average_linkage(similarity, least)}
    assert found == closest_pair_first(similarity, least)


def test_every_text_has_length_one_or_no_words() -> None:
    made = vectors([("dark", "mod"), ("dark", "mod"), ()])
    assert np.linalg.norm(made, axis=1) == pytest.approx([1, 1, 0], abs=1e-6)


def test_a_misspelt_word_still_resembles_the_right_one() -> None:
    made = vectors([("authentication",), ("authentification",), ("calendar",)])
    assert made[0] @ made[1] > made[0] @ made[2] + 0.1


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    made = vectors([("login", "sso"), ("login", "dark"), ("login", "dark"), ("sso",), ("login",)])
    assert made[0] @ made[3] > made[0] @ made[4]
