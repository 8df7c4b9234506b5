"""What a reader must know of the events behind a span: what they cover, and what is wrong with them."""

from __future__ import annotations

from postlaunch.agents.analytics_results import Results
from postlaunch.reports.judged import Sentence, said
from postlaunch.tools.backlog_requests import uncertain_note

OF_THE_SPAN = (
    "user_growth",
    "active_users_daily",
    "retention",
    "time_on_platform",
    "flows",
    "tracking_check",
    "tracking_plan",
    "event_quality",
    "support_ticket_rate",
    "request_groups",
)
"""Measurements whose notes concern the reader; the others repeat them."""

QUALITY = "event_quality"


def coverage(span: Results) -> tuple[Sentence, ...]:
    """What the events cover, for the head of the report."""
    read, rejected = span.fact(QUALITY, "rows_read"), span.fact(QUALITY, "rows_rejected")
    if read is None or rejected is None:
        return (Sentence(text=span.reason(QUALITY, "nothing was measured")),)
    first, last = read.window.local(read.window.start), read.window.local(read.window.end)
    return (
        Sentence(text=f"product events from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"),
        said("{read} rows read, {rejected} rejected", read=read, rejected=rejected),
    )


def notes(span: Results) -> tuple[Sentence, ...]:
    """Visitors, rows left out, partial data, what was not compared or cannot be told yet."""
    asked = [*OF_THE_SPAN, *(name for name in span.results if name.startswith("experiment "))]
    told = (
        note
        for name in asked
        if name in span.results
        for note in span.results[name].notes
        if not note.startswith("decision: ")
    )
    uncertain = uncertain_note(span.results.get("request_groups"))
    requests = (Sentence(text=f"feature requests: {uncertain}"),) if uncertain else ()
    return (*_visitors(span), *(Sentence(text=note) for note in dict.fromkeys(told)), *requests)


def _visitors(span: Results) -> tuple[Sentence, ...]:
    known = span.analytics
    if span.fact(QUALITY, "rows_read") is None:
        return ()
    joined = (
        f'with the event "{known.signup_event}"' if known.signup_event else "with the first event recorded"
    )
    lines = [Sentence(text=f"a user joins {joined}")]
    if known.visitors:
        events = ", ".join(known.visitors)
        lines.append(
            Sentence(text=f"who did nothing but {events} is a visitor: in no figure of users, nor active")
        )
    return tuple(lines)
