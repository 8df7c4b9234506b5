"""PostHog's query API as it is documented: what is asked, page after page, and how it refuses."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from postlaunch.errors import SourceError
from postlaunch.settings_events import PostHogEvents
from postlaunch.settings_sources import EventSource
from postlaunch.sources.event_store_posthog import PostHogEventStore
from postlaunch.sources.events import EventLog
from postlaunch.testing.clock import StillClock
from postlaunch.testing.fake_posthog import FakePostHog, refusal, throttled
from postlaunch.testing.fake_service import Asked, Reply

NOW = datetime(2025, 12, 1, 12, tzinfo=UTC)
NOON = "2025-11-18T12:00:00.123456Z"
KEY = "POSTHOG_PERSONAL_API_KEY"


def person(number: int) -> str:
    return str(uuid.UUID(int=number))


def event(number: int, moment: str = NOON, **more: Any) -> dict[str, Any]:
    """An event whose ids follow its number as texts, and not as ClickHouse sorts UUIDs."""
    return {
        "uuid": f"{number:08x}-0000-4000-8000-{999 - number:012x}",
        "event": f"e{number}",
        "timestamp": moment,
        "person_id": person(number % 3 + 1),
        "distinct_id": f"d{number % 2}",
        **more,
    }


def asked(server: FakePostHog, **more: Any) -> dict[str, Any]:
    return {"project": server.project, "host": server.host, "since": "2025-11-01", **more}


def rows(log: EventLog, what: str = "event") -> list[Any]:
    found = log.cursor().execute(f"SELECT {what} FROM events ORDER BY place").fetchall()
    return [row[0] for row in found]


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the store waited, which are over at once."""
    waits: list[float] = []
    monkeypatch.setattr(PostHogEventStore.__init__, "__defaults__", (waits.append,))
    return waits


def test_what_is_asked_is_what_the_api_documents(open_store, posthog: FakePostHog) -> None:
    posthog.add(event(1))
    open_store(posthog=asked(posthog), zone="America/Los_Angeles")
    first = posthog.asked[0]
    assert first.path == "/api/projects/12345/query/"
    assert first.headers["authorization"] == "Bearer phx_a-personal-key"
    assert first.headers["content-type"] == "application/json"
    assert set(first.body) == {"query", "refresh", "name"}
    assert first.body["refresh"] == "force_blocking"
    assert set(first.body["query"]) == {"kind", "query", "values"}
    assert first.body["query"]["kind"] == "HogQLQuery"
    assert first.body["query"]["values"] == {
        "start": "2025-11-01 07:00:00.000000",
        "after": "",
        "end": "2025-11-02 07:00:00.000000",
        "limit": 50_000,
        "property_0": "role",
        "property_1": "variant",
        "property_2": "experiment",
    }


@pytest.mark.parametrize("most", [50_000, 1])
def test_pages_lose_and_repeat_nothing_though_many_events_share_a_moment(
    open_store, posthog: FakePostHog, most: int
) -> None:
    """Even where the server gives fewer rows than it is asked for."""
    posthog.most_rows = most
    later = "2025-11-18T12:00:00.123457Z"
    posthog.add(*map(event, (4, 2, 5, 1, 3)), event(7, later), event(6, later))
    log = open_store(posthog=asked(posthog, page_rows=2))
    assert rows(log) == [f"e{number}" for number in range(1, 8)]
    assert log.coverage.rows_repeated == 0


def test_an_answer_of_a_cache_is_not_taken(open_store, posthog: FakePostHog) -> None:
    clock = StillClock(NOW)
    posthog.add(event(1))
    open_store(posthog=asked(posthog, fresh_minutes=0), clock=clock)
    posthog.add(event(2))
    assert rows(open_store(posthog=asked(posthog, fresh_minutes=0), clock=clock)) == ["e1", "e2"]


def test_spans_grow_over_quiet_times(open_store, posthog: FakePostHog) -> None:
    posthog.add(event(1))
    open_store(posthog=asked(posthog, since="2020-01-01"))
    assert len(posthog.asked) < 50


def test_a_query_that_takes_too_long_is_asked_over_less(open_store, posthog: FakePostHog) -> None:
    posthog.too_long = timedelta(hours=7)
    posthog.add(*(event(n, f"2025-11-28T{n:02d}:00:00Z") for n in range(24)))
    log = open_store(
        posthog=asked(posthog, since="2025-11-28"), clock=lambda: datetime(2025, 11, 29, tzinfo=UTC)
    )
    assert rows(log) == [f"e{n}" for n in range(24)]
    assert 504 in posthog.sent


