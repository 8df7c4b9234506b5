"""A gradual slowdown made up figure by figure, for tests of the rules that read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from postlaunch.agents.performance_factors import factors
from postlaunch.agents.performance_span import Span
from postlaunch.agents.performance_weeks import trend
from postlaunch.facts import Fact, Measurement
from postlaunch.reports.performance import Factor
from postlaunch.settings import Settings
from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools import (
    definitions_analytics,
    definitions_capacity,
    definitions_logs,
    definitions_resources,
)
from postlaunch.tools import definitions_performance as definitions
from postlaunch.tools.definitions_request_groups import (
    ENDPOINTS_FASTER,
    ENDPOINTS_SLOWER,
    MIX_EFFECT,
    RATE_EFFECT,
)
from postlaunch.tools.definitions_requests import (
    MEAN_RESPONSE_TIME,
    P95_RESPONSE_TIME,
    TOTAL_REQUESTS,
)
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.windows import Window, parse_week

WINDOW = Window(start=datetime(2025, 9, 29, tzinfo=UTC), end=datetime(2025, 11, 24, tzinfo=UTC))
NEWEST, OLDEST = parse_week("2025-W47", "UTC"), parse_week("2025-W40", "UTC")
STEP = datetime(2025, 11, 4, tzinfo=UTC)

Figures = tuple[tuple[Any, ...], ...]
"""Of one measurement: definition, value, and where needed baseline and entity."""


def fact(
    name: str, definition: Any, value: float, before: float | None = None, entity: str = "application"
) -> Fact:
    return Fact(
        name=definition.name,
        value=value,
        unit=definition.unit,
        entity=entity,
        window=WINDOW,
        definition=definition,
        measurement=Measurement(name=name, source="made", fingerprint="f"),
        n=56,
        baseline=before,
    )


RAMP: Figures = (
    (definitions.TREND_DAYS, 56),
    (definitions.TREND_P, 1e-6),
    (definitions.TREND_CORRELATION, 0.2),
    (definitions.TREND_PREFERENCE, 20),
    (definitions.TREND_LEVEL, 110, 100),
    (definitions.TREND_SLOPE, 1.25),
    (definitions.TREND_SLOPE_SHARE, 0.0125),
)
STEPPED: Figures = (*RAMP[:5], (definitions.TREND_STEP_ON, STEP.timestamp()))
FLAT: Figures = RAMP[:4]

SLOWDOWN: dict[str, Figures] = {
    "trend": RAMP,
    "mix": (
        (MEAN_RESPONSE_TIME, 110, 100),
        (RATE_EFFECT, 9.5),
        (MIX_EFFECT, 0.5),
        (ENDPOINTS_SLOWER, 9),
        (ENDPOINTS_FASTER, 1),
    ),
    "summary": (
        (MEAN_RESPONSE_TIME, 110, 100),
        (P95_RESPONSE_TIME, 190, 180),
        (TOTAL_REQUESTS, 1_400_000, 1_200_000),
    ),
    "typical": ((TOTAL_REQUESTS, 1_400_000, 1_200_000),),
    "growth": ((definitions.TRAFFIC_GROWTH, 0.022), (definitions.USER_GROWTH_WEEKLY, 0.02)),
    "hours": ((definitions.PACE_SLOPE, 0.0001), (definitions.PACE_FIT, 0.1)),
    "endpoint_changes": (
        (definitions.ENDPOINTS_COMPARED, 10),
        (definitions.USUAL_CHANGE, 0.1),
        (definitions.ENDPOINTS_NEW, 0),
        (definitions.NEW_SHARE, 0),
        (definitions.SPEED_EFFECT, 4, None, "GET /users"),
        (definitions.LOAD_MEAN, 165, 150, "GET /users"),
    ),
    "resources": ((definitions_resources.CPU.p95, 0.3), (definitions_resources.MEMORY.p95, 0.4)),
    "changes": ((definitions_capacity.CHANGES, 2),),
    "slow_queries": ((definitions_logs.SLOW_QUERIES, 900, 300), (definitions_logs.SLOW_QUERIES_NEW, 0)),
    "data": ((definitions_analytics.TOTAL_USERS, 13_000, 11_000),),
}
"""A gradual slowdown, spread over the endpoints, with users growing meanwhile."""


def span(figures: Mapping[str, Figures], items: tuple[CandidateItem, ...] = (), **more: Any) -> Span:
    """A span whose measurements gave these figures; those not named had no source."""
    results = {}
    for name, rows in figures.items():
        facts = tuple(fact(name, *row) for row in rows)
        results[name] = MeasurementResult(measurement=facts[0].measurement, status="ok", facts=facts)
    for name in set(SLOWDOWN) - set(figures):
        results[name] = MeasurementResult(
            measurement=Measurement(name=name, source=name, fingerprint=""),
            status="no_data",
            reason=f"no source of {name} is configured",
            remedy=f"add [sources.{name}] to postlaunch.toml",
        )
    spans = {
        "newest": NEWEST,
        "now": NEWEST,
        "typical": NEWEST,
        "oldest": OLDEST,
        "lately": WINDOW,
        "month": WINDOW,
    }
    body: dict[str, Any] = {"settings": Settings(), "sprint": 4, **spans, **more}
    return Span(window=WINDOW, results=results, items=items, **body)


def checked(**changes: Figures | None) -> dict[str, Factor]:
    """The factors of the slowdown by name, with some measurements answering otherwise, or not at all."""
    figures = {name: rows for name, rows in {**SLOWDOWN, **changes}.items() if rows}
    found = span(figures)
    return {factor.name: factor for factor in factors(found, trend(found))}


def explaining(**changes: Figures | None) -> list[str]:
    return [name for name, factor in checked(**changes).items() if factor.verdict == "explains"]


def with_(name: str, *rows: tuple[Any, ...]) -> Figures:
    """A measurement of the slowdown with some figures replaced."""
    replaced = {(row[0].name, row[3] if len(row) > 3 else "") for row in rows}
    kept = [row for row in SLOWDOWN[name] if (row[0].name, row[3] if len(row) > 3 else "") not in replaced]
    return (*kept, *rows)
