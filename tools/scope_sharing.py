"""Who does the days that any of several parties can do: shared out so that nobody has too many."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import pairwise

from postlaunch.tools.scope_loads import Team, Work, named_units, shared_units

Able = frozenset[str]
"""The parties that can do some days."""

Hop = tuple[Able, str]
"""Days of these parties, done by one of them."""


def units_by_party(works: Sequence[Work], team: Team) -> dict[str, dict[str, int]]:
    """Item → party → thousandths of a day, testing and documentation left out; the items in their order.

    What fits is shared out so that it does; what is left over where it does not fit goes to the first party
    by name.
    """
    shared = {work.id: shared_units(work, team) for work in works}
    wanted: dict[Able, int] = {}
    for units in shared.values():
        for able, value in units.items():
            wanted[able] = wanted.get(able, 0) + value
    given = _given(wanted, _free(works, team))
    return {work.id: _of_item(work, team, shared[work.id], given) for work in works}


def _free(works: Sequence[Work], team: Team) -> dict[str, int]:
    free = {party: team.units(party) for party in team.working_days}
    for work in works:
        for party, value in named_units(work, team).items():
            free[party] = free.get(party, 0) - value
    return {party: max(0, value) for party, value in free.items()}


def _of_item(
    work: Work, team: Team, shared: Mapping[Able, int], given: Mapping[Able, dict[str, int]]
) -> dict[str, int]:
    alone = Team(team.working_days, team.buffer, 0, team.testing_owner, team.skills)
    units = named_units(work, alone)
    for able, wanted in shared.items():
        left = wanted
        for party in sorted(able):
            taken = min(left, given[able].get(party, 0))
            given[able][party] = given[able].get(party, 0) - taken
            left -= taken
            if taken:
                units[party] = units.get(party, 0) + taken
        if left:
            first = min(able)
            units[first] = units.get(first, 0) + left
    return units


# --- the greatest flow (Ford and Fulkerson, 1956) ---------------------------------------------------------


def _given(wanted: Mapping[Able, int], free: dict[str, int]) -> dict[Able, dict[str, int]]:
    """What each party does of the days that several can do: as much as fits in all."""
    given: dict[Able, dict[str, int]] = {able: {} for able in wanted}
    for able, value in wanted.items():
        left = value
        while left and (path := _path(able, given, free)):
            moved = [given[other][party] for (_, party), (other, _) in pairwise(path)]
            amount = min(left, free[path[-1][1]], *moved)
            for place, (giver, party) in enumerate(path):
                given[giver][party] = given[giver].get(party, 0) + amount
                if place + 1 < len(path):
                    given[path[place + 1][0]][party] -= amount
            free[path[-1][1]] -= amount
            left -= amount
    return given


def _path(start: Able, given: Mapping[Able, dict[str, int]], free: Mapping[str, int]) -> list[Hop]:
    """The shortest way to a free party: who takes it over, who makes room for that, and so on; or nothing."""
    waiting: deque[tuple[Able, list[Hop]]] = deque([(start, [])])
    seen: set[str] = set()
    while waiting:
        able, path = waiting.popleft()
        for party in sorted(able - seen):
            seen.add(party)
            reached = [*path, (able, party)]
            if free.get(party, 0):
                return reached
            waiting.extend((other, reached) for other, shares in given.items() if shares.get(party))
    return []
