"""The solver against every possible choice."""

from __future__ import annotations

from itertools import combinations
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postlaunch.tools.scope_solver import DAY, Choice, Program, solve

OWNERS = ("ann", "bob", "cy")


def allowed(program: Program, chosen: frozenset[int]) -> bool:
    loads = {owner: sum(program.choices[place].load.get(owner, 0) for place in chosen) for owner in OWNERS}
    return (
        program.inside <= chosen
        and not program.outside & chosen
        and all(loads[owner] <= program.capacity.get(owner, 0) for owner in OWNERS)
        and all(set(program.choices[place].requires) <= chosen for place in chosen)
    )


def by_trying_all(program: Program) -> frozenset[int] | None:
    """The most points, then the least effort, then the earliest item in which two choices differ."""
    places = range(len(program.choices))
    every = [frozenset(some) for size in range(len(places) + 1) for some in combinations(places, size)]
    return max(
        (chosen for chosen in every if allowed(program, chosen)),
        key=lambda chosen: (
            sum(program.choices[place].points for place in chosen),
            -sum(program.choices[place].units for place in chosen),
            [place in chosen for place in places],
        ),
        default=None,
    )


@st.composite
def programs(draw: st.DrawFn) -> Program:
    count = draw(st.integers(1, 10))
    tenths = st.integers(0, 40).map(lambda tenth: tenth * DAY // 10)
    choices = tuple(
        Choice(
            points=draw(st.sampled_from((100, 300, 900))),
            load=draw(st.dictionaries(st.sampled_from(OWNERS), tenths, max_size=3)),
            requires=tuple(draw(st.sets(st.integers(0, place - 1), max_size=2))) if place else (),
        )
        for place in range(count)
    )
    marks = draw(st.lists(st.sampled_from(("", "", "", "in", "out")), min_size=count, max_size=count))
    return Program(
        choices=choices,
        capacity=draw(st.dictionaries(st.sampled_from(OWNERS), tenths, max_size=3)),
        inside=frozenset(place for place, mark in enumerate(marks) if mark == "in"),
        outside=frozenset(place for place, mark in enumerate(marks) if mark == "out"),
    )


@settings(max_examples=120, deadline=None)
@given(programs())
def test_the_solver_agrees_with_trying_every_choice(program: Program) -> None:
    assert solve(program) == by_trying_all(program)


@settings(max_examples=80, deadline=None)
@given(programs(), st.integers(1, 4))
def test_ties_are_settled_alike_in_runs_of_any_length(program: Program, run: int) -> None:
    with patch("postlaunch.tools.scope_solver.RUN", run):
        assert solve(program) == by_trying_all(program)


def test_greedy_by_points_per_day_is_beaten() -> None:
    choices = tuple(
        Choice(points=points, load={"ann": days * DAY}) for points, days in ((120, 6), (100, 5), (100, 5))
    )
    assert solve(Program(choices, {"ann": 10 * DAY})) == {1, 2}


@pytest.mark.parametrize(("capacity", "chosen"), [(9000, {0}), (8999, set())])
def test_a_thousandth_of_a_day_decides(capacity: int, chosen: set[int]) -> None:
    assert solve(Program((Choice(1, {"ann": 9000}),), {"ann": capacity})) == chosen


def test_of_equal_points_the_least_effort_is_taken() -> None:
    choices = (Choice(300, {"ann": 5 * DAY}), Choice(300, {"ann": 3 * DAY}))
    assert solve(Program(choices, {"ann": 6 * DAY})) == {1}


def test_no_choices_are_an_empty_scope() -> None:
    assert solve(Program((), {})) == frozenset()


def test_three_hundred_items_are_solved() -> None:
    choices = tuple(
        Choice(100 + place * 37 % 99, {OWNERS[place % 3]: 500 + place * 211 % 3000}) for place in range(300)
    )
    chosen = solve(Program(choices, dict.fromkeys(OWNERS, 9 * DAY)))
    assert chosen is not None
    for owner in OWNERS:
        assert sum(choices[place].load.get(owner, 0) for place in chosen) <= 9 * DAY
