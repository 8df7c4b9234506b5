"""Step 1 of the analytics-specialist: which measurements the settings ask for, over which spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from postlaunch.agents.analytics_plan_check import plan_measured
from postlaunch.agents.analytics_results import OTHERWISE, Results, outside
from postlaunch.agents.analytics_tracking import needed_properties, other_uses, uses_of
from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench
from postlaunch.errors import UsageError
from postlaunch.reports.analytics_looks import last_looks
from postlaunch.settings import Settings
from postlaunch.settings_analytics import Analytics, Experiment, FeatureSettings, FunnelMode, FunnelSettings
from postlaunch.sources.candidates import CandidateTable
from postlaunch.sources.deployments import SOURCE as DEPLOYMENTS
from postlaunch.sources.events import EventLog
from postlaunch.sources.tickets import TicketTable
from postlaunch.tools import (  # noqa: F401  (registers what is measured)
    analytics,
    costs,
    deployments,
    feedback_measurements,
)
from postlaunch.tools.backlog_requests import anchors_of, counted_under
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.verdicts import objective_days
from postlaunch.windows import Window

NAME = "analytics-specialist"
TIME_TO_DEPLOY = "time_to_deploy"

RETENTION_DAYS = (1, 7, 30)
FLOW_EVENTS, FLOW_DEPTH = 6, 5
"""Events, transitions and paths of the flows that are listed; steps of a path."""

MONTH_DAYS = (28, 31)
"""A window of so many days is compared with a monthly objective as it is."""

Asked = tuple[str, str, dict[str, JsonValue]]
"""Asked as, measurement, parameters beside the window and its baseline."""


def measured(bench: Bench, assignment: Assignment) -> Results:
    """Run every measurement of the report.

    Raises:
        UsageError: the assignment has no window.
    """
    if assignment.window is None:
        raise UsageError("usage is measured over a span of time", "give the assignment a window")
    window = _observed(bench, assignment.window)
    spans = {"window": window, "baseline": assignment.baseline or window.before()}
    known = bench.settings.analytics
    results = {
        asked: bench.measure(NAME, name, {**spans, **parameters})
        for asked, name, parameters in (
            *_of_users(known),
            *_of_funnels(known),
            *_of_features(known),
            *_otherwise(known),
        )
    }
    if longer := _objective_window(bench, window, "user_growth"):
        results["growth_of_objective"] = bench.measure(
            NAME, "user_growth", {"window": longer, **_joining(known)}
        )
    if DEPLOYMENTS in bench.sources:
        over = _objective_window(bench, window, TIME_TO_DEPLOY) or window
        results[TIME_TO_DEPLOY] = bench.measure(
            NAME, TIME_TO_DEPLOY, {"window": over, "baseline": over.before()}
        )
    results |= _of_experiments(bench, assignment, window)
    results["flows"] = bench.measure(NAME, "flows", {**spans, **_flows(known)})
    results |= {
        asked: bench.measure(NAME, name, {**spans, **parameters})
        for asked, name, parameters in _the_rest(
            Results(settings=bench.settings, window=window, results=results)
        )
    }
    results |= plan_measured(bench, NAME, window)
    results |= _of_requests(bench, window, counted_under(assignment.parameters))
    return Results(settings=bench.settings, window=window, results=results)


def _observed(bench: Bench, window: Window) -> Window:
    """The window, cut where the events end inside it, so that the report says that it is partial."""
    log = bench.sources.get("events")
    return log.coverage.observed(window) if isinstance(log, EventLog) else window


# --- events -----------------------------------------------------------------------------------------------


def _joining(known: Analytics) -> dict[str, JsonValue]:
    """How a user comes to be known."""
    visitors: list[JsonValue] = list(known.visitors)
    joining: dict[str, JsonValue] = {"visitor_events": visitors}
    return joining | ({"signup_event": known.signup_event} if known.signup_event else {})


def _times(known: Analytics) -> dict[str, JsonValue]:
    """What a session is, and who is engaged."""
    return {
        "session_minutes": known.session_minutes,
        "engaged_minutes": known.engaged_minutes,
        "power_minutes": known.power_minutes,
    }


def usual(settings: Settings) -> dict[str, JsonValue]:
    """What the settings decide of every measurement, so that a model's figures are those of the report."""
    return {**_joining(settings.analytics), **_times(settings.analytics)}


def _of_users(known: Analytics) -> Iterator[Asked]:
    joining, visitors = _joining(known), list[JsonValue](known.visitors)
    yield "user_growth", "user_growth", joining
    yield "active_users_daily", "active_users_daily", {"visitor_events": visitors}
    yield "users_active_in", "users_active_in", {"visitor_events": visitors}
    yield "retention", "retention", {**joining, "days": list(RETENTION_DAYS)}
    yield "time_on_platform", "time_on_platform", {**_times(known), "visitor_events": visitors}


def funnel_asked(funnel: FunnelSettings) -> str:
    """Under which name a funnel is asked for."""
    return f"funnel {funnel.title}"


def _of_funnels(known: Analytics) -> Iterator[Asked]:
    for funnel in known.funnels:
        yield funnel_asked(funnel), "funnel", _funnel(known, funnel, funnel.mode)


def _funnel(known: Analytics, funnel: FunnelSettings, mode: FunnelMode) -> dict[str, JsonValue]:
    return {
        "steps": list(funnel.steps),
        "mode": mode,
        "days": funnel.days,
        "session_minutes": known.session_minutes,
    }


def adoption_asked(role: str) -> str:
    """Under which name the features of an audience are asked for."""
    return f"adoption of {role or 'all'}"


