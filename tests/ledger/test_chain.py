"""Decisions stay as they were made, and a change by force shows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.ledger.chain import HASHED, hash_of, problems_of
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import ApprovalRequest, Commitment, Decision, DecisionDraft, HandOff, Lease
from postlaunch.ledger.rows import values_of
from postlaunch.testing.clock import StillClock

ByForce = Callable[[str], None]


@pytest.fixture
def five_decisions(
    ledger: Ledger,
    lease: Lease,
    draft: DecisionDraft,
    new_request: Callable[..., ApprovalRequest],
    clock: StillClock,
) -> tuple[Decision, ...]:
    """Four requests for changes and an approval."""
    for number in range(1, 6):
        request = ledger.open_request(lease, new_request(lease.run, round=number))
        kind = "approve" if number == 5 else "changes"
        ledger.decide(
            draft.model_copy(update={"request": request.id, "kind": kind, "text": f"more of item {number}"})
        )
        clock.forward(hours=1)
    return ledger.decisions()


def test_an_untouched_chain_has_no_problems(ledger: Ledger, five_decisions: tuple[Decision, ...]) -> None:
    assert ledger.verify_chain() == []
    assert [item.seq for item in five_decisions] == [1, 2, 3, 4, 5]
    for before, after in itertools.pairwise(five_decisions):
        assert after.previous == before.hash


@pytest.mark.parametrize("table", ["decisions", "commitments"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = '2020'", "DELETE FROM {}"])
def test_the_database_itself_refuses_changes(
    ledger: Ledger,
    raw: Callable[[str], list[Any]],
    lease: Lease,
    commitment: Commitment,
    handoffs: tuple[HandOff, ...],
    table: str,
    statement: str,
) -> None:
    ledger.commit(lease, commitment, handoffs, [])
    with pytest.raises(Exception, match="is never"):  # of either driver
        raw(statement.format(table))


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'approve'",
        "by = 'Mallory'",
        "reason = 'because'",
        "text = 'less'",
        "at = '2026-03-02T11:00:00.000001+00:00'",
        "digest = 'd'",
        "scope = '[\"export\"]'",
        "trust = 'signed'",
    ],
)
def test_a_changed_decision_is_named(
    ledger: Ledger, by_force: ByForce, five_decisions: tuple[Decision, ...], change: str
) -> None:
    by_force(f"UPDATE decisions SET {change} WHERE seq = 3")
    assert ledger.verify_chain() == [
        f"decision 3 (request {five_decisions[2].request}) was changed after it was made: its hash differs"
    ]


def test_a_change_that_also_mends_its_own_hash_breaks_the_next_link(
    ledger: Ledger, by_force: ByForce, five_decisions: tuple[Decision, ...]
) -> None:
    forged = five_decisions[2].model_copy(update={"by": "Mallory"})
    mended = hash_of(values_of(forged))
    by_force(f"UPDATE decisions SET by = 'Mallory', hash = '{mended}' WHERE seq = 3")
    [problem] = ledger.verify_chain()
    assert problem.startswith("decision 4 ")
    assert "does not follow" in problem


def test_a_decision_that_was_taken_out_is_missed(
    ledger: Ledger, by_force: ByForce, five_decisions: tuple[Decision, ...]
) -> None:
    by_force("DELETE FROM decisions WHERE seq = 2")
    assert ledger.verify_chain()[0].startswith("before decision 3 ")


def test_a_decision_cut_off_the_end_is_missed_where_something_was_committed_on_it(
    ledger: Ledger, by_force: ByForce, lease: Lease, commitment: Commitment
) -> None:
    ledger.commit(lease, commitment, [], [])
    by_force("DELETE FROM decisions WHERE seq = 1")
    assert ledger.verify_chain() == [
        f"commitment sprint 7 rests on a decision that is not there: {commitment.decision[:12]}"
    ]


def test_a_decision_of_the_first_version_still_holds(ledger: Ledger, draft: DecisionDraft) -> None:
    later = ledger.decide(draft)
    old: dict[str, object] = {**values_of(later), "schema_version": 1, "proof": None, "journal": ""}
    old["hash"] = hash_of(old)
    assert problems_of([old]) == []
    assert len(problems_of([{**old, "reason": "because"}])) == 1


def test_the_hash_covers_every_field_of_a_decision() -> None:
    assert set(HASHED[2]) == set(Decision.model_fields) - {"hash"}


@given(
    by=st.text(min_size=1),
    text=st.text(),
    scope=st.none() | st.lists(st.text(), max_size=3),
    name=st.sampled_from(["by", "text", "scope"]),
)
def test_any_change_of_words_changes_the_hash(by: str, text: str, scope: list[str] | None, name: str) -> None:
    row: dict[str, object] = dict.fromkeys(HASHED[1], "")
    row |= {"schema_version": 1, "by": by, "text": text, "scope": scope}
    changed = {**row, name: f"{row[name]}!"}
    assert hash_of(row) != hash_of(changed)
