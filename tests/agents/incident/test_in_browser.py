"""The incident page in a real browser, on a phone and on a desktop: nothing wider than it, no error."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from postlaunch.reports.html import render_html
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.judged import Sentence

pytestmark = pytest.mark.browser

WIDTHS = (390, 1280)
HARNESS = """<!doctype html><title>harness</title>{frames}<pre id="seen"></pre><script>
addEventListener("load", () => {{
  for (const frame of document.querySelectorAll("iframe")) {{
    const page = frame.contentDocument.documentElement;
    const sizes = [frame.width, page.scrollWidth, frame.contentDocument.querySelectorAll("svg").length];
    document.getElementById("seen").textContent += sizes.join(":") + " ";
  }}
}});
</script>"""


def with_long_names(report: IncidentReport) -> IncidentReport:
    """The report with words that have no place to break."""
    word = "a_word_without_any_place_to_break_" * 6
    entry = report.timeline.items[0]
    long = entry.model_copy(update={"event": Sentence(text=word, facts=entry.event.facts)})
    timeline = report.timeline.model_copy(update={"items": (long, *report.timeline.items[1:])})
    actions = tuple(line.model_copy(update={"action": Sentence(text=word)}) for line in report.actions)
    return report.model_copy(update={"timeline": timeline, "actions": actions})


def test_nothing_is_wider_than_the_screen_every_chart_is_drawn_and_the_console_is_silent(
    exhausted_report: IncidentReport, tmp_path: Path
) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    pages = [render_html(one) for one in (exhausted_report, with_long_names(exhausted_report))]
    frames = "".join(
        f'<iframe width="{width}" height="900" srcdoc="{html.escape(page, quote=True)}"></iframe>'
        for page in (page.replace("<details>", "<details open>") for page in pages)
        for width in WIDTHS
    )
    harness = tmp_path / "harness.html"
    harness.write_text(HARNESS.format(frames=frames), encoding="utf-8")
    run = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=20000", "--dump-dom",
            harness.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )  # fmt: skip
    seen = re.search(r'<pre id="seen">([^<]*)</pre>', run.stdout)
    assert seen
    sizes = [tuple(map(int, each.split(":"))) for each in seen[1].split()]
    assert len(sizes) == 2 * len(WIDTHS)
    assert [(width, wide) for width, wide, _ in sizes if wide > width] == []
    assert {charts for _, _, charts in sizes} == {3}
    assert [line for line in run.stderr.splitlines() if "CONSOLE" in line] == []
