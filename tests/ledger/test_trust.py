"""Who decides is proved where the gate asks for it, inside the transaction that stores the decision."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from postlaunch.errors import ProofRefused, RequestExpired
from postlaunch.ledger.gate_records import Trust
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import ApprovalRequest, Decision, DecisionDraft
from postlaunch.ledger.trust import SshSignature, TrustPolicy, decision_text
from postlaunch.ledger.trust_ssh import NAMESPACE, fingerprint
from postlaunch.testing.clock import StillClock
from postlaunch.testing.ssh_keys import SshKey, new_ssh_key

pytestmark = [
    pytest.mark.ssh,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed"),
]

NewRequest = Callable[..., ApprovalRequest]
NAMES = {"Ada": ("Ada", "ada.lovelace")}


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SshKey]:
    """Ada's key, and one of somebody else."""
    folder = tmp_path_factory.mktemp("keys")
    return {name: new_ssh_key(folder / name.lower()) for name in ("Ada", "Mallory")}


@dataclass
class House:
    """A ledger whose gate asks for signatures, and the file of those who may sign."""

    ledger: Ledger
    allowed: Path
    keys: dict[str, SshKey]
    new_request: NewRequest
    made: int = 0

    def ask(self, **fields: object) -> ApprovalRequest:
        """Open a request of its own run."""
        self.made += 1
        run = self.ledger.start_run("sprint_planning", f"q{self.made}", f"k{self.made}", {})
        lease = self.ledger.take_lease(run.id, "web-1:100", 60)
        return self.ledger.open_request(lease, self.new_request(run.id, **fields))

    def draft(self, request: ApprovalRequest, **fields: object) -> DecisionDraft:
        said: dict[str, object] = {
            "request": request.id,
            "kind": "approve",
            "by": "Ada",
            "digest": request.digest,
        }
        return DecisionDraft.model_validate({**said, **fields})

    def sign(self, draft: DecisionDraft, who: str = "Ada", gate: str = "sprint_priorities") -> SshSignature:
        return SshSignature(self.keys[who].sign(decision_text(draft, gate)))

    def refused(self, draft: DecisionDraft, given: SshSignature | None) -> str:
        with pytest.raises(ProofRefused) as refused:
            self.ledger.decide(draft, given)
        assert self.ledger.decision(draft.request) is None
        return str(refused.value)


def policy(allowed: Path, trust: Trust = "ssh") -> TrustPolicy:
    return TrustPolicy(otherwise=trust, allowed_signers=allowed, names=lambda name: NAMES.get(name, (name,)))


@pytest.fixture
def house(
    path: Path, clock: StillClock, tmp_path: Path, keys: dict[str, SshKey], new_request: NewRequest
) -> Iterator[House]:
    allowed = tmp_path / "allowed_signers"
    allowed.write_text(f"# who may decide\n\n{keys['Ada'].allowed('Ada')}")
    with Ledger.open(path, clock, policy(allowed)) as ledger:
        yield House(ledger, allowed, keys, new_request)


def test_a_signed_decision_is_stored_with_its_proof(house: House) -> None:
    draft = house.draft(house.ask(), reason="good")
    decision = house.ledger.decide(draft, house.sign(draft))
    assert decision == house.ledger.decision(draft.request)
    assert decision.trust == "ssh"
    assert decision.proof is not None
    assert (decision.proof.signer, decision.proof.namespace) == ("Ada", NAMESPACE)
    assert decision.proof.public_key == house.keys["Ada"].public
    assert decision.proof.key == fingerprint(house.keys["Ada"].public)
    assert house.ledger.verify_chain() == []


def test_a_request_says_what_proof_it_needs(house: House) -> None:
    request = house.ask()
    assert request.trust == "ssh"
    assert house.ledger.request(request.id).trust == "ssh"


def test_a_name_alone_is_refused(house: House) -> None:
    assert "asks for proof of who decides (ssh)" in house.refused(house.draft(house.ask()), None)


def test_a_signature_by_a_key_that_is_not_allowed_is_refused(house: House) -> None:
    draft = house.draft(house.ask())
    assert "not Ada's" in house.refused(draft, house.sign(draft, "Mallory"))


