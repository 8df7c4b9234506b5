"""A seat at a fake server, with waits that are recorded instead of waited."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from postlaunch.llm.seat import ModelSeat, seat_for
from postlaunch.settings import Budget, ModelSettings, Settings
from postlaunch.testing import FakeOpenAI, MemoryRecorder


@pytest.fixture
def recorder() -> MemoryRecorder:
    return MemoryRecorder()


@pytest.fixture
def waits() -> list[float]:
    """Seconds that a seat waited between attempts."""
    return []


@pytest.fixture
def seat_at(recorder: MemoryRecorder, waits: list[float]) -> Callable[..., ModelSeat]:
    """Makes a seat at a fake server; no jitter, no real waiting."""

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    def make(
        server: FakeOpenAI,
        *,
        environment: dict[str, str] | None = None,
        budget: Budget | None = None,
        **model: object,
    ) -> ModelSeat:
        values = {"name": "fake", "base_url": server.base_url, "timeout_seconds": 5, **model}
        settings = Settings(model=ModelSettings.model_validate(values), budget=budget or Budget())
        seat = seat_for(settings, environment or {}, recorder, salt=b"tests", pause=pause, jitter=lambda: 0.0)
        assert seat is not None
        return seat

    return make
