"""What a model may see of people, by `docs/security.md`."""

from __future__ import annotations

import re
import time
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from postlaunch.llm.personal_forms import PATTERNS
from postlaunch.llm.privacy import PSEUDONYM, Pseudonyms, beginning, blanked


def pseudonyms() -> Pseudonyms:
    return Pseudonyms(enabled=True, salt=b"a salt of the tests")


PERSONAL = [
    ("email", "anna.schmidt+news@example.co.uk"),
    ("email", "root@localhost"),
    ("email", "anna%40example.com"),
    ("ip", "203.0.113.9"),
    ("ip", "010.020.030.040"),
    ("ip", "2001:db8::ff00:42:8329"),
    ("ip", "::ffff:203.0.113.9"),
    ("phone", "+49 30 1234567"),
    ("phone", "+1 (555) 123-4567"),
    ("phone", "(030) 1234567"),
    ("phone", "555-123-4567"),
    ("phone", "0171 2345678"),
    ("phone", "01 23 45 67 89"),
    ("phone", "0049 170 1234567"),
    ("phone", "001 555 123 4567"),
    ("phone", "1-800-555-0199"),
    ("number", "3782 822463 10005"),
    ("number", "4111 1111 1111 1111"),
    ("number", "4111111111111111"),
    ("number", "DE89 3704 0044 0532 0130 00"),
    ("secret", "sk-proj-abcdefghijklmnop1234"),
    ("secret", "ghp_abcdefghijklmnopqrstuvwxyz123456"),
    ("secret", "AKIAIOSFODNN7EXAMPLE"),
    ("secret", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-def_ghi"),
]


@pytest.mark.parametrize(("kind", "value"), PERSONAL)
@pytest.mark.parametrize("around", ["{}", "it was {}.", "({})", '{{"a": "{}"}}', "<{}>", "x: {}, y", "'{}'"])
def test_what_has_the_form_of_personal_data_is_hidden(kind: str, value: str, around: str) -> None:
    text = around.format(value)
    hidden = pseudonyms().hide(text)
    assert value not in hidden
    assert re.search(rf"\b{kind}-[0-9a-f]{{10}}\b", hidden)
    assert len(PSEUDONYM.findall(hidden)) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("user=alice logged in", "alice"),
        ("user_id=42&page=2", "42"),
        ('{"user": "alice", "status": 200}', "alice"),
        ('{"userId": 4523, "status": 200}', "4523"),
        ("account_id='b7'", "b7"),
        ("my user id is: user 4523", "4523"),
        ("user #17 cannot log in", "17"),
        ("GET /users/4523 failed", "4523"),
        ("PUT /api/v1/users/4523/avatar", "4523"),
        ("/orders/5f2b8c1e-0f6a-4b1e-9c53-0a1b2c3d4e5f?x=1", "5f2b8c1e-0f6a-4b1e-9c53-0a1b2c3d4e5f"),
        ("/u/507f1f77bcf86cd799439011", "507f1f77bcf86cd799439011"),
        ("please call 1234567 after six", "1234567"),
        ("Authorization: Bearer abc.def-123", "abc.def-123"),
        ("password=hunter22 did not work", "hunter22"),
        ("https://anna:hunter22@db.example.com/x", "hunter22"),
        ("POST /reset?token=abcdef123456", "abcdef123456"),
        ("login ana / Password: Winter2026x!", "Winter2026x"),
        ("**password:** hunter", "hunter"),
        ("pwd: `x9`", "x9"),
        ("Password:\n  Winter2026x", "Winter2026x"),
        ("secret: 7f3a9c0de1b24f55", "7f3a9c0de1b24f55"),
        ("my access_token: abc123def456ghi.", "abc123def456ghi"),
        ("token: AbCdEfGhIjKlMnOpQrStUvWx", "AbCdEfGhIjKlMnOpQrStUvWx"),
        ("dark mode: X-Api-Key: 7f3a9c0de1b24f55", "7f3a9c0de1b24f55"),
        ("api_key: 7f3a9c0de1b24f55", "7f3a9c0de1b24f55"),
        ("user-id: 42", "42"),
        ("account_id: 42", "42"),
        ("account number: 12 3456 7890 is mine", "12 3456 7890"),
        ("user: alice, status: 200", "alice"),
        ("customer: 4523 cannot log in", "4523"),
    ],
)
def test_what_stands_where_personal_data_stands_is_hidden(text: str, value: str) -> None:
    hidden = pseudonyms().hide(text)
    assert value not in hidden
    assert PSEUDONYM.search(hidden)


