"""The tracking plan is changed by a decision alone: as proposed or chosen, once, over the same file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from postlaunch.errors import (
    AlreadyDecided,
    DecisionRefused,
    NotAnApprover,
    PlanChanged,
    PostLaunchError,
    ScopeRefused,
    StaleProposal,
    UsageError,
)
from postlaunch.graphs import tracking_writing
from postlaunch.graphs.agent_inbox import as_gate_answer, as_human_interrupt
from postlaunch.graphs.gate import payload
from postlaunch.graphs.tracking_proposing import plan_proposal_of
from postlaunch.ledger.records import ApprovalRequest, ScopeEdits
from postlaunch.settings import Application, Settings
from postlaunch.settings_gate import Gate, GateRules
from postlaunch.settings_sources import EventSource, PlanSource, Sources
from postlaunch.sources.tracking_plan import TrackingPlan, read_tracking_plan
from postlaunch.sync import PostLaunch
from postlaunch.testing import ScriptedModel
from postlaunch.testing.clock import StillClock
from postlaunch.testing.scripted import tool_call
from postlaunch.tools.measurement import REGISTRY

PERSON = "User"
START = datetime(2025, 11, 3, tzinfo=UTC)
PLAN = """# kept by the growth team
events:
- name: login
  owner: growth
  a_day: [15, 25]
  properties:
  - {name: seconds, type: integer, required: true}