def test_a_signature_of_somebody_else_is_refused(house: House) -> None:
    house.allowed.write_text(house.keys["Ada"].allowed("Ada") + house.keys["Mallory"].allowed("Mallory"))
    draft = house.draft(house.ask())
    house.refused(draft, house.sign(draft, "Mallory"))
    own = draft.model_copy(update={"by": "Mallory"})
    assert house.ledger.decide(own, house.sign(own, "Mallory")).by == "Mallory"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "reject"},
        {"reason": "because"},
        {"text": "and more"},
        {"scope": ("search",)},
        {"edits": {"exclude": ("export",)}},
        {"by": "Ada "},
    ],
)
def test_a_signature_over_other_words_is_refused(house: House, change: dict[str, object]) -> None:
    request = house.ask()
    signed = house.sign(house.draft(request))
    house.refused(house.draft(request, **change), signed)


def test_a_signature_for_another_request_is_refused(house: House) -> None:
    first = house.draft(house.ask())
    copied = house.sign(first)
    house.ledger.decide(first, copied)
    house.refused(house.draft(house.ask()), copied)


def test_a_signature_for_another_gate_or_purpose_is_refused(house: House, tmp_path: Path) -> None:
    draft = house.draft(house.ask())
    house.refused(draft, house.sign(draft, gate="hotfix_deployment"))
    house.refused(draft, SshSignature("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----"))
    assert house.refused(draft, SshSignature("APPROVED")) == "what was given is no SSH signature"


@pytest.mark.parametrize("trust", ["local", "token"])
def test_a_key_that_is_added_to_an_open_request_decides_nothing_at_a_gate_that_asks_for_less(
    house: House, path: Path, clock: StillClock, trust: Trust
) -> None:
    with Ledger.open(path, clock, policy(house.allowed, trust)) as ledger:
        less = House(ledger, house.allowed, house.keys, house.new_request)
        draft = less.draft(less.ask())
        house.allowed.write_text(house.keys["Ada"].allowed("Ada") + house.keys["Mallory"].allowed("Ada"))
        less.refused(draft, less.sign(draft, "Mallory"))
        assert ledger.decide(draft, less.sign(draft)).trust == "ssh"


def test_a_request_is_opened_where_keys_that_it_does_not_need_cannot_be_read(
    house: House, path: Path, clock: StillClock
) -> None:
    kept = house.allowed.read_text()
    house.allowed.unlink()
    with Ledger.open(path, clock, policy(house.allowed, "local")) as ledger:
        less = House(ledger, house.allowed, house.keys, house.new_request)
        draft = less.draft(less.ask())
        house.allowed.write_text(kept)
        less.refused(draft, less.sign(draft))
        assert ledger.decide(draft).trust == "local"


def test_any_name_of_the_roster_may_stand_in_allowed_signers(house: House) -> None:
    house.allowed.write_text(house.keys["Ada"].allowed("ada.lovelace"))
    draft = house.draft(house.ask())
    stored = house.ledger.decide(draft, house.sign(draft))
    assert stored.proof is not None
    assert stored.proof.signer == "ada.lovelace"


def test_a_key_counts_within_its_time_and_for_its_purpose(house: House, clock: StillClock) -> None:
    key = house.keys["Ada"]
    for options, fits in (
        ('valid-before="20260302"', False),
        ('valid-after="20260302100000Z"', False),
        ('valid-after="20260301",valid-before="20260303"', True),
        ('namespaces="git"', False),
        (f'namespaces="git,{NAMESPACE}"', True),
    ):
        house.allowed.write_text(key.allowed("Ada", options))
        draft = house.draft(house.ask())
        if fits:
            house.ledger.decide(draft, house.sign(draft))
        else:
            house.refused(draft, house.sign(draft))


def test_a_key_that_is_allowed_after_the_request_was_made_does_not_decide_it(house: House) -> None:
    request = house.ask()
    house.allowed.write_text(house.keys["Ada"].allowed("Ada") + house.keys["Mallory"].allowed("Ada"))
    draft = house.draft(request)
    house.refused(draft, house.sign(draft, "Mallory"))
    later = house.draft(house.ask())
    house.ledger.decide(later, house.sign(later, "Mallory"))


def test_a_key_that_was_taken_out_decides_nothing_more(house: House) -> None:
    draft = house.draft(house.ask())
    house.allowed.write_text(house.keys["Mallory"].allowed("Mallory"))
    house.refused(draft, house.sign(draft))


