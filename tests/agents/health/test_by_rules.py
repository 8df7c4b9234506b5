"""The weekly health report by rules alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings import Party, Settings
from postlaunch.settings_gate import Gate
from postlaunch.settings_sources import RequestSource, Sources
from postlaunch.tools import definitions_request_groups as group_definitions
from postlaunch.tools import definitions_requests as definitions
from postlaunch.tools.measurement import Readings
from postlaunch.windows import Window, parse_day, parse_month, parse_week

WEEK = parse_week("2025-W47", "UTC")
SETTINGS = Settings(sources=Sources(requests=RequestSource(paths=("access.log",))))


def test_a_week_with_every_objective_met_is_excellent_and_asks_for_nothing(desk: Any) -> None:
    report = desk.healthy()
    assert report.headline.grade == "EXCELLENT"
    assert report.headline.do.text == "nothing now: no threshold was crossed"
    assert report.recommendations == ()
    assert report.provenance.reason == "no model is configured"


def test_rows_stand_in_the_specifications_order_before_ours(desk: Any) -> None:
    assert [row.title for row in desk.healthy().metrics][:6] == [
        "Uptime",
        "Avg Response Time",
        "95th Percentile",
        "Error Rate",
        "Active Users",
        "New Registrations",
    ]


def test_users_and_registrations_change_relatively(desk: Any) -> None:
    text = render_markdown(desk.healthy())
    assert "| Active Users | 4,523 | 3,891 | +16% | ✅ ok |" in text
    assert "| New Registrations | 892 | 743 | +20% | ✅ ok |" in text


def test_what_is_compared_in_the_first_report_is_last_week(desk: Any) -> None:
    headline = desk.healthy().headline
    assert headline.since == "last week (the first report)"
    assert headline.changed[0].text == "Error Rate 0.04% → 0.05% (+0.01 pp)"


def test_a_partial_week_is_compared_with_the_same_part_of_last_week(desk: Any) -> None:
    part = WEEK.cut(WEEK.start + timedelta(days=3))
    report = desk.composed(desk.bench_of(), desk.assigned(part))
    assert report.headline.since == "the same part of last week (the first report)"


@pytest.mark.parametrize(
    ("window", "stem", "since", "told"),
    [
        (WEEK, "weekly-health-2025-W47", "last week (the first report)", "1 incident in the week"),
        (
            parse_month("2025-11", "UTC"),
            "monthly-health-2025-11",
            "last month (the first report)",
            "1 incident in the month",
        ),
        (
            parse_day("2025-11-18", "UTC"),
            "daily-health-2025-11-18",
            "the day before (the first report)",
            "1 incident in the day",
        ),
        (
            Window(start=WEEK.start, end=WEEK.start + timedelta(days=3)),
            "health-2025-11-17",
            "the span before (the first report)",
            "1 incident in the span",
        ),
    ],
    ids=["week", "month", "day", "span"],
)
def test_file_and_first_lines_call_the_window_what_it_is(
    desk: Any, window: Window, stem: str, since: str, told: str
) -> None:
    places = (desk.read(group_definitions.ENDPOINT_ERRORS, 60, entity="PUT /users/:id"),)
    report = desk.composed(desk.bench_of({"error_endpoints": places}), desk.assigned(window))
    spell = desk.bench_of({"incidents_seen": desk.spell(WEEK.start + timedelta(days=1, hours=2))})
    assert (report.stem, report.headline.since) == (stem, since)
    assert desk.composed(spell, desk.assigned(window)).headline.changed[-1].text.startswith(told)
    assert report.headline.do.text.startswith("Fix the server errors for PUT /users/:id (60 of the ")
    assert f"60 of the {report.period}'s 60" in report.headline.do.text


def test_the_last_report_is_what_the_next_is_compared_with(desk: Any) -> None:
    before = desk.healthy().model_copy(update={"window": WEEK.before()})
    worse = desk.summary_with(desk.read(definitions.P95_RESPONSE_TIME, 312, 148))
    bench = desk.bench_of({"request_summary": worse})
    headline = desk.composed(bench, desk.assigned(previous=before.model_dump(mode="json"))).headline
    assert headline.since == "the last report (2025-W46)"
    assert [line.text for line in headline.changed] == [
        "grade EXCELLENT → POOR",
        "95th Percentile 150 ms → 312 ms (ok → missed)",
    ]


def test_a_last_report_that_cannot_be_read_counts_as_none(desk: Any) -> None:
    report = desk.composed(desk.bench_of(), desk.assigned(previous="run-17"))
    assert "first report" in report.headline.since


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({}, "the on-call engineer"),
        ({"roster": (Party(name="Ada", kind="person", approver=True), Party(name="Bob"))}, "Ada"),
        ({"gate": Gate(approvers=("Cid", "Dee"))}, "Cid, Dee"),
    ],
)
def test_who_decides_is_who_the_settings_name(desk: Any, changes: dict[str, Any], who: str) -> None:
    report = desk.composed(desk.bench_of({}, SETTINGS.model_copy(update=changes)))
    assert report.headline.decides == who


def test_without_any_source_every_section_says_so_and_nothing_is_graded(desk: Any) -> None:
    report = desk.composed(desk.bench_of(sources={}))
    assert report.headline.grade == "NOT GRADED"
    assert all(row.status == "not available" for row in report.metrics)
    for listing in (report.incidents, report.downtime, report.top_endpoints, report.errors, report.slowest):
        assert "no source of requests is configured" in listing.reason
    assert report.problems == ()
    assert "NOT GRADED" in render_markdown(report)
    assert "NOT GRADED" in render_html(report)


def test_a_source_that_fails_is_a_problem_and_not_good_news(desk: Any) -> None:
    report = desk.composed(desk.failing("the disk is gone"))
    assert report.problems == ("requests: the disk is gone",)
    assert report.incidents.reason == "not available: the source requests failed: the disk is gone"
    assert report.headline.grade == "NOT GRADED"


def test_a_log_without_a_probe_gives_availability_and_no_uptime(desk: Any) -> None:
    report = desk.healthy(uptime=Readings(reason="no probe: the log is a sample"))
    rows = {row.title: row for row in report.metrics}
    assert rows["Uptime"].because.text == "no probe: the log is a sample"
    assert rows["Availability (by requests)"].status == "not available"
    assert report.downtime.reason == "not available: no probe: the log is a sample"
    assert report.unmeasured == ("Uptime",)
    assert report.headline.grade == "GOOD"


def test_availability_is_not_printed_beside_uptime(desk: Any) -> None:
    assert "availability" not in {row.metric for row in desk.healthy().metrics}


def test_a_log_without_response_times_asks_for_them_with_the_lines_to_paste(desk: Any) -> None:
    summary = desk.summary_with(without=("mean_response_time", "p95_response_time"))
    report = desk.healthy(request_summary=summary)
    item = next(item for item in report.recommendations if "request time" in item.action.text)
    assert "$request_time" in item.snippet
    assert "%D" in item.snippet
    assert report.headline.grade == "GOOD"


@pytest.mark.parametrize(("rejected", "asked"), [(1_200, False), (1_201, True)])
def test_lines_that_do_not_parse_count_above_one_percent(desk: Any, rejected: int, asked: bool) -> None:
    quality = (desk.read(definitions.LINES_READ, 120_000), desk.read(definitions.LINES_REJECTED, rejected))
    found = "Correct the format or the field mapping for the request log" in desk.actions(
        desk.healthy(log_quality=quality)
    )
    assert found is asked


@pytest.mark.parametrize(("failures", "asked"), [(29, False), (30, True)])
def test_an_endpoint_with_half_of_the_server_errors_is_to_be_fixed(
    desk: Any, failures: int, asked: bool
) -> None:
    places = (
        desk.read(group_definitions.ENDPOINT_ERRORS, failures, entity="PUT /users/:id"),
        desk.read(group_definitions.ENDPOINT_ERROR_RATE, 0.01, entity="PUT /users/:id"),
    )
    report = desk.healthy(error_endpoints=places)
    assert ("Fix the server errors for PUT /users/:id" in desk.actions(report)) is asked


def test_three_server_errors_are_no_cluster(desk: Any) -> None:
    statuses = (desk.read(group_definitions.STATUS_COUNT, 3, entity="500 Internal Server Error"),)
    places = (desk.read(group_definitions.ENDPOINT_ERRORS, 3, entity="GET /x"),)
    assert desk.actions(desk.healthy(errors_by_type=statuses, error_endpoints=places)) == []


def test_the_action_line_names_statuses_endpoint_and_share_and_leaves_the_trigger(
    desk: Any,
) -> None:
    texts = [said.text for said in desk.healthy().action]
    assert texts[0] == (
        "Investigate the server errors (500 Internal Server Error, 503 Service Unavailable): "
        "they are spread; the greatest part, 20 of 60 (33.33%), comes from PUT /users/:id"
    )
    assert texts[-1] == "trigger: not written: needs a model"


def test_an_endpoint_over_the_target_is_to_be_optimised(desk: Any) -> None:
    slow = (
        desk.read(group_definitions.ENDPOINT_MEAN_RESPONSE_TIME, 245, entity="PUT /users/:id"),
        desk.read(group_definitions.ENDPOINT_REQUESTS, 5_000, entity="PUT /users/:id"),
    )
    assert desk.actions(desk.healthy(slowest_endpoints=slow)) == [
        "Optimise the response time for PUT /users/:id"
    ]


def test_a_missed_target_names_the_slowest_endpoint_and_warnings_are_one_item(desk: Any) -> None:
    summary = desk.summary_with(
        desk.read(definitions.P95_RESPONSE_TIME, 312, 148), desk.read(definitions.ERROR_RATE, 0.0041, 0.0005)
    )
    assert desk.actions(desk.healthy(request_summary=summary)) == [
        "Get back to the target of < 200 ms, beginning with PUT /users/:id for 95th Percentile",
        "Watch the warnings for Error Rate",
    ]
