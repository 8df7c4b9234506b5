"""Why an item is outside a scope, and the least change that would bring it in; and why Musts do not fit.

Each item is asked about on its own, against the scope as it stands: the fewest more days that would make room
for it and what it depends on; and the items, of the least worth together, that could make room instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from postlaunch.reports.scope import LeftOut, OwnerLoad
from postlaunch.tools.scope_cover import Cover, least_cover
from postlaunch.tools.scope_loads import (
    Team,
    Work,
    days_text,
    loads_of,
    units_of,
    with_dependants,
    with_dependencies,
)
from postlaunch.tools.scope_solver import DAY

NOT_ENOUGH = "leaving out others is not enough"


@dataclass(frozen=True)
class Standing:
    """A scope, and what each of its items takes, for the questions about those outside.

    Attributes:
        units: id → limit → thousandths of a day.
        taken: limit → thousandths of a day that the scope takes of it.
        points: id → what the item is worth.
        falls: id of an item that may be left out → the items of the scope that would have to go with it.
    """

    works: Sequence[Work]
    team: Team
    chosen: Sequence[Work]
    units: Mapping[str, Mapping[str, int]]
    taken: Mapping[str, int]
    points: Mapping[str, int]
    falls: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, works: Sequence[Work], team: Team, chosen: Sequence[Work]) -> Standing:
        """The scope of these items."""
        falls = {work.id: with_dependants([work], chosen) for work in chosen}
        units = {work.id: units_of(work, team) for work in works}
        return cls(
            works=works,
            team=team,
            chosen=chosen,
            units=units,
            taken=_together([units[work.id] for work in chosen]),
            points={work.id: work.points for work in works},
            falls={
                identity: frozenset(work.id for work in gone)
                for identity, gone in falls.items()
                if not any(work.wanted for work in gone)
            },
        )

    def short_of(self, more: Sequence[Work]) -> dict[str, int]:
        """Limit → thousandths of a day that it would be short of with these items too."""
        added = _together([self.units[work.id] for work in more])
        missing = {
            name: self.taken.get(name, 0) + value - self.team.limit(name) for name, value in added.items()
        }
        return {name: value for name, value in sorted(missing.items()) if value > 0}


def _together(units: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for some in units:
        for name, value in some.items():
            total[name] = total.get(name, 0) + value
    return total


def left_out(works: Sequence[Work], team: Team, chosen: Sequence[Work]) -> tuple[LeftOut, ...]:
    """Every item outside the scope, in the backlog's order."""
    standing, inside = Standing.of(works, team, chosen), {work.id for work in chosen}
    return tuple(_left_out(work, standing) for work in works if work.id not in inside)


def _left_out(work: Work, standing: Standing) -> LeftOut:
    if work.excluded:
        return LeftOut(id=work.id, title=work.title, reason="taken out by a person")
    inside = {other.id for other in standing.chosen}
    needs = [w for w in with_dependencies([work], standing.works) if w.id not in inside and w is not work]
    found = LeftOut(id=work.id, title=work.title, reason="", needs=tuple(other.title for other in needs))
    gone = next((other for other in needs if other.excluded), None)
    if gone is not None:
        reason = f"depends on {gone.title}, which a person took out"
        return found.model_copy(update={"reason": reason, "takes": f"{gone.title} put in again"})
    short = standing.short_of([work, *needs])
    along = f" with {', '.join(found.needs)}, on which it depends" if needs else ""
    if not short:
        return found.model_copy(update={"reason": f"left out by the person who edited the scope{along}"})
    must = f"{work.wanted}, but it " if work.wanted else ""
    kept = {one.id for one in with_dependencies([work], standing.works)}
    more = _more_days(short, standing.team)
    instead = _instead(kept, short, standing)
    return found.model_copy(
        update={
            "reason": f"{must}does not fit{along}: {', '.join(short)}",
            "takes": _takes(more, instead, any(not gone & kept for gone in standing.falls.values())),
            "more_days": more,
            "instead_of": tuple(one.title for one in instead or ()),
        }
    )


def _takes(more: Mapping[str, float], instead: Sequence[Work] | None, others: bool) -> str:
    days = ", ".join(f"{_more_text(value)} of {owner}" for owner, value in more.items())
    if instead:
        return f"{days}; or leave out {', '.join(one.title for one in instead)}"
    return f"{days}; {NOT_ENOUGH}" if others else days


def _more_text(days: float) -> str:
    """ "1 more working day"."""
    return f"{days_text(days)} more working {'day' if days == 1 else 'days'}"


# --- more days --------------------------------------------------------------------------------------------


def _more_days(missing: Mapping[str, int], team: Team) -> dict[str, float]:
    """Party → the working days it would need more, before the buffer: what its days are stated in."""
    return {owner: team.more_working_days(owner, units) for owner, units in _fewest(missing, team).items()}


