"""What is to be done after incidents, of what a run was handed: open, and overdue at a moment."""

from __future__ import annotations

from pydantic import Field, JsonValue

from postlaunch.facts import Definition
from postlaunch.sources.action_items import ActionItemTable, TrackedItem
from postlaunch.tools.measurement import REGISTRY, Limits, Parameters, Reading, Readings
from postlaunch.windows import Moment, Window

ITEMS_OPEN = Definition(
    name="action_items_open",
    title="Open action items",
    statement="action items of incidents, of those the run was handed, that nobody had closed at its moment",
    unit="count",
    better="lower",
)
ITEMS_OVERDUE = Definition(
    name="action_items_overdue",
    title="Overdue action items",
    statement="open action items whose due day was past at the window's end, on the application's clock",
    unit="count",
    better="lower",
)
DAYS_LEFT = Definition(
    name="action_item_days_left",
    title="Days until due",
    statement="days of the calendar from the window's end to the day on which the open action item is due",
    unit="days",
)
DAYS_OVERDUE = Definition(
    name="action_item_days_overdue",
    title="Days overdue",
    statement="days of the calendar since the day on which the open action item was due, at the window's end",
    unit="days",
    better="lower",
)
OF_ACTION_ITEMS = (ITEMS_OPEN, ITEMS_OVERDUE, DAYS_LEFT, DAYS_OVERDUE)


class ActionItemsParameters(Parameters):
    """Which items, at which moment. No model gives these: a run is handed its items."""

    window: Window = Field(description="The span that the report looks at")
    at: Moment = Field(description="The moment that due dates are held against")
    items: tuple[str, ...] = Field(default=(), max_length=10_000, description="Ids of the items handed over")


@REGISTRY.measurement(
    "action_items", source="action_items", parameters=ActionItemsParameters, for_model=False, compares=False
)
def action_items(source: ActionItemTable, parameters: ActionItemsParameters, limits: Limits) -> Readings:
    """Action items of incidents that were open at a moment, and how far each is from its due day.

    Closing one afterwards changes nothing: what was open at the moment is measured again the same.
    """
    window, handed = parameters.window, set(parameters.items)
    today = window.local(parameters.at).date()
    found = [item for item in source.items if item.id in handed and item.open_at(parameters.at)]
    shown = found[: max(1, limits.rows - 2)]
    overdue = sum(item.due < today for item in found)
    readings = [
        Reading(ITEMS_OPEN, len(found), n=len(handed), window=window),
        Reading(ITEMS_OVERDUE, overdue, n=len(found), window=window),
    ]
    for item in shown:
        left = (item.due - today).days
        definition = DAYS_OVERDUE if left < 0 else DAYS_LEFT
        readings.append(Reading(definition, abs(left), n=1, window=window, entity=item.id))
    cut = len(found) - len(shown)
    return Readings(
        readings=tuple(readings),
        texts=tuple(_text(item) for item in shown),
        notes=(f"{cut} open action items, those due last, are not listed",) if cut else (),
    )


def _text(item: TrackedItem) -> dict[str, JsonValue]:
    return {
        "entity": item.id,
        "owner": item.owner,
        "action": item.action,
        "due": item.due.isoformat(),
    }
