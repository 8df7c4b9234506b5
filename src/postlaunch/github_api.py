"""GitHub's REST API as far as it is needed: pages, conditional requests, rate limits.

What is read may be asked for again after a failure; what is written is sent once, because whether it was done
is not known after one. Who writes looks it up before writing again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter

from postlaunch import service_calls
from postlaunch.errors import ServiceFailed
from postlaunch.retry_after import moment_after
from postlaunch.service_calls import PassingFailure, Patience, answering, body_of
from postlaunch.windows import Clock, system_clock

if TYPE_CHECKING:
    import httpx

API_VERSION = "2022-11-28"
MARKER = "<!-- postlaunch:"
"""How an issue begins that was filed here for a hand-off."""
PER_PAGE = 100
MANY_PAGES = 1000
"""After which a listing that does not end is given up."""
LARGEST_ANSWER = 20_000_000
"""Bytes of one answer, unpacked."""
SECONDARY_PAUSE = timedelta(minutes=1)
"""What GitHub asks for after a secondary limit that names no time."""
PATIENCE = Patience(attempts=3, pause_seconds=1.0, longest=timedelta(seconds=10))
OF_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that describe how a body travelled, not what it is."""

Shape = TypeVar("Shape")


class GitHubObject(BaseModel):
    """What is read of an object of the API; whatever else it holds is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True)
class Page:
    """One answer that was read.

    Attributes:
        content: the body as it came; empty where the copy that was known is still right.
        etag: what names this version of it; empty where the server gives none.
        following: address of the next page; empty on the last.
    """

    content: bytes
    etag: str
    following: str
    unchanged: bool = False


def shaped(content: bytes, shape: type[Shape] | TypeAdapter[Shape], what: str) -> Shape:
    """A body as the type that it should have.

    Raises:
        ServiceFailed: it is something else.
    """
    adapter = shape if isinstance(shape, TypeAdapter) else TypeAdapter(shape)
    return service_calls.shaped(
        content, adapter, f"GitHub's answer to {what}", "check that base_url is that of the REST API"
    )


@dataclass(frozen=True)
class GitHub:
    """One connection to the API of GitHub or GitHub Enterprise. It holds nothing open between requests.

    Attributes:
        token: empty: without one, which reads what is public, slowly.
        token_env: the variable that the token is from, for messages.
        sleep: waits so many seconds.
    """

    base_url: str
    token: str = field(repr=False)
    token_env: str
    timeout_seconds: float = 20
    clock: Clock = system_clock
    sleep: Callable[[float], None] = time.sleep

    def get(self, path: str, parameters: Mapping[str, str] | None = None, *, etag: str = "") -> Page:
        """Read one answer, asking again after a passing failure.

        Args:
            path: "/repos/owner/name/issues", or the whole address of a following page.
            etag: of the copy that is known; the answer is `unchanged` where it is still right.

        Raises:
            ServiceFailed: see its message; `retry_at` where a limit was reached.
        """
        headers = {"If-None-Match": etag} if etag else {}
        answer = PATIENCE.asked(
            lambda: self._send("GET", path, parameters=parameters, headers=headers), self.clock, self.sleep
        )
        if answer.status_code == HTTPStatus.NOT_MODIFIED:
            return Page(b"", etag, self._following(answer), unchanged=True)
        return Page(answer.content, answer.headers.get("ETag", ""), self._following(answer))

    def pages(self, path: str, parameters: Mapping[str, str]) -> Iterator[Page]:
        """Read a listing to its end, page after page.

        Raises:
            ServiceFailed: as `get`; or the listing does not end.
        """
        page = self.get(path, {**parameters, "per_page": str(PER_PAGE)})
        for _ in range(MANY_PAGES):
            yield page
            if not page.following:
                return
            page = self.get(page.following)
        raise ServiceFailed(f"GitHub's listing of {path} did not end after {MANY_PAGES} pages")

    def post(self, path: str, body: Mapping[str, object]) -> bytes:
        """Write something, once. After a failure other than a refusal it is not known whether it was done.

        Raises:
            ServiceFailed: see its message; `retry_at` where a limit was reached.
        """
        return self._send("POST", path, body=body).content

    # --- one request --------------------------------------------------------------------------------------

    def _send(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        import httpx  # slow to import, and only needed where GitHub is configured

        address = path if path.startswith(self.base_url) else f"{self.base_url}{path}"
        try:
            with answering(
                method,
                address,
                seconds=self.timeout_seconds,
                whole_seconds=self.timeout_seconds,
                params=parameters,
                headers={**self._headers(), **(headers or {})},
                json=body,
            ) as answer:
                read = _whole(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PassingFailure(
                f"GitHub cannot be reached at {self.base_url}: {type(error).__name__}: {error}",
                "check base_url and the network",
            ) from error
        self._refuse_failure(read, f"{method} {urlsplit(address).path}")
        return read

    def _headers(self) -> dict[str, str]:
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": API_VERSION,
            "User-Agent": "postlaunch",
        }
        return {**headers, "Authorization": f"Bearer {self.token}"} if self.token else headers

    def _following(self, answer: httpx.Response) -> str:
        """The next page's address; one that leads elsewhere is not followed: it would be sent the token."""
        link: Any = answer.links.get("next", {}).get("url", "")
        if link and not str(link).startswith(f"{self.base_url}/"):
            raise ServiceFailed(
                f"GitHub's listing goes on at {urlsplit(str(link)).netloc}, outside of {self.base_url}",
                "set base_url to the address that the server itself uses",
            )
        return str(link)

    def _refuse_failure(self, answer: httpx.Response, what: str) -> None:
        status = answer.status_code
        if 200 <= status < 300 or status == HTTPStatus.NOT_MODIFIED:
            return
        said = _message(answer)
        retry_at = self._limit(answer, said)
        if retry_at is not None:
            raise ServiceFailed(
                f"GitHub's rate limit is reached: {said or f'status {status}'}",
                f"nothing is to be done: it is tried again after {retry_at:%Y-%m-%d %H:%M:%S} UTC"
                + ("" if self.token else f"; a token in {self.token_env} raises the limit"),
                retry_at=retry_at,
            )
        if status >= 500:
            raise PassingFailure(f"GitHub failed on {what}: status {status} {said}".rstrip())
        raise ServiceFailed(f"GitHub refused {what}: status {status} {said}".rstrip(), self._remedy(status))

    def _remedy(self, status: int) -> str:
        token = (
            f"the token in {self.token_env}" if self.token else f"a token in {self.token_env}: none is set"
        )
        remedies: dict[int, str] = {
            401: f"set {token}; it is missing, wrong or has expired",
            403: f"check {token}: it needs to read and write issues of this repository",
            404: f"check the repository's name and {token}: a repository that it may not see is not found",
            410: "issues are switched off in this repository: switch them on in its settings",
        }
        if 300 <= status < 400:
            return "the repository has moved: set its new name"
        return remedies.get(status, "")

    def _limit(self, answer: httpx.Response, said: str) -> datetime | None:
        """Until when nothing should be asked, where a primary or secondary limit is why this was refused."""
        if answer.status_code not in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
            return None
        now = self.clock()
        stated = moment_after(answer.headers.get("Retry-After", ""), now)
        if stated is not None:
            return stated
        if answer.headers.get("X-RateLimit-Remaining") == "0":
            reset = answer.headers.get("X-RateLimit-Reset", "")
            try:
                return max(now, datetime.fromtimestamp(int(reset), UTC))
            except (ValueError, OverflowError, OSError):
                return now + SECONDARY_PAUSE
        limited = answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or "rate limit" in said.casefold()
        return now + SECONDARY_PAUSE if limited else None


def _whole(answer: httpx.Response) -> httpx.Response:
    """An answer with its body, read within bounds.

    Raises:
        ServiceFailed: it does not end in time.
    """
    body = body_of(answer, LARGEST_ANSWER, "GitHub's answer")
    headers = [(name, value) for name, value in answer.headers.multi_items() if name not in OF_THE_WIRE]
    return type(answer)(answer.status_code, headers=headers, content=body, request=answer.request)


def _message(answer: httpx.Response) -> str:
    """What GitHub says about a refusal, in one line; empty where it is not said as it says things."""
    try:
        body = answer.json()
    except ValueError:
        return ""
    said = body.get("message") if isinstance(body, dict) else None
    return " ".join(said.split())[:300] if isinstance(said, str) else ""
