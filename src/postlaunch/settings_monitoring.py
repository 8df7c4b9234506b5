"""The settings of monitoring: what is unusual, what is a trend, and when that is worth a person's time."""

from __future__ import annotations

from pydantic import Field

from postlaunch.facts import Frozen


class Monitoring(Frozen):
    """How resources, logs and anomalies are judged (`docs/definitions.md`, "Resources, logs and anomalies").

    Attributes:
        history_weeks: weeks before a day with which its hours are compared.
        history_least: fewest of them that have the hour; below that it is not judged.
        false_alarms: how often an ordinary day may be called unusual, for each figure.
        trend_weeks: weeks up to the window's end over which a resource's trend is measured.
        drift: change of the share of a limit used, per week, that is a trend; below it usage is stable.
        plan_at: share of a limit, at the 95th percentile, from which scaling is to be planned.
        scale_at: the same from which it is to be done now; also a resource's highest sample beside an
            anomaly.
        limit_weeks: a trend that meets its limit within so many weeks is a finding; nothing is foretold
            beyond 26.
        template_least: fewest lines of a new kind of warning or error that are a finding.
        template_growth: times its usual lines a day from which a kind of warning or error grows.
        traffic_lost: share of the expected requests of an hour below which a loss of traffic is a finding.
        acknowledge_minutes: by severity of an alert, how long it may wait for a person.
    """

    history_weeks: int = Field(default=8, ge=4, le=26)
    history_least: int = Field(default=4, ge=3, le=26)
    false_alarms: float = Field(default=0.01, gt=0, lt=0.5)
    trend_weeks: int = Field(default=6, ge=4, le=26)
    drift: float = Field(default=0.005, ge=0, lt=1)
    plan_at: float = Field(default=0.60, gt=0, le=1)
    scale_at: float = Field(default=0.80, gt=0, le=1)
    limit_weeks: float = Field(default=8, gt=0, le=26)
    template_least: int = Field(default=10, ge=1)
    template_growth: float = Field(default=3, gt=1)
    traffic_lost: float = Field(default=0.5, gt=0, lt=1)
    acknowledge_minutes: dict[str, float] = Field(default_factory=lambda: {"critical": 15.0, "warning": 60.0})
