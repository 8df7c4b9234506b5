"""Real SSH keys without a passphrase, for tests of signed decisions."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from postlaunch.ledger.trust_ssh import sign


@dataclass(frozen=True)
class SshKey:
    """One key pair.

    Attributes:
        path: of the private key.
    """

    path: Path

    @property
    def public(self) -> str:
        """The public key, "ssh-ed25519 AAAA..."."""
        return " ".join(self.path.with_suffix(".pub").read_text(encoding="utf-8").split()[:2])

    def allowed(self, name: str, options: str = "") -> str:
        """The line of allowed_signers that lets this key sign for somebody."""
        return " ".join(part for part in (name, options, self.public) if part) + "\n"

    def sign(self, text: str) -> str:
        """The armoured signature of a text."""
        return sign(text, self.path)


def new_ssh_key(path: Path) -> SshKey:
    """A new key; its public half gets the ending `.pub`."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(command, check=True)  # noqa: S603
    return SshKey(path)
