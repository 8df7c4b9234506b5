"""What an estimate may be, where its exact value is not the point."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Between:
    """An estimate: not a count, so it has bounds by the truth instead of one value."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a figure lies in it."""
        return self.low <= value <= self.high
