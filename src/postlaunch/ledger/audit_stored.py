"""Everything that the audit looks at, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, select

from postlaunch.events import Event
from postlaunch.ledger.audit_protection import Protection, protections
from postlaunch.ledger.gate_records import Amendment, ApprovalTokenRecord, Effect, TokenRevocation
from postlaunch.ledger.records import ApprovalRequest, Commitment, Decision, HandOff, OutboxRow
from postlaunch.ledger.rows import all_of
from postlaunch.ledger.tables import (
    amendments,
    approval_tokens,
    commitments,
    decisions,
    effects,
    events,
    handoffs,
    link_uses,
    outbox,
    requests,
    token_revocations,
)
from postlaunch.ledger.trust import pinned


@dataclass(frozen=True)
class Stored:
    """What the ledger holds of gates and of what followed.

    Attributes:
        messages: of hand-offs, delivered or not.
        told: the events that say what was committed.
    """

    requests: dict[str, ApprovalRequest]
    pins: dict[str, Sequence[tuple[str, ...]]]
    decisions: tuple[Decision, ...]
    commitments: tuple[Commitment, ...]
    amendments: tuple[Amendment, ...]
    effects: tuple[Effect, ...]
    handoffs: tuple[HandOff, ...]
    messages: tuple[OutboxRow, ...]
    told: tuple[Event, ...]
    tokens: dict[str, ApprovalTokenRecord]
    revoked: dict[str, TokenRevocation]
    links: dict[str, str]
    protections: Mapping[str, Protection]

    @classmethod
    def read(cls, connection: Connection) -> Stored:
        """From the ledger, as it is now."""
        asked = all_of(connection, select(requests), ApprovalRequest)
        made = all_of(connection, select(approval_tokens), ApprovalTokenRecord)
        taken = all_of(connection, select(token_revocations), TokenRevocation)
        of_handoffs = select(outbox).where(outbox.c.channel.startswith("handoff_", autoescape=True))
        return cls(
            requests={one.id: one for one in asked},
            pins={one.id: pinned(connection, one.id) for one in asked},
            decisions=all_of(connection, select(decisions).order_by(decisions.c.seq), Decision),
            commitments=all_of(connection, select(commitments).order_by(commitments.c.key), Commitment),
            amendments=all_of(connection, select(amendments), Amendment),
            effects=all_of(connection, select(effects), Effect),
            handoffs=all_of(connection, select(handoffs).order_by(handoffs.c.key), HandOff),
            messages=all_of(connection, of_handoffs.order_by(outbox.c.id), OutboxRow),
            told=all_of(connection, select(events).where(events.c.kind == "committed"), Event),
            tokens={one.id: one for one in made},
            revoked={one.token: one for one in taken},
            links={row.nonce: row.request for row in connection.execute(select(link_uses))},
            protections=protections(connection),
        )

    @cached_property
    def by_hash(self) -> dict[str, Decision]:
        """The decisions, by their hashes."""
        return {made.hash: made for made in self.decisions}

    def gate_of(self, made: Decision) -> str:
        """The gate that a decision was made at; empty where its request is not there."""
        request = self.requests.get(made.request)
        return request.gate if request else ""

    def changes_of(self, commitment: str) -> list[Amendment]:
        """What changed a commitment, in the order of the decisions; what rests on none stands first."""
        order = {made.hash: made.seq for made in self.decisions}
        mine = [one for one in self.amendments if one.commitment == commitment]
        return sorted(mine, key=lambda one: order.get(one.decision, 0))
