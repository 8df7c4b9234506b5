"""Every report of the cycle in a real browser: phone and desktop, light and dark."""

from __future__ import annotations

import html
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Cycle

pytestmark = pytest.mark.browser

WIDTHS = (390, 1280)
HARNESS = """<!doctype html><title>harness</title>{frames}<pre id="seen"></pre><script>
addEventListener("load", () => {{
  for (const frame of document.querySelectorAll("iframe")) {{
    const page = frame.contentDocument;
    const charts = [...page.querySelectorAll("figure.chart svg")];
    const drawn = charts.filter(chart => {{
      const box = chart.getBoundingClientRect();
      const marks = chart.querySelectorAll("rect.rect, circle.dot, path.line");
      return box.width > 100 && box.height > 50 && marks.length;
    }});
    const paper = getComputedStyle(page.body).backgroundColor;
    const sizes = [frame.width, page.documentElement.scrollWidth];
    const seen = [frame.title, ...sizes, charts.length, drawn.length, paper];
    document.getElementById("seen").textContent += seen.join("|") + "\\n";
  }}
}});
</script>"""


def loaded(chromium: str, page: Path, folder: Path, *, dark: bool) -> tuple[list[list[str]], list[str]]:
    """What the browser saw in each frame, and the lines of its console."""
    done = subprocess.run(
        [
            chromium,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            f"--user-data-dir={folder / 'profile'}",
            "--enable-logging=stderr",
            "--virtual-time-budget=5000",
            "--window-size=1800,1000",
            *(("--blink-settings=preferredColorScheme=0",) if dark else ()),
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    text = html.unescape(done.stdout.rsplit('id="seen">')[1].split("</pre>")[0])
    seen = [line.split("|") for line in text.splitlines() if line]
    return seen, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.parametrize("dark", [False, True])
def test_every_report_fits_the_screen_draws_its_charts_and_logs_nothing(
    cycle: Cycle, chromium: str, tmp_path: Path, dark: bool
) -> None:
    pages = {name: cycle.file(name, ".html").read_text("utf-8") for name in cycle.reports}
    frames = "".join(
        f'<iframe title="{name}" width="{width}" height="900"'
        f' srcdoc="{html.escape(page.replace("<details>", "<details open>"), quote=True)}"></iframe>'
        for name, page in pages.items()
        for width in WIDTHS
    )
    harness = tmp_path / "harness.html"
    harness.write_text(HARNESS.format(frames=frames), encoding="utf-8")
    seen, console = loaded(chromium, harness, tmp_path, dark=dark)
    assert console == []
    assert [(name, int(width)) for name, width, *_ in seen] == [
        (name, width) for name in pages for width in WIDTHS
    ]
    for name, width, content, charts, drawn, paper in seen:
        assert int(content) <= int(width), name
        assert charts == drawn, name
        assert int(charts) == len(re.findall(r'<figure class="chart', pages[name])), name
        bright = sum(map(int, re.findall(r"\d+", paper)[:3])) > 3 * 128
        assert bright != dark, (name, paper)
    charted = {name for name, page in pages.items() if '<figure class="chart' in page}
    assert {report.kind for name, report in cycle.reports.items() if name in charted} >= {
        "weekly_health", "daily_check", "incident", "performance", "analytics",
    }  # fmt: skip
