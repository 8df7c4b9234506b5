"""A server on this machine that speaks the OpenAI chat API and misbehaves as told.

Every behaviour happens over a real connection, so that what is tested is what happens in production::

    with FakeOpenAI(Status(429, retry_after="1"), Answer("fine")) as server:
        settings = ModelSettings(name="fake", base_url=server.base_url)
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Protocol, Self, cast

from pydantic import JsonValue


@dataclass(frozen=True)
class Received:
    """One request that reached the server; the names of its headers are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        """The texts of all its messages."""
        return "\n".join(str(message.get("content") or "") for message in self.body.get("messages", ()))


class Behaviour(Protocol):
    """What the server does with one request."""

    def respond(self, exchange: Exchange) -> None:
        """Answer, or fail to."""
        ...


@dataclass(frozen=True)
class Answer:
    """A good answer.

    Attributes:
        text: what the model says; a value that is no text is said as JSON.
        calls: tools it calls, as (name, arguments).
        usage: (tokens in, tokens out) as the server counts, or None for a server that does not.
    """

    text: JsonValue = ""
    calls: Sequence[tuple[str, Mapping[str, JsonValue]]] = ()
    usage: tuple[int, int] | None = (100, 20)
    finish_reason: str = ""

    def respond(self, exchange: Exchange) -> None:
        """Send the completion."""
        exchange.send_json(200, self.completion(str(exchange.received.body.get("model", ""))))

    def completion(self, model: str) -> dict[str, Any]:
        """The body of the answer."""
        message: dict[str, Any] = {"role": "assistant", "content": self._content()}
        if self.calls:
            message["tool_calls"] = [
                {
                    "id": f"call_{place}",
                    "type": "function",
                    "function": {"name": name, "arguments": json.dumps(arguments)},
                }
                for place, (name, arguments) in enumerate(self.calls, start=1)
            ]
        finish = self.finish_reason or ("tool_calls" if self.calls else "stop")
        body: dict[str, Any] = {
            "id": "chatcmpl-fake",
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        }
        if self.usage is not None:
            tokens_in, tokens_out = self.usage
            body["usage"] = {
                "prompt_tokens": tokens_in,
                "completion_tokens": tokens_out,
                "total_tokens": tokens_in + tokens_out,
            }
        return body

    def _content(self) -> str | None:
        if self.calls and not self.text:
            return None
        return self.text if isinstance(self.text, str) else json.dumps(self.text)


@dataclass(frozen=True)
class Status:
    """A refusal with an HTTP status, as the API words it.

    Attributes:
        retry_after: the Retry-After header: seconds, or an HTTP date.
    """

    status: int
    message: str = "no"
    code: str | None = None
    retry_after: str | None = None

    def respond(self, exchange: Exchange) -> None:
        """Send the error."""
        headers = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        error = {"message": self.message, "type": "error", "param": None, "code": self.code}
        exchange.send_json(self.status, {"error": error}, headers)


@dataclass(frozen=True)
class Slow:
    """Silence for some seconds, then another behaviour; stopping the server ends the wait."""

    seconds: float
    then: Behaviour = field(default_factory=lambda: Answer("late"))

    def respond(self, exchange: Exchange) -> None:
        """Wait, then go on."""
        if not exchange.stopping.wait(self.seconds):
            self.then.respond(exchange)


@dataclass(frozen=True)
class Trickle:
    """A body that never ends: a byte at a time, so that no read times out."""

    every: float = 0.02

    def respond(self, exchange: Exchange) -> None:
        """Send spaces until someone goes away."""
        exchange.start(200, {"Content-Length": "1000000"})
        while exchange.write(b" ") and not exchange.stopping.wait(self.every):
            pass


@dataclass(frozen=True)
class Huge:
    """A body of this many bytes."""

    size: int = 50_000_000

    def respond(self, exchange: Exchange) -> None:
        """Send them as long as someone reads."""
        exchange.start(200, {"Content-Length": str(self.size)})
        chunk = b'{"a":"' + b"x" * 65_530
        sent = 0
        while sent < self.size and exchange.write(chunk):
            sent += len(chunk)


