"""What one item changes in a scope."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postlaunch.errors import UsageError
from postlaunch.tools.scope import Team, Work, check_scope, scope_of
from postlaunch.tools.scope_changes import what_changes


def work(identity: str, depends_on: tuple[str, ...] = (), wanted: str = "", **days: float) -> Work:
    return Work(
        id=identity,
        title=identity.title(),
        days=days,
        points=300,
        tier="Must" if wanted else "Should",
        depends_on=depends_on,
        wanted=wanted,
    )


WORKS = (
    work("base", ann=2),
    work("middle", depends_on=("base",), ann=3, bob=1),
    work("top", depends_on=("middle",), bob=4),
    work("apart", ann=5),
)
TEAM = Team(working_days={"ann": 9, "bob": 5}, buffer=0, testing_share=0, testing_owner="ann")


def test_what_depends_on_an_item_falls_out_with_it_and_its_days_are_freed() -> None:
    change = what_changes(WORKS, TEAM, ("base", "middle", "top"), "base")
    assert (change.kind, change.along, change.ids) == ("take out", ("Middle", "Top"), ())
    assert {owner.owner: owner.days for owner in change.owners} == {"ann": -5, "bob": -5}
    assert change.lines() == (
        "Take out Base, and with it Middle, Top: frees 10 days.",
        "ann: 5 days freed (0 of 9 then in use)",
        "bob: 5 days freed (0 of 5 then in use)",
        "It fits.",
    )


def test_what_an_item_depends_on_comes_in_with_it() -> None:
    change = what_changes(WORKS, TEAM, ("apart",), "middle")
    assert (change.kind, change.along, change.ids) == ("put in", ("Base",), ("base", "middle", "apart"))
    assert not change.fits
    assert change.problems == ("ann: 10 days of work, 9 to plan",)
    assert change.lines()[-2:] == ("It does not fit:", "ann: 10 days of work, 9 to plan")


def test_what_is_in_already_does_not_come_in_again() -> None:
    change = what_changes(WORKS, TEAM, ("base", "middle"), "top")
    assert change.along == ()
    assert [(owner.owner, owner.before, owner.after) for owner in change.owners] == [("bob", 1, 5)]
    assert change.fits


def test_a_must_that_is_taken_out_leaves_a_scope_that_does_not_stand() -> None:
    works = (work("must", wanted="Must: contract", ann=1),)
    assert what_changes(works, TEAM, ("must",), "must").problems == (
        "Must (must) must be in: Must: contract",
    )


def test_testing_is_freed_with_the_item_that_it_belongs_to() -> None:
    tested = Team(working_days={"ann": 9, "eve": 9}, buffer=0, testing_share=0.5, testing_owner="eve")
    change = what_changes((work("a", ann=4),), tested, ("a",), "a")
    assert {owner.owner: owner.days for owner in change.owners} == {"ann": -4, "eve": -2}


def test_an_unknown_item_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match='there is no item "other"') as refused:
        what_changes(WORKS, TEAM, (), "other")
    assert "base" in refused.value.remedy


@settings(max_examples=80, deadline=None)
@given(
    inside=st.sets(st.sampled_from([work.id for work in WORKS])),
    item=st.sampled_from([work.id for work in WORKS]),
)
def test_the_scope_afterwards_is_what_the_check_and_the_scope_say_of_it(inside: set[str], item: str) -> None:
    change = what_changes(WORKS, TEAM, inside, item)
    assert (item in change.ids) != (item in inside)
    assert list(change.problems) == check_scope(WORKS, TEAM, change.ids)
    before, after = scope_of(WORKS, TEAM, inside), scope_of(WORKS, TEAM, change.ids)
    assert change.days == pytest.approx(after.total_days - before.total_days)
