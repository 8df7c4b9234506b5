"""Hand-offs by webhook: signed, keyed, and looked up where nobody knows whether one arrived."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from postlaunch import verify_webhook
from postlaunch.errors import DeliveryFailed
from postlaunch.ledger.handoff_webhook import HandOffWebhook
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.outbox_delivery import Delivery, deliver_due
from postlaunch.ledger.records import OutboxRow
from postlaunch.settings_handoffs import HandOffWebhookSettings
from postlaunch.testing import StillClock

SECRET = "the secret of both sides"
KEY = "sprint/Shop/4/search/webhook"


class Receiver:
    """A pipeline that takes hand-offs: it checks signatures, and acts before it answers.

    Attributes:
        statuses: what it answers, in order; then 204.
        silent: whether it acts and never answers; `keeps_keys`: whether it knows what it has.
        acted: the keys it acted on.
    """

    def __init__(self, clock: StillClock) -> None:
        receiver = self
        self.statuses: list[tuple[int, dict[str, str]]] = []
        self.acted: list[str] = []
        self.bodies: list[object] = []
        self.looked_up: list[str] = []
        self.lookup_status = 0
        self.silent = False
        self.stopping = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                verify_webhook(body, self.headers["X-Postlaunch-Signature"], SECRET, now=clock())
                receiver.acted.append(self.headers["Idempotency-Key"])
                receiver.bodies.append(json.loads(body))
                if receiver.silent:
                    receiver.stopping.wait(30)
                    return
                self._answer(*(receiver.statuses.pop(0) if receiver.statuses else (204, {})))

            def do_GET(self) -> None:
                verify_webhook(b"", self.headers["X-Postlaunch-Signature"], SECRET, now=clock())
                key = unquote(self.path.rsplit("/", 1)[1])
                receiver.looked_up.append(key)
                self._answer(receiver.lookup_status or (200 if key in receiver.acted else 404), {})

            def _answer(self, status: int, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def receiver(clock: StillClock) -> Iterator[Receiver]:
    started = Receiver(clock)
    yield started
    started.stopping.set()
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture
def connect(receiver: Receiver, clock: StillClock) -> Callable[..., HandOffWebhook]:
    def make(*, lookup: bool = True, secret: str = SECRET, timeout_seconds: float = 5) -> HandOffWebhook:
        settings = HandOffWebhookSettings(
            url=f"{receiver.url}/handoffs",
            lookup_url=f"{receiver.url}/handoffs/{{key}}" if lookup else "",
            timeout_seconds=timeout_seconds,
        )
        return HandOffWebhook(settings, secret, clock)

    return make


@pytest.fixture
def row(new_message: Callable[..., OutboxRow]) -> OutboxRow:
    return new_message(KEY, channel="handoff_webhook")


def test_a_hand_off_arrives_signed_with_its_key(
    receiver: Receiver, connect: Callable[..., HandOffWebhook], row: OutboxRow
) -> None:
    connect().deliver(row)
    assert receiver.acted == [KEY]
    [body] = receiver.bodies
    assert isinstance(body, dict)
    assert (body["key"], body["handoff"], body["phase"]) == (KEY, "H1", 3)
    assert body["packet"] == {"story": "find"}


def two_passes(ledger: Ledger, channel: HandOffWebhook, row: OutboxRow, clock: StillClock) -> OutboxRow:
    """The outbox tries a message, whose outcome is not known then, and tries it again."""
    ledger.enqueue(None, [row])
    [failed] = deliver_due(ledger, Delivery({"handoff_webhook": channel}), clock).failed
    return failed


def test_one_that_timed_out_after_it_acted_is_looked_up_and_not_sent_again(
    receiver: Receiver,
    connect: Callable[..., HandOffWebhook],
    row: OutboxRow,
    ledger: Ledger,
    clock: StillClock,
) -> None:
    receiver.silent = True
    failed = two_passes(ledger, connect(timeout_seconds=0.3), row, clock)
    assert "whether it acted is not known" in failed.error
    receiver.silent = False
    clock.forward(minutes=1)
    [arrived] = deliver_due(ledger, Delivery({"handoff_webhook": connect()}), clock).arrived
    assert arrived.key == KEY
    assert receiver.acted == [KEY]
    assert receiver.looked_up == [KEY]


def test_one_that_timed_out_before_it_acted_is_sent_again(
    receiver: Receiver,
    connect: Callable[..., HandOffWebhook],
    row: OutboxRow,
    ledger: Ledger,
    clock: StillClock,
) -> None:
    receiver.silent = True
    two_passes(ledger, connect(timeout_seconds=0.3), row, clock)
    receiver.silent, receiver.acted = False, []
    clock.forward(minutes=1)
    deliver_due(ledger, Delivery({"handoff_webhook": connect()}), clock)
    assert receiver.acted == [KEY]


def test_a_receiver_without_a_lookup_gets_the_same_key_again(
    receiver: Receiver,
    connect: Callable[..., HandOffWebhook],
    row: OutboxRow,
    ledger: Ledger,
    clock: StillClock,
) -> None:
    receiver.silent = True
    two_passes(ledger, connect(lookup=False, timeout_seconds=0.3), row, clock)
    receiver.silent = False
    clock.forward(minutes=1)
    deliver_due(ledger, Delivery({"handoff_webhook": connect(lookup=False)}), clock)
    assert receiver.acted == [KEY, KEY]
    assert receiver.looked_up == []


@pytest.mark.parametrize("status", [302, 401, 500])
def test_a_lookup_that_cannot_tell_leaves_the_message_waiting(
    receiver: Receiver, connect: Callable[..., HandOffWebhook], row: OutboxRow, status: int
) -> None:
    receiver.lookup_status = status
    with pytest.raises(DeliveryFailed, match=f"status {status}"):
        connect().find(row)


@pytest.mark.parametrize("status", [302, 400, 401, 404, 422, 500, 503])
def test_what_is_not_2xx_is_a_failed_delivery(
    receiver: Receiver, connect: Callable[..., HandOffWebhook], row: OutboxRow, status: int
) -> None:
    receiver.statuses = [(status, {"Location": "/elsewhere"})]
    with pytest.raises(DeliveryFailed, match=f"status {status}"):
        connect().deliver(row)
    assert receiver.acted == [KEY]


def test_a_busy_receiver_says_when_to_come_back(
    receiver: Receiver, connect: Callable[..., HandOffWebhook], row: OutboxRow, clock: StillClock
) -> None:
    receiver.statuses = [(503, {"Retry-After": "7200"})]
    with pytest.raises(DeliveryFailed) as failed:
        connect().deliver(row)
    assert failed.value.retry_at is not None
    assert (failed.value.retry_at - clock()).total_seconds() == 7200


def test_nothing_is_sent_unsigned(
    receiver: Receiver, connect: Callable[..., HandOffWebhook], row: OutboxRow
) -> None:
    with pytest.raises(DeliveryFailed, match="POSTLAUNCH_WEBHOOK_SECRET is not set"):
        connect(secret="").deliver(row)
    assert receiver.acted == []


def test_the_secret_is_never_shown(connect: Callable[..., HandOffWebhook]) -> None:
    assert SECRET not in repr(connect())


def test_a_receiver_that_is_not_there_is_a_failed_delivery(row: OutboxRow, clock: StillClock) -> None:
    nowhere = HandOffWebhookSettings(url="http://127.0.0.1:9/x", timeout_seconds=1)
    with pytest.raises(DeliveryFailed, match="cannot be reached"):
        HandOffWebhook(nowhere, SECRET, clock).deliver(row)
