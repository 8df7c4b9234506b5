"""Charts: every figure of a series is drawn and said, and the drawing brings nothing else into the page."""

from __future__ import annotations

import re
from typing import get_args
from xml.etree import ElementTree

import pytest

from postlaunch.facts import Assumed, Unavailable, Unit
from postlaunch.printing import quantity_text
from postlaunch.reports.charts import Chart, chart_of
from postlaunch.reports.series import Form, Point, Series
from postlaunch.reports.targets import Target

GOAL = Target(
    objective="error_rate", title="Error Rate", value=0.01, unit="ratio", direction="below", window="7d"
)


def drawn(
    *values: float | None,
    form: Form = "auto",
    unit: Unit = "count",
    target: Target | None = None,
    title: str = "Requests",
    label: str = "day",
    span: float | None = None,
) -> Chart:
    points = tuple(
        Point(
            label=f"{label} {place}",
            value=Unavailable(reason="no data")
            if value is None
            else Assumed(value=value, unit=unit, who="a test", basis="none"),
            low=None if span is None or value is None else value - span,
            high=None if span is None or value is None else value + span,
        )
        for place, value in enumerate(values, 1)
    )
    series = Series(metric="m", title=title, unit=unit, points=points, target=target, form=form)
    return chart_of(series, lambda quantity: quantity_text(quantity).removesuffix(" (assumed)"))


def marks(chart: Chart, word: str) -> list[ElementTree.Element]:
    """The elements of a drawing with this word among their classes, each with a tooltip beside it."""
    tree = ElementTree.fromstring(chart.svg)
    return [node for node in tree.iter() if word in (node.get("class") or "").split()]


@pytest.mark.parametrize("form", get_args(Form))
def test_every_figure_is_drawn_once_and_said_in_words(form: Form) -> None:
    chart = drawn(3, 5, 8, form=form)
    assert chart.summary.startswith("day 1: 3; day 2: 5; day 3: 8")
    assert f'aria-label="Requests: {chart.summary}"' in chart.svg
    tooltips = [node.text for node in ElementTree.fromstring(chart.svg).iter("title")]
    assert sorted(filter(None, tooltips)) == ["day 1: 3", "day 2: 5", "day 3: 8"]


@pytest.mark.parametrize("form", get_args(Form))
def test_a_drawing_brings_no_script_style_id_or_address_into_the_page(form: Form) -> None:
    tree = ElementTree.fromstring(drawn(1, 2, form=form).svg)
    assert {node.tag for node in tree.iter()} <= {"svg", "g", "rect", "path", "text", "circle", "title"}
    names = {name for node in tree.iter() for name in node.attrib}
    assert not names & {"id", "style", "href", "onclick", "width%"}
    assert "http" not in drawn(1, 2, form=form).svg


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", '"><b>', "&lt;b&gt;", "]]>", "\x07"])
def test_a_label_from_outside_stays_text(attack: str) -> None:
    plain, attacked = drawn(1, 2), drawn(1, 2, label=attack, title=attack)
    tags = [node.tag for node in ElementTree.fromstring(attacked.svg).iter()]
    assert tags == [node.tag for node in ElementTree.fromstring(plain.svg).iter()]


def test_a_figure_that_is_not_available_leaves_a_gap() -> None:
    chart = drawn(0.1, 0.2, None, 0.2, 0.1, unit="ratio")
    assert len(marks(chart, "dot")) == 4
    assert len([node for node in marks(chart, "line") if "reactive" in (node.get("class") or "")]) == 2
    assert "day 3" not in chart.summary


def test_a_series_without_any_figure_says_so() -> None:
    chart = drawn(None, None)
    assert chart.summary == "no data"


def test_bars_stand_on_zero_and_keep_their_proportion() -> None:
    heights = [float(node.get("height") or 0) for node in marks(drawn(40, 80), "rect")]
    assert heights[1] == pytest.approx(2 * heights[0])


def test_steps_stand_below_one_another_and_the_first_takes_the_width() -> None:
    bars = marks(drawn(100, 50, 25, form="steps"), "rect")
    told = [(float(node.get("y") or 0), float(node.get("width") or 0)) for node in bars]
    assert [width for _, width in sorted(told)] == sorted((width for _, width in told), reverse=True)


def test_an_interval_is_drawn_and_said() -> None:
    chart = drawn(0.05, -0.02, unit="ratio", form="intervals", span=0.01)
    assert "day 2: −2% (−3% to −1%)" in chart.summary
    assert len(marks(chart, "ci")) == 2


def test_a_target_near_the_figures_is_drawn_and_one_far_above_is_not() -> None:
    near, far = (drawn(*values, unit="ratio", target=GOAL) for values in ((0.006, 0.008), (0.0001, 0.0002)))
    assert (near.goal, far.goal) == ("target < 1%", "")
    assert (bool(marks(near, "serie-1")), bool(marks(far, "serie-1"))) == (True, False)


def test_a_long_series_shows_few_labels_the_last_among_them() -> None:
    chart = drawn(*range(60), form="line")
    labels = re.findall(r">(day \d+)</text>", chart.svg)
    assert len(labels) == 4
    assert labels[-1] == "day 60"
