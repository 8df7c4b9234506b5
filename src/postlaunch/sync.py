"""`PostLaunch`: the API for code that is not async. Every call runs on one private loop in one thread.

(`asyncio.run` would fail inside notebooks and web servers, which have a loop of their own.)
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from pydantic import JsonValue

from postlaunch.api import AsyncPostLaunch
from postlaunch.events import Event, Listener
from postlaunch.graphs.groupings import ListedGroups
from postlaunch.graphs.night_summary import Night
from postlaunch.graphs.scope_views import ScopeView
from postlaunch.graphs.starting import IncidentAsked, Workflow
from postlaunch.ledger.audit import Audit
from postlaunch.ledger.calling_off import CalledOff
from postlaunch.ledger.deployments import Deployment
from postlaunch.ledger.feedback_records import GroupingDecision
from postlaunch.ledger.gate_records import (
    Amendment,
    AmendmentKind,
    ApprovalTokenRecord,
    ChainHead,
    Effect,
    TokenRevocation,
)
from postlaunch.ledger.handoff_handlers import Handler
from postlaunch.ledger.outbox_delivery import Delivered
from postlaunch.ledger.records import (
    ActionItem,
    ActionStatus,
    ApprovalRequest,
    Commitment,
    Decision,
    GateOption,
    HandOff,
    IncidentRecord,
    IncidentStatus,
    OutboxRow,
    ReportRecord,
    RunRecord,
    ScopeEdits,
    Signal,
)
from postlaunch.ledger.trust import Given, TokenGrant
from postlaunch.settings import Settings
from postlaunch.tools.scope_changes import ScopeChange
from postlaunch.tools.verifying import Verification
from postlaunch.windows import Clock, system_clock

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

T = TypeVar("T")


class PostLaunch:
    """As `AsyncPostLaunch`, which documents every call, without `await`.

    Use it as a context manager, or call `close()`: it holds a thread and a database.
    """

    def __init__(
        self,
        settings: Settings | Path | str | None = None,
        *,
        chat_model: BaseChatModel | None = None,
        clock: Clock = system_clock,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._inner = AsyncPostLaunch(settings, chat_model=chat_model, clock=clock, environment=environment)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="postlaunch", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._inner.settings

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        future = self._submit(work)
        try:
            return future.result()
        except BaseException:  # raised again: what nobody waits for any more is not done, Ctrl-C above all
            future.cancel()
            raise

    def close(self) -> None:
        """Give back the ledger, the sources and the thread. Harmless when called again."""
        if self._loop.is_closed():
            return
        self._wait(self._inner.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def start(
        self,
        workflow: Workflow,
        *,
        week: str | None = None,
        day: str | None = None,
        month: str | None = None,
        as_of: datetime | None = None,
        sprint: int | None = None,
        incident: IncidentAsked | None = None,
        only: str | None = None,
    ) -> RunRecord:
        """Store a run, or return the one that already answers this question."""
        return self._wait(
            self._inner.start(
                workflow,
                week=week,
                day=day,
                month=month,
                as_of=as_of,
                sprint=sprint,
                incident=incident,
                only=only,
            )
        )

    def advance(self, run: str, *listeners: Listener) -> RunRecord:
        """Move a run as far as it goes without a person."""
        return self._wait(self._inner.advance(run, *listeners))

    def watch(self, run: str) -> Iterator[Event]:
        """Advance a run and yield its events as they happen."""
        events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        future = self._submit(self._inner.advance(run, events.put))
        future.add_done_callback(lambda _: events.put(None))
        while (event := events.get()) is not None:
            yield event
        future.result()

    def ingest(self, event: Mapping[str, JsonValue], *listeners: Listener) -> Signal:
        """Take one thing that happened, and start or move what follows from it."""
        return self._wait(self._inner.ingest(event, *listeners))

    def nightly(self, *listeners: Listener, as_of: datetime | None = None) -> Night:
        """Do what is due by the calendar and what waits to be done, and tell what came of it."""
        return self._wait(self._inner.nightly(*listeners, as_of=as_of))

    def signals(self, pending: bool = True) -> tuple[Signal, ...]:
        """What happened and waits to be taken up (or all of it), oldest first."""
        return self._wait(self._inner.signals(pending))

    def incidents(self, status: IncidentStatus | None = None) -> tuple[IncidentRecord, ...]:
        """Incidents, the newest first."""
        return self._wait(self._inner.incidents(status))

    def incident(self, incident: str) -> IncidentRecord:
        """One incident by its id."""
        return self._wait(self._inner.incident(incident))

    def action_items(self, status: ActionStatus | None = None) -> tuple[ActionItem, ...]:
        """What is to be done after incidents, by its due date."""
        return self._wait(self._inner.action_items(status))

    def close_action_item(self, item: str, *, by: str, note: str = "") -> ActionItem:
        """Close an action item, as a person says."""
        return self._wait(self._inner.close_action_item(item, by=by, note=note))

    def decide(
        self,
        request: str,
        kind: GateOption,
        *,
        by: str,
        reason: str = "",
        scope: Sequence[str] | None = None,
        edits: ScopeEdits | None = None,
        text: str = "",
        digest: str | None = None,
        proof: Given | None = None,
    ) -> Decision:
        """Store a person's decision; `advance` then carries it out."""
        return self._wait(
            self._inner.decide(
                request,
                kind,
                by=by,
                reason=reason,
                scope=scope,
                edits=edits,
                text=text,
                digest=digest,
                proof=proof,
            )
        )

    def decision_text(
        self,
        request: str,
        kind: GateOption,
        *,
        by: str,
        reason: str = "",
        scope: Sequence[str] | None = None,
        edits: ScopeEdits | None = None,
        text: str = "",
        digest: str | None = None,
    ) -> str:
        """What `decide` with these arguments says, as it is to be signed."""
        return self._wait(
            self._inner.decision_text(
                request, kind, by=by, reason=reason, scope=scope, edits=edits, text=text, digest=digest
            )
        )

    def audit(self, head: str | None = None) -> Audit:
        """Verify every decision that is stored."""
        return self._wait(self._inner.audit(head))

    def chain_head(self) -> ChainHead:
        """The newest decision's hash and how many there are."""
        return self._wait(self._inner.chain_head())

    def token_grant(self, person: str, *, days: float | None = None) -> TokenGrant:
        """A wish for an approval token of somebody who may decide."""
        return self._wait(self._inner.token_grant(person, days=days))

    def create_token(self, grant: TokenGrant, proof: Given | None = None) -> str:
        """Make an approval token; this is the only time that it is seen."""
        return self._wait(self._inner.create_token(grant, proof))

    def tokens(self) -> tuple[tuple[ApprovalTokenRecord, TokenRevocation | None], ...]:
        """Every approval token, with its revocation."""
        return self._wait(self._inner.tokens())

    def revoke_token(self, token: str, *, by: str, reason: str = "") -> TokenRevocation:
        """Revoke an approval token for good."""
        return self._wait(self._inner.revoke_token(token, by=by, reason=reason))

    def cancel(self, run: str, *, by: str, reason: str) -> RunRecord:
        """Call a run off; what a person decided already is carried out instead."""
        return self._wait(self._inner.cancel(run, by=by, reason=reason))

    def amend(
        self,
        commitment: str,
        kind: AmendmentKind = "amend",
        *,
        items: Sequence[str] = (),
        by: str,
        reason: str,
    ) -> ApprovalRequest:
        """Ask that a commitment be changed to exactly these items, or called off; a person decides it."""
        return self._wait(self._inner.amend(commitment, kind, items=items, by=by, reason=reason))

    def ask(self, gate: str, proposal: Mapping[str, JsonValue], summary: Sequence[str]) -> ApprovalRequest:
        """Put something of your own before a person, at its gate."""
        return self._wait(self._inner.ask(gate, proposal, summary))

    def effects(self, run: str | None = None) -> tuple[Effect, ...]:
        """What approved decisions did outside of the ledger."""
        return self._wait(self._inner.effects(run))

    def amendments(self, commitment: str | None = None) -> tuple[Amendment, ...]:
        """What was changed or called off."""
        return self._wait(self._inner.amendments(commitment))

    def called_off(self) -> Mapping[str, CalledOff]:
        """The hand-offs that a later decision called off, by their ids."""
        return self._wait(self._inner.called_off())

    def pending(self) -> tuple[ApprovalRequest, ...]:
        """The requests that wait for a person, oldest first."""
        return self._wait(self._inner.pending())

    def request(self, request: str) -> ApprovalRequest:
        """One approval request."""
        return self._wait(self._inner.request(request))

    def decision(self, request: str) -> Decision | None:
        """The decision on a request, or None while there is none."""
        return self._wait(self._inner.decision(request))

    def check_scope(self, request: str, items: Sequence[str]) -> tuple[str, ...]:
        """What is wrong with a scope of exactly these items, in words; empty when it fits."""
        return self._wait(self._inner.check_scope(request, items))

    def what_changes(self, request: str, items: Sequence[str], item: str) -> ScopeChange:
        """What changes in a scope of exactly these items when one is taken out of it, or put in."""
        return self._wait(self._inner.what_changes(request, items, item))

    def view_scope(self, request: str, items: Sequence[str]) -> ScopeView:
        """A scope of exactly these items: who does how much, what does not fit, what there is room for."""
        return self._wait(self._inner.view_scope(request, items))

    def feedback_groups(self) -> ListedGroups:
        """The groups of feature requests, largest first, under what people decided about them."""
        return self._wait(self._inner.feedback_groups())

    def merge_feedback(self, groups: Sequence[str], *, by: str, note: str = "") -> GroupingDecision:
        """Say that groups ask for the same; every later report counts them together."""
        return self._wait(self._inner.merge_feedback(groups, by=by, note=note))

    def split_feedback(
        self, group: str, tickets: Sequence[str], *, by: str, note: str = ""
    ) -> GroupingDecision:
        """Say that some tickets of a group ask for something else; every later report counts them apart."""
        return self._wait(self._inner.split_feedback(group, tickets, by=by, note=note))

    def undo_feedback(self, decision: int, *, by: str, note: str = "") -> GroupingDecision:
        """Take back a decision about groups, by its number; it stays in the record."""
        return self._wait(self._inner.undo_feedback(decision, by=by, note=note))

    def run(self, run: str) -> RunRecord:
        """One run."""
        return self._wait(self._inner.run(run))

    def runs(self, limit: int = 50) -> tuple[RunRecord, ...]:
        """The newest runs first."""
        return self._wait(self._inner.runs(limit))

    def events(self, run: str, after: int = 0) -> tuple[Event, ...]:
        """What happened in a run."""
        return self._wait(self._inner.events(run, after))

    def reports(self, run: str | None = None) -> tuple[ReportRecord, ...]:
        """Published reports, newest first."""
        return self._wait(self._inner.reports(run))

    def commitments(self) -> tuple[Commitment, ...]:
        """What was committed, oldest first."""
        return self._wait(self._inner.commitments())

    def handoffs(self, run: str | None = None) -> tuple[HandOff, ...]:
        """The packets handed to other phases."""
        return self._wait(self._inner.handoffs(run))

    def handoff(self, handoff: str) -> HandOff:
        """One hand-off, by its id or a unique beginning of it."""
        return self._wait(self._inner.handoff(handoff))

    def handoff_addresses(self) -> dict[str, str]:
        """Where hand-offs were filed as issues: the web address of each, by the hand-off's id."""
        return self._wait(self._inner.handoff_addresses())

    def on_handoff(self, phase: int, handler: Handler, *, since: datetime | None = None) -> None:
        """Let a function, async or not, take every hand-off to a phase, at least once."""
        self._wait(self._on_handoff(phase, handler, since))

    async def _on_handoff(self, phase: int, handler: Handler, since: datetime | None) -> None:
        """On the private loop, in which an async handler then runs."""
        self._inner.on_handoff(phase, handler, since=since)

    def deployed(self, handoff: str, *, version: str, at: datetime | None = None) -> Deployment:
        """Tell that a hand-off went live; telling it again changes nothing."""
        return self._wait(self._inner.deployed(handoff, version=version, at=at))

    def deployments(self) -> tuple[Deployment, ...]:
        """What went live of what was handed on, the oldest first."""
        return self._wait(self._inner.deployments())

    def deliver(self) -> Delivered:
        """Try every message that waits and is due, once: hand-offs and notifications."""
        return self._wait(self._inner.deliver())

    def undelivered(self) -> tuple[OutboxRow, ...]:
        """Messages that have not arrived, each with its last error and when it is tried again."""
        return self._wait(self._inner.undelivered())

    def verify(self, report: Path | str) -> Verification:
        """Measure every figure of a report's JSON file again, and name what moved."""
        return self._wait(self._inner.verify(report))

    def graph(self, workflow: Workflow | Literal["operations"]) -> Any:
        """The workflow as an uncompiled LangGraph `StateGraph`."""
        return self._inner.graph(workflow)
