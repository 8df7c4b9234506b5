"""The charts of an HTML report: pygal draws a series, and what is left of its drawing is plain SVG.

A drawing carries no script, no style and no id of its own: `templates/report.css` colours it, in the light
and in the dark. A figure that is not available leaves a gap; the scale begins at zero, so that a chart never
makes a small change look large.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from xml.etree import ElementTree

from markupsafe import Markup

from postlaunch.facts import Assumed, Derived, Forecast, Measured, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.series import Point, Series

if TYPE_CHECKING:
    from pygal.graph.graph import Graph

AnyQuantity = Measured | Derived | Assumed | Forecast | Unavailable
Figure = Callable[[AnyQuantity], str]

WIDTH, HEIGHT = 480, 220
STEP_HEIGHT, STEPS_FRAME = 34, 40
"""Height of one bar of a chart of steps, and of what is around them."""

FONT = 13
MARGIN_RIGHT = 34
"""Room for half of the last label."""

LABELS = 4
"""Most labels along a scale: on a phone the drawing is little wider than this takes."""

DOTS = 31
"""Lines of more points than this are drawn without dots."""

SVG = "{http://www.w3.org/2000/svg}"
KEPT_ATTRIBUTES = frozenset(
    {"class", "cx", "cy", "d", "height", "r", "rx", "ry", "transform", "viewBox", "width", "x", "y"}
)


@dataclass(frozen=True)
class Chart:
    """A drawing of one series.

    Attributes:
        goal: the target that is drawn, in words; empty where none is.
        summary: its figures in words, for whoever cannot see it.
        svg: the drawing, safe to put into a page.
    """

    title: str
    goal: str
    summary: str
    svg: Markup


Kind = Literal["bars", "line", "steps", "intervals"]
T = TypeVar("T")


def chart_of(series: Series, figure: Figure, *, currency: str = "$") -> Chart:
    """Draw a series.

    Args:
        figure: prints a point's quantity, as it stands in the report's text.
    """
    kind: Kind = ("bars" if series.unit == "count" else "line") if series.form == "auto" else series.form
    known = [point for point in series.points if _value(point) is not None]
    summary = "; ".join(_said(series, point, figure, currency) for point in known) or "no data"
    graph, goal = _graph(kind, series, currency), ""
    drawn = [_drawn(series, point, figure, currency) for point in series.points]
    graph.add("figures", _arranged(kind, drawn))
    if (target := _shown_target(series)) is not None and series.target and kind == "line":
        goal = f"target {series.target.text(currency)}"
        graph.add("target", [{"value": target, "label": goal}] * len(series.points), show_dots=False)
    said = f"{_printable(series.title)}: {summary}"
    return Chart(series.title, goal, summary, _plain(graph.render(), said))


def _arranged(kind: Kind, items: list[T | None]) -> list[T | None]:
    """Points, or their labels, in the order in which pygal places them."""
    if kind == "steps":  # the first bar stands at the bottom
        return items[::-1]
    return [None, *items, None] if kind == "intervals" else items  # room beside the first and the last


def _printable(label: str) -> str:
    """A label without the characters that no XML may hold."""
    return "".join(character if character.isprintable() else " " for character in label)


def _value(point: Point) -> float | None:
    return None if isinstance(point.value, Unavailable) else point.value.value


def _said(series: Series, point: Point, figure: Figure, currency: str) -> str:
    """A point in words: "Nov 18: 1.2%", with its interval where the figure itself does not state one."""
    words = f"{_printable(point.label)}: {figure(point.value)}"
    if point.low is None or point.high is None or isinstance(point.value, Forecast):
        return words
    low, high = (value_text(end, series.unit, currency=currency) for end in (point.low, point.high))
    return f"{words} ({low} to {high})"


def _drawn(series: Series, point: Point, figure: Figure, currency: str) -> dict[str, Any] | None:
    """A point as pygal takes it; None leaves a gap."""
    value = _value(point)
    if value is None:
        return None
    drawn: dict[str, Any] = {"value": value, "label": _said(series, point, figure, currency)}
    if point.low is not None and point.high is not None:
        drawn["ci"] = {"low": point.low, "high": point.high}
    return drawn


def _shown_target(series: Series) -> float | None:
    """The target, unless it lies so far above the figures that it would flatten them."""
    if series.target is None:
        return None
    return series.target.value if series.target.value <= _highest(series.points) * 2 else None


def _highest(points: tuple[Point, ...]) -> float:
    ends = (end for point in points for end in (_value(point), point.high) if end is not None)
    return max(ends, default=0.0)


def _lowest(points: tuple[Point, ...]) -> float:
    ends = (end for point in points for end in (_value(point), point.low) if end is not None)
    return min(ends, default=0.0)


def _scale(kind: Kind, series: Series) -> tuple[float, float]:
    """From zero, or from below it where a figure is, to a round number above all of them; steps are shares of
    the greatest, which takes the whole width.
    """
    if kind == "steps":
        return 0.0, _highest(series.points) or 1.0
    high = _round_up(max(_highest(series.points), _shown_target(series) or 0.0))
    low = _lowest(series.points)
    return (-_round_up(-low) if low < 0 else 0.0, high)


def _round_up(value: float) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten: a scale's end that reads well."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if value <= step * power * (1 + 1e-9))


def _graph(kind: Kind, series: Series, currency: str) -> Graph:
    """An empty chart of the right kind, with its scale and labels."""
    import pygal
    from pygal.style import Style

    # pygal's import hook serves its map plug-ins, by an interface that Python 3.11 warns of at every import.
    sys.meta_path[:] = [hook for hook in sys.meta_path if not isinstance(hook, pygal.PluginImportFixer)]

    low, high = _scale(kind, series)

    def as_printed(value: float) -> str:
        return value_text(value, series.unit, currency=currency)

    labels = [_printable(point.label) for point in series.points]
    options: dict[str, Any] = {
        "width": WIDTH,
        "height": HEIGHT,
        "margin": 4,
        "margin_right": MARGIN_RIGHT,
        "allow_interruptions": True,
        "range": (low, high),
        "show_legend": False,
        "js": (),
        "css": (),
        "no_prefix": True,
        "disable_xml_declaration": True,
        "no_data_text": "no data",
        "truncate_label": -1,
        "style": Style(label_font_size=FONT, major_label_font_size=FONT, no_data_font_size=FONT),
    }
    if kind == "steps":
        graph = pygal.HorizontalBar(**options | {"height": STEPS_FRAME + STEP_HEIGHT * max(len(labels), 1)})
        graph.y_labels = [low, high]
    else:
        chart = pygal.Bar if kind == "bars" else pygal.Line
        points = {"stroke": kind != "intervals", "show_dots": len(labels) <= DOTS or kind == "intervals"}
        graph = chart(**options, **({} if kind == "bars" else points))
        graph.y_labels = sorted({low, 0.0, high / 2, high})
    shown = labels if kind == "steps" else _thinned(labels)
    graph.x_labels = [label or "" for label in _arranged(kind, [*shown])]
    graph.value_formatter = as_printed
    return graph


def _thinned(labels: list[str]) -> list[str]:
    """A few of the labels, evenly spread, the first and the last among them; the others are empty."""
    if len(labels) <= LABELS:
        return labels
    step = (len(labels) - 1) / (LABELS - 1)
    shown = {round(place * step) for place in range(LABELS)}
    return [label if place in shown else "" for place, label in enumerate(labels)]


# --- what is left of pygal's drawing ------------------------------------------------------------------------


def _plain(drawing: str | bytes, summary: str) -> Markup:
    """The drawing without scripts, styles, ids and namespaces, each point's words as its tooltip."""
    root = ElementTree.fromstring(drawing)  # noqa: S314 - drawn here, from labels that pygal escaped
    _clean(root)
    root.set("role", "img")
    root.set("aria-label", summary)
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    return Markup(text)  # noqa: S704 - serialised from a tree: every text in it is escaped


def _clean(node: ElementTree.Element) -> None:
    node.tag = node.tag.removeprefix(SVG)
    for name in [name for name in node.attrib if name not in KEPT_ATTRIBUTES]:
        del node.attrib[name]
    said = [child.text for child in node if child.get("class") == "label" and child.tag == f"{SVG}desc"]
    for child in list(node):
        if _left_out(child):
            node.remove(child)
        else:
            _clean(child)
    if said and said[0]:
        title = ElementTree.Element("title")
        title.text = said[0]
        node.insert(0, title)


def _left_out(node: ElementTree.Element) -> bool:
    """What serves pygal's own script and style, or holds nothing."""
    if node.tag in (f"{SVG}defs", f"{SVG}desc", f"{SVG}title"):
        return True
    return "tooltip" in _words(node)


def _words(node: ElementTree.Element) -> Iterator[str]:
    yield from (node.get("class") or "").split()
