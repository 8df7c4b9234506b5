"""By what requests are compared: their words, or what they mean as well."""

from __future__ import annotations

from typing import Literal

from postlaunch.errors import UsageError
from postlaunch.facts import Evidence
from postlaunch.settings_product import FeedbackVectors
from postlaunch.tools.feedback_embeddings import INSTALL, NAME, why_no_embeddings

Way = Literal["words", "embeddings"]

SAID: dict[Way, str] = {
    "words": "feature requests were grouped by their words",
    "embeddings": f"feature requests were grouped by their words and by sentence embeddings ({NAME})",
}
"""What a report says of how its requests were grouped."""


def way_of(vectors: FeedbackVectors) -> Way:
    """The way that the settings name; "auto" is by embeddings where the extra is installed.

    Raises:
        UsageError: embeddings are asked for, and the extra is not installed.
    """
    missing = why_no_embeddings()
    if vectors == "embeddings" and missing:
        raise UsageError(
            f'product.feedback_vectors is "embeddings", but {missing}', f'{INSTALL}, or set it to "auto"'
        )
    return "words" if vectors == "words" or missing else "embeddings"


def grouped_otherwise(evidence: Evidence, vectors: FeedbackVectors) -> tuple[str, ...]:
    """What to say where a report's requests were grouped another way than they would be now."""
    today: Way = "words" if vectors == "words" else "embeddings"
    if vectors == "auto" and why_no_embeddings():
        today = "words"
    ways = {
        str(measurement.parameters.get("vectors", "words"))
        for measurement in evidence.measurements()
        if measurement.name == "request_groups"
    }
    return tuple(
        f"the report's feature requests were grouped by {way} and are measured again so; "
        f"a report of today would group them by {today}"
        for way in sorted(ways - {today})
    )
