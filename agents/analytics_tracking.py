"""The configured analytics against the data: what each event is for, what never comes, what nobody uses."""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.agents.analytics_results import Results, flow_steps, outside
from postlaunch.facts import Measured, Unavailable
from postlaunch.reports.analytics_figures import (
    EventStatus,
    PlanCheck,
    PropertyStatus,
    TrackedEvent,
    TrackedProperty,
    Tracking,
)
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing
from postlaunch.settings_analytics import Experiment
from postlaunch.tools.analytics_tracking import NEVER_SEEN

NOTHING_CONFIGURED = "nothing is configured: name the sign-up event, funnels, features and experiments"
ASKED = "tracking_check"


def uses_of(span: Results) -> dict[str, tuple[str, ...]]:
    """Event → what the settings make from it in the span, in the order of the settings."""
    known = span.analytics
    uses: dict[str, dict[str, None]] = {}

    def note(event: str, what: str) -> None:
        if event:
            uses.setdefault(event, {})[what] = None

    note(known.signup_event, "sign-up")
    for event in known.visitor_events or ():
        note(event, "visitors")
    for funnel in known.funnels:
        for place, event in enumerate(funnel.steps, 1):
            note(event, f"funnel {funnel.title}, step {place}")
    for feature in known.features:
        note(feature.event, f"feature {feature.title}")
    for plan in _measured_plans(span):
        note(plan.exposure_event, f"experiment {plan.name}, exposure")
        for metric in plan.metrics:
            note(metric.event, f"experiment {plan.name}, {metric.name}")
    return {event: tuple(what) for event, what in uses.items()}


def other_uses(span: Results) -> dict[str, tuple[str, ...]]:
    """Event → its use that asks for no event in the span: an experiment outside it, a step of the flow."""
    uses: dict[str, dict[str, None]] = {}
    for plan in span.analytics.experiments:
        if plan.reported is None and outside(plan, span.window):
            for event in (plan.exposure_event, *(metric.event for metric in plan.metrics)):
                uses.setdefault(event, {})[f"experiment {plan.name}, outside the span"] = None
    for step in flow_steps(span):
        uses.setdefault(step.entity, {})["flow"] = None
    return {event: tuple(what) for event, what in uses.items() if event}


def _measured_plans(span: Results) -> Iterator[Experiment]:
    """The experiments that ran in the span and are measured from events."""
    for plan in span.analytics.experiments:
        if plan.reported is None and not outside(plan, span.window):
            yield plan


def needed_properties(span: Results) -> dict[tuple[str, str], tuple[str, ...]]:
    """Event and property of it → what the settings make from that, in the order of the settings."""
    known = span.analytics
    needs: dict[tuple[str, str], dict[str, None]] = {}

    def note(event: str, name: str, what: str) -> None:
        if event and name:
            needs.setdefault((event, name), {})[what] = None

    for feature in known.features:
        note(feature.event, "role" if feature.role else "", f"feature {feature.title}")
    for plan in _measured_plans(span):
        what = f"experiment {plan.name}"
        note(plan.exposure_event, "variant", what)
        note(plan.exposure_event, "experiment" if plan.experiment else "", what)
        for metric in plan.metrics:
            note(metric.event, metric.property, f"{what}, {metric.name}")
    return {key: tuple(what) for key, what in needs.items()}


def tracking(span: Results, plan: PlanCheck) -> Tracking:
    """Every event that is used or recorded, with what became of it; what is amiss first.

    Args:
        plan: what differs from the tracking plan.
    """
    uses, others = uses_of(span), other_uses(span)
    if not span.facts(ASKED, "names_tracked"):
        reason = span.reason(ASKED, "no event")
        return Tracking(
            verdict=Sentence(text=f"not available: {reason}"),
            events=Listing[TrackedEvent](reason=f"not available: {reason}"),
            plan=plan,
        )
    events = [
        TrackedEvent(
            event=fact.entity,
            used_for=(*uses.get(fact.entity, ()), *others.get(fact.entity, ())),
            events=Measured.of(fact),
            status=_status(name, fact.value, fact.note),
            note=fact.note,
        )
        for name in ("tracked_events", "untracked_events")
        for fact in span.facts(ASKED, name)
    ]
    order: tuple[EventStatus, ...] = ("never seen", "not in the span", "not used", "seen")
    events.sort(key=lambda event: order.index(event.status))
    return Tracking(
        verdict=_verdict(span),
        events=Listing[TrackedEvent](items=tuple(events), reason="" if events else "no event"),
        properties=_properties(span),
        plan=plan,
    )


def _status(name: str, events: float, note: str) -> EventStatus:
    if name == "untracked_events":
        return "not used"
    if events:
        return "seen"
    return "never seen" if note == NEVER_SEEN else "not in the span"


def _verdict(span: Results) -> Sentence:
    used, never, unused = (
        span.fact(ASKED, name) for name in ("names_tracked", "names_never_seen", "names_untracked")
    )
    if used is None or never is None or unused is None:
        return Sentence(text="not available")
    are = "recorded event is" if unused.value == 1 else "recorded events are"
    rest = said(f"; {{unused}} {are} used by nothing", unused=unused) if unused.value else None
    if not used.value:
        first = Sentence(text=NOTHING_CONFIGURED)
    elif not never.value:
        first = said("every one of the {used} configured events is recorded", used=used)
    else:
        names = ", ".join(
            fact.entity for fact in span.facts(ASKED, "tracked_events") if fact.note == NEVER_SEEN
        )
        verb = "is" if never.value == 1 else "are"
        first = said(
            f"{{never}} of {{used}} configured events {verb} never seen: {{names}}",
            never=never,
            used=used,
            names=names,
        )
    if rest is None:
        return first
    return Sentence(text=first.text + rest.text, facts=(*first.facts, *rest.facts))


def _properties(span: Results) -> tuple[TrackedProperty, ...]:
    return tuple(
        TrackedProperty(
            event=event,
            property=name,
            used_for=what,
            filled=span.quantity(
                ASKED, "property_filled", f"{event}, {name}", reason="no such event in the span"
            ),
            status=_filled(span, event, name),
        )
        for (event, name), what in needed_properties(span).items()
    )


def _filled(span: Results, event: str, name: str) -> PropertyStatus:
    share = span.quantity(ASKED, "property_filled", f"{event}, {name}")
    if isinstance(share, Unavailable):
        return "not available"
    if share.value == 1:
        return "filled"
    return "missing in some" if share.value else "missing"
