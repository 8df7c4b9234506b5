"""What fakes of outside services have in common: a server on this machine that answers, or fails as told."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request that reached the server; the names of its headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Json


@dataclass(frozen=True)
class Reply:
    """An answer in place of the right one.

    Attributes:
        body: JSON, or bytes that are sent as they are.
        acts: what was asked is done all the same, before this is answered.
        silent_seconds: it is answered only after so long; stopping the server ends the wait.
    """

    status: int = 500
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    acts: bool = False
    silent_seconds: float = 0


class FakeService(ABC):
    """The server; a context manager.

    Attributes:
        replies: answers in place of the right ones, one for each request, in order; None: the right one.
        asked: every request, in order; `sent`: the status of each answer.
    """

    def __init__(self) -> None:
        self.replies: list[Reply | None] = []
        self.asked: list[Asked] = []
        self.sent: list[int] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def address(self) -> str:
        """Where it is reached."""
        host, port = cast(tuple[str, int], self._server.server_address)
        return f"http://{host}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, asked: Asked) -> Reply:
        """Keep the request, and say what is answered."""
        with self._lock:
            self.asked.append(asked)
            instead = self.replies.pop(0) if self.replies else None
            right = self._right(asked) if instead is None or instead.acts else None
            reply = instead or right
            assert reply is not None
            self.sent.append(reply.status)
            return reply

    @abstractmethod
    def _right(self, asked: Asked) -> Reply:
        """Do what was asked, as the service would; called under the lock."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakeService) -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        fake = cast(_Server, self.server).fake
        parts = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(
            self.command, parts.path, dict(parse_qsl(parts.query)), headers, json.loads(sent or b"{}")
        )
        reply = fake.answer(asked)
        if reply.silent_seconds and fake.stopping.wait(reply.silent_seconds):
            return
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        with suppress(OSError):  # the client went away first
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""