def test_a_span_that_grew_over_quiet_times_is_halved_from_what_is_left(
    open_store, posthog: FakePostHog
) -> None:
    posthog.too_long = timedelta(hours=7)
    posthog.add(*(event(n, f"2025-11-28T{n:02d}:00:00Z") for n in range(24)))
    now = datetime(2025, 11, 29, tzinfo=UTC)
    assert rows(open_store(posthog=asked(posthog, since="2024-01-01"), clock=lambda: now))[0] == "e0"
    assert 504 in posthog.sent
    bodies = [one.body for one in posthog.asked]
    assert all(one != following for one, following in pairwise(bodies)), "no question is put twice"


def test_a_query_that_is_too_long_for_any_span_is_an_error(open_store, posthog: FakePostHog) -> None:
    posthog.add(event(1, "2025-11-03T09:00:00Z"), event(2, "2025-11-03T09:00:30Z"))
    posthog.too_long = timedelta(seconds=1)
    with pytest.raises(SourceError, match="max execution time") as caught:
        open_store(posthog=asked(posthog))
    assert "export the events" in caught.value.remedy


@pytest.mark.parametrize("hostile", ["a'b", 'a"b', "a) FROM persons --", "{after}", "$group/0~x", "ü\\"])
def test_any_name_of_a_property_is_only_a_name(open_store, posthog: FakePostHog, hostile: str) -> None:
    posthog.add(event(1, properties={hostile: "found"}))
    plain = open_store(posthog=asked(posthog)).coverage
    log = open_store(
        posthog=asked(posthog), properties={hostile: f"properties.{hostile}"}, fields={"user": hostile}
    )
    assert rows(log, "properties") == [{hostile: "found"}]
    assert (plain.users, log.coverage.users) == (1, 1)
    sent = {request.body["query"]["query"] for request in posthog.asked}
    assert not any(hostile in query for query in sent if hostile != "{after}")


def test_properties_are_what_they_are_in_a_file(open_store, posthog: FakePostHog) -> None:
    values = {"text": 'a "b"', "whole": 7, "share": 0.5, "yes": True, "none": None, "object": {"a": [1]}}
    posthog.add(event(1, properties={**values, "variant": "B"}))
    log = open_store(posthog=asked(posthog), properties={name: name for name in [*values, "absent"]})
    (found,) = rows(log, "properties")
    assert json.loads(found.pop("object")) == {"a": [1]}
    assert found == {"text": 'a "b"', "whole": "7", "share": "0.5", "yes": "true", "variant": "B"}
    assert log.coverage.properties == (
        "absent", "none", "object", "share", "text", "variant", "whole", "yes",
    )  # fmt: skip


@pytest.mark.parametrize(("user", "users"), [("", 3), ("distinct_id", 2), ("properties.account", 1)])
def test_who_a_user_is_can_be_chosen(open_store, posthog: FakePostHog, user: str, users: int) -> None:
    posthog.add(*(event(n, properties={"account": "acme"}) for n in range(6)))
    log = open_store(posthog=asked(posthog), fields={"user": user} if user else {})
    assert log.coverage.users == users


def test_an_event_of_no_person_is_one_without_a_user(open_store, posthog: FakePostHog) -> None:
    posthog.add(event(1), event(2, person_id=person(0)))
    assert open_store(posthog=asked(posthog)).coverage.events_without_user == 1


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status", "remedy"),
    [
        ({"key": "another-key"}, 401, "check the key in POSTHOG_PERSONAL_API_KEY"),
        ({"scopes": ("insight:read",)}, 403, "scope query:read"),
        ({"project": 1}, 404, "project and host"),
    ],
)
def test_a_key_that_does_not_fit_is_told_with_the_remedy(
    open_store, posthog: FakePostHog, slept: list[float], change: dict[str, Any], status: int, remedy: str
) -> None:
    source = asked(posthog)
    for name, value in change.items():
        setattr(posthog, name, value)
    with pytest.raises(SourceError, match=f"status {status} ") as caught:
        open_store(posthog=source)
    assert remedy in caught.value.remedy
    assert (posthog.sent, slept) == ([status], [])


def test_without_a_key_nothing_is_asked(open_store, posthog: FakePostHog) -> None:
    with pytest.raises(SourceError, match=f"{KEY} is not set"):
        open_store(posthog=asked(posthog), environment={})
    assert not posthog.asked


