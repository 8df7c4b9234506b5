"""What stands behind the graphs: the long-lived services, and the session of one run while it moves.

Nodes hold no state of their own. They ask `Services.session(run)` for the run's session: its lease, its
recorder and its bench. `api.advance` opens the session around a whole step of the run; a graph embedded in
somebody else's opens it at the first node that asks, and closes it where the graph ends or waits.
"""

from __future__ import annotations

import os
import secrets
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import JsonValue

from postlaunch.agents.bench import Bench, Document
from postlaunch.events import Listener, Recorder
from postlaunch.facts import digest_of
from postlaunch.graphs.deployed_items import deployment_table
from postlaunch.graphs.handing_on import enqueue_for_handlers, handoff_channels
from postlaunch.graphs.tracked_items import action_item_table
from postlaunch.ledger.calling_off import called_off
from postlaunch.ledger.channels import NotifyCommand, NotifyWebhook
from postlaunch.ledger.handoff_handlers import Registered
from postlaunch.ledger.leases import LeaseKeeper
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.notifying import AppriseChannel
from postlaunch.ledger.outbox_delivery import Delivered, Delivery, deliver_due
from postlaunch.ledger.records import HANDLER_CHANNELS, Lease, RunRecord, RunState
from postlaunch.llm.seat import seat_or_reason
from postlaunch.llm.usage import Usage, usage_in
from postlaunch.settings import Settings
from postlaunch.sources.action_items import ActionItemTable
from postlaunch.sources.opening import (
    AnySource,
    BrokenSource,
    close_sources,
    open_source,
    open_sources,
)
from postlaunch.windows import Clock, system_clock

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


NOT_ASKED = {"folder", "handoffs", "ledger", "listen", "notify", "reports", "sources"}
"""The settings that decide nothing of an answer: where things are kept and go, and who is told."""

SALT = "pseudonyms"
"""The document of a run that holds what its pseudonyms are keyed with."""

SALT_BYTES = 16


@dataclass
class Session:
    """One run while this process moves it.

    Attributes:
        problems: what the run had to do without, told in this process or, by its "degraded" events, in one
            before it.
        publishing: held while a report is compared with the others and published: of two that contradict each
            other and are ready at once, the second then says so.
    """

    services: Services
    run: RunRecord
    lease: Lease
    keeper: LeaseKeeper
    recorder: Recorder
    bench: Bench
    attended: bool
    problems: list[str] = field(default_factory=list)
    publishing: threading.Lock = field(default_factory=threading.Lock)

    def settle(self, state: RunState, *, error: str = "") -> RunRecord:
        """Store where the run stands, with what it had to do without.

        Raises:
            LeaseLost: another process moves this run now; nothing was written.
        """
        problems = tuple(dict.fromkeys([*self.run.problems, *self.problems]))
        return self.services.ledger.set_state(
            self.lease, state, error=error, degraded=bool(problems), problems=problems
        )