def _fewest(missing: Mapping[str, int], team: Team) -> Mapping[str, int]:
    """Party → thousandths of a day to plan more; the fewest in all, where skills leave a choice of whom."""
    groups = {group.name: group.parties for group in team.groups}
    if not groups.keys() & missing.keys():
        return missing
    parties = sorted({party for name in missing for party in groups.get(name, {name})})
    cover = Cover(
        costs=[1] * len(parties),
        most=[sum(missing.values())] * len(parties),
        needs=[
            ({place: 1 for place, party in enumerate(parties) if party in groups.get(name, {name})}, value)
            for name, value in missing.items()
        ],
    )
    amounts = least_cover(cover) or []
    return {party: value for party, value in zip(parties, amounts, strict=False) if value}


# --- leaving out others -----------------------------------------------------------------------------------


def _instead(kept: Collection[str], short: Mapping[str, int], standing: Standing) -> tuple[Work, ...] | None:
    """The items of the least worth that make room together; None where none do.

    Of equal worth, later items go first. One item that is worth no more than any two is the answer at once.

    Args:
        kept: ids of what comes in, and of what that depends on.
        short: limit → thousandths of a day that are missing.
    """
    falls = {identity: gone for identity, gone in standing.falls.items() if not gone.intersection(kept)}
    frees = {
        identity: {name: sum(standing.units[one].get(name, 0) for one in gone) for name in short}
        for identity, gone in falls.items()
    }
    useful = [identity for identity, freed in frees.items() if any(freed.values())]
    enough = [
        identity
        for identity in useful
        if all(frees[identity][name] >= least for name, least in short.items())
    ]
    worth = {identity: sum(standing.points[one] for one in falls[identity]) for identity in useful}
    if enough:
        least = min(reversed(enough), key=worth.__getitem__)
        if worth[least] <= sum(sorted(standing.points[one] for one in useful)[:2]):
            return tuple(one for one in standing.chosen if one.id in falls[least])
    going = {one for identity in useful for one in falls[identity]}
    return _least_worth([one for one in standing.chosen if one.id in going], short, standing)


def _least_worth(
    going: Sequence[Work], short: Mapping[str, int], standing: Standing
) -> tuple[Work, ...] | None:
    places = {one.id: place for place, one in enumerate(going)}
    unit = len(going) ** 2 + 1
    needed = [
        ({places[one.id]: standing.units[one.id].get(name, 0) for one in going}, least)
        for name, least in short.items()
    ]
    together = [
        ({places[other]: 1, places[one.id]: -1}, 0)
        for one in going
        for other in standing.falls[one.id]
        if other != one.id
    ]
    amounts = least_cover(
        Cover(
            costs=[one.points * unit + len(going) - place for place, one in enumerate(going)],
            most=[1] * len(going),
            needs=[*needed, *together],
        )
    )
    if amounts is None:
        return None
    return tuple(one for one, amount in zip(going, amounts, strict=True) if amount)


# --- what must be in and does not fit ---------------------------------------------------------------------


def overloads(wanted: Sequence[Work], works: Sequence[Work], team: Team) -> Iterator[str]:
    """What is over its days when all that must be in is; and the fewest items that cannot be together."""
    needed = with_dependencies(wanted, works)
    over = [load for load in loads_of(needed, team) if not load.fits]
    for load in over:
        yield (
            f"what must be in does not fit {load.owner}: {days_text(load.days)} days of work, "
            f"{days_text(load.capacity)} to plan"
        )
    found = [(load, _conflict(load, wanted, needed, team)) for load in over]
    if found:
        load, items = min(found, key=lambda one: len(one[1]))
        yield _conflict_text(load, items, works, team)


def _conflict(load: OwnerLoad, wanted: Sequence[Work], needed: Sequence[Work], team: Team) -> list[Work]:
    """The fewest of the wanted items that are over one limit by themselves, with what they depend on."""
    brings = {work.id: {other.id for other in with_dependencies([work], needed)} for work in wanted}
    size = len(wanted)
    places = {work.id: size + place for place, work in enumerate(needed)}
    taken = {places[work.id]: units_of(work, team).get(load.owner, 0) for work in needed}
    brought = [
        ({places[work.id]: -1, **{p: 1 for p, one in enumerate(wanted) if work.id in brings[one.id]}}, 0)
        for work in needed
    ]
    amounts = least_cover(
        Cover(
            costs=[*(size**2 + place for place in range(size)), *(0 for _ in needed)],
            most=[1] * (size + len(needed)),
            needs=[(taken, round(load.capacity * DAY) + 1), *brought],
        )
    )
    return [work for work, amount in zip(wanted, amounts or [1] * size, strict=False) if amount]


def _conflict_text(load: OwnerLoad, items: Sequence[Work], works: Sequence[Work], team: Team) -> str:
    loads = loads_of(with_dependencies(items, works), team)
    days = next((one.days for one in loads if one.owner == load.owner), 0.0)
    titles = ", ".join(work.title for work in items)
    needs = ", with what must be in for them" if any(work.depends_on for work in items) else ""
    takes = "take" if len(items) > 1 else "takes"
    return (
        f"the smallest conflict: {titles}{needs}: {takes} {days_text(days)} of "
        f"{days_text(load.capacity)} days of {load.owner}"
    )
