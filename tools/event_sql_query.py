"""`query_events`: a question that no other measurement answers, as a guarded query of the model's own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pydantic import Field

from postlaunch.errors import UsageError
from postlaunch.facts import Definition
from postlaunch.sources.events import EventLog
from postlaunch.tools.embedded_query import bounded
from postlaunch.tools.event_query import event_spans, no_events, span_of
from postlaunch.tools.event_sql import LONGEST, Query, guarded
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.windows import Window

if TYPE_CHECKING:
    import duckdb

LABEL_LENGTH = 80


class QueryParameters(WindowParameters):
    """A query over the events of a window."""

    sql: str = Field(
        min_length=1,
        max_length=LONGEST,
        description="One SELECT over events(ts, day, person, event, properties): label columns, then "
        "aggregates. properties['name'] is text. The window is applied for you",
    )


@REGISTRY.measurement(
    "query_events",
    source="events",
    parameters=QueryParameters,
    for_model=find_spec("sqlglot") is not None,
    compares=False,
    repeats=False,
)
def query_events(log: EventLog, parameters: QueryParameters, limits: Limits) -> Readings:
    """Counts, sums, means, quantiles and ratios that no other tool has, by one SELECT of your own over the
    window's events. People are counted, never listed.
    """
    spans = event_spans(log, parameters.model_copy(update={"baseline": None}), limits)
    query = guarded(parameters.sql, spans.window)
    if not spans.events:
        return no_events(log, spans)
    with bounded(log, "the events", limits) as cursor:
        rows = _rows(cursor, query, spans.window, limits.rows)
    shown = rows[: limits.rows]
    cut = (f"more than {limits.rows} rows; the first are shown",) if len(rows) > len(shown) else ()
    readings = tuple(_readings(shown, query, spans.window, spans.events))
    return Readings(
        readings=readings[: limits.rows],
        reason="" if readings else "the query found no figure",
        notes=(*spans.notes, *cut),
    )


def _rows(
    cursor: duckdb.DuckDBPyConnection, query: Query, window: Window, most: int
) -> list[tuple[object, ...]]:
    """The first rows, and one more where there are more.

    Raises:
        UsageError: the database refuses the query: a name that is not there, a type that does not fit.
    """
    import duckdb

    try:
        return cursor.execute(query.sql, span_of(window)).fetchmany(most + 1)
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:
        raise UsageError(f"query_events: {str(error).splitlines()[0][:200]}", "correct the query") from error


def _readings(
    rows: Sequence[tuple[object, ...]], query: Query, window: Window, events: int
) -> Iterator[Reading]:
    """A reading for each figure of each row; what is no number is left out.

    Rows that carry the same labels cannot be told apart in a report: only the first is kept.
    """
    seen: set[tuple[str, str]] = set()
    for row in rows:
        entity = ", ".join(_text(value) for value in row[: query.labels]) or "application"
        for place, value in enumerate(row[query.labels :]):
            definition = _definition(query.figures[place], place + 1)
            known = (definition.name, entity)
            if not isinstance(value, int | float) or not math.isfinite(value) or known in seen:
                continue
            seen.add(known)
            yield Reading(definition=definition, value=float(value), n=events, window=window, entity=entity)


def _text(value: object) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return str(value)[:LABEL_LENGTH]


def _definition(figure: str, place: int) -> Definition:
    return Definition(
        name=f"queried_{figure}_{place}",
        title=f"Queried {figure}",
        statement="By the query that stands with the measurement; n is the window's events.",
        unit="count" if figure == "count" else "number",
    )
