"""The analytics report without events, without settings, and on windows of any length."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from postlaunch.errors import SourceError
from postlaunch.facts import Unavailable
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings_analytics import FunnelSettings
from postlaunch.sources.opening import BrokenSource
from postlaunch.windows import Window


def figure(report: AnalyticsReport, metric: str) -> Any:
    """What a key figure is, or why there is none."""
    key = next(key for key in (*report.growth, *report.time) if key.metric == metric)
    return key.this.reason if isinstance(key.this, Unavailable) else key.this.value


def test_without_events_every_section_says_so_and_nothing_has_failed(usage: Any) -> None:
    report = usage.report(events=None, tickets=None, candidates=None)
    missing = "no source of events is configured"
    assert {key.this.reason for key in (*report.growth, *report.time)} == {missing}
    assert {day.on_day.this.reason for day in report.retention} == {missing}
    assert missing in report.funnels.items[0].steps.reason
    assert missing in report.flow.steps.reason
    assert missing in report.tracking.verdict.text
    assert report.experiments.items[0].because == (missing,)
    assert "no source of tickets is configured" in report.requests.reason
    assert report.headline.standing == "not rated"
    assert report.problems == ()
    assert "OBJECTIVES NOT RATED" in render_markdown(report)
    assert "OBJECTIVES NOT RATED" in render_html(report)


def test_a_source_that_fails_is_a_problem(usage: Any) -> None:
    broken = BrokenSource("events", SourceError("the disk is gone", "mend it"))
    report = usage.report(events=broken)
    assert report.problems == ("events: the disk is gone",)
    assert figure(report, "total_users") == "the source events failed: the disk is gone"
    assert report.requests.items


def test_nothing_configured_is_said_section_by_section(usage: Any) -> None:
    report = usage.report(usage.settings.model_copy(update={"analytics": type(usage.analytics)()}))
    assert report.adoption.reason == "no feature is configured: [[analytics.features]]"
    assert report.funnels.reason == "no funnel is configured: [[analytics.funnels]]"
    assert report.experiments.reason == "no experiment is configured: [[analytics.experiments]]"
    assert report.tracking.verdict.text.startswith("nothing is configured: name the sign-up event")
    assert check(report) == ()
    assert render_html(report)


def test_a_step_that_nobody_reached_has_nobody_to_lose(usage: Any) -> None:
    funnel = FunnelSettings(title="Gap", steps=("start", "nothing", "submit"))
    report = usage.report(usage.changed(funnels=(funnel,)))
    last = report.funnels.items[0].steps.items[-1]
    assert (last.users.value, last.drop_points.value, last.drop) == (0, 0, None)
    assert "3. submit: 0 users (0%) - **0 pp drop** (0 users)" in render_markdown(report)
    assert render_html(report)


def test_events_that_name_nobody_give_no_figure_of_users(usage: Any, open_event_log: Any) -> None:
    days = [usage.window.start + timedelta(days=day) for day in range(30)]
    log = open_event_log([{"time": day.isoformat(), "event": "login", "user": None} for day in days])
    report = usage.report(usage.changed(signup_event=""), events=log, tickets=None)
    assert figure(report, "total_users").startswith("no event of a user in 2025-11")
    assert figure(report, "sessions").startswith("no session of a known user begins")
    assert figure(report, "daily_active_users").startswith("no event of a user in 2025-11")
    assert not report.series
    assert check(report) == ()


@pytest.mark.parametrize("hours", [1, 12, 24, 168, 24 * 28])
def test_any_window_is_reported_on(usage: Any, hours: int) -> None:
    end = datetime(2025, 11, 18, 15, tzinfo=UTC)
    window = Window(start=end - timedelta(hours=hours), end=end)
    report = usage.report(window=window)
    active = next(fact for fact in report.evidence.facts.values() if fact.name == "users_in_span")
    assert active.value >= 100
    assert check(report) == ()
    assert render_markdown(report)
    assert render_html(report)


def test_an_hour_without_a_whole_day_tells_who_was_there_in_it(usage: Any) -> None:
    start = datetime(2025, 11, 18, 14, tzinfo=UTC)
    report = usage.report(window=Window(start=start, end=start + timedelta(hours=1)))
    assert figure(report, "users_in_span") == 100
    assert "no complete day" in figure(report, "daily_active_users")
    assert report.stem == "analytics-2025-11-18-1400"


def test_a_month_that_the_events_do_not_reach_the_end_of_is_partial(usage: Any) -> None:
    december = usage.window.model_copy(
        update={
            "start": usage.window.start + timedelta(days=15),
            "end": usage.window.end + timedelta(days=15),
        }
    )
    assert usage.report(window=december).window.partial


def test_files_are_named_by_the_span(usage: Any, november: AnalyticsReport) -> None:
    days = Window(start=datetime(2025, 11, 3, tzinfo=UTC), end=datetime(2025, 12, 1, tzinfo=UTC))
    assert november.stem == "analytics-2025-11"
    assert usage.report(window=days).stem == "analytics-2025-11-03-28-days"
