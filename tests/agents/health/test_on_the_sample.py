"""The weekly report and the daily check on the embedded sample: every measured figure is the truth, as
printed.

What the truth does not hold (the hours of a day, percentiles of shares, slopes) is counted again here from
the sample's files in plain arithmetic.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yaml

from postlaunch.agents.bench import Assignment, Bench, Specialist
from postlaunch.agents.daily_monitor import DAILY_MONITOR
from postlaunch.agents.judgement import Provenance, VerifiedJudgement
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.facts import Fact, Measured, measured_in
from postlaunch.ledger.incidents import incident_key
from postlaunch.printing import value_text
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.daily import DailyReport
from postlaunch.reports.health import HealthReport
from postlaunch.reports.report import Report
from postlaunch.sample.generate import Sample, generate
from postlaunch.sample.truth import Truth, WeekTruth
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.sources.opening import AnySource, close_sources, open_sources
from postlaunch.testing import MemoryRecorder
from postlaunch.tools.verifying import verify_evidence
from postlaunch.windows import Window, calendar_day, parse_week

SCALE = 0.3
"""Of the sample's traffic: enough that nine in ten minutes have requests, and so uptime can be told."""

RESOURCES = {
    "memory": ("memory_bytes", "memory_limit_bytes"),
    "cpu": ("cpu_cores", "cpu_limit_cores"),
    "disk": ("disk_bytes", "disk_limit_bytes"),
    "pool": ("pool_in_use", "pool_size"),
}
Column = Any
"""One column of a file as an array."""


@dataclass(frozen=True)
class Line:
    """One line of the application's log."""

    at: datetime
    level: str
    message: str


