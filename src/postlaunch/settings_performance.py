"""The settings of performance and capacity planning."""

from __future__ import annotations

from pydantic import Field

from postlaunch.facts import Frozen


class Performance(Frozen):
    """How capacity and opportunities are judged.

    Attributes:
        headroom: share of an instance's capacity that is kept free.
        high_share, medium_share: share of the requests or of the load from which an opportunity is HIGH or
            MEDIUM.
        high_effort_days: most effort of a HIGH opportunity.
    """

    headroom: float = Field(default=0.3, ge=0, lt=1)
    high_share: float = Field(default=0.20, gt=0, le=1)
    medium_share: float = Field(default=0.05, gt=0, le=1)
    high_effort_days: float = Field(default=1, gt=0)
