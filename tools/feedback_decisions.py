"""What people decided about groups, applied to groups as they are found today.

A decision names its evidence: the tickets that the groups held, the candidate item they ask for, and the
words that told them apart. A group is found again by its candidate item; else as the one that holds most of
the tickets; else, where none of them is read any more, as the one that shares most of the words, at least
half. Decisions are applied in the order in which they were made, so a later one has the last word; one that
was undone is not applied.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from postlaunch.errors import UsageError
from postlaunch.ledger.feedback_records import GroupAnchor, GroupingDecision
from postlaunch.tools.feedback_groups import Group, Member, merge_groups, strongest


@dataclass(frozen=True)
class Settled:
    """Groups under everything that was decided.

    Attributes:
        alone: tickets that are in no group still.
        notes: decisions that found nothing to act on, and why.
    """

    groups: tuple[Group, ...]
    alone: tuple[str, ...]
    notes: tuple[str, ...] = ()


def settled(
    groups: Sequence[Group], loose: Mapping[str, Member], decisions: Sequence[GroupingDecision]
) -> Settled:
    """The groups after every decision that stands.

    Args:
        groups: as they were found, with ids of their own.
        loose: ticket id → requests that resemble no other; a merge whose evidence they are takes them in.
    """
    state = Settled(tuple(groups), tuple(loose))
    for decision in standing(decisions):
        state = (_merged if decision.kind == "merge" else _split)(state, decision, loose)
    return state


def standing(decisions: Sequence[GroupingDecision]) -> tuple[GroupingDecision, ...]:
    """Merges and splits that no later decision took back, in their order.

    A merge is taken back by an undo, or by a split of all the tickets that one of its sides had; a split by
    an undo. An undo that was undone undoes nothing.
    """
    gone: set[int] = set()
    for decision in sorted(decisions, key=lambda one: -one.number):
        if decision.kind == "undo" and decision.number not in gone:
            gone.add(decision.undoes)
    left = [one for one in sorted(decisions, key=lambda one: one.number) if one.number not in gone]
    splits = [one for one in left if one.kind == "split"]
    return tuple(
        one
        for one in left
        if one.kind != "undo" and not (one.kind == "merge" and any(_parts(one, split) for split in splits))
    )


def _parts(merge: GroupingDecision, split: GroupingDecision) -> bool:
    """Whether a later split takes out all that one side of a merge had, and not what the others had."""
    apart = set(split.tickets)
    whole = [bool(side.tickets) and apart.issuperset(side.tickets) for side in merge.groups]
    return split.number > merge.number and any(whole) and not all(whole)


# --- finding a group again --------------------------------------------------------------------------------


def located(anchor: GroupAnchor, groups: Sequence[Group], without: Collection[str] = ()) -> Group | None:
    """The group that an anchor means today, or None.

    Args:
        without: tickets that do not count: those that were set apart from it.
    """
    of_candidate = [group for group in groups if anchor.candidate and group.candidate == anchor.candidate]
    if of_candidate:
        return of_candidate[0]
    evidence = set(anchor.tickets).difference(without)
    held = [len(evidence.intersection(group.tickets)) for group in groups]
    if any(held):
        return groups[held.index(max(held))]
    words = set(anchor.terms)
    shared = [0 if group.candidate else len(words.intersection(group.terms)) for group in groups]
    if any(shared) and 2 * max(shared) >= len(words):
        return groups[shared.index(max(shared))]
    return None


def _when(decision: GroupingDecision) -> str:
    return f"by {decision.by} on {decision.at:%Y-%m-%d}"


def _unfound(state: Settled, decision: GroupingDecision, why: str) -> Settled:
    names = " and ".join(f'"{side.label}"' for side in decision.groups)
    word = "merge" if decision.kind == "merge" else "split"
    note = f"the {word} of {names} {_when(decision)} (decision {decision.number}) was not applied: {why}"
    return Settled(state.groups, state.alone, (*state.notes, note))


# --- merging ----------------------------------------------------------------------------------------------


def _merged(state: Settled, decision: GroupingDecision, loose: Mapping[str, Member]) -> Settled:
    found = [located(side, state.groups) for side in decision.groups]
    lost = [side.label for side, group in zip(decision.groups, found, strict=True) if group is None]
    evidence = {ticket for side in decision.groups for ticket in side.tickets}
    taken = tuple(ticket for ticket in state.alone if ticket in evidence)
    sides = list({group.id: group for group in found if group is not None}.values())
    if not sides or (lost and not taken):
        return _unfound(state, decision, f"no group of today is {' or '.join(map(repr, lost))}")
    try:
        apart = _together_again(state.groups, sides)
        joined = merge_groups(apart, [[group.id for group in sides]]) if len(sides) > 1 else apart
    except UsageError as error:
        return _unfound(state, decision, str(error))
    [group] = [group for group in joined if group.id in {side.id for side in sides}]
    labels = [side.label for side in decision.groups]
    others = [label for label in labels if label != group.label] or labels
    said = f"merged with {', '.join(others)} {_when(decision)}"
    members = strongest([*group.members, *(loose[ticket] for ticket in taken)])
    complete = group.model_copy(update={"members": members, "decided": (*group.decided, said)})
    return Settled(
        groups=tuple(complete if one.id == group.id else one for one in joined),
        alone=tuple(ticket for ticket in state.alone if ticket not in taken),
        notes=state.notes,
    )


def _together_again(groups: Sequence[Group], sides: Sequence[Group]) -> tuple[Group, ...]:
    """The groups, of which these are no longer apart from one another: a later merge has the last word."""
    numbers = [number for side in sides for number in side.apart]
    both = {number for number in numbers if numbers.count(number) > 1}
    ids = {side.id for side in sides}
    return tuple(
        group.model_copy(update={"apart": tuple(number for number in group.apart if number not in both)})
        if group.id in ids
        else group
        for group in groups
    )


# --- splitting --------------------------------------------------------------------------------------------


def _split(state: Settled, decision: GroupingDecision, loose: Mapping[str, Member]) -> Settled:
    [anchor] = decision.groups
    group = located(anchor, state.groups, without=decision.tickets)
    if group is None:
        return _unfound(state, decision, f"no group of today is {anchor.label!r}")
    named = set(decision.tickets)
    going = tuple(member for member in group.members if member.ticket in named)
    others = [one for one in state.groups if one.id != group.id and named.intersection(one.tickets)]
    number, when = decision.number, _when(decision)
    stays = group.model_copy(
        update={
            "members": tuple(member for member in group.members if member.ticket not in named),
            "apart": (*group.apart, number),
            "decided": (*group.decided, f"{len(named)} tickets set apart {when}") if going else group.decided,
        }
    )
    marked = {one.id: one.model_copy(update={"apart": (*one.apart, number)}) for one in others}
    groups = [stays if one.id == group.id else marked.get(one.id, one) for one in state.groups]
    if going:
        groups.append(
            Group(
                id=f"{group.id}/{number}",
                label="",
                members=going,
                decided=(f"set apart from {group.label} {when}",),
                apart=(number,),
            )
        )
    return Settled(tuple(groups), state.alone, state.notes)
