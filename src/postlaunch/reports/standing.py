"""What one health report needs to know of the one before it: its grade and its rows, nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from postlaunch.facts import Quantity
from postlaunch.reports.health import Grade, RowStatus
from postlaunch.windows import Moment, Window


class _Part(BaseModel):
    """Reads its part of a report's JSON and lets the rest be."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class StandingRow(_Part):
    """A row of the key metrics as it stood."""

    metric: str
    title: str
    this: Quantity
    status: RowStatus


class StandingHeadline(_Part):
    """The grade as it stood."""

    grade: Grade


class Standing(_Part):
    """A health report, reduced to what the next one is compared with."""

    application: str
    window: Window
    generated_at: Moment
    headline: StandingHeadline
    metrics: tuple[StandingRow, ...]

    def row(self, metric: str) -> StandingRow | None:
        """The row of this metric, if the report had it."""
        return next((row for row in self.metrics if row.metric == metric), None)


def last_standing(bodies: Iterable[JsonValue], application: str, window: Window) -> Standing | None:
    """The standing of the newest report on an earlier window of the application; of several on the same
    window, the one made last.
    """
    standings = filter(None, map(standing_of, bodies))
    earlier = (
        standing
        for standing in standings
        if standing.application == application and standing.window.start < window.start
    )
    return max(earlier, key=lambda standing: (standing.window.start, standing.generated_at), default=None)


def standing_of(body: JsonValue) -> Standing | None:
    """The standing that a health report's JSON (or that of a standing) holds; None when it holds none."""
    try:
        return Standing.model_validate(body)
    except ValidationError:
        return None
