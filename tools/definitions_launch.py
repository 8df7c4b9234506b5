"""What each figure of the launch record means; `docs/definitions.md` carries these on."""

from __future__ import annotations

from typing import Literal

from postlaunch.facts import Definition, Unit


def _stated(
    name: str, title: str, what: str, unit: Unit, better: Literal["lower"] | None = None
) -> Definition:
    return Definition(
        name=f"launch_{name}",
        title=f"{title} at launch",
        statement=f"{what}, as the launch record states it",
        unit=unit,
        better=better,
    )


LAUNCHED_AT = Definition(
    name="launched_at", title="Live since", statement="moment of the launch, by its record", unit="moment"
)
LAUNCH_PODS = _stated("pods", "Pods", "pods serving just after the launch", "count")
LAUNCH_MEAN = _stated("mean_response_time", "Avg Response Time", "mean response time", "ms", "lower")
LAUNCH_P95 = _stated(
    "p95_response_time", "95th Percentile", "95th percentile of response times", "ms", "lower"
)
LAUNCH_ERROR_RATE = _stated("error_rate", "Error Rate", "5xx ÷ all requests", "ratio", "lower")
LAUNCH_REQUESTS_PER_SECOND = _stated(
    "requests_per_second", "Requests per second", "requests ÷ seconds", "per_second"
)
LAUNCH_MEMORY = _stated("memory_used", "Memory of a pod", "memory used by a pod", "bytes", "lower")
LAUNCH_CPU = _stated(
    "cpu_share", "CPU of a pod, share of the limit", "CPU used ÷ CPU limit of a pod", "ratio", "lower"
)
LAUNCH_POOL = _stated(
    "pool_limit", "Connections in a pod's pool", "connections in the pool of a pod", "number"
)
LAUNCH_LOAD = _stated(
    "load_requests_per_second", "Requests per second tried", "requests a second that the load test tried",
    "per_second",
)  # fmt: skip
LAUNCH_ALERT_RULES = _stated("alert_rules", "Alert rules", "alert rules set up", "count")
LAUNCH_RUNBOOKS = _stated("runbooks", "Runbooks", "runbooks written", "count")

OF_THE_LAUNCH = (
    *(LAUNCHED_AT, LAUNCH_PODS, LAUNCH_MEAN, LAUNCH_P95, LAUNCH_ERROR_RATE, LAUNCH_REQUESTS_PER_SECOND),
    *(LAUNCH_MEMORY, LAUNCH_CPU, LAUNCH_POOL, LAUNCH_LOAD, LAUNCH_ALERT_RULES, LAUNCH_RUNBOOKS),
)
