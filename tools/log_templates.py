"""What an application warned of and failed at: lines alike taken together, the new ones and the growing
ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Literal

from pydantic import Field

from postlaunch.sources.app_logs import ApplicationLog
from postlaunch.sources.tables import clean
from postlaunch.tools import definitions_logs as definitions
from postlaunch.tools.embedded_query import Row
from postlaunch.tools.log_query import LINES, lines_in, querying
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.observed_spans import Observed, nothing_observed, observed, readings_of, span_of
from postlaunch.tools.request_query import Figure, count, kept

Level = Literal["debug", "info", "warning", "error", "critical"]

WEEK = timedelta(days=7)


class TemplateParameters(WindowParameters):
    """Of which levels, and how many."""

    levels: tuple[Level, ...] = Field(
        default=("warning", "error", "critical"), min_length=1, max_length=5, description="Levels looked at"
    )
    limit: int = Field(default=10, ge=1, le=50, description="How many kinds of lines are listed")


@REGISTRY.measurement("log_templates", source="logs", parameters=TemplateParameters)
def log_templates(log: ApplicationLog, parameters: TemplateParameters, limits: Limits) -> Readings:
    """Warnings and errors that the application logged, lines alike taken together: the most frequent and all
    new ones, each with its lines, its usual lines a day, and when it was first seen.
    """
    with querying(log, limits) as run:
        spans = observed(log, parameters, lambda window: lines_in(run, window), LINES)
        if not spans.rows:
            return nothing_observed(log, spans, LINES)
        before = span_of(spans.baseline) if spans.baseline else {"start": None, "end": None}
        rows = run(
            "log_templates",
            {
                **span_of(spans.window),
                "before_start": before["start"],
                "before_end": before["end"],
                "levels": list(parameters.levels),
            },
        )
    telling = log.coverage.begins_by(spans.window.start - WEEK)
    new = [row for row in rows if telling and row["first_seen"] >= spans.window.start.timestamp()]
    listed, cut = kept(_first(rows, new, parameters.limit), max(limits.rows // 4, 1), "kinds of lines")
    readings = list(_counts(spans, rows, new if telling else None))
    for row in listed:
        readings += _template(spans, row)
    return Readings(
        readings=tuple(readings),
        texts=tuple(_text(row) for row in listed),
        notes=spans.notes + cut + _not_told(telling),
    )


def _first(rows: Sequence[Row], new: Sequence[Row], limit: int) -> list[Row]:
    """The most frequent, then the new ones that are not among them."""
    first = list(rows[:limit])
    return [*first, *(row for row in new if row not in first)]


def _not_told(telling: bool) -> tuple[str, ...]:
    if telling:
        return ()
    return ("the application's log begins less than 7 days before the window: what is new is not known",)


def _counts(spans: Observed, rows: Sequence[Row], new: Sequence[Row] | None) -> Iterator[Reading]:
    lines = sum(row["lines"] for row in rows)
    counts = ((definitions.TEMPLATES_SEEN, rows), (definitions.TEMPLATES_NEW, new))
    for definition, of in counts:
        if of is not None:
            yield Reading(definition=definition, value=len(of), n=lines, window=spans.window)


def _template(spans: Observed, row: Row) -> list[Reading]:
    old = {"lines": row["lines_before"]} if spans.baseline else None
    entity = template_entity(row["level"], row["template"])
    readings = readings_of(
        [Figure(definitions.TEMPLATE_LINES, count("lines"))], spans, row, old, entity=entity
    )
    usual = Reading(
        definition=definitions.TEMPLATE_USUAL_LINES,
        value=row["lines_of_week"] / WEEK.days,
        n=row["lines_of_week"],
        window=spans.window,
        entity=entity,
    )
    first = Reading(
        definition=definitions.TEMPLATE_FIRST_SEEN,
        value=row["first_seen"],
        n=row["lines"],
        window=spans.window,
        entity=entity,
    )
    return [*readings, usual, first]


def template_entity(level: str, template: str) -> str:
    """How facts name a kind of line: by its level and a digest of its template, which is text from
    outside.
    """
    digest = hashlib.sha256(f"{level}\n{template}".encode()).hexdigest()
    return f"{level} {digest[:8]}"


def _text(row: Row) -> dict[str, str]:
    """What the lines say, as text from outside."""
    return {
        "entity": template_entity(row["level"], row["template"]),
        "level": row["level"],
        "logger": clean(row["logger"] or "", 100),
        "template": clean(row["template"], 300),
        "example": clean(row["example"] or "", 300),
    }
