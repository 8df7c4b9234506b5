"""The settings of product planning: when a feature is weak, and when what is known of a competitor is old."""

from __future__ import annotations

from pydantic import Field

from postlaunch.facts import Frozen


class Product(Frozen):
    """How features and competitors are judged.

    Attributes:
        sunset_adoption: share of its audience below which a feature whose adoption falls is one to sunset.
        mature_audience: fewest users of an audience, now and in the span compared with, on which a feature is
            judged at all.
        competitor_months: age in months from which a claim on a competitor is stale.
    """

    sunset_adoption: float = Field(default=0.10, ge=0, le=1)
    mature_audience: int = Field(default=100, ge=1)
    competitor_months: int = Field(default=6, ge=1, le=120)
