"""What asking any outside service over HTTP has in common: patience, bounds, answers in their shape."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from postlaunch.errors import ServiceFailed
from postlaunch.windows import Clock

if TYPE_CHECKING:
    import ssl

    import httpx

Shape = TypeVar("Shape")
Answer = TypeVar("Answer")


class PassingFailure(ServiceFailed):
    """The network or the server failed; asking again may help."""


@dataclass(frozen=True)
class Patience:
    """How often a request is sent, and for how long a limit is sat out; a longer one ends the request.

    Attributes:
        attempts: at most, the first included.
        pause_seconds: between two, where the service names no moment.
    """

    attempts: int
    pause_seconds: float
    longest: timedelta

    def asked(self, send: Callable[[], Answer], clock: Clock, sleep: Callable[[float], None]) -> Answer:
        """What a request gives; sent again after a passing failure, or a limit that ends soon.

        Raises:
            ServiceFailed: the last attempt's.
        """
        from tenacity import Retrying, retry_if_exception, stop_after_attempt

        def passes(error: BaseException) -> bool:
            if isinstance(error, ServiceFailed) and error.retry_at is not None:
                return error.retry_at - clock() <= self.longest
            return isinstance(error, PassingFailure)

        def pause(error: BaseException | None) -> float:
            until = error.retry_at if isinstance(error, ServiceFailed) else None
            return self.pause_seconds if until is None else max(0.0, (until - clock()).total_seconds())

        retrying = Retrying(
            retry=retry_if_exception(passes),
            stop=stop_after_attempt(self.attempts),
            wait=lambda state: pause(state.outcome.exception() if state.outcome else None),
            sleep=sleep,
            reraise=True,
        )
        return retrying(send)


@cache
def certificates() -> ssl.SSLContext:
    """Which servers are believed; made once, because that takes longer than a request."""
    import httpx

    return httpx.create_ssl_context()


CONNECTED = ("connect_tcp.complete", "start_tls.complete")
"""How the events end that tell of a connection."""


@contextmanager
def answering(
    method: str, address: str, *, seconds: float, whole_seconds: float, **request: Any
) -> Iterator[httpx.Response]:
    """The answer to one request, its body not yet read. Redirections are not followed.

    Args:
        seconds: for which nothing may happen.
        whole_seconds: until which everything is over, the body too: a server that sends its answer byte by
            byte holds up nobody for longer.
        request: as `httpx.Client.stream` takes it.

    Raises:
        httpx.HTTPError, httpx.InvalidURL: there is none; after either time it is `httpx.TimeoutException`.
    """
    import httpx  # slow to import, and only needed where a service is configured

    limit = _Limit()
    timer = threading.Timer(whole_seconds, limit.reached)
    timer.daemon = True
    timer.start()
    try:
        with (
            httpx.Client(timeout=seconds, verify=certificates()) as client,
            client.stream(method, address, extensions={"trace": limit.connected}, **request) as answer,
        ):
            yield answer
    except httpx.TransportError as error:
        if limit.over.is_set():
            raise httpx.ReadTimeout(f"no whole answer within {whole_seconds:g} s") from error
        raise
    finally:
        timer.cancel()


class _Limit:
    """Cuts a request's connection when its time is over; what waits for bytes is told so."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._connections: list[socket.socket] = []

    def connected(self, event: str, told: Mapping[str, Any]) -> None:
        """Takes note of a connection, as httpx tells of it."""
        if event.endswith(CONNECTED):
            self._connections.append(told["return_value"].get_extra_info("socket"))
            if self.over.is_set():
                self.reached()

    def reached(self) -> None:
        """The time is over."""
        self.over.set()
        for connection in tuple(self._connections):
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # of TLS too: nobody is to be asked


def body_of(answer: httpx.Response, most_bytes: int, what: str, remedy: str = "") -> bytes:
    """The body of an answer, read and unpacked within bounds.

    Args:
        what: "GitHub's answer"

    Raises:
        ServiceFailed: it does not end in time.
    """
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > most_bytes:
            raise ServiceFailed(f"{what} is longer than {most_bytes:,} bytes", remedy)
    return bytes(body)


def shaped(content: bytes, shape: TypeAdapter[Shape], what: str, remedy: str) -> Shape:
    """A body as the type that it should have.

    Args:
        what: "GitHub's answer to ..."

    Raises:
        ServiceFailed: it is something else.
    """
    try:
        return shape.validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ServiceFailed(
            f"{what} cannot be read: {where + ': ' if where else ''}{first['msg']}", remedy
        ) from error