@dataclass
class Services:
    """The long-lived things every graph works with.

    Attributes:
        chat_model: an injected LangChain chat model; it wins over `settings.model`.
        environment: where secrets are looked up.
        holder: names this process in leases.
        unique: gives a name that nothing had before.
        handlers: by phase, what takes its hand-offs in this process.
    """

    settings: Settings
    ledger: Ledger
    clock: Clock = system_clock
    chat_model: BaseChatModel | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    holder: str = field(default_factory=lambda: f"{os.uname().nodename}:{os.getpid()}:{uuid.uuid4().hex[:8]}")
    unique: Callable[[], str] = field(default=lambda: uuid.uuid4().hex[:12])
    handlers: dict[int, Registered] = field(default_factory=dict)
    _sources: dict[str, AnySource] | None = None
    _sessions: dict[str, Session] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def sources(self) -> dict[str, AnySource]:
        """The configured sources, opened once, and what the ledger knows by now: what went live, what
        incidents ask for. Blocking, mostly the first time.
        """
        with self._lock:
            if self._sources is None:
                self._sources = open_sources(self.settings, self.clock)
            name = self.settings.application.name
            live, to_do = deployment_table(self.ledger, name), action_item_table(self.ledger, name)
            known = {table.name: table for table in (live, to_do) if table is not None}
            return {**self._sources, **known} if known else self._sources

    def reopen(self, name: str) -> None:
        """Read a source of the settings anew: its file may be another by now. For one that is read whole."""
        with self._lock:
            if self._sources is not None and getattr(self.settings.sources, name) is not None:
                self._sources[name] = open_source(name, self.settings, self.clock)

    def question_digest(self) -> str:
        """Digest of everything but the question that decides a run's answer: sources, settings, model.

        Action items are none of it: they are handed to a run, and closing one asks nothing anew.
        """
        fingerprints: dict[str, JsonValue] = {
            name: str(source.error) if isinstance(source, BrokenSource) else source.fingerprint
            for name, source in self.sources().items()
            if not isinstance(source, ActionItemTable)
        }
        settings = self.settings.model_dump(mode="json", exclude=NOT_ASKED)
        injected = type(self.chat_model).__name__ if self.chat_model else ""
        return digest_of({"sources": fingerprints, "settings": settings, "model": injected})

    def open_session(
        self, run_id: str, listeners: Sequence[Listener] = (), *, attended: bool = False
    ) -> Session:
        """Take the run's lease and lay its bench.

        Args:
            attended: the caller closes the session itself.

        Raises:
            RunBusy: another process, or another call in this one, moves the run.
        """
        ledger = self.ledger
        lease = ledger.take_lease(run_id, self.holder, self.settings.ledger.lease_seconds)
        keeper = LeaseKeeper(ledger, lease)
        keeper.start()
        try:
            problems = [event.text for event in ledger.events(run_id) if event.kind == "degraded"]
            recorder = ledger.recorder(lease, listeners)
            bench = self._bench(lease, recorder, problems.append)
            session = Session(self, ledger.run(run_id), lease, keeper, recorder, bench, attended, problems)
        except BaseException:  # raised again, also when interrupted: nobody else could take the run
            keeper.stop()
            ledger.release(lease)
            raise
        with self._lock:
            self._sessions[run_id] = session
        return session

    def _bench(self, lease: Lease, recorder: Recorder, note: Callable[[str], None]) -> Bench:
        """The bench of a run: what it used of the model before it was resumed counts on."""
        ledger, run_id = self.ledger, lease.run

        def put_document(name: str, body: Document) -> None:
            ledger.put_document(lease, name, body)

        def used(agent: str) -> Usage:
            return usage_in(event for event in ledger.events(run_id) if event.agent == agent)

        seat = seat_or_reason(
            self.settings,
            self.environment,
            recorder,
            self.chat_model,
            salt=_salt(ledger, lease),
            spent=usage_in(ledger.events(run_id)),
        )
        return Bench(
            settings=self.settings,
            sources=self.sources(),
            recorder=recorder,
            clock=self.clock,
            kept=lambda facts: ledger.keep_facts(lease, facts),
            document=lambda name: ledger.document(run_id, name),
            put_document=put_document,
            seat=seat,
            budget=seat.meter if seat else None,
            pseudonyms=seat.pseudonyms if seat else None,
            note=note,
            spent=used if seat else None,
        )

    def session(self, run_id: str) -> Session:
        """The run's open session; opened here when a graph runs outside `advance`.

        Nodes that run side by side ask at once: the first opens it, and the others wait for that.
        """
        with self._lock:
            return self._sessions.get(run_id) or self.open_session(run_id)

    def leave(self, run_id: str) -> None:
        """Close a session that a node opened, and send what waits; `advance` does both for its own."""
        with self._lock:
            session = self._sessions.get(run_id)
        if session is not None and not session.attended:
            self.close_session(run_id)
            self.deliver()

    def close_session(self, run_id: str) -> None:
        """Give the lease back; harmless when there is no session."""
        with self._lock:
            session = self._sessions.pop(run_id, None)
        if session is not None:
            session.keeper.stop()
            self.ledger.release(session.lease)

    def bench(self, run_id: str) -> Bench:
        """What the specialist loop asks for."""
        return self.session(run_id).bench

    def delivery(self) -> Delivery:
        """How messages leave: hand-offs and notifications as the settings say, hand-offs to handlers too."""
        gate = self.settings.gate
        channels = handoff_channels(
            self.settings, self.environment, self.ledger, self.handlers.values(), self.clock
        )
        if gate.notify_command:
            channels["notify_command"] = NotifyCommand(
                gate.notify_command, gate.notify_timeout_seconds, self.environment
            )
        if gate.notify_webhook:
            channels["notify_webhook"] = NotifyWebhook(gate.notify_webhook, gate.notify_timeout_seconds)
        if self.settings.notify.configured:
            channels["notify_apprise"] = AppriseChannel(self.settings, self.environment)
        elsewhere = frozenset(HANDLER_CHANNELS.values())
        return Delivery(channels, elsewhere=elsewhere, called_off=called_off(self.ledger))

    def deliver(self) -> Delivered:
        """Try every message of the outbox that is due, once. Blocking."""
        enqueue_for_handlers(self.ledger, self.handlers.values(), self.clock)
        return deliver_due(self.ledger, self.delivery(), self.clock)

    def close(self) -> None:
        """Close every session, the sources and the ledger."""
        with self._lock:
            left = list(self._sessions)
            sources = self._sources or {}
            self._sources = None
        for run_id in left:
            self.close_session(run_id)
        close_sources(sources)
        self.ledger.close()


def _salt(ledger: Ledger, lease: Lease) -> bytes:
    """What a run's pseudonyms are keyed with: random, and the same when the run is resumed."""
    known = ledger.document(lease.run, SALT)
    if known is None:
        known = {"salt": secrets.token_hex(SALT_BYTES)}
        ledger.put_document(lease, SALT, known)
    return bytes.fromhex(str(known["salt"]))
