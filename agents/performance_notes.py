"""What a reader of the performance report must know of its data: coverage, what is left out or missing."""

from __future__ import annotations

from postlaunch.agents.performance_span import Span
from postlaunch.reports.judged import Sentence, said

ASKED = (
    "weeks",
    "trend",
    "mix",
    "endpoint_changes",
    "load",
    "growth",
    "hours",
    "pods",
    "resources",
    "use",
    "lately",
    "busiest",
    "costs",
    "users",
    "data",
    "changes",
    "slow_queries",
    "effort",
)
"""Whose notes are told, each once."""

SOURCES = {
    "requests": "request log",
    "resources": "resources of the pods",
    "costs": "costs",
    "events": "product events",
    "changes": "deployments and changes",
    "logs": "the application's log",
    "candidates": "candidate items",
}
NO_QUERIES = (
    "the staged requests keep no query strings: which page of a list is asked for cannot be told, so no "
    "share of a first page is given"
)


def coverage(span: Span) -> tuple[Sentence, ...]:
    """What the data covers, for the head of the report."""
    start, end = span.fact("log", "log_start"), span.fact("log", "log_end")
    lines: list[Sentence] = []
    if start and end:
        lines.append(said("request log from {start} to {end}", start=start, end=end))
    weeks = {fact.entity for fact in span.facts("weeks", "week_requests")}
    if weeks:
        lines.append(
            Sentence(text=f"{len(weeks)} whole {'week' if len(weeks) == 1 else 'weeks'} in the span")
        )
    return tuple(lines) or (Sentence(text=span.reason("log", "nothing was measured")),)


def notes(span: Span) -> tuple[Sentence, ...]:
    """Notes of the measurements, what is left out, sources that are not configured."""
    told = [note for asked in ASKED if asked in span.results for note in span.results[asked].notes]
    if span.typical != span.newest and span.set_aside:
        days = ", ".join(f"{day:%Y-%m-%d}" for day in span.set_aside)
        told.append(
            f"endpoints are weighed and compared in {span.typical.label}, the newest week without a day far "
            f"outside every pattern ({days})"
        )
    if span.facts("load", "load_share"):
        told.append(NO_QUERIES)
    missing = sorted(
        {
            SOURCES[result.measurement.source]
            for result in span.results.values()
            if result.measurement.source in SOURCES and result.reason.startswith("no source of ")
        }
    )
    if missing:
        told.append(f"no source is configured for: {', '.join(missing)}")
    return tuple(Sentence(text=note) for note in dict.fromkeys(told))
