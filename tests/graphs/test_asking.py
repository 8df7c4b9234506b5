"""A pipeline asks at a gate: a person decides, or the settings did beforehand, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postlaunch.errors import NotAnApprover, UsageError
from postlaunch.settings import Settings
from postlaunch.settings_gate import Gate
from postlaunch.sync import PostLaunch
from postlaunch.testing.clock import StillClock

if TYPE_CHECKING:
    from conftest import SetUp

PERSON = "User"
FIX = {"version": "1.1.1", "commit": "abc"}
SAID = ("Deploy hotfix 1.1.1",)


def test_a_pipeline_asks_and_a_person_decides(house_app: PostLaunch) -> None:
    request = house_app.ask("hotfix_deployment", FIX, SAID)
    assert house_app.ask("hotfix_deployment", FIX, SAID) == request
    assert house_app.advance(request.run).state == "waiting"
    with pytest.raises(NotAnApprover):
        house_app.decide(request.id, "approve", by="mallory")
    decision = house_app.decide(request.id, "approve", by=PERSON, digest=request.digest)
    assert house_app.advance(request.run).state == "done"
    assert house_app.decision(request.id) == decision
    assert house_app.pending() == ()


def test_a_policy_decides_at_once_in_its_own_name(house: Settings, clock: StillClock) -> None:
    gate = Gate(approvers=(PERSON,), pre_approved=("hotfix_deployment",))
    settings = house.model_copy(update={"gate": gate})
    with PostLaunch(settings, clock=clock, environment={}) as app:
        request = app.ask("hotfix_deployment", FIX, SAID)
        decision = app.decision(request.id)
        assert decision is not None
        assert (decision.kind, decision.trust) == ("approve", "policy")
        assert decision.by == "policy gate.pre_approved: hotfix_deployment"
        assert app.run(request.run).state == "done"
        other = app.ask("external_communication", FIX, SAID)
        assert app.decision(other.id) is None
        assert app.audit().problems == ()


def test_the_night_closes_what_was_decided_by_day(stage: SetUp, house_app: PostLaunch) -> None:
    stage()
    open_one, decided = (
        house_app.ask("hotfix_deployment", FIX, SAID),
        house_app.ask("alert_rule_changes", FIX, SAID),
    )
    house_app.decide(decided.id, "approve", by=PERSON)
    assert house_app.nightly().failed == ()
    assert house_app.run(decided.run).state == "done"
    assert house_app.run(open_one.run).state == "waiting"


def test_an_undecided_question_ends_with_its_time(house_app: PostLaunch, clock: StillClock) -> None:
    request = house_app.ask("alert_rule_changes", FIX, SAID)
    clock.forward(days=15)
    assert house_app.advance(request.run).state == "done"
    assert house_app.decision(request.id) is None


@pytest.mark.parametrize("ended", [True, False])
def test_what_nobody_decided_in_time_is_asked_again(
    house_app: PostLaunch, clock: StillClock, ended: bool
) -> None:
    request = house_app.ask("alert_rule_changes", FIX, SAID)
    clock.forward(days=15)
    if ended:
        house_app.advance(request.run)
    again = house_app.ask("alert_rule_changes", FIX, SAID)
    assert house_app.pending() == (again,)
    house_app.decide(again.id, "reject", by=PERSON)
    clock.forward(days=15)
    assert house_app.ask("alert_rule_changes", FIX, SAID).id == again.id


@pytest.mark.parametrize("gate", ["sprint_priorities", "commitment", "tracking_plan", "lunch"])
def test_nothing_is_asked_at_the_gates_of_postlaunch_itself(house_app: PostLaunch, gate: str) -> None:
    with pytest.raises(UsageError, match="nothing can be asked"):
        house_app.ask(gate, FIX, SAID)
