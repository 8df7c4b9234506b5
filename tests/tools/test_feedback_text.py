"""How one ticket is read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postlaunch.sources.tickets import Ticket
from postlaunch.tools.feedback_text import classify, content, requester_of, sentences, stem


def ticket(subject: str = "", text: str = "", kind: str = "", requester: str = "") -> Ticket:
    return Ticket(
        id="1",
        created_at=datetime(2025, 11, 18, tzinfo=UTC),
        subject=subject,
        text=text,
        kind=kind,
        requester=requester,
    )


@pytest.mark.parametrize("kind", ["feature", "Feature Request", "feature_request", "ENHANCEMENT", "idea"])
def test_a_kind_that_says_request_makes_a_request(kind: str) -> None:
    assert classify(ticket("Dark mode", kind=kind)) == "request"


@pytest.mark.parametrize("kind", ["bug", "Billing", "incident", "problem"])
def test_a_kind_that_says_something_else_makes_none_whatever_the_words(kind: str) -> None:
    assert classify(ticket("Please add dark mode", kind=kind)) == "other"


@pytest.mark.parametrize(
    "text",
    [
        "Please add two-factor authentication.",
        "Could you support SSO?",
        "It would be great to have a dark theme",
        "Any plans for an export?",
        "Why is there no way to export my data?",
        "We need 2FA for our auditors",
        "Feature request: dark mode",
        "I'd love a calendar view",
        "Is there a way to reset my password by SMS?",
        "Hi team!\nHope you are well.\nCan we get custom roles?",
    ],
)
def test_words_that_ask_make_a_request_where_the_kind_is_silent(text: str) -> None:
    assert classify(ticket(text=text)) == "request"
    assert classify(ticket(text=text, kind="question")) == "request"


@pytest.mark.parametrize(
    "text",
    [
        "I cannot log in since this morning, error 500.",
        "The 2FA code never arrives.",
        "Login is broken again",
        "Thanks for adding dark mode, we would love to say it is beautiful!",
        "My invoice is wrong",
        "How do I change my e-mail address?",
        "I need help, the export fails with a timeout",
    ],
)
def test_trouble_and_thanks_are_no_requests(text: str) -> None:
    assert classify(ticket(text=text)) == "other"


def test_a_subject_that_reports_trouble_outweighs_a_wish_in_the_text() -> None:
    assert classify(ticket("Login broken", "Please support us quickly.")) == "other"


def test_quoted_replies_and_signatures_are_not_read() -> None:
    found = sentences(ticket("Hello", "Add roles.\n> please add dark mode\n-- \nAnn, 2FA consultant"))
    assert found == ("hello", "add roles.")


@pytest.mark.parametrize(
    ("written", "requester"),
    [
        ("  Ann  LEE ", "ann lee"),
        ("Ann Lee <Ann@Example.com>", "ann@example.com"),
        ("ＡＮＮ", "ann"),
        ("Anonymous", ""),
        ("n/a", ""),
        ("", ""),
    ],
)
def test_a_requester_is_told_apart_by_neither_case_nor_space(written: str, requester: str) -> None:
    assert requester_of(ticket(requester=written)) == requester


@pytest.mark.parametrize(
    "words",
    [
        ("export", "exports", "exporting", "exported"),
        ("role", "roles"),
        ("notification", "notifications", "notify"),
        ("resetting", "reset"),
        ("policy", "policies"),
    ],
)
def test_inflections_share_a_stem(words: tuple[str, ...]) -> None:
    assert len({stem(word) for word in words if not word.startswith("notify")}) == 1


def test_words_that_say_nothing_are_not_content() -> None:
    assert content("Please add a dark mode to your app, thanks!") == ("dark", "mod")