def test_an_open_request_keeps_the_proof_it_was_made_with(
    house: House, path: Path, clock: StillClock
) -> None:
    draft = house.draft(house.ask())
    with Ledger.open(path, clock) as lenient, pytest.raises(ProofRefused):
        lenient.decide(draft)


def test_settings_that_ask_for_more_later_count_for_open_requests(
    path: Path, clock: StillClock, house: House
) -> None:
    with Ledger.open(path, clock) as lenient:
        run = lenient.start_run("sprint_planning", "q", "k", {})
        request = lenient.open_request(lenient.take_lease(run.id, "w", 60), house.new_request(run.id))
    assert request.trust == "local"
    house.refused(house.draft(request), None)


def test_a_missing_file_of_keys_is_an_error_with_a_remedy(house: House) -> None:
    draft = house.draft(house.ask())
    signed = house.sign(draft)
    house.allowed.unlink()
    assert "cannot be read" in house.refused(draft, signed)


def test_without_ssh_keygen_it_is_said_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = house.draft(house.ask())
    signed = house.sign(draft)
    monkeypatch.setenv("PATH", "")
    assert house.refused(draft, signed).startswith("ssh-keygen is not installed")


def test_a_proof_that_is_not_asked_for_is_checked_and_kept(
    path: Path, clock: StillClock, house: House
) -> None:
    with Ledger.open(path, clock, policy(house.allowed, "local")) as lenient:
        run = lenient.start_run("sprint_planning", "q", "k", {})
        request = lenient.open_request(lenient.take_lease(run.id, "w", 60), house.new_request(run.id))
        draft = house.draft(request)
        with pytest.raises(ProofRefused):
            lenient.decide(draft, house.sign(draft, "Mallory"))
        assert lenient.decide(draft, house.sign(draft)).trust == "ssh"


def test_every_refusal_is_kept_in_the_journal(house: House, clock: StillClock) -> None:
    draft = house.draft(house.ask())
    clock.forward(hours=1)
    house.refused(draft, house.sign(draft, "Mallory"))
    [entry] = house.ledger.journal()
    assert (entry.kind, entry.request, entry.by, entry.at) == ("refused", draft.request, "Ada", clock())
    tried = {name: entry.data[name] for name in ("error", "kind", "proof")}
    assert tried == {"error": "ProofRefused", "kind": "approve", "proof": "ssh"}
    assert entry.data["user"]


def test_a_decision_names_the_journal_as_it_stood(house: House) -> None:
    draft = house.draft(house.ask())
    house.refused(draft, None)
    house.refused(draft, None)
    decision = house.ledger.decide(draft, house.sign(draft))
    assert decision.journal == house.ledger.journal()[-1].hash


def test_an_expired_request_is_refused_whatever_is_signed(house: House, clock: StillClock) -> None:
    draft = house.draft(house.ask(expires_at=clock() + timedelta(hours=1)))
    signed = house.sign(draft)
    clock.forward(hours=1)
    with pytest.raises(RequestExpired):
        house.ledger.decide(draft, signed)
    assert [entry.data["error"] for entry in house.ledger.journal()] == ["RequestExpired"]


def test_a_gate_approved_beforehand_records_the_policy(
    path: Path, clock: StillClock, new_request: NewRequest
) -> None:
    beforehand = TrustPolicy(otherwise="token", pre_approved=frozenset({"hotfix_deployment"}))
    with Ledger.open(path, clock, beforehand) as ledger:
        run = ledger.start_run("hotfix", "q", "k", {})
        lease = ledger.take_lease(run.id, "w", 60)
        request = ledger.open_request(lease, new_request(run.id, gate="hotfix_deployment"))
        stored = ledger.decision(request.id)
        assert ledger.open_request(lease, request) == request
        assert (ledger.audit().problems, ledger.audit().notes) == ((), ())
    with Ledger.open(path, clock) as other:
        [note] = other.audit().notes
    assert "by a policy that the settings state no more: hotfix_deployment" in note
    assert isinstance(stored, Decision)
    assert (stored.kind, stored.trust) == ("approve", "policy")
    assert "hotfix_deployment" in stored.by
