"""What a candidate item declares, as a typed value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from postlaunch.facts import Frozen

IMPACTS: Mapping[str, float] = {"massive": 3, "high": 2, "medium": 1, "low": 0.5, "minimal": 0.25}
CONFIDENCES: Mapping[str, float] = {"high": 1.0, "medium": 0.8, "low": 0.5}


def _one_of(steps: Mapping[str, float]) -> AfterValidator:
    def step(value: float) -> float:
        if value not in steps.values():
            raise ValueError(f"one of {', '.join(f'{known:g}' for known in steps.values())} is wanted")
        return value

    return AfterValidator(step)


Impact = Annotated[float, _one_of(IMPACTS)]
Confidence = Annotated[float, _one_of(CONFIDENCES)]
Touch = Literal["schema", "public_api", "security_model"]


class CandidateItem(Frozen):
    """One candidate. Everything in it is declared, not measured.

    Attributes:
        id: short, because the keys of hand-offs hold it with the application's name.
        keywords: words and phrases that a ticket asking for this would use.
        addresses: what it mends or improves, as reports name it: endpoints ("GET /users"), causes and ids of
            incidents, events of funnel steps and features, packages, ids of vulnerabilities.
        effort: owner (by the roster's name) → working days.
        effort_assumed: the file gave one total, which was split evenly over the owners.
        skills: skill → working days that anybody who has it can do, beside `effort`.
        reach: people or events it touches per sprint (RICE).
        impact: 3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal (RICE).
        confidence: 1.0, 0.8 or 0.5 (RICE).
        monthly_benefit: money a month, in the application's currency.
        cost: money, once.
        unlocks_revenue: a sale is known to wait for it.
        required_by: the contract, law, critical security finding or objective that requires it; or empty.
        benefit_basis: on what the declared benefit rests.
        declared_by: who states all this; the file where empty.
        touches: what of the architecture it changes.
        new_capability: users can do something that they could not do before.
        brief_approved: a feature brief for it was approved.
        route: the phase it should go to, where its owner declares one.
        success_measure, success_target: what will show that it worked, and how much of it.
        requests: a declared count of requests, used only where no tickets are read.
    """

    id: str = Field(min_length=1, max_length=70)
    title: str = Field(min_length=1, max_length=300)
    description: str = ""
    keywords: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    business_impact: str = ""
    effort: dict[str, float]
    effort_assumed: bool = False
    skills: dict[str, float] = Field(default_factory=dict)
    reach: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    impact: Impact | None = None
    confidence: Confidence | None = None
    monthly_benefit: float | None = Field(default=None, allow_inf_nan=False)
    cost: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    unlocks_revenue: bool = False
    required_by: str = ""
    benefit_basis: str = ""
    declared_by: str = ""
    depends_on: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    touches: tuple[Touch, ...] = ()
    new_capability: bool = False
    brief_approved: bool = False
    route: Literal[1, 2, 3] | None = None
    success_measure: str = ""
    success_target: str = ""
    acceptance_criteria: tuple[str, ...] = ()
    risks: str = ""
    notes: str = ""
    defer_to: str = ""
    requests: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _has_effort(self) -> Self:
        if not 0 < self.effort_days < float("inf"):
            raise ValueError("effort: more than zero days are wanted, for at least one owner or skill")
        if min((*self.effort.values(), *self.skills.values())) < 0:
            raise ValueError("effort: days are not negative")
        return self

    @property
    def effort_days(self) -> float:
        """Days of all owners and skills together."""
        return sum(self.effort.values()) + sum(self.skills.values())

    @property
    def effort_by_owner(self) -> dict[str, float]:
        """Days of each owner, then of each skill as "anyone with react"."""
        return {**self.effort, **{f"anyone with {skill}": days for skill, days in self.skills.items()}}
