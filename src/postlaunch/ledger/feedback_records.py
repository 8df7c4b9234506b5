"""What a person decided about groups of feature requests, as it is stored: it is never changed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from postlaunch.facts import Frozen
from postlaunch.ledger.records import SCHEMA_VERSION
from postlaunch.windows import Moment

GroupingKind = Literal["merge", "split", "undo"]


class GroupAnchor(Frozen):
    """By what a group is found again when tickets come and clusters change.

    Attributes:
        candidate: the candidate item that it asks for; it is found by that while there is such an item.
        label: as it was called.
        tickets: ids of the tickets that were counted in it: the evidence.
        terms: the words that told it from the others; they find it where none of its tickets is read any
            more.
    """

    candidate: str = ""
    label: str
    tickets: tuple[str, ...] = Field(max_length=20_000)
    terms: tuple[str, ...] = ()


class GroupingDraft(Frozen):
    """A decision before it is stored.

    Attributes:
        groups: those that a merge joins; the one that a split is taken from.
        tickets: those that a split sets apart.
        undoes: number of the decision that an undo takes back; 0 for none.
        by: who says so: a name, as typed; the ledger stores nothing of nobody.
    """

    application: str
    kind: GroupingKind
    groups: tuple[GroupAnchor, ...] = ()
    tickets: tuple[str, ...] = Field(default=(), max_length=20_000)
    undoes: int = Field(default=0, ge=0)
    by: str
    note: str = ""


class GroupingDecision(GroupingDraft):
    """A stored decision.

    Attributes:
        number: counts up in the order in which they were made.
    """

    schema_version: int = SCHEMA_VERSION
    number: int = Field(ge=1)
    at: Moment
