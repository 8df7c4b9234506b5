"""The product analytics report by rules alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from postlaunch.agents.analytics_specialist import ANALYTICS_SPECIALIST
from postlaunch.errors import UsageError
from postlaunch.facts import Derived, Unavailable, measured_in
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings import Capacity
from postlaunch.settings_analytics import Benchmark, FeatureSettings, FunnelSettings
from postlaunch.sources.candidates import CandidateTable
from postlaunch.sources.tickets import Ticket, TicketTable
from postlaunch.tools.measurement import REGISTRY
from postlaunch.tools.verifying import verify_evidence
from postlaunch.windows import Window, iso_week_of


def figure(report: AnalyticsReport, metric: str) -> Any:
    """What a key figure is, or why there is none."""
    key = next(key for key in (*report.growth, *report.time) if key.metric == metric)
    return key.this.reason if isinstance(key.this, Unavailable) else key.this.value


def test_its_tools_and_measurements_are_registered() -> None:
    assert set(ANALYTICS_SPECIALIST.tools) <= set(REGISTRY.entries)


def test_an_assignment_without_a_window_is_refused(usage: Any) -> None:
    assignment = usage.assigned().model_copy(update={"window": None})
    with pytest.raises(UsageError, match="over a span of time"):
        ANALYTICS_SPECIALIST.measure(usage.bench(), assignment)


def test_the_report_survives_its_json_and_does_not_contradict_itself(november: AnalyticsReport) -> None:
    assert AnalyticsReport.model_validate_json(november.model_dump_json()) == november
    assert len(measured_in(november)) > 100
    assert check(november) == ()


def test_every_figure_is_measured_again_as_it_was(usage: Any, november: AnalyticsReport) -> None:
    done = verify_evidence(november.evidence, usage.bench().sources)
    assert done.checked == len(november.evidence.facts)
    assert done.holds


# --- users ----------------------------------------------------------------------------------------------


def test_growth_counts_users_and_never_visitors(november: AnalyticsReport) -> None:
    assert figure(november, "total_users") == 951
    assert figure(november, "new_users") == 50
    assert figure(november, "monthly_active_users") == 951
    assert figure(november, "user_growth") == 50 / 901


def test_monthly_active_users_are_a_share_of_all_users(november: AnalyticsReport) -> None:
    key = next(key for key in november.growth if key.metric == "monthly_active_users")
    assert isinstance(key.share, Derived)
    assert (key.share.value, key.share_of) == (1.0, "total users")


def test_where_the_active_are_not_all_among_the_users_no_share_is_made_up(usage: Any) -> None:
    report = usage.report(usage.changed(signup_event="login", visitor_events=()))
    key = next(key for key in report.growth if key.metric == "monthly_active_users")
    assert key.share is not None
    assert key.share.kind == "unavailable"
    assert "visitor_events" in key.share.reason
    assert check(report) == ()


def test_retention_is_of_those_whose_day_lies_in_the_month(november: AnalyticsReport) -> None:
    day_1, day_7, day_30 = november.retention
    assert (day_1.on_day.this.value, day_1.on_day.n) == (0.5, 50)
    assert (day_7.on_day.this.value, day_7.on_day.n) == (0.0, 50)
    assert (day_30.on_day.this.value, day_30.unbounded.this.value, day_30.on_day.n) == (0.0, 1.0, 900)


def test_a_cohort_that_is_too_young_is_not_yet_observable(usage: Any) -> None:
    first_days = Window(start=datetime(2025, 9, 1, tzinfo=UTC), end=datetime(2025, 9, 20, tzinfo=UTC))
    report = usage.report(window=first_days)
    day_30 = report.retention[2].on_day.this
    assert isinstance(day_30, Unavailable)
    assert day_30.reason.startswith("not yet observable: nobody is known who joined")
    assert "Day 30: not available: not yet observable" in render_markdown(report)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ((), "no benchmark is configured ([[analytics.benchmarks]])"),
        ((("day_1_retention", 0.3),), "above the benchmark in the one figure compared"),
        ((("day_1_retention", 0.6),), "below the benchmark in the one figure compared"),
        ((("day_1_retention", 0.5),), "at the benchmark or above in the one figure compared"),
        (
            (("day_1_retention", 0.3), ("day_7_retention", 0.2), ("stickiness", 0.2)),
            "mostly below the benchmark in the 3 figures compared (1 better, 2 worse)",
        ),
        (
            (("no_such_figure", 1.0),),
            "not available: no figure that a benchmark is declared for was measured",
        ),
    ],
)
def test_the_benchmarks_verdict_is_of_what_is_declared(usage: Any, declared: Any, said: str) -> None:
    items = tuple(Benchmark(metric=metric, value=value, source="a survey") for metric, value in declared)
    report = usage.report(usage.changed(benchmarks=items))
    assert report.benchmarks.verdict.text == said
    assert all(row.benchmark.kind == "assumed" for row in report.benchmarks.rows)


def test_growth_and_retention_stand_against_their_objectives_too(november: AnalyticsReport) -> None:
    assert [said.text for said in november.benchmarks.objectives] == [
        "User growth, monthly: 5.55% misses the objective of 10%",
        "Day-30 retention: 0% misses the objective of 40%",
    ]


def test_adoption_is_of_the_audience_that_the_feature_has(november: AnalyticsReport) -> None:
    everyone, dashboard, admins = november.adoption.items
    assert (everyone.rate.value, everyone.audience.value) == (1.0, 951)
    assert dashboard.users.value == 125
    assert (admins.users.value, admins.audience.value, admins.audience_name) == (12, 20, "admins")
    assert admins.status == "missed"


def test_a_feature_whose_event_never_comes_has_no_rate(usage: Any) -> None:
    report = usage.report(usage.changed(features=(FeatureSettings(title="Export", event="exprt"),)))
    row = report.adoption.items[0]
    assert row.status == "not available"
    assert row.because.text == 'no event is called "exprt"'


# --- funnels --------------------------------------------------------------------------------------------


def test_a_funnel_gives_users_shares_and_both_kinds_of_drop(november: AnalyticsReport) -> None:
    steps = november.funnels.items[0].steps.items
    assert [step.users.value for step in steps] == [104, 90, 60, 50, 45]
    assert steps[0].label == "Visit /register"
    assert steps[2].drop_points.value == 30 / 104
    assert steps[2].drop.value == 30 / 90
    assert steps[0].in_progress.value == 4


def test_the_whole_drop_is_of_users_and_leaves_out_who_may_still_come(november: AnalyticsReport) -> None:
    funnel = november.funnels.items[0]
    assert (funnel.whole_drop.value, funnel.whole_dropped.value) == (55 / 104, 55)
    assert funnel.whole_in_progress.value == 4
    assert funnel.opportunity.text == (
        "52.88% drop from Visit /register to First login (55 of 104 users); 4 are still under way"
    )


def test_each_step_that_loses_enough_gets_an_action_the_worst_first(usage: Any) -> None:
    report = usage.report(usage.changed(drop_attention=0.09))
    actions = report.funnels.items[0].actions.items
    assert [action.event for action in actions] == ["submit", "start", "signed_up"]
    assert actions[0].action.text.startswith("Find out why 30 users who reach Start form do not go on")
    assert [said.text for said in actions[0].cause] == ["not written: needs a model"]


def test_a_funnel_that_loses_little_asks_for_nothing(usage: Any) -> None:
    report = usage.report(usage.changed(drop_attention=0.5))
    assert report.funnels.items[0].actions.reason == "None: no step loses 50% of those who entered"


@pytest.mark.parametrize("mode", ["first_entry", "step_window", "same_session", "strict_order", "any_order"])
def test_every_mode_is_reported_and_named(usage: Any, mode: Any) -> None:
    funnel = FunnelSettings(title="Form", steps=("view_register", "start", "submit"), mode=mode)
    report = usage.report(usage.changed(funnels=(funnel,)))
    assert report.funnels.items[0].semantics in render_markdown(report).replace("\\", "")
    assert check(report) == ()


def test_steps_of_one_event_are_told_apart_by_their_place(usage: Any) -> None:
    funnel = FunnelSettings(title="Twice", steps=("dashboard", "dashboard"))
    report = usage.report(usage.changed(funnels=(funnel,)))
    labels = [step.label for step in report.funnels.items[0].steps.items]
    assert labels == ["View Dashboard (step 1)", "View Dashboard (step 2)"]


def test_a_funnel_that_nobody_entered_says_so(usage: Any) -> None:
    funnel = FunnelSettings(title="Nothing", steps=("no", "such"))
    report = usage.report(usage.changed(funnels=(funnel,)))
    assert 'no user with the event "no"' in report.funnels.items[0].steps.reason
    assert report.funnels.items[0].whole_drop.kind == "unavailable"


# --- what people do and ask for -------------------------------------------------------------------------


def test_the_flow_stands_in_the_order_in_which_it_comes(november: AnalyticsReport) -> None:
    places = [step.place.value for step in november.flow.steps.items]
    assert places == sorted(places)
    assert "form_shown → form_sent → rated" in november.flow.path.text


def test_what_people_ask_for_is_ranked_and_recommended_for_the_named_sprint(
    november: AnalyticsReport,
) -> None:
    assert [(item.label, item.requesters.value) for item in november.requests.items] == [
        ("Password Reset via SMS", 60),
        ("dark mode", 20),
    ]
    assert [said.text.split(" (")[0] for said in november.request_advice] == [
        "add Password Reset via SMS to the backlog of Sprint 4",
        "make a candidate item of dark mode first",
    ]


@pytest.mark.parametrize(
    ("parameters", "capacity", "sprint"),
    [
        ({}, Capacity(), "the next sprint"),
        ({}, Capacity(next_sprint=7), "Sprint 7"),
        ({"sprint": 9}, None, "Sprint 9"),
    ],
)
def test_the_sprint_is_the_assigned_one_or_that_of_the_settings(
    usage: Any, parameters: Any, capacity: Any, sprint: str
) -> None:
    settings = usage.settings.model_copy(update={"capacity": capacity})
    assert usage.report(settings, parameters=parameters).sprint == sprint


def test_a_request_of_a_few_is_listed_and_not_recommended(usage: Any) -> None:
    report = usage.report(usage.changed(request_share=0.9))
    assert len(report.requests.items) == 2
    assert report.request_advice[0].text == "none: nothing is asked for by 90% of those who ask"


def test_requests_are_those_known_at_the_spans_end(usage: Any) -> None:
    first_week = iso_week_of(datetime(2025, 11, 3, tzinfo=UTC).date(), "UTC")
    report = usage.report(window=first_week)
    assert report.requests.items[0].requesters.value == 24
    assert "Nov 1–9, 2025" in report.request_span


def test_tickets_that_begin_later_are_none(usage: Any) -> None:
    october = Window(start=datetime(2025, 10, 1, tzinfo=UTC), end=datetime(2025, 10, 15, tzinfo=UTC))
    report = usage.report(window=october)
    assert report.requests.items == ()
    assert report.requests.reason.startswith("not available")


def test_people_who_ask_each_for_something_else_are_told_of(usage: Any) -> None:
    wishes = ("Please add a dark mode", "I wish I could export invoices", "I would love a calendar sync")
    asked = tuple(
        Ticket(id=f"{n}", created_at=datetime(2025, 11, 30, n, tzinfo=UTC), requester=f"p{n}", text=wish)
        for n, wish in enumerate(wishes)
    )
    nothing = CandidateTable(fingerprint="none", items=())
    report = usage.report(tickets=TicketTable(fingerprint="three", tickets=asked), candidates=nothing)
    assert report.requests.reason == "3 requests, none of which two people share"
    assert report.request_advice[0].text == "none: 3 requests, none of which two people share"
