"""What fits a sprint, and what is said of what does not."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from postlaunch.roster import Roster
from postlaunch.settings import Capacity, Settings
from postlaunch.settings_product import TESTING_ID
from postlaunch.tools.scope import Team, Work, check_scope, scope_of, solve_scope, team_for
from postlaunch.tools.scope_changes import what_changes

SIX = ("password-reset", "2fa", "caching", "dark-mode", "export", "roles")


def team(buffer: float = 0.0, testing: float = 0.0, **days: float) -> Team:
    return Team(working_days=days, buffer=buffer, testing_share=testing, testing_owner="tester")


def work(
    identity: str, points: int = 300, wanted: str = "", depends_on: tuple[str, ...] = (), **days: float
) -> Work:
    return Work(
        id=identity,
        title=identity.title(),
        days=days,
        points=points,
        tier="Must" if wanted else "Should",
        depends_on=depends_on,
        wanted=wanted,
    )


def test_thirteen_days_of_work_do_not_fit_ten_days_of_one_person() -> None:
    works = [work("reset", wanted="Must", ann=3), work("2fa", wanted="Must", ann=5)]
    works += [
        work("cache", wanted="Must", ann=1),
        work("dark", wanted="Must", ann=2),
        work("docs", wanted="Must", ann=2),
    ]
    scope = solve_scope(works, team(ann=10))
    assert not scope.fits
    assert scope.infeasible == (
        "what must be in does not fit ann: 13 days of work, 10 to plan",
        "the smallest conflict: Reset, 2Fa, Cache, Dark: take 11 of 10 days of ann",
    )
    assert scope.total_days <= 10


def test_the_same_thirteen_days_fit_when_each_has_a_person_of_its_own() -> None:
    works = [
        work("reset", wanted="Must", ann=3),
        work("2fa", wanted="Must", bob=5),
        work("cache", wanted="Must", cy=1),
        work("dark", wanted="Must", dan=2),
        work("docs", wanted="Must", eve=2),
    ]
    scope = solve_scope(works, team(ann=10, bob=10, cy=10, dan=10, eve=10))
    assert scope.fits
    assert scope.total_days == 13
    assert scope.proof[0] == "ann: 3 of 10 days"


def test_the_buffer_is_kept_free() -> None:
    works = [work("a", ann=9.1)]
    assert not solve_scope(works, team(buffer=0.1, ann=10)).ids
    assert solve_scope([work("a", ann=9)], team(buffer=0.1, ann=10)).ids == ("a",)


def test_testing_and_documentation_is_an_item_and_takes_its_owners_days() -> None:
    scope = solve_scope([work("a", ann=5), work("b", ann=4)], team(testing=0.2, ann=10, tester=1.8))
    assert scope.items[-1].id == TESTING_ID
    assert scope.items[-1].days == {"tester": 1.8}
    assert scope.total_days == 10.8


def test_a_scope_without_days_to_test_it_is_none() -> None:
    scope = solve_scope([work("a", ann=5)], team(testing=0.2, ann=10, tester=0.9))
    assert scope.ids == ()
    assert scope.left_out[0].takes == "0.1 more working days of tester"


def test_testing_adds_to_what_the_testing_owner_does_in_the_items() -> None:
    scope = solve_scope([work("a", tester=5)], team(testing=0.2, tester=5.9))
    assert scope.ids == ()


def test_an_item_brings_what_it_depends_on() -> None:
    works = [work("base", points=1, ann=2), work("top", depends_on=("base",), ann=2)]
    assert solve_scope(works, team(ann=4)).ids == ("base", "top")
    assert "needed by Top" in solve_scope(works, team(ann=4)).items[0].because


def test_an_item_whose_dependency_does_not_fit_is_left_out_with_both() -> None:
    works = [work("base", ann=9), work("top", depends_on=("base",), ann=2)]
    left = solve_scope(works, team(ann=10)).left_out
    assert left[0].id == "top"
    assert left[0].takes == "1 more working day of ann"


def test_a_must_on_an_item_that_a_person_took_out_does_not_fit() -> None:
    base = Work(id="base", title="Base", days={"ann": 1}, points=300, tier="Should", excluded=True)
    scope = solve_scope([base, work("top", wanted="Must", depends_on=("base",), ann=1)], team(ann=10))
    assert not scope.fits
    assert "which a person took out" in scope.infeasible[0]
    assert scope.ids == ()
    assert [left.reason for left in scope.left_out] == [
        "taken out by a person",
        "depends on Base, which a person took out",
    ]


def test_when_the_musts_do_not_fit_the_best_of_them_is_proposed_before_anything_else() -> None:
    works = [
        work("a", points=900, wanted="Must", ann=6),
        work("b", points=950, wanted="Must", ann=6),
        *(work(f"s{place}", points=399, ann=1) for place in range(6)),
    ]
    scope = solve_scope(works, team(ann=10))
    assert not scope.fits
    assert "b" in scope.ids
    assert len(scope.ids) == 5
    assert next(left for left in scope.left_out if left.id == "a").reason == "Must, but it does not fit: ann"


def test_no_number_of_lesser_items_outweighs_a_must_that_fits() -> None:
    works = [work("a", points=900, wanted="Must", ann=6), work("b", points=900, wanted="Must", ann=7)]
    works += [work(f"s{place}", points=399, ann=1) for place in range(7)]
    assert set(solve_scope(works, team(ann=7)).ids) & {"a", "b"}


def test_an_owner_without_days_can_do_nothing() -> None:
    assert solve_scope([work("a", nobody=1)], team(ann=10)).ids == ()


def test_a_scope_put_together_by_a_person_is_checked_in_words() -> None:
    works = [
        work("must", wanted="Must: contract", ann=2),
        work("base", ann=3),
        work("top", depends_on=("base",), ann=9),
    ]
    assert check_scope(works, team(ann=10), ["must", "base"]) == []
    assert check_scope(works, team(ann=10), ["top", "top", "other"]) == [
        'there is no item "other"',
        '"top" is named twice',
        "Must (must) must be in: Must: contract",
        "Top (top) depends on base, which is not in the scope",
    ]
    assert check_scope(works, team(ann=10), ["must", "top", "base"]) == ["ann: 14 days of work, 10 to plan"]


def test_what_a_person_may_leave_out_is_not_demanded() -> None:
    works = [work("held", wanted="Must: law", ann=6), work("other", wanted="Must: contract", ann=5)]
    party = team(ann=10)
    assert check_scope(works, party, ["held"], demanded=["held"]) == []
    assert check_scope(works, party, ["other"], demanded=["held"]) == ["Held (held) must be in: Must: law"]
    scope = scope_of(works, party, ["other"], demanded=())
    assert (scope.fits, scope.infeasible) == (True, ())
    assert scope.constraints[0] == "what must be in: 1 of 2"
    assert what_changes(works, party, ["held"], "held", demanded=()).fits


def test_a_scope_put_together_by_a_person_is_taken_as_it_is() -> None:
    works = [work("a", ann=2), work("b", ann=3)]
    scope = scope_of(works, team(ann=10), ["b"])
    assert scope.ids == ("b",)
    assert scope.fits
    assert not scope.optimal
    assert scope.left_out[0].reason == "left out by the person who edited the scope"


def test_capacity_of_this_sprint_replaces_the_rosters_days_and_keeps_the_buffer() -> None:
    given_settings = Settings(capacity=Capacity(sprint_days=10, buffer=0.1))
    roster = Roster.from_settings(given_settings)
    made = team_for([{"security-expert": 1}], given_settings, roster, {"Python Security Expert": 5})
    assert made.capacity("security-expert") == 4.5
    assert made.capacity("testing-expert") == 9


@settings(max_examples=40, deadline=None)
@given(
    days=st.lists(st.integers(1, 60).map(lambda tenth: tenth / 10), min_size=1, max_size=8),
    capacity=st.integers(0, 12),
)
def test_a_proposed_scope_passes_the_check_that_a_persons_scope_must_pass(
    days: list[float], capacity: int
) -> None:
    works = [work(f"i{place}", ann=value) for place, value in enumerate(days)]
    party = team(testing=0.18, buffer=0.1, ann=capacity, tester=10)
    scope = solve_scope(works, party)
    assert check_scope(works, party, scope.ids) == []
    assert scope.fits
    assert all(load.fits for load in scope.loads)
    assert {*scope.ids, *(left.id for left in scope.left_out)} == {item.id for item in works}


def test_the_order_of_equal_items_does_not_depend_on_chance() -> None:
    works = [work(identity, ann=3) for identity in SIX]
    scopes = {solve_scope(works, team(ann=10)).ids for _ in range(3)}
    assert scopes == {SIX[:3]}
