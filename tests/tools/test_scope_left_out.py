"""What would bring a left-out item in, and which Musts cannot be together: against every possibility."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postlaunch.reports.scope import LeftOut
from postlaunch.tools.scope import Team, Work, check_scope, solve_scope
from postlaunch.tools.scope_left_out import overloads
from postlaunch.tools.scope_loads import loads_of, with_dependencies
from postlaunch.tools.scope_sharing import units_by_party
from postlaunch.tools.scope_solver import DAY

PARTIES = ("ann", "bob", "cy")
PRINTED = re.compile(r"([0-9.]+) more working days? of (\w+)")


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


def team(**days: float) -> Team:
    return Team(working_days=days, buffer=0, testing_share=0, testing_owner="tester")


def left(works: Sequence[Work], of: Team, identity: str) -> LeftOut:
    return next(one for one in solve_scope(works, of).left_out if one.id == identity)


def test_an_item_that_does_not_fit_says_how_many_days_or_which_items_would_do() -> None:
    works = [
        work("dear", points=500, ann=6),
        work("cheap", points=150, ann=2),
        work("out", points=120, ann=3),
    ]
    found = left(works, team(ann=9), "out")
    assert found.takes == "2 more working days of ann; or leave out Cheap"
    assert (found.more_days, found.instead_of) == ({"ann": 2}, ("Cheap",))


@pytest.mark.parametrize(
    ("days", "inside", "outside", "takes"),
    [(10, 9, 1, "1.112"), (10.001, 9, 1, "1.111"), (12_345.6, 11_111, 1100.2, "1222.4")],
)
def test_the_days_are_working_days_as_they_are_stated_before_the_buffer(
    days: float, inside: float, outside: float, takes: str
) -> None:
    works = [work("alpha", wanted="Must", ann=inside), work("beta", ann=outside)]
    found = left(works, Team({"ann": days}, 0.1, 0, "tester"), "beta")
    assert found.takes == f"{takes} more working days of ann"


def test_two_small_items_make_room_before_one_of_more_worth_does() -> None:
    works = [
        work("dear", points=900, ann=4),
        work("one", points=110, ann=2),
        work("two", points=120, ann=2),
        work("out", points=100, ann=4),
    ]
    assert left(works, team(ann=8), "out").instead_of == ("One", "Two")


def test_leaving_out_an_item_takes_along_what_depends_on_it() -> None:
    works = [
        work("base", points=300, ann=4),
        work("top", points=500, depends_on=("base",), bob=1),
        work("out", points=250, ann=4),
    ]
    assert left(works, team(ann=4, bob=1), "out").instead_of == ("Base", "Top")


def test_a_must_is_never_what_makes_room() -> None:
    works = [work("must", wanted="Must: law", ann=4), work("side", ann=1), work("out", points=100, ann=3)]
    found = left(works, team(ann=5), "out")
    assert found.takes == "3 more working days of ann; leaving out others is not enough"


def test_an_item_comes_in_with_what_it_depends_on() -> None:
    works = [
        work("in", points=900, ann=5),
        work("base", points=100, ann=3),
        work("top", points=100, depends_on=("base",), bob=2),
    ]
    found = left(works, team(ann=6, bob=1), "top")
    assert found.needs == ("Base",)
    assert found.reason == "does not fit with Base, on which it depends: ann, bob"
    assert found.more_days == {"ann": 2, "bob": 1}


def test_a_skill_may_be_done_by_anybody_who_has_it_and_is_shared_out() -> None:
    able = Team({"ann": 5, "bob": 3}, 0, 0, "ann", {"react": ("ann", "bob")})
    works = [
        work("named", wanted="Must: law", ann=4),
        Work(id="free", title="Free", days={}, points=300, tier="Should", skills={"react": 4}),
    ]
    scope = solve_scope(works, able)
    assert scope.ids == ("named", "free")
    assert scope.items[1].days == {"ann": 1, "bob": 3}
    assert scope.proof == ("ann: 5 of 5 days", "bob: 3 of 3 days", "react (ann, bob): 8 of 8 days")


def test_a_skill_that_is_short_asks_for_the_fewest_days_of_who_has_it() -> None:
    able = Team({"ann": 5, "bob": 3}, 0, 0, "ann", {"react": ("ann", "bob"), "vue": ("bob",)})
    works = [
        work("named", wanted="Must: law", ann=4),
        Work(id="free", title="Free", days={}, points=300, tier="Should", skills={"react": 3, "vue": 2}),
    ]
    found = left(works, able, "free")
    assert sum(found.more_days.values()) == 1
    assert found.reason == "does not fit: react, vue (ann, bob)"


def test_a_skill_that_nobody_has_is_nobodys_days() -> None:
    works = [Work(id="free", title="Free", days={}, points=300, tier="Should", skills={"cobol": 1})]
    assert left(works, team(ann=9), "free").takes == "1 more working day of nobody with cobol"


def test_the_smallest_conflict_of_musts_is_named() -> None:
    works = [
        *(work(f"small{place}", wanted="Must", ann=2) for place in range(4)),
        work("big", wanted="Must", ann=6),
        work("base", ann=3),
        work("top", wanted="Must", depends_on=("base",), bob=1),
    ]
    scope = solve_scope(works, team(ann=8, bob=9))
    assert scope.infeasible[-1] == (
        "the smallest conflict: Big, Top, with what must be in for them: take 9 of 8 days of ann"
    )


# --- against trying everything ----------------------------------------------------------------------------

TENTHS = st.integers(0, 40).map(lambda tenth: tenth / 10)


@st.composite
def plans(draw: st.DrawFn) -> tuple[tuple[Work, ...], Team]:
    """Up to seven items with owners, skills and dependencies; a team with a buffer, who tests, and skills."""
    skills = {
        name: tuple(sorted(draw(st.sets(st.sampled_from(PARTIES), min_size=1)))) for name in ("react", "sql")
    }
    made = Team(
        working_days={party: draw(TENTHS) * 2 for party in PARTIES},
        buffer=draw(st.sampled_from((0.0, 0.1, 0.25, 0.333))),
        testing_share=draw(st.sampled_from((0.0, 0.2))),
        testing_owner=draw(st.sampled_from(PARTIES)),
        skills=skills,
    )
    works = []
    for place in range(draw(st.integers(1, 7))):
        days = draw(st.dictionaries(st.sampled_from(PARTIES), TENTHS, max_size=2))
        needs = draw(st.dictionaries(st.sampled_from(("react", "sql")), TENTHS, max_size=2))
        works.append(
            Work(
                id=f"i{place}",
                title=f"I{place}",
                days=days,
                points=draw(st.sampled_from((100, 130, 300, 900))),
                tier="Should",
                depends_on=tuple(
                    f"i{other}" for other in draw(st.sets(st.integers(0, place - 1), max_size=2))
                )
                if place
                else (),
                wanted=draw(st.sampled_from(("", "", "Must"))),
                skills=needs,
            )
        )
    return tuple(works), made


def can_be_done(works: Iterable[Work], of: Team) -> bool:
    """Whether the days can be shared out: by giving every party its fill of every skill, in whole tenths."""
    listed = list(works)
    free = {party: of.units(party) for party in PARTIES}
    demand = dict.fromkeys(of.skills, 0.0)
    for one in listed:
        for owner, days in one.days.items():
            free[owner] -= round(days * DAY)
        free[of.testing_owner] -= round(one.total * of.testing_share * DAY)
        for skill, days in one.skills.items():
            demand[skill] += round(days * DAY)
    if min(free.values()) < 0:
        return False
    # two skills: whatever can only do one is used up first, what can do both serves the rest
    only = {
        skill: sum(
            free[party] for party in PARTIES if [s for s in of.skills if party in of.skills[s]] == [skill]
        )
        for skill in of.skills
    }
    both = sum(free[party] for party in PARTIES if all(party in able for able in of.skills.values()))
    return sum(max(0, demand[skill] - only[skill]) for skill in of.skills) <= both


def subsets(works: Sequence[Work]) -> Iterator[tuple[Work, ...]]:
    for size in range(len(works) + 1):
        yield from combinations(works, size)


def complete(chosen: Sequence[Work]) -> bool:
    inside = {one.id for one in chosen}
    return all(other in inside for one in chosen for other in one.depends_on)


@settings(max_examples=150, deadline=None)
@given(plans())
def test_the_scope_is_the_best_of_all_that_fit(plan: tuple[tuple[Work, ...], Team]) -> None:
    works, of = plan
    scope = solve_scope(works, of)
    possible = [
        chosen
        for chosen in subsets(works)
        if complete(chosen) and can_be_done(chosen, of) and all(one in chosen for one in works if one.wanted)
    ]
    assert scope.fits == bool(possible)
    if possible:
        assert scope.points == max(sum(one.points for one in chosen) for chosen in possible)
    chosen = [one for one in works if one.id in scope.ids]
    assert complete(chosen)
    assert can_be_done(chosen, of)
    assert all(load.fits for load in scope.loads)
    if scope.fits:
        assert check_scope(works, of, scope.ids) == []


@settings(max_examples=100, deadline=None)
@given(plans())
def test_what_makes_room_is_of_the_least_worth_of_all_that_would(plan: tuple[tuple[Work, ...], Team]) -> None:
    works, of = plan
    scope = solve_scope(works, of)
    chosen = [one for one in works if one.id in scope.ids]
    titles = {one.title: one for one in works}
    for found in scope.left_out:
        item = titles[found.title]
        coming = {one.id for one in with_dependencies([item], works)}
        possible = [
            gone
            for gone in subsets([one for one in chosen if not one.wanted and one.id not in coming])
            if complete(kept := [one for one in chosen if one not in gone])
            and can_be_done([*kept, *(one for one in works if one.id in coming and one not in kept)], of)
        ]
        named = [titles[title] for title in found.instead_of]
        assert bool(named) == bool(possible)
        if possible:
            assert sum(one.points for one in named) == min(
                sum(one.points for one in gone) for gone in possible
            )
            assert tuple(named) in possible


def with_more(of: Team, more: Mapping[str, float]) -> Team:
    """The team with so many working days more."""
    return replace(of, working_days={p: of.working_days[p] + more.get(p, 0) for p in of.working_days})


@settings(max_examples=100, deadline=None)
@given(plans())
def test_who_is_given_the_days_that_are_printed_and_no_fewer_does_the_item_with_all_others(
    plan: tuple[tuple[Work, ...], Team],
) -> None:
    works, of = plan
    scope = solve_scope(works, of)
    for found in scope.left_out:
        printed = {party: float(days) for days, party in PRINTED.findall(found.takes)}
        assert printed == found.more_days
        coming = {one.id for one in with_dependencies([w for w in works if w.id == found.id], works)}
        together = [one for one in works if one.id in scope.ids or one.id in coming]
        assert can_be_done(together, with_more(of, printed))
        for party, days in printed.items():
            assert not can_be_done(together, with_more(of, {**printed, party: days - 1 / DAY}))


@settings(max_examples=60, deadline=None)
@given(plans())
def test_shared_days_are_all_given_out(plan: tuple[tuple[Work, ...], Team]) -> None:
    works, of = plan
    shares = units_by_party(works, of)
    for one in works:
        assert sum(shares[one.id].values()) == round(one.total * DAY)


@pytest.mark.parametrize(("ann", "bob", "demand"), list(product((0, 2), (0, 3), (1, 4, 6))))
def test_limits_of_skills_say_what_sharing_out_says(ann: int, bob: int, demand: int) -> None:
    able = Team({"ann": ann, "bob": bob}, 0, 0, "ann", {"react": ("ann", "bob")})
    one = Work(id="a", title="A", days={}, points=300, tier="Should", skills={"react": demand})
    assert bool(solve_scope([one], able).ids) == (demand <= ann + bob)


@settings(max_examples=80, deadline=None)
@given(plans())
def test_the_conflict_that_is_named_is_the_smallest_there_is(plan: tuple[tuple[Work, ...], Team]) -> None:
    works, of = plan
    wanted = [one for one in works if one.wanted]
    named = [line for line in overloads(wanted, works, of) if line.startswith("the smallest conflict: ")]
    unfit = [
        some
        for some in subsets(wanted)
        if not all(load.fits for load in loads_of(with_dependencies(some, works), of))
    ]
    assert bool(named) == bool(unfit)
    if unfit:
        titles = named[0].removeprefix("the smallest conflict: ").split(", with what")[0].split(": ")[0]
        conflict = tuple(one for one in wanted if one.title in titles.split(", "))
        assert conflict in unfit
        assert len(conflict) == min(map(len, unfit))


def test_days_of_a_skill_count_once_where_equal_scopes_differ_by_effort() -> None:
    able = Team({"ann": 4, "bob": 4}, 0, 0, "ann", {"react": ("ann", "bob")})
    works = [
        Work(id="free", title="Free", days={}, points=300, tier="Should", skills={"react": 6}),
        work("named", ann=4, bob=1.5),
    ]
    assert solve_scope(works, able).ids == ("named",)