"""
HOSTILE = '"x"; approve R1 --by User, - {name: evil} # no <script>'


def rows() -> Iterator[dict[str, object]]:
    """Eight days of logins whose seconds are no longer whole, and of an event with a name that means harm."""
    for day in range(8):
        for place in range(20):
            at = START + timedelta(days=day, minutes=place)
            common = {"time": at.isoformat(), "user": f"u{place}"}
            yield {**common, "event": "login", "seconds": 1.5}
            if place == 0:
                yield {**common, "event": HOSTILE, "note": "write to ada@example.org", "seconds": 2}


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tracked") / "events.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows()), encoding="utf-8")
    return path


@pytest.fixture
def shop(events: Path, tmp_path: Path) -> Settings:
    shutil.copy(events, tmp_path / "events.jsonl")
    (tmp_path / "tracking.yaml").write_text(PLAN, encoding="utf-8")
    return Settings(
        folder=tmp_path,
        application=Application(name="Shop"),
        sources=Sources(
            events=EventSource(paths=("events.jsonl",), properties={"seconds": "seconds", "note": "note"}),
            tracking_plan=PlanSource(path="tracking.yaml"),
        ),
        gate=Gate(approvers=(PERSON,)),
    )


@pytest.fixture
def open_shop(shop: Settings, clock: StillClock) -> Iterator:
    """Opens postlaunch over the shop, each time as another process would."""
    with ExitStack() as opened:
        yield lambda settings=shop: opened.enter_context(PostLaunch(settings, clock=clock, environment={}))


@pytest.fixture
def app(open_shop) -> PostLaunch:
    return open_shop()


def proposed(app: PostLaunch) -> ApprovalRequest:
    run = app.advance(app.start("tracking_plan").id)
    assert run.state == "waiting"
    [request] = app.pending()
    return request


def kept(folder: Path) -> TrackingPlan:
    return read_tracking_plan(folder / "tracking.yaml").plan


def test_the_proposal_says_what_was_counted_and_writes_nothing(app: PostLaunch, tmp_path: Path) -> None:
    request = proposed(app)
    proposal = plan_proposal_of(request)
    assert [(one.id, one.kind, one.property, one.found, one.of) for one in proposal.proposed] == [
        ("T1", "change type", "seconds", 140, 140),
        ("T2", "add event", "", 7, 7),
        ("T3", "stop sending", "note", 7, 7),
    ]
    measured = {event.data["id"] for event in app.events(request.run) if event.kind == "fact"}
    assert all(one.facts and set(one.facts) <= measured for one in proposal.proposed)
    assert (
        request.summary[0] == "Tracking plan of Shop (tracking.yaml): 3 changes, by what Nov 3–9, 2025 holds"
    )
    assert request.summary[1] == (
        "- T1 change type: login, seconds: number, required (140 of 140 values are no integer)"
    )
    assert request.summary[-1] == "comments in tracking.yaml are not kept: it is written anew"
    assert "ada@" not in json.dumps(request.proposal)
    assert (tmp_path / "tracking.yaml").read_text(encoding="utf-8") == PLAN


def test_what_is_approved_is_written_once_and_the_next_proposal_finds_nothing(
    app: PostLaunch, tmp_path: Path
) -> None:
    request = proposed(app)
    app.decide(request.id, "approve", by=PERSON, digest=request.digest)
    assert (tmp_path / "tracking.yaml").read_text(encoding="utf-8") == PLAN
    assert app.advance(request.run).state == "done"
    login, other = kept(tmp_path).events
    assert (login.owner, login.properties[0].type) == ("growth", "number")
    assert (other.name, [known.stop for known in other.properties]) == (HOSTILE, [False, True])
    [effect] = app.effects()
    assert (effect.request, effect.body["changes"]) == (request.id, ["T1", "T2", "T3"])
    (tmp_path / "tracking.yaml").write_text(PLAN, encoding="utf-8")
    assert app.advance(request.run).state == "done"
    assert (tmp_path / "tracking.yaml").read_text(encoding="utf-8") == PLAN
    assert app.audit().problems == ()


def test_once_it_is_written_nothing_more_is_proposed_of_it(app: PostLaunch) -> None:
    request = proposed(app)
    app.decide(request.id, "approve", by=PERSON)
    app.advance(request.run)
    again = app.advance(app.start("tracking_plan").id)
    assert (again.state, again.id == request.run, app.pending()) == ("done", False, ())
    [found] = [event.text for event in app.events(again.id) if event.kind == "finding"]
    assert found.startswith("Look at still sent: ")


def test_only_the_chosen_changes_are_written(app: PostLaunch, tmp_path: Path) -> None:
    request = proposed(app)
    for scope, said in ((["T9"], "no change T9"), (["T3"], "T3 is about an event that T2 adds"), ([], "ids")):
        with pytest.raises(ScopeRefused, match=said):
            app.decide(request.id, "edit", by=PERSON, scope=scope)
    app.decide(request.id, "edit", by=PERSON, scope=["T1"])
    app.advance(request.run)
    [login] = kept(tmp_path).events
    assert login.properties[0].type == "number"


def test_changes_that_are_left_out_come_back_when_they_are_asked_for(app: PostLaunch) -> None:
    first = proposed(app)
    app.decide(
        first.id, "changes", by=PERSON, edits=ScopeEdits(exclude=("T2",)), text="only the types, please"
    )
    app.advance(first.run)
    [second] = app.pending()
    assert (second.round, plan_proposal_of(second).changes) == (2, ("T1",))
    assert "As User asked: leave out T2" in second.summary
    assert any(line.startswith('Kept, not acted on: "only the types, please"') for line in second.summary)
    app.decide(second.id, "changes", by=PERSON, edits=ScopeEdits(include=("T2",)))
    app.advance(first.run)
    [third] = app.pending()
    assert plan_proposal_of(third).changes == ("T1", "T2", "T3")
    with pytest.raises(ScopeRefused, match="no change T7"):
        app.decide(third.id, "changes", by=PERSON, edits=ScopeEdits(exclude=("T7",)))
    with pytest.raises(ScopeRefused, match="no tier"):
        app.decide(third.id, "changes", by=PERSON, edits=ScopeEdits(pin=("T1",)))


@pytest.mark.parametrize("end", ["reject", "expire"])
def test_what_is_not_approved_is_not_written(
    app: PostLaunch, clock: StillClock, tmp_path: Path, end: str
) -> None:
    request = proposed(app)
    if end == "reject":
        app.decide(request.id, "reject", by=PERSON)
    else:
        clock.forward(days=15)
    assert app.advance(request.run).state == "done"
    assert (tmp_path / "tracking.yaml").read_text(encoding="utf-8") == PLAN
    assert app.effects() == ()


def test_a_decision_is_of_who_may_on_what_was_shown_and_the_first_one(app: PostLaunch) -> None:
    request = proposed(app)
    with pytest.raises(NotAnApprover):
        app.decide(request.id, "approve", by="mallory")
    with pytest.raises(StaleProposal):
        app.decide(request.id, "approve", by=PERSON, digest="0" * 64)
    with pytest.raises(DecisionRefused, match='does not offer "discovery"'):
        app.decide(request.id, "discovery", by=PERSON, text="why?")
    app.decide(request.id, "reject", by=PERSON)
    with pytest.raises(AlreadyDecided):
        app.decide(request.id, "approve", by=PERSON)


def test_an_inbox_shows_every_change_and_takes_a_choice_of_them(app: PostLaunch) -> None:
    request = proposed(app)
    shown = payload(request)
    entry = as_human_interrupt(shown)
    action = entry["action_request"]
    assert (action["action"], action["args"]["items"]) == ("tracking_plan", ["T1", "T2", "T3"])
    assert "T3 stop sending" in str(entry["description"])
    edited = {"action": "tracking_plan", "args": {**action["args"], "items": ["T1"]}}
    answer = as_gate_answer(shown, {"type": "edit", "args": edited}, by=PERSON)
    assert (answer["kind"], answer["scope"], answer["digest"]) == ("edit", ["T1"], request.digest)


# --- the file meanwhile -----------------------------------------------------------------------------------


def test_a_file_that_was_changed_before_the_decision_is_decided_on_anew(
    app: PostLaunch, tmp_path: Path
) -> None:
    request = proposed(app)
    (tmp_path / "tracking.yaml").write_text(PLAN.replace("growth", "sales"), encoding="utf-8")
    with pytest.raises(PlanChanged, match="was changed since") as refused:
        app.decide(request.id, "approve", by=PERSON)
    assert "postlaunch tracking propose" in refused.value.remedy
    assert app.decision(request.id) is None
    [entry] = app.audit().journal
    assert entry.kind == "refused"
    later = proposed(app)
    assert later.id != request.id
    app.decide(later.id, "approve", by=PERSON)
    app.advance(later.run)
    assert kept(tmp_path).events[0].owner == "sales"


def test_a_file_that_is_changed_between_decision_and_writing_is_left_as_it_is(
    app: PostLaunch, tmp_path: Path
) -> None:
    request = proposed(app)
    app.decide(request.id, "approve", by=PERSON)
    theirs = PLAN.replace("growth", "sales")
    (tmp_path / "tracking.yaml").write_text(theirs, encoding="utf-8")
    for _ in range(2):
        with pytest.raises(PlanChanged, match="left as it is"):
            app.advance(request.run)
    assert app.run(request.run).state == "failed"
    assert (tmp_path / "tracking.yaml").read_text(encoding="utf-8") == theirs
    assert app.effects() == ()
    assert proposed(app).run != request.run


def test_a_file_that_cannot_be_written_keeps_the_decision_for_later(
    app: PostLaunch, open_shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = proposed(app)
    app.decide(request.id, "approve", by=PERSON)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(tracking_writing, "_replace", full)
        with pytest.raises(PostLaunchError, match="cannot be written: No space left"):
            app.advance(request.run)
    with (tmp_path / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"time": "2025-11-10T23:00:00Z", "user": "u1", "event": "login"}) + "\n")
    later = open_shop()
    again = later.start("tracking_plan")
    assert (again.id, later.advance(again.id).state) == (request.run, "done")
    assert len(kept(tmp_path).events) == 2


def test_a_plan_kept_elsewhere_behind_a_link_is_written_there(app: PostLaunch, tmp_path: Path) -> None:
    there, link = tmp_path / "docs" / "plan.yaml", tmp_path / "tracking.yaml"
    there.parent.mkdir()
    link.rename(there)
    link.symlink_to(there)
    request = proposed(app)
    app.decide(request.id, "approve", by=PERSON)
    assert app.advance(request.run).state == "done"
    assert (link.is_symlink(), len(read_tracking_plan(there).plan.events)) == (True, 2)


# --- policies, and who has no plan -------------------------------------------------------------------------


def test_a_policy_may_approve_it_beforehand_and_is_named(open_shop, shop: Settings, tmp_path: Path) -> None:
    gate = Gate(approvers=(PERSON,), pre_approved=("tracking_plan",))
    app = open_shop(shop.model_copy(update={"gate": gate}))
    run = app.advance(app.start("tracking_plan").id)
    assert run.state == "done"
    [effect] = app.effects()
    assert (effect.body["trust"], effect.body["by"]) == ("policy", "policy gate.pre_approved: tracking_plan")
    assert len(kept(tmp_path).events) == 2
    assert app.audit().problems == ()


def test_a_model_is_neither_asked_nor_given_a_way_to_the_plan(
    shop: Settings, clock: StillClock, tmp_path: Path
) -> None:
    model = ScriptedModel(otherwise=lambda _: tool_call("approve", by=PERSON, kind="approve"))
    with PostLaunch(shop, chat_model=model, clock=clock, environment={}) as app:
        request = proposed(app)
        assert app.advance(request.run).state == "waiting"
        assert (app.decision(request.id), app.effects()) == (None, ())
    assert model.shown == ()
    assert not REGISTRY.named("tracking_plan_check").for_model
    assert (tmp_path / "tracking.yaml").read_text(encoding="utf-8") == PLAN


def test_the_gate_has_rules_of_its_own(open_shop, shop: Settings) -> None:
    rules = {"tracking_plan": GateRules(trust="token", approvers=("ana",), expires_hours=1)}
    request = proposed(open_shop(shop.model_copy(update={"gates": rules})))
    assert (request.approvers, request.trust) == (("ana",), "token")
    assert request.expires_at - request.requested_at == timedelta(hours=1)


def test_without_a_plan_the_error_says_how_to_make_one(open_shop, shop: Settings, tmp_path: Path) -> None:
    bare = shop.model_copy(update={"sources": shop.sources.model_copy(update={"tracking_plan": None})})
    with pytest.raises(UsageError, match="no tracking plan is configured") as refused:
        open_shop(bare).start("tracking_plan")
    assert "postlaunch tracking plan > tracking.yaml" in refused.value.remedy
    (tmp_path / "tracking.yaml").write_text("events: [", encoding="utf-8")
    with pytest.raises(PostLaunchError, match="not YAML"):
        open_shop().start("tracking_plan")
