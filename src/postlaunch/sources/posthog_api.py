"""PostHog's query API as far as it is needed: one HogQL query after another, within its limits.

The API gives 100 rows where a query names no limit and 50,000 at most, refuses OFFSET, answers from a cache
unless it is told not to, and ends a query that works longer than ten seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from postlaunch.errors import ServiceFailed
from postlaunch.retry_after import moment_after
from postlaunch.service_calls import PassingFailure, Patience, answering, body_of, shaped
from postlaunch.windows import Clock, system_clock

if TYPE_CHECKING:
    import httpx

LARGEST_ANSWER = 200_000_000
"""Bytes of one answer, unpacked."""
WHOLE_ANSWER = 5
"""An answer of many rows may take so many times the time in which nothing comes."""
PATIENCE = Patience(attempts=4, pause_seconds=2.0, longest=timedelta(minutes=2))
"""A limit by the minute is sat out, one by the hour is not."""
UNTOLD_PAUSE = timedelta(minutes=1)
"""What is waited after a limit that names no time."""
TOO_LONG = frozenset({504, 512})
"""Statuses of a query that worked too long, or would."""

REMEDIES: Mapping[int, str] = {
    401: "check the key in {key_env}: it is wrong or was deleted, or it is no personal API key",
    402: "raise the limit in PostHog's billing settings",
    403: "check the key in {key_env}: it needs the scope query:read, and access to this project",
    404: "check project and host: PostHog's US, its EU and a server of one's own have projects of their own",
}


class QueryTooLong(ServiceFailed):
    """A query worked longer than the server allows; one over less may not."""


class _Answer(BaseModel):
    """What is read of an answer; whatever else it holds is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    results: tuple[tuple[JsonValue, ...], ...]


@dataclass(frozen=True)
class PostHog:
    """A project's query API. It holds nothing open between requests.

    Attributes:
        key: a personal API key.
        key_env: the variable that the key is from, for messages.
        sleep: waits so many seconds.
    """

    host: str
    project: int
    key: str = field(repr=False)
    key_env: str
    timeout_seconds: float = 60
    clock: Clock = system_clock
    sleep: Callable[[float], None] = time.sleep

    def query(self, hogql: str, values: Mapping[str, JsonValue], name: str) -> Sequence[Sequence[JsonValue]]:
        """The rows of one query, calculated now; asked again after a passing failure.

        Args:
            values: what stands for the placeholders of the query.
            name: by which the query is found in PostHog's log.

        Raises:
            QueryTooLong: it works longer than the server allows.
            ServiceFailed: see its message; `retry_at` where a limit was reached.
        """
        query = {"kind": "HogQLQuery", "query": hogql, "values": dict(values)}
        content = PATIENCE.asked(
            lambda: self._send({"query": query, "refresh": "force_blocking", "name": name}),
            self.clock,
            self.sleep,
        )
        remedy = "check that host is that of PostHog's own API"
        return shaped(content, TypeAdapter(_Answer), "PostHog's answer", remedy).results

    # --- one request --------------------------------------------------------------------------------------

    def _send(self, body: Mapping[str, object]) -> bytes:
        import httpx  # slow to import, and only needed where PostHog is configured

        try:
            with answering(
                "POST",
                f"{self.host}/api/projects/{self.project}/query/",
                seconds=self.timeout_seconds,
                whole_seconds=WHOLE_ANSWER * self.timeout_seconds,
                headers={"Authorization": f"Bearer {self.key}", "User-Agent": "postlaunch"},
                json=body,
            ) as answer:
                content = body_of(answer, LARGEST_ANSWER, "an answer", "lower page_rows")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PassingFailure(
                f"it cannot be reached: {type(error).__name__} {error}".rstrip(),
                "check host and the network, or raise timeout_seconds",
            ) from None  # its request holds the key
        self._refuse_failure(answer, content)
        return content

    def _refuse_failure(self, answer: httpx.Response, content: bytes) -> None:
        status = answer.status_code
        if status == HTTPStatus.OK:
            return
        said = f"status {status} {self._said(content)}".rstrip()
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            now = self.clock()
            retry_at = moment_after(answer.headers.get("Retry-After", ""), now) or now + UNTOLD_PAUSE
            raise ServiceFailed(
                f"its rate limit is reached: {said}",
                f"run again after {retry_at:%Y-%m-%d %H:%M:%S} UTC; the limit is that of the whole project",
                retry_at=retry_at,
            )
        if status in TOO_LONG:
            raise QueryTooLong(f"a query took too long: {said}")
        if status >= 500:
            raise PassingFailure(f"the server failed: {said}", "run again later")
        raise ServiceFailed(
            f"the query was refused: {said}", REMEDIES.get(status, "").format(key_env=self.key_env)
        )

    def _said(self, content: bytes) -> str:
        """What PostHog says about a refusal, in one line; empty where it is not said as it says things."""
        try:
            said = _Refusal.model_validate_json(content).detail
        except ValidationError:
            return ""
        return " ".join(said.replace(self.key, "***").split())[:300]


class _Refusal(BaseModel):
    """What PostHog says in place of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    detail: str
