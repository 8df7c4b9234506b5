"""What the items of a scope ask of each party: days, testing included, and what depends on what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
    """

    id: str
    title: str
    days: Mapping[str, float]
    points: int
    tier: TierName
    depends_on: tuple[str, ...] = ()
    wanted: str = ""
    excluded: bool = False


@dataclass(frozen=True)
class Team:
    """What each party can take on, and who tests.

    Attributes:
        working_days: party → days in this sprint, before the buffer.
        buffer: share of them kept free.
        testing_share: days of testing and documentation per day of scope.
    """

    working_days: Mapping[str, float]
    buffer: float
    testing_share: float
    testing_owner: str

    def units(self, owner: str) -> int:
        """Thousandths of a day that a party can plan."""
        days = self.working_days.get(owner, 0.0)
        return int(rounded(days * (1 - self.buffer) * DAY, 6))

    def capacity(self, owner: str) -> float:
        """Days that a party can plan."""
        return self.units(owner) / DAY

    @property
    def total(self) -> float:
        """Days that all of them can plan together."""
        return sum(self.units(owner) for owner in self.working_days) / DAY


def units_of(days: Mapping[str, float], team: Team) -> dict[str, int]:
    """Thousandths of a day per owner, testing and documentation included."""
    units = {owner: int(rounded(value * DAY, 0)) for owner, value in days.items()}
    testing = testing_units(days, team)
    if testing:
        units[team.testing_owner] = units.get(team.testing_owner, 0) + testing
    return units


def testing_units(days: Mapping[str, float], team: Team) -> int:
    """Thousandths of a day of testing and documentation that these days bring."""
    return int(rounded(sum(days.values()) * team.testing_share * DAY, 0))


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


def loads_of(works: Sequence[Work], team: Team) -> tuple[OwnerLoad, ...]:
    """What these items together ask of each party, by its name."""
    units: dict[str, int] = {}
    for work in works:
        for owner, value in units_of(work.days, team).items():
            units[owner] = units.get(owner, 0) + value
    return tuple(
        OwnerLoad(
            owner=owner,
            days=value / DAY,
            capacity=team.capacity(owner),
            working_days=team.working_days.get(owner, 0.0),
        )
        for owner, value in sorted(units.items())
    )


def days_text(days: float) -> str:
    """Days to the thousandth, so that a proof shows what was compared."""
    return f"{round(days, 3):g}"


def overload_text(load: OwnerLoad) -> str:
    """ "ann: 13 days of work, 10 to plan"."""
    return f"{load.owner}: {days_text(load.days)} days of work, {days_text(load.capacity)} to plan"
