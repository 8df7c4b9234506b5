"""The action items of incidents, read from the ledger: the source "action_items" of the measurements."""

from __future__ import annotations

from postlaunch.ledger.ledger import Ledger
from postlaunch.sources.action_items import ActionItemTable, TrackedItem


def action_item_table(ledger: Ledger, application: str) -> ActionItemTable | None:
    """The action items of an application, open and closed; None where there are none. Blocking."""
    items = [item for item in ledger.action_items() if item.application == application]
    if not items:
        return None
    began = {one.id: one.started_at for one in ledger.incidents() if one.application == application}
    return ActionItemTable.of(
        tuple(
            TrackedItem(
                id=item.id,
                began=began[item.incident],
                owner=item.owner,
                action=item.action,
                due=item.due,
                closed_at=item.closed_at,
            )
            for item in items
        )
    )
