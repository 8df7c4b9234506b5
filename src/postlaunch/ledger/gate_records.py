"""What the ledger stores of who decides, and what followed: proofs, tokens, the gate's journal, effects."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from postlaunch.facts import Frozen
from postlaunch.windows import Moment

SCHEMA_VERSION = 1

Trust = Literal[
    "local",  # the name was typed by somebody who can write to the ledger; nothing more is claimed
    "link",  # made through a one-time link that was sent to this person
    "token",  # made with this person's approval token
    "ssh",  # signed with this person's SSH key
    "policy",  # nobody decided: the settings approve this gate beforehand, by name
]
"""How it is known who decided."""


class Proof(Frozen):
    """What proves who decided, so that it can be checked again. Holds no secret.

    Attributes:
        signer: whose key, token or link it was; of a policy, its name.
        key: fingerprint of the SSH key, or id of the token or link.
        public_key: the SSH key itself, "ssh-ed25519 AAAA...".
        signature: the armoured SSH signature over the text that was decided.
        namespace: of the signature.
    """

    kind: Trust
    signer: str
    key: str = ""
    public_key: str = ""
    signature: str = ""
    namespace: str = ""


class ChainHead(Frozen):
    """The newest decision's hash and how many there are: sent out, it shows that the chain was rewritten."""

    hash: str
    decisions: int = Field(ge=0)

    def __str__(self) -> str:
        return f"decision chain head: {self.named}"

    @property
    def named(self) -> str:
        """The hash with its count: "abc... (3 decisions)"."""
        if not self.decisions:
            return "none, nobody decided anything yet"
        return f"{self.hash} ({self.decisions} decision{'' if self.decisions == 1 else 's'})"


JournalKind = Literal[
    "refused",
    "token made",
    "token revoked",
    "cancelled",
    "lapsed",  # an approved change of a commitment that had changed before it could be carried out
]


class JournalEntry(Frozen):
    """Something that happened at a gate beside decisions. Append-only; `hash` covers it and `previous`.

    Attributes:
        request, by: as they were given; they may name nothing that there is.
        data: what was attempted, and the user and process that did.
    """

    schema_version: int = SCHEMA_VERSION
    seq: int = Field(ge=1)
    at: Moment
    kind: JournalKind
    request: str = ""
    by: str = ""
    text: str
    data: dict[str, JsonValue] = Field(default_factory=dict)
    previous: str
    hash: str


class ApprovalTokenRecord(Frozen):
    """What is kept of a personal approval token: never the token.

    Attributes:
        trust: how it was known that its maker may: "local" while no gate asked for proof.
        proof: what showed it.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    person: str
    salt: str
    hashed: str
    created_at: Moment
    expires_at: Moment
    trust: Trust
    proof: Proof | None = None


class TokenRevocation(Frozen):
    """That an approval token counts no more, since `at`."""

    schema_version: int = SCHEMA_VERSION
    token: str
    by: str
    reason: str = ""
    at: Moment


AmendmentKind = Literal["amend", "revoke"]


class Amendment(Frozen):
    """That a commitment was changed or called off, by a decision of its own. The commitment itself stays.

    Attributes:
        commitment: its id.
        body: what was approved: the scope from now on and the reason.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    commitment: str
    kind: AmendmentKind
    request: str
    decision: str
    body: dict[str, JsonValue]
    at: Moment


class Effect(Frozen):
    """What an approved decision did outside of the ledger. Append-only: one for each request.

    Attributes:
        body: what was done.
    """

    schema_version: int = SCHEMA_VERSION
    id: str
    run: str
    request: str
    decision: str
    body: dict[str, JsonValue]
    at: Moment
