"""Figures of unusual hours: what was seen is counted again; what was expected is an estimate."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from oracle.between import Between
from oracle.incidents import use
from oracle.requests import Figures, OfRequests
from oracle.world import Asked, World
from postlaunch.sample.incident import PODS
from postlaunch.windows import Window

SAME_HOUR = 0.5
"""An estimate of an hour lies within this share of what the same hour of the weeks before had."""


class OfAnomalies:
    """What the daily check says of single hours."""

    def __init__(self, world: World, requests: OfRequests) -> None:
        self.world, self.of_requests = world, requests

    def figures(self) -> Figures:
        """By name."""
        found: dict[str, Any] = {
            "hours_judged": lambda asked: (
                (asked.window.end - asked.window.start) / timedelta(hours=1) * _judged_apart(asked)
            ),
            "unusual_hours": self._unusual,
            "unusual_requests": lambda asked: self._hour(asked).number,
            "unusual_error_rate": lambda asked: self._hour(asked).error_rate,
            "unusual_response_time": lambda asked: self._hour(asked).rank(95),
            "expected_requests": self._expected,
            "expected_requests_low": lambda asked: Between(0, self._usual(asked)),
            "expected_requests_high": lambda asked: Between(self._usual(asked), self._hour(asked).number),
            "expected_error_rate": lambda asked: Between(0, self._hour(asked).error_rate / 2),
            "expected_error_rate_high": lambda asked: Between(0, self._hour(asked).error_rate),
        }
        for name in ("memory", "cpu", "disk", "pool"):
            found[f"{name}_hour_peak"] = lambda asked, name=name: self._peak(asked, name)
            found[f"{name}_hour_expected_high"] = lambda asked, name=name: Between(0, self._peak(asked, name))
        return found

    def _hour(self, asked: Asked) -> Any:
        return self.of_requests.counted(self.world.hour(asked.entity.rpartition(", ")[2]))

    def _before(self, asked: Asked) -> list[int]:
        """Requests of the same hour of the weeks before."""
        hour = self.world.hour(asked.entity)
        spans = [
            Window(start=hour.start - timedelta(weeks=back), end=hour.end - timedelta(weeks=back))
            for back in range(1, asked.parameters["weeks"] + 1)
        ]
        return [self.of_requests.counted(span).number for span in spans]

    def _usual(self, asked: Asked) -> float:
        numbers = self._before(asked)
        return math.fsum(numbers) / len(numbers)

    def _expected(self, asked: Asked) -> Between:
        usual = self._usual(asked)
        return Between((1 - SAME_HOUR) * usual, (1 + SAME_HOUR) * usual)

    def _unusual(self, asked: Asked) -> float:
        """The hour of the incident alone is unusual: by requests, failures and processor."""
        wanted = asked.window.contains(self.world.truth.incident.start)
        return wanted * (asked.entity in ("requests", "error rate", "CPU")) * _judged_apart(asked)

    def _peak(self, asked: Asked, name: str) -> float:
        pod, _, hour = asked.entity.partition(", ")
        used, limit = use(self.world, name, self.world.hour(hour), pod)
        return float((used / limit).max())


def _judged_apart(asked: Asked) -> int:
    """The application's requests are judged together, its pods each for itself."""
    return len(PODS) if asked.fact.measurement.name == "resource_anomalies" else 1
