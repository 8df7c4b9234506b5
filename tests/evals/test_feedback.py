"""The evaluation of feedback grouping: its bars, and that its own arithmetic is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from postlaunch.evals.feedback import (
    HELD_OUT,
    TUNED,
    PairScore,
    ThemeScore,
    pair_score,
    pairs_line,
    score,
    summary,
    table,
    written_set,
)
from postlaunch.tools.feedback_groups import Group, Member


@pytest.mark.parametrize("name", [*TUNED, *HELD_OUT])
def test_every_set_is_large_and_names_themes_with_and_without_a_candidate(name: str) -> None:
    tickets = written_set(name)
    candidates = {anchor.candidate for anchor in tickets.anchors}
    assert 80 <= len(tickets.tickets) <= 200
    assert candidates <= set(tickets.asked)
    assert len(set(tickets.asked) - candidates) >= 2


@pytest.mark.parametrize("name", [*TUNED, *HELD_OUT])
def test_hardly_a_ticket_is_counted_wrongly_and_most_are_counted(name: str) -> None:
    scores = [one for one in score(written_set(name)) if one.has_candidate]
    counted = sum(len(one.group.tickets) for one in scores if one.group)
    right = sum(one.right for one in scores)
    assert right >= 0.9 * counted
    assert right >= 0.75 * sum(one.asked for one in scores)
    assert sum(one.covered for one in scores) >= len(scores) - 2


def found(*strengths: str) -> Group:
    members = tuple(
        Member.model_validate({"ticket": str(place), "requester": str(place), "strength": strength})
        for place, strength in enumerate(strengths)
    )
    return Group(id="G1", label="x", members=members)


def theme(group: Group | None, people: int, right: int, asked: int) -> ThemeScore:
    return ThemeScore("set", "theme", True, people, asked, group, right)


def test_a_score_compares_what_was_counted_with_what_was_asked() -> None:
    one = theme(found("certain", "certain", "probable", "near"), people=4, right=2, asked=4)
    assert (one.count, one.precision, one.recall, one.error) == (3, pytest.approx(2 / 3), 0.5, -0.25)
    assert one.covered


def test_a_theme_without_a_group_is_missed_and_not_covered() -> None:
    one = theme(None, people=4, right=0, asked=5)
    assert (one.count, one.recall, one.covered) == (0, 0.0, False)
    assert "✗" in table([one])


def test_the_summary_pools_tickets_and_takes_the_median_of_the_errors() -> None:
    scores = [
        theme(found("certain", "certain"), 2, 2, 2),
        theme(None, 4, 0, 4),
        theme(found("certain"), 1, 1, 1),
    ]
    assert summary("all", scores) == "| all | 3 | 100% | 43% | 0% | 100% | 2 of 3 |"


def test_pairs_of_several_sets_are_pooled_before_they_are_rated() -> None:
    pooled = PairScore(right=3, wrong=1) + PairScore(right=1, missed=4)
    assert (pooled.precision, pooled.recall, pooled.f1) == (0.8, 0.5, pytest.approx(8 / 13))
    themes = [theme(found("certain", "certain"), 4, 2, 2), theme(None, 0, 0, 0)]
    assert pairs_line("all", pooled, themes) == "| all | 80% | 50% | 0.62 | 50% |"


def test_a_pair_is_right_when_both_tickets_ask_for_one_theme() -> None:
    tickets = written_set("billing")
    found_pairs = pair_score(tickets)
    asked = sum(len(ids) * (len(ids) - 1) // 2 for ids in tickets.asked.values())
    assert 0 < found_pairs.right + found_pairs.missed <= asked
    assert pair_score(replace(tickets, asked={})).right == 0
