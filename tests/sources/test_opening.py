"""Every source of the settings has its opener; one that fails leaves the others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from postlaunch.errors import SourceError
from postlaunch.settings import Settings
from postlaunch.settings_sources import FilesSource, Sources, TableSource
from postlaunch.sources.opening import OPENERS, BrokenSource, close_sources, open_sources

LATER = datetime(2025, 12, 1, tzinfo=UTC)


def test_there_is_an_opener_for_every_source_of_the_settings() -> None:
    assert set(OPENERS) == set(Sources.model_fields)


def test_a_source_that_is_not_configured_is_not_there() -> None:
    assert open_sources(Settings(), lambda: LATER) == {}


def test_one_that_fails_leaves_the_others_and_says_why_when_it_is_asked(tmp_path: Path) -> None:
    (tmp_path / "changes.csv").write_text("at,title\n2025-11-18,v1\n", encoding="utf-8")
    (tmp_path / "logs.jsonl").write_text("nonsense", encoding="utf-8")
    settings = Settings(
        folder=tmp_path,
        sources=Sources(changes=TableSource(path="changes.csv"), logs=FilesSource(paths="logs.jsonl")),
    )
    sources = open_sources(settings, lambda: LATER)
    assert list(sources) == ["logs", "changes"]
    assert sources["changes"].fingerprint
    assert isinstance(sources["logs"], BrokenSource)
    with pytest.raises(SourceError, match="no row of"):
        assert sources["logs"].fingerprint
    close_sources(sources)


def test_closing_ends_the_queries_of_staged_rows(tmp_path: Path) -> None:
    row = '{"time": "2025-11-18T12:00:00Z", "memory": 1}\n'
    (tmp_path / "r.jsonl").write_text(row, encoding="utf-8")
    settings = Settings(folder=tmp_path, sources=Sources(resources=FilesSource(paths="r.jsonl")))
    sources = open_sources(settings, lambda: LATER)
    close_sources(sources)
    with pytest.raises(duckdb.ConnectionException):
        sources["resources"].cursor()
