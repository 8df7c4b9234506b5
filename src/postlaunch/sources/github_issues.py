"""A GitHub repository's issues as feature requests, with a copy on disk for the nights when GitHub is away.

GitHub is asked page by page with the ETag of the page that is known, so that what did not change is not
sent again and does not count against the rate limit. Of people nothing is kept but a pseudonym, keyed with a
secret of this folder: names reach no report and no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from postlaunch.errors import ServiceFailed, SourceError
from postlaunch.facts import digest_of
from postlaunch.github_api import MANY_PAGES, MARKER, PER_PAGE, GitHub, GitHubObject, shaped
from postlaunch.settings import Settings
from postlaunch.settings_sources import FeatureRequestSource
from postlaunch.sources.github_copies import IssuesCopy, KeptIssues, KeptPage
from postlaunch.sources.tables import clean
from postlaunch.sources.tickets import Ticket, TicketTable
from postlaunch.windows import Clock, Moment

SOURCE = "feature_requests"
WHERE = "github"
LONGEST_TEXT = 20_000
LONGEST_SUBJECT = 500
MENTION = re.compile(r"(?<![\w@])@(?P<login>[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))")


class _User(GitHubObject):
    login: str = ""


class _Reactions(GitHubObject):
    likes: int = Field(default=0, alias="+1")
    """Reactions "+1"; the API calls them so."""


class _Issue(GitHubObject):
    number: int
    html_url: str = ""
    title: str = ""
    body: str | None = None
    user: _User | None = None
    created_at: Moment
    comments: int = 0
    reactions: _Reactions = _Reactions()
    pull_request: dict[str, object] | None = None

    @property
    def asks(self) -> bool:
        """Whether somebody asks for something: not a pull request, nor what a hand-off was filed as."""
        return self.pull_request is None and not (self.body or "").lstrip().startswith(MARKER)


class _ByUser(GitHubObject):
    """A reaction or a comment, of which only the author counts."""

    user: _User | None = None


ISSUES = TypeAdapter(list[_Issue])
BY_USERS = TypeAdapter(list[_ByUser])
Shaped = TypeVar("Shaped", _Issue, _ByUser)


def open_github_issues(
    settings: Settings, source: FeatureRequestSource, clock: Clock, environment: Mapping[str, str]
) -> TicketTable:
    """The issues as a table of feature requests: as they are now, else as read last, which is then said.

    Raises:
        SourceError: they cannot be read, and never were.
    """
    asked = source.model_dump(
        mode="json", include={"github", "base_url", "labels", "state", "since", "people"}
    )
    folder = settings.path(settings.reports.staging) / f"github-{digest_of(asked)[:16]}"
    github = GitHub(
        source.base_url,
        environment.get(source.token_env, ""),
        source.token_env,
        timeout_seconds=source.timeout_seconds,
        clock=clock,
    )
    kept = KeptIssues(folder)
    copy = kept.copy()
    notes: tuple[str, ...] = ()
    if copy is None or clock() - copy.read_at >= timedelta(minutes=source.fresh_minutes):
        try:
            copy = IssuesCopy(read_at=clock(), tickets=tuple(_Reading(github, source, kept).tickets()))
            kept.put_copy(copy)
        except ServiceFailed as error:
            if copy is None:
                raise SourceError(str(error), error.remedy, source=SOURCE) from error
            notes = (_stale(copy, clock(), error),)
        except OSError as error:
            raise SourceError(
                f"{folder} cannot be written: {error.strerror}",
                "set reports.staging to a folder that can",
                source=SOURCE,
            ) from error
    return TicketTable(
        fingerprint=digest_of([ticket.model_dump(mode="json") for ticket in copy.tickets]),
        tickets=copy.tickets,
        notes=notes,
        zone=settings.application.timezone,
        path=source.github,
        name=SOURCE,
    )


def _stale(copy: IssuesCopy, now: datetime, error: ServiceFailed) -> str:
    hours = (now - copy.read_at) / timedelta(hours=1)
    age = f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
    return (
        f"GitHub's issues are a copy of {copy.read_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {age} old: {error}"
    )


# --- reading ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _KnownPage(Generic[Shaped]):
    """A page as it was read last."""

    etag: str
    following: str
    items: list[Shaped]


@dataclass(frozen=True)
class _Reading:
    """One reading of a repository's issues."""

    github: GitHub
    source: FeatureRequestSource
    kept: KeptIssues

    def tickets(self) -> Iterator[Ticket]:
        """Every issue in which somebody asks for something, the oldest first."""
        parameters = {"state": self.source.state, "sort": "created", "direction": "asc"}
        if self.source.labels:
            parameters["labels"] = ",".join(self.source.labels)
        if self.source.since is not None:
            parameters["since"] = f"{self.source.since.isoformat()}T00:00:00Z"
        home = f"/repos/{self.source.github}/issues"
        for issue in self._listed(home, parameters, ISSUES, "the list of issues"):
            if issue.asks:
                yield self._ticket(home, issue)

    def _ticket(self, home: str, issue: _Issue) -> Ticket:
        author = issue.user.login if issue.user else ""
        others = [who for who in dict.fromkeys(self._people(home, issue)) if who and who != author]
        return Ticket(
            id=f"#{issue.number}",
            created_at=issue.created_at,
            requester=author,
            subject=clean(issue.title, LONGEST_SUBJECT),
            text=(issue.body or "")[:LONGEST_TEXT],
            kind="feature",
            supporters=tuple(others),
            source=WHERE,
            url=issue.html_url,
        )

    def _people(self, home: str, issue: _Issue) -> Iterator[str]:
        """Who reacted with +1 or commented."""
        if not self.source.people:
            return
        asked: tuple[tuple[int, str, Mapping[str, str]], ...] = (
            (issue.reactions.likes, "reactions", {"content": "+1"}),
            (issue.comments, "comments", {}),
        )
        for number, what, parameters in asked:
            if number:
                place = f"{home}/{issue.number}/{what}"
                for one in self._listed(place, parameters, BY_USERS, f"the {what} of an issue"):
                    yield one.user.login if one.user else ""

    def _listed(
        self, path: str, parameters: Mapping[str, str], shape: TypeAdapter[list[Shaped]], what: str
    ) -> Iterator[Shaped]:
        """A listing to its end; of its pages only those are sent that changed. Nobody in it has a name."""
        stated: Mapping[str, str] | None = {**parameters, "per_page": str(PER_PAGE)}
        address = path
        for _ in range(MANY_PAGES):
            name = f"{address} {stated or ''}"
            known = self._known(name, shape)
            page = self.github.get(address, stated, etag=known.etag if known else "")
            if page.unchanged and known is not None:
                items, following = known.items, known.following
            else:
                items = [self._nameless(item) for item in shaped(page.content, shape, what)]
                following = page.following
                content = shape.dump_json(items, by_alias=True).decode()
                self.kept.put_page(name, KeptPage(etag=page.etag, following=following, content=content))
            yield from items
            if not following:
                return
            address, stated = following, None
        raise ServiceFailed(f"GitHub's listing of {path} did not end after {MANY_PAGES} pages")

    def _known(self, name: str, shape: TypeAdapter[list[Shaped]]) -> _KnownPage[Shaped] | None:
        """The page as it was read last, where a 304 would say enough about it.

        Of a full last page it would not: another one may follow by now.
        """
        kept = self.kept.page(name)
        if kept is None:
            return None
        try:
            items = shape.validate_json(kept.content)
        except ValidationError:  # kept by another version of this program
            return None
        if not kept.following and len(items) >= PER_PAGE:
            return None
        return _KnownPage(kept.etag, kept.following, items)

    def _nameless(self, item: Shaped) -> Shaped:
        """The same with a pseudonym for its author and for everybody who is mentioned."""
        changed: dict[str, object] = {}
        if item.user is not None and item.user.login:
            changed["user"] = _User(login=self.kept.pseudonym(item.user.login))
        if isinstance(item, _Issue):
            changed["title"] = self._without_names(item.title)
            changed["body"] = self._without_names(item.body or "")
        return item.model_copy(update=changed)

    def _without_names(self, text: str) -> str:
        return MENTION.sub(lambda found: f"@{self.kept.pseudonym(found['login'])}", text)
