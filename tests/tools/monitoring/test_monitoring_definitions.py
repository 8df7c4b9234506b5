"""Every figure of resources, logs, anomalies and the launch is explained to people as it is to programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlaunch.facts import Definition
from postlaunch.tools import action_items, definitions_anomalies, definitions_launch, definitions_logs
from postlaunch.tools.definitions_resources import OF_THE_APPLICATION, RESOURCES

DEFINITIONS = (
    *OF_THE_APPLICATION,
    *(definition for resource in RESOURCES for definition in resource.all),
    *definitions_logs.OF_LOGS,
    *action_items.OF_ACTION_ITEMS,
    definitions_anomalies.HOURS_JUDGED,
    definitions_anomalies.UNUSUAL_HOURS,
    *definitions_anomalies.OF_REQUESTS,
    *definitions_launch.OF_THE_LAUNCH,
)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_a_definition_stands_in_the_document_word_for_word(root: Path, definition: Definition) -> None:
    row = f"| `{definition.name}` | {definition.title} | {definition.unit} | {definition.statement} |"
    assert row in (root / "docs" / "definitions.md").read_text(encoding="utf-8").splitlines()


def test_none_is_forgotten_and_no_two_share_a_name() -> None:
    names = [definition.name for definition in DEFINITIONS]
    assert len(names) == len(set(names))
    for module in (action_items, definitions_anomalies, definitions_launch, definitions_logs):
        stated = {value.name for value in vars(module).values() if isinstance(value, Definition)}
        assert stated <= set(names)
