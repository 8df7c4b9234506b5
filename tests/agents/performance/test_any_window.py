"""The performance report on any window and with any source missing; what it hands on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from postlaunch.errors import SourceError
from postlaunch.facts import Forecast, Measured, Unavailable
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.performance import PerformanceReport
from postlaunch.sources.opening import BrokenSource
from postlaunch.windows import Window, calendar_day, iso_week_of, month_of


@pytest.fixture(scope="module")
def short(desk: Any, candidates: str) -> Any:
    """Four weeks of a small application, to be looked at through other windows."""
    return desk.bench(desk.application(weeks=4, busy=12, candidates=candidates))


DAY = date(2025, 10, 15)


@pytest.mark.parametrize(
    "window",
    [
        Window(start=datetime(2025, 10, 15, 9, tzinfo=UTC), end=datetime(2025, 10, 15, 10, tzinfo=UTC)),
        calendar_day(DAY, "UTC"),
        iso_week_of(DAY, "UTC"),
        iso_week_of(DAY, "UTC").cut(datetime(2025, 10, 15, 12, tzinfo=UTC)),
        month_of(DAY, "UTC"),
        Window(start=datetime(2025, 10, 3, 7, tzinfo=UTC), end=datetime(2025, 10, 26, 3, tzinfo=UTC)),
    ],
    ids=["an hour", "a day", "a week", "a week not over", "a month", "days across weeks"],
)
def test_any_window_gives_a_report_and_says_where_it_is_too_short(
    desk: Any, short: Any, window: Window
) -> None:
    report = desk.composed(short, desk.assigned(window))
    assert report.window == window
    assert report.trend.shape in ("not enough data", "none", "ramp", "step")
    whole_weeks = [week.label for week in report.weeks.items]
    if not whole_weeks:
        assert report.weeks.reason.startswith("not enough data: ")
    if window.hours < 21 * 24:
        assert report.trend.shape == "not enough data"
        assert report.conclusion.text.startswith("no trend can be told: not enough data")
    assert report.headline.do.text
    assert check(report) == ()


def test_a_month_is_headed_by_its_name(desk: Any, short: Any) -> None:
    report = desk.composed(short, desk.assigned(month_of(DAY, "UTC")))
    assert (report.is_month, report.span_text) == (True, "October 2025")
    assert report.weeks.items[0].label == "2025-W41"


def test_a_window_without_requests_says_so_everywhere(desk: Any, short: Any) -> None:
    later = Window(start=datetime(2026, 3, 2, tzinfo=UTC), end=datetime(2026, 4, 27, tzinfo=UTC))
    report = desk.composed(short, desk.assigned(later))
    assert report.trend.shape == "not available"
    assert report.opportunities.items == ()
    assert isinstance(report.capacity.at(3).peak, Unavailable)
    assert isinstance(report.cost.total, Unavailable)
    assert report.problems == ()


@pytest.mark.parametrize("missing", ["requests", "resources", "costs", "changes"])
def test_without_a_source_its_figures_are_not_available_and_the_rest_stands(desk: Any, missing: str) -> None:
    sources = tuple(name for name in ("requests", "resources", "costs", "changes") if name != missing)
    report = desk.report(desk.application(weeks=4, busy=12, sources=sources), desk.assigned(desk.weeks(4)))
    assert report.problems == ()
    assert report.notes[-1].text.startswith("no source is configured for: ")
    assert (report.trend.shape == "not available") is (missing == "requests")
    assert isinstance(report.capacity.current.pods, Unavailable) is False
    assert isinstance(report.capacity.current.per_pod, Unavailable) is (missing in ("requests", "resources"))
    assert isinstance(report.cost.total, Unavailable) is (missing == "costs")
    if missing != "requests":
        assert isinstance(report.capacity.at(3).peak, Forecast)
    assert check(report) == ()


def test_without_any_source_the_report_says_what_each_would_need(desk: Any) -> None:
    report = desk.report(desk.application(weeks=1, busy=1, sources=()))
    assert isinstance(report.capacity.current.pods, Unavailable)
    assert "[sources.resources]" in report.capacity.current.pods.remedy
    assert "[sources.costs]" in report.cost.total.remedy  # type: ignore[union-attr]
    assert report.headline.do.text == "nothing now: no threshold was crossed"


@pytest.mark.parametrize("broken", ["requests", "resources", "costs", "changes"])
def test_a_source_that_fails_is_a_problem_and_does_not_lose_the_report(
    desk: Any, short: Any, broken: str
) -> None:
    sources = {**short.sources, broken: BrokenSource(broken, SourceError("the disk is gone"))}
    bench = type(short)(**{**vars(short), "sources": sources})
    found = desk.findings(bench, desk.assigned(desk.weeks(4)))
    assert found.problems == (f"{broken}: the disk is gone",)
    report = PerformanceReport.model_validate(found.draft)
    assert report.problems == found.problems
    assert "the disk is gone" in report.model_dump_json()


def test_a_log_without_response_times_is_told_how_to_get_them(desk: Any) -> None:
    report = desk.report(desk.application(weeks=4, busy=12, timed=False), desk.assigned(desk.weeks(4)))
    assert report.trend.because.text == "the log has no response times"
    assert report.opportunities.reason.startswith("not available: ")
    assert [item.action.text for item in report.recommendations if item.snippet] == ["Log the request time"]
    assert isinstance(report.capacity.at(3).peak, Forecast)


# --- what it hands on -------------------------------------------------------------------------------------


def test_a_model_and_a_colleague_see_load_and_effort_first(desk: Any, short: Any) -> None:
    found = desk.findings(short, desk.assigned(desk.weeks(4)))
    names = [fact.name for fact in found.facts]
    assert {"load_share", "effort_days"} <= set(names[:60])
    assert not [name for name in names if name.startswith(("day_hour", "day_mean"))]
    assert "cache-users" in found.names
    assert {verdict.rule for verdict in found.verdicts} == {"trend", "factor", "opportunity", "scaling"}


def test_a_consult_of_an_hour_still_knows_load_and_effort(desk: Any, short: Any) -> None:
    hour = Window(start=datetime(2025, 10, 15, 13, tzinfo=UTC), end=datetime(2025, 10, 15, 14, tzinfo=UTC))
    names = [fact.name for fact in desk.findings(short, desk.assigned(hour)).facts]
    assert {"load_share", "load_share_of_requests", "effort_days"} <= set(names[:40])


def test_committed_items_are_left_alone(desk: Any, short: Any) -> None:
    report = desk.composed(short, desk.assigned(desk.weeks(4), committed=["cache-users"], sprint=7))
    one = report.opportunities.items[0]
    assert (one.endpoint, one.candidate, one.sprint) == ("GET /users", "", 7)


def test_the_span_before_the_data_changes_is_measured_as_of_then(desk: Any, short: Any) -> None:
    early = Window(start=datetime(2025, 9, 29, tzinfo=UTC), end=datetime(2025, 10, 13, tzinfo=UTC))
    report = desk.composed(short, desk.assigned(early))
    growth = report.capacity.growth.per_week
    assert isinstance(growth, Unavailable)
    assert growth.reason == "not enough data: 2 whole weeks with requests on every day, 4 needed"
    assert timedelta(days=30) == report.evidence.facts[report.cost.total.fact].window.end - (  # type: ignore[union-attr]
        report.evidence.facts[report.cost.total.fact].window.start  # type: ignore[union-attr]
    )


def test_a_month_that_is_not_over_has_the_weeks_that_are(desk: Any, short: Any) -> None:
    """The log ends seconds before midnight of a Sunday: that week is whole, its pods are those of now."""
    report = desk.composed(short, desk.assigned(month_of(DAY, "UTC")))
    assert [week.label for week in report.weeks.items] == ["2025-W41", "2025-W42", "2025-W43"]
    pods = report.capacity.current.pods
    assert isinstance(pods, Measured)
    assert report.evidence.facts[pods.fact].window.end == datetime(2025, 10, 27, tzinfo=UTC)
