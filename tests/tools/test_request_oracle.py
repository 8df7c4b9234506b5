"""Every figure against a plain count in Python, on random logs."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import postlaunch.tools.requests  # registers the measurements  # noqa: F401
from postlaunch.tools.measurement import run_measurement
from postlaunch.windows import Window

START = datetime(2025, 11, 17, tzinfo=UTC)
SPAN = Window(start=START, end=START + timedelta(minutes=10))

REQUESTS = st.lists(
    st.fixed_dictionaries(
        {
            "second": st.integers(-60, 660),
            "status": st.sampled_from([100, 200, 204, 301, 400, 404, 429, 499, 500, 503, 599]),
            "path": st.sampled_from(["/a", "/b", "/users/1", "/users/22"]),
            "method": st.sampled_from(["GET", "POST"]),
            "latency": st.one_of(st.none(), st.integers(0, 5_000).map(lambda tenths: tenths / 10)),
            "user": st.sampled_from([None, "ada", "bob", "eve"]),
            "pod": st.sampled_from([None, "web-1", "web-2"]),
            "agent": st.sampled_from([None, "-", "Mozilla/5.0", "Googlebot/2.1"]),
        }
    ),
    min_size=1,
    max_size=60,
)

once = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def measured(open_log: Callable, requests: list[dict], name: str, **parameters: object) -> dict:
    lines = [
        json.dumps({**request, "time": (START + timedelta(seconds=request["second"])).timestamp()})
        for request in requests
    ]
    log = open_log(lines)
    result = run_measurement(name, {"window": log.coverage.observed(SPAN), **parameters}, {"requests": log})
    log.close()
    return {fact.key: fact.value for fact in result.facts}


def inside(requests: list[dict]) -> list[dict]:
    return [request for request in requests if 0 <= request["second"] < 600]


def nearest_rank(values: list[float], share: Fraction) -> float:
    return sorted(values)[math.ceil(share * len(values)) - 1]


@once
@given(REQUESTS)
def test_the_summary_is_a_plain_count(open_log, requests: list[dict]) -> None:
    found = {name: value for (name, _), value in measured(open_log, requests, "request_summary").items()}
    rows = inside(requests)
    if not rows:
        assert found == {}
        return
    failed = sum(row["status"] >= 500 for row in rows)
    users = {row["user"] for row in rows if row["user"]}
    known = [row["agent"] for row in rows if row["agent"]]
    times = [row["latency"] for row in rows if row["latency"] is not None]
    minutes = Counter(row["second"] // 60 for row in rows)
    expected = {
        "total_requests": len(rows),
        "error_rate": failed / len(rows),
        "client_error_rate": sum(400 <= row["status"] < 500 for row in rows) / len(rows),
        "availability": (len(rows) - failed) / len(rows),
        "peak_requests_per_second": max(minutes.values()) / 60,
    }
    if users:
        expected["active_users"] = len(users)
    if known:
        expected["bot_share"] = sum(agent != "Mozilla/5.0" for agent in known) / len(known)
    if times:
        expected["mean_response_time"] = pytest.approx(math.fsum(times) / len(times))
        for percent in (50, 95, 99):
            expected[f"p{percent}_response_time"] = nearest_rank(times, Fraction(percent, 100))
    observed = {name: found[name] for name in found if name not in ("requests_per_second", "minutes_covered")}
    assert observed == expected


@once
@given(REQUESTS)
def test_endpoints_statuses_and_pods_are_plain_counts(open_log, requests: list[dict]) -> None:
    rows = inside(requests)

    def endpoint(row: dict) -> str:
        return f"{row['method']} {'/users/:id' if row['path'].startswith('/users/') else row['path']}"

    def only(found: dict, name: str) -> dict:
        return {entity: value for (kind, entity), value in found.items() if kind == name}

    top = measured(open_log, requests, "top_endpoints", limit=100)
    assert only(top, "endpoint_requests") == Counter(map(endpoint, rows))
    failing = measured(open_log, requests, "error_endpoints", status="5xx", limit=100)
    assert only(failing, "endpoint_errors") == Counter(endpoint(row) for row in rows if row["status"] >= 500)
    statuses = only(measured(open_log, requests, "errors_by_type"), "status_count")
    errors = Counter(row["status"] for row in rows if row["status"] >= 400)
    assert {int(name.split()[0]): value for name, value in statuses.items()} == errors
    pods = only(measured(open_log, requests, "pod_comparison"), "pod_requests")
    assert pods == Counter(f"pod {row['pod']}" for row in rows if row["pod"])


@once
@given(REQUESTS, st.integers(0, 599))
def test_a_window_is_the_sum_of_its_parts(open_log, requests: list[dict], cut: int) -> None:
    log = open_log(
        [
            json.dumps({**row, "time": (START + timedelta(seconds=row["second"])).timestamp()})
            for row in requests
        ]
    )
    middle = START + timedelta(seconds=cut) + timedelta(milliseconds=500)
    parts = (SPAN, Window(start=START, end=middle), Window(start=middle, end=SPAN.end))
    totals = []
    for part in parts:
        fact = run_measurement("request_summary", {"window": part}, {"requests": log}).fact("total_requests")
        totals.append(fact.value if fact else 0)
    log.close()
    assert totals[0] == totals[1] + totals[2] == len(inside(requests))
