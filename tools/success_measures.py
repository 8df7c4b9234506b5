"""A declared success measure as the measurement that tells it, where one does.

A measure is declared in words ("mean response time of GET /users"), and only words that name one measurement
without doubt are taken as it. What nothing measures is said to be so, and nothing near it is printed instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from postlaunch.facts import Unit

ENDPOINT = r"(?: of (?P<endpoint>(?-i:[A-Z]+) /\S*))?"
PER_WEEK = r"(?: an?| per) week|, weekly| weekly"


@dataclass(frozen=True)
class NamedMeasure:
    """The measurement that a success measure names, and which of its figures.

    Attributes:
        compares: whether one run of it gives the span before too.
    """

    measurement: str
    figure: str
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    entity: str = "application"
    compares: bool = True


Found = re.Match[str]


def _of_requests(figure: str) -> Callable[[Found], NamedMeasure]:
    """A figure of all requests, or of one endpoint's."""

    def named(found: Found) -> NamedMeasure:
        endpoint = found["endpoint"]
        if not endpoint:
            return NamedMeasure("request_summary", figure)
        return NamedMeasure("endpoint_detail", f"endpoint_{figure}", {"endpoint": endpoint}, endpoint)

    return named


def _tickets_about(found: Found) -> NamedMeasure:
    words = found["words"].strip()
    asked: dict[str, JsonValue] = {"words": [words], "samples": 0}
    return NamedMeasure("tickets_about", "matching_tickets", asked, words, compares=False)


def _whole(measurement: str) -> Callable[[Found], NamedMeasure]:
    return lambda _: NamedMeasure(measurement, measurement)


RULES: tuple[tuple[str, Callable[[Found], NamedMeasure]], ...] = (
    (rf"(?:mean|average|avg) response time{ENDPOINT}", _of_requests("mean_response_time")),
    (rf"(?:p95|95th percentile of the)(?: of)? response times?{ENDPOINT}", _of_requests("p95_response_time")),
    (rf"error rate{ENDPOINT}", _of_requests("error_rate")),
    (r"uptime", _whole("uptime")),
    (rf"support tickets(?:{PER_WEEK})", _whole("support_ticket_rate")),
    (rf"tickets about (?P<words>.{{2,80}}?)(?:{PER_WEEK})", _tickets_about),
)
"""Words, and the measurement that they name."""


def named_measure(text: str) -> NamedMeasure | None:
    """The measurement that a declared measure names; None where none does."""
    words = " ".join(text.split()).rstrip(".")
    for pattern, named in RULES:
        found = re.fullmatch(pattern, words, re.IGNORECASE)
        if found:
            return named(found)
    return None


# --- targets ----------------------------------------------------------------------------------------------

TARGET = re.compile(
    r"(?P<way>below|under|less than|at most|above|over|more than|at least)?\s*"
    r"(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>ms|%)?",
    re.IGNORECASE,
)
BELOW, ABOVE = ("below", "under", "less than", "at most"), ("above", "over", "more than", "at least")
AS_UNITS: Mapping[Unit, str] = {"ms": "ms", "ratio": "%", "count": ""}


def reached(target: str, value: float, unit: Unit) -> bool | None:
    """Whether a value is what a target in words asks for; None where they say no plain limit in this unit.

    "below 20 ms" and "at least 90 %" do; "half of today's" and "15 % after a month" do not.
    """
    found = TARGET.fullmatch(" ".join(target.split()).rstrip("."))
    if found is None or not found["way"] or AS_UNITS.get(unit) != (found["unit"] or "").lower():
        return None
    way, limit = found["way"].lower(), float(found["value"]) / (100 if unit == "ratio" else 1)
    if way in BELOW:
        return value <= limit if way == "at most" else value < limit
    return value >= limit if way == "at least" else value > limit
