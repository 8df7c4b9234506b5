"""What a health report states of resources, of the launch and of planned downtime is compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from postlaunch.facts import Change, Evidence, Measured
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.consistency.extraction import statements_of
from postlaunch.reports.consistency.time_statements import Lifetime
from postlaunch.reports.health import HealthReport, ResourceUse
from postlaunch.reports.report import Listing

Make = Callable[..., HealthReport]


def use(report: HealthReport, **changes: Any) -> HealthReport:
    """The report with its first resource otherwise."""
    first, *others = report.resources.uses.items
    uses = Listing[ResourceUse](items=(first.model_copy(update=changes), *others))
    return report.model_copy(update={"resources": report.resources.model_copy(update={"uses": uses})})


def messages(report: HealthReport) -> list[str]:
    return [found.message for found in check(report)]


def stated(quantity: Any, value: float) -> Any:
    return quantity.model_copy(update={"value": value})


@pytest.mark.parametrize("share", [0.1, 0.38, 0.5])
def test_a_share_that_its_figures_do_not_make_is_found(report: HealthReport, share: float) -> None:
    wrong = use(report, share=stated(report.resources.uses.items[0].share, share))
    assert any("Memory: 198 MB" in message for message in messages(wrong))
    assert not any("Memory: 198 MB" in message for message in messages(report))


@pytest.mark.parametrize(("peak", "found"), [(0.2, True), (0.38, True), (198 / 512, False), (0.9, False)])
def test_no_highest_sample_is_below_the_mean(report: HealthReport, peak: float, found: bool) -> None:
    measured = stated(report.resources.uses.items[0].share, peak)
    told = messages(use(report, peak=measured))
    assert any("Memory, highest sample" in message for message in told) is found


def since(report: HealthReport, change: Change) -> HealthReport:
    row = report.launch.rows.items[0].model_copy(update={"change": change})
    rows = report.launch.rows.model_copy(update={"items": (row,)})
    return report.model_copy(update={"launch": report.launch.model_copy(update={"rows": rows})})


@pytest.mark.parametrize("value", [0.04, -0.0408, 0.41])
def test_a_change_since_the_launch_is_that_of_its_figures(report: HealthReport, value: float) -> None:
    wrong = messages(since(report, Change(kind="relative", value=value)))
    assert any("since launch" in message for message in wrong)
    right = messages(since(report, Change(kind="relative", value=4 / 98)))
    assert not any("since launch" in message for message in right)


def test_the_launch_says_since_when_the_application_is_live(report_with: Make, report: HealthReport) -> None:
    fact = next(iter(report.evidence.facts.values()))
    live = fact.model_copy(
        update={"name": "launched_at", "unit": "moment", "value": report.window.end.timestamp() + 1}
    )
    late = report_with(evidence=Evidence.of(*report.evidence.facts.values(), live))
    assert [type(statement) for statement in statements_of(late)].count(Lifetime) == 1
    assert any("before the application was live" in message for message in messages(late))
    early = live.model_copy(update={"value": report.window.start.timestamp()})
    good = report_with(evidence=Evidence.of(*report.evidence.facts.values(), early))
    assert not any("before the application was live" in message for message in messages(good))


@pytest.mark.parametrize(("planned", "found"), [(2.0, False), (1.0, True), (3.0, True)])
def test_minutes_down_are_those_planned_and_those_not(
    report_with: Make, report: HealthReport, planned: float, found: bool
) -> None:
    facts = {fact.name: fact for fact in report.evidence.facts.values()}
    uptime = facts["uptime"].model_copy(update={"value": 1 - 5 / 10_000, "n": 10_000})
    outside = uptime.model_copy(update={"name": "uptime_unplanned", "value": 1 - 3 / 9_990, "n": 9_990})
    inside = facts["down_minutes"].model_copy(update={"name": "planned_down_minutes", "value": planned})
    rows = tuple(
        row.model_copy(update={"this": Measured.of(uptime), "n": uptime.n}) if row.metric == "uptime" else row
        for row in report.metrics
    )
    made = report.model_copy(
        update={
            "metrics": rows,
            "uptime_unplanned": Measured.of(outside),
            "evidence": Evidence.of(*report.evidence.facts.values(), uptime, outside, inside),
        }
    )
    assert any("minutes down, planned and not" in message for message in messages(made)) is found
