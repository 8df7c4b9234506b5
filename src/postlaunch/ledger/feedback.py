"""What people decided about groups of feature requests: append-only, a later decision undoes an earlier."""

from __future__ import annotations

from sqlalchemy import insert, select

from postlaunch.errors import UsageError
from postlaunch.ledger.feedback_records import GroupingDecision, GroupingDraft
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.rows import all_of, storable, values_of
from postlaunch.ledger.tables import feedback_decisions

LONGEST_NAME = 200
"""Characters, as the table keeps them."""


class Feedback(LedgerPart):
    """Record decisions about groups, and look at them."""

    def decide_grouping(self, draft: GroupingDraft) -> GroupingDecision:
        """Store a decision.

        Raises:
            UsageError: nobody is named or by far too much, or it undoes a decision that is not there.
        """
        if not draft.by.strip():
            raise UsageError("nobody is named", "say who decides it with --by")
        if len(draft.by) > LONGEST_NAME:
            raise UsageError(
                f"a name of {len(draft.by)} characters is no name", "say who decides it with --by"
            )
        if draft.undoes and all(one.number != draft.undoes for one in self.groupings(draft.application)):
            raise UsageError(
                f"there is no decision {draft.undoes} about groups", "list them with: postlaunch feedback log"
            )
        at = self._now()
        row = {
            **values_of(draft),
            "schema_version": GroupingDecision.model_fields["schema_version"].default,
            "at": at,
        }
        with self._database.write() as connection:
            made = connection.execute(insert(feedback_decisions).values(row))
            [number] = made.inserted_primary_key or [0]
        return GroupingDecision(**draft.model_dump(), number=number, at=at)

    def groupings(self, application: str) -> tuple[GroupingDecision, ...]:
        """An application's decisions, in the order in which they were made."""
        query = (
            select(feedback_decisions)
            .where(feedback_decisions.c.application == storable(application))
            .order_by(feedback_decisions.c.number)
        )
        with self._database.read() as connection:
            return all_of(connection, query, GroupingDecision)
