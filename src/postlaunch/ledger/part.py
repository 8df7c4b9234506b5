"""What every part of the ledger works with."""

from __future__ import annotations

from datetime import UTC, datetime

from postlaunch.ledger.engine import Database
from postlaunch.ledger.trust import BELIEVED, TrustPolicy
from postlaunch.windows import Clock


class LedgerPart:
    """The database, the clock and the policy of trust that the parts of a `Ledger` share."""

    def __init__(self, database: Database, clock: Clock, policy: TrustPolicy = BELIEVED) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)
