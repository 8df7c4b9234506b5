"""The sections of the analytics report on ways through the product: funnels with actions, and the flow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postlaunch.agents.analytics_measured import funnel_asked
from postlaunch.agents.analytics_results import Results, flow_steps
from postlaunch.facts import Derived, Fact, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.analytics_figures import Flow, FlowStep, Funnel, FunnelAction, FunnelStep
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing
from postlaunch.settings_analytics import Analytics, FunnelSettings
from postlaunch.tools.analytics_funnel import FunnelParameters, entities, semantics

NO_FUNNEL = "no funnel is configured: [[analytics.funnels]]"


def funnels(span: Results) -> Listing[Funnel]:
    """The configured funnels, in the order of the settings."""
    items = tuple(_funnel(span, funnel) for funnel in span.analytics.funnels)
    return Listing[Funnel](items=items, reason="" if items else NO_FUNNEL)


def _funnel(span: Results, funnel: FunnelSettings) -> Funnel:
    asked, parameters = funnel_asked(funnel), _parameters(span, funnel)
    names = entities(parameters)
    steps = tuple(
        _step(span, asked, place, name, _label(span.analytics, funnel, place, name))
        for place, name in enumerate(names, 1)
        if span.fact(asked, "funnel_users", name)
    )
    missing = f"not available: {span.reason(asked, 'no user came to it')}"
    return Funnel(
        title=funnel.title,
        semantics=semantics(parameters),
        steps=Listing[FunnelStep](items=steps, reason="" if steps else missing),
        whole_drop=_whole_drop(steps, missing),
        whole_dropped=_sum([step.dropped for step in steps], missing),
        whole_in_progress=_sum([step.in_progress for step in steps], missing),
        opportunity=_opportunity(span, asked, steps, missing),
        actions=_actions(span, asked, steps),
    )


def _parameters(span: Results, funnel: FunnelSettings) -> FunnelParameters:
    return FunnelParameters(
        window=span.window,
        steps=funnel.steps,
        mode=funnel.mode,
        days=funnel.days,
        session_minutes=span.analytics.session_minutes,
    )


def _label(known: Analytics, funnel: FunnelSettings, place: int, name: str) -> str:
    """What a step is called: by the funnel, else its event's label, with its place where that is several."""
    event = funnel.steps[place - 1]
    if funnel.mode == "any_order":
        return name
    return funnel.names[place - 1] if funnel.names else known.label(event) + name.removeprefix(event)


def _step(span: Results, asked: str, number: int, name: str, label: str) -> FunnelStep:
    def of(figure: str) -> Quantity | None:
        fact = span.fact(asked, figure, name)
        return None if fact is None else Measured.of(fact)

    return FunnelStep(
        number=number,
        event=name,
        label=label,
        users=span.quantity(asked, "funnel_users", name),
        from_first=span.quantity(asked, "funnel_from_first", name),
        from_previous=of("funnel_from_previous"),
        dropped=of("funnel_dropped"),
        drop_points=of("funnel_drop_points"),
        drop=of("funnel_drop"),
        in_progress=span.quantity(asked, "funnel_in_progress", name),
    )


# --- the whole drop, and what to do -----------------------------------------------------------------------


def _measured(quantities: Sequence[Quantity | None]) -> tuple[Measured, ...]:
    return tuple(quantity for quantity in quantities if isinstance(quantity, Measured))


def _sum(quantities: Sequence[Quantity | None], missing: str) -> Quantity:
    parts = _measured(quantities)
    return Derived.of("sum", *parts, unit="count") if parts else Unavailable(reason=missing)


def _whole_drop(steps: Sequence[FunnelStep], missing: str) -> Quantity:
    """Users dropped at any step ÷ users of the first: from counts, never from percentages."""
    dropped = _measured([step.dropped for step in steps])
    if not dropped or not isinstance(steps[0].users, Measured):
        return Unavailable(reason=missing)
    lost = Derived.of("sum", *dropped, unit="count", statement="users dropped at any step")
    return Derived.of(
        "ratio",
        lost,
        steps[0].users,
        unit="ratio",
        statement="users dropped at any step ÷ users of the first step",
    )


