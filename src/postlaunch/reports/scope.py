"""The scope of a sprint as it is proposed: what is in, who does how much of it, and what was left out."""

from __future__ import annotations

from pydantic import Field

from postlaunch.facts import Frozen
from postlaunch.settings_product import TESTING_ID


class ScopeItem(Frozen):
    """One item of the scope.

    Attributes:
        days: owner → working days.
        because: why it is in: its tier, a person's edit, or what depends on it.
    """

    id: str
    title: str
    days: dict[str, float]
    because: str = ""

    @property
    def total(self) -> float:
        """Days of all owners together."""
        return round(sum(self.days.values()), 6)


class OwnerLoad(Frozen):
    """What one party would do in the sprint.

    Attributes:
        days: planned.
        capacity: days it can plan: its working days less the buffer.
        working_days: before the buffer.
    """

    owner: str
    days: float
    capacity: float
    working_days: float

    @property
    def fits(self) -> bool:
        """Whether the load is within capacity."""
        return self.days <= self.capacity + 1e-9


class LeftOut(Frozen):
    """An item outside the scope.

    Attributes:
        reason: why it is out.
        takes: the least that it would take to be in; empty where only a person's word keeps it out.
        more_days: party → working days, before the buffer, more than it has: the fewest that would do with
            nothing left out for it.
        instead_of: titles of the items, of the least worth together, that could make room instead.
        needs: titles of the items outside that it depends on, and that would come in with it.
    """

    id: str
    title: str
    reason: str
    takes: str = ""
    more_days: dict[str, float] = Field(default_factory=dict)
    instead_of: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


class Scope(Frozen):
    """A scope with its proof.

    Attributes:
        items: in the backlog's order; testing and documentation last.
        fits: every Must and every item a person put in, with what they depend on and their testing, is in
            and within every party's capacity. False: `items` is the best that does fit, and `infeasible`
            says what did not. Of a scope that a person put together, only what may not be left out counts.
        optimal: the solver proved that no other scope is worth more.
        points: the value that was made greatest (`docs/definitions.md`, "Scope").
        proof: one line a party, e.g. "django-backend-expert: 8 of 9 days", then one a group of parties that
            share days of a skill.
        constraints: what else was kept, a line each: what must be in, dependencies, testing, the buffer, the
            solver's proof.
    """

    items: tuple[ScopeItem, ...] = ()
    loads: tuple[OwnerLoad, ...] = ()
    fits: bool
    optimal: bool = True
    points: int = 0
    total_days: float = Field(default=0, ge=0)
    proof: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    infeasible: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The candidate items in the scope, without testing and documentation."""
        return tuple(item.id for item in self.items if item.id != TESTING_ID)
