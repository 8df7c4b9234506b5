"""Requests grouped and counted: by people, not by tickets, and not by words alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from postlaunch.sample.truth import Truth
from postlaunch.settings import Settings
from postlaunch.settings_sources import Sources, TableSource
from postlaunch.sources.candidates import open_candidates
from postlaunch.sources.tickets import Ticket, open_tickets
from postlaunch.tools import feedback_meaning
from postlaunch.tools.backlog_requests import anchors_of
from postlaunch.tools.feedback import group_requests
from postlaunch.tools.feedback_groups import Anchor, Group, Grouping

if TYPE_CHECKING:
    from conftest import Samples

    from postlaunch.tools.feedback_embeddings import Matrix

START = datetime(2025, 11, 17, tzinfo=UTC)
TWO_FACTOR = Anchor(
    candidate="2fa",
    title="Two-factor authentication",
    keywords=("2fa", "two-factor", "authenticator app"),
    description="One-time codes at login.",
)
DARK = Anchor(candidate="dark", title="Dark mode", keywords=("dark mode", "dark theme", "night mode"))
RESET = Anchor(candidate="reset", title="Password reset", keywords=("password reset",))
SMS = Anchor(candidate="sms", title="Password reset via SMS", keywords=("sms",))
ANCHORS = (TWO_FACTOR, DARK)


def written(*texts: str | tuple[str, str], kind: str = "feature") -> list[Ticket]:
    """Tickets from texts, or (requester, text) pairs; without one, each is of another person."""
    made = []
    for number, text in enumerate(texts, start=1):
        requester, words = text if isinstance(text, tuple) else (f"person {number}", text)
        made.append(
            Ticket(
                id=f"T{number}",
                created_at=START + timedelta(hours=number),
                requester=requester,
                text=words,
                kind=kind,
            )
        )
    return made


def group(grouping: Grouping, candidate: str) -> Group:
    return next(group for group in grouping.groups if group.candidate == candidate)


def count(tickets: Sequence[Ticket], candidate: str, anchors: Sequence[Anchor] = ANCHORS) -> int:
    return group(group_requests(tickets, anchors), candidate).count


def test_one_person_who_asks_ten_times_counts_once() -> None:
    tickets = written(
        *[("Ann@Example.com", "please add dark mode")] * 9, (" ann@example.COM", "dark mode now")
    )
    found = group(group_requests(tickets, ANCHORS), "dark")
    assert found.count == 1
    assert len(found.tickets) == 10


def test_a_ticket_without_a_requester_counts_as_one_of_its_own_and_says_so() -> None:
    tickets = written(("", "dark mode please"), ("anonymous", "a dark theme at night"), ("Ann", "dark mode"))
    found = group(group_requests(tickets, ANCHORS), "dark")
    assert found.count == 3
    assert "2 without a requester" in found.note()


def test_the_same_words_from_nobody_count_once_and_the_note_says_so_too() -> None:
    tickets = written(
        *[("", "DARK mode,  please")] * 20, ("", "dark mode, please"), ("", "a dark theme please")
    )
    found = group(group_requests(tickets, ANCHORS), "dark")
    assert found.count == 2
    assert "2 without a requester" in found.note()


@pytest.mark.parametrize(
    "text",
    [
        "Please no dark mode.",
        "We don't want dark mode",
        "Please don't add a dark theme, it is unreadable.",
        "I hate dark mode in other apps",
        "There is no need for a dark mode",
        "Nobody needs dark mode!",
        "Dark mode is a waste of time.",
        "Stop building dark mode and similar toys",
        "dark mode should be optional",
    ],
)
def test_speaking_against_a_feature_is_not_asking_for_it(text: str) -> None:
    found = group(group_requests(written(text, "please add dark mode"), ANCHORS), "dark")
    assert found.count == 1
    assert found.of("against") == ("T1",)
    assert "1 against it" in found.note()


@pytest.mark.parametrize(
    "text",
    [
        "Why is there no dark mode?",
        "I can't believe there is still no dark mode",
        "I don't want to go blind, please add a dark theme",
        "We do not have dark mode yet and need it",
        "No dark mode? Please add it.",
        "The white page we hate, please add dark mode",
    ],
)
def test_a_no_that_deplores_the_lack_is_asking_for_it(text: str) -> None:
    assert count(written(text), "dark") == 1


def test_a_bug_report_about_login_is_no_request_for_two_factor_authentication() -> None:
    tickets = written(
        "Login fails with error 500", "my 2FA code never arrives", "locked out of login", kind=""
    )
    tickets += written("two-factor authentication is broken", kind="bug")
    found = group(group_requests(tickets, ANCHORS), "2fa")
    assert (found.count, found.high) == (0, 0)


def test_a_feature_request_about_login_that_does_not_ask_for_it_is_not_counted_for_certain() -> None:
    found = group(group_requests(written("Please put your new logo on the login page"), ANCHORS), "2fa")
    assert found.low == 0


def test_a_ticket_that_asks_for_two_features_counts_for_both() -> None:
    tickets = written("Please add dark mode. We would also love an authenticator app.")
    assert (count(tickets, "dark"), count(tickets, "2fa")) == (1, 1)


def test_a_longer_name_hides_the_shorter_one_inside_it() -> None:
    tickets = written("please offer password reset via SMS")
    grouping = group_requests(tickets, (RESET, SMS))
    assert group(grouping, "sms").low == 1
    assert group(grouping, "reset").low == 0


def test_thanks_for_a_feature_is_not_asking_for_it() -> None:
    assert count(written("Thanks for adding dark mode!"), "dark") == 0


def test_a_candidate_that_nobody_asks_for_counts_zero() -> None:
    assert count(written("please add dark mode"), "2fa") == 0


def test_what_names_a_candidate_without_asking_widens_the_count_upwards() -> None:
    tickets = [*written("please add dark mode"), *written("x", "dark mode", kind="other")[1:]]
    found = group(group_requests(tickets, ANCHORS), "dark")
    assert (found.low, found.count) == (1, 1)
    assert found.of("near") == ("T2",)
    assert f"between 1 and {found.high}" in found.note()


def test_requests_that_match_no_candidate_are_grouped_among_themselves() -> None:
    tickets = written(
        "sync my outlook calendar",
        "please sync with the calendar of outlook",
        "calendar sync for outlook, please",
        "an invoice as PDF",
        "send each invoice as a PDF",
        "more colours for tags",
    )
    grouping = group_requests(tickets, ANCHORS)
    found = {group.tickets: group.count for group in grouping.groups if not group.candidate}
    assert found == {("T1", "T2", "T3"): 3, ("T4", "T5"): 2}
    assert grouping.alone == ("T6",)
    assert "calendar" in grouping.groups[0].label


def test_one_person_alone_makes_no_group() -> None:
    grouping = group_requests(written(("ann", "sync outlook calendar"), ("Ann", "outlook calendar sync")))
    assert grouping.groups == ()
    assert grouping.alone == ("T1", "T2")


def test_groups_are_numbered_by_the_people_behind_them() -> None:
    grouping = group_requests(written("dark mode", "dark mode pls", "2FA please"), ANCHORS)
    assert [(group.id, group.candidate, group.count) for group in grouping.groups] == [
        ("G1", "dark", 2),
        ("G2", "2fa", 1),
    ]


PERSONAL = {
    "anna.kowalska@example.com": ("anna", "kowalska", "example"),
    "password=hunter2x": ("hunter2x",),
    "sk-4Kd93jfk2mzQ9911aa": ("4kd93jfk2mzq9911aa",),
    "+49 170 1234567": ("49", "170", "1234567"),
    "5105 1051 0510 5100": ("5105", "1051", "0510"),
}
"""What would be hidden from a model while it is whole, and the words that it falls into."""


@pytest.mark.parametrize("value", PERSONAL)
def test_no_part_of_an_address_or_a_secret_is_a_word_of_a_group(value: str) -> None:
    """A part of one has no form of its own by which it could still be hidden from a model."""
    tickets = written(
        f"please add dark mode {value}",
        *["sync my outlook calendar"] * 2,
        *[f"please sync calendars to {value}"] * 3,
    )
    grouping = group_requests([ticket.model_copy(update={"subject": value}) for ticket in tickets], [DARK])
    assert [bool(group.tickets) for group in grouping.groups] == [True, True]
    said = {word for group in grouping.groups for word in (*group.terms, *group.label.lower().split())}
    assert said.isdisjoint(PERSONAL[value])
    assert {"dark", "calendars"} <= said


def test_the_sentence_model_reads_no_address_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def embedded(texts: Sequence[str]) -> Matrix:
        read.extend(texts)
        return np.eye(len(texts), dtype=np.float32)

    monkeypatch.setattr(feedback_meaning, "embedded", embedded)
    group_requests(
        written(*(f"please sync calendars {value}" for value in PERSONAL)), [DARK], way="embeddings"
    )
    assert len(read) == len(PERSONAL)
    assert [word for text in read for words in PERSONAL.values() for word in words if word in text] == []


def test_a_group_that_no_words_tell_is_named_after_its_first_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    alike = np.eye(2, dtype=np.float32)[[0, 0, 1, 1]]
    monkeypatch.setattr(feedback_meaning, "embedded", lambda texts: alike[: len(texts)])
    tickets = written("Please, would you?", "could you", "sync my calendar", "calendar sync")
    labels = {one.tickets: one.label for one in group_requests(tickets, way="embeddings").groups}
    assert labels[("T1", "T2")] == "please, would you?"
    assert "calendar" in labels[("T3", "T4")]


def test_no_tickets_and_no_candidates_are_no_groups() -> None:
    assert group_requests(()).groups == ()
    assert group_requests((), ANCHORS).groups[0].count == 0
    assert group_requests(written("", "…"), ANCHORS).groups[0].count == 0


def test_the_same_tickets_give_the_same_groups_again() -> None:
    tickets = written("dark mode", "dark mode at night", "2fa", "calendar sync", "sync calendars", "2fa app")
    assert group_requests(tickets, ANCHORS) == group_requests(list(tickets), ANCHORS)


@pytest.fixture(scope="module")
def sample(samples: Samples) -> Path:
    return samples.of(0.02).folder


def test_most_of_the_samples_requesters_are_counted_and_hardly_any_wrongly(sample: Path) -> None:
    truth = Truth.model_validate_json((sample / "truth.json").read_text(encoding="utf-8"))
    sources = Sources(tickets=TableSource(path="tickets.csv"), candidates=TableSource(path="candidates.yaml"))
    settings = Settings(folder=sample, sources=sources)
    grouping = group_requests(open_tickets(settings).tickets, anchors_of(open_candidates(settings).items))
    for theme in (theme for theme in truth.themes.values() if theme.kind == "feature" and theme.candidate):
        found = group(grouping, theme.candidate)
        assert len(set(found.tickets) - set(theme.tickets)) <= 0.1 * len(found.tickets)
        assert 0.85 * theme.requesters <= found.count <= 1.1 * theme.requesters
        assert found.low <= theme.requesters <= found.high


def test_ten_thousand_requests_are_counted_and_what_is_not_compared_is_told() -> None:
    texts = [
        "please add dark mode" if place % 5 == 0 else f"please add widget {place}" for place in range(10_000)
    ]
    grouping = group_requests(written(*texts), ANCHORS)
    assert group(grouping, "dark").count == 2_000
    assert len(grouping.requests) == 10_000
    [note] = grouping.notes
    assert note == "only the newest 4,000 of 8,000 requests without a candidate were grouped"
