"""Long-term fixes: what a rule asks for stands within the declared item that covers it, and once."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings_sources import TableSource

SIZE = "Size the connection pool by the measured peak, and give waiting for a connection a short limit"
WATCH = "Watch the connection pool, with an alert above 80%"


def reported(exhausted: Any, **declared: Any) -> Any:
    """The report where one candidate item is declared."""
    settings = exhausted._written()
    item = {"id": "sizing", "title": "Look after connections", "effort": {"team": 1}, **declared}
    (settings.folder / "candidates.yaml").write_text(yaml.safe_dump([item]), encoding="utf-8")
    sources = settings.sources.model_copy(update={"candidates": TableSource(path="candidates.yaml")})
    with_item = settings.model_copy(update={"sources": sources})
    exhausted._written = lambda: with_item
    return exhausted.report()


@pytest.mark.parametrize(
    "declared",
    [
        {"addresses": ["connection pool"]},
        {"addresses": ["pool"]},
        {"addresses": ["pool used up", "INC-1", "Database connection pool exhausted"]},
    ],
)
def test_what_a_declared_item_covers_stands_within_it(exhausted: Any, declared: dict[str, Any]) -> None:
    report = reported(exhausted, **declared)
    first, *others = report.long_term
    assert first.candidate == "sizing"
    assert [said.text for said in first.includes] == [SIZE, WATCH]
    assert not {fix.action.text for fix in others} & {SIZE, WATCH}
    assert any(fix.action.text.startswith("Load test") for fix in others), "the item says nothing of load"
    for page in (render_markdown(report), render_html(report)):
        assert page.count(SIZE) == page.count(WATCH) == 1


def test_what_no_declared_item_covers_stands_alone(exhausted: Any) -> None:
    report = reported(exhausted, addresses=["GET /users"])
    texts = [fix.action.text for fix in report.long_term]
    assert texts[:3] == ["Look after connections", SIZE, WATCH]
    assert not any(fix.includes for fix in report.long_term)
