"""The report says what differs from the tracking plan, with figures that hold, or why it cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postlaunch.agents.analytics_plan_check import plan_advice
from postlaunch.errors import SourceError
from postlaunch.facts import Unavailable
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.analytics_figures import PlanCheck, PlanDifference
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.consistency.extraction import statements_of
from postlaunch.reports.html import render_html
from postlaunch.reports.judged import Sentence
from postlaunch.reports.markdown import render_markdown
from postlaunch.sources.opening import BrokenSource
from postlaunch.sources.tracking_plan import (
    PlannedEvent,
    PlannedProperty,
    TrackingPlan,
    TrackingPlanSource,
)
from postlaunch.tools.analytics_plan import plan_of
from postlaunch.tools.measurement import Limits
from postlaunch.tools.verifying import verify_evidence


def kept(plan: TrackingPlan) -> TrackingPlanSource:
    return TrackingPlanSource(plan, "plan", Path("tracking.yaml"))


@pytest.fixture(scope="module")
def followed(usage: Any) -> TrackingPlan:
    """The plan that the log follows, all of it the growth team's, with the event of its last day."""
    plan = plan_of(usage.log, Limits(), "growth")
    role = PlannedProperty(name="role", type="text", required=True)
    return TrackingPlan(events=(*plan.events, PlannedEvent(name="logout", a_day=(0, 1), properties=(role,))))


@pytest.fixture(scope="module")
def differing(usage: Any, followed: TrackingPlan) -> AnalyticsReport:
    """November under a plan that knows no logout, requires a reason of a rating, and awaits an event."""
    rated = next(event for event in followed.events if event.name == "rated")
    reason = PlannedProperty(name="reason", type="text", required=True)
    stars = PlannedProperty(name="stars", type="boolean", required=True)
    others = [event for event in followed.events if event.name not in ("logout", "rated")]
    known = [one for one in rated.properties if one.name != "stars"]
    changed = rated.model_copy(update={"properties": (*known, stars, reason)})
    awaited = PlannedEvent(name="invited", owner="sales", a_day=(1, 30))
    return usage.report(tracking_plan=kept(TrackingPlan(events=(*others, changed, awaited))))


def test_every_difference_stands_with_its_count_and_its_owner(usage: Any, differing: AnalyticsReport) -> None:
    ratings = sum(1 for _, user in usage.happened if user[:2] in ("A-", "B-")) // 2
    rows = {
        (row.kind, row.where): (getattr(row.found, "value", None), row.of, row.owner)
        for row in differing.tracking.plan.differences
    }
    rated = rows["missing property", "rated, reason"][1]
    assert rated < ratings
    assert rows == {
        ("unknown event", "logout"): (1, 1, ""),
        ("missing property", "rated, reason"): (rated, rated, "growth"),
        ("other type", "rated, stars"): (rated, rated, "growth"),
        ("event not seen", "invited"): (30, 30, "sales"),
    }
    assert differing.tracking.plan.verdict.text.startswith("4 places differ from the plan of ")


def test_the_figures_hold_when_they_are_measured_again_and_agree_with_one_another(
    usage: Any, differing: AnalyticsReport
) -> None:
    mine = [
        fact for fact in differing.evidence.facts.values() if fact.measurement.name == "tracking_plan_check"
    ]
    evidence = differing.evidence.model_copy(update={"facts": {fact.id: fact for fact in mine}})
    verified = verify_evidence(evidence, {"events": usage.log})
    assert (verified.checked, verified.holds) == (len(mine), True)
    assert check(list(statements_of(differing))) == ()


def test_each_difference_leads_to_its_recommendation(differing: AnalyticsReport) -> None:
    advice = {item.target: item for item in differing.recommendations}
    assert advice["what sends the events"].rationale.text == "event not seen: invited"
    plan = advice["the tracking plan"]
    assert plan.snippet == "postlaunch tracking propose"
    assert plan.rationale.text == (
        "other type: rated, stars; missing property: rated, reason; unknown event: logout"
    )
    assert "personal data in events" not in advice


def test_what_looks_personal_is_to_stop_first_and_long_lists_are_cut() -> None:
    def row(kind: str, number: int = 0) -> PlanDifference:
        found = Unavailable(reason="not measured here")
        return PlanDifference(kind=kind, where=f"event-{number}", found=found, of=1, counted="")

    rows = (row("still sent"), row("personal data"), *(row("unknown event", number) for number in range(9)))
    advice = list(plan_advice(PlanCheck(verdict=Sentence(text=""), differences=rows)))
    assert [one.target for one in advice] == ["personal data in events", "the tracking plan"]
    assert advice[0].rationale.text == "still sent: event-0; personal data: event-0"
    assert advice[1].rationale.text.endswith("unknown event: event-6; and 2 more")


def test_it_is_printed_for_people_and_programs(differing: AnalyticsReport) -> None:
    assert "| event not seen | invited | 30 of 30 days without one | sales |" in render_markdown(differing)
    assert "30</a> of 30 days without one" in render_html(differing)
    assert AnalyticsReport.model_validate_json(differing.model_dump_json()) == differing


def test_a_plan_that_is_followed_asks_for_nothing(usage: Any, followed: TrackingPlan) -> None:
    report = usage.report(tracking_plan=kept(followed))
    assert report.tracking.plan.differences == ()
    assert report.tracking.plan.verdict.text.startswith("the recorded events are as the plan of ")
    assert not {"the tracking plan", "what sends the events"} & {one.target for one in report.recommendations}


def test_without_a_plan_one_line_says_how_to_make_one(november: AnalyticsReport) -> None:
    said = november.tracking.plan.verdict.text
    assert said.startswith("no tracking plan is named: make one (postlaunch tracking plan > tracking.yaml)")
    assert f"**The plan that is kept**: {said.split(':')[0]}" in render_markdown(november)


def test_a_plan_that_cannot_be_read_is_a_problem_of_the_report(usage: Any) -> None:
    broken = BrokenSource("tracking_plan", SourceError("tracking.yaml, line 3: not YAML"))
    report = usage.report(tracking_plan=broken)
    assert report.problems == ("tracking_plan: tracking.yaml, line 3: not YAML",)
    assert report.tracking.plan.verdict.text.endswith("failed: tracking.yaml, line 3: not YAML")
