"""The page in a real browser, on a phone and on a desktop: nothing refused, nothing wider than the screen."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Place

pytestmark = pytest.mark.browser

ENDS = b"\x00\x00\x00\x00IEND\xaeB`\x82"


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser, or a skip that says what is missing."""
    found = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    return found


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_drawn_whole_and_the_console_is_silent(
    chromium: str, place: Place, tmp_path: Path, width: int
) -> None:
    picture = tmp_path / "page.png"
    done = subprocess.run(
        [
            chromium,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr",
            f"--window-size={width},2600",
            f"--screenshot={picture}",
            f"{place.base}{place.link()}",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert picture.read_bytes().endswith(ENDS)
    assert place.ledger.decisions() == ()
