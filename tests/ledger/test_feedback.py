"""Decisions about groups of feature requests, as the ledger keeps them."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from postlaunch.errors import PostLaunchError, UsageError
from postlaunch.ledger.feedback_records import GroupAnchor, GroupingDraft
from postlaunch.ledger.ledger import Ledger
from postlaunch.testing.clock import StillClock

SIDES = (
    GroupAnchor(label="dark mode", tickets=("T1", "T2"), terms=("dark", "mode")),
    GroupAnchor(label="night", candidate="night", tickets=("T3",)),
)


def draft(**given: object) -> GroupingDraft:
    fields = {"application": "shop", "kind": "merge", "groups": SIDES, "by": "Anna", **given}
    return GroupingDraft.model_validate(fields)


def test_decisions_are_kept_in_order_with_who_made_them_and_when(ledger: Ledger, clock: StillClock) -> None:
    first = ledger.decide_grouping(draft(note="the same wish"))
    second = ledger.decide_grouping(draft(kind="undo", groups=(), undoes=first.number))
    ledger.decide_grouping(draft(application="other"))
    assert ledger.groupings("shop") == (first, second)
    assert (first.by, first.note, first.groups, first.at) == ("Anna", "the same wish", SIDES, clock())
    assert second.number > first.number


def test_nobody_decides_nothing(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="nobody is named"):
        ledger.decide_grouping(draft(by="  "))
    assert ledger.groupings("shop") == ()


def test_what_is_not_there_cannot_be_undone(ledger: Ledger) -> None:
    other = ledger.decide_grouping(draft(application="other"))
    with pytest.raises(UsageError, match="there is no decision"):
        ledger.decide_grouping(draft(kind="undo", groups=(), undoes=other.number))


@pytest.mark.parametrize(
    "change", ["UPDATE feedback_decisions SET note = 'x'", "DELETE FROM feedback_decisions"]
)
def test_the_database_itself_refuses_a_change(ledger: Ledger, change: str) -> None:
    kept = ledger.decide_grouping(draft())
    with pytest.raises((DBAPIError, PostLaunchError)), ledger._database.write() as connection:
        connection.execute(text(change))
    assert ledger.groupings("shop") == (kept,)
