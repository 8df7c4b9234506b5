"""Unusual hours of the day: hours in a row taken together, and what each run of them brings near."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from postlaunch.agents.daily_measured import EVE
from postlaunch.agents.health_week import Week
from postlaunch.facts import Fact, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.daily import Anomaly
from postlaunch.reports.health import Incident, Severity
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing
from postlaunch.tools import definitions_anomalies as definitions
from postlaunch.tools.definitions_launch import LAUNCH_LOAD
from postlaunch.tools.definitions_resources import RESOURCES
from postlaunch.tools.verdicts import severity
from postlaunch.windows import Window

HOUR = timedelta(hours=1)
NONE_EXPECTED = Unavailable(reason="only too much of it is unusual")


@dataclass(frozen=True)
class Figure:
    """A figure whose hours are judged: what it is called, who measures it, and the names of its facts."""

    name: str
    title: str
    asked: str
    value: str
    expected: str = ""
    low: str = ""
    high: str = ""


FIGURES = (
    Figure(
        "requests",
        "Requests",
        "request_anomalies",
        definitions.UNUSUAL_REQUESTS.name,
        definitions.EXPECTED_REQUESTS.name,
        definitions.EXPECTED_REQUESTS_LOW.name,
        definitions.EXPECTED_REQUESTS_HIGH.name,
    ),
    Figure(
        "error_rate",
        "Error Rate",
        "request_anomalies",
        definitions.UNUSUAL_ERROR_RATE.name,
        definitions.EXPECTED_ERROR_RATE.name,
        high=definitions.EXPECTED_ERROR_RATE_HIGH.name,
    ),
    Figure(
        "p95_response_time",
        "95th Percentile",
        "request_anomalies",
        definitions.UNUSUAL_RESPONSE_TIME.name,
        definitions.EXPECTED_RESPONSE_TIME.name,
        high=definitions.EXPECTED_RESPONSE_TIME_HIGH.name,
    ),
    *(
        Figure(
            resource.name,
            resource.title,
            "resource_anomalies",
            resource.hour.name,
            high=resource.hour_high.name,
        )
        for resource in RESOURCES
    ),
)
"""In the order in which the check lists them."""


@dataclass(frozen=True)
class Run:
    """Unusual hours in a row of one figure, of the application or of one pod.

    Attributes:
        worst: the figure of the hour that is farthest from what was expected; the others are of that hour.
        began: when the run began: on the day before, if it goes on at midnight.
    """

    figure: Figure
    entity: str
    window: Window
    began: datetime
    worst: Fact
    expected: Fact | None
    low: Fact | None
    high: Fact | None

    @property
    def title(self) -> str:
        """ "Requests", or "Memory of pod web-1"."""
        return self.figure.title if self.entity == "application" else f"{self.figure.title} of {self.entity}"

    @property
    def hours(self) -> str:
        """ "14:00–16:00", on the application's clock."""
        start, end = self.window.local(self.window.start), self.window.local(self.window.end)
        return f"{start:%H:%M}–{end:%H:%M}"

    @property
    def facts(self) -> tuple[str, ...]:
        """The ids of what it states."""
        known = (self.worst, self.expected, self.low, self.high)
        return tuple(fact.id for fact in known if fact is not None)

    @property
    def too_few(self) -> bool:
        """Whether it is unusual for being too little."""
        return self.low is not None and self.worst.value < self.low.value


def unusual_runs(week: Week) -> tuple[Run, ...]:
    """Every run of unusual hours of the window, figure by figure, in the order of time."""
    return tuple(run for figure in FIGURES for run in _runs_of(week, figure))


def _runs_of(week: Week, figure: Figure) -> Iterator[Run]:
    facts = week.facts(figure.asked, figure.value)
    for entity in dict.fromkeys(_entity(fact) for fact in facts):
        own = sorted((f for f in facts if _entity(f) == entity), key=lambda fact: fact.window.start)
        for hours in _in_a_row(own):
            worst = max(hours, key=lambda fact: _distance(week, figure, fact))
            window = Window(start=hours[0].window.start, end=hours[-1].window.end, zone=worst.window.zone)
            expected, low, high = (
                week.fact(figure.asked, name, worst.entity) if name else None
                for name in (figure.expected, figure.low, figure.high)
            )
            began = _began(week, figure, entity, window.start)
            yield Run(figure, entity, window, began, worst, expected, low, high)


def _entity(fact: Fact) -> str:
    """On what an hour was measured: "pod web-1, 2025-11-18 14:00" is of the pod."""
    pod, _, _ = fact.entity.rpartition(", ")
    return pod or "application"


def _in_a_row(facts: Sequence[Fact]) -> list[list[Fact]]:
    found: list[list[Fact]] = []
    for fact in facts:
        if found and fact.window.start <= found[-1][-1].window.end:
            found[-1].append(fact)
        else:
            found.append([fact])
    return found


