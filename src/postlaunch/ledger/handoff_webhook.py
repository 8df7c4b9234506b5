"""Hand-offs by webhook: signed, with a key, and looked up where it is not known whether one arrived."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import JsonValue

from postlaunch.errors import DeliveryFailed
from postlaunch.ledger.channels import handoff_in, payload_json, sendable_key
from postlaunch.ledger.records import OutboxRow
from postlaunch.retry_after import moment_after
from postlaunch.service_calls import answering
from postlaunch.settings_handoffs import KEY_PLACE, HandOffWebhookSettings
from postlaunch.webhook_signature import HEADER, signature_of
from postlaunch.windows import Clock

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class HandOffWebhook:
    """Sends a hand-off as JSON by POST, signed, with its key as `Idempotency-Key`.

    One try is one request: the outbox tries again. After a try whose outcome is not known the receiver is
    asked, where it can be, whether it has the message.

    Attributes:
        secret: that messages are signed with; never shown.
    """

    settings: HandOffWebhookSettings
    secret: str = field(repr=False)
    clock: Clock

    def deliver(self, row: OutboxRow) -> None:
        """Post it; a 2xx answer is delivered. Redirections are not followed.

        Raises:
            DeliveryFailed: it was refused, or it is not known what became of it.
        """
        handoff = handoff_in(row)
        body: dict[str, JsonValue] = {"key": row.key, **handoff.model_dump(mode="json")}
        content = payload_json(body)
        headers = {"Content-Type": "application/json", "Idempotency-Key": sendable_key(row.key)}
        answer = self._ask("POST", self.settings.url, content, headers)
        if not 200 <= answer.status_code < 300:
            self._refuse(answer, "the hand-off")

    def find(self, row: OutboxRow) -> bool | None:
        """Whether the receiver has the message: 200 it has, 404 it has not; None where it cannot be asked.

        Raises:
            DeliveryFailed: it gave no such answer.
        """
        if not self.settings.lookup_url:
            return None
        address = self.settings.lookup_url.replace(KEY_PLACE, quote(row.key, safe=""))
        answer = self._ask("GET", address, b"", {})
        if answer.status_code in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            return answer.status_code == HTTPStatus.OK
        self._refuse(answer, "to look a hand-off up")
        return None

    def _ask(self, method: str, address: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        """One request; only the status and the headers of its answer are read."""
        import httpx  # slow to import, and only needed where a webhook is configured

        if not self.secret:
            raise DeliveryFailed(
                f"hand-offs by webhook are signed, but {self.settings.secret_env} is not set",
                "set it to the secret that the receiver checks signatures with",
            )
        signed = {HEADER: signature_of(content, self.secret, self.clock()), **headers}
        timeout = self.settings.timeout_seconds
        try:
            with answering(
                method, address, seconds=timeout, whole_seconds=timeout, content=content, headers=signed
            ) as answer:
                return answer
        except httpx.TimeoutException as error:
            raise DeliveryFailed(
                f"the hand-offs' webhook did not answer within {timeout:g} s: whether it acted is not known",
                "nothing is to be done: it is looked up, or sent again with the same key",
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryFailed(
                f"the hand-offs' webhook cannot be reached: {type(error).__name__}: {error}",
                "check handoffs.webhook and the network",
            ) from error

    def _refuse(self, answer: httpx.Response, what: str) -> None:
        status = answer.status_code
        retry_at = moment_after(answer.headers.get("Retry-After", ""), self.clock())
        if status >= 500 or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise DeliveryFailed(f"the hand-offs' webhook failed: status {status}", retry_at=retry_at)
        raise DeliveryFailed(
            f"the hand-offs' webhook refused {what}: status {status}",
            "check handoffs.webhook, and that the receiver has the same secret",
            retry_at=retry_at,
        )
