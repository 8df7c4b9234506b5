"""Secrets are taken out of texts and values; what is none stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from postlaunch.redaction import HIDDEN, Redactor, names_a_secret


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer abcdef.123", "Authorization: Bearer "),
        ("'authorization': 'Basic dXNlcjpwYXNz'", "'authorization': 'Basic "),
        ("curl -H 'Proxy-Authorization: x1y2z3'", "curl -H 'Proxy-Authorization: "),
        ("https://x.example/a?key=abc123&b=2", "https://x.example/a?key="),
        ("https://x.example/a?b=2&token=abc123", "https://x.example/a?b=2&token="),
        ("postgresql://app:hunter2@db/app", "postgresql://app:"),
        ("redis://:hunter2@cache:6379", "redis://:"),
        ('{"api_key": "abc123"}', '{"api_key": "'),
        ("password=hunter2", "password="),
        ("used sk-proj-abcdefghij0123456789 here", "used "),
        ("used ghp_abcdefghij0123456789 here", "used "),
    ],
)
def test_what_looks_like_a_secret_is_replaced_by_its_shape(text: str, kept: str) -> None:
    clean = Redactor().text(text)
    assert clean.startswith(f"{kept}{HIDDEN}")
    for secret in ("abcdef", "abc123", "hunter2", "dXNlcjpwYXNz", "x1y2z3", "0123456789"):
        assert secret not in clean


@pytest.mark.parametrize(
    "text",
    [
        "the token expired after 3 s",
        "password reset via SMS (142 requests)",
        "tokens_in=120, tokens_out=30",
        "a key metric: error rate",
        "https://example.com/a?b=2&page=3",
        "basic auth is off",
        "run_key=weekly:2015-W21",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor().text(text) == text


@given(st.text(min_size=8, max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_a_known_secret_is_found_wherever_it_stands(secret: str, before: str, after: str) -> None:
    assert secret not in Redactor([secret]).text(before + secret + after).replace(HIDDEN, "\0")


def test_values_of_secret_variables_are_known() -> None:
    environment = {"OPENAI_API_KEY": "value-one-1", "DB_PASSWORD": "value-two-2", "HOME": "/home/anna"}
    clean = Redactor.of_environment(environment).text("value-one-1 value-two-2 /home/anna")
    assert clean == f"{HIDDEN} {HIDDEN} /home/anna"


def test_the_folder_that_a_shell_is_in_is_no_password() -> None:
    redactor = Redactor.of_environment({"PWD": "/srv/shop/live", "DB_PWD": "hunter2hunter2"})
    said = redactor.text("/srv/shop/live/postlaunch.toml, line 3: hunter2hunter2")
    assert said == "/srv/shop/live/postlaunch.toml, line 3: [redacted]"


def test_short_values_are_not_searched_for() -> None:
    assert Redactor.of_environment({"API_KEY": "none"}).text("none of them") == "none of them"


def test_values_are_cleaned_however_deep() -> None:
    value = {
        "headers": {"authorization": "abc", "accept": "json"},
        "urls": ("https://a:b1c2@h/", b"token=xyz123"),
        "key": SecretStr("hidden-value"),
        "tokens_in": 5,
        "token": None,
    }
    assert Redactor().value(value) == {
        "headers": {"authorization": HIDDEN, "accept": "json"},
        "urls": [f"https://a:{HIDDEN}@h/", f"token={HIDDEN}"],
        "key": HIDDEN,
        "tokens_in": 5,
        "token": None,
    }


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "api_key", "Authorization", "db.password", "auth-token"])
def test_names_of_secrets(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize("name", ["run_key", "tokens_in", "key", "keyboard", "token_count", "author"])
def test_names_of_no_secrets(name: str) -> None:
    assert not names_a_secret(name)
