"""The audit finds what was changed, forged or taken out, whoever can write to the database."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from postlaunch.errors import DecisionRefused, PostLaunchError
from postlaunch.facts import digest_of
from postlaunch.ledger.chain import hash_of
from postlaunch.ledger.gate_records import Proof
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import ApprovalRequest, Decision, DecisionDraft
from postlaunch.ledger.rows import values_of
from postlaunch.ledger.tables import decisions, requests
from postlaunch.ledger.trust import SshSignature, TrustPolicy, decision_text
from postlaunch.ledger_place import Place
from postlaunch.testing.clock import StillClock
from postlaunch.testing.ssh_keys import SshKey, new_ssh_key

pytestmark = [
    pytest.mark.ssh,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed"),
]

ByForce = Callable[[str], None]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SshKey]:
    folder = tmp_path_factory.mktemp("audit-keys")
    return {name: new_ssh_key(folder / name.lower()) for name in ("Ada", "Mallory")}


@pytest.fixture
def allowed(tmp_path: Path, keys: dict[str, SshKey]) -> Path:
    file = tmp_path / "allowed_signers"
    file.write_text(keys["Ada"].allowed("Ada"))
    return file


@pytest.fixture
def signing(path: Place, clock: StillClock, allowed: Path) -> Iterator[Ledger]:
    with Ledger.open(path, clock, TrustPolicy(otherwise="ssh", allowed_signers=allowed)) as ledger:
        yield ledger


Signed = Callable[..., Decision]


@pytest.fixture
def asked(signing: Ledger, new_request: Callable[..., ApprovalRequest]) -> Callable[[], ApprovalRequest]:
    """Opens a request of a run of its own, which needs a signature of Ada's."""

    def ask() -> ApprovalRequest:
        name = f"run {len(signing.requests())}"
        run = signing.start_run("sprint_planning", name, name, {})
        return signing.open_request(
            signing.take_lease(run.id, "w", 60), new_request(run.id, approvers=("Ada",))
        )

    return ask


@pytest.fixture
def signed(
    signing: Ledger, asked: Callable[[], ApprovalRequest], keys: dict[str, SshKey], clock: StillClock
) -> Signed:
    """Ada decides on a new request."""

    def decide() -> Decision:
        request = asked()
        draft = DecisionDraft(request=request.id, kind="approve", by="Ada", digest=request.digest)
        clock.forward(minutes=1)
        return signing.decide(draft, SshSignature(keys["Ada"].sign(decision_text(draft, request.gate))))

    return decide


def problems(ledger: Ledger, head: str | None = None) -> list[str]:
    found = ledger.audit(head)
    assert found.holds == (not found.problems)
    return list(found.problems)


def insert_by_force(ledger: Ledger, decision: Decision) -> None:
    """Store a decision past every check, as a program with the database open could."""
    with ledger._database.write() as connection:
        connection.execute(decisions.insert().values(values_of(decision)))


def forged(ledger: Ledger, request: ApprovalRequest, at: StillClock, **fields: object) -> Decision:
    """A decision with a hash that fits."""
    head = ledger.chain_head()
    values: dict[str, object] = {
        "schema_version": 2,
        "seq": head.decisions + 1,
        "request": request.id,
        "kind": "approve",
        "by": "Ada",
        "digest": request.digest,
        "at": at(),
        "previous": head.hash,
        "hash": "",
        **fields,
    }
    made = values_of(Decision.model_validate(values))
    return Decision.model_validate({**made, "hash": hash_of(made)})


def test_what_was_decided_holds(signing: Ledger, signed: Signed) -> None:
    first, second = signed(), signed()
    found = signing.audit(first.hash)
    assert found.problems == ()
    assert [(one.gate, one.decision) for one in found.decisions] == [
        ("sprint_priorities", first),
        ("sprint_priorities", second),
    ]
    assert (found.head.hash, found.head.decisions) == (second.hash, 2)


def test_a_decision_that_was_inserted_with_a_typed_name_is_found(
    signing: Ledger, asked: Callable[[], ApprovalRequest], clock: StillClock
) -> None:
    insert_by_force(signing, forged(signing, asked(), clock))
    [problem] = problems(signing)
    assert "it is known by local who decided, and the request asks for ssh" in problem


def test_a_signature_that_was_copied_to_another_request_is_found(
    signing: Ledger, signed: Signed, asked: Callable[[], ApprovalRequest], clock: StillClock
) -> None:
    old = signed()
    insert_by_force(signing, forged(signing, asked(), clock, trust="ssh", proof=old.proof))
    [problem] = problems(signing)
    assert problem.startswith("decision 2 ")
    assert "not Ada's over this decision" in problem


def test_a_proof_that_is_claimed_and_not_there_is_found(
    signing: Ledger, asked: Callable[[], ApprovalRequest], clock: StillClock
) -> None:
    insert_by_force(signing, forged(signing, asked(), clock, trust="ssh"))
    assert "has no proof of its trust (ssh)" in problems(signing)[0]


def test_a_link_that_nobody_used_is_found(
    ledger: Ledger, request_open: ApprovalRequest, clock: StillClock
) -> None:
    proof = Proof(kind="link", signer="Ada", key="made up")
    insert_by_force(ledger, forged(ledger, request_open, clock, trust="link", proof=proof))
    [problem] = problems(ledger)
    assert "the use of its link was not recorded" in problem


