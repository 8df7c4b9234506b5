"""A GitHub on this machine: issues, milestones and comments over its REST API, which fails as told.

It keeps the parts of the contract that trip a client up: pages by Link header, ETags and 304, labels that are
dropped for who may not push, pull requests among the issues; limits and failures are told to it::

    with FakeGitHub(issues=[{"title": "Dark mode", "user": {"login": "kim"}}]) as github:
        settings = GitHubTrackerSettings(repository=github.repository, base_url=github.base_url)
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

Json = dict[str, Any]
MADE = "2026-01-05T09:00:00Z"
LARGEST_PAGE = 100


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


class FakeGitHub:
    """The server; a context manager.

    Args:
        issues: what the repository begins with, as GitHub's JSON; what is left out is filled in.
        token: the one that may read and write; another is refused, and none reads.
        may_push: whether the token's owner may: labels of who may not are dropped without a word.

    Attributes:
        replies: answers in place of the right ones, one for each request, in order.
        asked: every request, in order; `sent`: the status of each answer.
    """

    def __init__(
        self,
        issues: Sequence[Json] = (),
        *,
        repository: str = "example/shop",
        token: str = "a-token",  # noqa: S107 - of a server that forgets it
        may_push: bool = True,
    ) -> None:
        self.repository = repository
        self.token = token
        self.may_push = may_push
        self.issues: list[Json] = []
        self.milestones: list[Json] = []
        self.comments: dict[int, list[Json]] = {}
        self.reactions: dict[int, list[Json]] = {}
        self.replies: list[Reply] = []
        self.asked: list[Asked] = []
        self.sent: list[int] = []
        self.has_issues = True
        self.archived = False
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        for issue in issues:
            self.add_issue(**issue)

    @property
    def base_url(self) -> str:
        """What `base_url` is set to."""
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

    def add_issue(self, **given: Any) -> Json:
        """Put an issue there, as somebody outside would."""
        number = len(self.issues) + 1
        issue: Json = {
            "number": number,
            "html_url": f"https://github.example/{self.repository}/issues/{number}",
            "title": f"Issue {number}",
            "body": None,
            "state": "open",
            "labels": [],
            "milestone": None,
            "user": {"login": f"user-{number}"},
            "author_association": "NONE",
            "created_at": MADE,
            "updated_at": MADE,
            "comments": 0,
            "reactions": {"+1": 0},
            **given,
        }
        self.issues.append(issue)
        return issue

    def comment(self, number: int, login: str) -> None:
        """Let somebody comment an issue."""
        self.comments.setdefault(number, []).append({"user": {"login": login}, "body": "me too"})
        self.issues[number - 1]["comments"] += 1

    def react(self, number: int, login: str) -> None:
        """Let somebody react with +1."""
        self.reactions.setdefault(number, []).append({"user": {"login": login}, "content": "+1"})
        self.issues[number - 1]["reactions"]["+1"] += 1

    # --- what it answers ----------------------------------------------------------------------------------

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

    def _right(self, asked: Asked) -> Reply:
        authorization = asked.headers.get("authorization", "")
        if authorization and authorization != f"Bearer {self.token}":
            return Reply(401, {"message": "Bad credentials"})
        if asked.method == "POST" and not authorization:
            return Reply(401, {"message": "Requires authentication"})
        home = f"/repos/{self.repository}"
        if not asked.path.startswith(home):
            return Reply(404, {"message": "Not Found"})
        routes: Sequence[tuple[str, str, Callable[[Asked, re.Match[str]], Reply]]] = (
            ("GET", r"", self._show_repository),
            ("GET", r"/issues", self._list_issues),
            ("POST", r"/issues", self._make_issue),
            ("GET", r"/issues/(\d+)/comments", self._list_comments),
            ("GET", r"/issues/(\d+)/reactions", self._list_reactions),
            ("GET", r"/milestones", self._list_milestones),
            ("POST", r"/milestones", self._make_milestone),
        )
        for method, pattern, answer in routes:
            found = re.fullmatch(pattern, asked.path.removeprefix(home))
            if found and method == asked.method:
                return answer(asked, found)
        return Reply(404, {"message": "Not Found"})

    def _show_repository(self, asked: Asked, found: re.Match[str]) -> Reply:
        permissions = {"pull": True, "push": self.may_push}
        return Reply(
            200,
            {
                "full_name": self.repository,
                "has_issues": self.has_issues,
                "archived": self.archived,
                "permissions": permissions,
            },
        )

    def _list_issues(self, asked: Asked, found: re.Match[str]) -> Reply:
        state, since = asked.query.get("state", "open"), asked.query.get("since", "")
        labels = set(filter(None, asked.query.get("labels", "").split(",")))
        listed = [
            issue
            for issue in self.issues
            if state in ("all", issue["state"])
            and issue["updated_at"] >= since
            and labels <= {label["name"] for label in issue["labels"]}
        ]
        return self._page(asked, listed)

    def _list_comments(self, asked: Asked, found: re.Match[str]) -> Reply:
        return self._page(asked, self.comments.get(int(found[1]), []))

    def _list_reactions(self, asked: Asked, found: re.Match[str]) -> Reply:
        return self._page(asked, self.reactions.get(int(found[1]), []))

    def _list_milestones(self, asked: Asked, found: re.Match[str]) -> Reply:
        return self._page(asked, self.milestones)

    def _make_milestone(self, asked: Asked, found: re.Match[str]) -> Reply:
        if any(known["title"] == asked.body["title"] for known in self.milestones):
            return Reply(422, {"message": "Validation Failed", "errors": [{"code": "already_exists"}]})
        made = {"number": len(self.milestones) + 1, "title": asked.body["title"], "state": "open"}
        self.milestones.append(made)
        return Reply(201, made)

    def _make_issue(self, asked: Asked, found: re.Match[str]) -> Reply:
        numbers = {milestone["number"]: milestone for milestone in self.milestones}
        wanted = asked.body.get("milestone")
        if wanted is not None and wanted not in numbers:
            return Reply(422, {"message": "Validation Failed"})
        labels = asked.body.get("labels", []) if self.may_push else []
        made = self.add_issue(
            title=asked.body["title"],
            body=asked.body["body"],
            labels=[{"name": label} for label in labels],
            milestone=numbers.get(wanted) if self.may_push else None,
            user={"login": "the-bot"},
            author_association="COLLABORATOR" if self.may_push else "NONE",
            updated_at="2026-12-31T00:00:00Z",
        )
        return Reply(201, made)

    def _page(self, asked: Asked, listed: Sequence[Json]) -> Reply:
        """One page of a listing, with the address of the next, and 304 where it is the copy that is known."""
        size = min(int(asked.query.get("per_page", "30")), LARGEST_PAGE)
        page = int(asked.query.get("page", "1"))
        content = json.dumps(listed[(page - 1) * size : page * size]).encode()
        etag = f'W/"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = {"ETag": etag}
        if page * size < len(listed):
            following = urlencode({**asked.query, "page": str(page + 1)})
            headers["Link"] = f'<{self.base_url}{asked.path}?{following}>; rel="next"'
        if asked.headers.get("if-none-match") == etag:
            return Reply(304, b"", {"ETag": etag})
        return Reply(200, content, headers)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakeGitHub) -> None:
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