@dataclass(frozen=True)
class CutOff:
    """A good answer of which only some bytes arrive before the connection breaks."""

    after: int = 30
    answer: Answer = Answer("this will not arrive whole")

    def respond(self, exchange: Exchange) -> None:
        """Promise the whole body and send its beginning."""
        body = json.dumps(self.answer.completion("")).encode()
        exchange.start(200, {"Content-Length": str(len(body))})
        exchange.write(body[: self.after])


@dataclass(frozen=True)
class HangUp:
    """The connection is closed without a word."""

    def respond(self, exchange: Exchange) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Body:
    """Any bytes in place of a completion: garbage, or the HTML page of a proxy."""

    content: bytes = b"\x00\x01 this is not JSON {"
    content_type: str = "application/json"
    status: int = 200

    def respond(self, exchange: Exchange) -> None:
        """Send them as they are."""
        headers = {"Content-Type": self.content_type, "Content-Length": str(len(self.content))}
        exchange.start(self.status, headers)
        exchange.write(self.content)


Script = Behaviour | Callable[[Received], Behaviour]
"""A behaviour, or code that chooses one for a request."""


class FakeOpenAI:
    """The server; a context manager. One behaviour is used for each request, in order.

    Args:
        otherwise: used when the script is at its end; a 500 that says so unless given.
        refuses: fields of a request ("response_format", "tools") that this server does not know: a request
            that holds one is answered with 400 and uses up no behaviour.
        listening: False: the port is taken, but nobody listens: every connection is refused.

    Attributes:
        received: every request, in order.
        connections: connections opened, whether or not a request followed.
    """

    def __init__(
        self,
        *script: Script,
        otherwise: Script | None = None,
        refuses: Sequence[str] = (),
        listening: bool = True,
    ) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._script = list(script)
        self._otherwise = otherwise or Status(500, "the script of this fake server is at its end")
        self._refuses = tuple(refuses)
        self._listening = listening
        self._lock = threading.Lock()
        self._server = _Server(self, listening)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def base_url(self) -> str:
        """What `model.base_url` is set to."""
        host, port = cast(tuple[str, int], self._server.server_address)
        return f"http://{host}:{port}/v1"

    @property
    def requests(self) -> int:
        """How many requests arrived."""
        return len(self.received)

    def __enter__(self) -> Self:
        if self._listening:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        if self._listening:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def behaviour_for(self, received: Received) -> Behaviour:
        """Keep the request and say what is done with it."""
        with self._lock:
            self.received.append(received)
            unknown = [name for name in self._refuses if name in received.body]
            if unknown:
                return Status(400, f"unknown field: {unknown[0]}")
            line = self._script.pop(0) if self._script else self._otherwise
        return line(received) if callable(line) else line


@dataclass(frozen=True)
class Exchange:
    """One request on its connection, for a behaviour to answer."""

    handler: BaseHTTPRequestHandler
    received: Received
    stopping: threading.Event

    def send_json(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        """Send a JSON body."""
        content = json.dumps(body).encode()
        self.start(
            status,
            {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})},
        )
        self.write(content)

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status line and headers."""
        self.handler.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.handler.send_header(name, value)
        self.handler.end_headers()

    def write(self, content: bytes) -> bool:
        """Send bytes of the body; False when the other side has gone away."""
        try:
            self.handler.wfile.write(content)
            self.handler.wfile.flush()
        except OSError:
            return False
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, fake: FakeOpenAI, listening: bool) -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", 0), _Handler, bind_and_activate=False)
        self.server_bind()
        if listening:
            self.server_activate()

    def get_request(self) -> tuple[socket.socket, Any]:
        self.fake.connections += 1
        return super().get_request()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        fake = cast(_Server, self.server).fake
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.path, headers, json.loads(self.rfile.read(length) or b"{}"))
        if not self.path.endswith("/chat/completions"):
            Status(404, f"no such path: {self.path}").respond(Exchange(self, received, fake.stopping))
            return
        fake.behaviour_for(received).respond(Exchange(self, received, fake.stopping))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""
