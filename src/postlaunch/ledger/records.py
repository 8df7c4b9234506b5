"""What the ledger stores, as typed records. Each carries `schema_version`, which is part of its contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from pydantic import Field, JsonValue

from postlaunch.facts import Frozen
from postlaunch.ledger.gate_records import Proof, Trust
from postlaunch.windows import Moment

SCHEMA_VERSION = 1

RunState = Literal[
    "created",  # stored, never moved
    "running",  # moved at least once and not finished: a lease is held, or its holder died
    "waiting",  # at a gate
    "done",
    "failed",  # stopped by an error that trying again at once would not mend; advance tries again
    "cancelled",
    "superseded",  # a newer run answers the same question over newer data or settings
]
GateOption = Literal["approve", "edit", "changes", "discovery", "reject"]
DECISION_VERSION = 2
"""What a decision's hash covers, by this number: `postlaunch.ledger.chain.HASHED`."""


class RunRecord(Frozen):
    """One run of one workflow.

    Attributes:
        key: business key: workflow, its parameters, and the digests of sources and settings. Starting a run
            with the key of a finished, whole one returns that one.
        question: the key without the digests; a newer run with the same question supersedes.
        degraded: a source or the model failed and the run went on without it; why, in `problems`.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    key: str
    question: str
    workflow: str
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    state: RunState = "created"
    degraded: bool = False
    problems: tuple[str, ...] = ()
    created_at: Moment
    updated_at: Moment
    finished_at: Moment | None = None
    superseded_by: str | None = None
    error: str = ""


class Lease(Frozen):
    """The right to move one run, until `expires_at`. `token` rises with every holder and fences writes.

    Attributes:
        seconds: how long it is held from when it was taken or last renewed.
    """

    run: str
    holder: str
    token: int
    seconds: float = Field(gt=0)
    expires_at: Moment


class ScopeEdits(Frozen):
    """Typed edits of a proposal. Rules apply them; a model may only suggest them.

    Attributes:
        include, exclude: item ids that must be in, or out of, the scope.
        pin: item ids whose tier becomes Must.
        effort: item id → owner → days.
        capacity: party → working days in this sprint.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    pin: tuple[str, ...] = ()
    effort: dict[str, dict[str, float]] = Field(default_factory=dict)
    capacity: dict[str, float] = Field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.include or self.exclude or self.pin or self.effort or self.capacity)


