"""The daily check by rules alone: what it tells of a day, and of failures and unusual hours in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from checked_day import DAY, SETTINGS, Answers, AnyWindows, at, check_of, found, of, only, slow_hour

from postlaunch.agents.bench import Assignment
from postlaunch.agents.daily_measured import same_weekday
from postlaunch.agents.daily_monitor import DAILY_MONITOR
from postlaunch.errors import UsageError
from postlaunch.ledger.incidents import incident_key
from postlaunch.reports.daily import DailyReport
from postlaunch.reports.markdown import render_markdown
from postlaunch.tools import definitions_anomalies as unusual
from postlaunch.tools import definitions_launch, definitions_requests
from postlaunch.tools.definitions_resources import POOL
from postlaunch.tools.measurement import Readings
from postlaunch.windows import Window, calendar_day, parse_week

# --- the day ---------------------------------------------------------------------------------------------


def test_a_quiet_day_says_so_and_asks_for_nothing(desk: Any) -> None:
    report = check_of(desk)
    assert report.headline.state.text == "Quiet: nothing crossed a threshold"
    assert report.headline.do.text == "nothing now"
    assert report.findings.reason == "None: nothing crossed a threshold"
    assert report.recommendations == ()


def test_a_day_without_requests_is_not_called_quiet(desk: Any) -> None:
    report = check_of(desk, request_summary=Readings(reason="no request in the day"))
    assert report.headline.state.text == "Not checked: not available: no request in the day"


def test_the_day_stands_against_the_day_before_and_the_same_weekday(desk: Any) -> None:
    text = render_markdown(check_of(desk))
    head = "| Metric | This Day | Day Before | Change | Same Weekday | Change | Status |"
    assert head in text
    assert "| Error Rate | 0.05% | 0.04% | +0.01 pp | 0.04% | +0.01 pp | ⚠️ warning |" not in text
    assert "| Error Rate | 0.05% | 0.04% | +0.01 pp | 0.04% | +0.01 pp | ✅ ok |" in text
    assert [row.metric for row in check_of(desk).metrics][:2] == ["uptime", "error_rate"]


@pytest.mark.parametrize(
    ("window", "before"),
    [
        (DAY, calendar_day(datetime(2025, 11, 11, tzinfo=UTC).date(), "UTC")),
        (
            calendar_day(datetime(2025, 11, 5, tzinfo=UTC).date(), "America/Los_Angeles"),
            calendar_day(datetime(2025, 10, 29, tzinfo=UTC).date(), "America/Los_Angeles"),
        ),
        (Window(start=at(3), end=at(4)), Window(start=at(3 - 168), end=at(4 - 168))),
    ],
    ids=["a day", "over a change of the clocks", "an hour"],
)
def test_the_same_weekday_is_a_week_before_on_the_clock(window: Window, before: Window) -> None:
    assert same_weekday(window) == before


def test_of_a_partial_day_the_same_part_is_taken(desk: Any) -> None:
    part = DAY.cut(at(6))
    assert same_weekday(part).observed_end == at(6 - 168)
    assert "partial" in render_markdown(check_of(desk, part))


def test_a_check_needs_a_window(desk: Any) -> None:
    with pytest.raises(UsageError, match="needs a day"):
        DAILY_MONITOR.measure(desk.bench_of(), Assignment(workflow="daily_check", question="?"))


def test_it_works_for_a_window_of_any_length(desk: Any) -> None:
    for window in (parse_week("2025-W47", "UTC"), Window(start=at(1), end=at(2))):
        assert check_of(desk, window).headline.state.text.startswith("Quiet")


# --- failures --------------------------------------------------------------------------------------------


def test_a_spell_of_failures_is_a_finding_under_the_key_of_its_incident(desk: Any) -> None:
    finding = only(check_of(desk, incidents_seen=desk.spell(at(14.25))))
    assert finding.key == incident_key("Shop", at(14.25))
    assert (finding.kind, finding.severity) == ("error_spell", "SEV-2")
    assert finding.text == "374 of 3,740 requests failed (10%) from 2025-11-18 14:15 UTC"
    assert (finding.window.start, finding.window.end) == (at(14.25), at(14.25) + timedelta(minutes=8))
    assert len(finding.facts) == 3


# --- unusual hours -----------------------------------------------------------------------------------------


def requests_hour(hour: int, value: float, expected: float = 1000, low: float = 700) -> Answers:
    entity = f"2025-11-18 {hour:02d}:00"
    figures = (
        (unusual.UNUSUAL_REQUESTS, value),
        (unusual.EXPECTED_REQUESTS, expected),
        (unusual.EXPECTED_REQUESTS_LOW, low),
        (unusual.EXPECTED_REQUESTS_HIGH, 1400),
    )
    return tuple(of(definition, figure, entity, hour, 1) for definition, figure in figures)


def test_hours_in_a_row_are_one_anomaly_told_by_the_worst(desk: Any) -> None:
    hours = (*slow_hour(9, 160), *slow_hour(10, 300), *slow_hour(11, 170), *slow_hour(15, 155))
    report = check_of(desk, request_anomalies=hours)
    assert [(item.figure, item.hours) for item in report.anomalies.items] == [
        ("95th Percentile", "09:00–12:00"),
        ("95th Percentile", "15:00–16:00"),
    ]
    assert report.anomalies.items[0].value.value == 300  # type: ignore[union-attr]
    assert "| 95th Percentile | 09:00–12:00 | 300 ms | 120 ms | – | 150 ms |" in render_markdown(report)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(159, []), (160, [("anomaly", "SEV-4")]), (200, [("anomaly", "SEV-3")])],
)
def test_slow_hours_are_a_finding_where_the_target_is_near(
    desk: Any, value: float, expected: list[tuple[str, str]]
) -> None:
    report = check_of(desk, request_anomalies=slow_hour(9, value))
    assert len(report.anomalies.items) == 1
    assert found(report) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, [("anomaly", "SEV-1")]), (499, [("anomaly", "SEV-2")]), (500, [])],
)
def test_requests_that_stay_away_are_a_finding_below_half_of_those_expected(
    desk: Any, value: float, expected: list[tuple[str, str]]
) -> None:
    report = check_of(desk, request_anomalies=requests_hour(9, value))
    assert found(report) == expected


@pytest.mark.parametrize(("peak", "endangered"), [(19, False), (21, True)])
def test_more_requests_than_usual_are_one_near_the_load_that_was_tried(
    desk: Any, peak: float, endangered: bool
) -> None:
    summary = desk.summary_with(desk.read(definitions_requests.PEAK_REQUESTS_PER_SECOND, peak))
    report = check_of(
        desk,
        request_summary=summary,
        request_anomalies=requests_hour(9, 5000),
        launch_baseline=(desk.read(definitions_launch.LAUNCH_LOAD, 25),),
    )
    assert bool(report.findings.items) is endangered
    if endangered:
        assert "a peak of 21/s, with 25/s tried before the launch" in only(report).text


def test_unusual_hours_beside_a_spell_of_failures_are_the_spells(desk: Any) -> None:
    report = check_of(
        desk,
        incidents_seen=desk.spell(at(14.25)),
        request_anomalies=(*slow_hour(14, 900), *slow_hour(2, 900)),
    )
    assert found(report) == [("error_spell", "SEV-2"), ("anomaly", "SEV-3")]
    assert [item.beside for item in report.anomalies.items] == ["", "Incident #1"]


def test_an_anomaly_that_goes_on_at_midnight_keeps_its_key(desk: Any) -> None:
    both = (*slow_hour(23, 300, day=17), *slow_hour(0, 300), *slow_hour(1, 300))
    finding = only(check_of(desk, request_anomalies=both[3:]))
    assert finding.key == "finding/Shop/anomaly/p95_response_time/application/2025-11-18T00:00Z"
    carried = check_of(desk, request_anomalies=both)
    assert carried.findings.items[0].key == (
        "finding/Shop/anomaly/p95_response_time/application/2025-11-17T23:00Z"
    )


def by_window(bench: Any, name: str, answer: Callable[[AnyWindows], Answers]) -> None:
    """Lets a measurement answer by the windows that it is asked for."""

    def code(source: Any, parameters: AnyWindows, limits: object) -> Readings:
        """Answers by the window."""
        return Readings(readings=answer(parameters), reason="nothing")

    known = bench.registry.entries[name]
    bench.registry.entries[name] = replace(known, parameters=AnyWindows, code=code)


def drafted(bench: Any) -> DailyReport:
    assignment = Assignment(workflow="daily_check", question="?", window=DAY, baseline=DAY.before())
    return DailyReport.model_validate(DAILY_MONITOR.measure(bench, assignment).draft)


@pytest.mark.parametrize(
    ("status", "do"), [("resolved", "Read INC-2025-001"), ("open", "Triage with the incident-responder")]
)
def test_an_incident_that_is_over_and_on_record_is_to_be_read(desk: Any, status: str, do: str) -> None:
    record = {
        "id": "INC-2025-001",
        "status": status,
        "started_at": at(9).isoformat(),
        "ended_at": at(9.2).isoformat(),
    }
    report = check_of(desk, incidents=[record], incidents_seen=desk.spell(at(9)))
    assert report.headline.do.text == do
    assert desk.actions(report)[0] == f"{do} for Brief elevated error rate"


def test_an_anomaly_that_began_on_the_day_before_is_looked_up_there(desk: Any) -> None:
    bench = desk.bench_of({}, SETTINGS)
    hours = {
        DAY.label: slow_hour(0, 300),
        DAY.before().label: (*slow_hour(22, 190, 17), *slow_hour(23, 190, 17)),
    }
    by_window(bench, "request_anomalies", lambda asked: hours[asked.window.label])
    finding = only(drafted(bench))
    assert finding.key == "finding/Shop/anomaly/p95_response_time/application/2025-11-17T22:00Z"
    assert finding.window.start == DAY.start


def test_a_row_is_rated_against_the_same_weekday_and_not_against_a_sunday(desk: Any) -> None:
    before = {DAY.before().label: 100.0, same_weekday(DAY).label: 1000.0}

    def requests(asked: AnyWindows) -> Answers:
        assert asked.baseline is not None
        return (desk.read(definitions_requests.TOTAL_REQUESTS, 120, before[asked.baseline.label]),)

    bench = desk.bench_of({}, SETTINGS)
    by_window(bench, "request_summary", requests)
    row = next(row for row in drafted(bench).metrics if row.metric == "total_requests")
    assert (row.before.value, row.usual.value) == (100, 1000)  # type: ignore[union-attr]
    assert row.because.text == "no target; −88%"


@pytest.mark.parametrize(("share", "expected"), [(0.79, []), (0.8, [("anomaly", "SEV-4")])])
def test_an_unusual_use_of_a_pod_is_a_finding_near_its_limit(
    desk: Any, share: float, expected: list[tuple[str, str]]
) -> None:
    entity = "pod web-1, 2025-11-18 09:00"
    hours = (of(POOL.hour, share, entity, 9, 1), of(POOL.hour_high, 0.5, entity, 9, 1))
    report = check_of(desk, resource_anomalies=hours)
    assert report.anomalies.items[0].figure == "Connection pool of pod web-1"
    assert found(report) == expected
