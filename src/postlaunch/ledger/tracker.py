"""Hand-offs as issues of a tracker: one Protocol for every tracker, and the way out that uses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import Field

from postlaunch.errors import DeliveryFailed, ServiceFailed
from postlaunch.facts import Frozen
from postlaunch.ledger.channels import handoff_in
from postlaunch.ledger.records import OutboxRow


class TrackerIssue(Frozen):
    """A hand-off as a tracker files it.

    Attributes:
        key: names the hand-off, the same on every try; the tracker keeps it with the issue.
        body: Markdown.
        made_at: when the hand-off was made: no issue for it is older; None where that is not known.
    """

    key: str = Field(min_length=1)
    phase: int = Field(ge=1, le=3)
    sprint: int | None
    title: str
    body: str
    made_at: datetime | None


class Filed(Frozen):
    """An issue that a tracker has: how people call it, and where it is."""

    reference: str
    url: str


class Tracker(Protocol):
    """A tracker of issues: GitHub, and whatever else finds and files by a key."""

    def find(self, issue: TrackerIssue) -> Filed | None:
        """The issue that was filed under this key, or None.

        Raises:
            ServiceFailed: the tracker cannot tell.
        """
        ...

    def file(self, issue: TrackerIssue) -> Filed:
        """File it, with its sprint and its phase as this tracker shows such things.

        Raises:
            ServiceFailed: it was refused, or it is not known whether it was filed.
        """
        ...

    def missing(self) -> tuple[str, ...]:
        """What is missing before anything can be filed, in words; empty where nothing is.

        Raises:
            ServiceFailed: the tracker cannot tell.
        """
        ...


@dataclass(frozen=True)
class HandOffTracker:
    """Files hand-offs, each once: it is looked for before it is filed, on every try."""

    tracker: Tracker

    def deliver(self, row: OutboxRow) -> str:
        """Find the hand-off's issue, or file it; its address."""
        issue = issue_of(row)
        try:
            return (self.tracker.find(issue) or self.tracker.file(issue)).url
        except ServiceFailed as error:
            raise DeliveryFailed(str(error), error.remedy, retry_at=error.retry_at) from error


def issue_of(row: OutboxRow) -> TrackerIssue:
    """What is filed for a message."""
    handoff = handoff_in(row)
    sprint = handoff.packet.get("sprint")
    return TrackerIssue(
        key=row.key,
        phase=handoff.phase,
        sprint=sprint if type(sprint) is int else None,
        title=handoff.title,
        body=handoff.markdown,
        made_at=handoff.made_at,
    )
