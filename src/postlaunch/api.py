"""The Python API: `AsyncPostLaunch`, and `PostLaunch`, the same calls for code that is not async.

`advance(run)` is the one way a run moves: take the lease, look at the state, start or resume or do nothing,
give the lease back. It may be called at any time, twice, from anywhere, and after any crash.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import JsonValue

from postlaunch.api_trust import TrustCalls
from postlaunch.events import Event, Listener
from postlaunch.graphs.advancing import advance_run
from postlaunch.graphs.catalogue import graph_of
from postlaunch.graphs.deciding import decide, drafted
from postlaunch.graphs.deploying import record_deployed
from postlaunch.graphs.feedback_calls import FeedbackCalls
from postlaunch.graphs.ingesting import ingest_event
from postlaunch.graphs.night import run_night
from postlaunch.graphs.night_summary import Night
from postlaunch.graphs.operations import operations
from postlaunch.graphs.proposing import scope_change, scope_problems
from postlaunch.graphs.scope_views import ScopeView, view_scope
from postlaunch.graphs.session import Services
from postlaunch.graphs.starting import Asked, IncidentAsked, Workflow, start_run
from postlaunch.ledger.deployments import Deployment
from postlaunch.ledger.handoff_handlers import Handler, register_handler
from postlaunch.ledger.ledger import Ledger
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
from postlaunch.ledger.trust import Given, TrustPolicy
from postlaunch.logs import log_into_the_host
from postlaunch.reports.reading import read_evidence
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.tools.feedback_ways import grouped_otherwise
from postlaunch.tools.scope_changes import ScopeChange
from postlaunch.tools.verifying import Verification, verify_evidence
from postlaunch.windows import Clock, system_clock

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class AsyncPostLaunch(FeedbackCalls, TrustCalls):
    """One application under care. Close it when done, or use `async with`.

    Args:
        settings: a `Settings`, a path to a settings file, or None: `postlaunch.toml` here, or the defaults.
        chat_model: any LangChain chat model; it is used in place of `settings.model`.
        clock: the present moment; tests own it.
        environment: where the model's key and the ledger's password are looked up.

    Raises:
        SettingsError: the settings cannot be read.
        PostLaunchError: the ledger cannot be opened.
    """

    def __init__(
        self,
        settings: Settings | Path | str | None = None,
        *,
        chat_model: BaseChatModel | None = None,
        clock: Clock = system_clock,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        environment = os.environ if environment is None else environment
        log_into_the_host(environment)
        if not isinstance(settings, Settings):
            path = Path(settings) if settings is not None else None
            settings = load_settings(path, environment=environment)
        self.settings = settings
        place = settings.ledger_place(environment)
        self.ledger = Ledger.open(place, clock, TrustPolicy.of(settings, environment))
        self.services = Services(
            settings, self.ledger, clock=clock, chat_model=chat_model, environment=environment
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give back the ledger and the sources."""
        await asyncio.to_thread(self.services.close)

    async def start(
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
        """Store a run (it does not move yet), or return the one that already answers this question.

        The same question over the same data and settings is the same run; a report that was partial or
        degraded is never returned in place of a new one. One on which somebody decided what is not carried
        out yet comes before all of them, over whatever data: advance it, and start again.

        Args:
            week: "2026-W07", or a day of it; None: the last complete week of the data.
            day, month: "2026-02-11", "2026-02"; None: the last complete one of the data.
            as_of: what was known then; measures nothing after it.
            sprint: number of the sprint to plan; None: one after the last committed.
            incident: what to look into, for the workflow "incident".
            only: the one specialist who makes its part of a weekly report.

        Raises:
            UsageError: no such workflow, period or specialist, or the sprint is committed already.
        """
        asked = Asked(
            week=week, day=day, month=month, as_of=as_of, sprint=sprint, incident=incident, only=only
        )
        return await asyncio.to_thread(start_run, self.services, workflow, asked)

    async def advance(self, run: str, *listeners: Listener) -> RunRecord:
        """Move a run as far as it goes without a person.

        Raises:
            RunBusy: another process moves it now.
            PostLaunchError: what stopped it; advancing again goes on from the last checkpoint.
        """
        return await advance_run(self.services, run, listeners)

    async def watch(self, run: str) -> AsyncIterator[Event]:
        """Advance a run and yield its events as they happen; ends where `advance` would return."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | None] = asyncio.Queue()

        def show(event: Event) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, event)

        task = asyncio.create_task(self.advance(run, show))
        task.add_done_callback(lambda _: loop.call_soon(queue.put_nowait, None))
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            await task

    async def ingest(self, event: Mapping[str, JsonValue], *listeners: Listener) -> Signal:
        """Take one thing that happened, and start or move what follows from it.

        The same thing told twice is one. What can wait is kept for the workflow that reads it.

        Args:
            event: `{"kind": "alert", "at": "2026-02-11T07:00:00+01:00", "body": {...}}`; what each kind holds
                is in `postlaunch.graphs.signals`.

        Returns:
            The signal as it stands then: where it went and why, and what came of it.

        Raises:
            UsageError: it is no event.
            PostLaunchError: what stopped the workflow; the signal stays pending for the next night.
        """
        return await ingest_event(self.services, event, listeners)

    async def nightly(self, *listeners: Listener, as_of: datetime | None = None) -> Night:
        """Do what is due by the calendar and what waits to be done, and tell what came of it.

        Missed periods are made up for; gates stay open; a part that fails is told, and the others go on.
        Two at once do nothing twice.

        Args:
            as_of: what is due, and what is known, is taken as of this moment.
        """
        return await run_night(self.services, as_of, listeners)

    async def signals(self, pending: bool = True) -> tuple[Signal, ...]:
        """What happened and waits to be taken up (or all of it), oldest first."""
        application = self.settings.application.name
        return await asyncio.to_thread(lambda: self.ledger.signals(pending=pending, application=application))

    async def incidents(self, status: IncidentStatus | None = None) -> tuple[IncidentRecord, ...]:
        """Incidents, the newest first; all, or those of one status."""
        found = await asyncio.to_thread(self.ledger.incidents, status)
        return tuple(one for one in found if one.application == self.settings.application.name)

    async def incident(self, incident: str) -> IncidentRecord:
        """One incident by its id, "INC-2026-001".

        Raises:
            UsageError: there is none.
        """
        application = self.settings.application.name
        return await asyncio.to_thread(lambda: self.ledger.incident(incident, application=application))

    async def action_items(self, status: ActionStatus | None = None) -> tuple[ActionItem, ...]:
        """What is to be done after incidents, by its due date; all, or those of one status."""
        found = await asyncio.to_thread(self.ledger.action_items, status)
        return tuple(one for one in found if one.application == self.settings.application.name)

    async def close_action_item(self, item: str, *, by: str, note: str = "") -> ActionItem:
        """Close an action item, as a person says. Closing it again changes nothing.

        Raises:
            UsageError: there is no such item, or nobody is named.
        """
        application, now = self.settings.application.name, self.services.clock()
        return await asyncio.to_thread(
            lambda: self.ledger.close_action_item(item, by=by, note=note, at=now, application=application)
        )

    async def decide(
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
        """Store a person's decision; `advance` then carries it out. The first decision wins.

        Args:
            request: id of the approval request; a unique beginning is enough.
            scope: for "edit": the ids of the items to commit.
            edits, text: for "changes": typed edits, and the person's own words.
            digest: of the proposal that was shown; None: the one stored now.
            proof: an `ApprovalToken` or `SshSignature` of whoever decides, where the gate asks for one.

        Raises:
            DecisionRefused: see its subclasses; nothing was stored, and the attempt is in the gate's journal.
        """
        stored = await asyncio.to_thread(self.ledger.request_to_decide, request, by, kind)
        draft = drafted(stored, kind, by, reason=reason, scope=scope, edits=edits, text=text, digest=digest)
        return await asyncio.to_thread(decide, self.services, stored, draft, proof)

    async def pending(self) -> tuple[ApprovalRequest, ...]:
        """The requests that wait for a person, oldest first."""
        return await asyncio.to_thread(self.ledger.requests, pending=True)

    async def request(self, request: str) -> ApprovalRequest:
        """One approval request, by its id or a unique beginning of it."""
        return await asyncio.to_thread(self.ledger.request, request)

    async def decision(self, request: str) -> Decision | None:
        """The decision on a request, or None while there is none."""
        return await asyncio.to_thread(self.ledger.decision, request)

    async def check_scope(self, request: str, items: Sequence[str]) -> tuple[str, ...]:
        """What is wrong with a scope of exactly these items, in words; empty when it fits."""
        stored = await self.request(request)
        return await asyncio.to_thread(scope_problems, self.services, stored, items)

    async def what_changes(self, request: str, items: Sequence[str], item: str) -> ScopeChange:
        """What changes in a scope of exactly these items when one is taken out of it, or put in.

        Raises:
            UsageError: the proposal has no such item.
        """
        stored = await self.request(request)
        return await asyncio.to_thread(scope_change, self.services, stored, items, item)

    async def view_scope(self, request: str, items: Sequence[str]) -> ScopeView:
        """A scope of exactly these items: who does how much, what does not fit, what there is room for."""
        stored = await self.request(request)
        return await asyncio.to_thread(view_scope, self.services, stored, items)

    async def run(self, run: str) -> RunRecord:
        """One run, by its id or a unique beginning of it."""
        return await asyncio.to_thread(self.ledger.run, run)

    async def runs(self, limit: int = 50) -> tuple[RunRecord, ...]:
        """The newest runs first."""
        return await asyncio.to_thread(self.ledger.runs, limit)

    async def events(self, run: str, after: int = 0) -> tuple[Event, ...]:
        """What happened in a run, from the event after number `after`."""
        return await asyncio.to_thread(self.ledger.events, run, after)

    async def reports(self, run: str | None = None) -> tuple[ReportRecord, ...]:
        """Published reports, newest first."""
        return await asyncio.to_thread(self.ledger.reports, run)

    async def commitments(self) -> tuple[Commitment, ...]:
        """What was committed, oldest first."""
        return await asyncio.to_thread(self.ledger.commitments)

    async def handoffs(self, run: str | None = None) -> tuple[HandOff, ...]:
        """The packets handed to other phases."""
        return await asyncio.to_thread(self.ledger.handoffs, run)

    async def handoff(self, handoff: str) -> HandOff:
        """One hand-off, by its id or a unique beginning of it."""
        return await asyncio.to_thread(self.ledger.handoff, handoff)

    async def handoff_addresses(self) -> dict[str, str]:
        """Where hand-offs were filed as issues: the web address of each, by the hand-off's id."""
        return await asyncio.to_thread(self.ledger.addresses)

    def on_handoff(self, phase: int, handler: Handler, *, since: datetime | None = None) -> None:
        """Let a function, async or not, take every hand-off to a phase.

        It is called at least once for each, also for those that another process committed or that are
        older: from `advance`, `nightly` and `deliver`. Returning means that it has the hand-off; when it
        raises, it is given it again later, and nothing else is held up. It should do nothing the second time
        that it sees a `key`: a process that dies just after it returned has not noted so. It is called in a
        thread, an async one in the event loop that it was registered in.

        Of what is called off it is told by another hand-off, whose `called_off` names the one that it had.

        Args:
            phase: 1, 2 or 3.
            since: hand-offs that were made before are not given to it.

        Raises:
            UsageError: there is no such phase, or it has a handler.
        """
        register_handler(self.services.handlers, phase, handler, since)

    async def deployed(self, handoff: str, *, version: str, at: datetime | None = None) -> Deployment:
        """Tell that a hand-off went live; telling it again changes nothing.

        From then on its success measure is watched, and the time from its approval counts.

        Args:
            handoff: its id, or a unique beginning of it.
            at: when; None: now.

        Raises:
            UsageError: there is no such hand-off, or it cannot have been deployed then.
        """
        return await asyncio.to_thread(record_deployed, self.services, handoff, version, at)

    async def deployments(self) -> tuple[Deployment, ...]:
        """What went live of what was handed on, the oldest first."""
        return await asyncio.to_thread(self.ledger.deployments)

    async def deliver(self) -> Delivered:
        """Try every message that waits and is due, once: hand-offs and notifications."""
        return await asyncio.to_thread(self.services.deliver)

    async def undelivered(self) -> tuple[OutboxRow, ...]:
        """Messages that have not arrived, each with its last error and when it is tried again."""
        return await asyncio.to_thread(self.ledger.undelivered)

    async def verify(self, report: Path | str) -> Verification:
        """Measure every figure of a report's JSON file again, and name what moved.

        Raises:
            UsageError: the file is no report, or it was changed by hand.
        """
        evidence = await asyncio.to_thread(read_evidence, Path(report))
        sources = await asyncio.to_thread(self.services.sources)
        found = await asyncio.to_thread(verify_evidence, evidence, sources)
        notes = grouped_otherwise(evidence, self.services.settings.product.feedback_vectors)
        return found.model_copy(update={"notes": notes})

    def graph(self, workflow: Workflow | Literal["operations"]) -> Any:
        """The workflow as an uncompiled LangGraph `StateGraph`, for a host's own graph and checkpointer.

        "operations" is the front: given `event`, it routes it to a workflow.
        """
        return operations(self.services) if workflow == "operations" else graph_of(self.services, workflow)
