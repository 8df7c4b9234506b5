"""People are told of a gate: once when it opens, when it still waits, and when its time is over."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from postlaunch.graphs.notifying import due_reminder, message_lines, tell_due
from postlaunch.ledger.link_tokens import claims_of
from postlaunch.ledger.plain_words import BREAK
from postlaunch.ledger.records import ApprovalRequest
from postlaunch.settings import Settings
from postlaunch.settings_notify import Listen, Notify
from postlaunch.sync import PostLaunch
from postlaunch.testing.clock import StillClock

PERSON = "User"
KEY = "a key for links that is long enough"
SECRET = "a-secret-path-4711"


@dataclass
class Receiver:
    """A server that apprise's json:// addresses reach, with what came by path.

    Attributes:
        refuses: paths that it answers with 503.
    """

    port: int
    came: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    def address(self, path: str) -> str:
        return f"json://127.0.0.1:{self.port}/{path}"

    def at(self, path: str) -> list[dict[str, Any]]:
        return [message for place, message in self.came if place == f"/{path}"]


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            refused = self.path.strip("/") in receiver.refuses
            if not refused:
                receiver.came.append((self.path.rstrip("/"), json.loads(body)))
            self.send_response(503 if refused else 200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


@dataclass
class Place:
    """Settings that tell two addresses, and an environment that holds them."""

    settings: Settings
    clock: StillClock
    environment: dict[str, str]

    def opened(self, **changed: object) -> PostLaunch:
        notify = self.settings.notify.model_copy(update=changed)
        settings = self.settings.model_copy(update={"notify": notify})
        return PostLaunch(settings, clock=self.clock, environment=self.environment)


@pytest.fixture
def place(settings: Settings, clock: StillClock, receiver: Receiver) -> Place:
    told = {
        "notify": Notify(urls_env="URLS"),
        "listen": Listen(url="https://decide.example.org"),
    }
    addresses = f"{receiver.address(SECRET)}\n{PERSON} = {receiver.address('own')}"
    return Place(settings.model_copy(update=told), clock, {"URLS": addresses, "POSTLAUNCH_LINK_KEY": KEY})


def planned(app: PostLaunch) -> ApprovalRequest:
    app.advance(app.start("sprint_planning", sprint=4).id)
    [request] = app.pending()
    return request


def link_in(message: dict[str, Any]) -> str:
    [line] = [line for line in message["message"].splitlines() if line.startswith("https://")]
    return str(line).removeprefix("https://decide.example.org/decide/")


def test_an_open_gate_is_told_once_to_each_address(place: Place, receiver: Receiver) -> None:
    with place.opened() as app:
        request = planned(app)
        app.advance(request.run)
        app.nightly()
    [shared], [own] = receiver.at(SECRET), receiver.at("own")
    assert shared["title"].startswith("Waits for your decision: Sprint 4 of ")
    lines = shared["message"].splitlines()
    assert lines.index("") <= 10
    assert (
        f"{request.id} can be decided by {PERSON}, until {request.expires_at:%Y-%m-%d %H:%M} UTC"
        in shared["message"]
    )
    assert "decision chain head: none" in shared["message"]
    assert f"postlaunch approve {request.id} --by NAME" in shared["message"]
    assert "https://" not in shared["message"]
    claims = claims_of(link_in(own), KEY.encode(), place.clock())
    assert (claims.request, claims.digest, claims.person) == (request.id, request.digest, PERSON)


def test_no_address_and_no_link_is_stored_or_logged(
    place: Place, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    receiver.refuses = {SECRET, "own"}
    with place.opened() as app:
        request = planned(app)
        rows = app._inner.ledger.undelivered()
        events = app.events(request.run)
    assert [row.attempts for row in rows] == [1, 1]
    stored = "".join(row.model_dump_json() for row in rows) + "".join(one.model_dump_json() for one in events)
    for text in (stored, caplog.text):
        assert SECRET not in text
        assert "/decide/" not in text
        assert KEY not in text
    assert "did not take the message" in rows[0].error


def test_a_notification_that_fails_holds_up_nothing_and_is_tried_again(
    place: Place, receiver: Receiver
) -> None:
    receiver.refuses = {SECRET}
    with place.opened() as app:
        request = planned(app)
        assert [len(receiver.at(SECRET)), len(receiver.at("own"))] == [0, 1]
        receiver.refuses = set()
        place.clock.forward(minutes=2)
        app.advance(request.run)
    assert [len(receiver.at(SECRET)), len(receiver.at("own"))] == [1, 1]


def test_who_could_not_be_told_is_told_by_a_process_that_can(place: Place, receiver: Receiver) -> None:
    known = dict(place.environment)
    place.environment.clear()
    with place.opened() as app:
        request = planned(app)
        said = [event.text for event in app.events(request.run) if event.kind == "notified"]
    assert said == ["some are not told yet: the environment variable URLS is not set, and holds no address"]
    place.environment.update(known)
    with place.opened() as app:
        app.nightly()
        app.nightly()
    assert [len(receiver.at(SECRET)), len(receiver.at("own"))] == [1, 1]


def test_a_process_without_the_key_leaves_the_link_to_one_that_has_it(
    place: Place, receiver: Receiver
) -> None:
    key = place.environment.pop("POSTLAUNCH_LINK_KEY")
    with place.opened() as app:
        planned(app)
        assert (len(receiver.at(SECRET)), receiver.at("own")) == (1, [])
        place.environment["POSTLAUNCH_LINK_KEY"] = key
        place.clock.forward(minutes=2)
        app.nightly()
    assert link_in(receiver.at("own")[0])


def test_reminders_and_the_expiry_are_told_once_each(place: Place, receiver: Receiver) -> None:
    with place.opened(remind_every_hours=24 * 5.0) as app:
        request = planned(app)
        for _ in range(16):
            place.clock.forward(days=1)
            app.nightly()
    titles = [message["title"].split(":")[0] for message in receiver.at(SECRET)]
    mine = [
        title
        for title, message in zip(titles, receiver.at(SECRET), strict=True)
        if request.id in message["message"]
    ]
    assert mine == [
        "Waits for your decision",
        "Still waits for a decision",  # after 5 days
        "Still waits for a decision",  # after 10 days
        "Still waits for a decision",  # 24 hours before the end
        "Expired undecided",
    ]
    last = [message for message in receiver.at("own") if request.id in message["message"]][-1]
    assert "Nothing was committed." in last["message"]
    assert "Plan again: postlaunch plan" in last["message"]
    assert "https://" not in last["message"]


def test_a_decided_request_is_not_reminded_of(place: Place, receiver: Receiver) -> None:
    with place.opened() as app:
        request = planned(app)
        app.decide(request.id, "reject", by=PERSON)
        place.clock.forward(days=13, hours=12)
        app.nightly()
    assert all(request.id not in message["message"] for message in receiver.at(SECRET)[1:])


FIX = {"version": "1.1.1"}


def test_what_a_pipeline_asks_is_told_at_once_reminded_of_and_told_to_have_expired(
    place: Place, receiver: Receiver
) -> None:
    with place.opened() as app:
        for _ in range(2):
            request = app.ask("hotfix_deployment", FIX, ["Deploy hotfix 1.1.1"])
        assert [len(receiver.at(SECRET)), len(receiver.at("own"))] == [1, 1]
        assert claims_of(link_in(receiver.at("own")[0]), KEY.encode(), place.clock()).request == request.id
        for days in (13.5, 0.6):
            place.clock.forward(days=days)
            tell_due(app._inner.services)
            app.deliver()
    assert [message["title"] for message in receiver.at(SECRET)] == [
        "Waits for your decision: Deploy hotfix 1.1.1",
        "Still waits for a decision: Deploy hotfix 1.1.1",
        "Expired undecided: Deploy hotfix 1.1.1",
    ]


def test_an_expiry_is_told_though_somebody_moved_the_run_before(place: Place, receiver: Receiver) -> None:
    with place.opened() as app:
        requests = planned(app), app.ask("hotfix_deployment", FIX, ["Deploy hotfix 1.1.1"])
        place.clock.forward(days=14)
        assert [app.advance(request.run).state for request in requests] == ["done", "done"]
        tell_due(app._inner.services)
        app.deliver()
    told = [one["title"] for one in receiver.at(SECRET) if one["title"].startswith("Expired undecided: ")]
    assert len(told) == 2


def test_what_the_settings_approved_beforehand_is_told_to_nobody(place: Place, receiver: Receiver) -> None:
    gate = place.settings.gate.model_copy(update={"pre_approved": ("hotfix_deployment",)})
    place.settings = place.settings.model_copy(update={"gate": gate})
    with place.opened() as app:
        app.ask("hotfix_deployment", FIX, ["Deploy hotfix 1.1.1"])
    assert receiver.came == []


def test_a_change_of_a_commitment_is_told_when_it_is_asked_for(place: Place, receiver: Receiver) -> None:
    with place.opened() as app:
        app.decide(planned(app).id, "approve", by=PERSON)
        [run] = app.runs()
        app.advance(run.id)
        receiver.came.clear()
        [commitment] = app.commitments()
        for _ in range(2):
            request = app.amend(commitment.id, "revoke", by="ana", reason="no budget")
    assert [len(receiver.at(SECRET)), len(receiver.at("own"))] == [1, 1]
    assert f"{request.id} can be decided by {PERSON}" in receiver.at(SECRET)[0]["message"]
    assert "Nothing is changed before." in receiver.at(SECRET)[0]["message"]


def test_titles_from_outside_mention_nobody(place: Place) -> None:
    with place.opened() as app:
        request = planned(app)
        hostile = request.model_copy(
            update={"summary": ("Sprint 4", "- @channel <!here> [free](https://evil.example/x) **now**")}
        )
        text = "\n".join(message_lines(app._inner.services, hostile, "opened"))
    assert f"@{BREAK}channel ‹!here›" in text
    assert "https://" not in text
    assert "evil.example" not in text
    assert not set("<>[]*") & set(text)


def test_the_chains_head_goes_out_with_every_message(place: Place, receiver: Receiver) -> None:
    with place.opened() as app:
        first = planned(app)
        decision = app.decide(first.id, "changes", by=PERSON, text="less, please")
        app.advance(first.run)
    assert f"decision chain head: {decision.hash} (1 decision)" in receiver.at(SECRET)[-1]["message"]


@pytest.mark.parametrize(
    ("hours", "mark"),
    [
        (1, ""),
        (48, "after-48h"),
        (95, "after-48h"),
        (100, "after-96h"),
        (14 * 24 - 72, "72h-left"),
        (14 * 24 - 24, "24h-left"),
        (14 * 24 - 1, "24h-left"),
        (14 * 24, ""),
    ],
)
def test_the_newest_reminder_whose_time_has_come_is_due(place: Place, hours: float, mark: str) -> None:
    notify = Notify(remind_hours_before=(72, 24), remind_every_hours=48)
    opened = place.clock()
    request = ApprovalRequest(
        id="R1", gate="g", run="r", proposal={}, digest="d", options=("reject",),
        requested_at=opened, expires_at=opened + timedelta(days=14),
    )  # fmt: skip
    assert due_reminder(request, notify, opened + timedelta(hours=hours)) == mark


def test_a_reminder_before_the_opening_is_none(place: Place) -> None:
    opened = place.clock()
    request = ApprovalRequest(
        id="R1", gate="g", run="r", proposal={}, digest="d", options=("reject",),
        requested_at=opened, expires_at=opened + timedelta(hours=12),
    )  # fmt: skip
    assert due_reminder(request, Notify(), opened + timedelta(hours=11)) == ""
