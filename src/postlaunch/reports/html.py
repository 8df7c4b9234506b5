"""Reports as one self-contained HTML page: no script, no resource from elsewhere, everything escaped."""

from __future__ import annotations

from functools import cache
from importlib import resources

from jinja2 import Environment
from markupsafe import Markup

from postlaunch.reports.charts import Chart, chart_of
from postlaunch.reports.rendering import GRADE_MARKS, Page, Rendered, templates
from postlaunch.reports.series import Series


def render_html(report: Rendered) -> str:
    """The report as one page, readable on a phone, on a desktop, in the dark and on paper."""
    page = Page(report)

    def chart(series: Series) -> Chart:
        return chart_of(series, page.figure, currency=report.currency)

    template = _environment().get_template(f"{report.kind}.html.j2")
    return template.render(report=report, page=page, chart_of=chart)


@cache
def _environment() -> Environment:
    environment = templates()
    environment.globals.update(grade_marks=GRADE_MARKS, stylesheet=_stylesheet())
    return environment


def _stylesheet() -> Markup:
    sheet = resources.files("postlaunch.reports").joinpath("templates/report.css")
    return Markup(sheet.read_text(encoding="utf-8"))  # noqa: S704 # a file of the package, not of the user
