"""The crash trials themselves: which moments are chosen, and that what is lost, doubled or wrong shows."""

from __future__ import annotations

import random
from dataclasses import replace

from postlaunch.evals.crash_moments import UNWRITTEN
from postlaunch.evals.crash_trials import Journey, Left, verdict_on
from postlaunch.evals.crashes import LIVES, Death, chosen, deaths_on, heirs, markdown, place, table_of

LEFT = Left(
    state="done",
    commitments=("sprint 4",),
    decisions=("R1 approve",),
    handoffs=(("a", "{}"), ("b", "{}")),
    packets=(("a", "{}"), ("b", "{}")),
    messages=("a", "b"),
    undelivered=(),
    notified=frozenset({"gate/R1"}),
    repeated=0,
    reports=(("backlog", ""),),
    broken=(),
)
JOURNEY = Journey("gate", "approve", ("open: done", "open: written", "commit: done", "commit: done"), LEFT)


def test_a_run_like_the_undisturbed_one_has_no_problem() -> None:
    verdict = verdict_on("here", LEFT, LEFT)
    assert (verdict.problems, verdict.commitments, verdict.handoffs) == ([], 1, 2)


def test_what_is_missing_is_lost() -> None:
    found = replace(LEFT, handoffs=LEFT.handoffs[:1], undelivered=("b",), notified=frozenset())
    assert verdict_on("here", found, LEFT).lost == [
        "handoffs: ('b', '{}')",
        "undelivered: b",
        "not notified: gate/R1",
    ]


def test_what_is_there_twice_is_a_duplicate() -> None:
    found = replace(LEFT, commitments=LEFT.commitments * 2, notified=frozenset({"gate/R1", "gate/R2"}))
    assert verdict_on("here", found, LEFT).duplicates == [
        "commitments: sprint 4",
        "notified under another key: gate/R2",
    ]


def test_another_state_and_a_broken_record_are_wrong() -> None:
    found = replace(LEFT, state="failed", broken=("events of R have gaps",))
    assert verdict_on("here", found, LEFT).wrong == [
        "events of R have gaps",
        "the run is failed, not done",
    ]


def test_moments_are_chosen_from_every_place_before_a_place_comes_twice() -> None:
    first = chosen(list(deaths_on([JOURNEY])), 2, random.Random(1))
    assert {place(death.moment) for death in first} == {"open", "commit"}


def test_no_moment_is_chosen_twice_before_all_of_its_place_came_once() -> None:
    every = chosen(list(deaths_on([JOURNEY])), 4, random.Random(1))
    assert sorted((death.moment, death.nth) for death in every) == [
        ("commit: done", 1),
        ("commit: done", 2),
        ("open: done", 1),
        ("open: written", 1),
    ]


def test_the_table_sums_over_places() -> None:
    told = replace(LEFT, repeated=3)
    verdicts = [verdict_on("commit: done", told, LEFT), verdict_on("commit: written", LEFT, LEFT)]
    assert verdicts[0].problems == []
    last = markdown(list(table_of(verdicts))).splitlines()[-1]
    cells = [cell.strip() for cell in last.strip("|").split("|")]
    assert cells == ["all", "2", "2", "4", "0", "0", "0", "0", "3"]


def test_who_takes_over_dies_at_later_boundaries_in_their_order() -> None:
    later = tuple(f"{node}: {UNWRITTEN}" for node in ("revise", "propose", "commit", "close"))
    death = Death(JOURNEY, "open: done", 1, later)
    for seed in range(20):
        died = [moment for moment, _ in heirs(death, random.Random(seed))]
        assert len(died) < LIVES
        assert died == sorted(died, key=later.index)


def test_only_boundaries_that_come_in_one_order_are_later_ones() -> None:
    moments = (
        "open: done",
        f"monitoring-specialist/end: {UNWRITTEN}",
        f"close: {UNWRITTEN}",
        f"end: {UNWRITTEN}",
    )
    first = next(deaths_on([Journey("gate", "approve", moments, LEFT)]))
    assert first.later == (f"close: {UNWRITTEN}",)
