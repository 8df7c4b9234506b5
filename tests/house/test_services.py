"""In CI a test that needs a service fails where it would skip elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SKIPS_FOR_LACK = """
import pytest

@pytest.mark.browser
def test_page():
    pytest.skip("no Chromium")
"""
SKIPS_FOR_ANOTHER_REASON = """
import pytest

def test_real_data():
    pytest.skip("no real data")
"""
EXPECTED_FAILURE = """
import pytest

@pytest.mark.crash
@pytest.mark.xfail(reason="known")
def test_known():
    assert False
"""
SKIPS_THE_MODULE = """
import pytest

pytest.importorskip("a_module_that_nobody_has")
"""


def run(folder: Path, root: Path, test: str, *, required: bool) -> subprocess.CompletedProcess[str]:
    shutil.copy(root / "tests" / "conftest.py", folder / "conftest.py")
    (folder / "test_one.py").write_text(test, encoding="utf-8")
    markers = "\n".join(f"    {name}: a service" for name in ("browser", "crash", "local_model"))
    (folder / "pytest.ini").write_text(f"[pytest]\nmarkers =\n{markers}\n", encoding="utf-8")
    environment = dict(os.environ) | {"POSTLAUNCH_REQUIRE_SERVICES": "1" if required else "0"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("test", "reason"), [(SKIPS_FOR_LACK, "no Chromium"), (SKIPS_THE_MODULE, "a_module_that_nobody_has")]
)
def test_a_missing_service_fails_where_services_are_required(
    tmp_path: Path, root: Path, test: str, reason: str
) -> None:
    outcome = run(tmp_path, root, test, required=True)
    assert outcome.returncode != 0
    assert reason in outcome.stdout
    assert "required" in outcome.stdout


@pytest.mark.parametrize("test", [SKIPS_FOR_ANOTHER_REASON, EXPECTED_FAILURE])
def test_other_skips_stay_skips_where_services_are_required(tmp_path: Path, root: Path, test: str) -> None:
    assert run(tmp_path, root, test, required=True).returncode == 0


def test_a_missing_service_skips_where_services_are_not_required(tmp_path: Path, root: Path) -> None:
    outcome = run(tmp_path, root, SKIPS_FOR_LACK, required=False)
    assert outcome.returncode == 0
    assert "1 skipped" in outcome.stdout
