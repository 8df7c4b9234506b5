"""The application is let run, everything it leaves behind is written, and the truth of it is counted."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta

from postlaunch.sample.alerts import fired
from postlaunch.sample.app_log import log_lines_of
from postlaunch.sample.application import Application, application_of
from postlaunch.sample.changes import VERSION, changes_of, launch_of
from postlaunch.sample.costs import costs_of
from postlaunch.sample.counting_experiment import experiment_truth
from postlaunch.sample.counting_operations import (
    alert_truths,
    cost_truths,
    forecast_truths,
    growth_truth,
    log_truths,
    resource_truths,
    vulnerability_truths,
)
from postlaunch.sample.counting_planning import by_week, capacity_truth, theme_truths
from postlaunch.sample.counting_requests import incident_truth, week_truths
from postlaunch.sample.counting_users import span_truth, spans_of
from postlaunch.sample.history import history_of
from postlaunch.sample.on_call import earlier_report, handling
from postlaunch.sample.parquet import write_events, write_requests, write_resources
from postlaunch.sample.places import Sample
from postlaunch.sample.resources import MEGABYTE, Usage
from postlaunch.sample.rhythm import WEEKLY_GROWTH, Calendar
from postlaunch.sample.rules import rules
from postlaunch.sample.scans import scans_of
from postlaunch.sample.tickets import tickets_of
from postlaunch.sample.truth import Truth
from postlaunch.sample.truth_operations import ResourcesTruth
from postlaunch.sample.truth_requests import WeekTruth
from postlaunch.sample.writing import (
    write_costs,
    write_json,
    write_log,
    write_records,
    write_resource,
    write_tickets,
)
from postlaunch.windows import Window

FORECAST_WEEKLY = 0.03
"""The growth that the launch record reckons with."""


def write_files(sample: Sample, weeks: tuple[Window, ...], scale: float) -> Truth:
    """Write every file of a sample but the truth, and count that."""
    calendar = Calendar(weeks)
    application = application_of(calendar, sample.seed, scale)
    samples = Usage(application).samples()
    alerts = fired(application, samples, rules())
    lines, costs = log_lines_of(application, samples), costs_of(application)
    people_did = (*handling(application.incident, alerts), earlier_report(calendar))
    tickets = tickets_of(random.Random(f"tickets {sample.seed}"), weeks[-1], application.incident)  # noqa: S311

    write_requests(sample.requests, application.requests)
    write_events(sample.events, application.events, application.people)
    write_resources(sample.resources, samples)
    write_log(sample.logs, lines, calendar.zone)
    write_records(
        sample.changes,
        changes_of(calendar, application.incident, application.maintenance, application.trial),
    )
    write_records(sample.alerts, sorted((*alerts, *people_did), key=lambda row: (row.at, row.alert)))
    write_costs(sample.costs, costs)
    write_json(sample.vulnerabilities, scans_of(calendar))
    write_tickets(sample.tickets, tickets, calendar.zone)
    write_resource("candidates.yaml", sample.candidates)
    write_resource("competitors.yaml", sample.competitors, _dates(calendar))
    write_resource("postlaunch.toml", sample.settings, _settings(application))

    requests, resources = week_truths(application), resource_truths(samples, weeks)
    write_resource("launch.yaml", sample.launch, _launch(application, requests[0], resources[0]))
    history, themes = history_of(application), theme_truths(tickets, weeks[-1].zone)
    return Truth(
        seed=sample.seed,
        scale=scale,
        as_of=sample.as_of,
        zone=weeks[-1].zone,
        weeks=requests,
        incident=incident_truth(application, samples, alerts),
        resources=resources,
        logs=log_truths(lines, weeks),
        alerts=alert_truths(alerts),
        spans={
            label: span_truth(history, application.people, label, span)
            for label, span in spans_of(weeks).items()
        },
        experiment=experiment_truth(application, history),
        costs=cost_truths(costs, history),
        vulnerabilities=vulnerability_truths(weeks),
        growth=growth_truth(requests),
        forecasts=forecast_truths(application, requests, resources),
        tickets=len(tickets),
        tickets_by_week=by_week(tickets, weeks[-1].zone),
        themes=themes,
        attacks=themes["attack"].tickets,
        capacity=capacity_truth(sample.settings.read_text(encoding="utf-8")),
    )


def _settings(application: Application) -> Mapping[str, object]:
    return {
        "version": VERSION,
        "experiment_start": application.trial.start.isoformat(),
        "experiment_end": application.trial.end.isoformat(),
    }


def _dates(calendar: Calendar) -> Mapping[str, object]:
    """When claims on competitors were read: within the last months before the newest week."""
    newest = calendar.days[-7]
    return {
        "brief": newest - timedelta(days=95),
        "read": newest - timedelta(days=25),
        "noted": newest - timedelta(days=40),
    }


def _launch(application: Application, first: WeekTruth, used: ResourcesTruth) -> Mapping[str, object]:
    """What was measured at the launch: a week before the sample's first, so a week's growth below it."""
    pods = list(used.pods.values())
    users = application.imported
    return {
        "launched_at": launch_of(application.calendar).isoformat(),
        "mean_ms": round(first.latency.mean / 1.012, 1),
        "p95_ms": round(first.latency.p95 / 1.012, 1),
        "error_rate": 0.0002,
        "requests_per_second": round(
            first.requests / (first.end - first.start).total_seconds() / (1 + WEEKLY_GROWTH), 3
        ),
        "memory_mb_per_pod": round((_mean([pod.memory_bytes for pod in pods]) - MEGABYTE) / MEGABYTE, 1),
        "cpu_share_per_pod": round(_mean([pod.cpu_share for pod in pods]) / (1 + WEEKLY_GROWTH), 3),
        "users_at_launch": users,
        "users_year_1": round(users * (1 + FORECAST_WEEKLY) ** 52, -2),
    }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
