"""The window beside the launch: its metrics then and now, and what phase 6 left to watch with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from postlaunch.agents.health_week import Week
from postlaunch.facts import Measured, Unavailable, change_between
from postlaunch.reports.health import LaunchRow, SinceLaunch
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing
from postlaunch.tools import definitions_launch as definitions
from postlaunch.tools.definitions_resources import CPU, MEMORY, POOL

NO_RECORD = "no launch record is configured"


@dataclass(frozen=True)
class Then:
    """A metric of the launch record, and where its present value is measured."""

    title: str
    stated: str
    asked: str
    name: str


ROWS = (
    Then("Pods", definitions.LAUNCH_PODS.name, "resource_summary", "pods_seen"),
    Then("Avg Response Time", definitions.LAUNCH_MEAN.name, "request_summary", "mean_response_time"),
    Then("95th Percentile", definitions.LAUNCH_P95.name, "request_summary", "p95_response_time"),
    Then("Error Rate", definitions.LAUNCH_ERROR_RATE.name, "request_summary", "error_rate"),
    Then(
        "Requests per second",
        definitions.LAUNCH_REQUESTS_PER_SECOND.name,
        "request_summary",
        "requests_per_second",
    ),
    Then("Memory per pod", definitions.LAUNCH_MEMORY.name, "resource_summary", MEMORY.used.name),
    Then("CPU per pod, of the limit", definitions.LAUNCH_CPU.name, "resource_summary", CPU.share.name),
    Then("Connections in a pod's pool", definitions.LAUNCH_POOL.name, "resource_summary", POOL.limit.name),
)
"""In the order of the launch's own baseline."""


def since_launch(week: Week) -> SinceLaunch:
    """Every metric that the launch record states, beside the present; and what it set up."""
    rows = tuple(_rows(week))
    why = (
        week.reason("launch", "the launch record states no metrics")
        if "launch" in week.results
        else NO_RECORD
    )
    return SinceLaunch(
        rows=Listing[LaunchRow](items=rows, reason="" if rows else f"not available: {why}"),
        record=(*_record(week), *_fired(week)) if "launch" in week.results else (),
    )


def _rows(week: Week) -> Iterator[LaunchRow]:
    for then in ROWS:
        stated = week.fact("launch", then.stated)
        if stated is None:
            continue
        now = week.fact(then.asked, then.name)
        why = week.reason(then.asked) if then.asked in week.results else "no source of it is configured"
        yield LaunchRow(
            title=then.title,
            launch=Measured.of(stated),
            now=Unavailable(reason=why) if now is None else Measured.of(now),
            change=None if now is None else change_between(stated.value, now.value, now.unit),
        )


def _record(week: Week) -> Iterator[Sentence]:
    launched = week.fact("launch", definitions.LAUNCHED_AT.name)
    if launched is not None:
        yield said("live since {when}", when=launched)
    rules, books = (
        week.fact("launch", definition.name)
        for definition in (definitions.LAUNCH_ALERT_RULES, definitions.LAUNCH_RUNBOOKS)
    )
    if rules is not None:
        yield said("{rules} alert rules set up: {names}", rules=rules, names=", ".join(_names(week)))
    if books is not None:
        yield said("{books} runbooks written", books=books)
    load = week.fact("launch", definitions.LAUNCH_LOAD.name)
    peak = week.fact("request_summary", "peak_requests_per_second")
    if load is not None and peak is not None:
        told = "more than" if peak.value > load.value else "within"
        yield said(
            f"the busiest minute has {{peak}}, {told} the {{load}} that were tried", peak=peak, load=load
        )


def _names(week: Week) -> tuple[str, ...]:
    return tuple(str(text["name"]) for text in week.results["launch"].texts if "name" in text)


def _fired(week: Week) -> Iterator[Sentence]:
    """Which alerts fired, the oldest first."""
    if "alerts" not in week.results:
        return
    fired = [
        alert for alert in week.alerts if alert.record.kind == "fired" and week.window.contains(alert.at)
    ]
    if not fired and week.results["alerts"].status != "error":
        yield Sentence(text="no alert fired")
    for alert in fired:
        severity = f" ({alert.record.severity})" if alert.record.severity else ""
        yield said("{name}{severity} fired at {when}", name=alert.name, severity=severity, when=alert.fact)
