"""Predicted against realised: the success measure of each deployed item, before and after it went live.

Both figures come from one measurement over two whole ISO weeks: the one before the week of the deployment,
and the one after it. Until that week is over it is too early to say, and nothing is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from postlaunch.agents.bench import Bench
from postlaunch.facts import Fact, Measured, Quantity, Unavailable
from postlaunch.reports.backlog import NOT_DECLARED
from postlaunch.reports.realised import Outcome, RealisedItem
from postlaunch.reports.report import Listing
from postlaunch.sources.deployments import SOURCE, DeployedItem, DeploymentTable
from postlaunch.tools import (  # noqa: F401  (registers what is measured)
    analytics_support,
    feedback_measurements,
    requests,
)
from postlaunch.tools.measurement import REGISTRY, MeasurementResult
from postlaunch.tools.success_measures import NamedMeasure, named_measure, reached
from postlaunch.windows import Window, iso_week_of, zone_named

WATCHED = timedelta(days=92)
"""For how long after its deployment an item is reported on."""
NOTHING_YET = "None: no hand-off was reported as deployed (postlaunch deployed HANDOFF --version ...)"


@dataclass(frozen=True)
class Realised:
    """The items as a report lists them, and the facts behind their figures."""

    items: Listing[RealisedItem]
    facts: tuple[Fact, ...] = ()


def realised(bench: Bench, agent: str, end: datetime) -> Realised:
    """The items that went live before a report's end, the newest first. Blocking.

    Args:
        end: of what the report may know.
    """
    table = bench.sources.get(SOURCE)
    if not isinstance(table, DeploymentTable):
        return Realised(Listing(reason=NOTHING_YET))
    watched = [item for item in table.deployed if end - WATCHED <= item.deployed_at < end]
    if not watched:
        return Realised(Listing(reason="None: nothing went live in the three months before"))
    compared = [_compared(bench, agent, item, end) for item in reversed(watched)]
    facts = tuple(fact for _, found in compared for fact in found)
    return Realised(Listing(items=tuple(item for item, _ in compared)), facts)


def _compared(
    bench: Bench, agent: str, item: DeployedItem, end: datetime
) -> tuple[RealisedItem, tuple[Fact, ...]]:
    zone = bench.settings.application.timezone
    week = iso_week_of(item.deployed_at.astimezone(zone_named(zone)).date(), zone)
    after = iso_week_of(week.local(week.end).date(), zone)
    named = named_measure(item.success_measure)
    if item.success_measure in ("", NOT_DECLARED):
        return _without(item, "not measured", "no success measure was declared"), ()
    if named is None:
        return _without(item, "not measured", "no measurement tells what was declared"), ()
    source = REGISTRY.named(named.measurement).source
    if source not in bench.sources:
        return _without(item, "not measured", f"no source of {source} is configured"), ()
    if after.end > end:
        day = f"{after.local(after.end):%Y-%m-%d}"
        return _without(item, "too early", f"a whole week after the deployment's is over on {day}"), ()
    return _measured(bench, agent, item, named, week.before(), after)


def _without(item: DeployedItem, outcome: Outcome, because: str) -> RealisedItem:
    nothing = Unavailable(reason="too early" if outcome == "too early" else because)
    return _item(item, nothing, nothing, outcome, because)


def _measured(
    bench: Bench, agent: str, item: DeployedItem, named: NamedMeasure, before: Window, after: Window
) -> tuple[RealisedItem, tuple[Fact, ...]]:
    """The item with both figures, or with why one is missing."""
    facts: tuple[Fact, ...]
    if named.compares:
        result = bench.measure(
            agent, named.measurement, {**named.parameters, "window": after, "baseline": before}
        )
        now = result.fact(named.figure, named.entity)
        was = Unavailable(reason=_why(result)) if now is None else Measured.baseline_of(now)
        facts = (now,) if now is not None else ()
    else:
        result = bench.measure(agent, named.measurement, {**named.parameters, "window": after})
        earlier = bench.measure(agent, named.measurement, {**named.parameters, "window": before})
        now, then = result.fact(named.figure, named.entity), earlier.fact(named.figure, named.entity)
        was = Unavailable(reason=_why(earlier)) if then is None else Measured.of(then)
        facts = tuple(fact for fact in (then, now) if fact is not None)
    if now is None:
        return _item(item, was, Unavailable(reason=_why(result)), "not measured", _why(result)), facts
    done = reached(item.success_target, now.value, now.unit)
    outcome: Outcome = "see the figures" if done is None else "reached" if done else "not reached"
    return _item(item, was, Measured.of(now), outcome), facts


def _why(result: MeasurementResult) -> str:
    return result.reason or "it was not measured in that week"


def _item(
    item: DeployedItem, before: Quantity, after: Quantity, outcome: Outcome, because: str = ""
) -> RealisedItem:
    return RealisedItem(
        handoff=item.handoff,
        title=item.title,
        version=item.version,
        deployed_at=item.deployed_at,
        measure=item.success_measure or NOT_DECLARED,
        target=item.success_target or NOT_DECLARED,
        before=before,
        after=after,
        outcome=outcome,
        because=because,
    )
