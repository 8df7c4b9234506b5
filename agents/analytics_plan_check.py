"""The recorded events against the tracking plan that people keep: what differs, and what is to be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from postlaunch.agents.analytics_results import Results
from postlaunch.agents.bench import Bench
from postlaunch.facts import Fact, Measured, Measurement
from postlaunch.reports.analytics_figures import PlanCheck, PlanDifference
from postlaunch.reports.judged import Recommendation, Sentence, said
from postlaunch.sources.opening import BrokenSource
from postlaunch.sources.tracking_plan import SOURCE, PlannedEvent, TrackingPlanSource
from postlaunch.tools.definitions_tracking import DEFINITION_OF
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.tracking_findings import Kind, place_of
from postlaunch.tools.tracking_plan_check import NAME
from postlaunch.windows import Window

ASKED = "tracking_plan"
"""Under which name the check is asked for."""

NOT_NAMED = (
    "no tracking plan is named: make one (postlaunch tracking plan > tracking.yaml) "
    f"and name the file under [sources.{SOURCE}]"
)
PROPOSE = "postlaunch tracking propose"

COUNTED: Mapping[Kind, str] = {
    "unknown event": "events that the plan does not name",
    "event not seen": "days without one",
    "unknown property": "events have it, and the plan does not",
    "missing property": "events are without it",
    "other type": "values are not of the planned type",
    "volume": "days are far from the plan's",
    "personal data": "values look like it",
    "still sent": "events have it, and it is to be sent no more",
}
"""What is counted of each kind of difference."""

KINDS: Mapping[str, Kind] = {definition.name: kind for kind, definition in DEFINITION_OF.items()}

TO_LOOK_AT: frozenset[Kind] = frozenset({"event not seen", "volume"})
"""Differences for which what sends the events is looked at first."""

MOST_NAMED = 8
"""Differences that one recommendation names; the section lists all."""

PERSONAL: frozenset[Kind] = frozenset({"personal data", "still sent"})


def plan_measured(bench: Bench, agent: str, window: Window) -> dict[str, MeasurementResult]:
    """The check of a window against the plan, by the name under which it is asked for; {} without a plan."""
    source = bench.sources.get(SOURCE)
    if isinstance(source, BrokenSource):
        unread = Measurement(name=NAME, source=SOURCE, fingerprint="unreadable")
        error = source.error
        return {
            ASKED: MeasurementResult(
                measurement=unread, status="error", reason=str(error), remedy=error.remedy
            )
        }
    if not isinstance(source, TrackingPlanSource):
        return {}
    events = [event.model_dump(mode="json") for event in source.plan.events]
    return {ASKED: bench.measure(agent, NAME, {"window": window, "events": events})}


def plan_check(span: Results, plan: Mapping[str, PlannedEvent]) -> PlanCheck:
    """What the check found.

    Args:
        plan: the planned events by name, whose owners are asked.
    """
    if ASKED not in span.results:
        return PlanCheck(verdict=Sentence(text=NOT_NAMED))
    planned, differing = span.fact(ASKED, "planned_events"), span.fact(ASKED, "plan_differences")
    if planned is None or differing is None:
        return PlanCheck(verdict=Sentence(text=f"not available: {span.reason(ASKED)}"))
    return PlanCheck(
        verdict=_verdict(planned, differing),
        differences=tuple(
            PlanDifference(
                kind=kind,
                where=fact.entity,
                owner=_owner(fact.entity, plan),
                found=Measured.of(fact),
                of=fact.n,
                counted=COUNTED[kind],
            )
            for fact in span.results[ASKED].facts
            if (kind := KINDS.get(fact.name))
        ),
    )


def _verdict(planned: Fact, differing: Fact) -> Sentence:
    over = f"over the whole days {differing.window.days()}"
    if not differing.value:
        return said(
            f"the recorded events are as the plan of {{planned}} events says, {over}", planned=planned
        )
    places = "place differs" if differing.value == 1 else "places differ"
    return said(
        f"{{differing}} {places} from the plan of {{planned}} events, {over}",
        differing=differing,
        planned=planned,
    )


def _owner(where: str, plan: Mapping[str, PlannedEvent]) -> str:
    """Whose the event is that a difference is about."""
    places = {place_of(name): event.owner for name, event in plan.items()}
    about = [place for place in places if where == place or where.startswith(f"{place}, ")]
    return places[max(about, key=len)] if about else ""


# --- what is to be done -----------------------------------------------------------------------------------


def plan_advice(check: PlanCheck) -> Iterator[Recommendation]:
    """What the differences ask for: people's data first, then what sends the events, then the plan itself."""
    personal = [one for one in check.differences if one.kind in PERSONAL]
    if personal:
        yield _advice("personal data in events", "Stop sending it", personal)
    looked_at = [one for one in check.differences if one.kind in TO_LOOK_AT]
    if looked_at:
        yield _advice("what sends the events", "Look whether they still come as they should", looked_at)
    changing = [one for one in check.differences if one not in looked_at and one.kind != "still sent"]
    if changing:
        action = "Decide what the tracking plan is to say: this puts the changes before whoever decides"
        yield _advice("the tracking plan", action, changing, PROPOSE)


def _advice(target: str, action: str, because: list[PlanDifference], snippet: str = "") -> Recommendation:
    named, more = because[:MOST_NAMED], len(because) - MOST_NAMED
    places = "; ".join(f"{one.kind}: {one.where}" for one in named)
    places += f"; and {more} more" if more > 0 else ""
    facts = tuple(one.found.fact for one in named if isinstance(one.found, Measured))
    return Recommendation(
        target=target,
        action=Sentence(text=action),
        rationale=Sentence(text=places, facts=tuple(dict.fromkeys(facts))),
        snippet=snippet,
    )
