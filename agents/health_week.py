"""What the monitoring-specialist measures for one window, a week or a day, and how it looks a figure up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from postlaunch.facts import Fact, Measured, Quantity, Unavailable
from postlaunch.reports.targets import Target
from postlaunch.settings import Settings
from postlaunch.tools.incident_records import AlertSeen, ChangeSeen, alerts_seen, changes_seen
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.windows import Window

NO_LATENCY = "the request log has no response times"
NO_USERS = "the request log has no user field, and client addresses are not users"


@dataclass(frozen=True)
class Week:
    """The results of one window's measurements, by the name under which they were asked for.

    Attributes:
        results: e.g. "request_summary", "uptime"; a name that was not asked for is not there.
        sampled: why the request log is only a sample of the traffic; empty where it is not.
        told_until: the end of what was looked through for alerts, which may be after that of a request log;
            None: the window's.
    """

    settings: Settings
    window: Window
    results: Mapping[str, MeasurementResult]
    sampled: str = ""
    told_until: datetime | None = None

    @property
    def records(self) -> Window:
        """The part of the window that was looked through for what people and machines recorded."""
        return self.window if self.told_until is None else self.window.known_at(self.told_until)

    def fact(self, asked: str, name: str, entity: str = "application") -> Fact | None:
        """One figure, or None where it was not measured."""
        result = self.results.get(asked)
        return result.fact(name, entity) if result else None

    def facts(self, asked: str, name: str) -> tuple[Fact, ...]:
        """Every figure of a name, in the order measured."""
        result = self.results.get(asked)
        return result.named(name) if result else ()

    def entities(self, asked: str, name: str) -> tuple[str, ...]:
        """What a figure was measured on, in the order measured."""
        return tuple(fact.entity for fact in self.facts(asked, name))

    def quantity(self, asked: str, name: str, entity: str = "application", *, reason: str = "") -> Quantity:
        """One figure as a report prints it, or the reason why there is none."""
        fact = self.fact(asked, name, entity)
        return Unavailable(reason=self.reason(asked, reason)) if fact is None else Measured.of(fact)

    def reason(self, asked: str, otherwise: str = "") -> str:
        """Why a measurement gave nothing; `otherwise` when it gave something, but not this."""
        result = self.results.get(asked)
        if result is None or result.status == "ok":
            return otherwise or "not measured"
        if result.status == "error":
            return f"the source {result.measurement.source} failed: {result.reason}"
        return result.reason or otherwise or "no data"

    def target(self, objective: str) -> Target | None:
        """An objective of the settings, where it is set."""
        row = self.settings.objectives.get(objective)
        return None if row is None else Target.of(objective, row)

    def every_fact(self) -> Iterator[Fact]:
        """Every fact of the week, in the order in which the measurements were asked for."""
        for result in self.results.values():
            yield from result.facts

    @cached_property
    def by_id(self) -> Mapping[str, Fact]:
        """Every fact of the week by its id."""
        return {fact.id: fact for fact in self.every_fact()}

    def fact_of(self, quantity: object) -> Fact | None:
        """The fact behind a measured quantity."""
        return self.by_id.get(quantity.fact) if isinstance(quantity, Measured) else None

    @property
    def changes(self) -> tuple[ChangeSeen, ...]:
        """The changes recorded in the week and the day after, oldest first."""
        return changes_seen(self.results.get("changes"))

    @property
    def alerts(self) -> tuple[AlertSeen, ...]:
        """What was recorded of the week's alerts, oldest first."""
        return alerts_seen(self.results.get("alerts"))

    @property
    def problems(self) -> tuple[str, ...]:
        """Configured sources that failed, in words, each once."""
        failed = (
            f"{result.measurement.source}: {result.reason}"
            for result in self.results.values()
            if result.status == "error"
        )
        return tuple(dict.fromkeys(failed))
