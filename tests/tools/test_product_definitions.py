"""Every figure about vulnerabilities and competitors is explained to people as it is to programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlaunch.facts import Definition
from postlaunch.tools import definitions_competitors, definitions_security

DEFINITIONS = [
    value
    for module in (definitions_security, definitions_competitors)
    for value in vars(module).values()
    if isinstance(value, Definition)
]


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_a_definition_stands_in_the_document_word_for_word(root: Path, definition: Definition) -> None:
    row = f"| `{definition.name}` | {definition.title} | {definition.unit} | {definition.statement} |"
    assert row in (root / "docs" / "definitions.md").read_text(encoding="utf-8").splitlines()


def test_no_two_definitions_share_a_name() -> None:
    names = [definition.name for definition in DEFINITIONS]
    assert len(names) == len(set(names))
