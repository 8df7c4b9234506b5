"""Deployments that somebody told of are noted in the weekly report, as told and not as measured."""

from __future__ import annotations

from typing import Any

from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown


def told(kind: str, **body: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "application": "Shop",
        "at": "2025-11-18T14:05:00Z",
        "body": body,
        "id": f"S-{kind}",
        "key": f"{kind} of the 18th",
        "posted_at": "2025-11-18T14:06:00Z",
    }


def report_with(desk: Any, *signals: dict[str, Any]) -> Any:
    """The week's report, where these signals were kept for the run."""
    return desk.composed(desk.bench_of(), desk.assigned(signals=list(signals)))


def noted(report: Any) -> list[str]:
    return [note.text for note in report.notes if "told of" in note.text]


def test_a_deployment_that_was_told_is_noted_with_its_version_and_moment(desk: Any) -> None:
    signal = told("deployment", version="2.2", title="Search <b>again</b>")
    report = report_with(desk, signal)
    assert noted(report) == [
        "a deployment was told of, 2.2 Search <b>again</b>, at 2025-11-18 14:05 UTC: noted, not measured"
    ]
    assert "2.2 Search" in render_markdown(report)
    assert "Search &lt;b&gt;again&lt;/b&gt;" in render_html(report)


def test_what_else_was_kept_and_what_is_no_signal_is_no_deployment(desk: Any) -> None:
    signals = (told("vulnerability", title="CVE-2025-1"), {"kind": "deployment"})
    assert noted(report_with(desk, *signals)) == []
    assert noted(report_with(desk)) == []
