"""Proving who decides: a signature made here or elsewhere, or a personal approval token.

A token is read from the environment or typed unseen, never from an argument: arguments are kept in the
shell's history and shown in the list of processes.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from postlaunch.errors import UsageError
from postlaunch.ledger.gate_records import Trust
from postlaunch.ledger.records import GateOption, ScopeEdits
from postlaunch.ledger.tokens import VARIABLE
from postlaunch.ledger.trust import ApprovalToken, Given, SshSignature
from postlaunch.ledger.trust_ssh import sign
from postlaunch.sync import PostLaunch

SignKeyOption = Annotated[
    Path | None,
    typer.Option("--sign-key", help="Sign with this SSH key; a .pub file is signed for by the agent."),
]
SignatureOption = Annotated[
    Path | None,
    typer.Option("--signature", help="File with a signature of what decision-text prints; - reads it."),
]


@dataclass(frozen=True)
class Proving:
    """What somebody gave on the command line to prove who they are."""

    sign_key: Path | None = None
    signature: Path | None = None

    def proof(self, text: Callable[[], str], needed: Trust) -> Given | None:
        """The proof to hand in; None where nothing was given and nobody can be asked.

        Args:
            text: gives what is to be signed.
            needed: the proof that is asked for; a token for it is asked on a terminal.

        Raises:
            UsageError: two were given, or the file cannot be read.
            ProofRefused: the key did not sign.
        """
        if self.sign_key and self.signature:
            raise UsageError("--sign-key and --signature were both given", "give one of them")
        if self.sign_key:
            return SshSignature(sign(text(), self.sign_key.expanduser()))
        if self.signature:
            return SshSignature(_read(self.signature))
        if os.environ.get(VARIABLE):
            return ApprovalToken(os.environ[VARIABLE])
        if needed == "token" and sys.stdin.isatty() and sys.stdout.isatty():
            return ApprovalToken(getpass.getpass("Your approval token (not shown) > "))
        return None


@dataclass(frozen=True)
class Said:
    """What somebody typed as a decision."""

    request: str
    kind: GateOption
    by: str
    reason: str
    digest: str | None
    scope: tuple[str, ...] | None = None
    edits: ScopeEdits | None = None
    text: str = ""

    def arguments(self) -> dict[str, Any]:
        """The same as the arguments of `PostLaunch.decide` and `PostLaunch.decision_text`."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def text_of(self, postlaunch: PostLaunch) -> str:
        """What is to be signed."""
        return postlaunch.decision_text(**self.arguments())


def _read(path: Path) -> str:
    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the signature {path} cannot be read: {error}", "ssh-keygen -Y sign writes it"
        ) from error
