"""Every figure of product analytics is explained to people as it is to programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlaunch.facts import Definition
from postlaunch.tools import (
    analytics,
    definitions_analytics,
    definitions_experiments,
    definitions_tracking,
)
from postlaunch.tools.definitions_analytics import on_day_retention, unbounded_retention
from postlaunch.tools.measurement import REGISTRY

DEFINITIONS = [
    *(
        value
        for module in (definitions_analytics, definitions_experiments, definitions_tracking)
        for value in vars(module).values()
        if isinstance(value, Definition)
    ),
    *(retention(days) for days in (1, 7, 30) for retention in (on_day_retention, unbounded_retention)),
]


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_a_definition_stands_in_the_document_word_for_word(root: Path, definition: Definition) -> None:
    row = f"| `{definition.name}` | {definition.title} | {definition.unit} | {definition.statement} |"
    assert row in (root / "docs" / "definitions.md").read_text(encoding="utf-8").splitlines()


def test_no_two_definitions_share_a_name() -> None:
    names = [definition.name for definition in DEFINITIONS]
    assert len(names) == len(set(names))


def test_every_measurement_of_events_is_named_in_the_document(root: Path) -> None:
    assert analytics.__doc__
    text = (root / "docs" / "definitions.md").read_text(encoding="utf-8")
    names = [entry.name for entry in REGISTRY.entries.values() if entry.source == "events"]
    assert names
    assert [name for name in names if f"`{name}`" not in text] == []
