"""What the incident-responder measures: first the span of the failures, then everything around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue, ValidationError

from postlaunch.agents.bench import Assignment, Bench
from postlaunch.errors import UsageError
from postlaunch.facts import Fact
from postlaunch.sources.candidates import CandidateTable
from postlaunch.sources.launch import LaunchSource
from postlaunch.sources.opening import BrokenSource
from postlaunch.sources.requests import RequestLog
from postlaunch.tools import (  # noqa: F401  (registers what is measured)
    feedback_measurements,
    incident_event_users,
    incident_logs,
    incident_records,
    incident_requests,
    incident_resources,
    incident_spans,
    requests,
)
from postlaunch.tools.incident_case import Case, Reported
from postlaunch.tools.incident_resources import RESOURCES
from postlaunch.tools.incident_used_up import full_share, used_up
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.verdicts import objective_days
from postlaunch.windows import Window, iso_week_of

NAME = "incident-responder"

LEAD = timedelta(minutes=5)
"""What gives way may do so a little before requests fail."""

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
TICKET_HOURS = timedelta(hours=6)
SHORT = timedelta(minutes=30)
CHART_POINTS = 60
MONTH_DAYS = 30


def reported_in(assignment: Assignment) -> Reported:
    """The incident of an assignment; for a colleague's question, none is stated.

    Raises:
        UsageError: what is stated is no incident.
    """
    stated = assignment.parameters.get("incident")
    if stated is None:
        return Reported()
    try:
        return Reported.model_validate(stated)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(
            f"the incident of the assignment: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            "state start, end, trigger and text",
        ) from error


def measure_case(bench: Bench, assignment: Assignment) -> Case:
    """Find the span, then measure what surrounds it; what a missing or failed source leaves open is said.

    Raises:
        UsageError: the assignment has no window, or states no incident that can be read.
    """
    if assignment.window is None:
        raise UsageError("an incident needs the span to look at", "give the assignment a window")
    window, reported = assignment.window, reported_in(assignment)
    known_until = _known_until(assignment, window)
    measuring = _Measuring(bench, window, known_until)
    search = _searched(bench, window, reported, known_until)
    measuring.ask("span", "incident_span", {"window": search, "start": reported.start, "end": reported.end})
    focus = _focus(measuring.case(reported), search)
    measuring.around(focus, search.observed_end)
    return measuring.case(reported)


def _known_until(assignment: Assignment, window: Window) -> datetime | None:
    """Until when anything was known: a window that is cut ends there, and a run may look back at a moment."""
    as_of = assignment.parameters.get("as_of")
    moments = [window.observed_end] if window.partial else []
    if isinstance(as_of, str):
        moments.append(datetime.fromisoformat(as_of))
    return min(moments, default=None)


def _searched(bench: Bench, window: Window, reported: Reported, known_until: datetime | None) -> Window:
    """Where the failing span is looked for: the week of the start, so that what is usual is what it is in the
    week's report; at least the day before it. A span without a stated start is the window itself.
    """
    if reported.start is None:
        return window
    week = iso_week_of(window.local(reported.start).date(), window.zone)
    start = min(week.start, reported.start - DAY)
    end = max(week.end, window.end) if known_until is None else known_until
    log = bench.sources.get("requests")
    if isinstance(log, RequestLog):
        end = min(end, max(log.coverage.end, reported.start + SHORT))
    return Window(start=start, end=max(end, reported.start + SHORT), zone=window.zone)


def _focus(case: Case, search: Window) -> Window:
    """What everything else is measured over: the incident's span, or that which was reported."""
    if case.span is not None:
        return case.span.model_copy(update={"label": "the incident"})
    start, end = case.reported.start, case.reported.end
    if start is None:
        return case.window
    last = max(end or start + SHORT, start + timedelta(minutes=1))
    return Window(start=start, end=last, zone=case.zone, label="the time reported")


