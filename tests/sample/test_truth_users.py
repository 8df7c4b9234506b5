"""Every measurement of product events against the sample's truth, which was counted by other code."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from postlaunch.sample.truth import SpanTruth
from postlaunch.tools.measurement import REGISTRY, MeasurementResult

if TYPE_CHECKING:
    from conftest import Known

importlib.import_module("postlaunch.tools.analytics")

SPANS = range(5)


@pytest.fixture(params=SPANS)
def span(request: pytest.FixtureRequest, known: Known) -> SpanTruth:
    """A month, 28 days, those before them, two weeks."""
    return list(known.truth.spans.values())[request.param]


def figures(result: MeasurementResult, entity: str = "application") -> dict[str, float]:
    return {fact.name: fact.value for fact in result.facts if fact.entity == entity}


def users(known: Known) -> dict[str, object]:
    """How the settings tell users from visitors."""
    analytics = known.settings.analytics
    return {"signup_event": analytics.signup_event, "visitor_events": analytics.visitors}


def test_the_events_are_read_whole(known: Known) -> None:
    quality = figures(known.measure("event_quality"))
    assert quality["rows_rejected"] == quality["rows_future"] == quality["rows_repeated"] == 0
    assert quality["events_without_user"] == 0


def test_events_are_counted_by_name(known: Known, span: SpanTruth) -> None:
    result = known.run("events_by_name", window=known.span(span))
    counted = {fact.entity: fact.value for fact in result.named("events_of_kind")}
    assert counted == {name: events for name, events in span.events.items() if events}


def test_every_event_is_one_that_the_settings_use(known: Known) -> None:
    analytics = known.settings.analytics
    result = known.measure("tracking_check", expected=sorted(analytics.labels))
    assert figures(result)["names_never_seen"] == 0


def test_users_are_counted_by_when_they_joined(known: Known, span: SpanTruth) -> None:
    found = figures(known.run("user_growth", window=known.span(span), **users(known)))
    activity = span.activity
    assert found["total_users"] == activity.total
    assert found["new_users"] == activity.new
    assert found["user_growth"] == pytest.approx(activity.growth)


def test_active_users_are_counted_by_day_week_and_month(known: Known, span: SpanTruth) -> None:
    visitors = known.settings.analytics.visitors
    found = figures(known.run("active_users_daily", window=known.span(span), visitor_events=visitors))
    activity = span.activity
    assert found["daily_active_users"] == pytest.approx(activity.mean_daily)
    assert found["weekly_active_users"] == activity.weekly
    assert found["monthly_active_users"] == activity.monthly
    assert found["stickiness"] == pytest.approx(activity.stickiness)
    days = known.run("active_users_by_day", window=known.span(span), visitor_events=visitors)
    by_day = [fact.value for fact in days.named("day_active_users")]
    assert sum(by_day) / len(by_day) == pytest.approx(activity.mean_daily)


def test_users_of_a_span_are_counted(known: Known, span: SpanTruth) -> None:
    visitors = known.settings.analytics.visitors
    found = figures(known.run("users_active_in", window=known.span(span), visitor_events=visitors))
    assert found["users_in_span"] == span.activity.in_span


def test_retention_is_the_truth(known: Known, span: SpanTruth) -> None:
    result = known.run("retention", window=known.span(span), **users(known))
    for truth in span.retention:
        for name, came in (
            (f"day_{truth.day}_retention", truth.on_day),
            (f"day_{truth.day}_retention_unbounded", truth.on_day_or_later),
        ):
            fact = result.fact(name)
            assert fact is not None
            assert fact.value == pytest.approx(came / truth.cohort)
            assert fact.n == truth.cohort


def test_the_funnel_is_the_truth(known: Known, span: SpanTruth) -> None:
    [plan] = known.settings.analytics.funnels
    result = known.run("funnel", window=known.span(span), steps=plan.steps, mode=plan.mode, days=plan.days)
    for place, step in enumerate(span.funnel):
        found = figures(result, step.event)
        assert found["funnel_users"] == step.users
        assert found["funnel_in_progress"] == step.in_progress
        assert found.get("funnel_dropped", 0) == step.dropped
        assert found["funnel_from_first"] == pytest.approx(step.users / span.funnel[0].users)
        if place:
            assert found["funnel_from_previous"] == pytest.approx(step.users / span.funnel[place - 1].users)


def test_the_end_of_the_funnel_is_the_truth(known: Known, span: SpanTruth) -> None:
    [plan] = known.settings.analytics.funnels
    asked = {"steps": plan.steps, "mode": plan.mode, "days": plan.days}
    [fact] = known.run("funnel_completed", window=known.span(span), **asked).facts
    assert fact.value == pytest.approx(span.funnel[-1].users / span.funnel[0].users)
    assert fact.n == span.funnel[0].users


def test_a_query_of_a_models_own_counts_the_truth(known: Known, span: SpanTruth) -> None:
    sql = "SELECT event, count(*) FROM events GROUP BY event"
    queried = known.run("query_events", window=known.span(span), sql=sql)
    counted = {fact.entity: fact.value for fact in queried.facts}
    assert counted == {name: events for name, events in span.events.items() if events}


def test_adoption_is_the_truth(known: Known, span: SpanTruth) -> None:
    for feature, truth in zip(known.settings.analytics.features, span.adoption, strict=True):
        role = {"role": feature.role} if feature.role else {}
        result = known.run(
            "feature_adoption", window=known.span(span), features=[feature.event], **role, **users(known)
        )
        found = figures(result, feature.event)
        assert (feature.title, feature.event) == (truth.feature, truth.event)
        assert (found["feature_users"], found["feature_audience"]) == (truth.users, truth.audience)
        assert found["feature_adoption"] == pytest.approx(truth.users / truth.audience)


def test_sessions_are_the_truth(known: Known, span: SpanTruth) -> None:
    visitors = known.settings.analytics.visitors
    found = figures(known.run("time_on_platform", window=known.span(span), visitor_events=visitors))
    truth = span.sessions
    assert found["sessions"] == truth.sessions
    assert found["mean_session"] == pytest.approx(truth.mean_minutes)
    assert found["median_session"] == pytest.approx(truth.median_minutes)
    assert (found["engaged_users"], found["power_users"]) == (truth.engaged, truth.power)
    assert found["engaged_share"] == pytest.approx(truth.engaged / truth.users)
    assert found["power_share"] == pytest.approx(truth.power / truth.users)


def test_the_paths_of_sessions_are_the_truth(known: Known, span: SpanTruth) -> None:
    result = known.run("flows", window=known.span(span))
    found = [(fact.entity, fact.value) for fact in result.named("path_sessions")]
    assert found == [(truth.path, truth.sessions) for truth in span.paths]


def test_the_experiment_is_the_truth(known: Known) -> None:
    [plan] = known.settings.analytics.experiments
    truth = known.truth.experiment
    result = known.run("experiment_results", plan=plan.model_dump(mode="json"))
    for name, arm in truth.arms.items():
        assert figures(result, f"{plan.name}: {name}")["experiment_users"] == arm.users
        converted = figures(result, f"{plan.name}: {name}, Conversion")
        assert converted["experiment_conversions"] == arm.conversions
        assert converted["experiment_conversion_rate"] == pytest.approx(arm.conversions / arm.users)
        for metric, mean in (("Time to submit", arm.seconds), ("User feedback", arm.rating)):
            found = figures(result, f"{plan.name}: {name}, {metric}")
            assert found["experiment_mean"] == pytest.approx(mean)
        updates = figures(result, f"{plan.name}: {name}, Profile updates")
        assert updates["experiment_conversions"] == arm.profile_updates
    assert figures(result, plan.name)["experiment_mixed_users"] == 0


def of_events() -> Iterator[str]:
    return (name for name, entry in REGISTRY.entries.items() if entry.source == "events")


def test_the_measurements_of_events_are_all_held_against_the_truth() -> None:
    tested = Path(__file__).read_text(encoding="utf-8")
    untested = {name for name in of_events() if f'"{name}"' not in tested}
    # the truth of the first is tested with the incident; a plan is not the sample's
    assert untested <= {"incident_event_users", "tracking_plan_check"}
