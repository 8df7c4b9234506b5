"""What a health report takes from sources beside the request log: resources, events, the launch record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.facts import Definition
from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import escaped, render_markdown
from postlaunch.settings import Application, Settings
from postlaunch.settings_analytics import Analytics
from postlaunch.settings_sources import EventSource, FilesSource, RequestSource, Sources, TableSource
from postlaunch.tools import definitions_analytics, definitions_launch
from postlaunch.tools.definitions_analytics import SUPPORT_TICKET_RATE
from postlaunch.tools.definitions_resources import CPU, DISK, MEMORY, MEMORY_FALLS, PODS_SEEN, POOL
from postlaunch.tools.measurement import Reading, Readings
from postlaunch.windows import calendar_day, month_of, parse_week

WEEK = parse_week("2025-W47", "UTC")
EVERYTHING = Settings(
    application=Application(name="Shop", version="2.1"),
    analytics=Analytics(signup_event="signed_up"),
    sources=Sources(
        requests=RequestSource(paths=("access.log",)),
        events=EventSource(paths=("events.csv",)),
        resources=FilesSource(paths=("resources.csv",)),
        logs=FilesSource(paths=("app.log",)),
        tickets=TableSource(path="tickets.csv"),
        changes=TableSource(path="changes.csv"),
        alerts=TableSource(path="alerts.csv"),
        launch=TableSource(path="launch.yaml"),
    ),
)
MB = 1_000_000


def usage(desk: Any, p95: float = 0.5, peak: float = 0.6) -> tuple[Reading, ...]:
    """Memory and CPU of two pods."""

    def of(definition: Definition, value: float, entity: str = "application") -> Reading:
        return desk.read(definition, value, entity=entity)

    return (
        of(MEMORY.used, 198 * MB),
        of(MEMORY.limit, 512 * MB),
        of(MEMORY.share, 198 / 512),
        of(MEMORY.p95, p95),
        of(MEMORY.peak, peak),
        of(CPU.used, 0.15),
        of(CPU.limit, 0.5),
        of(CPU.share, 0.3),
        of(CPU.p95, 0.4),
        of(PODS_SEEN, 2),
        of(MEMORY.used, 200 * MB, "pod web-1"),
        of(MEMORY.limit, 512 * MB, "pod web-1"),
        of(MEMORY.share, 200 / 512, "pod web-1"),
        of(MEMORY.peak, peak, "pod web-1"),
        of(MEMORY_FALLS, 1, "pod web-1"),
        of(POOL.used, 3),
        of(POOL.peak, 1.0),
        of(POOL.used, 3, "pod web-2"),
        of(POOL.peak, 1.0, "pod web-2"),
    )


def slopes(desk: Any, slope: float, entity: str = "application") -> tuple[Reading, ...]:
    figures = ((DISK.level, 0.5), (DISK.slope, slope), (DISK.low, slope), (DISK.high, slope))
    figures = (*figures, (DISK.recent, slope))
    return tuple(desk.read(definition, value, entity=entity) for definition, value in figures)


def reported(desk: Any, **answers: Any) -> Any:
    return desk.composed(desk.bench_of(answers, EVERYTHING))


def test_resources_are_the_average_of_a_pod_and_each_pod(desk: Any) -> None:
    report = reported(desk, resource_summary=usage(desk))
    text = render_markdown(report)
    assert "- Memory: 198 MB / 512 MB (38.67%)" in text
    assert "- CPU: 15% / 50% of a core (30%)" in text
    assert "| web-1 | 39.06% | – | – | 1 |" in text
    assert "no scaling needed yet: Memory uses 50% of its limit at the 95th percentile" in text
    assert "Memory" in render_html(report)


def test_a_pool_that_was_full_is_told_and_asks_for_an_alert(desk: Any) -> None:
    report = reported(desk, resource_summary=usage(desk))
    assert [said.text for said in report.resource_remarks] == [
        "Connection pool of pod web-2: 100% of the limit in its highest sample"
    ]
    (item,) = report.recommendations
    assert item.target == "Connection pool"
    assert item.rationale.text == "all of it was in use at least once in pod web-2"


def test_a_limit_that_is_near_asks_to_scale(desk: Any) -> None:
    report = reported(desk, resource_summary=usage(desk, p95=0.9))
    assert "Scale now for the pods" in desk.actions(report)


def test_a_rise_in_a_single_pod_is_seen_beside_the_calm_of_all(desk: Any) -> None:
    trend = (*slopes(desk, 0.001), *slopes(desk, 0.1, "pod web-2"))
    report = reported(desk, resource_summary=usage(desk), resource_trend=trend)
    assert [(item.entity, item.verdict) for item in report.resources.trends] == [
        ("application", "stable"),
        ("pod web-2", "rising"),
    ]
    assert report.resources.advice == "plan"
    assert "Disk of pod web-2 rises by 10 pp a week and meets its limit in" in report.resources.scaling.text
    text = render_markdown(report)
    assert "- Disk of pod web-2 meets its limit: " in text
    assert "(forecast, " in text


def test_pods_that_move_as_all_together_do_are_not_told_apart(desk: Any) -> None:
    trend = (*slopes(desk, 0.1), *slopes(desk, 0.1, "pod web-1"), *slopes(desk, 0.0, "pod web-2"))
    report = reported(desk, resource_summary=usage(desk), resource_trend=trend)
    assert [item.entity for item in report.resources.trends] == ["application"]


def test_the_trend_is_a_verdict_that_a_model_may_dispute(desk: Any) -> None:
    bench = desk.bench_of({"resource_trend": slopes(desk, 0.1)}, EVERYTHING)
    found = MONITORING_SPECIALIST.measure(bench, desk.assigned())
    assert ("resource_trend", "Disk", "rising") in {
        (verdict.rule, verdict.subject, verdict.value) for verdict in found.verdicts
    }


def test_samples_that_give_nothing_say_why(desk: Any) -> None:
    report = reported(desk, resource_summary=Readings(reason="none of the samples in W47"))
    assert report.resources.uses.reason == "not available: none of the samples in W47"
    assert report.resources.trend.text == "not available: no resource_trend here"
    assert desk.healthy().resources.uses.reason == "not available: no resource source is configured"


def test_facts_of_single_pods_come_after_those_of_the_application(desk: Any) -> None:
    bench = desk.bench_of({"resource_summary": usage(desk)}, EVERYTHING)
    entities = [fact.entity for fact in MONITORING_SPECIALIST.measure(bench, desk.assigned()).facts]
    pods = [entity.startswith("pod ") for entity in entities]
    assert pods == sorted(pods)


# --- users and registrations ------------------------------------------------------------------------------


def test_users_and_registrations_come_from_the_log_where_it_has_them(desk: Any) -> None:
    users = (desk.read(definitions_analytics.USERS_IN_SPAN, 4711, 4000),)
    report = reported(desk, users_active_in=users)
    text = render_markdown(report)
    assert "| Active Users | 4,523 | 3,891 | +16% | ✅ ok |" in text
    assert (
        "- Active Users: distinct values of the log's user field; addresses are not users (from requests)"
    ) in text


def test_users_and_registrations_come_from_events_where_the_log_has_none_and_say_so(desk: Any) -> None:
    report = reported(
        desk,
        request_summary=desk.summary_with(without=("active_users",)),
        registrations=Readings(reason="no registration endpoint"),
        users_active_in=(desk.read(definitions_analytics.USERS_IN_SPAN, 4711, 4000),),
        user_growth=(desk.read(definitions_analytics.NEW_USERS, 892, 743),),
    )
    text = render_markdown(report)
    assert "| Active Users | 4,711 | 4,000 | +18% | ✅ ok |" in text
    assert "| New Registrations | 892 | 743 | +20% | ✅ ok |" in text
    for title, definition in (
        ("Active Users", definitions_analytics.USERS_IN_SPAN),
        ("New Registrations", definitions_analytics.NEW_USERS),
    ):
        assert f"- {title}: {escaped(definition.statement)} (from events)" in text


# --- the launch -------------------------------------------------------------------------------------------


def launched(desk: Any) -> Readings:
    at = datetime(2025, 9, 8, 6, tzinfo=UTC).timestamp()
    return Readings(
        readings=(
            desk.read(definitions_launch.LAUNCHED_AT, at),
            desk.read(definitions_launch.LAUNCH_MEAN, 98),
            desk.read(definitions_launch.LAUNCH_PODS, 3),
            desk.read(definitions_launch.LAUNCH_ALERT_RULES, 2),
        ),
        texts=({"name": "HighErrorRate"}, {"name": "PodDown"}),
    )


def test_the_week_stands_beside_the_launch(desk: Any) -> None:
    report = reported(desk, launch_baseline=launched(desk), resource_summary=usage(desk))
    rows = {row.title: row for row in report.launch.rows.items}
    assert list(rows) == ["Pods", "Avg Response Time"]
    text = render_markdown(report)
    assert "| Pods | 3 | 2 | −33% |" in text
    assert "| Avg Response Time | 98 ms | 102 ms | +4 ms (+4.1%) |" in text
    assert "- live since 2025-09-08 06:00 UTC" in text
    assert "- 2 alert rules set up: HighErrorRate, PodDown" in text
    assert "- no alert fired" in text


def test_a_metric_of_the_launch_that_is_not_measured_now_says_why(desk: Any) -> None:
    report = reported(desk, launch_baseline=launched(desk))
    pods = report.launch.rows.items[0]
    assert (pods.now.kind, pods.change) == ("unavailable", None)


def test_without_a_launch_record_the_report_says_so(desk: Any) -> None:
    report = desk.healthy()
    assert report.launch.rows.reason == "not available: no launch record is configured"
    assert "no launch record is configured" in render_markdown(report)


# --- windows of other lengths -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "title", "column"),
    [
        (WEEK, "Weekly Health Report", "This Week"),
        (month_of(WEEK.start.date(), "UTC"), "Monthly Health Report", "This Month"),
        (calendar_day(WEEK.start.date(), "UTC"), "Daily Health Report", "This Day"),
    ],
)
def test_a_report_is_called_after_its_window(desk: Any, window: Any, title: str, column: str) -> None:
    report = desk.composed(desk.bench_of({}, EVERYTHING), desk.assigned(window))
    assert report.title == title
    assert f"| Metric | {column} |" in render_markdown(report)
    assert column in render_html(report)


def test_tickets_of_a_month_are_held_against_the_weekly_target_by_the_week(desk: Any) -> None:
    month = month_of(WEEK.start.date(), "UTC")
    answers = {"support_ticket_rate": (desk.read(SUPPORT_TICKET_RATE, 30.03, 14.2),)}
    bench = desk.bench_of(answers, EVERYTHING)
    (row,) = (row for row in desk.composed(bench, desk.assigned(month)).metrics if "Tickets" in row.title)
    assert (row.title, row.this.value) == ("Support Tickets a Week", 30.03)
    of_week = desk.composed(desk.bench_of(answers, EVERYTHING)).metrics
    assert "support_ticket_rate" not in {row.metric for row in of_week}
    assert not [row for row in of_week if row.title == "Support Tickets a Week"]
