"""Hand-offs as GitHub issues: each once, in its sprint's milestone, whatever the server does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from postlaunch.errors import DeliveryFailed, ServiceFailed
from postlaunch.github_api import GitHub
from postlaunch.ledger.github_tracker import GitHubTracker, marker
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.outbox_delivery import Delivery, deliver_due
from postlaunch.ledger.records import OutboxRow
from postlaunch.ledger.tracker import HandOffTracker, Tracker, TrackerIssue, issue_of
from postlaunch.settings_handoffs import GitHubTrackerSettings
from postlaunch.testing import FakeGitHub, StillClock
from postlaunch.testing.fake_service import Reply

KEY = "sprint/Shop/4/search"
MADE = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def fake() -> Iterator[FakeGitHub]:
    with FakeGitHub() as started:
        yield started


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def connect(fake: FakeGitHub, clock: StillClock, slept: list[float]) -> Callable[..., GitHubTracker]:
    """Makes a tracker on the fake; waiting takes no time and is kept in `slept`."""

    def make(token: str = "a-token", timeout_seconds: float = 5) -> GitHubTracker:
        settings = GitHubTrackerSettings(repository=fake.repository, base_url=fake.base_url)
        github = GitHub(
            settings.base_url,
            token,
            settings.token_env,
            timeout_seconds=timeout_seconds,
            clock=clock,
            sleep=slept.append,
        )
        return GitHubTracker(github, settings)

    return make


@pytest.fixture
def channel(connect: Callable[..., GitHubTracker]) -> HandOffTracker:
    return HandOffTracker(connect())


@pytest.fixture
def row(new_message: Callable[..., OutboxRow]) -> OutboxRow:
    return message(new_message)


def message(new_message: Callable[..., OutboxRow], key: str = KEY, **payload: object) -> OutboxRow:
    stated = {
        "handoff": "H1",
        "phase": 3,
        "title": "Search",
        "packet": {"sprint": 4},
        "markdown": "# Search\n",
        "made_at": MADE.isoformat(),
    }
    return new_message(key, channel="handoff_github", payload={**stated, **payload})


def posts(fake: FakeGitHub) -> list[str]:
    return [asked.path.rsplit("/", 1)[1] for asked in fake.asked if asked.method == "POST"]


# --- filing -----------------------------------------------------------------------------------------------


def test_a_hand_off_becomes_an_issue_in_the_milestone_of_its_sprint(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow
) -> None:
    channel.deliver(row)
    [issue] = fake.issues
    assert issue["title"] == "Search"
    assert issue["body"] == f"<!-- postlaunch:{KEY} -->\n\n# Search\n"
    assert [label["name"] for label in issue["labels"]] == ["postlaunch", "phase-3"]
    assert issue["milestone"]["title"] == "Sprint 4"


def test_a_second_hand_off_of_the_sprint_joins_its_milestone(
    fake: FakeGitHub, channel: HandOffTracker, new_message: Callable[..., OutboxRow]
) -> None:
    for key in ("a", "b"):
        channel.deliver(message(new_message, key))
    assert [milestone["title"] for milestone in fake.milestones] == ["Sprint 4"]
    assert {issue["milestone"]["number"] for issue in fake.issues} == {1}


def test_delivering_again_files_nothing(fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow) -> None:
    for _ in range(3):
        channel.deliver(row)
    assert len(fake.issues) == 1


def test_an_issue_that_was_closed_and_edited_since_is_still_the_same(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow
) -> None:
    channel.deliver(row)
    fake.issues[0].update(state="closed", title="Done", body=fake.issues[0]["body"] + "edited", labels=[])
    channel.deliver(row)
    assert len(fake.issues) == 1


def test_the_issue_is_found_on_a_later_page(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow
) -> None:
    for _ in range(250):
        fake.add_issue()
    channel.deliver(row)
    channel.deliver(row)
    assert len(fake.issues) == 251
    assert [asked.query.get("page") for asked in fake.asked[-3:]] == [None, "2", "3"]


def test_an_outsiders_imitation_of_a_marker_does_not_count(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow
) -> None:
    fake.add_issue(body=marker(KEY))
    channel.deliver(row)
    assert len(fake.issues) == 2


def test_words_of_users_call_nobody_and_end_no_comment(
    fake: FakeGitHub, channel: HandOffTracker, new_message: Callable[..., OutboxRow]
) -> None:
    channel.deliver(message(new_message, "x --> @all", title="@octocat", markdown="ask @octocat and a@b.c"))
    [issue] = fake.issues
    assert "@octocat" not in issue["title"] + issue["body"]
    assert issue["body"].splitlines()[0] == "<!-- postlaunch:x%20--%3E%20%40all -->"


def test_a_packet_that_is_too_long_is_cut_and_says_so(
    fake: FakeGitHub, channel: HandOffTracker, new_message: Callable[..., OutboxRow]
) -> None:
    channel.deliver(message(new_message, markdown="x" * 100_000))
    body = fake.issues[0]["body"]
    assert len(body) < 65_536
    assert body.endswith("and in the API.")


# --- what is missing --------------------------------------------------------------------------------------


def test_nothing_is_missing_where_all_is_well(connect: Callable[..., GitHubTracker]) -> None:
    assert connect().missing() == ()


def test_what_is_missing_is_named(fake: FakeGitHub, connect: Callable[..., GitHubTracker]) -> None:
    fake.has_issues, fake.archived, fake.may_push = False, True, False
    assert connect().missing() == (
        "example/shop is archived: nothing can be filed in it",
        "issues are switched off in example/shop",
        "the token in GITHUB_TOKEN may not write to example/shop",
    )
    assert connect(token="").missing() == ("no token: set GITHUB_TOKEN",)


def test_who_may_not_push_files_nothing(fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow) -> None:
    fake.may_push = False
    with pytest.raises(DeliveryFailed, match="may not write"):
        channel.deliver(row)
    assert fake.issues == []


def test_a_wrong_token_is_said_and_never_shown(
    fake: FakeGitHub, connect: Callable[..., GitHubTracker], row: OutboxRow
) -> None:
    tracker = connect(token="wrong-token-1234")
    with pytest.raises(DeliveryFailed, match="401") as refused:
        HandOffTracker(tracker).deliver(row)
    assert "GITHUB_TOKEN" in refused.value.remedy
    assert "wrong-token" not in f"{refused.value} {refused.value.remedy} {tracker!r}"


# --- failures ---------------------------------------------------------------------------------------------


def test_a_server_that_acted_and_then_failed_is_not_asked_twice(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow
) -> None:
    milestones = [{"number": 1, "title": "Sprint 4", "state": "open"}]
    fake.milestones = milestones
    fake.replies = [
        Reply(200, b"[]"),
        Reply(200, repository(fake)),
        Reply(200, milestones),
        Reply(502, acts=True),
    ]
    with pytest.raises(DeliveryFailed, match="502"):
        channel.deliver(row)
    channel.deliver(row)
    assert posts(fake) == ["issues"]
    assert len(fake.issues) == 1


def repository(fake: FakeGitHub) -> dict[str, object]:
    return {"full_name": fake.repository, "has_issues": True, "permissions": {"push": True}}


def test_a_server_that_acted_and_never_answered_is_not_asked_twice(
    fake: FakeGitHub, connect: Callable[..., GitHubTracker], row: OutboxRow
) -> None:
    channel = HandOffTracker(connect(timeout_seconds=0.3))
    fake.replies = [
        Reply(200, b"[]"),
        Reply(200, repository(fake)),
        Reply(200, b"[]"),
        Reply(201, {"number": 1, "title": "Sprint 4"}, acts=True),
        Reply(acts=True, silent_seconds=30),
    ]
    with pytest.raises(DeliveryFailed, match="ReadTimeout"):
        channel.deliver(row)
    channel.deliver(row)
    assert posts(fake) == ["milestones", "issues"]
    assert len(fake.issues) == 1


def test_a_milestone_made_by_somebody_else_at_the_same_moment_is_used(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow
) -> None:
    fake.milestones.append({"number": 1, "title": "Sprint 4", "state": "open"})
    fake.replies = [Reply(200, b"[]"), Reply(200, repository(fake)), Reply(200, b"[]")]  # not listed yet
    channel.deliver(row)
    assert fake.issues[0]["milestone"]["number"] == 1


def test_reading_outlasts_two_failures(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow, slept: list[float]
) -> None:
    fake.replies = [Reply(500), Reply(503)]
    channel.deliver(row)
    assert len(fake.issues) == 1
    assert len(slept) == 2


@pytest.mark.parametrize(
    "body",
    [b"<html>sign in</html>", b"{}", b'[{"number": "one"}]', b"\xff", b"[1]", b"null"],
)
def test_nonsense_is_a_failed_delivery(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow, body: bytes
) -> None:
    fake.replies = [Reply(200, body)]
    with pytest.raises(DeliveryFailed, match="cannot be read"):
        channel.deliver(row)
    assert fake.issues == []


def test_a_next_page_elsewhere_is_not_sent_the_token(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow
) -> None:
    fake.replies = [Reply(200, b"[]", {"Link": '<https://evil.example/issues?page=2>; rel="next"'})]
    with pytest.raises(DeliveryFailed, match=r"evil\.example, outside of"):
        channel.deliver(row)


def test_a_repository_that_moved_says_so(fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow) -> None:
    fake.replies = [Reply(301, {"message": "Moved Permanently"}, {"Location": "https://evil.example"})]
    with pytest.raises(DeliveryFailed, match="301") as refused:
        channel.deliver(row)
    assert "new name" in refused.value.remedy


# --- limits -----------------------------------------------------------------------------------------------


def limited(fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow, reply: Reply) -> DeliveryFailed:
    fake.replies = [reply]
    with pytest.raises(DeliveryFailed, match="rate limit") as refused:
        channel.deliver(row)
    return refused.value


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_with_retry_after_is_honoured(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow, clock: StillClock, status: int
) -> None:
    reply = Reply(status, {"message": "You have exceeded a secondary rate limit"}, {"Retry-After": "90"})
    assert limited(fake, channel, row, reply).retry_at == clock() + timedelta(seconds=90)
    assert len(fake.asked) == 1


def test_the_primary_limit_waits_for_its_reset(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow, clock: StillClock
) -> None:
    reset = clock() + timedelta(minutes=40)
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(reset.timestamp()))}
    reply = Reply(403, {"message": "API rate limit exceeded"}, headers)
    assert limited(fake, channel, row, reply).retry_at == reset.replace(microsecond=0)


def test_a_secondary_limit_that_names_no_time_waits_a_minute(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow, clock: StillClock
) -> None:
    reply = Reply(403, {"message": "You have exceeded a secondary rate limit."})
    assert limited(fake, channel, row, reply).retry_at == clock() + timedelta(minutes=1)


def test_a_short_limit_is_sat_out(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow, slept: list[float]
) -> None:
    fake.replies = [Reply(429, {"message": "slow down"}, {"Retry-After": "2"})]
    channel.deliver(row)
    assert slept == [2.0]
    assert len(fake.issues) == 1


def test_the_outbox_tries_again_when_the_limit_ends_and_not_before(
    fake: FakeGitHub, channel: HandOffTracker, row: OutboxRow, ledger: Ledger, clock: StillClock
) -> None:
    ledger.enqueue(None, [row])
    fake.replies = [Reply(403, {"message": "rate limit"}, {"Retry-After": "3600"})]
    delivery = Delivery({"handoff_github": channel})
    [failed] = deliver_due(ledger, delivery, clock).failed
    assert failed.next_at == clock() + timedelta(hours=1)
    clock.forward(minutes=59)
    assert deliver_due(ledger, delivery, clock).arrived == ()
    clock.forward(minutes=1)
    assert len(deliver_due(ledger, delivery, clock).arrived) == 1


# --- other trackers ---------------------------------------------------------------------------------------


class Cards:
    """A tracker of another kind."""

    def __init__(self) -> None:
        self.filed: list[TrackerIssue] = []

    def find(self, issue: TrackerIssue) -> None:
        return None

    def file(self, issue: TrackerIssue) -> None:
        raise ServiceFailed("the board is full", "throw a card away")

    def missing(self) -> tuple[str, ...]:
        return ()


def test_any_tracker_can_take_hand_offs_and_its_refusal_is_a_failed_delivery(row: OutboxRow) -> None:
    tracker: Tracker = Cards()  # type: ignore[assignment]
    with pytest.raises(DeliveryFailed, match="the board is full"):
        HandOffTracker(tracker).deliver(row)


def test_a_message_that_is_no_hand_off_is_refused(new_message: Callable[..., OutboxRow]) -> None:
    with pytest.raises(DeliveryFailed, match="is no hand-off"):
        issue_of(new_message(payload={"text": "hello"}))
