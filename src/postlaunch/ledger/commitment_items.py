"""What a commitment holds: what was committed, and what is left of it after everything that changed it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, JsonValue, TypeAdapter
from sqlalchemy import Connection, select

from postlaunch.ledger.gate_records import Amendment
from postlaunch.ledger.records import ApprovalRequest, Commitment, Decision
from postlaunch.ledger.rows import all_of, one_or_none
from postlaunch.ledger.tables import amendments, commitments, decisions
from postlaunch.settings import TESTING_ID

IDS = TypeAdapter(tuple[str, ...])


class _Named(BaseModel):
    id: str


class _Items(BaseModel):
    items: tuple[_Named, ...] = ()


class _Committed(BaseModel):
    scope: _Items = _Items()


def committed_ids(body: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The ids of the items in the scope of a commitment's body, without testing and documentation."""
    items = _Committed.model_validate(body).scope.items
    return tuple(item.id for item in items if item.id != TESTING_ID)


def outdated(connection: Connection, request: ApprovalRequest) -> str:
    """Why a request to change a commitment shows what no longer stands; empty while it does.

    A request of before it said what it was based on is outdated by any later decision that changed its
    commitment.
    """
    named = str(request.proposal["commitment"])
    query = select(amendments).join(decisions).where(amendments.c.commitment == named)
    changes = all_of(connection, query.order_by(decisions.c.seq), Amendment)
    if any(one.kind == "revoke" for one in changes):
        return f"commitment {named} was called off"
    base = request.proposal.get("base")
    if base is None:
        since = any(_decided(connection, one).at > request.requested_at for one in changes)
        return f"commitment {named} was changed since" if since else ""
    stands = set(_standing(connection, named, changes)) == set(IDS.validate_python(base))
    return "" if stands else f"commitment {named} was changed since"


def _standing(connection: Connection, named: str, changes: tuple[Amendment, ...]) -> tuple[str, ...]:
    if changes:
        return IDS.validate_python(changes[-1].body["items"])
    made = one_or_none(connection, select(commitments).where(commitments.c.id == named), Commitment)
    return () if made is None else committed_ids(made.body)


def _decided(connection: Connection, amendment: Amendment) -> Decision:
    [made] = all_of(connection, select(decisions).where(decisions.c.hash == amendment.decision), Decision)
    return made
