"""The sections of the health report that list things: incidents, downtime, endpoints, errors, data notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from postlaunch.agents.health_records import (
    RecordedIncident,
    outage_cause,
    planned,
    record_of,
    resolution,
    root_cause,
)
from postlaunch.agents.health_week import NO_LATENCY, NO_USERS, Week
from postlaunch.facts import Fact, Measured, Quantity, Unavailable
from postlaunch.reports.health import (
    NO_MAINTENANCE,
    ErrorType,
    Incident,
    Outage,
    Severity,
    SlowEndpoint,
    TopEndpoint,
)
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing, period_name
from postlaunch.tools.incident_messages import BRIEF_MINUTES
from postlaunch.tools.verdicts import endpoint_verdict, severity
from postlaunch.windows import Window

SEVERITIES: tuple[Severity, ...] = get_args(Severity)

STILL_GOING = timedelta(minutes=1)
"""A spell that reaches this close to the end of the data has not been seen to end."""

BEYOND_THE_END = "incidents_beyond_the_end"
"""As what the spell at the window's end is asked for with the time after it."""

DOWN_SHARE = 0.5
"""A spell with at least this share of failed requests is an outage, as in the definition of uptime."""


def incidents(week: Week, recorded: Sequence[RecordedIncident] = ()) -> Listing[Incident]:
    """The spells of elevated errors, numbered by their start, with what is recorded of each."""
    spells = sorted(week.facts("incidents_seen", "incident_start"), key=lambda fact: fact.value)
    items = tuple(_incident(week, spell, number, recorded) for number, spell in enumerate(spells, 1))
    none = "None: no spell of elevated errors in the requests measured"
    return Listing[Incident](items=items, reason="" if items else why_none(week, "incidents_seen", none))


def why_none(week: Week, asked: str, none: str) -> str:
    """An empty list is good news only where requests were measured and the list was looked for."""
    if week.fact("request_summary", "total_requests") is None:
        return f"not available: {week.reason('request_summary', 'no requests were measured')}"
    result = week.results.get(asked)
    if result is None or result.status == "error":
        return f"not available: {week.reason(asked)}"
    return none


def _incident(week: Week, start: Fact, number: int, recorded: Sequence[RecordedIncident]) -> Incident:
    minutes = week.fact("incidents_seen", "incident_minutes", start.entity)
    rate = week.fact("incidents_seen", "incident_error_rate", start.entity)
    begin, end = _span(start, minutes)
    record = record_of(recorded, begin, end)

    def of(name: str, reason: str = "") -> Quantity:
        return week.quantity("incidents_seen", name, start.entity, reason=reason)

    return Incident(
        number=number,
        title=_title(rate, minutes),
        severity=_severity(week, rate, record),
        status=_status(week, end, record),
        start=Measured.of(start),
        duration=of("incident_minutes"),
        failed=of("incident_failed_requests"),
        requests=of("incident_requests"),
        error_rate=of("incident_error_rate"),
        window_share=of("incident_share_of_window"),
        users=of("incident_users", NO_USERS),
        where=(*_where(week, start.entity), *_beyond(week, end)),
        record=record.id if record else "",
        root_cause=root_cause(week, record, begin, end),
        resolution=resolution(week, record, begin, end),
    )


def _span(start: Fact, minutes: Fact | None) -> tuple[datetime, datetime]:
    begin = datetime.fromtimestamp(start.value, UTC)
    return begin, begin + timedelta(minutes=minutes.value if minutes else 0)


def _severity(week: Week, rate: Fact | None, record: RecordedIncident | None) -> Severity:
    """That of the record, which rests on more evidence than the log, else by the share that failed."""
    recorded = (known for known in SEVERITIES if record is not None and known == record.severity)
    return next(recorded, severity(rate.value if rate else 0.0, week.settings.verdicts))


