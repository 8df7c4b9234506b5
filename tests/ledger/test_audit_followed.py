"""The audit holds what was committed and handed on against what was decided, and finds idle protections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from postlaunch.facts import digest_of
from postlaunch.ledger.gate_records import Amendment
from postlaunch.ledger.keys import request_id
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import (
    ApprovalRequest,
    Commitment,
    Decision,
    DecisionDraft,
    HandOff,
    Lease,
    OutboxRow,
)
from postlaunch.ledger_place import Place
from postlaunch.testing.clock import StillClock

Raw = Callable[[str], list[Any]]
ByForce = Callable[[str], None]

TITLES = {"search": "Better search", "export": "Export", "dark-mode": "Dark mode"}


def scope(*ids: str) -> dict[str, JsonValue]:
    items: list[JsonValue] = [{"id": id, "title": TITLES[id], "days": {"Ada": 1.0}} for id in ids]
    return {"items": items}


BACKLOG: list[JsonValue] = [
    {"id": id, "title": title, "route": {"phase": 3}, "tickets": ["T-1"]} for id, title in TITLES.items()
]
SPRINT: dict[str, JsonValue] = {
    "backlog": {
        "application": "Shop",
        "sprint": 7,
        "scope": scope("search", "export"),
        "tiers": [{"items": BACKLOG}],
    }
}


class House:
    """A ledger in which sprint 7 was planned, decided and committed; its hand-offs and messages are there."""

    def __init__(
        self, ledger: Ledger, lease: Lease, clock: StillClock, ask: Callable[..., ApprovalRequest]
    ) -> None:
        self.ledger, self.lease, self.clock, self.ask = ledger, lease, clock, ask

    def decided(self, gate: str, proposal: dict[str, JsonValue], kind: str, **said: object) -> Decision:
        number = 1 + len(self.ledger.requests())
        id = request_id(self.lease.run, gate, number)
        asked = {"id": id, "gate": gate, "round": number, "proposal": proposal, "digest": digest_of(proposal)}
        request = self.ledger.open_request(self.lease, self.ask(self.lease.run, **asked))
        self.clock.forward(minutes=1)
        draft = {"request": id, "kind": kind, "by": "Ada", "reason": "good", "digest": request.digest, **said}
        return self.ledger.decide(DecisionDraft.model_validate(draft))

    def commit(self, made: Decision, *ids: str) -> Commitment:
        body: dict[str, JsonValue] = {"application": "Shop", "sprint": 7, "scope": scope(*ids), "by": "Ada"}
        stated = {"id": "C7", "key": "sprint/Shop/7", "run": self.lease.run, "request": made.request}
        commitment = Commitment.model_validate({**stated, "decision": made.hash, "body": body, "at": made.at})
        handed = [self.handoff(f"sprint/Shop/7/{id}", id, made) for id in ids]
        self.ledger.commit(self.lease, commitment, handed, [message(one) for one in handed])
        self.ledger.recorder(self.lease).emit("committed", "committed", data={"commitment": "C7"})
        return commitment

    def handoff(self, key: str, item: str, made: Decision, commitment: str | None = None) -> HandOff:
        approved: JsonValue = {
            "by": made.by,
            "reason": made.reason,
            "trust": made.trust,
            "decision": made.hash,
        }
        packet: dict[str, JsonValue] = {
            "item": item,
            "title": TITLES[item],
            "phase": 3,
            "sprint": 7,
            "tickets": ["T-1"],
            "approved": approved,
        }
        return HandOff(
            id=f"H{digest_of(key)[:8]}",
            key=key,
            commitment=commitment,
            run=self.lease.run,
            phase=3,
            item=item,
            packet=packet,
            at=made.at,
        )

    def amend(self) -> Amendment:
        """Search goes out and dark mode comes in."""
        base: JsonValue = ["search", "export"]
        items: JsonValue = ["export", "dark-mode"]
        body: dict[str, JsonValue] = {"commitment": "C7", "kind": "amend", "base": base, "items": items}
        made = self.decided("commitment", body, "approve")
        stated = {"id": "M1", "commitment": "C7", "kind": "amend", "request": made.request}
        amendment = Amendment.model_validate({**stated, "decision": made.hash, "body": body, "at": made.at})
        handed = self.handoff(f"sprint/Shop/7/dark-mode/{made.hash[:8]}", "dark-mode", made, "C7")
        [search] = [one for one in self.ledger.handoffs() if one.item == "search"]
        off = {"called_off": search.id, "item": "search", "decision": made.hash}
        told = search.model_copy(update={"id": f"{search.id}-called-off-{made.hash[:8]}", "packet": off})
        rows = [message(handed), message(told, "off")]
        return self.ledger.amend(amendment, [handed], rows)

    def problems(self) -> str:
        return "; ".join(self.ledger.audit().problems)


def message(one: HandOff, key: str = "") -> OutboxRow:
    payload: dict[str, JsonValue] = {"handoff": one.id, "packet": one.packet}
    stated = {"key": key or one.key, "channel": "handoff_file", "payload": payload, "next_at": one.at}
    return OutboxRow.model_validate(stated)


@pytest.fixture
def house(
    ledger: Ledger, lease: Lease, clock: StillClock, new_request: Callable[..., ApprovalRequest]
) -> House:
    return House(ledger, lease, clock, new_request)


@pytest.fixture
def committed(house: House) -> House:
    house.commit(house.decided("sprint_priorities", SPRINT, "approve"), "search", "export")
    return house


def changed(path: Place, column: str, old: str, new: str) -> str:
    """The expression of a JSON column with one word for another."""
    text = f"replace(CAST({column} AS text), '{old}', '{new}')"
    return text if isinstance(path, Path) else f"({text})::json"


def test_what_was_decided_committed_and_changed_holds(committed: House) -> None:
    assert committed.problems() == ""
    committed.amend()
    assert committed.problems() == ""


def test_an_edited_scope_is_what_was_committed(house: House) -> None:
    made = house.decided("sprint_priorities", SPRINT, "edit", scope=["search", "dark-mode"])
    assert "nothing is committed on it" in house.ledger.audit().notes[-1]
    house.commit(made, "search", "dark-mode")
    assert house.problems() == ""


def test_another_scope_than_the_edited_one_is_found(house: House) -> None:
    made = house.decided("sprint_priorities", SPRINT, "edit", scope=["search"])
    house.commit(made, "search", "dark-mode")
    assert "holds search, dark-mode, and decided was search" in house.problems()


def test_a_second_commitment_on_one_decision_is_found(committed: House, raw: Raw) -> None:
    raw(
        "INSERT INTO commitments SELECT schema_version, 'C9', 'sprint/Shop/9', run, request, decision, body, "
        "at FROM commitments"
    )
    found = committed.problems()
    assert "sprint/Shop/9 is not of the run and sprint that were decided on" in found
    assert "2 commitments rest on one decision" in found


def test_a_hand_off_of_what_nobody_committed_is_found(committed: House, raw: Raw) -> None:
    raw(
        "INSERT INTO handoffs SELECT schema_version, 'Hbad', 'sprint/Shop/7/dark-mode', commitment, run, "
        "phase, 'dark-mode', packet, at FROM handoffs WHERE item = 'search'"
    )
    assert "hands on dark-mode, which its decision did not bring into" in committed.problems()


def test_a_message_of_no_hand_off_and_one_that_says_something_else_are_found(
    committed: House, path: Place, raw: Raw
) -> None:
    payload = changed(path, "payload", "Better search", "Backdoor")
    raw(f"UPDATE outbox SET payload = {payload} WHERE key = 'sprint/Shop/7/search'")
    raw(
        f"UPDATE outbox SET payload = {changed(path, 'payload', 'H', 'X')} WHERE key = 'sprint/Shop/7/export'"
    )
    found = committed.problems()
    assert "message sprint/Shop/7/search carries another packet than hand-off" in found
    assert "message sprint/Shop/7/export is of no hand-off that there is" in found


@pytest.mark.parametrize("statement", ["UPDATE handoffs SET item = 'backdoor'", "DELETE FROM handoffs"])
def test_the_database_itself_keeps_what_was_handed_on(committed: House, raw: Raw, statement: str) -> None:
    with pytest.raises(Exception, match="what was handed on is never"):  # of either driver
        raw(statement)


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("commitments", "body", "holds dark-mode, export, and decided was search, export"),
        ("amendments", "body", "is another than the one that was decided on"),
        ("handoffs", "packet", "says something else than what was approved: item"),
    ],
)
def test_what_was_rewritten_by_force_is_found(
    committed: House, path: Place, by_force: ByForce, table: str, column: str, words: str
) -> None:
    committed.amend()
    by_force(
        f"UPDATE {table} SET {column} = {changed(path, column, chr(34) + 'search', chr(34) + 'dark-mode')}"
    )
    assert words in committed.problems()


def test_what_was_deleted_by_force_is_found(committed: House, by_force: ByForce) -> None:
    committed.amend()
    by_force("DELETE FROM handoffs WHERE item = 'search'")
    assert "the hand-off of search of commitment sprint/Shop/7 is not there" in committed.problems()
    by_force("DELETE FROM commitments")
    assert "amend M1 is of commitment C7, which is not there" in committed.problems()
    assert f"commitment C7, which run {committed.lease.run} wrote, is not there" in committed.problems()


def test_a_request_that_was_moved_to_another_gate_is_found(committed: House, by_force: ByForce) -> None:
    by_force("UPDATE requests SET gate = 'hotfix_deployment'")
    assert "is not of this gate, run and round (hotfix_deployment)" in committed.problems()


def test_a_brief_that_nobody_called_for_is_found(house: House) -> None:
    made = house.decided("sprint_priorities", SPRINT, "discovery", text="Dark mode")
    assert "nothing is handed on" in house.ledger.audit().notes[-1]
    brief = house.handoff(f"discovery/Shop/{made.request}", "dark-mode", made)
    house.ledger.hand_off(house.lease, brief, [], made)
    assert house.problems() == ""
    other = house.handoff("discovery/Shop/other", "dark-mode", made)
    house.ledger.hand_off(house.lease, other, [], made)
    assert "has no commitment, and nobody called for discovery" in house.problems()


def test_a_protection_that_was_emptied_or_switched_off_is_found(
    ledger: Ledger, path: Place, raw: Raw
) -> None:
    if isinstance(path, Path):
        raw("DROP TRIGGER decisions_stay")
        raw("CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions BEGIN SELECT 1; END")
        expected = ["the database's own protection decisions_stay was replaced by another of its name"]
        assert list(ledger.audit().problems) == expected
        return
    [(body,)] = raw("SELECT prosrc FROM pg_proc WHERE proname = 'postlaunch_stays'")
    make = "CREATE OR REPLACE FUNCTION postlaunch.postlaunch_stays() RETURNS trigger LANGUAGE plpgsql AS"
    try:
        raw(f"{make} $$ BEGIN RETURN NEW; END $$")
        raw("ALTER TABLE handoffs DISABLE TRIGGER handoffs_stay")
        assert list(ledger.audit().problems) == [
            "the database's own protection handoffs_stay was switched off",
            "the database's own protection postlaunch_stays was replaced by another of its name",
        ]
    finally:
        raw(f"{make} $${body}$$")
        raw("ALTER TABLE handoffs ENABLE TRIGGER handoffs_stay")
    assert ledger.audit().problems == ()
