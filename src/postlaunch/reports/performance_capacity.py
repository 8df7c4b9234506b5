"""What a performance report plans: capacity, growth, scaling and what that costs."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, model_validator

from postlaunch.facts import Frozen, Quantity, Unavailable
from postlaunch.reports.judged import Sentence
from postlaunch.reports.targets import Target

Horizon = Literal[0, 3, 6]
"""Months from the end of the span."""

CostStatus = Literal["ok", "missed", "not available"]


class ResourceCapacity(Frozen):
    """How many requests per second a pod carries before one resource reaches its share of the limit.

    Attributes:
        use: share of the limit, mean over the newest week; `p95` its 95th percentile.
        limit: of a pod.
        carries: requests per second of a pod; unavailable where the resource does not follow the load.
        binds: it is the one that runs out first.
        because: by what it is known.
    """

    name: Literal["memory", "CPU", "database connections"]
    use: Quantity
    p95: Quantity
    limit: Quantity
    carries: Quantity
    binds: bool = False
    because: Sentence

    @property
    def absent(self) -> bool:
        """Whether nothing at all is known of it."""
        return isinstance(self.use, Unavailable) and isinstance(self.limit, Unavailable)

    @property
    def of_limit(self) -> str:
        """What stands behind the limit where it is a plain number."""
        if isinstance(self.limit, Unavailable):
            return ""
        return {"CPU": " cores", "database connections": " connections"}.get(self.name, "")


class CurrentCapacity(Frozen):
    """What runs now, and what it carries.

    Attributes:
        peak: requests per second in the busiest minute of the last 28 days.
        usual_peak: what the busiest minute of a week usually is, by the line of growth.
        per_pod: requests per second that a pod carries within the headroom.
        total: of all pods together.
        at_peak: how requests fared in the busiest minutes, against the objectives, in words.
    """

    pods: Quantity
    memory_each: Quantity
    peak: Quantity
    usual_peak: Quantity
    resources: tuple[ResourceCapacity, ...]
    per_pod: Quantity
    total: Quantity
    binding: str = ""
    headroom: Quantity
    at_peak: Sentence


class Growth(Frozen):
    """How fast the load grows, and from what that is known.

    Attributes:
        per_week, per_month: compound.
        weeks: whole ISO weeks behind it.
        basis: in words, with R², weeks and horizon.
    """

    per_week: Quantity
    per_month: Quantity
    users_per_week: Quantity
    fit: Quantity
    weeks: int = Field(ge=0)
    basis: Sentence


class Projection(Frozen):
    """What a horizon needs.

    Attributes:
        peak: requests per second in the busiest minute, that of the last 28 days grown.
        usual: the same of a usual week, without the bursts.
        pods: for the peak, in total, without optimisation; `pods_optimised` with the opportunities taken.
        pods_usual: for the usual peak.
        add: pods to add to those of now; 0 where none.
        add_optimised: the same with the opportunities taken.
        room: why none are added to those of now whatever the pods computed: what was measured has room.
        advice: what to do.
    """

    months: Horizon
    peak: Quantity
    usual: Quantity
    pods: Quantity
    pods_optimised: Quantity
    pods_usual: Quantity
    current: int | None = Field(default=None, ge=0)
    add: int | None = Field(default=None, ge=0)
    add_optimised: int | None = Field(default=None, ge=0)
    room: Sentence | None = None
    advice: Sentence

    @model_validator(mode="after")
    def _adds_up(self) -> Projection:
        for pods, add in ((self.pods, self.add), (self.pods_optimised, self.add_optimised)):
            wanted = _added(pods, self.current)
            if add != (wanted if self.room is None or wanted is None else 0):
                raise ValueError(
                    f"{self.months} months: the pods to add are not the pods needed − those of now"
                )
        return self


def _added(pods: Quantity, current: int | None) -> int | None:
    if current is None or isinstance(pods, Unavailable):
        return None
    return max(math.ceil(pods.value) - current, 0)


class CapacityPlan(Frozen):
    """Capacity now, the growth of the load, and what that needs in 3 and 6 months.

    Attributes:
        projections: now, in 3 and in 6 months.
        saved: share of the load that the opportunities taken into account would save.
        burst: the busiest minute against what is usual, where it was far beyond.
        remarks: what the specialist adds.
    """

    current: CurrentCapacity
    growth: Growth
    projections: tuple[Projection, ...]
    saved: Quantity
    burst: tuple[Sentence, ...] = ()
    remarks: tuple[Sentence, ...] = ()

    def at(self, months: Horizon) -> Projection:
        """The projection of a horizon."""
        return next(projection for projection in self.projections if projection.months == months)


class CostScenario(Frozen):
    """What the pods of one scenario cost a month.

    Attributes:
        pods: how many are paid for; never fewer than run now.
        note: what stands behind it.
    """

    name: Literal["current", "with optimisation", "without optimisation"]
    months: Horizon
    pods: int | None = Field(default=None, ge=0)
    cost: Quantity
    note: str = ""


class CostImpact(Frozen):
    """What growth costs with the opportunities taken and without.

    Attributes:
        total: of everything that is paid for, a month; `pod` of one pod.
        avoided: a month, in 6 months: without − with.
        per_user: cost of a month ÷ users active in 30 days, against the objective.
    """

    total: Quantity
    pod: Quantity
    scenarios: tuple[CostScenario, ...]
    avoided: Quantity
    per_user: Quantity
    per_user_target: Target | None = None
    per_user_status: CostStatus
    per_user_because: Sentence