def _status(week: Week, end: datetime, record: RecordedIncident | None) -> Literal["Open", "Resolved"]:
    """Open while failures reach the end of the data and no record knows their end, or while its record is."""
    if record is not None and (not record.resolved or record.end >= end):
        return "Resolved" if record.resolved else "Open"
    return "Open" if goes_on(week, end) else "Resolved"


def spell_window(week: Week, spell: Incident) -> Window | None:
    """The span of a spell of failures."""
    if isinstance(spell.start, Unavailable) or isinstance(spell.duration, Unavailable):
        return None
    start = datetime.fromtimestamp(spell.start.value, UTC)
    end = start + timedelta(minutes=max(spell.duration.value, 1))
    return Window(start=start, end=end, zone=week.window.zone)


def goes_on(week: Week, end: datetime) -> bool:
    """Whether a spell reaches the end of the data: of the window's, and where the log goes on, of that."""
    if end < week.window.observed_end - STILL_GOING:
        return False
    start = _seen_beyond(week, end)
    return start is None or _end_of(week, start) >= start.window.end - STILL_GOING


def _seen_beyond(week: Week, end: datetime) -> Fact | None:
    """The start of the spell that reached the window's end, as it is seen with the time after it."""
    starts = week.facts(BEYOND_THE_END, "incident_start")
    over = (one for one in starts if one.value < end.timestamp() <= _end_of(week, one).timestamp())
    return next(over, None)


def _end_of(week: Week, start: Fact) -> datetime:
    return _span(start, week.fact(BEYOND_THE_END, "incident_minutes", start.entity))[1]


def _beyond(week: Week, end: datetime) -> tuple[Sentence, ...]:
    """That a spell did not end with the window."""
    start = _seen_beyond(week, end)
    if start is None or _end_of(week, start) <= week.window.end:
        return ()
    minutes = week.fact(BEYOND_THE_END, "incident_minutes", start.entity)
    text = f"it went on past the end of the {period_name(week.window)}, for {{minutes}} in all"
    return (said(text, minutes=minutes),) if minutes is not None else ()


def _where(week: Week, entity: str) -> tuple[Sentence, ...]:
    """Where an incident's failures fell: endpoints with their figures, then statuses and pods by name."""
    asked = during(entity)
    lines = [
        said("{failed} of them on {failed.entity}, {rate} of its requests", failed=failed, rate=rate)
        for failed in week.facts(asked, "endpoint_errors")
        if (rate := week.fact(asked, "endpoint_error_rate", failed.entity))
    ]
    result = week.results.get("incidents_seen")
    for text in result.texts if result else ():
        if text.get("entity") == entity:
            lines += [
                Sentence(text=f"{kind}: {', '.join(names)}")
                for kind in ("statuses", "pods")
                if isinstance(names := text.get(kind), dict) and names
            ]
    return tuple(lines)


def during(entity: str) -> str:
    """Under which name the endpoints that failed in an incident are asked for."""
    return f"{entity}, endpoints"


def _title(rate: Fact | None, minutes: Fact | None) -> str:
    """A title from the figures: how long it was, and how bad."""
    kind = "outage" if rate and rate.value >= DOWN_SHARE else "elevated error rate"
    return f"Brief {kind}" if minutes and minutes.value < BRIEF_MINUTES else kind.capitalize()


def downtime(week: Week, spells: Sequence[Incident] = ()) -> Listing[Outage]:
    """The runs of minutes that were down; where uptime cannot be told, neither can downtime.

    Args:
        spells: the spells of failures that they may be of.
    """
    if week.fact("uptime", "uptime") is None:
        return Listing[Outage](reason=f"not available: {week.reason('uptime', 'uptime was not measured')}")
    items = tuple(_outage(week, start, spells) for start in week.facts("downtime", "outage_start"))
    judged = " of those with at least 10 requests" if _fails_unseen(spells) else ""
    return Listing[Outage](items=items, reason="" if items else f"None: no minute{judged} was down")


def _fails_unseen(spells: Sequence[Incident]) -> bool:
    """Whether half of an incident failed: where no minute of it was down, they held too few to be judged."""
    rates = (spell.error_rate for spell in spells)
    return any(isinstance(rate, Measured) and rate.value >= DOWN_SHARE for rate in rates)


