"""What is still to be done after incidents, as a health report lists it: what a run was handed, measured."""

from __future__ import annotations

from datetime import date

from postlaunch.agents.bench import Assignment, Bench
from postlaunch.agents.health_week import Week
from postlaunch.facts import Measured
from postlaunch.reports.health import NOTHING_TRACKED, ActionItems, OpenAction
from postlaunch.reports.report import Listing
from postlaunch.tools import action_items as _registered  # noqa: F401
from postlaunch.tools.measurement import MeasurementResult

ASKED = "action_items"
NONE_OPEN = "None: everything that incidents asked for is closed"


def handed_items(agent: str, bench: Bench, assignment: Assignment) -> dict[str, MeasurementResult]:
    """The action items that a run hands over, measured at its moment; nothing where it hands over none."""
    handed = assignment.parameters.get(ASKED)
    if not isinstance(handed, dict):
        return {}
    return {ASKED: bench.measure(agent, ASKED, {"window": assignment.window, **handed})}


def action_items(week: Week) -> ActionItems:
    """The open items by their due day, the earliest first."""
    result = week.results.get(ASKED)
    if result is None:
        return NOTHING_TRACKED
    found = []
    for text in result.texts:
        entity = str(text["entity"])
        late = week.fact(ASKED, "action_item_days_overdue", entity)
        left = late or week.fact(ASKED, "action_item_days_left", entity)
        assert left is not None
        found.append(
            OpenAction(
                id=entity,
                owner=str(text["owner"]),
                action=str(text["action"]),
                due=date.fromisoformat(str(text["due"])),
                days=Measured.of(left),
                overdue=late is not None,
            )
        )
    return ActionItems(
        open=week.quantity(ASKED, "action_items_open"),
        overdue=week.quantity(ASKED, "action_items_overdue"),
        listed=Listing[OpenAction](items=tuple(found), reason="" if found else NONE_OPEN),
    )
