"""What a reader must know of the data behind a week: what it covers, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

from postlaunch.agents.health_week import Week
from postlaunch.reports.judged import Sentence, said

OVER_THE_WEEK = (
    "request_summary",
    "uptime",
    "incidents_seen",
    "registrations",
    "requests_by_day",
    "ticket_volume",
    "active_in_events",
    "joined_in_events",
    "resource_summary",
    "resource_trend",
    "request_anomalies",
    "resource_anomalies",
    "log_levels",
    "log_templates",
    "changes",
    "alerts",
    "launch",
    "log_quality",
)
"""Measurements whose notes concern the reader; the others repeat them, or look at another span."""


SOURCES = {
    "requests": "requests (request log)",
    "tickets": "tickets (support)",
    "resources": "resources (of the pods)",
    "changes": "changes (deployments, planned maintenance)",
    "alerts": "alerts (and notes on them)",
    "launch": "launch (its record)",
    "logs": "logs (of the application)",
}
"""What is read, by its name in the settings."""

WEEKLY = ("requests", "tickets", "resources", "changes", "alerts", "launch")
"""What a weekly report reads."""


def coverage(week: Week) -> tuple[Sentence, ...]:
    """What the data covers, for the head of the report."""
    read = week.fact("log_quality", "lines_read")
    rejected = week.fact("log_quality", "lines_rejected")
    start, end = week.fact("log_quality", "log_start"), week.fact("log_quality", "log_end")
    covered = week.fact("request_summary", "minutes_covered")
    lines: list[Sentence] = []
    if start and end:
        lines.append(said("request log from {start} to {end}", start=start, end=end))
    if read and rejected:
        lines.append(said("{read} lines read, {rejected} rejected", read=read, rejected=rejected))
    if covered:
        lines.append(said("requests in {covered} of the window's minutes", covered=covered))
    return tuple(lines) or (Sentence(text=week.reason("log_quality", "nothing was measured")),)


def notes(week: Week, sources: Iterable[str] = WEEKLY) -> tuple[Sentence, ...]:
    """Bots, lines left out, partial and sampled data, what was not compared, sources not configured."""
    return (*_bots(week), *_lines_left_out(week), *_from_measurements(week), *_not_configured(week, sources))


def _bots(week: Week) -> tuple[Sentence, ...]:
    bots = week.fact("request_summary", "bot_share")
    if bots is None:
        return ()
    return (said("{bots} of the requests are from bots; every figure includes them", bots=bots),)


def _lines_left_out(week: Week) -> tuple[Sentence, ...]:
    rejected, future = week.fact("log_quality", "lines_rejected"), week.fact("log_quality", "lines_future")
    lines: list[Sentence] = []
    if rejected and rejected.value:
        lines.append(said("{rejected} of the log's lines could not be read", rejected=rejected))
    if future and future.value:
        lines.append(said("{future} of the log's lines are dated in the future and left out", future=future))
    return tuple(lines)


def _from_measurements(week: Week) -> tuple[Sentence, ...]:
    told = (note for asked in OVER_THE_WEEK if asked in week.results for note in week.results[asked].notes)
    return tuple(Sentence(text=note) for note in dict.fromkeys(told))


def _not_configured(week: Week, sources: Iterable[str]) -> tuple[Sentence, ...]:
    configured = week.settings.sources
    missing = [SOURCES[name] for name in sources if getattr(configured, name) is None]
    return (Sentence(text=f"no source is configured for: {', '.join(missing)}"),) if missing else ()
