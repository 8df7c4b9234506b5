"""SSH signatures, made and checked by OpenSSH's own `ssh-keygen -Y`, as git does it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from postlaunch.errors import ProofRefused
from postlaunch.ledger.gate_records import Proof

NAMESPACE = "postlaunch-decision@v1"
"""Tells our signatures from those for other things; `namespaces=` in allowed_signers may name it."""

PROGRAM = "ssh-keygen"
SECONDS = 20.0
MAGIC = b"SSHSIG"
BEGINS, ENDS = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
LONGEST = 20_000
"""Characters of a signature; those of real keys are far shorter."""


def sign(text: str, key: Path) -> str:
    """The signature of a text by a key; a public key's file is signed for by the SSH agent.

    A passphrase, or a touch on a security key, is asked for by ssh-keygen on the terminal.

    Raises:
        ProofRefused: ssh-keygen is missing, or did not sign.
    """
    command = [_program(), "-Y", "sign", "-q", "-n", NAMESPACE, "-f", str(key)]
    made = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=False)  # noqa: S603
    if made.returncode != 0:
        raise ProofRefused(
            f"{PROGRAM} did not sign with {key}",
            "give a private key, or a public one that the SSH agent holds",
        )
    return made.stdout.decode()


def signature_proof(
    text: str, signature: str, names: Sequence[str], keys: Sequence[Sequence[str]], at: datetime
) -> Proof:
    """Check a signature over a text, and say whose it is.

    Args:
        names: those of the person it must be of: one of them must be the principal.
        keys: lines of allowed_signers, perhaps as they stood at several times; each must allow the signature.
        at: the moment for which `valid-after` and `valid-before` are looked at.

    Raises:
        ProofRefused: it is no signature, of another text, or by a key that these lines do not allow.
    """
    public_key = key_in(signature)
    signers = [_principal(text, signature, names, lines, at) for lines in keys]
    return Proof(
        kind="ssh",
        signer=signers[0],
        key=fingerprint(public_key),
        public_key=public_key,
        signature=signature,
        namespace=NAMESPACE,
    )


def _principal(text: str, signature: str, names: Sequence[str], lines: Sequence[str], at: datetime) -> str:
    with _files(allowed="\n".join(lines) + "\n", signature=signature) as (allowed, signed):
        for name in names:
            command = ["-Y", "verify", "-n", NAMESPACE, "-f", allowed, "-s", signed, "-I", name]
            if _succeeds([*command, "-O", f"verify-time={at.astimezone(UTC):%Y%m%d%H%M%S}"], text):
                return name
    raise ProofRefused(
        f"the signature is not {names[0]}'s over this decision, or their key is not allowed: "
        f"{fingerprint(key_in(signature))}",
        "sign what postlaunch decision-text prints for exactly this decision, with a key that "
        "gate.allowed_signers names for you now and named when the request was made",
    )


def signed_by_its_key(text: str, signature: str) -> bool:
    """Whether a signature fits a text, whosever key it is."""
    with _files(signature=signature) as (signed,):
        return _succeeds(["-Y", "check-novalidate", "-n", NAMESPACE, "-s", signed], text)


@contextmanager
def _files(**contents: str) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory(prefix="postlaunch-") as folder:
        paths = [Path(folder) / name for name in contents]
        for path, content in zip(paths, contents.values(), strict=True):
            path.write_text(content, encoding="utf-8")
        yield [str(path) for path in paths]


def _succeeds(arguments: Sequence[str], text: str) -> bool:
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # moments are given in UTC
    try:
        done = subprocess.run(  # noqa: S603
            [_program(), *arguments],
            input=text.encode(),
            env=environment,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProofRefused(f"{PROGRAM} did not answer within {SECONDS:.0f} s", "try again") from error
    return done.returncode == 0


def _program() -> str:
    found = shutil.which(PROGRAM)
    if found is None:
        raise ProofRefused(
            f"{PROGRAM} is not installed, and SSH signatures are made and checked by it",
            "install OpenSSH 8.7 or newer (Debian: openssh-client)",
        )
    return found


def key_in(signature: str) -> str:
    """The public key that a signature carries, "ssh-ed25519 AAAA...".

    Raises:
        ProofRefused: it is no SSH signature.
    """
    lines = signature.strip().splitlines()
    if len(signature) > LONGEST or len(lines) < 3 or (lines[0], lines[-1]) != (BEGINS, ENDS):
        raise _no_signature()
    try:
        blob = base64.b64decode("".join(lines[1:-1]), validate=True)
    except binascii.Error as error:
        raise _no_signature() from error
    key = _field(blob[len(MAGIC) + 4 :])
    kind = _field(key)
    if not blob.startswith(MAGIC) or not kind:
        raise _no_signature()
    return f"{kind.decode('ascii', 'replace')} {base64.b64encode(key).decode()}"


def _field(blob: bytes) -> bytes:
    """The first of the strings that SSH writes with their length before them."""
    return blob[4 : 4 + int.from_bytes(blob[:4], "big")]


def _no_signature() -> ProofRefused:
    return ProofRefused(
        "what was given is no SSH signature",
        f"it begins with {BEGINS}; ssh-keygen -Y sign -n {NAMESPACE} writes it",
    )


def fingerprint(public_key: str) -> str:
    """A public key's fingerprint as ssh-keygen prints it: "SHA256:5NE2...".

    Raises:
        ProofRefused: it is no public key.
    """
    try:
        blob = base64.b64decode(public_key.split(" ", 1)[1], validate=True)
    except (IndexError, binascii.Error) as error:
        raise ProofRefused("what was given is no public SSH key") from error
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
