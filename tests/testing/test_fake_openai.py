"""The fake server does what it is told, for any client."""

from __future__ import annotations

import json
import subprocess
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

import postlaunch.testing
from postlaunch.testing import Answer, FakeOpenAI, Status
from postlaunch.testing.fake_openai import Received


def post(
    server: FakeOpenAI, path: str = "/v1/chat/completions", **body: object
) -> tuple[int, dict[str, object]]:
    address = urlsplit(server.base_url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=5)
    try:
        connection.request("POST", path, json.dumps(body), {"Authorization": "Bearer x"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_behaviours_are_used_in_order_and_then_the_script_is_at_its_end() -> None:
    with FakeOpenAI(Answer("one"), Status(429)) as server:
        assert [post(server)[0] for _ in range(3)] == [200, 429, 500]


def test_requests_are_kept_with_headers_and_body() -> None:
    with FakeOpenAI(Answer("one")) as server:
        post(server, model="m", messages=[{"role": "user", "content": "hi"}])
    (received,) = server.received
    assert (received.headers["authorization"], received.prompt, received.body["model"]) == (
        "Bearer x",
        "hi",
        "m",
    )
    assert server.connections == 1


def test_a_behaviour_may_be_chosen_for_a_request() -> None:
    def echo(received: Received) -> Answer:
        return Answer(received.prompt.upper())

    with FakeOpenAI(otherwise=echo) as server:
        body = post(server, messages=[{"role": "user", "content": "hi"}])[1]
    assert '"content": "HI"' in json.dumps(body)


def test_unknown_fields_are_refused_without_using_up_the_script() -> None:
    with FakeOpenAI(Answer("one"), refuses=["tools"]) as server:
        assert [post(server, tools=[])[0], post(server)[0]] == [400, 200]


def test_another_path_is_not_found() -> None:
    with FakeOpenAI(Answer("one")) as server:
        assert post(server, "/chat")[0] == 404
    assert server.requests == 0


def test_a_server_that_does_not_listen_refuses_connections() -> None:
    with FakeOpenAI(listening=False) as server, pytest.raises(ConnectionRefusedError):
        post(server)


def test_every_public_fake_can_be_had_from_the_package() -> None:
    for name in postlaunch.testing.__all__:
        assert getattr(postlaunch.testing, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        postlaunch.testing.nothing  # noqa: B018


def test_importing_the_package_imports_no_fake() -> None:
    code = "import sys, postlaunch.testing; print([n for n in sys.modules if n.startswith('langchain')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
