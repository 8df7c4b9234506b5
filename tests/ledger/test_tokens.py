"""Approval tokens: shown once, good for one person and a time, and made only by who may."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from postlaunch.errors import ProofRefused, UsageError
from postlaunch.ledger.gate_records import Trust
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import ApprovalRequest, DecisionDraft
from postlaunch.ledger.rows import values_of
from postlaunch.ledger.tables import approval_tokens, metadata
from postlaunch.ledger.tokens import hashed
from postlaunch.ledger.trust import (
    ApprovalToken,
    Given,
    SshSignature,
    TokenGrant,
    TrustPolicy,
    grant_text,
)
from postlaunch.testing.clock import StillClock
from postlaunch.testing.ssh_keys import SshKey, new_ssh_key

pytestmark = [
    pytest.mark.ssh,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed"),
]

Ask = Callable[[Ledger], DecisionDraft]
numbers = count(1)


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> SshKey:
    return new_ssh_key(tmp_path_factory.mktemp("token-keys") / "ada")


@pytest.fixture
def allowed(tmp_path: Path, key: SshKey) -> Path:
    file = tmp_path / "allowed_signers"
    file.write_text(key.allowed("Ada"))
    return file


OpenAs = Callable[[Trust], Ledger]


@pytest.fixture
def open_as(path: Path, clock: StillClock, allowed: Path) -> Iterator[OpenAs]:
    """Opens the same ledger under settings that ask for this proof."""
    opened: list[Ledger] = []

    def as_settings_say(trust: Trust) -> Ledger:
        opened.append(Ledger.open(path, clock, TrustPolicy(otherwise=trust, allowed_signers=allowed)))
        return opened[-1]

    yield as_settings_say
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ask(new_request: Callable[..., ApprovalRequest]) -> Ask:
    """Opens a request and gives Ada's approval of it."""

    def asked(ledger: Ledger) -> DecisionDraft:
        name = f"run {next(numbers)}"
        run = ledger.start_run("sprint_planning", name, name, {})
        request = ledger.open_request(ledger.take_lease(run.id, "w", 60), new_request(run.id))
        return DecisionDraft(request=request.id, kind="approve", by="Ada", digest=request.digest)

    return asked


def grant(clock: StillClock, person: str = "Ada", days: int = 90) -> TokenGrant:
    now = clock()
    return TokenGrant(
        id=f"{next(numbers):08x}", person=person, created_at=now, expires_at=now + timedelta(days=days)
    )


def made(ledger: Ledger, wish: TokenGrant, given: Given | None = None) -> ApprovalToken:
    return ApprovalToken(ledger.create_token(wish, given, lambda size: bytes([next(numbers) % 256]) * size))


def test_a_token_decides_in_its_persons_name(open_as: OpenAs, ask: Ask, clock: StillClock) -> None:
    token = made(open_as("local"), grant(clock))
    ledger = open_as("token")
    decision = ledger.decide(ask(ledger), token)
    assert decision.trust == "token"
    assert decision.proof is not None
    assert (decision.proof.signer, decision.proof.key) == ("Ada", token.secret.split("_")[1])
    assert ledger.verify_chain() == []


def test_a_token_is_stored_nowhere(open_as: OpenAs, ask: Ask, clock: StillClock) -> None:
    token = made(open_as("local"), grant(clock))
    ledger = open_as("token")
    wrong = ask(ledger).model_copy(update={"by": token.secret})
    with pytest.raises(ProofRefused):
        ledger.decide(wrong, token)
    ledger.decide(ask(ledger), token)
    with ledger._database.read() as connection:
        dump = "".join(str(connection.execute(select(table)).all()) for table in metadata.sorted_tables)
    assert token.secret.split("_")[1] in dump
    assert token.secret not in dump
    assert token.secret.split("_")[2] not in dump
    assert token.secret not in repr(token)


def test_an_unknown_token_is_refused(open_as: OpenAs, ask: Ask, clock: StillClock) -> None:
    token = made(open_as("local"), grant(clock))
    ledger = open_as("token")
    draft = ask(ledger)
    for secret in ("", "APPROVED", "plt_00000000_00", token.secret[:-1], token.secret + "0"):
        with pytest.raises(ProofRefused, match="no such approval token"):
            ledger.decide(draft, ApprovalToken(secret))


def test_somebody_elses_token_is_refused(open_as: OpenAs, ask: Ask, clock: StillClock) -> None:
    token = made(open_as("local"), grant(clock, "Mallory"))
    ledger = open_as("token")
    with pytest.raises(ProofRefused, match='is not of "Ada"'):
        ledger.decide(ask(ledger), token)


