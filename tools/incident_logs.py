"""Errors in the application log during an incident, grouped by kind, against those before it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, JsonValue

from postlaunch.llm.privacy import beginning
from postlaunch.sources.app_logs import ApplicationLog
from postlaunch.tools import definitions_incidents as definitions
from postlaunch.tools.embedded_query import Row, queries
from postlaunch.tools.incident_resources import bounds
from postlaunch.tools.incident_signatures import kind_named
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters

TEMPLATE_LENGTH = 140
SAMPLE_LENGTH = 300


class IncidentLogParameters(WindowParameters):
    """How many kinds of lines."""

    limit: int = Field(default=10, ge=1, le=50, description="How many kinds")


@REGISTRY.measurement("incident_log_errors", source="logs", parameters=IncidentLogParameters)
def incident_log_errors(log: ApplicationLog, parameters: IncidentLogParameters, limits: Limits) -> Readings:
    """Errors that the application logged, by kind of line, and how many of each the baseline had; kinds that
    name a cause come first, then the most frequent.
    """
    window, before = log.coverage.observed(parameters.window), parameters.baseline
    if window.start >= log.coverage.end:
        return Readings(reason=f"the application log ends before {window.label or window.days()}")
    if before is not None and not log.coverage.begins_by(before.start):
        before = None
    with queries(log, "the application log", limits) as run:
        now = run("incident_log_errors", bounds(window))
        then = run("incident_log_errors", bounds(before)) if before else None
    known = {row["template"]: row["lines"] for row in then or ()}
    total = int(now[0]["all_lines"]) if now else 0
    total_then = (int(then[0]["all_lines"]) if then else 0) if before else None
    readings = [
        Reading(
            definitions.INCIDENT_LOG_ERRORS,
            total,
            n=total,
            window=window,
            baseline=total_then,
            baseline_window=before,
            baseline_n=total_then,
        )
    ]
    texts: list[Mapping[str, JsonValue]] = []
    listed = sorted(now, key=lambda row: not kind_named(row["template"]))[: parameters.limit]
    for name, row in _named(listed):
        old = known.get(row["template"], 0) if before else None
        readings += [
            Reading(
                definitions.INCIDENT_LOG_LINES,
                row["lines"],
                n=row["lines"],
                window=window,
                entity=name,
                baseline=old,
                baseline_window=before,
                baseline_n=old,
            ),
            Reading(
                definitions.INCIDENT_LOG_FIRST, row["first_line"], n=row["lines"], window=window, entity=name
            ),
        ]
        texts.append(_text(name, row))
    left = len(now) - len(listed)
    return Readings(
        readings=tuple(readings[: limits.rows]),
        texts=tuple(texts),
        notes=(f"{left} rarer kinds of errors are not listed",) if left else (),
    )


def _named(rows: list[Row]) -> list[tuple[str, Row]]:
    """Each kind under its template, cut; a number behind those that are cut alike."""
    names: dict[str, int] = {}
    named = []
    for row in rows:
        short = beginning(" ".join(row["template"].split()), TEMPLATE_LENGTH) or "(an empty line)"
        names[short] = names.get(short, 0) + 1
        named.append((short if names[short] == 1 else f"{short} ({names[short]})", row))
    return named


def _text(name: str, row: Row) -> Mapping[str, JsonValue]:
    pods: dict[str, JsonValue] = {"pods": row["pods"], "pod": row["pod"]} if row["pods"] else {}
    return {"entity": name, "sample": beginning(row["sample"] or "", SAMPLE_LENGTH), **pods}
