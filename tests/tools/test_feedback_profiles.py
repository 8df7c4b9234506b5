"""What a candidate's tickets are about, and how it is learned."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.tools.feedback_groups import Anchor
from postlaunch.tools.feedback_profiles import LEAST, MOST, Scorer, declared_terms, profile

HELD = Counter({"rollback": 5, "release": 4, "deploy": 40, "night": 2})
DECLARED = {"rollback": 0.5}


def test_a_term_of_the_title_weighs_more_than_one_of_the_description() -> None:
    found = declared_terms(
        Anchor(candidate="r", title="Rollback", description="An earlier release, a rollback.")
    )
    assert found["rollback"] > found["earlier"]


def test_a_rare_declared_term_weighs_more_than_a_common_one() -> None:
    found = profile({"rollback": 0.5, "deploy": 0.5}, [], HELD, 100)
    assert found.weights["rollback"] > found.weights["deploy"]


def test_a_term_seen_with_the_candidate_is_learned_and_one_seen_once_is_not() -> None:
    learned = [("rollback", "release"), ("rollback", "release"), ("rollback", "release", "night")]
    found = profile(DECLARED, learned, HELD, 100)
    assert found.weights["release"] > 1
    assert "night" not in found.weights


def test_a_term_usual_everywhere_says_little_even_beside_the_candidate() -> None:
    found = profile(DECLARED, [("rollback", "deploy")] * 3, HELD, 100)
    assert found.weights["deploy"] < 0.5


@given(
    st.lists(st.lists(st.sampled_from(sorted(HELD)), unique=True, max_size=4), max_size=6),
    st.integers(50, 500),
)
def test_no_term_decides_alone(learned: list[list[str]], tickets: int) -> None:
    found = profile(DECLARED, learned, HELD, tickets)
    assert all(LEAST <= weight <= MOST for weight in found.weights.values())


def test_a_ticket_is_scored_by_every_profile_at_once() -> None:
    one, other = profile(DECLARED, [], HELD, 100), profile({"night": 0.5}, [], HELD, 100)
    scores = Scorer([one, other]).scores(("night", "unknown"))
    assert scores == pytest.approx([2 * one.absent, other.weights["night"] + other.absent])