class ApprovalRequest(Frozen):
    """A proposal put before a person.

    Attributes:
        proposal: what is decided on, as shown; `digest` is the SHA-256 of its canonical JSON.
        round: 1, and one more for each request for changes.
        summary: the proposal in at most ten plain lines, for a notification.
        closed: why it may no longer be decided although nobody decided it; empty while it may. Written by the
            ledger.
        trust: what proof of who decides it needs at least. Written by the ledger, from the settings that were
            in force when it was opened; later ones may raise it and never lower it.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    gate: str
    run: str
    round: int = Field(default=1, ge=1)
    proposal: dict[str, JsonValue]
    digest: str
    options: tuple[GateOption, ...]
    approvers: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    requested_at: Moment
    expires_at: Moment
    closed: str = ""
    trust: Trust = "local"

    @property
    def expiry(self) -> str:
        """What it is closed with when its time is over."""
        return f"it expired at {self.expires_at:%Y-%m-%d %H:%M} UTC"

    def ran_out(self, now: datetime) -> bool:
        """Whether its time is over, and nothing else closed it before; of one that nobody decided."""
        return self.expires_at <= now and self.closed in ("", self.expiry)


class DecisionDraft(Frozen):
    """What a person says; the ledger adds when, and the chain."""

    request: str
    kind: GateOption
    by: str = Field(min_length=1)
    reason: str = ""
    digest: str
    scope: tuple[str, ...] | None = None
    edits: ScopeEdits | None = None
    text: str = ""


class Decision(DecisionDraft):
    """A stored decision. Append-only; `hash` covers this record and `previous`, the hash before it.

    Attributes:
        trust: how it is known who decided.
        proof: what shows it; None where the name was only typed.
        journal: hash of the newest entry of the gate's journal when it was made; empty while there was none.
    """

    schema_version: int = DECISION_VERSION
    seq: int = Field(ge=1)
    at: Moment
    trust: Trust = "local"
    proof: Proof | None = None
    journal: str = ""
    previous: str
    hash: str


class Commitment(Frozen):
    """What was committed, once per `key`, under the decision that allowed it."""

    schema_version: int = SCHEMA_VERSION
    id: str
    key: str
    run: str
    request: str
    decision: str
    body: dict[str, JsonValue]
    at: Moment


class HandOff(Frozen):
    """One item on its way to another phase: `packet` is the typed packet as JSON."""

    schema_version: int = SCHEMA_VERSION
    id: str
    key: str
    commitment: str | None = None
    run: str
    phase: Literal[1, 2, 3]
    item: str
    packet: dict[str, JsonValue]
    at: Moment

    @property
    def title(self) -> str:
        """What the item is called; its id where the packet has no name for it."""
        return str(self.packet.get("title", self.item))

    @property
    def called_off(self) -> str:
        """The id of an earlier hand-off that this one calls off; empty: it hands an item over."""
        return str(self.packet.get("called_off", ""))

    @property
    def decision(self) -> str:
        """The hash of the decision that it rests on; empty where its packet names none."""
        approved = self.packet.get("approved")
        return str(approved["decision"]) if isinstance(approved, dict) else ""


HANDLER_CHANNELS: Mapping[int, str] = {phase: f"handoff_handler_{phase}" for phase in (1, 2, 3)}
"""By phase, the channel of messages that only a program with a handler for it can deliver."""


class OutboxRow(Frozen):
    """One message that must leave: delivered at least once, with `key` for whoever receives it.

    Attributes:
        address: where it arrived, if the receiver says so: the web address of an issue.
    """

    schema_version: int = SCHEMA_VERSION
    id: int = 0
    key: str
    channel: Literal[
        "handoff_file",
        "handoff_github",
        "handoff_handler_1",
        "handoff_handler_2",
        "handoff_handler_3",
        "handoff_webhook",
        "notify_apprise",
        "notify_command",
        "notify_webhook",
    ]
    payload: dict[str, JsonValue]
    attempts: int = 0
    next_at: Moment
    delivered_at: Moment | None = None
    error: str = ""
    address: str = ""


class ReportRecord(Frozen):
    """A published report: where its files are, and its typed body."""

    schema_version: int = SCHEMA_VERSION
    run: str
    kind: str
    title: str
    body: dict[str, JsonValue]
    paths: tuple[str, ...] = ()
    at: Moment


IncidentStatus = Literal["open", "resolved"]
ActionStatus = Literal["open", "closed"]


class IncidentRecord(Frozen):
    """One incident of one application.

    Attributes:
        id: "INC-2025-001", counted per application and year; a number is never used again.
        key: business key (`postlaunch.ledger.incidents.incident_key`).
        severity: of the newest body; empty until one is known.
        started_at: start of its impact.
        ended_at: until when it was seen to last; its start while nothing more is known.
        opened_at, resolved_at: when the ledger learnt of it, and that it was over.
        run: the run that wrote it last.
        body: what is known of it.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    key: str
    application: str
    severity: str = ""
    status: IncidentStatus = "open"
    started_at: Moment
    ended_at: Moment
    opened_at: Moment
    resolved_at: Moment | None = None
    run: str
    body: dict[str, JsonValue] = Field(default_factory=dict)


class ActionDraft(Frozen):
    """Something to be done after an incident, before the ledger has it.

    Attributes:
        key: names it among its incident's; the same key again is the same item.
        owner: a party of the roster.
    """

    key: str = Field(min_length=1, max_length=100)
    owner: str
    action: str
    due: date


class ActionItem(ActionDraft):
    """Something to be done after an incident, kept until a person closes it.

    Attributes:
        id: the incident's, and a number: "INC-2025-001-2".
        incident: id of the incident.
        note: what the person who closed it says.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    application: str
    incident: str
    status: ActionStatus = "open"
    closed_by: str = ""
    closed_at: Moment | None = None
    note: str = ""


SignalKind = Literal[
    "tick",  # the calendar says that something is due
    "alert",
    "user_report",
    "finding",  # of a daily check
    "vulnerability",
    "deployment",
    "decision",  # a person decided at a gate
    "incident",  # somebody says that this is one
]


class SignalDraft(Frozen):
    """Something that happened, as it is told.

    Attributes:
        key: business key; the same key again is the same signal.
        at: when it happened.
        body: what is known of it, by kind (`postlaunch.graphs.signals`).
        run: the run that found it; empty for one from outside.
    """

    application: str
    key: str = Field(min_length=1, max_length=200)
    kind: SignalKind
    at: Moment
    body: dict[str, JsonValue] = Field(default_factory=dict)
    run: str = ""


class Signal(SignalDraft):
    """Something that happened, kept until a workflow has taken it.

    Attributes:
        to: the workflow it goes to; empty while nobody routed it.
        reason: why it goes there.
        handled_by: the run that took it; empty where none did.
        outcome: what came of it.
        settled_at: None while it is pending.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    posted_at: Moment
    to: str = ""
    reason: str = ""
    handled_by: str = ""
    outcome: str = ""
    settled_at: Moment | None = None
