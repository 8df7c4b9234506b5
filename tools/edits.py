"""A person's typed edits of a proposal: checked against the items and the roster, then applied by rule."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set

from postlaunch.errors import UsageError
from postlaunch.ledger.records import ScopeEdits
from postlaunch.roster import Roster
from postlaunch.sources.candidates import CandidateItem

EDITOR = "a person's edit of the proposal"
"""Who stated an effort that was edited."""

MOST_DAYS = 1000.0


def checked_edits(edits: ScopeEdits, items: Sequence[CandidateItem], roster: Roster) -> ScopeEdits:
    """The edits with every party under its roster name.

    Raises:
        UsageError: an unknown item or party, days that are no days, or edits that contradict one another; all
            that is wrong is named.
    """
    known = {item.id for item in items}
    problems = [
        f'{field}: there is no item "{identity}"'
        for field in ("include", "exclude", "pin", "effort")
        for identity in getattr(edits, field)
        if identity not in known
    ]
    for field, ids in (("include", edits.include), ("pin", edits.pin)):
        problems += [
            f"{field} and exclude both name {identity}" for identity in ids if identity in edits.exclude
        ]
    effort = {
        identity: _days(f"effort of {identity}", days, roster, problems)
        for identity, days in edits.effort.items()
    }
    capacity = _days("capacity", edits.capacity, roster, problems)
    problems += [
        f"effort of {item.id}: no day of work is left"
        for item in items
        if item.id in effort and not _merged(item, effort[item.id]) and not item.skills
    ]
    if problems:
        raise UsageError("; ".join(problems), _names(known, roster))
    return edits.model_copy(update={"effort": effort, "capacity": capacity})


def _names(items: Set[str], roster: Roster) -> str:
    """What an edit may name."""
    parties = ", ".join(party.name for party in roster.parties)
    return f"items: {', '.join(sorted(items))}; parties: {parties}"


def _days(field: str, days: Mapping[str, float], roster: Roster, problems: list[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in days.items():
        party = roster.find(name)
        if party is None:
            near = roster.near(name)
            meant = f" (near it: {', '.join(near)})" if near else ""
            problems.append(f'{field}: "{name}" is not in the roster{meant}')
        elif not math.isfinite(value) or not 0 <= value <= MOST_DAYS:
            problems.append(f"{field}: {value:g} days of {name} is not between 0 and {MOST_DAYS:g}")
        elif party.name in found:
            problems.append(f"{field}: {party.name} is given twice")
        else:
            found[party.name] = value
    return found


def apply_edits(items: Sequence[CandidateItem], edits: ScopeEdits) -> tuple[CandidateItem, ...]:
    """The items with their edited effort, from checked edits: owners named replace their days, 0 removes one.

    Include, exclude, pin and capacity act on tiers and scope, not on the items.
    """
    return tuple(
        item.model_copy(update={"effort": _merged(item, edits.effort[item.id]), "effort_assumed": False})
        if item.id in edits.effort
        else item
        for item in items
    )


def _merged(item: CandidateItem, days: Mapping[str, float]) -> dict[str, float]:
    return {owner: value for owner, value in {**item.effort, **days}.items() if value > 0}
