"""What is to be done after incidents: rows of the ledger, as measurements read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from postlaunch.facts import Frozen, digest_of
from postlaunch.windows import Moment

SOURCE = "action_items"


class TrackedItem(Frozen):
    """An action item of an incident.

    Attributes:
        began: when the impact of its incident began.
        owner: a party of the roster.
        closed_at: when a person closed it; None while it is open.
    """

    id: str
    began: Moment
    owner: str
    action: str
    due: date
    closed_at: Moment | None = None

    def open_at(self, at: datetime) -> bool:
        """Whether nobody had closed it at a moment."""
        return self.closed_at is None or self.closed_at > at


@dataclass(frozen=True)
class ActionItemTable:
    """The action items of an application, open and closed, by their due date."""

    fingerprint: str
    items: tuple[TrackedItem, ...]
    name: str = SOURCE

    @classmethod
    def of(cls, items: tuple[TrackedItem, ...]) -> ActionItemTable:
        """The table of these items."""
        return cls(digest_of([item.model_dump(mode="json") for item in items]), items)
