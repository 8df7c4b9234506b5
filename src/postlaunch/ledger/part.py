"""What every part of the ledger works with."""

from __future__ import annotations

from datetime import UTC, datetime

from postlaunch.ledger.engine import Database
from postlaunch.windows import Clock


class LedgerPart:
    """The database and the clock that the parts of a `Ledger` share."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)