class Recount:
    """The sample's files, counted again without any of the tools."""

    def __init__(self, sample: Sample, zone: str) -> None:
        self.sample, self.zone = sample, ZoneInfo(zone)
        self._known: dict[Window, dict[str, float]] = {}

    @cached_property
    def requests(self) -> Mapping[str, Column]:
        table = _columns(self.sample.requests)
        order = np.argsort(table["time"], kind="stable")
        return {name: column[order] for name, column in table.items()}

    @cached_property
    def resources(self) -> Mapping[str, Column]:
        return _columns(self.sample.resources)

    @cached_property
    def lines(self) -> list[Line]:
        with gzip.open(self.sample.logs, "rt", encoding="utf-8") as file:
            found = map(json.loads, file)
            return [
                Line(datetime.fromisoformat(line["time"]), line["level"].lower(), line["message"])
                for line in found
            ]

    def inside(self, table: Mapping[str, Column], window: Window) -> Column:
        start, end = _bounds(window)
        return (table["time"] >= start) & (table["time"] < end)

    def day(self, window: Window) -> dict[str, float]:
        """The figures of the requests of one window."""
        if window not in self._known:
            self._known[window] = self._day(window)
        return self._known[window]

    def _day(self, window: Window) -> dict[str, float]:
        first, last = np.searchsorted(self.requests["time"], np.array(_bounds(window)))
        table = {name: self.requests[name][first:last] for name in ("time", "status", "latency_ms", "user")}
        status, number = table["status"], len(table["status"])
        times = np.sort(table["latency_ms"])
        minutes = table["time"].astype("datetime64[m]")
        per_minute, failed = Counter(minutes.tolist()), Counter(minutes[status >= 500].tolist())
        down = sum(1 for minute, all_ in per_minute.items() if all_ >= 10 and failed[minute] * 2 >= all_)
        server, client = int((status >= 500).sum()), int(((status >= 400) & (status < 500)).sum())
        users = {user for user in table["user"].tolist() if user is not None}
        return {
            "total_requests": number,
            "error_rate": server / number,
            "client_error_rate": client / number,
            "availability": 1 - server / number,
            "mean_response_time": math.fsum(times.tolist()) / number,
            "p95_response_time": float(times[-(-number * 95 // 100) - 1]),
            "active_users": len(users),
            "uptime": 1 - down / len(per_minute),
            "down_minutes": down,
        }

    def use(self, name: str, figure: str, pod: str, window: Window) -> float:
        """One figure of a resource: of one pod, or of all samples for "application"."""
        chosen = self.inside(self.resources, window)
        if pod != "application":
            chosen = chosen & (self.resources["pod"] == pod.removeprefix("pod "))
        used, limit = (self.resources[column][chosen].astype(float) for column in RESOURCES[name])
        shares = np.sort(used / limit)
        present = limit == limit[np.argmax(self.resources["time"][chosen])]
        now = np.sort((used / limit)[present])
        return float(
            {
                "used": used.mean(),
                "limit": limit[present].mean(),
                "share": used.mean() / limit[present].mean(),
                "share_p95": now[-(-len(now) * 95 // 100) - 1],
                "share_peak": shares[-1],
            }[figure]
        )

    def falls(self, pod: str, window: Window) -> int:
        chosen = self.inside(self.resources, window) & (self.resources["pod"] == pod.removeprefix("pod "))
        memory = self.resources["memory_bytes"][chosen].astype(float)
        return int((memory[1:] < 0.85 * memory[:-1]).sum())

    def slope(self, name: str, pod: str, last: date, weeks: int) -> float:
        """The median change per week between days of the same weekday."""
        chosen = np.ones(len(self.resources["time"]), dtype=bool)
        if pod != "application":
            chosen = self.resources["pod"] == pod.removeprefix("pod ")
        used, limit = (self.resources[column][chosen].astype(float) for column in RESOURCES[name])
        moments, shares = self.resources["time"][chosen], used / limit
        days = {}
        for place in range(7 * weeks):
            day = last - timedelta(days=place)
            window = calendar_day(day, str(self.zone))
            start, end = _bounds(window)
            days[day] = float(shares[(moments >= start) & (moments < end)].mean())
        return median(
            (days[later] - days[earlier]) / ((later - earlier).days // 7)
            for earlier, later in combinations(sorted(days), 2)
            if (later - earlier).days % 7 == 0
        )


def _bounds(window: Window) -> tuple[Any, Any]:
    start, end = (
        moment.astimezone(UTC).replace(tzinfo=None) for moment in (window.start, window.observed_end)
    )
    return np.datetime64(start), np.datetime64(end)


def _columns(path: Path) -> Mapping[str, Column]:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        table = connection.execute(
            f"SELECT * REPLACE (timezone('UTC', time) AS time) FROM '{path}'"
        ).fetchnumpy()
    return {name: _plain(column) for name, column in table.items()}


def _plain(column: Column) -> Column:
    """Where a text is missing, None."""
    if isinstance(column, np.ma.MaskedArray) and column.dtype == object:
        return np.where(np.ma.getmaskarray(column), None, column.data)
    return np.asarray(column)


@dataclass(frozen=True)
class World:
    """The sample opened with its own settings, its truth, and its files counted again."""

    truth: Truth
    recount: Recount
    settings: Settings
    sources: dict[str, AnySource]
    sample: Sample

    def bench(self) -> Bench:
        return Bench(
            settings=self.settings,
            sources=self.sources,
            recorder=MemoryRecorder(),
            clock=lambda: self.truth.as_of + timedelta(hours=1),
        )

    def made(self, specialist: Specialist, window: Window) -> dict[str, Any]:
        """A report by rules alone."""
        assignment = Assignment(
            workflow="weekly_report", question="?", window=window, baseline=window.before()
        )
        bench = self.bench()
        found = specialist.measure(bench, assignment)
        nobody = VerifiedJudgement(provenance=Provenance(reason="no model is configured"))
        return specialist.compose(bench, assignment, found, nobody)

    def day(self, text: str) -> Window:
        return calendar_day(date.fromisoformat(text), self.truth.zone)

    def check(self, text: str) -> DailyReport:
        return DailyReport.model_validate(self.made(DAILY_MONITOR, self.day(text)))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    sample = generate(tmp_path_factory.mktemp("sample"), scale=SCALE)
    staging = str(tmp_path_factory.mktemp("staged"))
    settings = load_settings(sample.settings, environment={}, flags={"reports.staging": staging})
    truth = sample.read_truth()
    opened = open_sources(settings, lambda: sample.as_of + timedelta(days=1))
    yield World(truth, Recount(sample, truth.zone), settings, opened, sample)
    close_sources(opened)


@pytest.fixture(scope="module")
def weekly(world: World) -> HealthReport:
    """On the newest week."""
    window = parse_week(world.truth.this_week.label, world.truth.zone)
    return HealthReport.model_validate(world.made(MONITORING_SPECIALIST, window))


@pytest.fixture(scope="module")
def bad_day(world: World) -> DailyReport:
    """On the day of the incident."""
    return world.check(f"{world.truth.incident.start.astimezone(ZoneInfo(world.truth.zone)):%Y-%m-%d}")


# --- what the truth says of a fact ----------------------------------------------------------------------


class Expected:
    """What the truth, or the files counted again, say of a fact; one of which nothing is known fails the
    test.
    """

    def __init__(self, world: World, kinds: Mapping[str, str] | None = None) -> None:
        self.world, self.truth, self.recount = world, world.truth, world.recount
        self.kinds = kinds or {}
        self.weeks = {week.label: week for week in world.truth.weeks}
        self.launch = yaml.safe_load(world.sample.launch.read_text("utf-8"))
        self.changes = [json.loads(line) for line in world.sample.changes.read_text("utf-8").splitlines()]

    def value(self, fact: Fact, part: str) -> float:
        window = fact.window if part == "value" else fact.baseline_window
        assert window is not None
        for known in (self._of_the_week, self._of_the_incident, self._recorded, self._counted_again):
            found = known(fact, window)
            if found is not None:
                return found
        raise AssertionError(f"nothing is known of {fact.name} of {fact.entity} in {window.label}")

    def _of_the_week(self, fact: Fact, window: Window) -> float | None:
        week = self.weeks.get(window.label)
        if week is None:
            return None
        simple = {
            "total_requests": week.requests,
            "error_rate": week.error_rate,
            "client_error_rate": week.client_error_rate,
            "mean_response_time": week.latency.mean,
            "p95_response_time": week.latency.p95,
            "active_users": week.active_users,
            "new_registrations": week.registrations,
            "uptime": week.uptime,
            "down_minutes": week.down_minutes,
            "support_tickets": self.truth.tickets_by_week.get(week.label),
            "requests_per_second": week.requests / ((week.end - week.start).total_seconds()),
            "pods_seen": len(week.pods),
        }
        if fact.name in simple:
            return simple[fact.name]
        found = (find(fact, week) for find in (self._of_an_endpoint, self._of_a_status, self._of_a_pod))
        return next((value for value in found if value is not None), None)

    def _of_an_endpoint(self, fact: Fact, week: WeekTruth) -> float | None:
        endpoint = week.endpoints.get(fact.entity)
        if endpoint is None:
            return None
        return {
            "endpoint_requests": endpoint.requests,
            "endpoint_share": endpoint.share,
            "endpoint_mean_response_time": endpoint.latency.mean,
            "endpoint_p95_response_time": endpoint.latency.p95,
            "endpoint_errors": endpoint.server_errors,
        }.get(fact.name)

    def _of_a_status(self, fact: Fact, week: WeekTruth) -> float | None:
        count = week.errors.get(fact.entity[:3])
        if count is None:
            return None
        return {"status_count": count, "status_share": count / sum(week.errors.values())}.get(fact.name)

    def _of_a_pod(self, fact: Fact, week: WeekTruth) -> float | None:
        """Means over the samples of all pods, which have as many each, and of single ones."""
        known = next(one for one in self.truth.resources if one.label == week.label).pods
        if fact.entity != "application" and fact.entity.removeprefix("pod ") not in known:
            return None
        pods = (
            [known[fact.entity.removeprefix("pod ")]]
            if fact.entity != "application"
            else list(known.values())
        )
        means = {
            "memory_used": [pod.memory_bytes for pod in pods],
            "memory_share": [pod.memory_share for pod in pods],
            "memory_limit": [pod.memory_bytes / pod.memory_share for pod in pods],
            "cpu_used": [pod.cpu_cores for pod in pods],
            "cpu_share": [pod.cpu_share for pod in pods],
            "cpu_limit": [pod.cpu_cores / pod.cpu_share for pod in pods],
            "disk_used": [pod.disk_bytes for pod in pods],
            "disk_share": [pod.disk_share for pod in pods],
            "disk_limit": [pod.disk_bytes / pod.disk_share for pod in pods],
            "pool_used": [pod.pool_in_use for pod in pods],
        }.get(fact.name)
        if means is not None:
            return math.fsum(means) / len(means)
        peaks = {
            "memory_share_peak": [pod.most_memory_share for pod in pods],
            "cpu_share_peak": [pod.most_cpu_share for pod in pods],
        }.get(fact.name)
        return max(peaks) if peaks is not None else None

    def _of_the_incident(self, fact: Fact, window: Window) -> float | None:
        incident = self.truth.incident
        if not window.contains(incident.start):
            return None
        requests = self.weeks[window.label].requests if window.label in self.weeks else 0
        requests = requests or int(self.recount.day(window)["total_requests"])
        return {
            "incident_start": incident.start.timestamp(),
            "incident_minutes": incident.minutes,
            "incident_failed_requests": incident.server_errors,
            "incident_requests": incident.requests,
            "incident_error_rate": incident.server_errors / incident.requests,
            "incident_share_of_window": incident.server_errors / requests,
            "incident_users": incident.users,
        }.get(fact.name)

    def _recorded(self, fact: Fact, window: Window) -> float | None:
        """What the launch record and the changes state."""
        stated = self.launch["baseline"]
        launch = {
            "launched_at": datetime.fromisoformat(self.launch["launched_at"]).timestamp(),
            "launch_pods": stated["pods"],
            "launch_mean_response_time": stated["mean_ms"],
            "launch_p95_response_time": stated["p95_ms"],
            "launch_error_rate": stated["error_rate"],
            "launch_requests_per_second": stated["requests_per_second"],
            "launch_memory_used": stated["memory_mb_per_pod"] * 1e6,
            "launch_cpu_share": stated["cpu_share_per_pod"],
            "launch_pool_limit": self.launch["pool"]["size"],
        }
        if fact.name in launch:
            return launch[fact.name]
        if fact.name in ("change_moment", "change_end"):
            change = next(one for one in self.changes if one["id"] == fact.entity.removeprefix("change "))
            key = "at" if fact.name == "change_moment" else "ended_at"
            return datetime.fromisoformat(change[key]).timestamp()
        if fact.name == "alert_moment":
            moments = {one.fired.timestamp() for one in self.truth.alerts}
            moments |= {one.resolved.timestamp() for one in self.truth.alerts}
            known = [json.loads(line) for line in self.world.sample.alerts.read_text("utf-8").splitlines()]
            moments |= {datetime.fromisoformat(one["at"]).timestamp() for one in known}
            return fact.value if fact.value in moments else None
        return None

    def _counted_again(self, fact: Fact, window: Window) -> float | None:
        if fact.name.startswith(("day_", "hour_")) and not fact.name.endswith(("_peak", "_high")):
            return self._of_a_part(fact)
        if fact.name in ("outage_start", "outage_minutes", "outage_error_share"):
            return self._of_an_outage(fact)
        resource, _, figure = fact.name.partition("_")
        pod = fact.entity
        if resource in RESOURCES and figure in ("used", "limit", "share", "share_p95", "share_peak"):
            return self.recount.use(resource, figure, pod, window)
        if resource in RESOURCES and figure == "slope":
            last = window.local(window.end - timedelta(hours=1)).date()
            return self.recount.slope(resource, pod, last, self.world.settings.monitoring.trend_weeks)
        if resource in RESOURCES and figure in ("slope_low", "slope_high"):
            slope = self.recount.slope(
                resource,
                pod,
                window.local(window.end - timedelta(hours=1)).date(),
                self.world.settings.monitoring.trend_weeks,
            )
            on_its_side = fact.value <= slope if figure == "slope_low" else fact.value >= slope
            return fact.value if on_its_side else None
        if fact.name == "memory_falls":
            return self.recount.falls(pod, window)
        if fact.name == "level_lines":
            return self._lines(window, fact.entity)
        if fact.name.startswith("template_"):
            return self._of_a_kind(fact, window)
        unusual = self._unusual(fact, window)
        return self.recount.day(window).get(fact.name) if unusual is None else unusual

    def _of_a_part(self, fact: Fact) -> float:
        """A day or an hour of the clock."""
        unit, _, figure = fact.name.partition("_")
        if unit == "day":
            part = self.world.day(fact.entity)
        else:
            start = datetime.fromisoformat(fact.entity).replace(tzinfo=self.recount.zone)
            part = Window(start=start, end=start.astimezone(UTC) + timedelta(hours=1), zone=self.truth.zone)
        return self.recount.day(part)["total_requests" if figure == "requests" else figure]

    def _of_an_outage(self, fact: Fact) -> float:
        """The down minutes all lie in the incident."""
        rates = self.truth.incident.error_rate_by_minute
        worst = max(range(len(rates)), key=rates.__getitem__)
        start = self.truth.incident.start + timedelta(minutes=worst)
        return {
            "outage_start": start.timestamp(),
            "outage_minutes": self.truth.incident.down_minutes,
            "outage_error_share": rates[worst],
        }[fact.name]

    def _lines(self, window: Window, level: str) -> int:
        return sum(line.level == level and window.contains(line.at) for line in self.recount.lines)

    def _of_a_kind(self, fact: Fact, window: Window) -> float:
        """The lines that read as the kind's template does, whatever stands at its gaps."""
        words = re.escape(self.kinds[fact.entity]).replace(re.escape("<*>"), ".+?")
        level = fact.entity.partition(" ")[0]
        moments = [
            line.at
            for line in self.recount.lines
            if line.level == level and re.fullmatch(words, line.message)
        ]
        week = Window(start=window.start - timedelta(days=7), end=window.start, zone=window.zone)
        return {
            "template_lines": sum(map(window.contains, moments)),
            "template_usual_lines": sum(map(week.contains, moments)) / 7,
            "template_first_seen": min(moments).timestamp(),
        }[fact.name]

    def _unusual(self, fact: Fact, window: Window) -> float | None:
        """What was seen in an unusual hour; what was expected is an estimate, tested by simulation."""
        if fact.name.startswith("expected_") or fact.name.endswith("_expected_high"):
            return fact.value
        seen = {
            "unusual_requests": "total_requests",
            "unusual_error_rate": "error_rate",
            "unusual_response_time": "p95_response_time",
        }
        if fact.name in seen:
            return self.recount.day(window)[seen[fact.name]]
        if fact.name.endswith("_hour_peak"):
            pod = fact.entity.partition(",")[0]
            return self.recount.use(fact.name.partition("_")[0], "share_peak", pod, window)
        return None


def wrong_in(report: Report, expected: Expected) -> list[str]:
    """Every measured figure of a report that is not the truth, as it prints."""

    def printed(value: float, quantity: Measured) -> str:
        return value_text(value, quantity.unit, zone=report.window.zone)

    wrong = []
    for quantity in measured_in(report):
        fact = report.fact(quantity.fact)
        true = expected.value(fact, quantity.part)
        if printed(quantity.value, quantity) != printed(true, quantity):
            wrong.append(f"{fact.name} of {fact.entity}: {quantity.value}, not {true}")
    return wrong


# --- the weekly report ----------------------------------------------------------------------------------


def test_every_measured_figure_of_the_weekly_report_is_the_truth(world: World, weekly: HealthReport) -> None:
    assert len(measured_in(weekly)) > 150
    assert wrong_in(weekly, Expected(world)) == []


def test_every_figure_of_the_weekly_report_can_be_measured_again(world: World, weekly: HealthReport) -> None:
    found = verify_evidence(weekly.evidence, world.sources)
    assert (found.moved, found.unmeasured) == ((), ())


def test_the_weekly_report_is_whole_and_contradicts_nothing(weekly: HealthReport) -> None:
    assert weekly.problems == ()
    assert weekly.unmeasured == ()
    assert all(row.this.kind == "measured" for row in weekly.metrics)
    assert len(weekly.resources.uses.items) == 4
    assert len(weekly.launch.rows.items) == 8
    assert check(weekly) == ()


def test_the_incident_has_the_cause_and_the_fix_that_were_recorded(
    world: World, weekly: HealthReport
) -> None:
    (incident,) = weekly.incidents.items
    assert "connections of each pod are in use" in incident.root_cause[0].text
    assert "noted by on-call engineer" in incident.root_cause[0].text
    pool = f"{world.truth.incident.pool_before} → {world.truth.incident.pool_after}"
    assert pool in incident.resolution[0].text
    assert "(change CHG-" in incident.resolution[0].text
    assert incident.status == "Resolved"


def test_maintenance_is_told_as_it_was_planned(weekly: HealthReport) -> None:
    (planned,) = weekly.maintenance
    assert "node restart" in planned.title
    assert planned.duration.value == 2  # type: ignore[union-attr]


def test_the_trend_of_the_resources_is_calm(weekly: HealthReport) -> None:
    verdicts = {trend.resource: trend.verdict for trend in weekly.resources.trends}
    assert verdicts["memory"] == verdicts["cpu"] == verdicts["disk"] == "stable"
    assert weekly.resources.advice in ("not yet", "plan")


# --- the daily check ------------------------------------------------------------------------------------


def test_every_measured_figure_of_the_bad_day_is_the_truth(world: World, bad_day: DailyReport) -> None:
    assert len(measured_in(bad_day)) > 100
    kinds = {kind.entity: kind.template for kind in bad_day.kinds.items}
    assert len(kinds) > 5
    assert wrong_in(bad_day, Expected(world, kinds)) == []


def test_the_incident_is_a_finding_under_its_key_and_its_traces_are_no_others(
    world: World, bad_day: DailyReport
) -> None:
    first = bad_day.findings.items[0]
    assert first.key == incident_key(world.settings.application.name, world.truth.incident.start)
    assert [finding.kind for finding in bad_day.findings.items] == ["error_spell"]
    assert check(bad_day) == ()


def test_lines_of_a_kind_add_up_to_those_of_the_level(bad_day: DailyReport) -> None:
    lines = {line.level: line.lines.value for line in bad_day.levels.items}  # type: ignore[union-attr]
    errors = sum(kind.lines.value for kind in bad_day.kinds.items if kind.level == "error")  # type: ignore[union-attr]
    assert 0 < errors <= lines["error"]


def test_every_figure_of_a_daily_check_can_be_measured_again(world: World, bad_day: DailyReport) -> None:
    found = verify_evidence(bad_day.evidence, world.sources)
    assert (found.moved, found.unmeasured) == ((), ())


def test_ordinary_days_are_quiet_and_the_same_thing_has_the_same_key(world: World) -> None:
    """Days before and after the incident: no more false alarms than promised; what goes on is raised once."""
    days = [date(2025, 11, 12) + timedelta(days=place) for place in range(9)]
    bad = world.truth.incident.start.astimezone(ZoneInfo(world.truth.zone)).date()
    checks = {day: world.check(day.isoformat()) for day in days if day != bad}
    unexpected = [
        finding.title
        for report in checks.values()
        for finding in report.findings.items
        if finding.kind in ("anomaly", "error_spell", "alert")
    ]
    assert len(unexpected) <= 1
    keys = Counter(finding.key for report in checks.values() for finding in report.findings.items)
    kinds = {key.split("/")[2] for key in keys}
    assert len(keys) <= len(kinds) * 4
