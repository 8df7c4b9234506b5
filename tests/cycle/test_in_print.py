"""Every report of the cycle on paper: A4, from a light screen and from a dark one."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from devtools import Tab, tab_of

if TYPE_CHECKING:
    from conftest import Cycle

pytestmark = pytest.mark.browser

PAPER = 717
"""CSS pixels between the usual margins of A4."""
LEAST_POINTS = 7.5
"""What is smaller than this is not read on paper."""
SEEN = """(() => {
  const root = document.documentElement;
  const light = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number)
    .map(part => part / 255).map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const contrast = element => 1.05 / (light(getComputedStyle(element).color) + 0.05);
  const texts = [...document.querySelectorAll("p, li, td, th, dd, dt, summary, figcaption, code, h1, h2, h3")]
    .filter(element => element.innerText.trim() && element.getBoundingClientRect().height);
  const charts = [...document.querySelectorAll("figure.chart svg")];
  return {
    width: root.scrollWidth,
    paper: getComputedStyle(document.body).backgroundColor,
    charts: charts.length,
    drawn: charts.filter(chart => {
      const box = chart.getBoundingClientRect();
      return box.width > 100 && box.height > 50 && box.right <= root.clientWidth
        && chart.querySelectorAll("rect.rect, circle.dot, path.line").length;
    }).length,
    faint: texts.filter(element => contrast(element) < 3).map(element => element.innerText.slice(0, 40)),
    small: Math.min(...texts.map(element => parseFloat(getComputedStyle(element).fontSize))) * 0.75,
    evidence: [...document.querySelectorAll("details")].map(one => {
      const rows = [...one.querySelectorAll("tr, li, p, pre, dt, dd")];
      return rows.filter(row => row.getBoundingClientRect().height > 0).length / Math.max(rows.length, 1);
    }),
    facts: [...document.querySelectorAll(".facts tr")].filter(row => row.clientHeight).length,
  };
})()"""


@pytest.mark.parametrize("dark", [False, True])
def test_every_report_fits_the_paper_is_dark_on_light_and_shows_charts_and_evidence(
    cycle: Cycle, chromium: str, tmp_path: Path, dark: bool
) -> None:
    with tab_of(chromium, tmp_path / "profile") as tab:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        tab.asks("Emulation.setEmulatedMedia", media="print", features=[scheme])
        tab.asks(
            "Emulation.setDeviceMetricsOverride", width=PAPER, height=1047, deviceScaleFactor=1, mobile=False
        )
        for name, report in cycle.reports.items():
            page = cycle.file(name, ".html")
            tab.opens(page)
            seen = tab.finds(SEEN)
            assert seen["width"] <= PAPER, name
            assert min(map(float, re.findall(r"[\d.]+", seen["paper"])[:3])) == 255, name
            assert seen["charts"] == page.read_text("utf-8").count('<figure class="chart'), name
            assert seen["drawn"] == seen["charts"], name
            assert (name, seen["faint"]) == (name, [])
            assert seen["small"] >= LEAST_POINTS, name
            assert set(seen["evidence"]) <= {1}, name
            assert seen["facts"] >= len(report.evidence.facts), name


def test_what_is_printed_is_a_document_of_several_pages_and_none_is_empty(
    cycle: Cycle, chromium: str, tmp_path: Path
) -> None:
    with tab_of(chromium, tmp_path / "profile") as tab:
        [empty] = printed(tab)
        for name in cycle.reports:
            tab.opens(cycle.file(name, ".html"))
            pages = printed(tab)
            assert len(pages) > 1, name
            assert min(pages) > empty, (name, pages)


def printed(tab: Tab) -> list[int]:
    """The sizes of the drawings of each page of the document as it is printed, on A4."""
    document = base64.b64decode(
        tab.asks("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=False)["data"]
    )
    assert document.startswith(b"%PDF-")
    contents = re.findall(rb"/Type /Page\n.*?/Contents (\d+) 0 R", document, re.DOTALL)
    return [
        int(re.search(rb"\n" + number + rb" 0 obj\n<<.*?/Length (\d+)", document, re.DOTALL)[1])  # type: ignore[index]
        for number in contents
    ]
