"""Feature requests beside tickets: from a file, from GitHub, and from the copy when GitHub is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from postlaunch.agents import product_analyst  # noqa: F401  (registers what is measured)
from postlaunch.errors import SourceError
from postlaunch.ledger.github_tracker import marker
from postlaunch.settings import Settings
from postlaunch.settings_sources import FeatureRequestSource, Sources, TableSource
from postlaunch.sources.feature_requests import open_feature_requests
from postlaunch.sources.opening import BrokenSource, open_sources
from postlaunch.sources.tickets import TicketTable
from postlaunch.testing import FakeGitHub, StillClock
from postlaunch.testing.fake_service import Reply
from postlaunch.tools.measurement import Limits, run_measurement

Open = Callable[..., TicketTable]


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    issues = [
        {"title": "Dark mode, please", "user": {"login": "kim"}, "body": "too bright, says @lee"},
        {"title": "Fix a typo", "pull_request": {"url": "x"}},
        {"title": "Export as CSV", "user": {"login": "ana"}, "labels": [{"name": "feature"}]},
    ]
    with FakeGitHub(issues) as started:
        yield started


@pytest.fixture
def settings(github: FakeGitHub, tmp_path: Path) -> Settings:
    source = FeatureRequestSource(github=github.repository, base_url=github.base_url, timeout_seconds=0.5)
    return Settings(folder=tmp_path, sources=Sources(feature_requests=source))


@pytest.fixture
def read(settings: Settings, clock: StillClock, github: FakeGitHub) -> Open:
    """Reads the requests, as a later run would when `hours` have passed."""

    def make(hours: float = 0, **changed: object) -> TicketTable:
        clock.forward(hours=hours)
        source = settings.sources.feature_requests
        assert source is not None
        sources = Sources(feature_requests=source.model_copy(update=changed))
        chosen = settings.model_copy(update={"sources": sources})
        return open_feature_requests(chosen, clock, {"GITHUB_TOKEN": github.token})

    return make


# --- GitHub -----------------------------------------------------------------------------------------------


def test_issues_are_requests_and_pull_requests_are_not(read: Open) -> None:
    found = read().tickets
    assert [(one.id, one.subject, one.source) for one in found] == [
        ("#1", "Dark mode, please", "github"),
        ("#3", "Export as CSV", "github"),
    ]
    assert found[0].url == "https://github.example/example/shop/issues/1"


def test_the_issue_of_a_handoff_is_nobodys_request(github: FakeGitHub, read: Open) -> None:
    body = marker("sprint/Shop/4/dark-mode") + "\n\n# Dark mode"
    github.add_issue(title="Dark mode", body=body, labels=[{"name": "postlaunch"}], user={"login": "the-bot"})
    github.comment(4, "a-developer")
    assert [one.id for one in read().tickets] == ["#1", "#3"]


def test_every_page_is_read(github: FakeGitHub, read: Open) -> None:
    for _ in range(240):
        github.add_issue()
    assert len(read(people=False).tickets) == 242
    assert [asked.query.get("page", "1") for asked in github.asked] == ["1", "2", "3"]


def test_labels_state_and_since_are_asked_for(github: FakeGitHub, read: Open) -> None:
    from datetime import date

    assert [one.id for one in read(labels=("feature",), state="all", since=date(2026, 1, 1)).tickets] == [
        "#3"
    ]
    query = github.asked[0].query
    assert (query["labels"], query["state"], query["since"]) == ("feature", "all", "2026-01-01T00:00:00Z")


def test_who_reacts_or_comments_asks_for_the_same_once_each(github: FakeGitHub, read: Open) -> None:
    github.react(1, "lee")
    github.react(1, "max")
    for login in ("lee", "Kim", "zoe", "zoe"):  # the author is called kim
        github.comment(1, login)
    [dark, _] = read().tickets
    assert len(dark.supporters) == 3
    assert dark.requester not in dark.supporters


def test_nobody_has_a_name_in_what_is_read_or_kept(
    github: FakeGitHub, read: Open, settings: Settings
) -> None:
    github.comment(1, "secretive-person")
    found = read().tickets
    kept = "".join(
        path.read_text() for path in settings.path(settings.reports.staging).rglob("*") if path.is_file()
    )
    for text in (str(found), kept):
        for name in ('"kim"', "'kim'", "@lee", "secretive-person", '"ana"'):
            assert name not in text
    assert found[0].requester.startswith("github-")
    assert "says @github-" in found[0].text


def test_a_fresh_copy_is_used_without_asking(github: FakeGitHub, read: Open) -> None:
    first = read()
    before = len(github.asked)
    assert read(hours=0.2).tickets == first.tickets
    assert len(github.asked) == before
    read(hours=0.1)
    assert len(github.asked) > before


def test_what_did_not_change_is_not_sent_again(github: FakeGitHub, read: Open) -> None:
    first = read()
    again = read(hours=1)
    assert (again.tickets, again.fingerprint) == (first.tickets, first.fingerprint)
    assert github.sent[-1] == 304
    github.add_issue(title="Search")
    third = read(hours=1)
    assert len(third.tickets) == 3
    assert third.fingerprint != first.fingerprint


def test_a_page_that_follows_a_full_one_is_found_although_the_full_one_did_not_change(
    github: FakeGitHub, read: Open
) -> None:
    for _ in range(97):
        github.add_issue()
    assert len(read(people=False).tickets) == 99  # and one pull request: a whole page
    github.add_issue(title="Search")
    assert read(hours=1, people=False).tickets[-1].subject == "Search"
    assert len(read(hours=1, people=False).tickets) == 100


LIMITED = Reply(403, {"message": "API rate limit exceeded"}, {"Retry-After": "3000"})
NONSENSE = Reply(200, b"<html>sign in</html>")


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ([LIMITED], "rate limit"),
        ([NONSENSE], "cannot be read"),
        ([Reply(404, {"message": "Not Found"})], "404"),
    ],
)
def test_when_github_fails_the_last_copy_is_used_and_said_to_be_one(
    github: FakeGitHub, read: Open, replies: list[Reply], said: str
) -> None:
    first = read()
    github.replies = list(replies)
    again = read(hours=30)
    assert again.tickets == first.tickets
    assert again.fingerprint == first.fingerprint
    [note] = again.notes
    assert "a copy of 2026-03-02 09:00 UTC, 30 hours old" in note
    assert said in note


def test_without_a_network_the_last_copy_is_used(github: FakeGitHub, read: Open) -> None:
    first = read()
    again = read(hours=72, base_url=github.base_url, token_env="GITHUB_TOKEN")
    assert again.notes == ()
    github.replies = [Reply(200, b"[]", silent_seconds=30)] * 3
    late = read(hours=72)
    assert late.tickets == first.tickets
    assert "3 days old" in late.notes[0]


@pytest.mark.parametrize("reply", [LIMITED, NONSENSE, Reply(401, {"message": "Bad credentials"})])
def test_without_a_copy_a_failure_is_an_error(github: FakeGitHub, read: Open, reply: Reply) -> None:
    github.replies = [reply]
    with pytest.raises(SourceError):
        read()


def test_a_passing_failure_is_outlasted(github: FakeGitHub, read: Open) -> None:
    github.replies = [Reply(502)]
    assert len(read().tickets) == 2


def test_a_damaged_copy_is_read_anew(read: Open, settings: Settings) -> None:
    first = read()
    for path in settings.path(settings.reports.staging).rglob("*.json"):
        path.write_text("{")
    assert read(hours=1).tickets == first.tickets


# --- a file -----------------------------------------------------------------------------------------------

FILE = """id,created_at,requester,subject,supporters,link
F1,2026-02-01T09:00:00Z,kim,Dark mode,lee; max,https://ideas.example/1
F2,2026-02-02T09:00:00Z,zoe,Export as CSV,,
"""
TICKETS = """id,created_at,requester,subject,text,kind
F1,2026-02-01T09:00:00Z,pat,Dark mode,Please add a dark mode,feature
"""


@pytest.fixture
def in_files(tmp_path: Path) -> Settings:
    (tmp_path / "ideas.csv").write_text(FILE)
    (tmp_path / "tickets.csv").write_text(TICKETS)
    sources = Sources(
        feature_requests=FeatureRequestSource(path="ideas.csv"), tickets=TableSource(path="tickets.csv")
    )
    return Settings(folder=tmp_path, sources=sources)


def test_a_file_of_requests_is_read_like_tickets(in_files: Settings, clock: StillClock) -> None:
    [dark, export] = open_feature_requests(in_files, clock).tickets
    assert (dark.supporters, dark.url) == (("lee", "max"), "https://ideas.example/1")
    assert (export.supporters, export.source, export.kind) == ((), "feature_requests", "feature")


def test_requests_and_tickets_are_grouped_together_and_tickets_counted_alone(
    in_files: Settings, clock: StillClock
) -> None:
    sources = open_sources(in_files, clock)
    grouped = run_measurement("request_groups", {}, sources, Limits())
    counts = {fact.entity: fact.value for fact in grouped.facts if fact.name == "group_requesters"}
    assert max(counts.values()) == 4  # pat, kim, lee, max
    volume = run_measurement("ticket_volume", {"window": WINDOW}, sources, Limits())
    assert volume.facts[0].value == 1


WINDOW = {"start": "2026-01-26T00:00:00Z", "end": "2026-03-02T00:00:00Z", "zone": "UTC"}


def test_requests_without_any_tickets_are_grouped_too(in_files: Settings, clock: StillClock) -> None:
    alone = Sources(feature_requests=in_files.sources.feature_requests)
    sources = open_sources(in_files.model_copy(update={"sources": alone}), clock)
    grouped = run_measurement("request_groups", {}, sources, Limits())
    assert max(fact.value for fact in grouped.facts if fact.name == "group_requesters") == 3
    volume = run_measurement("ticket_volume", {"window": WINDOW}, sources, Limits())
    assert (volume.status, volume.facts) == ("no_data", ())


def test_requests_that_cannot_be_read_leave_the_tickets_as_they_are(
    in_files: Settings, clock: StillClock, tmp_path: Path
) -> None:
    (tmp_path / "ideas.csv").unlink()
    sources = open_sources(in_files, clock)
    assert isinstance(sources["feature_requests"], BrokenSource)
    tickets = sources["tickets"]
    assert isinstance(tickets, TicketTable)
    assert len(tickets.asking.tickets) == 1


@pytest.mark.parametrize("given", [{}, {"path": "x.csv", "github": "a/b"}, {"github": "a"}])
def test_there_is_one_place_that_requests_come_from(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        FeatureRequestSource.model_validate(given)
