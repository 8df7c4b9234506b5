"""The sprint's scope: the most worth that provably fits each party's days.

Every Must and every item a person put in is in, with what it depends on. Beyond them the scope with the most
points is taken (`item_points`), within each party's plannable days: its working days less the buffer. Testing
and documentation are part of the scope: a share of every item's days, done by the testing owner, within
capacity.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from postlaunch.facts import Derived
from postlaunch.ledger.records import ScopeEdits
from postlaunch.printing import value_text
from postlaunch.reports.backlog import TierName
from postlaunch.reports.scope import OwnerLoad, Scope, ScopeItem
from postlaunch.roster import Roster
from postlaunch.settings import Settings
from postlaunch.settings_product import TESTING_ID
from postlaunch.tools.planning import Appraisal
from postlaunch.tools.scope_left_out import left_out, overloads
from postlaunch.tools.scope_loads import (
    Team,
    Work,
    all_units,
    days_text,
    loads_of,
    overload_text,
    testing_units,
    units_of,
    with_dependencies,
)
from postlaunch.tools.scope_sharing import units_by_party
from postlaunch.tools.scope_solver import DAY, Choice, Program, solve
from postlaunch.tools.tiers import TierVerdict

__all__ = [
    "Team",
    "Work",
    "check_scope",
    "item_points",
    "scope_of",
    "solve_scope",
    "team_for",
    "works_of",
]

TIER_POINTS: Mapping[TierName, int] = {"Must": 900, "Should": 300, "Could": 100}
PLACE_POINTS = 99
RELAXED_POINTS = 100_000
"""What a Must or an included item is worth when not all of them fit: more than all others together."""


def team_for(
    effort: Iterable[Mapping[str, float]],
    settings: Settings,
    roster: Roster,
    capacity: Mapping[str, float] | None = None,
    *,
    skills: Collection[str] = (),
) -> Team:
    """The parties that some item needs, with their days; `capacity` states days that differ this sprint.

    Args:
        effort: of each item, by owner.
        skills: those that some item asks for; everybody who has one is of the team.

    Raises:
        UsageError: an owner is not in the roster.
    """
    testing_owner = roster.resolve(settings.capacity.testing_owner).name
    able = {skill: who for skill, who in roster.skilled().items() if skill in skills}
    names = {owner for days in effort for owner in days}
    names.update(party for parties in able.values() for party in parties)
    if settings.capacity.testing_and_documentation:
        names.add(testing_owner)
    stated = {roster.resolve(name).name: days for name, days in (capacity or {}).items()}
    return Team(
        working_days={name: stated.get(name, roster.days(name, settings)) for name in sorted(names)},
        buffer=settings.capacity.buffer,
        testing_share=settings.capacity.testing_and_documentation,
        testing_owner=testing_owner,
        skills=able,
    )


def works_of(
    appraisals: Sequence[Appraisal], tiers: Mapping[str, TierVerdict], edits: ScopeEdits
) -> tuple[Work, ...]:
    """The items as the scope sees them, in the given order."""
    points = item_points(appraisals, tiers)
    return tuple(
        Work(
            id=a.item.id,
            title=a.item.title,
            days=a.item.effort,
            skills=a.item.skills,
            points=points[a.item.id],
            tier=tiers[a.item.id].tier,
            depends_on=a.item.depends_on,
            wanted=_wanted(a.item.id, tiers[a.item.id], edits),
            excluded=a.item.id in edits.exclude,
        )
        for a in appraisals
    )


def _wanted(identity: str, verdict: TierVerdict, edits: ScopeEdits) -> str:
    if identity in edits.exclude:
        return ""
    if verdict.tier == "Must":
        return f"Must: {verdict.because}"
    return "put in by a person" if identity in edits.include else ""


def item_points(appraisals: Sequence[Appraisal], tiers: Mapping[str, TierVerdict]) -> dict[str, int]:
    """What each item adds to a scope: 900, 300 or 100 by tier, and up to 99 by the benefit it brings.

    The benefit is RICE's numerator: effort is what capacity already counts. The share of the other items
    whose benefit is smaller gives the up to 99; an item without a RICE score gets none of them.
    """
    benefits = {a.item.id: a.benefit.value for a in appraisals if isinstance(a.benefit, Derived)}
    points = {}
    for appraisal in appraisals:
        identity = appraisal.item.id
        place = 0
        if identity in benefits and len(benefits) > 1:
            smaller = sum(other < benefits[identity] for other in benefits.values())
            place = PLACE_POINTS * smaller // (len(benefits) - 1)
        points[identity] = TIER_POINTS[tiers[identity].tier] + place
    return points


def solve_scope(works: Sequence[Work], team: Team) -> Scope:
    """The scope with the most points; when what must be in does not fit, the best that does, and why."""
    wanted = [work for work in works if work.wanted]
    problems = _conflicts(works) + list(overloads(wanted, works, team))
    inside = {work.id for work in wanted}
    chosen = None if problems else solve(_program(works, team, inside))
    if chosen is None:
        problems = problems or ["the items that must be in do not fit together"]
        chosen = solve(_program(works, team, set())) or frozenset()
    return _scope([works[place] for place in sorted(chosen)], works, team, problems, optimal=True)


def check_scope(
    works: Sequence[Work], team: Team, ids: Collection[str], demanded: Collection[str] | None = None
) -> list[str]:
    """What is wrong with a scope that a person put together, in words; empty when nothing is.

    Args:
        demanded: ids of the items that this person may not leave out; None: all that must be in.
    """
    known = {work.id: work for work in works}
    problems = [f'there is no item "{identity}"' for identity in ids if identity not in known]
    twice = [identity for identity in dict.fromkeys(ids) if list(ids).count(identity) > 1]
    problems += [f'"{identity}" is named twice' for identity in twice]
    chosen = [known[identity] for identity in dict.fromkeys(ids) if identity in known]
    problems += [
        f"{work.title} ({work.id}) must be in: {work.wanted}"
        for work in works
        if work.wanted and work.id not in ids and (demanded is None or work.id in demanded)
    ]
    problems += [
        f"{work.title} ({work.id}) depends on {other}, which is not in the scope"
        for work in chosen
        for other in work.depends_on
        if other not in ids
    ]
    return problems + [overload_text(load) for load in loads_of(chosen, team) if not load.fits]


def scope_of(
    works: Sequence[Work], team: Team, ids: Collection[str], demanded: Collection[str] | None = None
) -> Scope:
    """The scope of exactly these items, as a person put it together; `infeasible` says what is wrong.

    Args:
        demanded: as in `check_scope`.
    """
    problems = check_scope(works, team, ids, demanded)
    chosen = [work for work in works if work.id in ids]
    return _scope(chosen, works, team, problems, optimal=False)


# --- the program ------------------------------------------------------------------------------------------


def _program(works: Sequence[Work], team: Team, inside: Collection[str]) -> Program:
    places = {work.id: place for place, work in enumerate(works)}
    relaxed = not inside
    choices = tuple(
        Choice(
            points=work.points + (RELAXED_POINTS if relaxed and work.wanted else 0),
            load=units_of(work, team),
            effort=all_units(work, team),
            requires=tuple(places[other] for other in work.depends_on if other in places),
        )
        for work in works
    )
    return Program(
        choices=choices,
        capacity={name: team.limit(name) for choice in choices for name in choice.load},
        inside=frozenset(places[identity] for identity in inside),
        outside=frozenset(place for place, work in enumerate(works) if work.excluded),
    )


def _conflicts(works: Sequence[Work]) -> list[str]:
    """Items that must be in and depend on one that a person took out."""
    return [
        f"{work.title} must be in ({work.wanted}) and depends on {needed.title}, which a person took out"
        for work in works
        if work.wanted
        for needed in with_dependencies([work], works)
        if needed.excluded
    ]


# --- what is said of it -----------------------------------------------------------------------------------


def _scope(
    chosen: Sequence[Work], works: Sequence[Work], team: Team, problems: list[str], *, optimal: bool
) -> Scope:
    shares = units_by_party(chosen, team)
    items = [
        ScopeItem(
            id=work.id,
            title=work.title,
            days={party: value / DAY for party, value in shares[work.id].items()},
            because=_because(work, chosen),
        )
        for work in chosen
    ]
    testing = sum(testing_units(work, team) for work in chosen)
    if testing:
        items.append(
            ScopeItem(
                id=TESTING_ID,
                title="Testing & Documentation",
                days={team.testing_owner: testing / DAY},
                because=f"{value_text(team.testing_share, 'ratio')} of the days above",
            )
        )
    loads = _party_loads(items, team)
    groups = {group.name for group in team.groups}
    shared = [load for load in loads_of(chosen, team) if load.owner in groups]
    points = sum(work.points for work in chosen)
    return Scope(
        items=tuple(items),
        loads=loads,
        fits=not problems,
        optimal=optimal,
        points=points,
        total_days=round(sum(load.days for load in loads), 6),
        proof=tuple(map(_proof_line, (*loads, *shared))),
        constraints=tuple(_constraints(chosen, works, team, testing, points if optimal else None)),
        left_out=left_out(works, team, chosen),
        infeasible=tuple(problems),
    )


def _party_loads(items: Sequence[ScopeItem], team: Team) -> tuple[OwnerLoad, ...]:
    """What each party would do, its share of days that several can do included."""
    days: dict[str, float] = {}
    for item in items:
        for party, value in item.days.items():
            days[party] = days.get(party, 0.0) + value
    return tuple(
        OwnerLoad(
            owner=party,
            days=round(value, 6),
            capacity=team.capacity(party),
            working_days=team.working_days.get(party, 0.0),
        )
        for party, value in sorted(days.items())
    )


def _proof_line(load: OwnerLoad) -> str:
    return f"{load.owner}: {days_text(load.days)} of {days_text(load.capacity)} days"


def _constraints(
    chosen: Sequence[Work], works: Sequence[Work], team: Team, testing: int, points: int | None
) -> Iterator[str]:
    """What a scope keeps to beside everyone's days, a line each."""
    wanted = [work for work in works if work.wanted]
    inside = {work.id for work in chosen}
    taken = sum(work.id in inside for work in wanted)
    yield f"what must be in: {taken} of {len(wanted)}" if wanted else "what must be in: nothing"
    links = [other in inside for work in chosen for other in work.depends_on]
    yield (
        f"dependencies of the items in: {sum(links)} of {len(links)} are in"
        if links
        else "dependencies: none"
    )
    yield (
        f"testing and documentation: {days_text(testing / DAY)} days of {team.testing_owner}, "
        f"{value_text(team.testing_share, 'ratio')} of the days of the items"
    )
    yield f"buffer: {value_text(team.buffer, 'ratio')} of everyone's working days is kept free"
    if points is not None:
        yield f"no other scope within all this has more points than its {points:,}: proved by the solver"


def _because(work: Work, chosen: Sequence[Work]) -> str:
    if work.wanted:
        return work.wanted
    needing = [other.title for other in chosen if work.id in other.depends_on]
    return f"{work.tier}; needed by {', '.join(needing)}" if needing else work.tier