@pytest.mark.parametrize(
    ("reply", "waits"),
    [
        (throttled(37), [37.0]),
        (throttled(None), [60.0]),
        (Reply(503, b"busy"), [2.0]),
        (Reply(500, {"detail": "ClickHouse error while executing query."}), [2.0]),
    ],
)
def test_what_passes_is_waited_for(
    open_store, posthog: FakePostHog, slept: list[float], reply: Reply, waits: list[float]
) -> None:
    posthog.add(event(1))
    posthog.replies = [reply]
    assert rows(open_store(posthog=asked(posthog))) == ["e1"]
    assert slept == waits


@pytest.mark.parametrize(
    ("reply", "said", "remedy"),
    [
        (throttled(3600), "rate limit is reached", "run again after 2025-12-01 01:00:00 UTC"),
        (refusal(400, "validation_error", "x", "Unknown  field\nx"), "status 400 Unknown field x", ""),
        (refusal(402, "quota_limit_exceeded", "x", "billing limit"), "billing limit", "billing settings"),
        (Reply(302, b"", {"Location": "https://elsewhere.example"}), "status 302", ""),
        (Reply(200, b"<html>"), "answer cannot be read", "host"),
        (Reply(202, {"query_status": {"complete": False}}), "status 202", ""),
        (Reply(200, {"results": [["x"]]}), "other columns than were asked for", "host"),
        (Reply(200, {"results": [["a", "soon", "e", "u", "", "", ""]]}), "soon is no moment", "host"),
        (Reply(200, {"results": [["a", "1999-01-01", "e", "u", "", "", ""]]}), "do not go on", "host"),
        (refusal(400, "validation_error", "x", "no phx_a-personal-key"), r"status 400 no \*\*\*", ""),
    ],
)
def test_what_does_not_pass_is_told_at_once_and_never_with_the_key(
    open_store, posthog: FakePostHog, slept: list[float], caplog, reply: Reply, said: str, remedy: str
) -> None:
    posthog.replies = [reply]
    with pytest.raises(SourceError, match=said) as caught:
        open_store(posthog=asked(posthog))
    assert str(caught.value).startswith(f"PostHog project 12345 at {posthog.host[7:]} cannot be read: ")
    assert remedy in caught.value.remedy
    assert (len(posthog.asked), slept) == (1, [])
    assert "phx_a" not in f"{caught.value} {caught.value.remedy} {caplog.text}"


@pytest.mark.parametrize("reply", [Reply(503), Reply(200, silent_seconds=60)])
def test_a_server_that_stays_away_is_given_up(
    open_store, posthog: FakePostHog, slept: list[float], reply: Reply
) -> None:
    posthog.replies = [reply] * 9
    with pytest.raises(SourceError, match=r"the server failed|cannot be reached: ReadTimeout"):
        open_store(posthog=asked(posthog, timeout_seconds=0.1))
    assert slept == [2.0, 2.0, 2.0]


def test_a_server_that_is_not_there_is_an_error_in_words(open_store, slept: list[float]) -> None:
    with pytest.raises(SourceError, match="cannot be reached: ConnectError") as caught:
        open_store(posthog={"project": 7, "host": "http://127.0.0.1:9", "since": "2025-11-01"})
    assert "host" in caught.value.remedy


def test_the_key_is_in_no_text_made_of_the_store() -> None:
    settings = PostHogEvents(project=7, since=NOW.date())
    store = PostHogEventStore(
        settings, EventSource(posthog=settings), "UTC", lambda: NOW, {KEY: "hidden-one"}
    )
    assert "hidden-one" not in repr(store)


def test_the_fake_refuses_what_the_api_refuses(open_store, posthog: FakePostHog) -> None:
    """OFFSET, a placeholder without its value, and more rows than a query without a limit gets."""
    posthog.add(*map(event, range(101)))

    def answered(query: str, **values: Any) -> Reply:
        body = {"query": {"kind": "HogQLQuery", "query": query, "values": values}}
        headers = {"authorization": f"Bearer {posthog.key}"}
        return posthog.answer(Asked("POST", path, {}, headers, body))

    open_store(posthog=asked(posthog))
    path = posthog.asked[0].path
    assert answered("SELECT event FROM events LIMIT 5 OFFSET 5").status == 400
    assert (
        answered("SELECT event FROM events LIMIT {most}").body["detail"] == "Unresolved placeholder: {most}"
    )
    unlimited = answered("SELECT event FROM events").body
    assert (len(unlimited["results"]), unlimited["hasMore"]) == (100, True)
    assert answered("SELECT event FROM events").body["is_cached"]
