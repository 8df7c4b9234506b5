"""Opens small tables and records from what a test writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import EventSource, Sources, TableSource
from postlaunch.sources.events import EventLog, open_events
from postlaunch.sources.opening import OPENERS
from postlaunch.testing.fake_posthog import FakePostHog

LATER = datetime(2025, 12, 1, tzinfo=UTC)

OpenTable = Callable[..., Any]
OpenStore = Callable[..., EventLog]


@pytest.fixture
def open_table(tmp_path: Path) -> OpenTable:
    """Opens the source of a name from objects (one a line), a document (JSON), or a file's text."""

    def opened(
        source: str,
        content: list[dict[str, Any]] | dict[str, Any] | str,
        *,
        name: str = "",
        zone: str = "UTC",
        fields: dict[str, str] | None = None,
    ) -> Any:
        if isinstance(content, list):
            name, text = name or "t.jsonl", "".join(f"{json.dumps(row)}\n" for row in content)
        elif isinstance(content, dict):
            name, text = name or "t.json", json.dumps(content)
        else:
            name, text = name or "t.csv", content
        (tmp_path / name).write_text(text, encoding="utf-8")
        settings = Settings(
            folder=tmp_path,
            application=Application(timezone=zone),
            sources=Sources(**{source: TableSource(path=name, fields=fields or {})}),
        )
        return OPENERS[source](settings, lambda: LATER)

    return opened


@pytest.fixture
def posthog() -> Iterator[FakePostHog]:
    """A PostHog without an event."""
    with FakePostHog() as server:
        yield server


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[OpenStore]:
    """Opens events of a store: `open_store(posthog={...}, key="...")`; the rest goes to `EventSource`."""
    opened: list[EventLog] = []

    def open_it(
        *,
        zone: str = "UTC",
        clock: Callable[[], datetime] = lambda: LATER,
        environment: dict[str, str] | None = None,
        **source: Any,
    ) -> EventLog:
        settings = Settings(
            folder=tmp_path,
            application=Application(timezone=zone),
            sources=Sources(events=EventSource.model_validate(source)),
        )
        key = {"POSTHOG_PERSONAL_API_KEY": "phx_a-personal-key"}
        opened.append(open_events(settings, clock, key if environment is None else environment))
        return opened[-1]

    yield open_it
    for log in opened:
        log.close()
