"""The monthly report by rules: business metrics against their objectives, what is tracked, the first line."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from postlaunch.facts import Measured
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.settings_analytics import FunnelSettings
from postlaunch.settings_gate import Gate
from postlaunch.sources.costs import CostLine, CostTable
from postlaunch.sources.deployments import DeployedItem, DeploymentTable
from postlaunch.sources.launch import BusinessMetric, LaunchRecord, LaunchSource
from postlaunch.windows import iso_week_of, month_of


def statuses(report: AnalyticsReport) -> dict[str, str]:
    return {row.title: row.status for row in report.business}


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
    of_the_week = next(key.this for key in report.growth if key.metric == "user_growth")
    assert of_the_week.value != row.this.value
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
