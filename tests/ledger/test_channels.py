"""The ways out: a file, a command, a web hook."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.errors import DeliveryFailed
from postlaunch.ledger.channels import HandOffFiles, HandOffMessage, NotifyCommand, NotifyWebhook, slug
from postlaunch.ledger.records import OutboxRow

NewMessage = Callable[..., OutboxRow]


@pytest.fixture
def row(new_message: NewMessage) -> OutboxRow:
    return new_message()


def test_a_hand_off_becomes_two_files(tmp_path: Path, row: OutboxRow) -> None:
    HandOffFiles(tmp_path / "handoffs").deliver(row)
    names = sorted(file.name for file in (tmp_path / "handoffs").iterdir())
    assert names == ["phase-3-search-h1.json", "phase-3-search-h1.md"]
    packet = json.loads((tmp_path / "handoffs" / names[0]).read_text())
    assert packet == {"key": "hand-off search", "handoff": "H1", "phase": 3, "packet": {"story": "find"}}
    assert (tmp_path / "handoffs" / names[1]).read_text() == "# Search\n"


def test_delivering_again_finds_the_files_and_leaves_them(tmp_path: Path, row: OutboxRow) -> None:
    HandOffFiles(tmp_path).deliver(row)
    before = {file.name: file.stat().st_ino for file in tmp_path.iterdir()}
    HandOffFiles(tmp_path).deliver(row)
    assert {file.name: file.stat().st_ino for file in tmp_path.iterdir()} == before


def test_a_pair_that_was_cut_short_is_completed(tmp_path: Path, row: OutboxRow) -> None:
    HandOffFiles(tmp_path).deliver(row)
    (tmp_path / "phase-3-search-h1.json").unlink()
    HandOffFiles(tmp_path).deliver(row)
    assert (tmp_path / "phase-3-search-h1.json").exists()


def test_somebodys_edits_are_not_overwritten(tmp_path: Path, row: OutboxRow) -> None:
    HandOffFiles(tmp_path).deliver(row)
    edited = tmp_path / "phase-3-search-h1.md"
    edited.write_text("my notes")
    with pytest.raises(DeliveryFailed, match="other content"):
        HandOffFiles(tmp_path).deliver(row)
    assert edited.read_text() == "my notes"


def test_a_link_is_not_followed(tmp_path: Path, row: OutboxRow) -> None:
    outside = tmp_path / "outside"
    (tmp_path / "handoffs").mkdir()
    (tmp_path / "handoffs" / "phase-3-search-h1.md").symlink_to(outside)
    with pytest.raises(DeliveryFailed):
        HandOffFiles(tmp_path / "handoffs").deliver(row)
    assert not outside.exists()


@pytest.mark.parametrize("title", ["../../etc/passwd", "a/b\\c", "\x00", "..", "CON", "x" * 500, "日本"])
def test_a_title_from_outside_cannot_leave_the_folder(
    tmp_path: Path, new_message: NewMessage, title: str
) -> None:
    row = new_message()
    nasty = row.model_copy(update={"payload": {**row.payload, "title": title, "handoff": "../H/1"}})
    HandOffFiles(tmp_path / "handoffs").deliver(nasty)
    assert {entry.name for entry in tmp_path.iterdir()} == {"handoffs"}
    assert len(list((tmp_path / "handoffs").iterdir())) == 2


@given(st.text())
def test_a_slug_holds_only_what_every_file_system_takes(text: str) -> None:
    assert set(slug(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(slug(text)) <= 60
    assert not slug(text).startswith("-")


def test_a_folder_that_cannot_be_made_is_a_failed_delivery(tmp_path: Path, row: OutboxRow) -> None:
    (tmp_path / "handoffs").write_text("a file in the way")
    with pytest.raises(DeliveryFailed, match="cannot be written") as failed:
        HandOffFiles(tmp_path / "handoffs").deliver(row)
    assert "reports.handoffs" in failed.value.remedy


def test_a_payload_that_is_no_hand_off_is_a_failed_delivery(tmp_path: Path, new_message: NewMessage) -> None:
    with pytest.raises(DeliveryFailed, match="is no hand-off"):
        HandOffFiles(tmp_path).deliver(new_message(payload={"phase": 9}))
    assert list(tmp_path.iterdir()) == []


def test_two_items_of_one_name_have_two_files() -> None:
    stems = {
        HandOffMessage(handoff=name, phase=3, title="Search", packet={}, markdown="").stem for name in "AB"
    }
    assert len(stems) == 2


def command(code: str, timeout: float = 10, **environment: str) -> NotifyCommand:
    return NotifyCommand([sys.executable, "-c", code], timeout, environment)


def test_a_command_gets_the_payload_and_the_key(tmp_path: Path, row: OutboxRow) -> None:
    out = tmp_path / "out.json"
    code = (
        f"import os,sys; open({str(out)!r},'w').write(os.environ['POSTLAUNCH_KEY'] + '|' + sys.stdin.read())"
    )
    command(code).deliver(row)
    key, payload = out.read_text().split("|", 1)
    assert key == "hand-off search"
    assert json.loads(payload) == row.payload


def test_a_command_sees_no_secret_of_the_environment(tmp_path: Path, row: OutboxRow) -> None:
    out = tmp_path / "out.json"
    code = f"import os,json; json.dump(dict(os.environ), open({str(out)!r}, 'w'))"
    command(code, OPENAI_API_KEY="sk-secret", DATABASE_URL="x", PATH=os.environ["PATH"]).deliver(row)
    seen = json.loads(out.read_text())
    assert seen["PATH"] == os.environ["PATH"]
    assert "sk-secret" not in out.read_text()
    assert "DATABASE_URL" not in seen


def test_nothing_of_a_payload_reaches_a_shell(tmp_path: Path, new_message: NewMessage) -> None:
    marker = tmp_path / "made-by-a-shell"
    nasty = new_message(key=f"$(touch {marker}); touch {marker}", payload={"a": f"`touch {marker}`"})
    command("import sys; sys.stdin.read()").deliver(nasty)
    assert not marker.exists()


def test_a_failing_command_leaves_its_last_words(row: OutboxRow) -> None:
    with pytest.raises(DeliveryFailed, match="ended with code 3: no such channel"):
        command("import sys; sys.stderr.write('no such channel'); sys.exit(3)").deliver(row)


def test_a_command_that_is_not_there_says_so(row: OutboxRow) -> None:
    with pytest.raises(DeliveryFailed, match="cannot be run: No such file"):
        NotifyCommand(["/no/such/program"], 1, {}).deliver(row)


def test_a_command_that_does_not_read_its_input_is_no_trouble(new_message: NewMessage) -> None:
    command("pass").deliver(new_message(payload={"text": "x" * 1_000_000}))


def test_a_slow_command_is_killed_with_everything_it_started(tmp_path: Path, row: OutboxRow) -> None:
    started = tmp_path / "pid"
    child = f"import os,time; open({str(started)!r},'w').write(str(os.getpid())); time.sleep(60)"
    code = f"import subprocess,sys; subprocess.run([sys.executable, '-c', {child!r}])"
    before = time.monotonic()
    with pytest.raises(DeliveryFailed, match=r"longer than 1\.5 s"):
        command(code, timeout=1.5).deliver(row)
    assert time.monotonic() - before < 10
    grandchild = Path(f"/proc/{started.read_text()}/stat")
    deadline = time.monotonic() + 5
    while grandchild.exists() and " Z " not in grandchild.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not grandchild.exists() or " Z " in grandchild.read_text()


class Hook:
    """A web server that answers with the statuses it is told, then with 204."""

    def __init__(self, *statuses: int) -> None:
        hook = self
        self.statuses = list(statuses)
        self.seen: list[tuple[str, str, object]] = []
        self.slow_seconds = 0.0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.seen.append(
                    (self.headers["Idempotency-Key"], self.headers["Content-Type"], json.loads(body))
                )
                time.sleep(hook.slow_seconds)
                self.send_response(hook.statuses.pop(0) if hook.statuses else 204)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.channel = NotifyWebhook(
            f"http://127.0.0.1:{self.server.server_port}/hook", timeout_seconds=2, pause_seconds=0.01
        )


@pytest.fixture
def hook() -> Iterator[Hook]:
    opened = Hook()
    yield opened
    opened.server.shutdown()
    opened.server.server_close()


def test_a_web_hook_gets_the_payload_and_the_key(hook: Hook, row: OutboxRow) -> None:
    hook.channel.deliver(row)
    assert hook.seen == [("hand-off search", "application/json", row.payload)]


def test_a_server_that_fails_is_asked_again_with_the_same_key(hook: Hook, row: OutboxRow) -> None:
    hook.statuses = [500, 503]
    hook.channel.deliver(row)
    assert [key for key, _, _ in hook.seen] == ["hand-off search"] * 3


def test_a_server_that_keeps_failing_is_a_failed_delivery(hook: Hook, row: OutboxRow) -> None:
    hook.statuses = [500] * 9
    with pytest.raises(DeliveryFailed, match="status 500"):
        hook.channel.deliver(row)
    assert len(hook.seen) == 3


@pytest.mark.parametrize("status", [302, 400, 404, 429])
def test_a_refusal_is_not_repeated_at_once(hook: Hook, row: OutboxRow, status: int) -> None:
    hook.statuses = [status]
    with pytest.raises(DeliveryFailed, match=f"status {status}"):
        hook.channel.deliver(row)
    assert len(hook.seen) == 1


def test_a_slow_server_is_a_failed_delivery(hook: Hook, row: OutboxRow) -> None:
    hook.slow_seconds = 1
    with pytest.raises(DeliveryFailed, match="ReadTimeout"):
        NotifyWebhook(hook.channel.url, timeout_seconds=0.1, attempts=1).deliver(row)


def test_a_server_that_is_not_there_is_a_failed_delivery(row: OutboxRow) -> None:
    with pytest.raises(DeliveryFailed, match="cannot be reached"):
        NotifyWebhook("http://127.0.0.1:9/hook", 1, attempts=2, pause_seconds=0.01).deliver(row)


@pytest.mark.parametrize("url", ["", "ftp://x/y", "no url", "http://[", "http://x:99999999/"])
def test_an_address_that_is_none_is_a_failed_delivery(row: OutboxRow, url: str) -> None:
    with pytest.raises(DeliveryFailed):
        NotifyWebhook(url, 1, attempts=2, pause_seconds=0.01).deliver(row)


def test_a_key_with_any_characters_can_be_sent(hook: Hook, new_message: NewMessage) -> None:
    row = new_message("sprint 7: Füße\r\nX-Evil: 1")
    hook.channel.deliver(row)
    command("pass").deliver(row)
    assert hook.seen[0][0] == "sprint 7: F%C3%BC%C3%9Fe%0D%0AX-Evil: 1"
