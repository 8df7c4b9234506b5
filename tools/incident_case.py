"""One incident as the rules see it: what was reported, what was measured, what the launch left behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from postlaunch.facts import Assumed, Derived, Fact, Frozen, Measured, Quantity, Unavailable
from postlaunch.settings import Settings
from postlaunch.sources.candidate_items import CandidateItem
from postlaunch.sources.launch import LaunchRecord
from postlaunch.tools.incident_records import (
    AlertSeen,
    ChangeSeen,
    alerts_seen,
    changes_seen,
    moment_of,
)
from postlaunch.tools.incident_spans import ENTITY
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.windows import Moment, Window

MINUTE = timedelta(minutes=1)

Trigger = Literal["alert", "user_report", "finding", "question"]


class Reported(Frozen):
    """How the incident became known, before anything was measured.

    Attributes:
        start, end: when it is said to have begun and ended; None: not said.
        trigger: "question" where nobody reported one: the worst of the window is looked at.
        text: in the words of the alert, the user or the finding.
    """

    start: Moment | None = None
    end: Moment | None = None
    trigger: Trigger = "question"
    text: str = ""


@dataclass(frozen=True)
class Case:
    """The results of one incident's measurements, by the name under which they were asked for.

    Attributes:
        window: the span looked at, with ordinary time around the incident.
        now: when the report is made.
        observed_end: until when the requests reach; None where no requests were read.
        launch: what the launch left; None where no launch record is configured.
    """

    settings: Settings
    reported: Reported
    window: Window
    now: datetime
    results: Mapping[str, MeasurementResult]
    observed_end: datetime | None = None
    launch: LaunchRecord | None = None
    candidates: tuple[CandidateItem, ...] = ()
    problems: tuple[str, ...] = field(default=())

    # --- looking figures up -----------------------------------------------------------------------------

    def fact(self, asked: str, name: str, entity: str = ENTITY) -> Fact | None:
        """One figure, or None where it was not measured."""
        result = self.results.get(asked)
        return result.fact(name, entity) if result else None

    def facts(self, asked: str, name: str) -> tuple[Fact, ...]:
        """Every figure of a name, in the order measured."""
        result = self.results.get(asked)
        return result.named(name) if result else ()

    def quantity(self, asked: str, name: str, entity: str = ENTITY, *, reason: str = "") -> Quantity:
        """One figure as a report prints it, or the reason why there is none."""
        found = self.fact(asked, name, entity)
        return Unavailable(reason=self.reason(asked, reason)) if found is None else Measured.of(found)

    def reason(self, asked: str, otherwise: str = "") -> str:
        """Why a measurement gave nothing; `otherwise` when it gave something, but not this."""
        result = self.results.get(asked)
        if result is None or result.status == "ok":
            return otherwise or "not measured"
        if result.status == "error":
            return f"the source {result.measurement.source} failed: {result.reason}"
        return result.reason or otherwise or "no data"

    def looked(self, asked: str) -> bool:
        """Whether a measurement could see: its source was read, and reaches the time asked for."""
        result = self.results.get(asked)
        return result is not None and result.status == "ok"

    def every_fact(self) -> Iterator[Fact]:
        """Every fact, in the order in which the measurements were asked for."""
        for result in self.results.values():
            yield from result.facts

    # --- what the case is about -------------------------------------------------------------------------

    @property
    def zone(self) -> str:
        """The zone whose clock the report shows."""
        return self.window.zone

    @cached_property
    def span(self) -> Window | None:
        """From the first to the last failing minute; None where no failing span was found.

        Without requests to look at, it is what the alerts say: from the first that fired until they resolved.
        """
        start, end = self.fact("span", "incident_start"), self.fact("span", "incident_end")
        if start is not None and end is not None and end.value > start.value:
            return Window(start=moment_of(start), end=moment_of(end), zone=self.zone)
        return None if self._requests_seen else self._alerted

    @property
    def measured(self) -> bool:
        """Whether the span is that of failing requests."""
        return self.fact("span", "incident_start") is not None

    @property
    def _requests_seen(self) -> bool:
        """Whether requests were looked at of the time when it is said to have begun: a log may end before."""
        start, seen_until = self.reported.start, self.observed_end
        unseen = start is not None and seen_until is not None and seen_until <= start
        return self.looked("span") and not unseen

    @property
    def _alerted(self) -> Window | None:
        fired = first_of(self.alerts, "fired")
        if fired is None:
            return None
        over = self._told_over
        end = over.at if over is not None else self.told_until
        return Window(start=fired.at, end=max(end, fired.at + MINUTE), zone=self.zone)

    @property
    def told_until(self) -> datetime:
        """Until when what people and machines recorded could be known."""
        return min(self.now, self.window.observed_end)

    @property
    def _told_over(self) -> AlertSeen | None:
        """The last record that says that it is over, where nothing fired after it."""
        told = [seen for seen in self.alerts if seen.record.kind in ("fired", "resolved")]
        last = told[-1] if told and told[-1].record.kind == "resolved" else None
        return last or first_of(self.alerts, "recovered", "closed")

    @cached_property
    def alerts(self) -> tuple[AlertSeen, ...]:
        """The records of alerts around the incident, oldest first."""
        return alerts_seen(self.results.get("alerts"))

    @cached_property
    def changes(self) -> tuple[ChangeSeen, ...]:
        """The changes recorded before, during and just after it, oldest first."""
        return changes_seen(self.results.get("changes"))

    @property
    def over(self) -> bool:
        """Whether the failures ended, and nothing failed beyond the usual for long enough afterwards."""
        if self.span is None:
            return False
        if not self.measured:
            return self._told_over is not None
        if self.observed_end is None:
            return False
        quiet = timedelta(minutes=self.settings.incidents.quiet_minutes)
        return self.observed_end >= self.span.end + quiet

    @property
    def ended(self) -> bool:
        """Whether the data goes on after the last failing minute, for long enough or not."""
        if self.span is None or not self.measured:
            return self.over
        return self.observed_end is not None and self.observed_end > self.span.end + MINUTE


def minutes_between(start: Measured | Assumed, end: Measured | Assumed, statement: str) -> Derived:
    """The minutes from one moment to another."""
    return Derived.of("minutes between", start, end, unit="minutes", statement=statement)


def first_of(alerts: Iterable[AlertSeen], *kinds: str) -> AlertSeen | None:
    """The earliest record of one of these kinds, or with one of these milestones."""
    return next(
        (seen for seen in alerts if seen.record.kind in kinds or seen.record.milestone in kinds), None
    )
