"""Every Python example of docs/python.md runs, on a folder with the embedded sample's settings."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Samples

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "python.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="session")
def small_sample(samples: Samples) -> Path:
    return samples.of(0.02).folder


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_example_runs_as_it_stands(number: int, small_sample: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(small_sample, folder)
    (folder / "example.py").write_text(EXAMPLES[number], encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-W", "error", "example.py"], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr


def test_the_guide_has_examples() -> None:
    assert len(EXAMPLES) >= 4
