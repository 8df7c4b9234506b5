"""What a commitment holds: what was proposed, what was committed, and what is left after every change."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from postlaunch.ledger.gate_records import Amendment
from postlaunch.ledger.records import ApprovalRequest, Commitment, Decision
from postlaunch.ledger.rows import all_of, one_or_none
from postlaunch.ledger.tables import amendments, commitments, decisions
from postlaunch.settings_product import TESTING_ID

IDS = TypeAdapter(tuple[str, ...])


class Committed(BaseModel):
    """One item of a commitment's scope: its days by owner."""

    id: str
    title: str
    days: dict[str, float]


class _Items(BaseModel):
    items: tuple[Committed, ...] = ()


class _Body(BaseModel):
    scope: _Items = _Items()


def committed_ids(body: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The ids of the items in the scope of a commitment's body, without testing and documentation."""
    return tuple(committed_items(body))


def committed_items(body: Mapping[str, JsonValue]) -> dict[str, Committed]:
    """The same with what is said of each, by id."""
    return {item.id: item for item in _Body.model_validate(body).scope.items if item.id != TESTING_ID}


class Proposed(BaseModel):
    """What the proposal of a sprint says, as far as what is committed is held against it.

    Attributes:
        items: every item of the backlog by its id, in the proposed scope or not.
    """

    application: str
    sprint: int
    scope: dict[str, JsonValue]
    items: dict[str, dict[str, JsonValue]]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the items that are proposed for the sprint."""
        return committed_ids({"scope": self.scope})


class _Tier(BaseModel):
    items: tuple[dict[str, JsonValue], ...]


class _Backlog(BaseModel):
    application: str
    sprint: int
    scope: dict[str, JsonValue]
    tiers: tuple[_Tier, ...]


class _Sprint(BaseModel):
    backlog: _Backlog


def proposed_in(request: ApprovalRequest) -> Proposed | None:
    """What a request proposes for a sprint; None where it proposes none."""
    try:
        backlog = _Sprint.model_validate(request.proposal).backlog
    except ValidationError:
        return None
    items = {str(item.get("id")): item for tier in backlog.tiers for item in tier.items}
    return Proposed(application=backlog.application, sprint=backlog.sprint, scope=backlog.scope, items=items)


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
