"""The one layer that tries a call of the model again; the clients' own retries are off.

Tried again: no connection, a connection that breaks, a time-out, 408/409/425/429 and 5xx. Never: any other
refusal, an answer that cannot be read, credit used up. Waits double from half a second to eight, with
jitter; a server's Retry-After is honoured. Nothing waits longer than the run has time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_any
from tenacity.stop import stop_base

from postlaunch.llm.failures import CallFailed

log = structlog.get_logger(__name__)

FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0
AFTER_JITTER = 0.1
"""Share of a server's Retry-After that jitter adds, so that many callers do not come back together."""

Pause = Callable[[float], Awaitable[None]]
"""Waits some seconds; `asyncio.sleep` outside of tests."""

Jitter = Callable[[], float]
"""A random number in [0, 1)."""


def retrying(
    attempts: int,
    remaining: Callable[[], float],
    jitter: Jitter,
    pause: Pause = asyncio.sleep,
) -> AsyncRetrying:
    """A tenacity loop: call it with the coroutine function to run.

    Args:
        attempts: how often a call is made at most.
        remaining: seconds that the run has left.
    """

    def wait(state: RetryCallState) -> float:
        failure = _failure(state)
        if failure is not None and failure.retry_after is not None:
            return failure.retry_after * (1 + AFTER_JITTER * jitter())
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (state.attempt_number - 1))
        return longest * (1 + jitter()) / 2

    return AsyncRetrying(
        stop=stop_any(stop_after_attempt(attempts), _OutOfTime(remaining)),
        wait=wait,
        retry=retry_if_exception(lambda error: isinstance(error, CallFailed) and error.retried),
        before_sleep=_told,
        sleep=pause,
        reraise=True,
    )


class _OutOfTime(stop_base):
    """Stops when the next wait would outlast the run."""

    def __init__(self, remaining: Callable[[], float]) -> None:
        self._remaining = remaining

    def __call__(self, retry_state: RetryCallState) -> bool:
        return retry_state.upcoming_sleep >= self._remaining()


def _failure(state: RetryCallState) -> CallFailed | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, CallFailed) else None


def _told(state: RetryCallState) -> None:
    log.warning(
        "model call failed, trying again",
        reason=str(_failure(state)),
        attempt=state.attempt_number,
        wait_seconds=round(state.upcoming_sleep, 2),
    )
