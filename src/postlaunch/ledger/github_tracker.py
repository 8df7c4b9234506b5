"""Hand-offs as GitHub issues: labelled by phase, in the milestone of their sprint, each filed once.

An issue carries its hand-off's key in its first line, which a reader does not see: `<!-- postlaunch:KEY -->`.
In a public repository anybody may write such a line, so it counts only on an issue that a member wrote or
labelled "postlaunch".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, timedelta
from urllib.parse import quote

from pydantic import TypeAdapter

from postlaunch.errors import ServiceFailed
from postlaunch.github_api import MARKER, GitHub, GitHubObject, shaped
from postlaunch.ledger.tracker import Filed, TrackerIssue
from postlaunch.settings_handoffs import SPRINT_PLACE, GitHubTrackerSettings

LABEL = "postlaunch"
LONGEST_BODY = 60_000
"""Characters; GitHub refuses more than 65,536."""
LONGEST_TITLE = 250
CUT = "\n\n… cut here: the whole packet is in the hand-off's file and in the API."
MEMBERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
CLOCKS_APART = timedelta(days=1)
"""By which GitHub's clock and this one may differ."""
MENTION = re.compile(r"@(?=\w)")
UNHEARD = "@\N{ZERO WIDTH SPACE}"
"""An @ that calls nobody: words of users must not send mail to somebody who happens to be called so."""


class _Label(GitHubObject):
    name: str = ""


class _Issue(GitHubObject):
    number: int
    html_url: str
    body: str | None = None
    labels: tuple[_Label | str, ...] = ()
    author_association: str = ""

    def carries(self, wanted: str) -> bool:
        """Whether it is the issue of this marker, and not somebody's imitation."""
        names = {label if isinstance(label, str) else label.name for label in self.labels}
        trusted = LABEL in names or self.author_association in MEMBERS
        return trusted and (self.body or "").lstrip().startswith(wanted)


class _Milestone(GitHubObject):
    number: int
    title: str


class _Permissions(GitHubObject):
    push: bool = False


class _Repository(GitHubObject):
    full_name: str
    has_issues: bool
    archived: bool = False
    permissions: _Permissions | None = None


ISSUES = TypeAdapter(list[_Issue])
MILESTONES = TypeAdapter(list[_Milestone])


def marker(key: str) -> str:
    """The line by which a hand-off's issue is known; no key can end the comment early."""
    return f"{MARKER}{quote(key, safe='/-._~')} -->"


@dataclass(frozen=True)
class GitHubTracker:
    """A `postlaunch.ledger.tracker.Tracker`."""

    github: GitHub
    settings: GitHubTrackerSettings

    @property
    def _repository(self) -> str:
        return f"/repos/{self.settings.repository}"

    def find(self, issue: TrackerIssue) -> Filed | None:
        """The issue whose first line is this hand-off's marker, open or closed."""
        wanted = marker(issue.key)
        parameters = {"state": "all"}
        if issue.made_at is not None:
            since = (issue.made_at - CLOCKS_APART).astimezone(UTC)
            parameters["since"] = f"{since:%Y-%m-%dT%H:%M:%SZ}"
        for page in self.github.pages(f"{self._repository}/issues", parameters):
            for known in shaped(page.content, ISSUES, "the list of issues"):
                if known.carries(wanted):
                    return Filed(reference=f"#{known.number}", url=known.html_url)
        return None

    def file(self, issue: TrackerIssue) -> Filed:
        """Make the issue, and its milestone where there is none yet.

        Who may not push could make an issue, but GitHub would drop its labels and milestone without a word.
        """
        lacking = self.missing()
        if lacking:
            raise ServiceFailed(f"GitHub cannot take hand-offs: {'; '.join(lacking)}", "postlaunch check")
        body: dict[str, object] = {
            "title": MENTION.sub(UNHEARD, issue.title)[:LONGEST_TITLE],
            "body": _body(issue),
            "labels": [LABEL, *self._labels(issue.phase)],
        }
        if issue.sprint is not None:
            title = self.settings.milestone.replace(SPRINT_PLACE, str(issue.sprint))
            body["milestone"] = self._milestone(title)
        made = shaped(self.github.post(f"{self._repository}/issues", body), _Issue, "a new issue")
        return Filed(reference=f"#{made.number}", url=made.html_url)

    def missing(self) -> tuple[str, ...]:
        """What the repository or the token lacks."""
        if not self.github.token:
            return (f"no token: set {self.github.token_env}",)
        repository = shaped(self.github.get(self._repository).content, _Repository, "the repository")
        lacking = []
        if repository.archived:
            lacking.append(f"{repository.full_name} is archived: nothing can be filed in it")
        if not repository.has_issues:
            lacking.append(f"issues are switched off in {repository.full_name}")
        if repository.permissions is not None and not repository.permissions.push:
            lacking.append(f"the token in {self.github.token_env} may not write to {repository.full_name}")
        return tuple(lacking)

    def _labels(self, phase: int) -> tuple[str, ...]:
        return next((labels for name, labels in self.settings.labels.items() if int(name) == phase), ())

    def _milestone(self, title: str) -> int:
        """The number of the milestone with this title, which is made where there is none."""
        known = self._known_milestone(title)
        if known is not None:
            return known
        path = f"{self._repository}/milestones"
        try:
            return shaped(self.github.post(path, {"title": title}), _Milestone, "a new milestone").number
        except ServiceFailed:
            known = self._known_milestone(title)  # somebody else may have made it at the same moment
            if known is None:
                raise
            return known

    def _known_milestone(self, title: str) -> int | None:
        for page in self.github.pages(f"{self._repository}/milestones", {"state": "all"}):
            for milestone in shaped(page.content, MILESTONES, "the list of milestones"):
                if milestone.title == title:
                    return milestone.number
        return None


def _body(issue: TrackerIssue) -> str:
    """The marker and the packet, which calls nobody and is never too long."""
    text = MENTION.sub(UNHEARD, issue.body)
    if len(text) > LONGEST_BODY:
        text = text[:LONGEST_BODY] + CUT
    return f"{marker(issue.key)}\n\n{text}"
