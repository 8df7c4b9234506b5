"""A clock that stands still until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class StillClock:
    """A `postlaunch.windows.Clock` for tests of leases, expiry and back-off.

    Attributes:
        now: the moment it shows.
    """

    def __init__(self, now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The moment it shows."""
        return self.now

    def forward(self, **span: float) -> datetime:
        """Move it, e.g. `forward(hours=2)`, and say what it shows then."""
        self.now += timedelta(**span)
        return self.now
