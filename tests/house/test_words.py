"""The repository speaks of the project alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEXT = {".py", ".md", ".toml", ".sql", ".j2", ".css", ".json", ".yaml", ".yml", ".lock", ".txt", ""}
NOT_OURS = {".git", ".hypothesis", ".postlaunch", ".venv", "build", "demo", "dist"}

FOREIGN = {
    "a path of one machine": r"(?<![\w.])/(work|root|tmp/pl)/",
    "the number of a task": r"\b[Ii]ssue \d+",
    "who wrote it, or with what": r"\b(this session|helper session|as an AI|language assistant)\b",
    "the specification by a nickname": r"\b[Tt]he seed('s| prints| says| states| lets| asks)\b",
    "work left undone": r"\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b",
}


def texts(root: Path) -> list[Path]:
    """Every text file that the project wrote."""
    own = [
        path
        for path in sorted(root.rglob("*"))
        if not NOT_OURS.intersection(path.relative_to(root).parts)
        and not any(part.endswith(("_cache", "__pycache__", ".egg-info")) for part in path.parts)
    ]
    return [path for path in own if path.is_file() and not path.is_symlink() and path.suffix in TEXT]


@pytest.mark.parametrize("what", list(FOREIGN))
def test_no_text_names(root: Path, what: str) -> None:
    pattern = re.compile(FOREIGN[what])
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in texts(root)
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []
