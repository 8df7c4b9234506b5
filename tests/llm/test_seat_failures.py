"""Whatever a server does, a run sees an answer or a `ModelError` in plain words. Over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate

import pytest
from langchain_core.messages import HumanMessage

from postlaunch.errors import BudgetExceeded, ModelError
from postlaunch.llm.seat import BrokenSeat, ModelSeat, seat_or_reason
from postlaunch.llm.usage import Usage
from postlaunch.settings import Budget, ModelSettings, Settings
from postlaunch.testing import Answer, FakeOpenAI, MemoryRecorder, Status
from postlaunch.testing.fake_openai import Body, CutOff, HangUp, Huge, Slow, Trickle

SeatAt = Callable[..., ModelSeat]
QUESTION = [HumanMessage("How was the week?")]


async def test_a_good_answer_is_asked_for_once(seat_at: SeatAt) -> None:
    with FakeOpenAI(Answer("calm")) as server:
        answer = await seat_at(server).turn(QUESTION)
    assert (answer.text, server.requests) == ("calm", 1)


async def test_a_server_that_is_down_is_named(seat_at: SeatAt, waits: list[float]) -> None:
    with (
        FakeOpenAI(listening=False) as server,
        pytest.raises(ModelError, match=f"fake at {server.base_url} cannot be reached") as caught,
    ):
        await seat_at(server).turn(QUESTION)
    assert "check that the server runs" in caught.value.remedy
    assert len(waits) == 2


@pytest.mark.parametrize(
    "failure", [HangUp(), CutOff(), CutOff(after=0), Status(500), Status(503), Status(429)]
)
async def test_what_may_pass_is_tried_again(failure: object, seat_at: SeatAt, waits: list[float]) -> None:
    with FakeOpenAI(failure, failure, Answer("calm")) as server:
        answer = await seat_at(server).turn(QUESTION)
    assert (answer.text, server.requests) == ("calm", 3)
    assert waits == [0.25, 0.5]


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (HangUp(), "broke off its answer"),
        (CutOff(), "broke off its answer"),
        (Status(500, "out of memory"), "answered 500: out of memory"),
    ],
)
async def test_attempts_are_bounded(failure: object, said: str, seat_at: SeatAt) -> None:
    with FakeOpenAI(otherwise=failure) as server, pytest.raises(ModelError, match=said):
        await seat_at(server, attempts=2).turn(QUESTION)
    assert server.requests == 2


@pytest.mark.parametrize(
    ("failure", "said", "remedy"),
    [
        (Status(401, "bad key"), "answered 401: bad key", "model.api_key_env"),
        (Status(403, "not for you"), "answered 403", "model.api_key_env"),
        (Status(404, "no such model"), "answered 404: no such model", "model.name"),
        (Status(400, "too odd"), "answered 400: too odd", "accept this request"),
        (Status(429, "no credit", code="insufficient_quota"), "answered 429", "no credit left"),
        (Status(400, "too long", code="context_length_exceeded"), "answered 400", "longer context"),
        (Body(), "cannot be read", "/v1"),
        (Body(b"<html>Welcome</html>", "text/html"), "cannot be read", "/v1"),
        (Body(b'{"hello": 1}'), "cannot be read", "/v1"),
        (Body(b'{"choices": null}'), "cannot be read", "/v1"),
        (Body(b'{"choices": []}'), "cannot be read", "/v1"),
        (Body(b"[]"), "cannot be read", "/v1"),
        (Body(b""), "cannot be read", "/v1"),
    ],
)
async def test_what_will_not_pass_is_not_tried_again(
    failure: object, said: str, remedy: str, seat_at: SeatAt
) -> None:
    with FakeOpenAI(otherwise=failure) as server, pytest.raises(ModelError, match=said) as caught:
        await seat_at(server).turn(QUESTION)
    assert server.requests == 1
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("silence", [Slow(30), Trickle()])
async def test_a_slow_server_is_left_after_the_timeout(silence: object, seat_at: SeatAt) -> None:
    with FakeOpenAI(otherwise=silence) as server:
        started = time.monotonic()
        with pytest.raises(ModelError, match=r"did not answer within 0\.3 s"):
            await seat_at(server, timeout_seconds=0.3, attempts=1).turn(QUESTION)
    assert time.monotonic() - started < 3


async def test_an_answer_without_end_is_not_read_on(seat_at: SeatAt) -> None:
    with FakeOpenAI(otherwise=Huge()) as server, pytest.raises(ModelError, match="answer without end"):
        await seat_at(server).turn(QUESTION)
    assert server.requests == 1


async def test_a_large_answer_within_bounds_is_read(seat_at: SeatAt) -> None:
    with FakeOpenAI(Answer("x" * 1_000_000)) as server:
        answer = await seat_at(server).turn(QUESTION)
    assert len(answer.text) == 1_000_000


@pytest.mark.parametrize("header", ["7", "7.0"])
async def test_retry_after_is_honoured(header: str, seat_at: SeatAt, waits: list[float]) -> None:
    with FakeOpenAI(Status(429, retry_after=header), Answer("calm")) as server:
        await seat_at(server).turn(QUESTION)
    assert waits == [7.0]


async def test_retry_after_as_a_date_counts_from_the_servers_clock(
    seat_at: SeatAt, waits: list[float]
) -> None:
    in_a_minute = formatdate(time.time() + 60, usegmt=True)
    with FakeOpenAI(Status(503, retry_after=in_a_minute), Answer("calm")) as server:
        await seat_at(server).turn(QUESTION)
    assert waits == [pytest.approx(60, abs=2)]


async def test_nothing_waits_longer_than_the_run_has_time(seat_at: SeatAt, waits: list[float]) -> None:
    with (
        FakeOpenAI(Status(429, retry_after="3600"), Answer("too late")) as server,
        pytest.raises(ModelError, match="answered 429"),
    ):
        await seat_at(server, budget=Budget(seconds=60)).turn(QUESTION)
    assert (server.requests, waits) == (1, [])


async def test_the_end_of_the_runs_time_ends_a_call(seat_at: SeatAt) -> None:
    with (
        FakeOpenAI(otherwise=Slow(30)) as server,
        pytest.raises(BudgetExceeded, match=r"the run's 0\.3 seconds are used up") as caught,
    ):
        await seat_at(server, budget=Budget(seconds=0.3)).turn(QUESTION)
    assert "budget.seconds" in caught.value.remedy


async def test_a_refusal_of_the_model_is_an_error(seat_at: SeatAt) -> None:
    message = b'{"role":"assistant","refusal":"I will not"}'
    body = b'{"choices":[{"index":0,"finish_reason":"stop","message":%b}]}' % message
    with FakeOpenAI(Body(body)) as server, pytest.raises(ModelError, match="refused to answer: I will not"):
        await seat_at(server).turn(QUESTION)


@pytest.mark.parametrize("address", ["localhost:8080/v1", "ftp://localhost/v1", "http://[/v1", "http:///v1"])
def test_what_is_no_address_is_called_so(address: str, seat_at: SeatAt) -> None:
    with (
        FakeOpenAI() as server,
        pytest.raises(ModelError, match=r"model\.base_url .* is no address") as caught,
    ):
        seat_at(server, base_url=address)
    assert "http://localhost:8080/v1" in caught.value.remedy


async def test_one_seat_serves_one_event_loop_after_another(seat_at: SeatAt) -> None:
    """The synchronous face and notebooks do this; a kept connection would belong to a closed loop."""
    import asyncio

    with FakeOpenAI(otherwise=Answer("calm")) as server:
        seat = seat_at(server)
        for _ in range(2):
            await asyncio.to_thread(lambda: asyncio.run(seat.turn(QUESTION)))
    assert server.requests == 2


async def test_a_time_out_counts_the_prompt_it_sent(seat_at: SeatAt, recorder: MemoryRecorder) -> None:
    with FakeOpenAI(Slow(30), Answer("calm")) as server:
        seat = seat_at(server, timeout_seconds=0.3)
        await seat.turn(QUESTION)
    lost, answered = recorder.of_kind("usage")
    assert (lost.data["tokens_out"], lost.data["estimated"]) == (0, True)
    assert (answered.data["tokens_out"], answered.data["estimated"]) == (20, False)


async def test_a_model_without_its_key_sits_there_and_says_why(recorder: MemoryRecorder) -> None:
    settings = Settings(model=ModelSettings(name="gpt-5"))
    seat = seat_or_reason(settings, {}, recorder, salt=b"s", spent=Usage(tokens_in=70, calls=1))
    assert isinstance(seat, BrokenSeat)
    assert (seat.name, seat.usage.tokens_in) == ("gpt-5", 70)
    for ask in (lambda: seat.turn(QUESTION), lambda: seat.structured(QUESTION, ModelSettings)):
        with pytest.raises(ModelError, match="OPENAI_API_KEY is not set") as caught:
            await ask()
        assert "set OPENAI_API_KEY" in caught.value.remedy


def test_a_run_without_a_model_has_no_seat(recorder: MemoryRecorder) -> None:
    assert seat_or_reason(Settings(), {"OPENAI_API_KEY": "sk-0001"}, recorder, salt=b"s") is None
