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
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from postlaunch.testing.fake_service import Asked, FakeService, Json, Reply

MADE = "2026-01-05T09:00:00Z"
LARGEST_PAGE = 100


class FakeGitHub(FakeService):
    """The server; a context manager.

    Args:
        issues: what the repository begins with, as GitHub's JSON; what is left out is filled in.
        token: the one that may read and write; another is refused, and none reads.
        may_push: whether the token's owner may: labels of who may not are dropped without a word.
    """

    def __init__(
        self,
        issues: Sequence[Json] = (),
        *,
        repository: str = "example/shop",
        token: str = "a-token",  # noqa: S107 - of a server that forgets it
        may_push: bool = True,
    ) -> None:
        super().__init__()
        self.repository = repository
        self.token = token
        self.may_push = may_push
        self.issues: list[Json] = []
        self.milestones: list[Json] = []
        self.comments: dict[int, list[Json]] = {}
        self.reactions: dict[int, list[Json]] = {}
        self.has_issues = True
        self.archived = False
        for issue in issues:
            self.add_issue(**issue)

    @property
    def base_url(self) -> str:
        """What `base_url` is set to."""
        return self.address

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
