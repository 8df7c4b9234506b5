"""What is to be done after incidents: open and overdue at the moment of a run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from postlaunch.sources.action_items import ActionItemTable, TrackedItem
from postlaunch.tools import action_items  # noqa: F401  (registers the measurement)
from postlaunch.tools.measurement import Limits, MeasurementResult, run_measurement
from postlaunch.windows import parse_week

WEEK = parse_week("2025-W47", "America/Los_Angeles")
NOW = datetime(2025, 11, 25, 6, tzinfo=UTC)
"""Still the 24th in Los Angeles."""


def item(identity: str, due: int, closed: datetime | None = None) -> TrackedItem:
    return TrackedItem(
        id=identity,
        began=WEEK.start,
        owner="ana",
        action=f"do {identity}",
        due=date(2025, 11, due),
        closed_at=closed,
    )


LATE, TODAY, LATER, FOREIGN = item("I-1", 20), item("I-2", 24), item("I-3", 30), item("I-9", 1)
DONE = item("I-4", 10, closed=NOW - timedelta(days=1))
HANDED = ("I-1", "I-2", "I-3", "I-4")


def measured(*items: TrackedItem, limits: Limits | None = None) -> MeasurementResult:
    asked = {"window": WEEK, "at": NOW, "items": HANDED}
    return run_measurement("action_items", asked, {"action_items": ActionItemTable.of(items)}, limits)


def test_what_a_run_was_handed_is_open_until_closed_and_overdue_after_its_day() -> None:
    result = measured(DONE, LATE, TODAY, LATER, FOREIGN)
    assert [(fact.name, fact.entity, fact.value) for fact in result.facts] == [
        ("action_items_open", "application", 3),
        ("action_items_overdue", "application", 1),
        ("action_item_days_overdue", "I-1", 4),
        ("action_item_days_left", "I-2", 0),
        ("action_item_days_left", "I-3", 6),
    ]
    assert result.texts[0] == {"entity": "I-1", "owner": "ana", "action": "do I-1", "due": "2025-11-20"}


def test_closing_one_later_or_opening_another_moves_no_figure_of_the_moment() -> None:
    before = measured(DONE, LATE, TODAY, LATER)
    after = measured(
        DONE, LATE.model_copy(update={"closed_at": NOW + timedelta(hours=1)}), TODAY, LATER, FOREIGN
    )
    assert [fact.value for fact in after.facts] == [fact.value for fact in before.facts]


def test_items_beyond_the_limit_are_counted_and_said_to_be_left_out() -> None:
    result = measured(LATE, TODAY, LATER, limits=Limits(rows=4))
    assert [fact.entity for fact in result.facts[2:]] == ["I-1", "I-2"]
    assert result.facts[0].value == 3
    assert result.notes == ("1 open action items, those due last, are not listed",)
