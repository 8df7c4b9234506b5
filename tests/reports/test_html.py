"""The HTML of the weekly health report: self-contained, escaped, every figure linked to its fact."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from postlaunch.facts import measured_in
from postlaunch.reports.health import ErrorType, HealthReport
from postlaunch.reports.html import render_html
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing

Make = Callable[..., HealthReport]

VOID = {"meta", "link", "br", "img"}


class Page(HTMLParser):
    """What a page holds: tags, attributes, ids, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def attribute(self, name: str) -> list[str]:
        return [value for _, given in self.tags if (value := given.get(name))]


def test_every_tag_is_closed(report: HealthReport) -> None:
    page = Page(render_html(report))
    assert page.unbalanced == []
    assert page.open == []


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(report: HealthReport) -> None:
    page = Page(render_html(report))
    assert not [tag for tag, _ in page.tags if tag in {"script", "iframe", "img", "object", "form"}]
    assert page.attribute("src") == []
    assert all(link.startswith(("#", "data:")) for link in page.attribute("href"))
    assert "url(" not in render_html(report)
    assert not [name for _, given in page.tags for name in given if name.startswith("on")]


def test_every_link_leads_to_an_id_of_the_page_and_ids_are_unique(report: HealthReport) -> None:
    page = Page(render_html(report))
    ids = page.attribute("id")
    assert len(ids) == len(set(ids))
    targets = {link[1:] for link in page.attribute("href") if link.startswith("#")}
    assert targets
    assert targets <= set(ids)


def test_every_fact_stands_in_the_appendix_with_its_definition(report: HealthReport) -> None:
    text = render_html(report)
    for place, fact in enumerate(report.evidence.facts.values(), 1):
        row = re.search(rf'<tr id="E{place}">.*?</tr>', text, re.S)
        assert row
        assert fact.definition.statement in row[0]


def test_status_is_said_in_words_and_not_by_colour_alone(report: HealthReport) -> None:
    text = render_html(report)
    for words in ("✅ ok", "⚠️ warning", "❌ missed", "– not available"):
        assert words in text


def test_the_first_screen_holds_grade_change_action_and_person(report: HealthReport) -> None:
    hero = render_html(report).split('<div class="hero')[1].split("<section")[0]
    order = [
        hero.index(words) for words in ("POOR", "Changed since last week", "Do", "Decides", "Ada Example")
    ]
    assert order == sorted(order)


def test_charts_carry_their_figures_in_words_too(report: HealthReport) -> None:
    text = render_html(report)
    assert text.count("<svg") == len(report.series)
    assert 'aria-label="Requests per day: 2025-11-17: 170,000; ' in text


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='x",
        "</style><b>",
        "{{ 7*7 }}",
    ],
)
def test_text_from_outside_stays_text(report_with: Make, attack: str) -> None:
    whole = report_with()
    item = whole.errors.items[0].model_copy(update={"error": attack})
    changed = report_with(
        application=attack,
        errors=Listing[ErrorType](items=(item,)),
        action=(Sentence(text=attack),),
        problems=(attack,),
    )
    page, plain = Page(render_html(changed)), Page(render_html(report_with(problems=("x",))))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert [sorted(given) for _, given in page.tags] == [sorted(given) for _, given in plain.tags]
    assert page.unbalanced == []


def test_a_measured_figure_of_the_body_is_a_link_to_its_fact(report: HealthReport) -> None:
    linked = len(re.findall(r'<a class="figure measured"', render_html(report)))
    charted = sum(len(series.points) for series in report.series)
    summary = len(measured_in(report.headline))
    assert linked >= len({item.fact for item in measured_in(report)}) - charted - summary
