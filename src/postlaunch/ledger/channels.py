"""The ways out of the outbox: a file for a hand-off, a command and a web hook for a notification."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from pydantic import Field, JsonValue, ValidationError

from postlaunch.errors import DeliveryFailed
from postlaunch.facts import Frozen
from postlaunch.ledger.records import OutboxRow
from postlaunch.service_calls import answering
from postlaunch.windows import Moment

NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
SLUG_LENGTH = 60
ERROR_LENGTH = 400
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER")
"""What a command sees of the environment: enough to find programs, and no key or token."""


class HandOffMessage(Frozen):
    """The payload of a message that carries a hand-off, whichever way it goes.

    Attributes:
        handoff: the hand-off's id, which makes the file's name unique.
        title: what the item is called; the file's name begins with what is left of it.
        packet: the typed packet as JSON.
        markdown: the same for a person.
        made_at: when the hand-off was made; None in messages of an earlier version.
    """

    handoff: str = Field(min_length=1)
    phase: int = Field(ge=1, le=3)
    title: str
    packet: dict[str, JsonValue]
    markdown: str
    made_at: Moment | None = None

    @property
    def stem(self) -> str:
        """The files' name without its ending; only a-z, 0-9 and "-", whatever the title holds."""
        parts = (f"phase-{self.phase}", slug(self.title), slug(self.handoff))
        return "-".join(part for part in parts if part)


def handoff_in(row: OutboxRow) -> HandOffMessage:
    """The hand-off that a message carries.

    Raises:
        DeliveryFailed: it carries none.
    """
    try:
        return HandOffMessage.model_validate(row.payload)
    except ValidationError as error:
        raise DeliveryFailed(f"the payload of {row.key} is no hand-off: {error}") from error


def slug(text: str) -> str:
    """What of a text may stand in a file's name: a-z, 0-9 and single "-", at most 60 characters."""
    return NOT_IN_A_NAME.sub("-", text.lower()).strip("-")[:SLUG_LENGTH].rstrip("-")


