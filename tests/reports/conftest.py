"""A health report made by hand: every section filled, every figure from a fact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from postlaunch.facts import (
    Definition,
    Evidence,
    Fact,
    Measured,
    Measurement,
    Unavailable,
    Unit,
    change_between,
)
from postlaunch.reports.health import (
    ErrorBudget,
    ErrorType,
    Headline,
    HealthReport,
    Incident,
    LaunchRow,
    MetricRow,
    Outage,
    PodUse,
    Resources,
    ResourceUse,
    SinceLaunch,
    SlowEndpoint,
    TopEndpoint,
)
from postlaunch.reports.judged import (
    Dispute,
    Hypothesis,
    Provenance,
    Recommendation,
    Sentence,
    said,
)
from postlaunch.reports.report import Listing
from postlaunch.reports.series import Point, Series
from postlaunch.reports.targets import Target
from postlaunch.settings_objectives import DEFAULT_OBJECTIVES
from postlaunch.tools.error_budget import occurrence_budget, time_budget
from postlaunch.windows import iso_week_of

WEEK = iso_week_of(datetime(2025, 11, 18, tzinfo=UTC).date(), "America/Los_Angeles")
MEASUREMENT = Measurement(
    name="request_summary", parameters={"window": "2025-W47"}, source="requests", fingerprint="ab" * 32
)
NOTHING = Unavailable(reason="no user field in the log")


def fact(
    name: str,
    value: float,
    unit: Unit,
    *,
    entity: str = "application",
    before: float | None = None,
    title: str = "",
    n: int = 1_247_890,
) -> Fact:
    """A fact of the week."""
    definition = Definition(
        name=name, title=title or name, statement=f"{name} as defined", unit=unit, better="lower"
    )
    return Fact(
        name=name,
        value=value,
        unit=unit,
        entity=entity,
        window=WEEK,
        definition=definition,
        measurement=MEASUREMENT,
        n=n,
        baseline=before,
        baseline_window=None if before is None else WEEK.before(),
    )


def row(measured: Fact | None, title: str, status: Any, objective: str = "", because: str = "") -> MetricRow:
    """A row of the key metrics."""
    target = Target.of(objective, DEFAULT_OBJECTIVES[objective]) if objective else None
    return MetricRow(
        metric=measured.name if measured else title.lower().replace(" ", "_"),
        title=title,
        this=Measured.of(measured) if measured else NOTHING,
        last=Measured.baseline_of(measured) if measured else NOTHING,
        change=measured.change if measured else None,
        target=target,
        status=status,
        because=Sentence(text=because or "as the table says"),
        definition=measured.definition.statement if measured else "",
        n=measured.n if measured else None,
    )


UPTIME = fact("uptime", 0.9997, "ratio", before=0.9995)
DOWN = fact("down_minutes", 8, "minutes")
MEAN = fact("mean_response_time", 102, "ms", before=98)
P95 = fact("p95_response_time", 312, "ms", before=178)
ERRORS = fact("error_rate", 0.0008, "ratio", before=0.0005)
TOTAL = fact("total_requests", 1_247_890, "count", before=1_190_000)
START = fact("incident_start", datetime(2025, 11, 18, 22, 15, tzinfo=UTC).timestamp(), "moment")
LENGTH = fact("incident_minutes", 8, "minutes")
FAILED = fact("incident_failed_requests", 374, "count")
ASKED = fact("incident_requests", 12_458, "count")
FAILING = fact("incident_error_rate", 374 / 12_458, "ratio")
SHARE = fact("incident_share_of_window", 374 / 1_247_890, "ratio")
LOGIN = fact("endpoint_requests", 342_890, "count", entity="POST /auth/login")
LOGIN_SHARE = fact("endpoint_share", 342_890 / 1_247_890, "ratio", entity="POST /auth/login")
SERVER = fact("status_count", 34, "count", entity="500 Internal Server Error")
SERVER_SHARE = fact("status_share", 0.03, "ratio", entity="500 Internal Server Error")
SLOW = fact("endpoint_mean_response_time", 245, "ms", entity="PUT /users/:id")
SLOW_P95 = fact("endpoint_p95_response_time", 612, "ms", entity="PUT /users/:id")
SLOW_N = fact("endpoint_requests", 67_891, "count", entity="PUT /users/:id")
MEMORY = fact("memory_used", 198_000_000, "bytes")
MEMORY_LIMIT = fact("memory_limit", 512_000_000, "bytes")
MEMORY_SHARE = fact("memory_share", 198 / 512, "ratio")
CPU = fact("cpu_used", 0.15, "ratio")
CPU_LIMIT = fact("cpu_limit", 0.5, "ratio")
CPU_SHARE = fact("cpu_share", 0.3, "ratio")
FALLS = fact("memory_falls", 1, "count", entity="pod web-1")
AT_LAUNCH = fact("launch_mean_response_time", 98, "ms")
RESOURCES = (MEMORY, MEMORY_LIMIT, MEMORY_SHARE, CPU, CPU_LIMIT, CPU_SHARE, FALLS, AT_LAUNCH)
MEMORY_USE = ResourceUse(
    resource="memory",
    title="Memory",
    used=Measured.of(MEMORY),
    limit=Measured.of(MEMORY_LIMIT),
    share=Measured.of(MEMORY_SHARE),
    p95=NOTHING,
    peak=NOTHING,
)
CPU_USE = ResourceUse(
    resource="cpu",
    title="CPU",
    used=Measured.of(CPU),
    limit=Measured.of(CPU_LIMIT),
    share=Measured.of(CPU_SHARE),
    p95=NOTHING,
    peak=NOTHING,
)
DAYS = tuple(
    fact("day_requests", 170_000 + 5_000 * day, "count", entity=f"2025-11-{17 + day}") for day in range(7)
)
RATES = tuple(
    fact("day_error_rate", 0.0005 + (0.002 if day == 1 else 0), "ratio", entity=f"2025-11-{17 + day}")
    for day in range(7)
)
FACTS = (
    *(UPTIME, DOWN, MEAN, P95, ERRORS, TOTAL, START, LENGTH, FAILED, ASKED, FAILING, SHARE),
    *(LOGIN, LOGIN_SHARE, SERVER, SERVER_SHARE, SLOW, SLOW_P95, SLOW_N, *RESOURCES, *DAYS, *RATES),
)


def whole_report(**changes: Any) -> HealthReport:
    """A report with something in every section; `changes` replace fields."""
    rows = (
        row(UPTIME, "Uptime", "ok", "uptime"),
        row(MEAN, "Avg Response Time", "ok", "mean_response_time"),
        row(P95, "95th Percentile", "missed", "p95_response_time", "312 ms misses the target of < 200 ms"),
        row(ERRORS, "Error Rate", "warning", "error_rate", "worse by 60%, from 0.05% to 0.08%"),
        row(None, "Active Users", "not available"),
        row(None, "New Registrations", "not available"),
    )
    incident = Incident(
        number=1,
        title="Brief elevated error rate",
        severity="SEV-3",
        status="Resolved",
        start=Measured.of(START),
        duration=Measured.of(LENGTH),
        failed=Measured.of(FAILED),
        requests=Measured.of(ASKED),
        error_rate=Measured.of(FAILING),
        window_share=Measured.of(SHARE),
        users=NOTHING,
        where=(Sentence(text="PUT /users/:id: 374 failed"),),
    )
    advice = Recommendation(
        target="PUT /users/:id",
        action=Sentence(text="Optimise PUT /users/:id"),
        rationale=said("its mean of {it} is over the target of < 200 ms", it=SLOW),
    )
    body: dict[str, Any] = {
        "application": "User Management System",
        "version": "v1.0.0",
        "window": WEEK,
        "generated_at": datetime(2025, 11, 24, 15, 0, tzinfo=UTC),
        "coverage": (said("{total} requests", total=TOTAL),),
        "headline": Headline(
            grade="POOR",
            why=(said("95th Percentile: {it} misses the target of < 200 ms", it=P95),),
            since="last week (the first report)",
            changed=(said("95th Percentile {it.before} → {it} ({it.change})", it=P95),),
            do=said("Optimise PUT /users/:id ({it} on average)", it=SLOW),
            decides="Ada Example",
        ),
        "summary": (rows[0], rows[1], rows[3]),
        "total_requests": Measured.of(TOTAL),
        "metrics": rows,
        "budgets": Listing[ErrorBudget](
            items=(
                time_budget(Target.of("uptime", DEFAULT_OBJECTIVES["uptime"]), DOWN),
                occurrence_budget(Target.of("error_rate", DEFAULT_OBJECTIVES["error_rate"]), ERRORS),
            )
        ),
        "incidents": Listing[Incident](items=(incident,)),
        "downtime": Listing[Outage](
            items=(
                Outage(
                    start=Measured.of(START), duration=Measured.of(LENGTH), error_share=Measured.of(FAILING)
                ),
            )
        ),
        "top_endpoints": Listing[TopEndpoint](
            items=(
                TopEndpoint(
                    endpoint=LOGIN.entity, requests=Measured.of(LOGIN), share=Measured.of(LOGIN_SHARE)
                ),
            )
        ),
        "errors": Listing[ErrorType](
            items=(
                ErrorType(error=SERVER.entity, count=Measured.of(SERVER), share=Measured.of(SERVER_SHARE)),
            )
        ),
        "action": (Sentence(text="Investigate the server errors: 34 of 34 come from PUT /users/:id"),),
        "slowest": Listing[SlowEndpoint](
            items=(
                SlowEndpoint(
                    endpoint=SLOW.entity,
                    mean=Measured.of(SLOW),
                    p95=Measured.of(SLOW_P95),
                    requests=Measured.of(SLOW_N),
                    rating="investigate",
                    because=said("its mean of {it} is over the target of < 200 ms", it=SLOW),
                ),
            )
        ),
        "trend": said("steady: {it} on average", it=MEAN),
        "resources": Resources(
            uses=Listing[ResourceUse](items=(MEMORY_USE, CPU_USE)),
            pods=(PodUse(pod="web-1", uses=(MEMORY_USE, CPU_USE), falls=Measured.of(FALLS)),),
            trend=Sentence(text="Stable"),
            scaling=Sentence(text="no scaling needed yet"),
            advice="not yet",
        ),
        "launch": SinceLaunch(
            rows=Listing[LaunchRow](
                items=(
                    LaunchRow(
                        title="Avg Response Time",
                        launch=Measured.of(AT_LAUNCH),
                        now=Measured.of(MEAN),
                        change=change_between(AT_LAUNCH.value, MEAN.value, "ms"),
                    ),
                )
            ),
            record=(said("average of {mean} at launch", mean=AT_LAUNCH),),
        ),
        "recommendations": (
            advice,
            Recommendation(
                target="GET /users",
                action=Sentence(text="Cache the first page", by="model"),
                rationale=Sentence(text="It is asked for most", facts=(LOGIN.id,), by="model"),
                snippet="log_format timed '$request_time';",
            ),
        ),
        "series": (
            Series(
                metric="day_requests",
                title="Requests per day",
                unit="count",
                points=tuple(Point(label=day.entity, value=Measured.of(day)) for day in DAYS),
            ),
            Series(
                metric="day_error_rate",
                title="Error rate per day",
                unit="ratio",
                points=tuple(Point(label=day.entity, value=Measured.of(day)) for day in RATES),
                target=Target.of("error_rate", DEFAULT_OBJECTIVES["error_rate"]),
            ),
        ),
        "notes": (Sentence(text="20% of the requests are bots'"),),
        "hypotheses": (
            Hypothesis(
                statement=Sentence(text="A deployment broke uploads", by="model"),
                state="dropped",
                because=Sentence(text="The errors began before it", by="model"),
                evidence=(FAILED.id,),
            ),
        ),
        "disputes": (
            Dispute(
                subject="p95_response_time",
                verdict="missed",
                because="312 ms misses the target of < 200 ms",
                objection=Sentence(text="One endpoint alone is slow", by="model"),
            ),
        ),
        "provenance": Provenance(
            analysis="model",
            model="small-model",
            prompts={"monitoring-specialist.md": "c" * 64},
            tool_calls=("endpoint_detail(endpoint=PUT /users/:id)",),
            tokens_in=1200,
            tokens_out=300,
            money=0.02,
            refused=2,
        ),
        "problems": (),
        "evidence": Evidence.of(*FACTS),
    }
    return HealthReport(**{**body, **changes})


@pytest.fixture(scope="session")
def report() -> HealthReport:
    """A report with something in every section."""
    return whole_report()


@pytest.fixture(scope="session")
def report_with() -> Callable[..., HealthReport]:
    """Makes that report with some of its fields replaced."""
    return whole_report
