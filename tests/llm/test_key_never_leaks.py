"""The key is in the request's header, and nowhere else: in no error, traceback, log line or event."""

from __future__ import annotations

import io
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator

import pytest
import structlog
from langchain_core.messages import HumanMessage

from postlaunch.errors import ModelError
from postlaunch.llm.seat import ModelSeat, seat_for
from postlaunch.logs import configure_logging
from postlaunch.settings import Settings
from postlaunch.testing import FakeOpenAI, MemoryRecorder, ScriptedModel, Status
from postlaunch.testing.fake_openai import Body, HangUp, Slow

SeatAt = Callable[..., ModelSeat]
KEY = "gw-3f1c0ffee5ecre7"
ENVIRONMENT = {"GATEWAY_KEY": KEY}
QUESTION = [HumanMessage("How was the week?")]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that anyone logs at the most talkative level."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging("debug", stream=stream, environment=ENVIRONMENT)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def everything_in(error: BaseException) -> str:
    """The error as any report of it could show it, and all that hangs on it."""
    lines = traceback.TracebackException.from_exception(error, capture_locals=False).format()
    chain = []
    link: BaseException | None = error
    while link is not None:
        chain.append(repr((link, link.args, vars(link))))
        request = getattr(link, "request", None)
        chain.append(repr(getattr(request, "headers", "")) + str(getattr(request, "headers", {})))
        link = link.__cause__ or link.__context__
    return "".join([*lines, *chain])


@pytest.mark.parametrize(
    "failure",
    [
        Status(401, f"Incorrect API key provided: {KEY}. Header was Authorization: Bearer {KEY}"),
        Status(500, f"crashed on {{'Authorization': 'Bearer {KEY}'}}"),
        Status(400, f"bad: {KEY}"),
        Body(f"<html>{KEY}</html>".encode(), "text/html"),
        Body(f'{{"error": "unknown key {KEY}"}}'.encode()),
        HangUp(),
        Slow(30),
    ],
)
async def test_a_failed_call_does_not_show_the_key(
    failure: object, seat_at: SeatAt, recorder: MemoryRecorder, log: io.StringIO
) -> None:
    with FakeOpenAI(otherwise=failure) as server:
        seat = seat_at(
            server, environment=ENVIRONMENT, api_key_env="GATEWAY_KEY", timeout_seconds=0.3, attempts=2
        )
        with pytest.raises(ModelError) as caught:
            await seat.turn(QUESTION)
    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"
    shown = everything_in(caught.value) + caught.value.remedy + log.getvalue() + repr(recorder.events)
    assert KEY not in shown
    assert KEY.encode() not in pickle.dumps(str(caught.value))
    assert KEY not in repr(seat.__dict__)


async def test_an_exception_of_a_chat_model_that_quotes_its_headers_does_not_show_the_key(
    log: io.StringIO,
) -> None:
    class VendorError(Exception):
        """As careless as they come."""

    careless = VendorError(f"POST failed, headers={{'x-api-key': '{KEY}', 'authorization': 'Bearer {KEY}'}}")
    model = ScriptedModel(otherwise=careless)
    seat = seat_for(Settings(), ENVIRONMENT, MemoryRecorder(), model)
    assert seat is not None
    with pytest.raises(ModelError, match="VendorError") as caught:
        await seat.turn(QUESTION)
    assert KEY not in everything_in(caught.value) + log.getvalue()


async def test_the_libraries_underneath_do_not_log_the_key(seat_at: SeatAt, log: io.StringIO) -> None:
    with FakeOpenAI(Status(503), otherwise=Status(401)) as server:
        seat = seat_at(server, environment=ENVIRONMENT, api_key_env="GATEWAY_KEY")
        with pytest.raises(ModelError):
            await seat.turn(QUESTION)
    assert "model call failed, trying again" in log.getvalue()
    assert "openai" in log.getvalue()
    assert KEY not in log.getvalue()