@pytest.mark.parametrize(
    "text",
    [
        "p95 rose by 16% from 161 ms to 187 ms; mean 102.75 ms",
        "1,247,890 requests (0.08% errors, +0.03 pp), 20.5/s, peak 180/s",
        "Nov 18, 2025, 14:15:03 to 2025-11-18 14:23 PST, 2025-11-18T14:23:05.123Z, 18.11.2025, 11/18/2025",
        "week 2015-W21, 2015-05-18/2015-05-25, 03:00–03:02",
        "release v1.2.3.4 of 1.0.0, react@18.2.0, Python 3.11.7",
        "T-123, INC-2025-001, F12, G3, sprint 4, #17",
        "GET /users/:id answered 500, POST /auth/login 401, HTTP/1.1, /api/v2/health",
        "/blog/2015/05/18/geekery.html and /images/logo-1024x768.png",
        "3 pods, 512 MB, 198.5 MB used, $1,234.50, 0.0812345678901234",
        "102 ms per user 3 times, cost_per_user=0.42, active_users=4523, 4,523 users",
        "pod web-1, localhost 127.0.0.1, ::1, 0.0.0.0, std::vector",
        "tokens_in=1200, tokens_out=300, the token expired, password reset via SMS",
        "1431993903 1431993903.5 seconds since 1970, 200 404 500 502",
        "errors in 50 100 200 500 1000 minutes; 100-200-300",
        '{"status": 200, "latency_ms": 1234.5, "path": "/users", "user": null}',
        "the password: it is too long to type; password: don't ask; Password: reset by SMS, 'pwd': null",
        "token: expired, token: 35% of 4096, API key: where do I find it?, secret: v1.2.3, max token: 300 ms",
        "user: cannot log in, per user: 3.50, each user: seen once, session: 300 ms, customer: 1234.50 EUR",
        "Mobile: dark mode, Login: 2FA please, Account: delete it, device: iPhone 12, phone number: please",
        "001 002 003 of 100; 00:15 to 00:30; 1-2-3; 0.0049 170",
    ],
)
def test_numbers_and_names_that_are_not_personal_stay(text: str) -> None:
    assert pseudonyms().hide(text) == text


def test_the_same_person_has_the_same_pseudonym_wherever_met() -> None:
    names = pseudonyms()
    first, second = names.hide("mail from anna@example.com"), names.hide('{"user": "anna@example.com"}')
    assert PSEUDONYM.findall(first) == PSEUDONYM.findall(second)


def test_another_salt_gives_another_pseudonym() -> None:
    other = Pseudonyms(enabled=True, salt=b"another run")
    assert other.hide("anna@example.com") != pseudonyms().hide("anna@example.com")


def test_fields_of_people_are_hidden_wholly_in_records() -> None:
    names = pseudonyms()
    record = {"id": "T-1", "requester": "Anna Schmidt", "user_id": 42, "tags": ["x"], "login": ""}
    hidden = names.hide_value(record)
    assert isinstance(hidden, dict)
    assert (hidden["id"], hidden["tags"], hidden["login"]) == ("T-1", ["x"], "")
    assert PSEUDONYM.fullmatch(str(hidden["requester"]))
    assert PSEUDONYM.fullmatch(str(hidden["user_id"]))
    assert names.reveal(str(hidden["requester"])) == "Anna Schmidt"