def uptime_unplanned(week: Week) -> Quantity:
    """Uptime without planned maintenance, where there was any and it makes a difference."""
    uptime, unplanned = week.fact("uptime", "uptime"), week.fact("uptime_unplanned", "uptime_unplanned")
    if unplanned is None:
        asked = "uptime_unplanned" in week.results
        return Unavailable(reason=week.reason("uptime_unplanned")) if asked else NO_MAINTENANCE
    if uptime is not None and uptime.value == unplanned.value:
        return Unavailable(reason="the same: no minute of planned maintenance was down")
    return Measured.of(unplanned)


def _outage(week: Week, start: Fact, spells: Sequence[Incident]) -> Outage:
    begin, end = _span(start, week.fact("downtime", "outage_minutes", start.entity))
    spell = next((spell for spell in spells if _meets(spell, begin, end)), None)
    return Outage(
        start=Measured.of(start),
        duration=week.quantity("downtime", "outage_minutes", start.entity),
        error_share=week.quantity("downtime", "outage_error_share", start.entity),
        cause=outage_cause(week, begin, end, spell),
        planned=planned(week, begin, end),
    )


def _meets(spell: Incident, begin: datetime, end: datetime) -> bool:
    if isinstance(spell.start, Unavailable) or isinstance(spell.duration, Unavailable):
        return False
    start = datetime.fromtimestamp(spell.start.value, UTC)
    return start < end and start + timedelta(minutes=spell.duration.value) > begin


def top_endpoints(week: Week) -> Listing[TopEndpoint]:
    """The endpoints with the most requests, the most first."""
    ranked = sorted(week.facts("top_endpoints", "endpoint_requests"), key=lambda fact: -fact.value)
    items = tuple(
        TopEndpoint(
            endpoint=fact.entity,
            requests=Measured.of(fact),
            share=week.quantity("top_endpoints", "endpoint_share", fact.entity),
        )
        for fact in ranked
    )
    return Listing[TopEndpoint](
        items=items, reason="" if items else f"not available: {week.reason('top_endpoints', 'no requests')}"
    )


def errors_by_type(week: Week) -> Listing[ErrorType]:
    """The status codes of 400 and above, the most frequent first."""
    ranked = sorted(week.facts("errors_by_type", "status_count"), key=lambda fact: -fact.value)
    items = tuple(
        ErrorType(
            error=fact.entity,
            count=Measured.of(fact),
            share=week.quantity("errors_by_type", "status_share", fact.entity),
        )
        for fact in ranked
    )
    none = "None: no response had a status of 400 or above"
    return Listing[ErrorType](items=items, reason="" if items else why_none(week, "errors_by_type", none))


def slowest_endpoints(week: Week) -> Listing[SlowEndpoint]:
    """The endpoints with the highest mean response time, each with its verdict."""
    ranked = sorted(
        week.facts("slowest_endpoints", "endpoint_mean_response_time"), key=lambda fact: -fact.value
    )
    items = tuple(_slow(week, mean) for mean in ranked)
    reason = week.reason("slowest_endpoints", NO_LATENCY)
    return Listing[SlowEndpoint](items=items, reason="" if items else f"not available: {reason}")


def _slow(week: Week, mean: Fact) -> SlowEndpoint:
    p95 = week.fact("slowest_endpoints", "endpoint_p95_response_time", mean.entity)
    verdict = endpoint_verdict(
        mean,
        p95,
        week.target("mean_response_time"),
        week.target("p95_response_time"),
        week.settings.verdicts,
    )
    return SlowEndpoint(
        endpoint=mean.entity,
        mean=Measured.of(mean),
        p95=week.quantity("slowest_endpoints", "endpoint_p95_response_time", mean.entity),
        requests=week.quantity("slowest_endpoints", "endpoint_requests", mean.entity),
        rating=verdict.rating,
        because=verdict.because,
    )