def test_a_token_ends_at_its_moment(open_as: OpenAs, ask: Ask, clock: StillClock) -> None:
    token = made(open_as("local"), grant(clock, days=1))
    ledger = open_as("token")
    draft = ask(ledger)
    clock.forward(days=1)
    with pytest.raises(ProofRefused, match="expired at 2026-03-03 09:00 UTC"):
        ledger.decide(draft, token)
    clock.forward(microseconds=-1)
    assert ledger.decide(draft, token).trust == "token"


def test_a_revoked_token_decides_nothing_more(open_as: OpenAs, ask: Ask, clock: StillClock) -> None:
    token = made(open_as("local"), grant(clock))
    ledger = open_as("token")
    before = ledger.decide(ask(ledger), token)
    revocation = ledger.revoke_token(token.secret.split("_")[1], by="Ada", reason="lost")
    assert ledger.revoke_token(revocation.token, by="Ben", reason="again") == revocation
    with pytest.raises(ProofRefused, match="was revoked"):
        ledger.decide(ask(ledger), token)
    assert ledger.decision(before.request) == before
    assert [kept for _, kept in ledger.tokens()] == [revocation]
    assert ledger.audit().problems == ()


def test_a_token_is_not_enough_where_a_signature_is_asked_for(
    open_as: OpenAs, ask: Ask, clock: StillClock
) -> None:
    token = made(open_as("local"), grant(clock))
    ledger = open_as("ssh")
    with pytest.raises(ProofRefused, match=r"asks for proof of who decides .ssh."):
        ledger.decide(ask(ledger), token)


@pytest.mark.parametrize("trust", ["token", "ssh"])
def test_where_a_gate_asks_for_proof_a_token_is_made_only_by_who_proves_to_want_it(
    open_as: OpenAs, clock: StillClock, key: SshKey, trust: Trust
) -> None:
    ledger = open_as(trust)
    wish = grant(clock)
    with pytest.raises(ProofRefused, match="must prove to want a token"):
        made(ledger, wish)
    first = made(ledger, wish, SshSignature(key.sign(grant_text(wish))))
    second = grant(clock)
    made(ledger, second, first)
    with pytest.raises(ProofRefused, match='is not of "Mallory"'):
        made(ledger, grant(clock, "Mallory"), first)
    assert [(token.id, token.trust) for token, _ in ledger.tokens()] == [
        (wish.id, "ssh"),
        (second.id, "token"),
    ]


def test_settings_that_are_loosened_make_no_token(open_as: OpenAs, ask: Ask, clock: StillClock) -> None:
    ask(open_as("token"))
    with pytest.raises(ProofRefused, match="must prove to want a token"):
        made(open_as("local"), grant(clock))


def test_a_signed_wish_is_good_for_one_token_and_for_minutes(
    open_as: OpenAs, clock: StillClock, key: SshKey
) -> None:
    ledger, wish, late = open_as("ssh"), grant(clock), grant(clock)
    signed, signed_late = (SshSignature(key.sign(grant_text(one))) for one in (wish, late))
    made(ledger, wish, signed)
    with pytest.raises(UsageError, match="there is a token"):
        made(ledger, wish, signed)
    with pytest.raises(ProofRefused):
        made(ledger, grant(clock), signed)
    clock.forward(minutes=11)
    with pytest.raises(UsageError, match="is not now"):
        made(ledger, late, signed_late)


def test_a_token_that_was_written_into_the_database_is_found(
    open_as: OpenAs, ask: Ask, clock: StillClock
) -> None:
    made(open_as("local"), grant(clock))
    ledger = open_as("token")
    [(known, _)] = ledger.tokens()
    forged = known.model_copy(update={"id": "00000bad", "hashed": hashed("plt_00000bad_me", known.salt)})
    with ledger._database.write() as connection:
        connection.execute(approval_tokens.insert().values(values_of(forged)))
    ledger.decide(ask(ledger), ApprovalToken("plt_00000bad_me"))
    [problem] = ledger.audit().problems
    assert "knows nothing of approval token 00000bad" in problem


def test_what_happened_to_tokens_is_in_the_journal(open_as: OpenAs, clock: StillClock) -> None:
    token = made(open_as("local"), grant(clock)).secret.split("_")[1]
    ledger = open_as("token")
    with pytest.raises(ProofRefused):
        made(ledger, grant(clock))
    ledger.revoke_token(token, by="Ben", reason="lost")
    entries = ledger.journal()
    assert [(entry.kind, entry.by) for entry in entries] == [
        ("token made", "Ada"),
        ("refused", "Ada"),
        ("token revoked", "Ben"),
    ]
    assert "trust: local" in entries[0].text
