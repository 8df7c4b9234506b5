"""`docs/conformance.md` names every item of the phase-7 specification, and only what exists."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

ITEMS = {
    "OV": 6,
    "MS": 23,
    "IR": 32,
    "PM": 18,
    "AN": 20,
    "PA": 20,
    "CA": 17,
    "DL": 11,
    "SP": 7,
    "HF": 7,
    "SE": 6,
    "SM": 9,
    "CI": 6,
}
"""How many items each part of the specification has."""

KINDS = {"R": 32, "I": 6, "F": 77, "W": 28, "C": 17, "D": 11, "G": 2, "M": 9}
"""How many there are of each kind."""

ROW = re.compile(r"^\| ([A-Z]{2}-\d+) \|(.*)\|$", re.M)
NAMED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Item:
    """One row of the table; `where` is "not yet: reason" for what is not done."""

    id: str
    kind: str
    what: str
    where: str
    shown_by: str

    @property
    def done(self) -> bool:
        """Whether the row names code and a test instead of a reason."""
        return not self.where.startswith("not yet")


@pytest.fixture(scope="module")
def items(root: Path) -> list[Item]:
    text = (root / "docs" / "conformance.md").read_text(encoding="utf-8")
    return [Item(row[1], *(cell.strip() for cell in row[2].split("|"))) for row in ROW.finditer(text)]


def missing(root: Path, reference: str) -> bool:
    """Whether a `path` or `path::name` points at nothing; a name is a definition at the file's left edge."""
    path, _, name = reference.partition("::")
    if not (root / path).is_file():
        return True
    defined = rf"^(?:(?:async )?def|class) {re.escape(name)}\b|^{re.escape(name)}\b.*="
    return bool(name) and not re.search(defined, (root / path).read_text(encoding="utf-8"), re.M)


def test_every_item_is_listed_once(items: list[Item]) -> None:
    expected = [f"{part}-{number:02d}" for part, count in ITEMS.items() for number in range(1, count + 1)]
    assert len(expected) == 182
    assert [item.id for item in items] == expected


def test_items_are_of_the_specifications_kinds(items: list[Item]) -> None:
    assert Counter(item.kind for item in items) == KINDS


def test_an_item_is_done_with_code_and_test_or_says_why_not(items: list[Item]) -> None:
    for item in items:
        if item.done:
            assert NAMED.search(item.where), f"{item.id} names no code"
            assert NAMED.search(item.shown_by), f"{item.id} names no test"
        else:
            assert re.match(r"not yet: \w", item.where), f"{item.id} gives no reason"
            assert item.shown_by == "–", f"{item.id} is not done and yet shown"


def test_code_that_is_named_exists(root: Path, items: list[Item]) -> None:
    named = [(item.id, reference) for item in items for reference in NAMED.findall(item.where)]
    assert [(item, reference) for item, reference in named if missing(root, reference)] == []


def test_tests_that_are_named_exist(root: Path, items: list[Item]) -> None:
    named = [(item.id, reference) for item in items for reference in NAMED.findall(item.shown_by)]
    assert [reference for _, reference in named if not re.match(r"tests/.+\.py::test_\w+$", reference)] == []
    assert [(item, reference) for item, reference in named if missing(root, reference)] == []


def test_how_many_are_done_is_printed(items: list[Item], capsys: pytest.CaptureFixture[str]) -> None:
    done = Counter(item.id[:2] for item in items if item.done)
    parts = ", ".join(f"{part} {done[part]}/{count}" for part, count in ITEMS.items())
    with capsys.disabled():
        print(f"\nphase-7 specification: {done.total()} of {sum(ITEMS.values())} items done ({parts})")
    assert done.total() > 0