class _Measuring:
    """One case while it is being measured."""

    def __init__(self, bench: Bench, window: Window, known_until: datetime | None) -> None:
        self._bench = bench
        self._window = window
        self._known_until = known_until
        self._results: dict[str, MeasurementResult] = {}

    def ask(self, asked: str, name: str, parameters: Mapping[str, object]) -> MeasurementResult:
        """Run one measurement under the name by which the rules look it up."""
        self._results[asked] = self._bench.measure(NAME, name, parameters)
        return self._results[asked]

    def case(self, reported: Reported) -> Case:
        """What is known so far."""
        sources = self._bench.sources
        log, launch, candidates = (sources.get(name) for name in ("requests", "launch", "candidates"))
        observed = log.coverage.end if isinstance(log, RequestLog) else None
        if observed is not None and self._known_until is not None:
            observed = min(observed, self._known_until)
        return Case(
            settings=self._bench.settings,
            reported=reported,
            window=self._window,
            now=self._bench.clock(),
            results=dict(self._results),
            observed_end=observed,
            launch=launch.record if isinstance(launch, LaunchSource) else None,
            candidates=candidates.items if isinstance(candidates, CandidateTable) else (),
            problems=tuple(self._problems()),
        )

    def _problems(self) -> Iterator[str]:
        told = {
            f"{result.measurement.source}: {result.reason}"
            for result in self._results.values()
            if result.status == "error"
        }
        for name in ("launch", "candidates"):
            source = self._bench.sources.get(name)
            if isinstance(source, BrokenSource):
                told.add(f"{name}: {source.error}")
        yield from sorted(told)

    def around(self, focus: Window, known_until: datetime) -> None:
        """Everything beside the span itself."""
        incidents = self._bench.settings.incidents
        minutes = timedelta(minutes=incidents.around_minutes)
        before = _between(focus, focus.start - minutes, focus.start, "the time before")
        lead = _between(focus, focus.start - LEAD, focus.observed_end, focus.label)
        calm = _between(focus, before.start - LEAD, lead.start, "the time before")
        end, after = focus.observed_end, None
        if known_until > end:
            after = _between(focus, end, min(end + minutes, known_until), "the time after")
        self._requests(focus, before, after)
        self._resources(lead, calm, after)
        logs = {"window": lead, "baseline": before_of(lead, before), "limit": 30}
        self.ask("logs", "incident_log_errors", logs)
        lookback = timedelta(hours=incidents.lookback_hours)
        until = max(min(end + timedelta(hours=1), known_until), end)
        self.ask("changes", "incident_changes", {"window": _between(focus, focus.start - lookback, until)})
        self.ask("alerts", "incident_alerts", {"window": focus})
        hours = _between(focus, focus.start, end + TICKET_HOURS)
        self.ask("tickets", "ticket_volume", {"window": hours, "baseline": _earlier(hours, WEEK)})
        self._charts(focus, known_until)

    def _requests(self, focus: Window, before: Window, after: Window | None) -> None:
        target = self._bench.settings.objectives.get("uptime")
        self.ask("during", "request_summary", {"window": focus, "baseline": before})
        if self._results["span"].fact("incident_start") is None:
            return
        if after is not None:
            self.ask("after", "request_summary", {"window": after, "baseline": before})
        self.ask("usual", "request_summary", {"window": _earlier(focus, WEEK)})
        self.ask("load", "incident_load", {"window": focus})
        users = self.ask("users", "incident_users", {"window": focus})
        if users.status != "ok":
            self.ask("event_users", "incident_event_users", {"window": focus})
        if target is not None and 0 < target.target < 1:
            days = objective_days(target.window) or MONTH_DAYS
            self.ask("allowance", "incident_allowance", {"window": focus, "days": days})
            self.ask("burn", "incident_burn_rate", {"window": focus, "allowed": 1 - target.target})
        self.ask("endpoints", "error_endpoints", {"window": focus, "status": "5xx", "limit": 20})
        self.ask("statuses", "errors_by_type", {"window": focus})
        self.ask("pods", "pod_comparison", {"window": focus, "baseline": before})

    def _resources(self, lead: Window, calm: Window, after: Window | None) -> None:
        for resource in RESOURCES:
            asked = {"window": lead, "baseline": calm, "resources": (resource,)}
            full = full_share(self.case(Reported()), resource)
            self.ask(resource, "incident_resources", {**asked, "full": full})
            if after is not None and used_up(self.case(Reported()), resource):
                later = {"window": after, "baseline": lead, "resources": (resource,), "full": full}
                self.ask(f"{resource}_after", "incident_resources", later)

    def _charts(self, focus: Window, known_until: datetime) -> None:
        length = focus.observed_end - focus.start
        margin = max(length, timedelta(minutes=15))
        start = focus.start - margin
        end = max(min(focus.observed_end + margin, known_until), focus.observed_end)
        shown = Window(start=start, end=end, zone=focus.zone)
        step = max(1, -(-int((end - start).total_seconds() // 60) // CHART_POINTS))
        step = min(step, 60)
        self.ask("minutes", "requests_by_minute", {"window": shown, "minutes": step})
        case = self.case(Reported())
        for resource in RESOURCES:
            if used_up(case, resource):
                asked = {"window": shown, "resource": resource, "minutes": step}
                self.ask("shares", "resource_shares", asked)
                return


def _between(window: Window, start: datetime, end: datetime, label: str = "") -> Window:
    return Window(start=start, end=end, zone=window.zone, label=label)


def before_of(lead: Window, before: Window) -> Window:
    """The baseline of a span that begins a little earlier: it ends where that begins."""
    return before.model_copy(update={"end": lead.start, "start": before.start - LEAD})


def _earlier(window: Window, by: timedelta) -> Window:
    return Window(
        start=window.start - by, end=window.observed_end - by, zone=window.zone, label="a week before"
    )


FOR_CHARTS = frozenset({"minutes", "shares"})
"""Measured for the report's charts alone."""

FIRST: tuple[tuple[str, frozenset[str], int], ...] = (
    ("span", frozenset(), 12),
    *((name, frozenset({f"incident_{name}_peak_share"}), 4) for name in RESOURCES),
    ("pool", frozenset({"incident_pods", "incident_pod_restarts"}), 4),
    ("logs", frozenset({"incident_log_errors", "incident_log_lines"}), 6),
    ("changes", frozenset({"change_moment"}), 4),
    ("statuses", frozenset({"status_count"}), 3),
    ("endpoints", frozenset(), 8),
    ("pods", frozenset({"pod_error_rate"}), 6),
    ("load", frozenset(), 3),
    ("users", frozenset(), 2),
    ("event_users", frozenset(), 2),
    ("during", frozenset({"error_rate", "requests_per_second", "p95_response_time"}), 3),
    ("burn", frozenset(), 2),
    ("allowance", frozenset(), 3),
)
"""What a model sees first: of which measurement, which figures (all where none is named), and how many. The
rest follows in the order in which it was measured.
"""


def facts_for_model(case: Case) -> tuple[Fact, ...]:
    """Every fact but those of charts, the telling ones first."""
    first = [
        fact
        for asked, names, most in FIRST
        if (result := case.results.get(asked)) is not None
        for fact in [fact for fact in result.facts if not names or fact.name in names][:most]
    ]
    rest = [
        fact for asked, result in case.results.items() if asked not in FOR_CHARTS for fact in result.facts
    ]
    return tuple({fact.id: fact for fact in (*first, *rest)}.values())


TEXTS = ("alerts", "changes", "logs")


def texts_of(case: Case) -> tuple[dict[str, JsonValue], ...]:
    """Text from outside that belongs to the figures: records of alerts and changes, lines of the log."""
    return tuple(
        text for asked in TEXTS if (result := case.results.get(asked)) is not None for text in result.texts
    )
