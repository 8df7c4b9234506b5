"""Who decided, proved: what a gate asks for, what a person hands in, and what is kept of it.

The ledger asks for the proof inside the transaction that stores the decision (`Approvals.decide`), so no
way leads around it: not the command, not the API, not the value that a graph is resumed with, not a web page.
What is handed in may be secret and is never stored; what is stored (`Proof`) is not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import Field
from sqlalchemy import Connection, select

from postlaunch.errors import ProofRefused
from postlaunch.facts import Frozen
from postlaunch.ledger.gate_records import Proof, Trust
from postlaunch.ledger.link_tokens import known_link_key
from postlaunch.ledger.link_uses import DecisionLink, link_proof
from postlaunch.ledger.records import ApprovalRequest, DecisionDraft
from postlaunch.ledger.rows import storable
from postlaunch.ledger.tables import requests
from postlaunch.ledger.tokens import token_proof
from postlaunch.ledger.trust_ssh import NAMESPACE, signature_proof
from postlaunch.roster import Roster
from postlaunch.settings import Settings
from postlaunch.settings_gate import GATES
from postlaunch.windows import Moment

STRENGTH: dict[Trust, int] = {"policy": 0, "local": 0, "link": 1, "token": 2, "ssh": 3}
"""How much each kind proves of a person, the weakest first. Whoever reads a person's messages can use a link;
a token is shown once; a key never leaves the person."""


@dataclass(frozen=True)
class SshSignature:
    """An armoured signature over `decision_text`, as `ssh-keygen -Y sign` writes it."""

    text: str
    kind: Trust = field(default="ssh", init=False)


@dataclass(frozen=True)
class ApprovalToken:
    """A person's approval token."""

    secret: str = field(repr=False)
    kind: Trust = field(default="token", init=False)


Given = SshSignature | ApprovalToken | DecisionLink
"""What a person hands in to prove who decides."""


@dataclass(frozen=True)
class TrustPolicy:
    """What the settings ask for; the default believes a typed name everywhere.

    Attributes:
        required: the least proof, by gate; a gate that is not named asks for `otherwise`.
        pre_approved: the gates that are approved without a person.
        allowed_signers: file of public SSH keys.
        link_key: that signs links; None where this process knows none.
        names: every name of a person: the one given, and the roster's others for the same party.
    """

    required: Mapping[str, Trust] = field(default_factory=dict)
    otherwise: Trust = "local"
    pre_approved: frozenset[str] = frozenset()
    allowed_signers: Path | None = None
    link_key: bytes | None = field(default=None, repr=False)
    names: Callable[[str], tuple[str, ...]] = field(default=lambda name: (name,))

    @classmethod
    def of(cls, settings: Settings, environment: Mapping[str, str] | None = None) -> TrustPolicy:
        """The policy that these settings state.

        Args:
            environment: where the key that signs links is; None: this process knows none.
        """
        roster = Roster.from_settings(settings)

        def names(name: str) -> tuple[str, ...]:
            party = roster.find(name)
            return tuple(dict.fromkeys((name, party.name, *party.aliases))) if party else (name,)

        file = settings.gate.allowed_signers
        return cls(
            required={gate: settings.trust_at(gate) for gate in GATES},
            otherwise=settings.gate.trust,
            pre_approved=frozenset(settings.gate.pre_approved),
            allowed_signers=settings.path(file) if file else None,
            link_key=known_link_key(settings, environment or {}),
            names=names,
        )

    def at(self, gate: str) -> Trust:
        """The least proof that a gate asks for."""
        return self.required.get(gate, self.otherwise)

    @property
    def asks_somewhere(self) -> bool:
        """Whether any gate asks for more than a name."""
        return any(STRENGTH[trust] > 0 for trust in (self.otherwise, *self.required.values()))

    def signers(self) -> tuple[str, ...]:
        """The lines of `allowed_signers` as they are now.

        Raises:
            ProofRefused: there is no such file, or it cannot be read.
        """
        if self.allowed_signers is None:
            raise ProofRefused(
                "the settings name no file of public SSH keys", "name one: [gate] allowed_signers"
            )
        try:
            lines = self.allowed_signers.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ProofRefused(
                f"the public SSH keys in {self.allowed_signers} cannot be read: {error}",
                "one line a key: NAME ssh-ed25519 AAAA... (gate.allowed_signers in the settings)",
            ) from error
        return tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))

    def signers_to_pin(self, trust: Trust) -> list[str] | None:
        """What a request keeps of `allowed_signers` as it is opened: a key added later decides nothing of it.

        Kept wherever there is such a file, because a signature counts at gates that ask for less, too. Where
        it cannot be read there, no key counts: a token or a name does. None where the settings name no file.

        Raises:
            ProofRefused: the gate asks for a signature, and there are no keys to hold it against.
        """
        if trust == "ssh":
            return list(self.signers())
        if self.allowed_signers is None:
            return None
        try:
            return list(self.signers())
        except ProofRefused:
            return []


