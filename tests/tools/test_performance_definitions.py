"""Every figure on performance, capacity and cost is explained to people as it is to programs."""

from __future__ import annotations

from pathlib import Path

import pytest

import postlaunch.tools.performance  # registers the measurements  # noqa: F401
from postlaunch.facts import Definition
from postlaunch.tools import definitions_capacity, definitions_performance
from postlaunch.tools.measurement import REGISTRY

DEFINITIONS = [
    value
    for module in (definitions_performance, definitions_capacity)
    for value in vars(module).values()
    if isinstance(value, Definition)
]
MEASUREMENTS = (
    "response_times_by_week",
    "response_times_by_day",
    "response_time_trend",
    "endpoint_load",
    "endpoint_changes",
    "traffic_growth",
    "load_by_hour_of_day",
    "pods_running",
    "use_by_hour_of_day",
    "costs_by_service",
    "changes_recorded",
)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_a_definition_stands_in_the_document_word_for_word(root: Path, definition: Definition) -> None:
    row = f"| `{definition.name}` | {definition.title} | {definition.unit} | {definition.statement} |"
    assert row in (root / "docs" / "definitions.md").read_text(encoding="utf-8").splitlines()


def test_no_two_definitions_share_a_name() -> None:
    names = [definition.name for definition in DEFINITIONS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_the_document_names_the_measurement(root: Path, name: str) -> None:
    assert name in REGISTRY.entries
    assert f"`{name}`" in (root / "docs" / "definitions.md").read_text(encoding="utf-8")
