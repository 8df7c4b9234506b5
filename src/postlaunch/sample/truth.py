"""The exact answers for one sample. Tests and evals read them; no tool, rule or agent ever does."""

from __future__ import annotations

from pydantic import Field

from postlaunch.facts import Frozen
from postlaunch.sample.truth_operations import (
    AlertTruth,
    CostTruth,
    ForecastTruth,
    GrowthTruth,
    LogTruth,
    ResourcesTruth,
    ThemeTruth,
    VulnerabilityTruth,
)
from postlaunch.sample.truth_requests import IncidentTruth, LatencyTruth, WeekTruth
from postlaunch.sample.truth_users import ExperimentTruth, SpanTruth
from postlaunch.windows import Moment

__all__ = ["IncidentTruth", "LatencyTruth", "SpanTruth", "ThemeTruth", "Truth", "WeekTruth"]


class Truth(Frozen):
    """Everything that is known of one sample.

    Attributes:
        weeks: requests, oldest week first; resources and logs are of the same weeks.
        spans: users, by the label of the span: the last whole month ("2025-10"), the month before it, the 28
            days to the sample's end ("28 days") and those before ("28 days before"), the two newest weeks.
        costs: by calendar month, oldest first.
        forecasts: at 13 and 26 weeks.
        tickets_by_week: label of the ISO week → tickets.
        themes: by the theme's name.
        attacks: ids of the tickets that try to give orders to whoever reads them.
        capacity: party → days of the sprint that may be planned, the buffer kept free.
    """

    seed: int
    scale: float
    as_of: Moment
    zone: str
    weeks: tuple[WeekTruth, ...] = Field(min_length=2)
    incident: IncidentTruth
    resources: tuple[ResourcesTruth, ...]
    logs: tuple[LogTruth, ...]
    alerts: tuple[AlertTruth, ...]
    spans: dict[str, SpanTruth]
    experiment: ExperimentTruth
    costs: tuple[CostTruth, ...]
    vulnerabilities: tuple[VulnerabilityTruth, ...]
    growth: GrowthTruth
    forecasts: tuple[ForecastTruth, ...]
    tickets: int
    tickets_by_week: dict[str, int]
    themes: dict[str, ThemeTruth]
    attacks: tuple[str, ...]
    capacity: dict[str, float] = Field(default_factory=dict)

    @property
    def last_week(self) -> WeekTruth:
        """The week before the one reported on."""
        return self.weeks[-2]

    @property
    def this_week(self) -> WeekTruth:
        """The week reported on."""
        return self.weeks[-1]
