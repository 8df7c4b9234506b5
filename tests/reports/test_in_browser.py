"""The HTML report in a real browser: no error on the console, and nothing wider than the screen."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from postlaunch.reports.health import ErrorType, HealthReport, SlowEndpoint, TopEndpoint
from postlaunch.reports.html import render_html
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing

pytestmark = pytest.mark.browser

WIDTHS = (390, 1280)
HARNESS = """<!doctype html><title>harness</title>{frames}<pre id="seen"></pre><script>
addEventListener("load", () => {{
  for (const frame of document.querySelectorAll("iframe")) {{
    const page = frame.contentDocument.documentElement;
    const sizes = [frame.width, page.scrollWidth, page.scrollHeight];
    document.getElementById("seen").textContent += sizes.join(":") + " ";
  }}
}});
</script>"""


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser, or a skip that says what is missing."""
    found = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    return found


@pytest.fixture(scope="module")
def seen(
    chromium: str,
    report: HealthReport,
    report_with: Callable[..., HealthReport],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, str]:
    """What a browser makes of a report, and of one with long names: the document, and the browser's log."""
    folder = tmp_path_factory.mktemp("browser")
    reports = (report, long_names(report_with))
    pages = [html.escape(with_appendix_open(each), quote=True) for each in reports]
    frames = "".join(
        f'<iframe width="{width}" height="900" srcdoc="{page}"></iframe>'
        for page in pages
        for width in WIDTHS
    )
    harness = folder / "harness.html"
    harness.write_text(HARNESS.format(frames=frames), encoding="utf-8")
    return _loaded(chromium, harness, folder)


def with_appendix_open(report: HealthReport) -> str:
    """The page as it is when every part of its evidence is unfolded."""
    return render_html(report).replace("<details>", "<details open>")


def long_names(report_with: Callable[..., HealthReport]) -> HealthReport:
    """A report with names that have no place to break."""
    whole = report_with()
    long = "GET /" + "a" * 400
    endpoint = whole.top_endpoints.items[0].model_copy(update={"endpoint": long})
    slow = whole.slowest.items[0].model_copy(update={"endpoint": long})
    error = whole.errors.items[0].model_copy(update={"error": long})
    return report_with(
        application=long,
        top_endpoints=Listing[TopEndpoint](items=(endpoint,)),
        slowest=Listing[SlowEndpoint](items=(slow,)),
        errors=Listing[ErrorType](items=(error,)),
        action=(Sentence(text=long),),
        problems=(long,),
    )


def _loaded(chromium: str, page: Path, folder: Path) -> tuple[str, str]:
    done = subprocess.run(
        [
            chromium,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            f"--user-data-dir={folder / 'profile'}",
            "--enable-logging=stderr",
            "--virtual-time-budget=3000",
            "--window-size=1800,1000",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    return done.stdout, done.stderr


def test_nothing_is_wider_than_the_screen(seen: tuple[str, str]) -> None:
    measured = re.findall(r"(\d+):(\d+):(\d+) ", seen[0].rsplit('id="seen">')[1])
    assert [int(width) for width, _, _ in measured] == [*WIDTHS, *WIDTHS]
    for width, content, height in measured:
        assert int(content) <= int(width)
        assert int(height) > 1000


def test_the_console_is_silent(seen: tuple[str, str]) -> None:
    assert [line for line in seen[1].splitlines() if "CONSOLE" in line] == []