def _distance(week: Week, figure: Figure, fact: Fact) -> float:
    """How far an hour is from what was expected of it, as a ratio either way."""
    expected = week.fact(figure.asked, figure.expected or figure.high, fact.entity)
    if expected is None or expected.value <= 0:
        return fact.value
    return abs(math.log((fact.value + 0.5) / (expected.value + 0.5))) if figure.low else fact.value


def _began(week: Week, figure: Figure, entity: str, start: datetime) -> datetime:
    """The start of a run; on the day before, where its hours go on from there."""
    if start > week.window.start:
        return start
    eve = week.facts(EVE + figure.asked, figure.value)
    for fact in sorted(eve, key=lambda fact: fact.window.start, reverse=True):
        if _entity(fact) == entity and fact.window.end == start:
            start = fact.window.start
    return start


# --- what it brings near ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Danger:
    """An objective or a limit that a run brings near, how grave that is, and what was to be done."""

    what: str
    severity: Severity
    facts: tuple[str, ...] = ()


def danger_of(week: Week, run: Run) -> Danger | None:
    """What a run endangers; None where nothing that is set is near."""
    match run.figure.name:
        case "requests":
            return _traffic(week, run)
        case "error_rate" | "p95_response_time":
            return _objective(week, run)
        case _:
            return _limit(week, run)


def _traffic(week: Week, run: Run) -> Danger | None:
    """Requests that do not come, or more of them than were tried before the launch."""
    lost = week.settings.monitoring.traffic_lost
    if run.too_few:
        if run.expected is None or run.worst.value >= lost * run.expected.value:
            return None
        share = value_text(lost, "ratio")
        return Danger(f"fewer than {share} of the requests expected", "SEV-2" if run.worst.value else "SEV-1")
    load = week.fact("launch", LAUNCH_LOAD.name)
    peak = week.fact("request_summary", "peak_requests_per_second")
    if load is None or peak is None or peak.value < week.settings.verdicts.near_target * load.value:
        return None
    told = said("a peak of {peak}, with {load} tried before the launch", peak=peak, load=load)
    return Danger(told.text, "SEV-4", told.facts)


def _objective(week: Week, run: Run) -> Danger | None:
    target = week.target(run.figure.name)
    if target is None or run.worst.value < week.settings.verdicts.near_target * target.value:
        return None
    missed = run.worst.value >= target.value
    told = f"the target of {target.text()} {'is missed' if missed else 'is near'}"
    if run.figure.name == "error_rate":
        return Danger(told, severity(run.worst.value, week.settings.verdicts))
    return Danger(told, "SEV-3" if missed else "SEV-4")


def _limit(week: Week, run: Run) -> Danger | None:
    near = week.settings.monitoring.scale_at
    if run.worst.value < near:
        return None
    return Danger(f"above {value_text(near, 'ratio')} of its limit", "SEV-4")


# --- as the check lists them --------------------------------------------------------------------------------


def beside(run: Run, spells: Sequence[Incident]) -> str:
    """The spell of failures that a run came with: one that touches its hours, or the one before or after."""
    for spell in spells:
        start, minutes = spell.start, spell.duration
        if isinstance(start, Unavailable) or isinstance(minutes, Unavailable):
            continue
        begin, end = start.value, start.value + minutes.value * 60
        if begin <= (run.window.end + HOUR).timestamp() and end >= (run.window.start - HOUR).timestamp():
            return f"Incident #{spell.number}"
    return ""


def anomalies(week: Week, runs: Sequence[Run], spells: Sequence[Incident]) -> Listing[Anomaly]:
    """The runs of unusual hours, or why there are none."""
    items = tuple(_line(week, run, spells) for run in runs)
    return Listing[Anomaly](items=items, reason="" if items else _why_none(week))


def _line(week: Week, run: Run, spells: Sequence[Incident]) -> Anomaly:
    danger = danger_of(week, run)
    return Anomaly(
        figure=run.title,
        hours=run.hours,
        window=run.window,
        value=Measured.of(run.worst),
        expected=_or_none(run.expected),
        low=_or_none(run.low),
        high=_or_none(run.high),
        endangers=danger.what if danger else "",
        beside=beside(run, spells),
    )


def _or_none(fact: Fact | None) -> Quantity:
    return NONE_EXPECTED if fact is None else Measured.of(fact)


def _why_none(week: Week) -> str:
    judged = [fact for fact in week.facts("request_anomalies", definitions.HOURS_JUDGED.name) if fact.value]
    if judged:
        return "None: every hour that could be judged was as expected"
    return f"not available: {week.reason('request_anomalies', 'too few weeks to compare with')}"


def judged_hours(week: Week) -> tuple[Sentence, ...]:
    """Of each figure, how many hours could be judged, and how many were unusual."""
    lines = []
    for asked in ("request_anomalies", "resource_anomalies"):
        for fact in week.facts(asked, definitions.HOURS_JUDGED.name):
            unusual = week.fact(asked, definitions.UNUSUAL_HOURS.name, fact.entity)
            if unusual is not None:
                lines.append(
                    said(
                        "{figure}: {unusual} of {judged} hours unusual",
                        figure=fact.entity,
                        unusual=unusual,
                        judged=fact,
                    )
                )
    return tuple(lines)
