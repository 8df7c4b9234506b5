"""What reports list of the ledger's action items: of which incidents, and overdue by which day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from postlaunch.graphs.handing import items_to_do
from postlaunch.graphs.reviewing import _actions, _overdue
from postlaunch.sources.action_items import ActionItemTable, TrackedItem
from postlaunch.windows import month_of

ZONE = "America/Los_Angeles"
MONTHS_END = month_of(date(2025, 10, 1), ZONE).end


def month(**parameters: Any) -> Any:
    """October as it is reviewed on 24 November, with an incident of October and one of November."""
    incidents = (
        SimpleNamespace(id="INC-1", started_at=datetime(2025, 10, 31, 20, tzinfo=UTC)),
        SimpleNamespace(id="INC-2", started_at=datetime(2025, 11, 18, 22, tzinfo=UTC)),
    )
    items = [
        SimpleNamespace(
            id=f"{incident}-1",
            incident=incident,
            application="Shop",
            owner="devops-cicd-expert",
            action="Size the pool",
            due=date(2025, 11, 20),
        )
        for incident in ("INC-1", "INC-2")
    ]
    ledger = SimpleNamespace(incidents=lambda: incidents, action_items=lambda status: items)
    settings = SimpleNamespace(application=SimpleNamespace(name="Shop"), approvers=("Ada",))
    bench = SimpleNamespace(settings=settings, clock=lambda: datetime(2025, 11, 24, 10, tzinfo=UTC))
    session = SimpleNamespace(
        services=SimpleNamespace(ledger=ledger), bench=bench, run=SimpleNamespace(parameters=parameters)
    )
    return SimpleNamespace(session=session, window=month_of(date(2025, 10, 1), ZONE))


def test_only_what_follows_from_incidents_up_to_the_months_end_is_listed() -> None:
    assert [item.id for item in _actions(month()).items] == ["INC-1-1"]


def test_overdue_is_judged_by_the_moment_that_the_run_looks_back_to() -> None:
    assert [item.overdue for item in _actions(month()).items] == [True]
    then = "2025-11-21T07:00:00+00:00"  # the 20th on the application's clock
    assert [item.overdue for item in _actions(month(as_of=then)).items] == [False]


def test_what_is_overdue_is_to_be_done_by_its_owner_and_a_person_decides() -> None:
    [line] = _overdue(month())
    assert line.what.text == "To do: [devops-cicd-expert] Size the pool (INC-1-1, overdue since 2025-11-20)"
    assert line.decides == "Ada"


@pytest.mark.parametrize(
    ("as_of", "held_against"),
    [(None, MONTHS_END), ("2025-10-20T07:00:00+00:00", datetime(2025, 10, 20, 7, tzinfo=UTC))],
)
def test_a_report_holds_due_days_against_its_windows_end_however_late_it_is_made(
    as_of: str | None, held_against: datetime
) -> None:
    item = TrackedItem(
        id="INC-1-1",
        began=datetime(2025, 10, 3, tzinfo=UTC),
        owner="ana",
        action="x",
        due=date(2025, 10, 20),
        closed_at=None,
    )
    closed = item.model_copy(update={"id": "INC-1-2", "closed_at": datetime(2025, 11, 20, tzinfo=UTC)})
    made = month(**({"as_of": as_of} if as_of else {}))
    made.session.bench.sources = {"action_items": ActionItemTable.of((item, closed))}
    handed = items_to_do(made.session, made.window)
    still_open = ["INC-1-1"] if as_of is None else ["INC-1-1", "INC-1-2"]
    assert handed is not None
    assert handed["items"] == still_open
    assert datetime.fromisoformat(str(handed["at"])) == held_against
