"""The HTTP client under the chat model: answers of bounded size, and no connection kept.

Imported only when a model is used: it imports the vendor's library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import openai

from postlaunch.llm.failures import AnswerTooLarge

if TYPE_CHECKING:
    from httpx2 import Request, Response

LARGEST_ANSWER = 4_000_000
"""Bytes of an answer, unpacked, after which the connection is cut."""

OF_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that describe how a body travelled, not what it is."""


class BoundedClient(openai.DefaultAsyncHttpxClient):
    """The vendor library's own client; a body that grows past `LARGEST_ANSWER` is not read on."""

    @classmethod
    def for_one_call_each(cls, timeout_seconds: float) -> Self:
        """A client that keeps no connection, so that it needs no closing and is bound to no event loop."""
        limits = type(openai.DEFAULT_CONNECTION_LIMITS)(max_keepalive_connections=0)
        return cls(timeout=timeout_seconds, limits=limits)

    async def send(self, request: Request, *, stream: bool = False, **options: Any) -> Response:
        """Send a request and read its answer, within bounds.

        Raises:
            AnswerTooLarge: the answer does not end in time.
        """
        response = await super().send(request, stream=True, **options)
        if stream:
            return response
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise AnswerTooLarge(f"more than {LARGEST_ANSWER:,} bytes")
        finally:
            await response.aclose()
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in OF_THE_WIRE]
        return type(response)(
            response.status_code,
            headers=headers,
            content=bytes(body),
            request=request,
            extensions=response.extensions,
            history=response.history,
        )
