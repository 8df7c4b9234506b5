"""An A/B test as an analytics report prints it: plan, arms, metrics with intervals, the decision by rule."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from postlaunch.facts import Frozen, Quantity
from postlaunch.reports.judged import Sentence
from postlaunch.windows import Window

ExperimentDecision = Literal["ship", "rollback", "keep_running", "review", "invalid", "undecidable"]
Outcome = Literal["better", "worse", "open"]
MetricRole = Literal["primary", "secondary", "guardrail"]


class ArmResult(Frozen):
    """One arm.

    Attributes:
        share: intended, of all users.
        users: who met this arm alone.
    """

    name: str
    description: str = ""
    is_control: bool = False
    share: float = Field(ge=0, le=1)
    users: Quantity


class ArmDifference(Frozen):
    """One metric of one treatment, less that of the control.

    Attributes:
        low, high: the interval of `lift`, at `level`.
        relative: lift ÷ the control's figure, with its own interval.
        validity: when it may be read: at every look, or at the planned end only.
        outcome: what is shown of the treatment; "open" while nothing is.
        reduction: of the variance of `lift` by the days before exposure, or why there is none; None where the
            plan asks for none.
    """

    arm: str
    lift: Quantity
    low: Quantity
    high: Quantity
    level: float = Field(gt=0, lt=1)
    relative: Quantity
    relative_low: Quantity
    relative_high: Quantity
    p: Quantity
    validity: str
    outcome: Outcome
    reduction: Quantity | None = None

    @property
    def adjusted(self) -> bool:
        """Whether the difference is not the plain one of the two figures."""
        return self.reduction is not None and self.reduction.kind != "unavailable"


class MetricResult(Frozen):
    """One line of the results.

    Attributes:
        unit: printed behind the values where they are no shares.
        values: of the arms, in their order.
        winner: the arm that is shown to be best; empty where none is.
    """

    name: str
    role: MetricRole
    better: Literal["higher", "lower"]
    unit: str = ""
    values: tuple[Quantity, ...]
    differences: tuple[ArmDifference, ...] = ()
    winner: str = ""


class ExperimentResult(Frozen):
    """One experiment as planned, as observed, and what follows by rule.

    Attributes:
        start, end: first and last planned day.
        observed: the span looked at; None where results are taken over from elsewhere.
        ended: whether the planned end is reached.
        planned_n: users per arm.
        pre_days: days before exposure whose values adjust the differences (CUPED); 0: none do.
        source: where the results are from: the events, or another tool.
        split_p: of the users per arm against the intended split.
        mixed: users in several arms, counted in none.
        power: of finding the least difference worth finding, with the users there are.
        decision_text: the decision with what belongs to it: "keep_running (1,200 more users needed)".
        meaning: what to do.
        remarks: what the specialist adds.
    """

    name: str
    hypothesis: str
    unit: str
    start: date
    end: date
    observed: Window | None = None
    ended: bool
    planned_n: int
    pre_days: int = 0
    alpha: float
    mde: str
    analysis: str
    source: str
    arms: tuple[ArmResult, ...]
    metrics: tuple[MetricResult, ...] = ()
    split_p: Quantity
    mixed: Quantity
    looks: Quantity
    power: Quantity
    users_needed: Quantity
    decision: ExperimentDecision
    decision_text: str
    because: tuple[str, ...]
    meaning: Sentence
    remarks: tuple[Sentence, ...] = ()

    @model_validator(mode="after")
    def _every_line_has_every_arm(self) -> ExperimentResult:
        for metric in self.metrics:
            if len(metric.values) != len(self.arms):
                raise ValueError(f"{self.name}: {metric.name} has not one value for each arm")
            if metric.winner and self.decision in ("invalid", "undecidable"):
                raise ValueError(f"{self.name}: a winner is named, and nothing can be decided")
        return self

    @property
    def has_figures(self) -> bool:
        """Whether any metric has a value in any arm."""
        return any(value.kind != "unavailable" for metric in self.metrics for value in metric.values)
