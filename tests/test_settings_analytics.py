"""What the settings of product analytics refuse, and what they leave to be worked out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from postlaunch.settings_analytics import (
    Analytics,
    Experiment,
    FeatureSettings,
    FunnelSettings,
    Metric,
    Reported,
    ReportedArm,
)

FORM = FunnelSettings(title="Form", steps=("view", "start", "joined", "login"))


def experiment(**changes: Any) -> Experiment:
    body: dict[str, Any] = {
        "name": "layout",
        "hypothesis": "it helps",
        "arms": {"A": 1.0, "B": 1.0},
        "control": "A",
        "start": date(2025, 11, 1),
        "end": date(2025, 11, 15),
        "planned_n": 100,
        "primary": Metric(name="conversion", event="paid"),
        "guardrails": (),
        "mde": 0.02,
    }
    return Experiment(**{**body, **changes})


def test_visitors_are_the_steps_before_the_sign_up_unless_they_are_named() -> None:
    assert Analytics(signup_event="joined", funnels=(FORM,)).visitors == ("view", "start")
    assert Analytics(signup_event="joined", funnels=(FORM,), visitor_events=()).visitors == ()
    assert Analytics(signup_event="joined", visitor_events=("view",)).visitors == ("view",)


def test_without_a_sign_up_event_or_an_order_of_steps_nobody_is_known_to_be_a_visitor() -> None:
    any_order = FORM.model_copy(update={"mode": "any_order"})
    assert Analytics(funnels=(FORM,)).visitors == ()
    assert Analytics(signup_event="login2", funnels=(FORM,)).visitors == ()
    assert Analytics(signup_event="joined", funnels=(any_order,)).visitors == ()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"signup_event": "joined", "visitor_events": ("joined",)}, "it is no event of visitors"),
        ({"funnels": (FORM, FORM)}, "two funnels"),
        ({"features": (FeatureSettings(title="X", event="a"),) * 2}, "two features"),
        ({"experiments": (experiment(), experiment())}, "two experiments"),
    ],
)
def test_what_contradicts_itself_is_refused(body: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Analytics(**body)


def test_a_funnel_names_all_of_its_steps_or_none() -> None:
    with pytest.raises(ValidationError, match="4 steps and 1 names"):
        FunnelSettings(title="Form", steps=FORM.steps, names=("Visit",))
    with pytest.raises(ValidationError, match="has a step twice"):
        FunnelSettings(title="Form", steps=("a", "a"), mode="any_order")


@pytest.mark.parametrize(
    ("arms", "why"),
    [
        ({"C": ReportedArm()}, "which is no arm"),
        ({"A": ReportedArm(values={"speed": 1})}, "which is no metric"),
        ({"A": ReportedArm(values={"conversion": 87})}, "a share: 0.87, not 87"),
    ],
)
def test_reported_results_are_of_the_plans_arms_and_metrics(arms: Any, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        experiment(reported=Reported(source="a tool", arms=arms))


def test_labels_are_what_reports_call_an_event() -> None:
    known = Analytics(labels={"view": "Visit /register"})
    assert (known.label("view"), known.label("other")) == ("Visit /register", "other")
