"""Resources, log, costs, scans and alerts as measured and read, against the sample's truth."""

from __future__ import annotations

import importlib
import math
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from postlaunch.sources.alerts import AlertTable
from postlaunch.sources.changes import ChangeTable
from postlaunch.sources.costs import CostTable
from postlaunch.sources.launch import LaunchSource
from postlaunch.sources.vulnerabilities import ScanTable
from postlaunch.windows import parse_month

if TYPE_CHECKING:
    from conftest import Known

for module in ("resources", "log_measurements", "security_scans", "requests"):
    importlib.import_module(f"postlaunch.tools.{module}")


def test_every_pod_uses_what_was_counted(known: Known) -> None:
    for week in known.truth.resources:
        result = known.run("resource_summary", window=known.week(week.label))
        for name, used in week.pods.items():
            found = {fact.name: fact.value for fact in result.facts if fact.entity == f"pod {name}"}
            expected = {
                "memory_used": used.memory_bytes,
                "memory_share": used.memory_share,
                "memory_share_peak": used.most_memory_share,
                "cpu_used": used.cpu_cores,
                "cpu_share": used.cpu_share,
                "cpu_share_peak": used.most_cpu_share,
                "disk_used": used.disk_bytes,
                "disk_share": used.disk_share,
                "pool_used": used.pool_in_use,
            }
            assert {figure: found[figure] for figure in expected} == pytest.approx(expected)


def test_there_is_a_sample_a_minute_and_pod(known: Known) -> None:
    for week in known.truth.resources:
        minutes = known.week(week.label).hours * 60
        assert [used.samples for used in week.pods.values()] == [minutes] * 3


def test_the_log_is_counted_by_level(known: Known) -> None:
    for week in known.truth.logs:
        result = known.run("log_levels", window=known.week(week.label))
        levels = {fact.entity: fact.value for fact in result.named("level_lines")}
        assert {level: lines for level, lines in levels.items() if lines} == week.levels
        assert result.fact("log_lines").value == week.lines


def test_lines_alike_are_grouped_as_they_were_written(known: Known) -> None:
    week = known.truth.logs[-1]
    result = known.run("log_templates", window=known.week(week.label))
    kinds = {str(text["entity"]): str(text["template"]) for text in result.texts}
    lines = {
        kinds[fact.entity]: fact.value for fact in result.named("template_lines") if fact.entity in kinds
    }

    def beginning(text: str) -> float:
        return sum(count for template, count in lines.items() if template.startswith(text))

    assert beginning("slow query") == week.slow_queries
    assert beginning("image upload timed out") == week.upload_timeouts
    assert beginning("connection pool exhausted") == week.pool_errors == known.truth.incident.failed


def test_costs_are_the_truth_of_each_month(known: Known) -> None:
    table = known.sources["costs"]
    assert isinstance(table, CostTable)
    assert not table.rejected
    for month in known.truth.costs:
        window = parse_month(month.month, known.truth.zone)
        lines = [line for line in table.lines if window.local(window.start).date() <= line.day]
        lines = [line for line in lines if line.day < window.local(window.end).date()]
        assert math.fsum(line.amount for line in lines) == pytest.approx(month.amount)
        assert len({line.day for line in lines}) == month.days


def test_scans_list_what_they_should(known: Known) -> None:
    table = known.sources["vulnerabilities"]
    assert isinstance(table, ScanTable)
    assert len(table.scans) == 10
    listed = {finding.id for finding in table.listed(known.truth.as_of)}
    assert listed == {truth.id for truth in known.truth.vulnerabilities if truth.fixed is None}
    result = known.measure("vulnerabilities")
    scores = {fact.entity.split()[0]: fact.value for fact in result.named("vulnerability_score")}
    assert scores == {truth.id: truth.score for truth in known.truth.vulnerabilities if truth.fixed is None}
    severities = {fact.entity: fact.value for fact in result.named("vulnerabilities_of_severity")}
    assert (severities["high"], severities["medium"]) == (1, 1)


def test_a_release_fixed_the_vulnerability_that_is_gone(known: Known) -> None:
    [fixed] = [truth for truth in known.truth.vulnerabilities if truth.fixed]
    table = known.sources["changes"]
    assert isinstance(table, ChangeTable)
    releases = [
        change for change in table.changes if change.kind == "deployment" and fixed.package in change.title
    ]
    assert len(releases) == 1
    day: date = releases[0].at.date()
    assert fixed.fixed is not None
    assert fixed.fixed - timedelta(days=7) <= day < fixed.fixed


def test_alerts_are_those_of_the_truth(known: Known) -> None:
    table = known.sources["alerts"]
    assert isinstance(table, AlertTable)
    assert not table.rejected
    fired = {record.alert: record.at for record in table.records if record.kind == "fired"}
    resolved = {record.alert: record.at for record in table.records if record.kind == "resolved"}
    assert fired == {truth.alert: truth.fired for truth in known.truth.alerts}
    assert resolved == {truth.alert: truth.resolved for truth in known.truth.alerts}


def test_the_launch_record_is_read_whole(known: Known) -> None:
    launch = known.sources["launch"]
    assert isinstance(launch, LaunchSource)
    assert launch.notes == ()
    record = launch.record
    assert record.baseline is not None
    assert record.baseline.pods == len(known.truth.this_week.pods)
    first = known.truth.weeks[0]
    assert record.baseline.mean_ms == pytest.approx(first.latency.mean, rel=0.03)
    assert record.baseline.p95_ms == pytest.approx(first.latency.p95, rel=0.03)


def test_requests_of_each_week_grow_as_the_truth_says(known: Known) -> None:
    grown = known.truth.growth.requests
    assert len(grown) == len(known.truth.weeks) - 1
    for share, (before, after) in zip(
        grown, zip(known.truth.weeks, known.truth.weeks[1:], strict=False), strict=True
    ):
        assert after.requests == pytest.approx(before.requests * (1 + share))


def test_pods_that_are_paid_are_pods_that_run(known: Known) -> None:
    table = known.sources["costs"]
    assert isinstance(table, CostTable)
    paid = {line.quantity for line in table.lines if line.service == "pods"}
    assert paid == {len(known.truth.this_week.pods)}
    whole = next(cost for cost in known.truth.costs if cost.month == "2025-10")
    assert whole.services["pods"] / whole.days * 30 == pytest.approx(120)


def test_one_vulnerability_is_fixed_one_is_medium_and_one_high(known: Known) -> None:
    listed = known.truth.vulnerabilities
    assert [one.fixed is not None for one in listed] == [True, False, False]
    assert [7.0 <= one.score < 9.0 for one in listed] == [False, False, True]
