"""What the items of a scope ask of the team: days, testing included, within what each can plan.

An item names who does it (`Work.days`), or what somebody must know to do it (`Work.skills`). Days of a skill
may be shared among all who have it, beside what they do by name. Such days fit exactly when each set of
parties that a set of skills can fall back on has room for what only they can do (Gale, 1957): one limit a
set, beside one limit a party. So skills are further limits of the same kind, without variables of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from postlaunch.printing import rounded
from postlaunch.reports.backlog import TierName
from postlaunch.reports.scope import OwnerLoad
from postlaunch.tools.scope_solver import DAY


@dataclass(frozen=True)
class Work:
    """One item as the scope sees it.

    Attributes:
        days: owner → working days, without testing.
        wanted: why it must be in ("Must: ...", "put in by a person"); empty where it may stay out.
        excluded: a person took it out.
        skills: skill → working days that anybody who has it can do.
    """

    id: str
    title: str
    days: Mapping[str, float]
    points: int
    tier: TierName
    depends_on: tuple[str, ...] = ()
    wanted: str = ""
    excluded: bool = False
    skills: Mapping[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """Days of all together, without testing."""
        return sum(self.days.values()) + sum(self.skills.values())


@dataclass(frozen=True)
class Limit:
    """Parties who cannot plan more than they have: one party, or all whom some skills can fall back on.

    Attributes:
        name: of the party; of a group "react (ann, bob)".
    """

    name: str
    parties: frozenset[str]
    capacity: int


@dataclass(frozen=True)
class Team:
    """What each party can take on, who has which skill, and who tests.

    Attributes:
        working_days: party → days in this sprint, before the buffer.
        buffer: share of them kept free.
        testing_share: days of testing and documentation per day of scope.
        skills: skill → the parties that have it.
    """

    working_days: Mapping[str, float]
    buffer: float
    testing_share: float
    testing_owner: str
    skills: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def units(self, owner: str) -> int:
        """Thousandths of a day that a party can plan."""
        return self._plannable(self.working_days.get(owner, 0.0))

    def _plannable(self, days: float) -> int:
        """Thousandths of a day that so many working days leave to plan."""
        return int(rounded(days * (1 - self.buffer) * DAY, 6))

    def more_working_days(self, owner: str, units: int) -> float:
        """The fewest whole thousandths of a working day that let a party plan so many units more."""
        days, least = self.working_days.get(owner, 0.0), self.units(owner) + units
        more = int(
            (units - 1) / (1 - self.buffer)
        )  # never too many: a part of a unit may be to spare already
        while self._plannable(days + more / DAY) < least:
            more += 1
        return more / DAY

    def capacity(self, owner: str) -> float:
        """Days that a party can plan."""
        return self.units(owner) / DAY

    @property
    def total(self) -> float:
        """Days that all of them can plan together."""
        return sum(self.units(owner) for owner in self.working_days) / DAY

    def able(self, skill: str) -> frozenset[str]:
        """Who has a skill; where nobody has, a party that has no days."""
        return frozenset(self.skills.get(skill) or (f"nobody with {skill}",))

    @cached_property
    def groups(self) -> tuple[Limit, ...]:
        """One limit for each set of parties that skills which share somebody can fall back on."""
        sets = {frozenset(parties) for parties in self.skills.values() if len(parties) > 1}
        found = set(sets)
        waiting = list(sets)
        while waiting:
            one = waiting.pop()
            for other in sets:
                joined = one | other
                if one & other and joined not in found:
                    found.add(joined)
                    waiting.append(joined)
        ordered = sorted(found, key=lambda parties: (len(parties), sorted(parties)))
        return tuple(
            Limit(self._group_name(parties), parties, sum(map(self.units, parties))) for parties in ordered
        )

    def _group_name(self, parties: frozenset[str]) -> str:
        skills = sorted(skill for skill, able in self.skills.items() if able and parties.issuperset(able))
        return f"{', '.join(skills)} ({', '.join(sorted(parties))})"

    def limit(self, name: str) -> int:
        """Thousandths of a day within a limit, by its name."""
        for group in self.groups:
            if group.name == name:
                return group.capacity
        return self.units(name)


def units_of(work: Work, team: Team) -> dict[str, int]:
    """Thousandths of a day that an item takes of each limit, testing and documentation included."""
    units, skilled = named_units(work, team), shared_units(work, team)
    limits = dict(units)
    for group in team.groups:
        taken = sum(value for owner, value in units.items() if owner in group.parties)
        taken += sum(value for able, value in skilled.items() if able <= group.parties)
        if taken:
            limits[group.name] = taken
    return limits


def all_units(work: Work, team: Team) -> int:
    """Thousandths of a day of everybody together, testing and documentation included."""
    return sum(named_units(work, team).values()) + sum(shared_units(work, team).values())


def named_units(work: Work, team: Team) -> dict[str, int]:
    """Thousandths of a day of whom it names, of who alone has a skill, and of who tests it."""
    units = {owner: _thousandths(value) for owner, value in work.days.items()}
    for skill, days in work.skills.items():
        if len(team.able(skill)) == 1:
            owner = min(team.able(skill))
            units[owner] = units.get(owner, 0) + _thousandths(days)
    testing = testing_units(work, team)
    if testing:
        units[team.testing_owner] = units.get(team.testing_owner, 0) + testing
    return units


def shared_units(work: Work, team: Team) -> dict[frozenset[str], int]:
    """Thousandths of a day that any of several parties can do, by these parties."""
    units: dict[frozenset[str], int] = {}
    for skill, days in work.skills.items():
        able = team.able(skill)
        if len(able) > 1:
            units[able] = units.get(able, 0) + _thousandths(days)
    return units


def testing_units(work: Work, team: Team) -> int:
    """Thousandths of a day of testing and documentation that an item brings."""
    return _thousandths(work.total * team.testing_share)


def _thousandths(days: float) -> int:
    return int(rounded(days * DAY, 0))


def loads_of(works: Sequence[Work], team: Team) -> tuple[OwnerLoad, ...]:
    """What these items together take of each limit: of each party, then of each group."""
    units: dict[str, int] = {}
    for work in works:
        for name, value in units_of(work, team).items():
            units[name] = units.get(name, 0) + value
    groups = {group.name: group for group in team.groups}
    return tuple(
        OwnerLoad(
            owner=name,
            days=value / DAY,
            capacity=team.limit(name) / DAY,
            working_days=sum(
                team.working_days.get(party, 0.0)
                for party in (groups[name].parties if name in groups else (name,))
            ),
        )
        for name, value in sorted(units.items(), key=lambda one: (one[0] in groups, one[0]))
    )


def with_dependencies(works: Iterable[Work], every: Sequence[Work]) -> list[Work]:
    """These items and all that they depend on, in the order of `every`."""
    known = {work.id: work for work in every}
    found: set[str] = set()
    waiting = [work.id for work in works]
    while waiting:
        identity = waiting.pop()
        if identity in known and identity not in found:
            found.add(identity)
            waiting += known[identity].depends_on
    return [work for work in every if work.id in found]


def with_dependants(works: Iterable[Work], every: Sequence[Work]) -> list[Work]:
    """These items and all that depend on them, in the order of `every`."""
    found = {work.id for work in works}
    grown = True
    while grown:
        more = {work.id for work in every if work.id not in found and found.intersection(work.depends_on)}
        found |= more
        grown = bool(more)
    return [work for work in every if work.id in found]


def days_text(days: float) -> str:
    """Days to the thousandth, so that a proof shows what was compared."""
    return f"{round(days, 3):.12g}"


def overload_text(load: OwnerLoad) -> str:
    """ "ann: 13 days of work, 10 to plan"."""
    return f"{load.owner}: {days_text(load.days)} days of work, {days_text(load.capacity)} to plan"
