"""What a decision does outside of the ledger is done once, under that decision, and noted for good."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from postlaunch.errors import DecisionRefused, LeaseLost, PostLaunchError
from postlaunch.ledger.gate_records import Effect
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import Decision, DecisionDraft, Lease
from postlaunch.ledger.tables import effects
from postlaunch.testing.clock import StillClock


def effect_of(decision: Decision, lease: Lease) -> Effect:
    return Effect(
        id="E7",
        run=lease.run,
        request=decision.request,
        decision=decision.hash,
        body={"wrote": "plan.yaml"},
        at=decision.at,
    )


def test_what_was_approved_is_done_once_and_stays_noted(
    ledger: Ledger, lease: Lease, approved: Decision
) -> None:
    done: list[str] = []
    effect = effect_of(approved, lease)
    for identity in ("E7", "E8"):
        again = effect.model_copy(update={"id": identity})
        assert ledger.carry_out(lease, again, lambda: done.append("once")) == effect
    assert done == ["once"]
    for statement in (update(effects).values(body={}), delete(effects)):
        with (
            pytest.raises(PostLaunchError, match="what a decision did is never"),
            ledger._database.write() as connection,
        ):
            connection.execute(statement)
    assert ledger.effects(lease.run) == ledger.effects() == (effect,)
    assert ledger.audit().problems == ()


def test_what_fails_is_not_noted_and_is_done_the_next_time(
    ledger: Ledger, lease: Lease, approved: Decision
) -> None:
    def full() -> None:
        raise PostLaunchError("the disk is full")

    effect = effect_of(approved, lease)
    with pytest.raises(PostLaunchError, match="the disk is full"):
        ledger.carry_out(lease, effect, full)
    assert ledger.effects() == ()
    assert ledger.carry_out(lease, effect, lambda: None) == effect


def test_who_lost_the_run_does_nothing(
    ledger: Ledger, lease: Lease, approved: Decision, clock: StillClock
) -> None:
    done: list[str] = []
    clock.forward(hours=1)
    ledger.take_lease(lease.run, "another:2", 60)
    with pytest.raises(LeaseLost):
        ledger.carry_out(lease, effect_of(approved, lease), lambda: done.append("late"))
    assert done == []


@pytest.mark.parametrize("kind", ["reject", "changes", "discovery"])
def test_a_decision_that_is_no_consent_does_nothing(
    ledger: Ledger, lease: Lease, draft: DecisionDraft, kind: str
) -> None:
    decision = ledger.decide(draft.model_copy(update={"kind": kind}))
    done: list[str] = []
    with pytest.raises(DecisionRefused, match="nothing is done"):
        ledger.carry_out(lease, effect_of(decision, lease), lambda: done.append(kind))
    assert (done, ledger.effects()) == ([], ())


def test_another_decision_than_the_stored_one_does_nothing(
    ledger: Ledger, lease: Lease, approved: Decision
) -> None:
    forged = effect_of(approved, lease).model_copy(update={"decision": "0" * 64})
    with pytest.raises(DecisionRefused):
        ledger.carry_out(lease, forged, lambda: None)
