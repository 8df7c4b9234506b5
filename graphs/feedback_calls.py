"""The calls of the Python API about groups of feature requests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from postlaunch.graphs.groupings import (
    ListedGroups,
    groups_of_today,
    merge_groups_of,
    split_group_of,
    undo_grouping,
)
from postlaunch.graphs.session import Services
from postlaunch.ledger.feedback_records import GroupingDecision


class FeedbackCalls:
    """What people ask for, and what a person says of how it is grouped."""

    services: Services

    async def feedback_groups(self) -> ListedGroups:
        """The groups of every ticket that is read, largest first, under what people decided about them.

        Raises:
            UsageError: no tickets are configured.
            SourceError: the tickets or the candidates cannot be read.
        """
        return await asyncio.to_thread(groups_of_today, self.services)

    async def merge_feedback(self, groups: Sequence[str], *, by: str, note: str = "") -> GroupingDecision:
        """Say that groups ask for the same; every later report counts them together.

        Args:
            groups: each by its id, its label or its candidate item.

        Raises:
            UsageError: a group is not there, or they cannot be one.
        """
        return await asyncio.to_thread(merge_groups_of, self.services, groups, by, note)

    async def split_feedback(
        self, group: str, tickets: Sequence[str], *, by: str, note: str = ""
    ) -> GroupingDecision:
        """Say that some tickets of a group ask for something else; every later report counts them apart.

        Raises:
            UsageError: the group is not there, or a ticket is not in it.
        """
        return await asyncio.to_thread(split_group_of, self.services, group, tickets, by, note)

    async def undo_feedback(self, decision: int, *, by: str, note: str = "") -> GroupingDecision:
        """Take back a decision about groups, by its number; it stays in the record.

        Raises:
            UsageError: there is no such decision.
        """
        return await asyncio.to_thread(undo_grouping, self.services, decision, by, note)
