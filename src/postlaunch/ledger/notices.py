"""What was told about an approval request, from the outbox: the reason why nobody is told anything twice."""

from __future__ import annotations

from sqlalchemy import select

from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.tables import outbox


def notice_key(request: str, about: str, way: str) -> str:
    """The key of one message about a request, by one way out.

    Args:
        about: "opened", "expired", or the reminder's mark.
    """
    return f"gate/{request}/{way}" if about == "opened" else f"gate/{request}/{about}/{way}"


class Notices(LedgerPart):
    """Read back which messages about a request were put in the outbox, delivered or not."""

    def told_about(self, request: str) -> frozenset[str]:
        """The keys of the messages about a request (`notice_key`)."""
        beginning = outbox.c.key.startswith(f"gate/{request}/", autoescape=True)
        with self._database.read() as connection:
            return frozenset(connection.execute(select(outbox.c.key).where(beginning)).scalars())
