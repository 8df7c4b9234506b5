"""The monthly review publishes the analytics report, from events alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from postlaunch.reports.reading import report_from
from postlaunch.settings import LedgerSettings, Reports
from postlaunch.settings_sources import Sources
from postlaunch.sync import PostLaunch


def test_the_monthly_review_publishes_the_analytics_report_of_the_month(usage: Any, tmp_path: Path) -> None:
    settings = usage.settings.model_copy(
        update={
            "sources": Sources(events=usage.settings.sources.events),
            "ledger": LedgerSettings(url=f"sqlite:///{tmp_path / 'ledger.db'}"),
            "reports": Reports(folder=str(tmp_path / "reports"), staging=str(tmp_path / "staged")),
        }
    )
    with PostLaunch(settings, environment={}) as postlaunch:
        run = postlaunch.advance(postlaunch.start("monthly_review").id)
        records = [record for record in postlaunch.reports() if record.kind == "analytics"]
        published = [report_from(record.body) for record in records]
    assert run.state in ("done", "degraded")
    [report] = published
    assert report.span == ("Month", "November 2025")
    assert report.problems == ()
    files = sorted(path.name for path in (tmp_path / "reports").rglob("analytics-2025-11*"))
    assert [name.rsplit(".")[-1] for name in files] == ["html", "json", "md"]
