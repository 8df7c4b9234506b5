"""Whom the page turns away: forged, expired and others' links, other sites' forms, too many requests."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from postlaunch.ledger.link_tokens import claims_for, signed
from postlaunch.listen.limits import RateLimit
from postlaunch.listen.serving import HEADERS, is_loopback
from postlaunch.settings_notify import Listen

if TYPE_CHECKING:
    from conftest import Place, Served

PERSON = "User"


def test_a_link_of_another_key_a_changed_one_and_none_show_nothing(place: Place) -> None:
    request = place.request
    forged = signed(claims_for(request, PERSON), b"another key of sufficient length")
    with place.browser() as browser:
        answers = [
            browser.get(path) for path in (f"/decide/{forged}", f"{place.link()}x", "/decide/", "/decide/x.y")
        ]
    for answer in answers:
        assert answer.status_code == 403
        assert "not genuine" in answer.text
        assert request.id not in answer.text


@pytest.mark.parametrize("path", ["/", "/decide", "/decide/a/b", "/../etc/passwd", "/favicon.ico"])
def test_there_is_nothing_else(place: Place, path: str) -> None:
    with place.browser() as browser:
        assert browser.get(path).status_code == 404


def test_an_expired_link_shows_nothing_and_decides_nothing(place: Place) -> None:
    link = place.link()
    with place.browser() as browser:
        form = place.filled_in(browser.get(link).text, "approve")
        place.clock.forward(days=14)
        assert browser.get(link).status_code == 403
        assert browser.post(link, data=form).status_code == 403
    assert place.ledger.decisions() == ()


def test_a_link_for_another_proposal_or_request_is_refused(place: Place) -> None:
    with place.browser() as browser:
        for changed in ({"digest": "0" * 64}, {"request": "R00000000"}, {"request": place.request.id[:4]}):
            assert browser.get(place.link(**changed)).status_code == 403


def test_who_may_not_decide_has_no_use_for_a_link(place: Place) -> None:
    with place.browser() as browser:
        page = browser.get(place.link(person="mallory"))
    assert page.status_code == 410
    assert "mallory may not decide" in page.text


def test_a_closed_request_is_said_to_be(place: Place) -> None:
    link = place.link()
    place.ledger.cancel_run(place.request.run, by=PERSON, reason="not now")
    with place.browser() as browser:
        assert "was closed: run" in browser.get(link).text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain"},
    ],
)
def test_another_sites_form_is_refused(place: Place, headers: dict[str, str]) -> None:
    link = place.link()
    with place.browser() as browser:
        form = place.filled_in(browser.get(link).text, "approve")
        answer = browser.post(link, data=form, headers=headers)
    assert answer.status_code in (403, 415)
    assert place.ledger.decisions() == ()


def test_a_form_without_its_pages_cookie_or_token_is_refused(place: Place) -> None:
    link = place.link()
    with place.browser() as browser, place.browser() as other:
        page = browser.get(link).text
        assert other.post(link, data=place.filled_in(page, "approve")).status_code == 403
        assert browser.post(link, data=place.filled_in(page, "approve", token="0" * 64)).status_code == 403
        assert browser.post(place.link(), data=place.filled_in(page, "approve")).status_code == 403
    assert place.ledger.decisions() == ()


def test_a_request_under_another_name_is_refused(place: Place) -> None:
    with place.browser() as browser:
        assert browser.get(place.link(), headers={"Host": "evil.example"}).status_code == 421


def test_the_public_name_is_known_and_its_cookie_is_for_tls_alone(serve: Served) -> None:
    place = serve(listen=Listen(url="https://decide.example.org"))
    public = {"Host": "decide.example.org", "Origin": "https://decide.example.org"}
    link = place.link()
    with place.browser() as browser:
        page = browser.get(link, headers=public)
        cookie = page.headers["Set-Cookie"]
        sent = {**public, "Cookie": cookie.split(";")[0]}
        done = browser.post(link, data=place.filled_in(page.text, "reject"), headers=sent)
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    assert done.status_code == 303


def test_every_answer_carries_the_headers_that_keep_it_to_itself(place: Place) -> None:
    with place.browser() as browser:
        answers = [browser.get(path) for path in (place.link(), "/listen.css", "/nothing", "/decide/x")]
        answers.append(browser.post(place.link(), data={"action": "approve"}))
        answers.append(browser.request("DELETE", place.link()))
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)
        assert "Python" not in answer.headers["Server"]
    assert answers[-1].status_code == 501


def test_large_and_broken_forms_are_refused(place: Place) -> None:
    link = place.link()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with place.browser() as browser:
        browser.get(link)
        assert browser.post(link, content=b"a=" + b"x" * 70_000, headers=form).status_code == 413
        assert browser.post(link, content=b"&&&", headers=form).status_code == 400
        assert browser.post(link, content="a=é".encode(), headers=form).status_code == 400
        assert browser.post(link, data={"action": "commit everything"}).status_code == 400
    assert place.ledger.decisions() == ()


def test_a_form_of_unknown_length_is_refused(place: Place) -> None:
    head = (
        f"POST {place.link()} HTTP/1.1\r\nHost: 127.0.0.1:{place.site.port}\r\nOrigin: {place.base}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", place.site.port)) as plain:
        plain.sendall(head.encode())
        assert b" 411 " in plain.recv(200)


def test_who_asks_too_often_waits(place: Place) -> None:
    link = place.link()
    with place.browser() as browser:
        answers = [browser.get(link).status_code for _ in range(70)]
        assert answers.count(200) == 60
        assert set(answers[60:]) == {429}
        place.seconds[0] += 2
        assert browser.get(link).status_code == 200


def test_trying_links_out_ends_soon(place: Place) -> None:
    with place.browser() as browser:
        answers = [browser.get(f"/decide/guess{number}.x").status_code for number in range(20)]
    assert answers.count(403) < 10
    assert answers[-1] == 429


def test_each_address_has_permits_of_its_own_and_the_oldest_is_forgotten() -> None:
    limit = RateLimit(2, 0, lambda: 0.0, addresses=2)
    assert [limit.allows("a"), limit.allows("a"), limit.allows("a"), limit.allows("b")] == [
        True,
        True,
        False,
        True,
    ]
    limit.allows("c")
    assert limit.allows("a")


@pytest.mark.parametrize(
    ("address", "here"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.9.9.9", True), ("0.0.0.0", False),
     ("::", False), ("10.0.0.5", False), ("decide.example.org", False)],
)  # fmt: skip
def test_only_this_machine_is_loopback(address: str, here: bool) -> None:
    assert is_loopback(address) is here
