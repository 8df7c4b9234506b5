"""How one ticket is read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postlaunch.sources.tickets import Ticket
from postlaunch.tools.feedback_text import intent, requester_of, sentences, stem


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
    assert intent(ticket("Dark mode", kind=kind)) == "asks"


@pytest.mark.parametrize("kind", ["bug", "Billing", "incident", "problem", "question", ""])
def test_words_that_ask_make_a_request_whatever_the_kind(kind: str) -> None:
    assert intent(ticket(text="Please let me reset my password by SMS.", kind=kind)) == "asks"


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
        "When will passkeys be available?",
        "Nobody here can use the API, give us a button.",
        "I don't see a field for the order number",
        "Roles should be ours to define, all of us need that",
        "offline mode plz",
    ],
)
def test_a_wish_an_imperative_or_a_lack_asks(text: str) -> None:
    assert intent(ticket(text=text)) == "asks"


@pytest.mark.parametrize(
    "text",
    ["Can I follow the logs from a terminal?", "do you work with Xero?", "Hello, does it run on Linux?"],
)
def test_asking_whether_something_can_be_done_is_wondering(text: str) -> None:
    assert intent(ticket(text=text, kind="question")) == "wonders"


@pytest.mark.parametrize("kind", ["", "bug"])
@pytest.mark.parametrize(
    "text",
    [
        "I cannot log in since this morning, error 500.",
        "The 2FA code never arrives.",
        "Login is broken again",
        "Please fix the calendar, it shows the wrong day",
        "Please refund the second charge.",
        "Please let me know.",
        "Thanks for adding dark mode, we would love to say it is beautiful!",
        "Just wanted to say thanks",
        "Works now, you can close this.",
        "My invoice is wrong",
        "How do I change my e-mail address?",
        "Where do I find last month's invoice?",
        "I need help, the export fails with a timeout",
    ],
)
def test_trouble_thanks_and_how_to_are_no_requests(text: str, kind: str) -> None:
    assert intent(ticket(text=text, kind=kind)) in ("other", "may ask", "hardly")


def test_the_kind_decides_how_far_words_that_say_nothing_are_believed() -> None:
    text = "dark mode at night"
    assert [intent(ticket(text=text, kind=kind)) for kind in ("feature", "", "bug")] == [
        "asks",
        "may ask",
        "hardly",
    ]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("", "Thanks for adding roles"),
        ("Thanks", "Great product, thank you!"),
        ("Can't log in", "I get an error 500 when I log in."),
        ("cannot log in", "It came back after a few minutes but please look into it. Thx"),
    ],
)
def test_thanks_and_trouble_filed_as_a_request_may_ask_at_most(subject: str, text: str) -> None:
    assert intent(ticket(subject, text, kind="feature")) == "may ask"


@pytest.mark.parametrize(
    "text",
    [
        "Dark mode. Thank you!",
        "freeze subscriptions during parental leave, please",
        "The mail with the link never arrives; a text message would.",
    ],
)
def test_a_request_that_names_trouble_or_ends_with_thanks_asks(text: str) -> None:
    assert intent(ticket(text=text, kind="feature")) == "asks"


def test_praise_and_nothing_else_asks_for_nothing() -> None:
    assert intent(ticket("Hello", "Great product, thank you!")) == "other"


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


def test_accounting_is_no_form_of_account() -> None:
    assert stem("accounting") != stem("accounts")
