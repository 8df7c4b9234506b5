"""What each gate asks for: proof of who decides, who may, until when, and what is approved beforehand."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from postlaunch.facts import Frozen

RequiredTrust = Literal["local", "link", "token", "ssh"]
"""Proof of who decides that a gate asks for at least, the weakest first."""

SPRINT_GATE = "sprint_priorities"
TRACKING_GATE = "tracking_plan"

GATES: dict[str, str] = {
    SPRINT_GATE: "which items a sprint holds",
    "commitment": "whether a committed sprint is changed or called off",
    TRACKING_GATE: "whether the tracking plan is changed",
    "hotfix_deployment": "whether a hotfix is deployed",
    "security_patch_deployment": "whether a security patch is deployed",
    "alert_rule_changes": "whether alert rules are changed",
    "external_communication": "whether a message leaves the house",
}
"""Every gate, and what is decided at it."""

KEYS_NEEDED = "name the file of the approvers' public keys in gate.allowed_signers"

PERSONAL = ("sprint_priorities", "commitment")
"""The gates that no policy may approve beforehand."""

OWN = (*PERSONAL, TRACKING_GATE)
"""The gates at which postlaunch itself asks."""


def known_gate(name: str) -> str:
    """The name of a gate, as it is.

    Raises:
        ValueError: there is no such gate.
    """
    if name not in GATES:
        raise ValueError(f'there is no gate "{name}"; the gates: {", ".join(GATES)}')
    return name


def approvable(gates: tuple[str, ...]) -> tuple[str, ...]:
    """The gates that a policy may approve beforehand.

    Raises:
        ValueError: one is unknown, or it is one that a person decides each time.
    """
    for name in map(known_gate, gates):
        if name in PERSONAL:
            raise ValueError(
                f"{name} cannot be approved beforehand: {GATES[name]} is what a person decides each time, "
                "on the proposal that is shown; nothing is committed without that"
            )
    return gates


class GateRules(Frozen):
    """What one gate does differently from `[gate]`; None: the same.

    Attributes:
        trust: proof of who decides.
        approvers: names that may decide.
        roles: parties of the roster with one of these roles may decide.
        expires_hours: after which an undecided request is closed.
    """

    trust: RequiredTrust | None = None
    approvers: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    expires_hours: float | None = Field(default=None, gt=0)


class Gate(Frozen):
    """Who decides, how it is known who did, until when, and who is told.

    Attributes:
        approvers: names that may decide; empty: the roster's approvers, or else any name, which is recorded.
        roles: parties of the roster with one of these roles may decide too.
        trust: "local": a typed name is believed and the record says so; "link": a one-time link that was
            sent to the person; "token": a personal approval token; "ssh": an SSH signature. What is stronger
            is accepted too.
        allowed_signers: file of the approvers' public SSH keys, in the format that git uses.
        token_days: how long a new approval token is good for.
        pre_approved: gates that are approved without a person; the record names the policy as the approver.
        expires_hours: after which an undecided request is closed.
        notify_command: run with the request as JSON on standard input; a list, never a shell line.
        notify_webhook: receives the same JSON by POST.
    """

    approvers: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    trust: RequiredTrust = "local"
    allowed_signers: str = ""
    token_days: float = Field(default=90, gt=0)
    pre_approved: tuple[str, ...] = ()
    expires_hours: float = Field(default=14 * 24, gt=0)
    notify_command: tuple[str, ...] = ()
    notify_webhook: str = ""
    notify_timeout_seconds: float = Field(default=20, gt=0)

    _pre_approved = field_validator("pre_approved")(approvable)

    @model_validator(mode="after")
    def _keys_are_known(self) -> Gate:
        if self.trust == "ssh" and not self.allowed_signers:
            raise ValueError(KEYS_NEEDED)
        return self