def test_a_key_of_ones_own_is_found(
    signing: Ledger, asked: Callable[[], ApprovalRequest], clock: StillClock, keys: dict[str, SshKey]
) -> None:
    request = asked()
    draft = DecisionDraft(request=request.id, kind="approve", by="Ada", digest=request.digest)
    signature = keys["Mallory"].sign(decision_text(draft, request.gate))
    proof = Proof(
        kind="ssh",
        signer="Ada",
        public_key=keys["Ada"].public,
        signature=signature,
        namespace="postlaunch-decision@v1",
    )
    insert_by_force(signing, forged(signing, request, clock, trust="ssh", proof=proof))
    assert len(problems(signing)) == 2


def test_a_policy_at_a_gate_where_people_decide_is_found(
    signing: Ledger, asked: Callable[[], ApprovalRequest], clock: StillClock
) -> None:
    insert_by_force(signing, forged(signing, asked(), clock, trust="policy"))
    assert "a person decides at the gate sprint_priorities" in problems(signing)[0]


def test_a_stranger_a_late_or_unoffered_decision_is_found(
    signing: Ledger, asked: Callable[[], ApprovalRequest], clock: StillClock
) -> None:
    request = asked()
    clock.forward(days=20)
    insert_by_force(signing, forged(signing, request, clock, by="Mallory", digest="0" * 64))
    found = " ".join(problems(signing))
    for words in ("is on another proposal", "outside of the time", "Mallory is none of those who may decide"):
        assert words in found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE decisions SET reason = 'because' WHERE seq = 1", "was changed after it was made"),
        ("UPDATE requests SET proposal = '{}'", "its digest differs"),
        ("UPDATE gate_journal SET by = 'Ada' WHERE seq = 1", "journal entry 1"),
        ("DELETE FROM gate_journal WHERE seq = 1", "journal entry"),
    ],
)
def test_a_change_by_force_is_found(
    signing: Ledger, signed: Signed, by_force: ByForce, change: str, words: str
) -> None:
    draft = DecisionDraft(request="R0", kind="approve", by="Mallory", digest="")
    for _ in range(2):
        with pytest.raises(DecisionRefused):
            signing.decide(draft)
    signed()
    by_force(change.replace("by =", '"by" ='))
    assert words in " ".join(problems(signing))


def test_requests_that_were_loosened_by_force_are_found(
    signing: Ledger,
    signed: Signed,
    asked: Callable[[], ApprovalRequest],
    clock: StillClock,
    by_force: ByForce,
) -> None:
    signed()
    request = asked()
    by_force(f"UPDATE requests SET trust = 'local' WHERE id = '{request.id}'")
    insert_by_force(signing, forged(signing, signing.request(request.id), clock))
    assert "this gate asked for more before and does now" in " ".join(problems(signing))


def test_a_rewritten_chain_is_found_by_a_head_that_was_sent_out(
    signing: Ledger, signed: Signed, by_force: ByForce
) -> None:
    sent = str(signing.chain_head())
    head = signed().hash
    by_force("DELETE FROM decisions")
    signed()
    assert head not in sent
    [problem] = [one for one in problems(signing, head) if "chain head" in one]
    assert "decisions were rewritten or taken out since" in problem
    assert "too short" in " ".join(problems(signing, head[:5]))


def test_a_head_may_be_given_by_its_beginning(signing: Ledger, signed: Signed) -> None:
    head = signed().hash
    signed()
    assert problems(signing, head[:12]) == []
    assert problems(signing, "0" * 64) == []


def test_missing_protection_of_the_database_is_found(file: Path, clock: StillClock) -> None:
    with Ledger.open(file, clock) as ledger:
        assert problems(ledger) == []
        with sqlite3.connect(file) as connection:
            connection.execute("DROP TRIGGER decisions_stay")
        connection.close()
        assert problems(ledger) == ["the database's own protection decisions_stay was taken off"]


def test_a_key_that_is_no_longer_allowed_does_not_hold_until_it_is_kept_with_its_end(
    signing: Ledger, signed: Signed, allowed: Path, keys: dict[str, SshKey]
) -> None:
    signed()
    allowed.write_text(keys["Mallory"].allowed("Ada"))
    assert "valid-before" in problems(signing)[0]
    allowed.write_text(keys["Ada"].allowed("Ada", 'valid-before="20260401"'))
    assert problems(signing) == []


def test_a_record_that_nobody_could_have_written_is_found(
    ledger: Ledger, draft: DecisionDraft, by_force: ByForce
) -> None:
    ledger.decide(draft)
    by_force("UPDATE decisions SET trust = 'signed'")
    [problem] = problems(ledger)
    assert "none that postlaunch writes" in problem


def test_typed_names_are_said_to_be_no_more(ledger: Ledger, draft: DecisionDraft) -> None:
    ledger.decide(draft)
    found = ledger.audit()
    assert found.holds
    assert found.notes == (
        "of 1 decisions it is only known which name was typed (trust: local)",
        f"decision 1 (approve by Ada on {draft.request}) is not carried out yet: nothing is committed on it",
    )


def test_what_a_request_shows_is_never_changed(ledger: Ledger, request_open: ApprovalRequest) -> None:
    for values in ({"trust": "local"}, {"proposal": {}}, {"digest": digest_of({})}, {"approvers": []}):
        with pytest.raises(PostLaunchError, match="never changed"), ledger._database.write() as connection:
            connection.execute(requests.update().values(values))