BELIEVED = TrustPolicy()
"""A typed name is believed everywhere."""


def decision_text(draft: DecisionDraft, gate: str) -> str:
    """What a decision says, as it is signed: JSON of sorted keys that names its own format.

    It holds the request and the digest of what was shown, so a signature fits no other request or proposal.
    """
    said = draft.model_dump(mode="json", include=set(DecisionDraft.model_fields))
    return _signed_text({"format": NAMESPACE, "gate": gate, **said})


class TokenGrant(Frozen):
    """A wish for an approval token; its id makes a signature over it good for one token only."""

    id: str = Field(pattern="^[0-9a-f]{8}$")
    person: str = Field(min_length=1)
    created_at: Moment
    expires_at: Moment


def grant_text(grant: TokenGrant) -> str:
    """What a wish for an approval token says, as it is signed."""
    return _signed_text({"format": NAMESPACE, "approval_token": grant.model_dump(mode="json")})


def _signed_text(said: Mapping[str, object]) -> str:
    return json.dumps(storable(dict(said)), indent=2, sort_keys=True, allow_nan=False) + "\n"


def proved(
    connection: Connection,
    policy: TrustPolicy,
    request: ApprovalRequest,
    draft: DecisionDraft,
    given: Given | None,
    now: datetime,
) -> Proof | None:
    """What proves who decides, checked now; None where nothing was handed in and nothing is asked for.

    Raises:
        ProofRefused: what was handed in proves nothing, or less than the gate asks for.
    """
    least = max(request.trust, policy.at(request.gate), key=STRENGTH.__getitem__)
    if STRENGTH["local" if given is None else given.kind] < STRENGTH[least]:
        raise ProofRefused(
            f"request {request.id} asks for proof of who decides ({least}); a name alone proves nothing",
            HOW_TO_PROVE[least],
        )
    match given:
        case None:
            return None
        case ApprovalToken():
            return token_proof(connection, given.secret, policy.names(draft.by), now)
        case SshSignature():
            text = decision_text(draft, request.gate)
            keys = [policy.signers(), *pinned(connection, request.id)]
            return signature_proof(text, given.text, policy.names(draft.by), keys, now)
        case DecisionLink():
            key, asked = policy.link_key, least == "link"
            return link_proof(connection, key, given.token, request, draft, now, needs_pin=asked)


def pinned(connection: Connection, request: str) -> Sequence[tuple[str, ...]]:
    """The public keys that were allowed when a request was opened, if the settings named a file of them."""
    lines = connection.execute(select(requests.c.signers).where(requests.c.id == request)).scalar_one()
    return [] if lines is None else [tuple(lines)]


HOW_TO_PROVE: dict[Trust, str] = {
    "link": "use the link that was sent to you",
    "token": "put your approval token into POSTLAUNCH_APPROVAL_TOKEN, or sign with --sign-key PATH",
    "ssh": "sign with --sign-key PATH, or sign what postlaunch decision-text prints: --signature FILE",
}
