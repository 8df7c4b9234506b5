"""A success measure in words: the measurement it names, or none; a target in words: a limit, or none."""

from __future__ import annotations

import pytest

import postlaunch.agents.realised  # noqa: F401  (registers what is measured)
from postlaunch.facts import Unit
from postlaunch.tools.measurement import REGISTRY
from postlaunch.tools.success_measures import NamedMeasure, named_measure, reached

USERS = "GET /users/:id"


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("mean response time", NamedMeasure("request_summary", "mean_response_time")),
        (
            f"Mean response time of {USERS}",
            NamedMeasure("endpoint_detail", "endpoint_mean_response_time", {"endpoint": USERS}, USERS),
        ),
        (
            f"p95 response time of {USERS}.",
            NamedMeasure("endpoint_detail", "endpoint_p95_response_time", {"endpoint": USERS}, USERS),
        ),
        ("error rate", NamedMeasure("request_summary", "error_rate")),
        ("support tickets a week", NamedMeasure("support_ticket_rate", "support_ticket_rate")),
        ("uptime", NamedMeasure("uptime", "uptime")),
        (
            "tickets about forgotten passwords per week",
            NamedMeasure(
                "tickets_about",
                "matching_tickets",
                {"words": ["forgotten passwords"], "samples": 0},
                "forgotten passwords",
                compares=False,
            ),
        ),
    ],
)
def test_words_that_name_a_measurement_are_that_measurement(text: str, measure: NamedMeasure) -> None:
    named = named_measure(text)
    assert named == measure
    REGISTRY.named(measure.measurement)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "share of sessions in the dark scheme",
        "response time",
        "mean response time of the log-in page",
        f"mean response time of {USERS} for administrators",
        "registrations that are verified within a day",
        "happiness",
    ],
)
def test_words_that_name_none_are_none(text: str) -> None:
    assert named_measure(text) is None


@pytest.mark.parametrize(
    ("target", "value", "unit", "expected"),
    [
        ("below 20 ms", 19.9, "ms", True),
        ("below 20 ms", 20.0, "ms", False),
        ("at most 20 ms", 20.0, "ms", True),
        ("above 90 %", 0.91, "ratio", True),
        ("at least 90%", 0.89, "ratio", False),
        ("below 12", 11.0, "count", True),
        ("half of today's", 3.0, "count", None),
        ("15 % after a month", 0.2, "ratio", None),
        ("20", 20.0, "count", None),
        ("below 20 ms", 0.2, "ratio", None),
        ("none", 0.0, "count", None),
        ("", 1.0, "count", None),
    ],
)
def test_a_target_is_read_where_it_is_a_plain_limit(
    target: str, value: float, unit: Unit, expected: bool | None
) -> None:
    assert reached(target, value, unit) is expected
