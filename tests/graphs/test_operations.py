"""The front: an event goes to one workflow, is kept, or moves the run that waits; once, whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import JsonValue

from postlaunch.api import AsyncPostLaunch
from postlaunch.errors import AlreadyDecided, PostLaunchError, UsageError
from postlaunch.graphs import operations
from postlaunch.ledger.records import ApprovalRequest, Signal
from postlaunch.settings import Settings
from postlaunch.sync import PostLaunch
from postlaunch.testing.clock import StillClock

if TYPE_CHECKING:
    from conftest import OpenApp, SetUp

PERSON = "User"
AT = "2025-11-20T10:00:00+00:00"


def event(kind: str, at: str = AT, **body: JsonValue) -> dict[str, JsonValue]:
    return {"kind": kind, "at": at, "body": body}


def tick(workflow: str = "weekly_report", period: str = "2025-W47") -> dict[str, JsonValue]:
    return event("tick", workflow=workflow, period=period)


def test_a_tick_runs_the_workflow_that_is_due_and_the_run_says_why(
    stage: SetUp, house_app: PostLaunch
) -> None:
    play = stage()
    signal = house_app.ingest(tick())
    assert (signal.to, signal.outcome) == ("weekly_report", "weekly report: done")
    run = house_app.run(signal.handled_by)
    assert (run.workflow, run.state) == ("weekly_report", "done")
    first = house_app.events(run.id)[0]
    assert first.text == "weekly_report starts: weekly report of 2025-W47 is due by the calendar"
    assert {assignment.window.label for assignment in play.asked if assignment.window} >= {"2025-W47"}


def test_the_same_event_told_twice_is_taken_once(stage: SetUp, house_app: PostLaunch) -> None:
    play = stage()
    assert house_app.ingest(tick()) == house_app.ingest(tick())
    assert max(play.measured.values()) == 1
    assert len(house_app.signals(pending=False)) == 1


def test_what_can_wait_is_kept_until_its_workflow_reads_it(stage: SetUp, house_app: PostLaunch) -> None:
    stage()
    kept = house_app.ingest(event("deployment", title="v1.0.1", version="1.0.1"))
    assert (kept.to, kept.settled_at) == ("weekly_report", None)
    assert house_app.signals() == (kept,)

    run = house_app.advance(house_app.start("weekly_report").id)
    assert house_app.signals() == ()
    [settled] = house_app.signals(pending=False)
    assert (settled.handled_by, settled.outcome) == (run.id, "taken up by weekly report")
    taken = [event.text for event in house_app.events(run.id) if event.kind == "signal"]
    assert taken == ["takes up: a deployment (1.0.1) is noted: kept for the next weekly report"]


def test_a_deployment_that_was_told_is_noted_in_the_weekly_report(house_app: PostLaunch) -> None:
    house_app.ingest(event("deployment", title="dark mode", version="1.0.1"))
    run = house_app.advance(house_app.start("weekly_report").id)
    [body] = [record.body for record in house_app.reports(run.id) if record.kind == "weekly_health"]
    notes = [note["text"] for note in body["notes"]]
    assert any(note.startswith("a deployment was told of, 1.0.1 dark mode, at ") for note in notes)


def test_what_is_kept_stays_for_the_report_that_answers_for_it(stage: SetUp, house_app: PostLaunch) -> None:
    stage(together=False)
    inside = house_app.ingest(event("deployment", title="v1.0.1", version="1.0.1"))
    later = house_app.ingest(
        event("deployment", "2025-11-24T10:00:00+00:00", title="v1.0.2", version="1.0.2")
    )
    house_app.advance(house_app.start("weekly_report", week="2025-W47", only="monitoring-specialist").id)
    assert {signal.id for signal in house_app.signals()} == {inside.id, later.id}, "one alone takes nothing"
    house_app.advance(house_app.start("weekly_report", week="2025-W47").id)
    assert house_app.signals() == (later,)


def test_a_high_vulnerability_reaches_the_next_planning(stage: SetUp, house_app: PostLaunch) -> None:
    stage()
    kept = house_app.ingest(event("vulnerability", id="CVE-2025-1", package="libx", severity="high"))
    assert kept.to == "sprint_planning"
    run = house_app.advance(house_app.start("sprint_planning").id)
    handed = house_app._inner.ledger.document(run.id, "product-analyst/handed")
    assert handed is not None
    [signal] = handed["signals"]  # type: ignore[misc, union-attr]
    assert signal["body"]["id"] == "CVE-2025-1"  # type: ignore[index, call-overload]
    assert house_app.signals() == (kept,), "until the sprint is decided"


def test_a_critical_vulnerability_says_which_it_is_to_whoever_responds(
    stage: SetUp, house_app: PostLaunch
) -> None:
    stage()
    told = {
        "id": "CVE-2025-2",
        "package": "libx",
        "installed": "1.2",
        "severity": "critical",
        "title": "overflow",
    }
    taken = house_app.ingest(event("vulnerability", **told))
    asked = house_app.run(taken.handled_by).parameters["incident"]
    assert isinstance(asked, dict)
    assert asked["text"] == "critical vulnerability CVE-2025-2 in libx 1.2: overflow"


def at_the_gate(app: PostLaunch) -> ApprovalRequest:
    app.advance(app.start("sprint_planning").id)
    [request] = app.pending()
    return request


def test_a_decision_moves_the_run_that_waits_for_it(stage: SetUp, house_app: PostLaunch) -> None:
    stage()
    request = at_the_gate(house_app)
    house_app.decide(request.id, "approve", by=PERSON)
    signal = house_app.ingest(event("decision", request=request.id))
    assert (signal.to, signal.handled_by) == ("advance", request.run)
    assert house_app.run(request.run).state == "done"
    assert len(house_app.commitments()) == 1


def test_a_decision_can_come_with_the_event(stage: SetUp, house_app: PostLaunch) -> None:
    stage()
    request = at_the_gate(house_app)
    told = event("decision", request=request.id, decision="reject", by=PERSON, reason="not now")
    assert house_app.ingest(told).outcome == "sprint planning: done"
    decision = house_app.decision(request.id)
    assert decision is not None
    assert (decision.kind, decision.by, decision.reason) == ("reject", PERSON, "not now")


def test_a_decision_that_may_not_stand_is_refused_and_not_tried_again(
    stage: SetUp, house_app: PostLaunch
) -> None:
    stage()
    request = at_the_gate(house_app)
    house_app.decide(request.id, "reject", by=PERSON)
    with pytest.raises(AlreadyDecided):
        house_app.ingest(event("decision", request=request.id, decision="approve", by=PERSON))
    [signal] = house_app.signals(pending=False)
    assert signal.outcome.startswith("refused: ")
    assert house_app.commitments() == ()


def test_a_decision_that_nobody_made_moves_nothing(stage: SetUp, house_app: PostLaunch) -> None:
    stage()
    request = at_the_gate(house_app)
    with pytest.raises(UsageError, match="nobody has decided"):
        house_app.ingest(event("decision", request=request.id))
    assert house_app.run(request.run).state == "waiting"


def test_what_stops_a_workflow_leaves_its_signal_pending(stage: SetUp, house_app: PostLaunch) -> None:
    stage(fails={"analytics-specialist": 1})
    with pytest.raises(PostLaunchError, match="stumbled"):
        house_app.ingest(tick())
    [pending] = house_app.signals()
    assert (pending.to, pending.settled_at) == ("weekly_report", None)
    assert house_app.ingest(tick()).outcome == "weekly report: done"


class Dies(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("where", ["route", "start_run", "advance_run"])
def test_killed_anywhere_the_signal_is_found_again_and_taken_once(
    stage: SetUp, open_house: OpenApp, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    play = stage()

    def dies(*_: object, **__: object) -> Any:
        raise Dies

    with monkeypatch.context() as patched:
        patched.setattr(operations, where, dies)
        with pytest.raises(Dies):
            open_house().ingest(tick())
    later = open_house()
    [signal] = later.signals()
    assert later.ingest(tick()).id == signal.id
    assert later.signals() == ()
    assert sum(run.workflow == "weekly_report" for run in later.runs()) == 1
    assert max(play.measured.values()) == 1


async def test_the_front_is_a_node_of_a_hosts_graph(stage: SetUp, house: Settings, clock: StillClock) -> None:
    """A host's node may also advance a run itself: its graph is not taken for a part of the host's."""
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.graph import END, START, StateGraph
    from typing_extensions import TypedDict

    class Host(TypedDict, total=False):
        event: dict[str, Any]
        signal: str
        runs: tuple[str, ...]

    stage()
    async with AsyncPostLaunch(house, clock=clock, environment={}) as app:
        host = StateGraph(Host)
        host.add_node("phase_7", app.graph("operations").compile())
        host.add_edge(START, "phase_7")
        host.add_edge("phase_7", END)
        config: Any = {"configurable": {"thread_id": "a deployment"}}
        left = await host.compile(checkpointer=InMemorySaver()).ainvoke({"event": tick()}, config)
        [run] = left["runs"]
        assert (await app.run(run)).state == "done"


def test_signals_are_of_one_application(stage: SetUp, house_app: PostLaunch) -> None:
    stage()
    stored: Signal = house_app.ingest(event("deployment", title="v2"))
    assert stored.application == "Shop"
