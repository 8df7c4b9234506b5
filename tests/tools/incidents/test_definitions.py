"""Every figure about an incident is explained to people as it is to programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlaunch.facts import Definition
from postlaunch.tools import definitions_requests
from postlaunch.tools.definitions_incidents import DEFINITIONS


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_a_definition_stands_in_the_document_word_for_word(root: Path, definition: Definition) -> None:
    row = f"| `{definition.name}` | {definition.title} | {definition.unit} | {definition.statement} |"
    assert row in (root / "docs" / "definitions.md").read_text(encoding="utf-8").splitlines()


def test_no_two_definitions_share_a_name() -> None:
    others = [one for one in vars(definitions_requests).values() if isinstance(one, Definition)]
    names = [definition.name for definition in (*DEFINITIONS, *others)]
    assert len(names) == len(set(names))


def test_none_is_missing_from_the_list() -> None:
    from postlaunch.tools import definitions_incidents as module

    stated = {one.name for one in vars(module).values() if isinstance(one, Definition)}
    assert stated <= {definition.name for definition in DEFINITIONS}
