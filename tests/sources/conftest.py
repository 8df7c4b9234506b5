"""Opens small tables and records from what a test writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import Sources, TableSource
from postlaunch.sources.opening import OPENERS

LATER = datetime(2025, 12, 1, tzinfo=UTC)

OpenTable = Callable[..., Any]


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
