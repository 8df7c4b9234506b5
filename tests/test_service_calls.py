"""Asking an outside service: an answer that drips is given up when its time is over."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from postlaunch.service_calls import answering, body_of

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Dripping:
    """A server that says something at once, and then a byte every hundredth of a second until stopped."""

    def __init__(self) -> None:
        self.at_once = b""
        self.stopped = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        self._serving = threading.Thread(target=self._serve)
        self._serving.start()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection:
            connection.recv(65536)
            try:
                connection.sendall(self.at_once)
                while not self.stopped.wait(0.01):
                    connection.sendall(b"a")
            except OSError:
                return

    def stop(self) -> None:
        self.stopped.set()
        self._serving.join()
        self._listening.close()


@pytest.fixture
def server() -> Iterator[Dripping]:
    made = Dripping()
    yield made
    made.stop()


@pytest.mark.parametrize("at_once", [b"HTTP/1.1 200 OK\r\nX-Drip: ", HEAD], ids=["head", "body"])
def test_an_answer_that_drips_is_given_up_in_time(server: Dripping, at_once: bytes) -> None:
    server.at_once = at_once
    with (
        pytest.raises(httpx.TimeoutException, match=r"no whole answer within 0\.2 s"),
        answering("GET", server.address, seconds=20, whole_seconds=0.2) as answer,
    ):
        body_of(answer, 10_000, "it")


def test_a_whole_answer_is_read(server: Dripping) -> None:
    server.at_once = WHOLE
    with answering("GET", server.address, seconds=20, whole_seconds=20) as answer:
        assert (answer.status_code, body_of(answer, 10, "it")) == (200, b"ok")
