"""The settings of product planning: weak features, old notes on competitors, how requests are grouped."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from postlaunch.facts import Frozen

FeedbackVectors = Literal["auto", "words", "embeddings"]

TESTING_ID = "testing-and-documentation"
"""Id of the one item of a scope that no candidates file declares: testing and documentation of the rest."""


class Product(Frozen):
    """How features and competitors are judged.

    Attributes:
        sunset_adoption: share of its audience below which a feature whose adoption falls is one to sunset.
        mature_audience: fewest users of an audience, now and in the span compared with, on which a feature is
            judged at all.
        competitor_months: age in months from which a claim on a competitor is stale.
        feedback_vectors: by what feature requests are grouped: their words, or sentence embeddings as well,
            which the extra "embeddings" brings; "auto" is by embeddings where it is installed.
    """

    sunset_adoption: float = Field(default=0.10, ge=0, le=1)
    mature_audience: int = Field(default=100, ge=1)
    competitor_months: int = Field(default=6, ge=1, le=120)
    feedback_vectors: FeedbackVectors = "auto"
