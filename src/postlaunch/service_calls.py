"""What asking any outside service over HTTP has in common: patience, bounds, answers in their shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, TypeVar

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
