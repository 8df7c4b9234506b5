"""The one table of objectives; alerts, reports and success metrics all read it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from postlaunch.facts import Frozen, Unit

MOST_GROWTH = 2
"""A higher target of growth is a percentage that was not written as a share."""


class Objective(Frozen):
    """One row of the one table of objectives; alerts, reports and success metrics all read it.

    Attributes:
        target: in base units (0.999, not 99.9).
        direction: "above": the target is a floor; "below": a ceiling.
        window: over which the objective holds: "7d", "30d", "sprint".
    """

    title: str
    unit: Unit
    direction: Literal["above", "below"]
    window: str = "30d"
    definition: str = ""
    target: float = Field(ge=0, allow_inf_nan=False)

    @field_validator("target")
    @classmethod
    def _can_be_missed_and_met(cls, value: float, info: ValidationInfo) -> float:
        if info.data.get("unit") != "ratio":
            return value
        most = MOST_GROWTH if info.data.get("definition") == "user_growth" else 1
        if value > most:
            meant = f"write {value / 100:g} for {value:g} %"
            raise ValueError(f"{value:g} is {value:.0%}, which nothing reaches: {meant}")
        if value == 1 and info.data.get("direction") == "below":
            raise ValueError("1 is 100 %, which nothing exceeds: write 0.01 for 1 %")
        return value


DEFAULT_OBJECTIVES: dict[str, Objective] = {
    "uptime": Objective(title="Uptime", target=0.999, unit="ratio", direction="above", definition="uptime"),
    "mean_response_time": Objective(
        title="Avg Response Time",
        target=200,
        unit="ms",
        direction="below",
        window="7d",
        definition="mean_response_time",
    ),
    "p95_response_time": Objective(
        title="95th Percentile",
        target=200,
        unit="ms",
        direction="below",
        window="7d",
        definition="p95_response_time",
    ),
    "error_rate": Objective(
        title="Error Rate", target=0.01, unit="ratio", direction="below", window="7d", definition="error_rate"
    ),
    "user_growth": Objective(
        title="User growth, monthly", target=0.10, unit="ratio", direction="above", definition="user_growth"
    ),
    "day_30_retention": Objective(
        title="Day-30 retention",
        target=0.40,
        unit="ratio",
        direction="above",
        definition="day_30_retention",
    ),
    "support_tickets": Objective(
        title="Support tickets a week",
        target=50,
        unit="count",
        direction="below",
        window="7d",
        definition="support_tickets",
    ),
    "cost_per_user": Objective(
        title="Cost per user, monthly",
        target=0.50,
        unit="money",
        direction="below",
        definition="cost_per_user",
    ),
    "feature_adoption": Objective(
        title="Feature adoption",
        target=0.60,
        unit="ratio",
        direction="above",
        definition="feature_adoption",
    ),
    "time_to_deploy": Objective(
        title="Time to deploy enhancements",
        target=14,
        unit="days",
        direction="below",
        definition="time_to_deploy",
    ),
}
