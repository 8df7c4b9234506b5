"""The documents name what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PATH = re.compile(r"`((?:src|agents|evals|graphs|prompts|tests|tools|typings|docs|\.ci)/[\w./-]*)`")


@pytest.mark.parametrize("document", ["docs/architecture.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_path_that_a_document_names_exists(root: Path, document: str) -> None:
    named = PATH.findall((root / document).read_text(encoding="utf-8"))
    assert [path for path in named if not (root / path).exists()] == []


def test_the_architecture_shows_every_room(root: Path) -> None:
    text = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [path for path in (root / "src" / "postlaunch").iterdir() if (path / "__init__.py").is_file()]
    assert [path.name for path in rooms if f"`src/postlaunch/{path.name}/`" not in text] == []
