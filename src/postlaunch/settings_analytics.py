"""The settings of product analytics: which events are sign-ups, funnels, features and experiments."""

from __future__ import annotations

from collections.abc import Sequence
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
        names: what the steps are called here, in order ("First login"); empty: as everywhere (`labels`).
        days: allowed from the first step (from the step before, with "step_window").
    """

    title: str
    steps: tuple[str, ...] = Field(min_length=2, max_length=20)
    names: tuple[str, ...] = ()
    mode: FunnelMode = "ordered"
    days: float = Field(default=7, gt=0, le=366)

    @model_validator(mode="after")
    def _a_name_for_each_step(self) -> FunnelSettings:
        if self.names and len(self.names) != len(self.steps):
            raise ValueError(
                f"the funnel {self.title} has {len(self.steps)} steps and {len(self.names)} names"
            )
        if self.mode == "any_order" and len(set(self.steps)) < len(self.steps):
            raise ValueError(f"the funnel {self.title} is in any order, and has a step twice")
        return self


class FeatureSettings(Frozen):
    """One feature whose adoption is reported.

    Attributes:
        event: whose occurrence is the feature's use.
        role: its audience; empty: all users.
        audience: what the audience is called in print ("admins"); empty: the role with an s.
    """

    title: str
    event: str
    role: str = ""
    audience: str = ""


class Metric(Frozen):
    """What an experiment compares between its arms, for each user after exposure.

    Attributes:
        property: whose value "mean" and "sum" take.
        better: the direction that is wanted.
        unit: printed behind its values where they are no shares: " s", "/5".
    """

    name: str
    kind: MetricKind = "conversion"
    event: str
    property: str = ""
    better: Literal["higher", "lower"] = "higher"
    unit: str = Field(default="", max_length=12)

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


class ReportedArm(Frozen):
    """What somebody else's tool says of one arm, where its events are not recorded here.

    Attributes:
        users: how many there were; None: the tool does not say, and then nothing can be decided.
        values: by the metric's name: a share for a conversion, a mean otherwise.
    """

    users: int | None = Field(default=None, ge=0)
    values: dict[str, float] = Field(default_factory=dict)


class Reported(Frozen):
    """An experiment's results as another tool reports them: taken over, not measured.

    Attributes:
        source: which tool, and as of when.
    """

    source: str = Field(min_length=1)
    arms: dict[str, ReportedArm]


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
        pre_days: days before a user's exposure whose values of a metric are taken out of its noise (CUPED);
            0: none are, as where the users are new.
        reported: its results, where another tool ran it; None: they are measured from the events.
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
    pre_days: int = Field(default=0, ge=0, le=90)
    reported: Reported | None = None

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
        self._check_reported(names)
        return self

    def _check_reported(self, names: Sequence[str]) -> None:
        for arm, told in (self.reported.arms if self.reported else {}).items():
            if arm not in self.arms:
                raise ValueError(f'results are reported of "{arm}", which is no arm')
            if unknown := sorted(set(told.values) - set(names)):
                raise ValueError(f"results are reported of {', '.join(unknown)}, which is no metric")
            shares = [metric.name for metric in self.metrics if metric.kind == "conversion"]
            if any(not 0 <= told.values[name] <= 1 for name in shares if name in told.values):
                raise ValueError("a conversion that is reported is a share: 0.87, not 87")

    @property
    def treatments(self) -> tuple[str, ...]:
        """The arms compared with the control: those with a share."""
        return tuple(arm for arm, weight in self.arms.items() if weight > 0 and arm != self.control)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Every metric: primary, secondary, guardrails."""
        return (self.primary, *self.secondary, *self.guardrails)


class Benchmark(Frozen):
    """A figure of others that ours is compared with: declared by whoever names it here, never measured.

    Attributes:
        metric: the name of a figure of the report in `docs/definitions.md`: "day_30_retention", "stickiness".
        value: in base units: 0.35, not 35.
        source: where it is from, and of when.
        of: whose figure it is: "SaaS products".
    """

    metric: str = Field(min_length=1)
    value: float
    source: str = Field(min_length=1)
    of: str = ""


class Analytics(Frozen):
    """What the analytics report is about.

    Attributes:
        signup_event: with which a user joins; empty: the first event of any kind.
        visitor_events: what somebody who has not joined does too: who did nothing else is no user, and not
            active. None: where a funnel leads to the sign-up event, its steps before that.
        labels: event → what reports call it: page_view_register = "Visit /register".
        session_minutes: of inactivity that end a session.
        engaged_minutes, power_minutes: time a week above which a user is engaged, or a power user.
        drop_attention: a step of a funnel that loses at least this share of those who entered it is to be
            looked into.
        request_share: a feature request with at least this share of all requesters is recommended for the
            backlog.
    """

    signup_event: str = ""
    visitor_events: tuple[str, ...] | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    session_minutes: float = Field(default=30, gt=0, le=1440)
    engaged_minutes: float = Field(default=30, gt=0)
    power_minutes: float = Field(default=120, gt=0)
    drop_attention: float = Field(default=0.05, gt=0, le=1)
    request_share: float = Field(default=0.2, gt=0, le=1)
    funnels: tuple[FunnelSettings, ...] = ()
    features: tuple[FeatureSettings, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()

    @model_validator(mode="after")
    def _told_apart(self) -> Analytics:
        for what, names in (
            ("funnels", [funnel.title for funnel in self.funnels]),
            ("features", [feature.title for feature in self.features]),
            ("experiments", [experiment.name for experiment in self.experiments]),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"two {what} of [analytics] have the same name")
        if self.signup_event and self.signup_event in (self.visitor_events or ()):
            raise ValueError("the sign-up event makes a user: it is no event of visitors")
        return self

    @property
    def visitors(self) -> tuple[str, ...]:
        """The events that alone make no user."""
        if self.visitor_events is not None:
            return self.visitor_events
        before: dict[str, None] = {}
        for funnel in self.funnels:
            if self.signup_event and self.signup_event in funnel.steps and funnel.mode != "any_order":
                before |= dict.fromkeys(funnel.steps[: funnel.steps.index(self.signup_event)])
        return tuple(before)

    def label(self, event: str) -> str:
        """What reports call an event."""
        return self.labels.get(event, event)