def test_a_blanked_text_holds_neither_what_would_be_hidden_nor_a_name_for_it() -> None:
    assert blanked("ask a@b.c@d.e, user 4523: password=hunter22 please") == "ask  , user  : password=  please"


@pytest.mark.parametrize("most", range(9, 44))
def test_a_text_is_cut_before_what_would_be_hidden_and_not_through_it(most: int) -> None:
    text = "mail from anna.kowalska@example.com, key sk-4Kd93jfk2mzQ9911aa!"
    cut = beginning(text, most)
    assert cut in {text[:most], "mail from ", "mail from anna.kowalska@example.com, key "}
    assert not re.search(r"anna|kowalska|example|sk-|4Kd", pseudonyms().hide(cut))


def test_switched_off_it_changes_nothing() -> None:
    off = Pseudonyms(enabled=False, salt=b"")
    assert off.hide("anna@example.com") == "anna@example.com"
    assert off.hide_value({"user": "anna"}) == {"user": "anna"}


# --- properties -------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *'@.:-/ ="1éx',
        *("user", "user_id", "token", "42", "::", "/users/7", "10.0.0.1", "a@b.c", "+49 30 1234567"),
        *("password: ", "token:", "user: ", "account_id: ", "0049 170 1234567", "it is", "\n"),
        *("email-0123456789", "user-abcdef0123", "sk-abcdefghijklmnop"),
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map("".join))


@given(TEXTS)
@example("a@b.c@d.e")
@example("user=a@b.c/10.0.0.1:80")
def test_hiding_twice_is_hiding_once(text: str) -> None:
    names = pseudonyms()
    once = names.hide(text)
    assert names.hide(once) == once


@given(TEXTS)
@example("user-abcdef0123@x.org")
def test_what_was_hidden_is_revealed_whole(text: str) -> None:
    names = pseudonyms()
    assert names.reveal(names.hide(text)) == text


@given(st.emails(), TEXTS, TEXTS)
def test_no_address_of_e_mail_survives(address: str, before: str, after: str) -> None:
    assert address not in pseudonyms().hide(f"{before} {address} {after}")


@given(st.ip_addresses(), st.sampled_from(["{} - -", "from {}, port 80", '"{}"', "ip={}", "[{}]"]))
def test_no_address_of_a_machine_survives(address: IPv4Address | IPv6Address, around: str) -> None:
    assume(not (address.is_loopback or address.is_unspecified))
    assert str(address) not in pseudonyms().hide(around.format(address))


@given(st.integers(0, 10**11), st.sampled_from(["{:,} requests", "{:,} ms", "${:,}", "+{:,}%", "n = {:,}"]))
def test_counts_as_they_are_printed_stay(count: int, around: str) -> None:
    text = around.format(count)
    assert pseudonyms().hide(text) == text


def test_long_runs_of_one_thing_take_time_in_proportion() -> None:
    names = pseudonyms()
    for text in (
        "a" * 20_000,
        "1." * 20_000,
        "a:" * 20_000,
        "1 " * 20_000,
        "a@" * 20_000,
        "/a" * 20_000,
    ):
        started = time.monotonic()
        names.hide(text)
        assert time.monotonic() - started < 3, text[:4]


def test_a_line_of_a_megabyte_takes_time_in_proportion() -> None:
    """A form that goes back and forth over a run takes many seconds where this takes a part of one."""
    names = ("password:", "token:", "user: ", "user_id:", "session:")
    runs = (" ", "'", "!", "a", "1_", "1-", "12 ", "001 ", "token: ", "user: it ")
    length = 1_000_000 // (len(names) * len(runs))
    line = "".join(f" {name}{run * (length // len(run))}" for run in runs for name in names)
    for pattern in PATTERNS:
        started = time.process_time()
        sum(1 for _ in pattern.form.finditer(line))
        assert time.process_time() - started < 2, pattern
