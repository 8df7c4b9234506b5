"""docs/sources.md is true: its examples open without a row left out, and it names every field and alias."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.settings_sources import (
    EventSource,
    FeatureRequestSource,
    FilesSource,
    PlanSource,
    RequestSource,
    Sources,
    TableSource,
)
from postlaunch.sources import (
    alerts,
    app_logs,
    candidates,
    changes,
    competitors,
    costs,
    event_formats,
    feature_requests,
    log_formats,
    resources,
    tickets,
    vulnerabilities,
)
from postlaunch.sources.launch import LaunchRecord
from postlaunch.sources.opening import OPENERS, close_sources

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## `(\w+)`: .*?\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```(\w+)( document)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENDINGS = {"json": ".jsonl", "csv": ".csv", "yaml": ".yaml", "text": ".log"}

SECTIONS: dict[str, str] = dict(SECTION.findall(PAGE))
EXAMPLES = [
    (name, ".json" if document else ENDINGS[language], content)
    for name, text in SECTIONS.items()
    for language, document, content in FENCE.findall(text)
    if language != "toml"
]
TABLES: dict[str, type[Any]] = {"feature_requests": FeatureRequestSource, "tracking_plan": PlanSource}
"""Sources of one file whose settings are more than its path."""
SETTINGS: dict[str, type[Any]] = {
    "requests": RequestSource,
    "events": EventSource,
    "resources": FilesSource,
    "logs": FilesSource,
}
ALIASES = {
    "requests": log_formats.ALIASES,
    "events": event_formats.FIELD_ALIASES,
    "resources": resources.ALIASES,
    "logs": app_logs.ALIASES,
    "changes": changes.ALIASES,
    "alerts": alerts.ALIASES,
    "costs": costs.ALIASES,
    "vulnerabilities": vulnerabilities.ALIASES,
    "competitors": competitors.ALIASES,
    "tickets": tickets.ALIASES,
    "feature_requests": feature_requests.KIND.aliases,
}
NOW = datetime(2025, 11, 25, tzinfo=UTC)


def test_every_source_of_the_settings_has_its_section() -> None:
    assert set(SECTIONS) == set(Sources.model_fields)


def test_every_section_shows_a_row() -> None:
    assert {name for name, _, _ in EXAMPLES} == set(SECTIONS)


@pytest.mark.parametrize(("source", "ending", "content"), EXAMPLES, ids=lambda value: str(value)[:15].strip())
def test_an_example_opens_and_no_row_of_it_is_left_out(
    tmp_path: Path, source: str, ending: str, content: str
) -> None:
    (tmp_path / f"example{ending}").write_text(content, encoding="utf-8")
    named = (
        SETTINGS[source](paths=(f"example{ending}",))
        if source in SETTINGS
        else TABLES.get(source, TableSource)(path=f"example{ending}")
    )
    opened: Any = OPENERS[source](Settings(folder=tmp_path, sources=Sources(**{source: named})), lambda: NOW)
    close_sources({source: opened})
    if source in SETTINGS:
        assert opened.coverage.recorded == len(content.splitlines()) - (ending == ".csv")
        assert not opened.coverage.rejected_by_reason
    else:
        assert not getattr(opened, "rejected", ())
        assert "is not read" not in str(getattr(opened, "notes", ()))


def test_the_launch_record_shows_every_part() -> None:
    example = next(content for name, _, content in EXAMPLES if name == "launch")
    shown = set(re.findall(r"^(\w+):", example, re.MULTILINE))
    assert shown == set(LaunchRecord.model_fields)


@pytest.mark.parametrize("source", ALIASES)
def test_every_field_and_every_name_it_is_found_under_is_listed(source: str) -> None:
    rows = re.findall(r"^\| `([^`]+)` \|[^|]*\|(.*)\|$", SECTIONS[source], re.MULTILINE)
    listed = {field: re.findall(r"`([^`]+)`", names) for field, names in rows}
    in_code = {
        field: [name for name in names if name != field]
        for field, names in ALIASES[source].items()
        if source != "competitors" or field.rpartition("_")[0] not in competitors.CLAIMS
    }
    assert listed == in_code


def test_the_fields_of_candidates_that_the_page_names_exist() -> None:
    named = re.findall(r"`(\w+)`", FENCE.sub("", SECTIONS["candidates"]))
    assert named
    assert set(named) <= set(candidates.ALIASES)


@pytest.mark.parametrize("snippet", re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
def test_the_settings_shown_can_be_read(tmp_path: Path, snippet: str) -> None:
    (tmp_path / "postlaunch.toml").write_text(snippet, encoding="utf-8")
    sources = load_settings(tmp_path / "postlaunch.toml", environment={}).sources
    named = set(re.findall(r"^\[sources\.(\w+)", snippet, re.MULTILINE))
    assert named
    assert named == {name for name in Sources.model_fields if getattr(sources, name) is not None}
