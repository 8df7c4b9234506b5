"""The product analytics report by rules alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from postlaunch.agents.analytics_specialist import ANALYTICS_SPECIALIST
from postlaunch.errors import UsageError
from postlaunch.facts import Derived, Measured, Unavailable, measured_in
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings import Capacity
from postlaunch.settings_analytics import Benchmark, FeatureSettings, FunnelSettings
from postlaunch.settings_gate import Gate
from postlaunch.sources.candidates import CandidateTable
from postlaunch.sources.costs import CostLine, CostTable
from postlaunch.sources.deployments import DeployedItem, DeploymentTable
from postlaunch.sources.launch import BusinessMetric, LaunchRecord, LaunchSource
from postlaunch.sources.tickets import Ticket, TicketTable
from postlaunch.tools.measurement import REGISTRY
from postlaunch.tools.verifying import verify_evidence
from postlaunch.windows import Window, iso_week_of, month_of


def figure(report: AnalyticsReport, metric: str) -> Any:
    """What a key figure is, or why there is none."""
    key = next(key for key in (*report.growth, *report.time) if key.metric == metric)
    return key.this.reason if isinstance(key.this, Unavailable) else key.this.value


def statuses(report: AnalyticsReport) -> dict[str, str]:
    return {row.title: row.status for row in report.business}


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


# --- business, tracking, headline -----------------------------------------------------------------------


def went_live(*days: float) -> DeploymentTable:
    """Items that were approved on 10 November and went live so many days later."""
    approved = datetime(2025, 11, 10, tzinfo=UTC)
    items = tuple(
        DeployedItem(
            handoff=f"H{place}",
            item=f"item-{place}",
            title=f"Item {place}",
            phase=3,
            approved_at=approved,
            deployed_at=approved + timedelta(days=taken),
            version="1.1.0",
        )
        for place, taken in enumerate(days)
    )
    return DeploymentTable.of(items, 0)


@pytest.mark.parametrize(
    ("days", "value", "status"),
    [((2, 4, 15), 4.0, "ok"), ((12, 13, 18), 13.0, "warning"), ((15, 16), 15.5, "missed"), ((1,), 1.0, "ok")],
)
def test_the_time_from_approval_to_live_is_rated_against_its_objective(
    usage: Any, days: tuple[float, ...], value: float, status: str
) -> None:
    report = usage.report(deployments=went_live(*days))
    [row] = [row for row in report.business if row.metric == "time_to_deploy"]
    assert (row.this.value, row.n, row.status) == (value, len(days), status)
    assert [item.outcome for item in report.realised.items] == ["not measured"] * len(days)


def test_objectives_are_rated_as_the_rows_of_health_are(november: AnalyticsReport) -> None:
    assert statuses(november) == {
        "User growth, monthly": "missed",
        "Day-30 retention": "missed",
        "Support tickets a week": "ok",
        "Cost per user, monthly": "not available",
        "Time to deploy enhancements": "not available",
        "Adoption of Registration": "ok",
        "Adoption of Dashboard": "missed",
        "Adoption of Role Assignment (Admin)": "missed",
    }
    assert november.headline.standing == "missed"
    assert november.headline.know[0].text.startswith("4 of 6 objectives missed (User growth, monthly: 5.55%")


def test_the_cost_of_a_user_is_that_of_a_month_by_its_active_users(usage: Any) -> None:
    days = (date(2025, 11, 1) + timedelta(days=n) for n in range(30))
    lines = tuple(CostLine(day=day, service="pods", amount=20) for day in days)
    table = CostTable(fingerprint="f", lines=lines)
    row = next(row for row in usage.report(costs=table).business if row.metric == "cost_per_user")
    assert row.this.value == pytest.approx(20 * 365.2425 / 12 / 951)
    assert (row.status, row.last.kind) == ("missed", "unavailable")
    assert row.because.text == "$0.64 misses the target of < $0.50"
    assert row.this.kind == "derived"
    assert row.definition.startswith("cost a month ÷ users active in the month; sum of the cost lines")


def test_without_a_bill_or_active_users_nothing_costs_nothing(usage: Any, november: AnalyticsReport) -> None:
    row = next(row for row in november.business if row.metric == "cost_per_user")
    assert (row.status, row.because.text) == ("not available", "no source of costs is configured")


def test_the_growth_of_a_week_is_rated_over_the_objectives_thirty_days(usage: Any) -> None:
    week = iso_week_of(datetime(2025, 11, 10, tzinfo=UTC).date(), "UTC")
    report = usage.report(window=week)
    row = next(row for row in report.business if row.metric == "user_growth")
    assert isinstance(row.this, Measured)
    assert report.fact(row.this.fact).window.hours == 30 * 24
    assert figure(report, "user_growth") != row.this.value
    assert "Oct 18 – Nov 16, 2025" in row.definition


def test_what_is_configured_and_never_seen_is_named(usage: Any) -> None:
    funnel = FunnelSettings(title="Misspelt", steps=("view_register", "sart"))
    report = usage.report(usage.changed(funnels=(funnel,)))
    assert report.tracking.events.items[0].event == "sart"
    assert report.tracking.events.items[0].status == "never seen"
    assert report.tracking.verdict.text.startswith("1 of 8 configured events is never seen: sart; ")
    unused = [event.event for event in report.tracking.events.items if event.status == "not used"]
    assert unused == ["start", "submit", "logout"]
    assert any(item.target == "what is tracked" for item in report.recommendations)


def test_the_events_of_an_experiment_outside_the_span_are_neither_missed_nor_of_no_use(usage: Any) -> None:
    (plan,) = usage.settings.analytics.experiments
    changed = usage.changed(experiments=(plan.model_copy(update={"exposure_event": "misspelt"}),))
    october = usage.report(changed, window=month_of(date(2025, 10, 1), "UTC"))
    assert october.tracking.verdict.text.startswith("every one of the ")
    assert {"misspelt", "form_sent", "rated"}.isdisjoint(item.event for item in october.tracking.events.items)
    assert {item.event for item in october.tracking.properties} == {"assign_role"}
    assert not any(item.target == "what is tracked" for item in october.recommendations)
    early = {"start": date(2025, 10, 1), "end": date(2025, 10, 15)}
    after = usage.report(usage.changed(experiments=(plan.model_copy(update=early),)))
    (sent,) = (item for item in after.tracking.events.items if item.event == "form_sent")
    assert sent.status == "seen"
    assert sent.used_for[0] == "experiment Login form layout, outside the span"


def test_a_property_that_an_experiment_needs_is_looked_for(november: AnalyticsReport) -> None:
    found = {(item.event, item.property): item.status for item in november.tracking.properties}
    assert found == {
        ("assign_role", "role"): "filled",
        ("form_shown", "variant"): "filled",
        ("form_shown", "experiment"): "filled",
        ("form_sent", "seconds"): "filled",
        ("rated", "stars"): "filled",
    }


def test_the_first_line_says_what_to_know_what_changed_and_what_to_decide(november: AnalyticsReport) -> None:
    headline = november.headline
    assert [said.text for said in headline.know[1:]] == [
        "Login form layout: rollback (Conversion Rate is worse in B)",
        "funnel Registration loses most before Submit form: 30 users, 28.85 pp",
    ]
    assert headline.since == "2025-10"
    assert headline.changed[0].text == "Monthly Active Users 900 → 951 (+5.7%)"
    assert headline.decide[0].text == (
        "Login form layout: Keep A (standard vertical layout); the test ended Nov 15"
    )
    assert headline.decides == "the product manager"


def test_who_decides_is_who_the_settings_name(usage: Any) -> None:
    settings = usage.settings.model_copy(update={"gate": Gate(approvers=("Ada",))})
    assert usage.report(settings).headline.decides == "Ada"


def test_the_launch_record_gives_the_day_it_went_live_and_what_success_is(usage: Any) -> None:
    record = LaunchRecord(
        launched_at=datetime(2025, 8, 1, tzinfo=UTC),
        business_metrics=(BusinessMetric(name="Sign-ups", target="500 a month"),),
    )
    report = usage.report(launch=LaunchSource(record=record, fingerprint="f"))
    assert report.live_since == record.launched_at
    assert [said.text for said in report.declared] == ["Sign-ups: 500 a month"]