def payload_json(payload: Mapping[str, JsonValue]) -> bytes:
    """A payload as every receiver gets it: readable, with sorted keys, the same bytes each time."""
    text = json.dumps(payload, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode("utf-8", "replace")


def sendable_key(key: str) -> str:
    """A message's key as a header or an environment variable may hold it: ASCII, one line."""
    return quote(key, safe=" !#$&'()*+,-./:;<=>?@[]^_`{|}~")


@dataclass(frozen=True)
class HandOffFiles:
    """Writes hand-offs as `NAME.md` and `NAME.json` into one folder, whole or not at all.

    The JSON file comes last: who watches the folder for it finds the pair complete. Files that are there with
    the same content count as delivered. Files with other content are somebody's edits and stay.
    """

    folder: Path

    def deliver(self, row: OutboxRow) -> None:
        """Write the pair of files, or find it there."""
        payload = handoff_in(row)
        body: dict[str, JsonValue] = {
            "key": row.key,
            "handoff": payload.handoff,
            "phase": payload.phase,
            "packet": payload.packet,
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_once(self.folder / f"{payload.stem}.md", payload.markdown.encode("utf-8", "replace"))
            write_once(self.folder / f"{payload.stem}.json", payload_json(body))
        except OSError as error:
            raise DeliveryFailed(
                f"a hand-off cannot be written to {self.folder}: {error.strerror}",
                "make the folder writable, or name another in reports.handoffs",
            ) from error


def write_once(path: Path, content: bytes) -> None:
    """Put a file at a path, safe from a crash at any point, unless it is there with this content.

    Raises:
        DeliveryFailed: it is there with other content.
        OSError: it cannot be written.
    """
    if path.is_symlink() or path.exists():
        if not path.is_symlink() and path.read_bytes() == content:
            return
        raise DeliveryFailed(
            f"{path} is there already with other content, which was left as it is",
            "move that file away; the hand-off is then written on the next try",
        )
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:  # raised again: nothing half written stays, however it ended
            temporary.unlink(missing_ok=True)
            raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Put the folder's own entry on disk: without it power loss can take a renamed file back."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True)
class NotifyCommand:
    """Runs a command with the payload as JSON on standard input.

    Attributes:
        command: program and arguments; no shell reads it, and nothing of the payload is in it.
        timeout_seconds: after which the command and what it started are killed.
        environment: where the few variables that are passed on come from. The key goes along as
            POSTLAUNCH_KEY.
    """

    command: Sequence[str]
    timeout_seconds: float
    environment: Mapping[str, str]

    def deliver(self, row: OutboxRow) -> None:
        """Run it; exit code 0 is delivered."""
        passed = {name: self.environment[name] for name in PASSED_ON if name in self.environment}
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(  # noqa: S603 - the settings' own argument list, no shell
                    list(self.command),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    env={**passed, "POSTLAUNCH_KEY": sendable_key(row.key)},
                    start_new_session=True,
                )
            except OSError as error:
                raise DeliveryFailed(
                    f"the notify command {self.command[0]} cannot be run: {error.strerror}",
                    "check gate.notify_command in the settings",
                ) from error
            self._feed(process, payload_json(row.payload))
            if process.returncode != 0:
                raise DeliveryFailed(
                    f"the notify command ended with code {process.returncode}: {_end_of(said)}"
                )

    def _feed(self, process: subprocess.Popen[bytes], payload: bytes) -> None:
        try:
            process.communicate(payload, timeout=self.timeout_seconds)
        except subprocess.TimeoutExpired as error:
            with suppress(ProcessLookupError):  # it may have ended just now
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise DeliveryFailed(
                f"the notify command took longer than {self.timeout_seconds:g} s and was killed",
                "let it return sooner, or raise gate.notify_timeout_seconds",
            ) from error


def _end_of(said: IO[bytes]) -> str:
    """The last of what a command said on standard error."""
    said.seek(max(0, said.seek(0, os.SEEK_END) - ERROR_LENGTH))
    return said.read().decode("utf-8", "replace").strip()


@dataclass(frozen=True)
class NotifyWebhook:
    """Sends the payload as JSON by POST, with the key as `Idempotency-Key`.

    Attributes:
        timeout_seconds: of each attempt.
        attempts: in one delivery, when the connection or the server (5xx) fails. What a server refuses
            (4xx, and redirections, which are not followed) is not repeated at once.
        pause_seconds: before the second attempt; doubled before each further one.
    """

    url: str
    timeout_seconds: float
    attempts: int = 3
    pause_seconds: float = 0.5

    def deliver(self, row: OutboxRow) -> None:
        """Post it; a 2xx answer is delivered."""
        import httpx  # slow to import, and only needed where a web hook is configured
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

        passing = (httpx.NetworkError, httpx.TimeoutException, httpx.RemoteProtocolError, _ServerFailed)
        retrying = Retrying(
            retry=retry_if_exception_type(passing),
            stop=stop_after_attempt(self.attempts),
            wait=wait_exponential(multiplier=self.pause_seconds),
            reraise=True,
        )
        try:
            status = retrying(self._post, payload_json(row.payload), sendable_key(row.key))
        except _ServerFailed as error:
            raise DeliveryFailed(f"the web hook's server failed: status {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryFailed(
                f"the web hook cannot be reached: {type(error).__name__}: {error}",
                "check gate.notify_webhook and the network",
            ) from error
        if not 200 <= status < 300:
            raise DeliveryFailed(
                f"the web hook refused the message: status {status}", "check gate.notify_webhook"
            )

    def _post(self, content: bytes, key: str) -> int:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        seconds = self.timeout_seconds
        with answering(
            "POST", self.url, seconds=seconds, whole_seconds=seconds, content=content, headers=headers
        ) as answer:
            status: int = answer.status_code
        if status >= 500:
            raise _ServerFailed(status)
        return status


class _ServerFailed(Exception):
    """The server answered with 5xx."""