def _opportunity(span: Results, asked: str, steps: Sequence[FunnelStep], missing: str) -> Sentence:
    drop = _whole_drop(steps, missing)
    if isinstance(drop, Unavailable):
        return Sentence(text=missing)
    first, last = steps[0], steps[-1]
    reached = [span.fact(asked, "funnel_users", step.event) for step in (first, last)]
    open_still = _sum([step.in_progress for step in steps[:-1]], missing)
    progress = (
        f"; {value_text(open_still.value, 'count')} are still under way"
        if not isinstance(open_still, Unavailable) and open_still.value
        else ""
    )
    facts = [fact for step in steps if (fact := span.fact(asked, "funnel_dropped", step.event))]
    return Sentence(
        text=(
            f"{value_text(drop.value, drop.unit)} drop from {first.label} to {last.label} "
            f"({value_text(sum(fact.value for fact in facts), 'count')} of {_printed(reached[0])} users)"
            f"{progress}"
        ),
        facts=tuple(dict.fromkeys(fact.id for fact in (*reached, *facts) if fact)),
    )


def _printed(fact: Fact | None) -> str:
    return "no" if fact is None else value_text(fact.value, fact.unit)


def _actions(span: Results, asked: str, steps: Sequence[FunnelStep]) -> Listing[FunnelAction]:
    """One for each step that loses at least the share the settings name, the step that loses most first."""
    least = span.analytics.drop_attention
    losing = [step for step in steps if _lost(step.drop_points) >= least]
    losing.sort(key=lambda step: -_lost(step.drop_points))
    items = tuple(action for step in losing for action in _action(span, asked, steps, step))
    reason = f"None: no step loses {value_text(least, 'ratio')} of those who entered"
    return Listing[FunnelAction](
        items=items, reason="" if items else (reason if len(steps) > 1 else "not available: no figures")
    )


def _lost(quantity: Quantity | None) -> float:
    return quantity.value if isinstance(quantity, Measured) else 0.0


def _action(
    span: Results, asked: str, steps: Sequence[FunnelStep], step: FunnelStep
) -> Iterator[FunnelAction]:
    dropped, points, drop = (
        span.fact(asked, name, step.event) for name in ("funnel_dropped", "funnel_drop_points", "funnel_drop")
    )
    if dropped is None or points is None or drop is None:
        return
    before = steps[step.number - 2]
    yield FunnelAction(
        event=step.event,
        label=step.label,
        action=said(
            "Find out why {dropped} users who reach {before} do not go on to {label} "
            "({points} of all who enter, {drop} of that step)",
            dropped=dropped,
            points=points,
            drop=drop,
            before=before.label,
            label=step.label,
        ),
    )


# --- the flow ---------------------------------------------------------------------------------------------


def flow(span: Results) -> Flow:
    """What is done in most sessions, in the order in which it comes, and how most sessions begin."""
    steps = tuple(
        FlowStep(
            event=share.entity,
            label=span.analytics.label(share.entity),
            share=Measured.of(share),
            place=span.quantity("flows", "event_position", share.entity),
        )
        for share in flow_steps(span)
    )
    missing = f"not available: {span.reason('flows', 'no session')}"
    return Flow(
        steps=Listing[FlowStep](items=steps, reason="" if steps else missing), path=_path(span, missing)
    )


def _path(span: Results, missing: str) -> Sentence:
    paths = span.facts("flows", "path_sessions")
    if not paths:
        return Sentence(text=missing)
    share = span.fact("flows", "path_share", paths[0].entity)
    if share is None:
        return Sentence(text=missing)
    way = " → ".join(span.analytics.label(event) for event in paths[0].entity.split(" → "))
    return said(
        "the most sessions of one kind ({sessions}, {share} of all) begin: {way}",
        sessions=paths[0],
        share=share,
        way=way,
    )
