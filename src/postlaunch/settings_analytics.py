"""The settings of product analytics: which events are sign-ups, funnels, features and experiments."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from postlaunch.facts import Frozen

FunnelMode = Literal["ordered", "first_entry", "step_window", "same_session", "strict_order", "any_order"]
"""How a funnel counts (`docs/definitions.md`); the same events give very different figures by mode."""

MetricKind = Literal["conversion", "mean", "sum", "count"]
"""Of a user after exposure: conversion, had the event; mean, mean of a property over the user's events, users
without one left out; sum, its sum, users without one counting 0; count, how many events."""

AnalysisKind = Literal["sequential", "fixed", "sequential_then_fixed"]
"""When an experiment may decide: at any look by an always-valid interval; once, at its planned end, by a
fixed-sample test; or both, a fifth of alpha spent on the looks before the end and four fifths at the end."""


class FunnelSettings(Frozen):
    """One funnel of the analytics report.

    Attributes:
        steps: names of events, in order.
        days: allowed from the first step (from the step before, with "step_window").
    """

    title: str
    steps: tuple[str, ...] = Field(min_length=2, max_length=20)
    mode: FunnelMode = "ordered"
    days: float = Field(default=7, gt=0, le=366)


class FeatureSettings(Frozen):
    """One feature whose adoption is reported.

    Attributes:
        event: whose occurrence is the feature's use.
        role: its audience; empty: all users.
    """

    title: str
    event: str
    role: str = ""


class Metric(Frozen):
    """What an experiment compares between its arms, for each user after exposure.

    Attributes:
        property: whose value "mean" and "sum" take.
        better: the direction that is wanted.
    """

    name: str
    kind: MetricKind = "conversion"
    event: str
    property: str = ""
    better: Literal["higher", "lower"] = "higher"

    @model_validator(mode="after")
    def _of_something(self) -> Metric:
        if self.kind in ("mean", "sum") and not self.property:
            raise ValueError(f"the metric {self.name} is a {self.kind} and names no property")
        return self


class Guardrail(Metric):
    """A metric that an experiment must not harm.

    Attributes:
        margin: harm that is tolerated, in the metric's own unit (0.01: one percentage point of a conversion).
    """

    margin: float = Field(default=0, ge=0)


class Experiment(Frozen):
    """An experiment as it was planned, before its data were looked at.

    Attributes:
        name: of the experiment, as reports print it.
        experiment: the value of the events' property "experiment"; empty: it is not looked at.
        unit: what is assigned to an arm and counted.
        arms: name (the value of the property "variant") → intended share, in any common measure; 0: closed.
        descriptions: arm → what it is.
        control: the arm that the others are compared with.
        start, end: first and last day, in the application's zone; `end` is the planned end.
        planned_n: users per arm that it was planned for.
        exposure_event: event at which a user meets the arm; empty: any event that names a variant.
        mde: the least difference of the primary metric worth finding, in its own unit (0.02: two points).
        alpha: probability of a false winner; power: of finding the MDE.
    """

    name: str
    hypothesis: str
    experiment: str = ""
    unit: Literal["user"] = "user"
    arms: dict[str, float] = Field(min_length=2, max_length=10)
    descriptions: dict[str, str] = Field(default_factory=dict)
    control: str
    start: date
    end: date
    planned_n: int = Field(gt=0)
    exposure_event: str = ""
    primary: Metric
    secondary: tuple[Metric, ...] = Field(default=(), max_length=20)
    guardrails: tuple[Guardrail, ...] = Field(max_length=20)
    mde: float = Field(gt=0)
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    power: float = Field(default=0.8, gt=0.5, lt=1)
    analysis: AnalysisKind = "sequential"

    @model_validator(mode="after")
    def _consistent(self) -> Experiment:
        if self.control not in self.arms or not self.arms[self.control] > 0:
            raise ValueError(f'the control "{self.control}" is no arm with a share')
        if any(weight < 0 for weight in self.arms.values()):
            raise ValueError("the intended share of an arm is not negative")
        if not self.treatments:
            raise ValueError("no arm but the control has a share")
        if self.end < self.start:
            raise ValueError("an experiment ends after it starts")
        names = [metric.name for metric in self.metrics]
        if len(set(names)) < len(names):
            raise ValueError("two metrics of an experiment have the same name")
        return self

    @property
    def treatments(self) -> tuple[str, ...]:
        """The arms compared with the control: those with a share."""
        return tuple(arm for arm, weight in self.arms.items() if weight > 0 and arm != self.control)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Every metric: primary, secondary, guardrails."""
        return (self.primary, *self.secondary, *self.guardrails)


class Analytics(Frozen):
    """What the analytics report is about.

    Attributes:
        signup_event: with which a user joins; empty: the first event of any kind.
        session_minutes: of inactivity that end a session.
        engaged_minutes, power_minutes: time a week above which a user is engaged, or a power user.
    """

    signup_event: str = ""
    session_minutes: float = Field(default=30, gt=0, le=1440)
    engaged_minutes: float = Field(default=30, gt=0)
    power_minutes: float = Field(default=120, gt=0)
    funnels: tuple[FunnelSettings, ...] = ()
    features: tuple[FeatureSettings, ...] = ()
    experiments: tuple[Experiment, ...] = ()
