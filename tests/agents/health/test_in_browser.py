"""The health report with all its sources, and the daily check, in a real browser: neither is wider than a
screen.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from postlaunch.agents.bench import Assignment
from postlaunch.agents.daily_monitor import DAILY_MONITOR
from postlaunch.reports.daily import DailyReport
from postlaunch.reports.health import HealthReport
from postlaunch.reports.html import render_html
from postlaunch.settings import Settings
from postlaunch.settings_sources import FilesSource, RequestSource, Sources, TableSource
from postlaunch.tools import definitions_anomalies as unusual
from postlaunch.tools import definitions_launch
from postlaunch.tools import definitions_logs as logs
from postlaunch.tools import definitions_requests as definitions
from postlaunch.tools.definitions_resources import MEMORY_FALLS, RESOURCES
from postlaunch.tools.measurement import Reading, Readings
from postlaunch.windows import calendar_day, parse_week

pytestmark = pytest.mark.browser

WEEK = parse_week("2025-W47", "UTC")
WIDTHS = (390, 1280)
LONG = "a" * 200
SETTINGS = Settings(
    sources=Sources(
        requests=RequestSource(paths=("access.log",)),
        resources=FilesSource(paths=("resources.csv",)),
        logs=FilesSource(paths=("app.log",)),
        changes=TableSource(path="changes.csv"),
        alerts=TableSource(path="alerts.csv"),
        launch=TableSource(path="launch.yaml"),
    )
)
HARNESS = """<!doctype html><title>harness</title>{frames}<pre id="seen"></pre><script>
addEventListener("load", () => {{
  for (const frame of document.querySelectorAll("iframe")) {{
    const page = frame.contentDocument.documentElement;
    document.getElementById("seen").textContent += [frame.width, page.scrollWidth].join(":") + " ";
  }}
}});
</script>"""


def answers(desk: Any) -> dict[str, Any]:
    """Something in every section, with names that have no place to break."""
    pods = ("application", "pod web-1", f"pod {LONG[:100]}")
    hour, kind = f"pod {LONG[:100]}, 2025-11-18 14:00", "error 1a2b3c4d"
    usage: list[Reading] = [desk.read(MEMORY_FALLS, 1, entity=pod) for pod in pods]
    for resource in RESOURCES:
        for pod in pods:
            usage += [desk.read(resource.used, 0.3, entity=pod), desk.read(resource.limit, 0.5, entity=pod)]
            usage += [desk.read(resource.share, 0.6, entity=pod), desk.read(resource.peak, 1.0, entity=pod)]
    start = WEEK.start + timedelta(days=1)
    return {
        "resource_summary": tuple(usage),
        "incidents_seen": desk.spell(start),
        "downtime": (
            desk.read(definitions.OUTAGE_START, start.timestamp(), entity="outage 1"),
            desk.read(definitions.OUTAGE_MINUTES, 2, entity="outage 1"),
            desk.read(definitions.OUTAGE_ERROR_SHARE, 1.0, entity="outage 1"),
        ),
        "launch_baseline": Readings(
            readings=(
                desk.read(definitions_launch.LAUNCH_MEAN, 98),
                desk.read(definitions_launch.LAUNCH_ALERT_RULES, 1),
            ),
            texts=({"name": LONG},),
        ),
        "request_anomalies": (
            desk.read(unusual.UNUSUAL_REQUESTS, 9, entity="2025-11-18 14:00"),
            desk.read(unusual.EXPECTED_REQUESTS, 900, entity="2025-11-18 14:00"),
            desk.read(unusual.EXPECTED_REQUESTS_LOW, 700, entity="2025-11-18 14:00"),
            desk.read(unusual.EXPECTED_REQUESTS_HIGH, 1200, entity="2025-11-18 14:00"),
        ),
        "resource_anomalies": tuple(desk.read(resource.hour, 0.9, entity=hour) for resource in RESOURCES),
        "log_levels": (desk.read(logs.LEVEL_LINES, 12, 3, entity="error"),),
        "log_templates": Readings(
            readings=(
                desk.read(logs.TEMPLATES_NEW, 1),
                desk.read(logs.TEMPLATE_LINES, 12, entity=kind),
                desk.read(logs.TEMPLATE_USUAL_LINES, 0, entity=kind),
                desk.read(logs.TEMPLATE_FIRST_SEEN, start.timestamp() + 9000, entity=kind),
            ),
            texts=({"entity": kind, "level": "error", "logger": LONG[:90], "template": LONG},),
        ),
    }


@pytest.fixture(scope="module")
def pages(desk: Any) -> list[str]:
    """The weekly report and the daily check, every part of their evidence unfolded."""
    weekly: HealthReport = desk.composed(desk.bench_of(answers(desk), SETTINGS))
    day = calendar_day((WEEK.start + timedelta(days=1)).date(), "UTC")
    asked = Assignment(workflow="daily_check", question="?", window=day, baseline=day.before())
    found = DAILY_MONITOR.measure(desk.bench_of(answers(desk), SETTINGS), asked)
    daily = DailyReport.model_validate(found.draft)
    assert weekly.resources.pods
    assert daily.findings.items
    return [render_html(report).replace("<details>", "<details open>") for report in (weekly, daily)]


@pytest.fixture(scope="module")
def seen(pages: list[str], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What a browser makes of them: the document, and the browser's log."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    folder = tmp_path_factory.mktemp("browser")
    frames = "".join(
        f'<iframe width="{width}" height="900" srcdoc="{html.escape(page, quote=True)}"></iframe>'
        for page in pages
        for width in WIDTHS
    )
    harness = folder / "harness.html"
    harness.write_text(HARNESS.format(frames=frames), encoding="utf-8")
    return _loaded(chromium, harness, folder)


def _loaded(chromium: str, page: Path, folder: Path) -> tuple[str, str]:
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
    more = ("--enable-logging=stderr", "--virtual-time-budget=3000", "--window-size=1800,1000", "--dump-dom")
    command = [chromium, *options, f"--user-data-dir={folder / 'profile'}", *more, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    return done.stdout, done.stderr


def test_nothing_is_wider_than_the_screen_and_the_console_is_silent(seen: tuple[str, str]) -> None:
    measured = re.findall(r"(\d+):(\d+) ", seen[0].rsplit('id="seen">')[1])
    assert [int(width) for width, _ in measured] == [*WIDTHS, *WIDTHS]
    assert [(width, content) for width, content in measured if int(content) > int(width)] == []
    assert [line for line in seen[1].splitlines() if "CONSOLE" in line] == []