def _of_features(known: Analytics) -> Iterator[Asked]:
    for role in dict.fromkeys(feature.role for feature in known.features):
        events = dict.fromkeys(feature.event for feature in known.features if feature.role == role)
        about: dict[str, JsonValue] = {**_joining(known), "features": list(events)}
        yield adoption_asked(role), "feature_adoption", about | ({"role": role} if role else {})


def funnel_otherwise(funnel: FunnelSettings, mode: FunnelMode) -> str:
    """Under which name a funnel in another mode than its own is asked for."""
    return f"{OTHERWISE}{funnel_asked(funnel)}, {mode}"


def use_asked(feature: FeatureSettings) -> str:
    """Under which name the users of a feature in the span are asked for."""
    return f"{OTHERWISE}{feature.event}"


def other_modes(funnel: FunnelSettings) -> tuple[FunnelMode, ...]:
    """The modes in which a funnel can be counted beside its own."""
    repeats = len(set(funnel.steps)) < len(funnel.steps)
    modes: tuple[FunnelMode, ...] = get_args(FunnelMode)
    return tuple(mode for mode in modes if mode != funnel.mode and not (repeats and mode == "any_order"))


def _otherwise(known: Analytics) -> Iterator[Asked]:
    """What other common definitions give, where no figure of the report is one."""
    for funnel in known.funnels:
        for mode in other_modes(funnel):
            yield funnel_otherwise(funnel, mode), "funnel_completed", _funnel(known, funnel, mode)
    visitors = list[JsonValue](known.visitors)
    for feature in known.features:
        about: dict[str, JsonValue] = {"event": feature.event, "visitor_events": visitors}
        yield use_asked(feature), "users_active_in", about


def _flows(known: Analytics) -> dict[str, JsonValue]:
    """What a session is, and how much of the flows is listed."""
    return {"session_minutes": known.session_minutes, "most": FLOW_EVENTS, "depth": FLOW_DEPTH}


def _the_rest(span: Results) -> Iterator[Asked]:
    """What a model sees last: tracking, of the flows too, tickets, the days of the chart."""
    properties: list[JsonValue] = [
        {"event": event, "property": name} for event, name in needed_properties(span)
    ]
    used: dict[str, JsonValue] = {"expected": list(uses_of(span)), "otherwise": list(other_uses(span))}
    yield "tracking_check", "tracking_check", {**used, "properties": properties}
    yield "event_quality", "event_quality", {}
    yield "support_ticket_rate", "support_ticket_rate", {}
    yield "costs", "costs_by_service", {}
    yield "active_users_by_day", "active_users_by_day", {"visitor_events": list(span.analytics.visitors)}


def _objective_window(bench: Bench, window: Window, name: str) -> Window | None:
    """The days up to the window's end over which an objective holds; None where it is the window itself, or
    has no length in days.
    """
    objective = bench.settings.objectives.get(name)
    days = objective_days(objective.window) if objective else None
    length = (window.observed_end - window.start) / timedelta(days=1)
    if days is None or abs(days - length) < 1 / 12:
        return None
    least, most = MONTH_DAYS
    if least <= days <= most and least - 1 / 12 <= length <= most + 1 / 12:
        return None
    end = window.observed_end
    begin = window.local(end).replace(tzinfo=None) - timedelta(days=days)
    return Window(start=begin.replace(tzinfo=ZoneInfo(window.zone)), end=end, zone=window.zone)


# --- experiments ------------------------------------------------------------------------------------------


def experiment_asked(plan: Experiment) -> str:
    """Under which name an experiment is asked for."""
    return f"experiment {plan.name}"


def _of_experiments(bench: Bench, assignment: Assignment, window: Window) -> dict[str, MeasurementResult]:
    """Each experiment that ran in the window, from its own first day on, up to the window's end."""
    return {
        experiment_asked(plan): bench.measure(
            NAME,
            "experiment_results",
            {
                "plan": plan.model_dump(mode="json"),
                "until": window.observed_end.isoformat(),
                "looks": looks_at(plan, assignment),
            },
        )
        for plan in bench.settings.analytics.experiments
        if plan.reported is None and not outside(plan, window)
    }


def looks_at(plan: Experiment, assignment: Assignment) -> int:
    """How often the experiment was looked at, this time included: once more than in the last report, which
    the parameter "previous" holds.
    """
    last = last_looks(assignment.parameters.get("previous"))
    if last is None or assignment.window is None or plan.name not in last.looks:
        return 1
    again = last.window.observed_end >= assignment.window.observed_end
    return last.looks[plan.name] + (0 if again else 1)


# --- tickets ----------------------------------------------------------------------------------------------


def _of_requests(
    bench: Bench, window: Window, counted: Mapping[str, JsonValue]
) -> Mapping[str, MeasurementResult]:
    """What people ask for, counted as the product-analyst does: over every ticket up to the window's end.

    Args:
        counted: how the run counts requests.
    """
    candidates, tickets = bench.sources.get("candidates"), bench.sources.get("tickets")
    items = candidates.items if isinstance(candidates, CandidateTable) else ()
    asked: dict[str, JsonValue] = {
        "anchors": [anchor.model_dump(mode="json") for anchor in anchors_of(items)],
        **counted,
    }
    asking = tickets.asking.tickets if isinstance(tickets, TicketTable) else ()
    if asking:
        moments = [ticket.created_at for ticket in asking]
        first, last = min(moments), max(moments)
        if window.observed_end <= first:
            return {}
        if last >= window.observed_end:
            span = Window(start=first, end=window.observed_end, zone=window.zone)
            asked["window"] = JSON_OBJECT.validate_python(span.model_dump(mode="json"))
    return {"request_groups": bench.measure(NAME, "request_groups", asked)}
