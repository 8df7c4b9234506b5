"""Reports as Markdown (CommonMark with GitHub's tables), in the layout of the phase-7 specification.

Whatever a template prints is escaped unless the template itself wrote it, so that a path, a ticket's subject
or a model's sentence can neither break a table nor add a heading, a link or HTML.
"""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from postlaunch.reports.rendering import GRADE_MARKS, Page, Rendered, templates

_SPECIAL = re.compile(r"[\\`*\[\]|~@$]|[<&](?! )")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_BLOCK_START = re.compile(r"^ ?([#>]|[-+=](?=[-=\s]|$)|\d+(?=[.)](?:\s|$)))")
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp|www)([:.])")


def escaped(text: str) -> str:
    """Text from anywhere as inline Markdown that prints as it stands.

    Line breaks and control characters become spaces; backslashes go before what would start emphasis, code,
    a link, HTML, a table cell or a block ("< 200 ms" starts none of them); the punctuation that makes a bare
    address a link becomes an entity.
    """
    line = re.sub(r"\s+", " ", "".join(char if char.isprintable() else " " for char in text))
    line = _SPECIAL.sub(r"\\\g<0>", line)
    line = _UNDERSCORE.sub(r"\\_", line)
    line = _LINK.sub(lambda found: f"{found[1]}&#{ord(found[2])};", line)
    return _BLOCK_START.sub(_defused, line)


def _defused(found: re.Match[str]) -> str:
    # A number opens a list by the point or bracket after it, so that is what the backslash goes before.
    return f"{found[0]}\\" if found[1].isdigit() else f"\\{found[1]}"


def _code_block(text: str) -> Markup:
    """Text for inside a fenced block: as it is, but for what would end the fence."""
    return Markup(text.replace("`" * 3, "'" * 3))  # noqa: S704 # inside a fence nothing else is markup


def _printed(value: object) -> Markup:
    return value if isinstance(value, Markup) else Markup(escaped(str(value)))  # noqa: S704 # escaped above


@cache
def _environment() -> Environment:
    environment = templates(finalize=_printed)
    environment.filters["code_block"] = _code_block
    environment.globals.update(grade_marks=GRADE_MARKS)
    return environment


def render_markdown(report: Rendered) -> str:
    """The report as one Markdown document."""
    template = _environment().get_template(f"{report.kind}.md.j2")
    text = template.render(report=report, page=Page(report))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
