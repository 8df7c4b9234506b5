"""What changes if one item is put into a scope or taken out: days, what goes along, whether it fits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.tools.scope import check_scope
from postlaunch.tools.scope_loads import (
    Team,
    Work,
    days_text,
    loads_of,
    with_dependants,
    with_dependencies,
)


class OwnerChange(Frozen):
    """One party's days before and after.

    Attributes:
        capacity: days it can plan.
    """

    owner: str
    before: float
    after: float
    capacity: float

    @property
    def days(self) -> float:
        """Days more; fewer below zero."""
        return round(self.after - self.before, 6)

    def text(self) -> str:
        """ "django-backend-expert: 3 days freed (4.5 of 9 left in use)"."""
        word = "freed" if self.days < 0 else "used"
        used = f"{days_text(self.after)} of {days_text(self.capacity)} then in use"
        return f"{self.owner}: {days_text(abs(self.days))} days {word} ({used})"


class ScopeChange(Frozen):
    """What changes with one item.

    Attributes:
        along: titles of the items that go with it: taken out, those that depend on it; put in, those that it
            depends on.
        ids: the scope afterwards, in the backlog's order.
        owners: the parties whose days change; testing and documentation included.
        problems: why the scope afterwards does not fit; empty where it does.
    """

    item: str
    title: str
    kind: Literal["put in", "take out"]
    along: tuple[str, ...]
    ids: tuple[str, ...]
    owners: tuple[OwnerChange, ...]
    problems: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether the scope afterwards stands."""
        return not self.problems

    @property
    def days(self) -> float:
        """Days of all parties: above zero used, below zero freed."""
        return round(sum(owner.days for owner in self.owners), 6)

    def lines(self) -> tuple[str, ...]:
        """The same for a person, a line each."""
        what = f"{'Put in' if self.kind == 'put in' else 'Take out'} {self.title}"
        along = f", and with it {', '.join(self.along)}" if self.along else ""
        freed = "frees" if self.days < 0 else "takes"
        fits = "It fits." if self.fits else "It does not fit:"
        return (
            f"{what}{along}: {freed} {days_text(abs(self.days))} days.",
            *(owner.text() for owner in self.owners),
            fits,
            *self.problems,
        )


def what_changes(
    works: Sequence[Work],
    team: Team,
    ids: Collection[str],
    item: str,
    demanded: Collection[str] | None = None,
) -> ScopeChange:
    """What taking this item out of the scope `ids` would change, or, where it is not in it, putting it in.

    Args:
        works, team: of the plan (`postlaunch.tools.backlog.plan_of`).
        ids: the candidate items in the scope, without testing and documentation.
        demanded: as in `postlaunch.tools.scope.check_scope`.

    Raises:
        UsageError: there is no such item.
    """
    known = {work.id: work for work in works}
    if item not in known:
        raise UsageError(f'there is no item "{item}"', f"one of: {', '.join(known)}")
    inside = item in ids
    moved = with_dependants([known[item]], works) if inside else with_dependencies([known[item]], works)
    moving = {work.id for work in moved if (work.id in ids) == inside}
    after = tuple(work.id for work in works if (work.id in ids) != (work.id in moving))
    return ScopeChange(
        item=item,
        title=known[item].title,
        kind="take out" if inside else "put in",
        along=tuple(known[identity].title for identity in known if identity in moving and identity != item),
        ids=after,
        owners=_owners(works, team, ids, after),
        problems=tuple(check_scope(works, team, after, demanded)),
    )


def _owners(
    works: Sequence[Work], team: Team, before: Collection[str], after: Collection[str]
) -> tuple[OwnerChange, ...]:
    old = {load.owner: load for load in loads_of([work for work in works if work.id in before], team)}
    new = {load.owner: load for load in loads_of([work for work in works if work.id in after], team)}
    changes = (
        OwnerChange(
            owner=owner,
            before=old[owner].days if owner in old else 0.0,
            after=new[owner].days if owner in new else 0.0,
            capacity=team.capacity(owner),
        )
        for owner in sorted({*old, *new})
    )
    return tuple(change for change in changes if change.days)
