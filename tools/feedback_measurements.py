"""Measurements over the tickets: how many, what they ask for, and what mentions a subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field, JsonValue

from postlaunch.ledger.feedback_records import GroupingDecision
from postlaunch.llm.privacy import beginning
from postlaunch.sources.tickets import Ticket, TicketTable
from postlaunch.tools.definitions_feedback import (
    FEATURE_REQUESTS,
    GROUP_REQUESTERS,
    GROUP_TICKETS,
    MATCHING_REQUESTERS,
    MATCHING_TICKETS,
    SUPPORT_TICKETS,
    TICKETS_OF_KIND,
)
from postlaunch.tools.feedback import group_requests
from postlaunch.tools.feedback_groups import Anchor, Group, merge_groups
from postlaunch.tools.feedback_text import phrase_stems, plain, requester_of, tokens
from postlaunch.tools.feedback_ways import SAID, Way
from postlaunch.tools.measurement import (
    REGISTRY,
    Limits,
    Parameters,
    Reading,
    Readings,
    WindowParameters,
)
from postlaunch.tools.ticket_cover import end_missing
from postlaunch.windows import Window

EXCERPT = 300
"""Characters of a ticket that are handed on with a figure."""


class RequestGroupsParameters(Parameters):
    """Which tickets to group, by which candidates first, and which groups to join.

    No model gives these: what people decided is among them.
    """

    window: Window | None = Field(default=None, description="Only tickets of this span; all where left out")
    anchors: tuple[Anchor, ...] = Field(
        default=(), max_length=500, description="Candidate items, whose words are matched first"
    )
    merges: tuple[tuple[str, ...], ...] = Field(
        default=(), max_length=200, description='Sets of group ids that ask for the same, e.g. [["G3", "G7"]]'
    )
    decisions: tuple[GroupingDecision, ...] = Field(
        default=(), max_length=10_000, description="What people decided about groups, before any merge"
    )
    vectors: Way = Field(default="words", description="By what requests are compared")


class TicketsAboutParameters(Parameters):
    """Words to look for."""

    words: tuple[str, ...] = Field(
        min_length=1,
        max_length=20,
        description='Words or phrases, any of which matches, e.g. ["2FA", "login"]',
    )
    window: Window | None = Field(default=None, description="Only tickets of this span; all where left out")
    samples: int = Field(default=5, ge=0, le=20, description="How many of the newest tickets to show")


@REGISTRY.measurement("ticket_volume", source="tickets", parameters=WindowParameters)
def ticket_volume(source: TicketTable, parameters: WindowParameters, limits: Limits) -> Readings:
    """How many support tickets came in, in all and by the kind they were filed under."""
    window, before = parameters.window, parameters.baseline
    now = _in(source, window)
    then = None if before is None else _in(source, before)
    if not source.tickets:
        return Readings(reason="the file holds no ticket")
    if not _overlaps(source, window):
        return Readings(reason=f"no ticket is of this span; {_span_text(source)}")
    compared = before if before is not None and _overlaps(source, before) else None
    kinds_then = Counter(_kind(ticket) for ticket in then or ())
    readings = [_volume(len(now), window, compared, len(then or ()))]
    for kind, number in sorted(Counter(map(_kind, now)).items(), key=lambda item: (-item[1], item[0])):
        readings.append(
            Reading(
                TICKETS_OF_KIND,
                number,
                n=len(now),
                window=window,
                entity=kind,
                baseline=kinds_then[kind] if compared else None,
                baseline_window=compared,
                baseline_n=len(then or ()) if compared else None,
            )
        )
    return Readings(readings=tuple(readings[: limits.rows]), notes=_notes(source))


def _volume(number: int, window: Window, compared: Window | None, before: int) -> Reading:
    return Reading(
        SUPPORT_TICKETS,
        number,
        n=number,
        window=window,
        baseline=before if compared else None,
        baseline_window=compared,
        baseline_n=before if compared else None,
    )


@REGISTRY.measurement("request_groups", source="tickets", parameters=RequestGroupsParameters, for_model=False)
def request_groups(source: TicketTable, parameters: RequestGroupsParameters, limits: Limits) -> Readings:
    """What users ask for: feature requests grouped, each group with its distinct requesters and its tickets.

    Candidates (`anchors`) come first, also those that nobody asks for. What people decided is applied to what
    is found; then `merges` joins groups by their ids.
    """
    source = source.asking
    if not source.tickets:
        return Readings(reason="no ticket and no feature request was read")
    window = parameters.window or _span(source)
    tickets = source.tickets if parameters.window is None else _in(source, window)
    if not tickets:
        return Readings(reason=f"no ticket is of this span; {_span_text(source)}")
    grouping = group_requests(tickets, parameters.anchors, parameters.decisions, parameters.vectors)
    groups = merge_groups(grouping.groups, parameters.merges)
    shown = groups[: max(1, (limits.rows - 1) // 2)]
    readings = [Reading(FEATURE_REQUESTS, len(grouping.requests), n=len(tickets), window=window)]
    for group in shown:
        for definition, value in ((GROUP_REQUESTERS, group.count), (GROUP_TICKETS, len(group.tickets))):
            note = group.note() if definition is GROUP_REQUESTERS else ""
            readings.append(
                Reading(definition, value, n=len(tickets), window=window, entity=group.id, note=note)
            )
    notes = [*_notes(source), SAID[parameters.vectors], *grouping.notes]
    if len(shown) < len(groups):
        notes.append(f"{len(groups) - len(shown)} smaller groups are not listed")
    if grouping.alone:
        notes.append(f"{len(grouping.alone)} requests resemble no other")
    subjects = {ticket.id: ticket.subject for ticket in tickets}
    return Readings(
        readings=tuple(readings),
        texts=tuple(_group_text(group, subjects) for group in shown),
        notes=tuple(notes),
    )


def _group_text(group: Group, subjects: dict[str, str]) -> dict[str, JsonValue]:
    return {
        "group": group.id,
        "label": group.label,
        "candidate": group.candidate,
        "terms": list(group.terms),
        "low": group.low,
        "high": group.high,
        "note": group.note(),
        "tickets": list(group.tickets),
        "against": list(group.of("against")),
        "apart": list(group.apart),
        "samples": [{"id": identity, "subject": subjects[identity]} for identity in group.tickets[:3]],
    }


@REGISTRY.measurement("tickets_about", source="tickets", parameters=TicketsAboutParameters)
def tickets_about(source: TicketTable, parameters: TicketsAboutParameters, limits: Limits) -> Readings:
    """How many tickets, and how many people, mention any of some words; the newest tickets as samples."""
    if not source.tickets:
        return Readings(reason=_span_text(source))
    window = parameters.window or _span(source)
    tickets = source.tickets if parameters.window is None else _in(source, window)
    if not tickets:
        return Readings(reason=f"no ticket is of this span; {_span_text(source)}")
    missing = end_missing(source, window)
    if missing:
        return Readings(reason=missing, notes=_notes(source))
    phrases = [stems for stems in map(phrase_stems, parameters.words) if stems]
    if not phrases:
        return Readings(reason="the words hold no letter or digit")
    found = [ticket for ticket in tickets if _mentions(ticket, phrases)]
    people = {requester_of(ticket) or f"ticket {ticket.id}" for ticket in found}
    entity = " | ".join(parameters.words)
    newest = found[::-1][: min(parameters.samples, limits.rows)]
    return Readings(
        readings=(
            Reading(MATCHING_TICKETS, len(found), n=len(tickets), window=window, entity=entity),
            Reading(MATCHING_REQUESTERS, len(people), n=len(tickets), window=window, entity=entity),
        ),
        texts=tuple(
            {
                "id": ticket.id,
                "created_at": ticket.created_at.isoformat(),
                "kind": ticket.kind,
                "subject": ticket.subject,
                "text": beginning(ticket.text, EXCERPT),
            }
            for ticket in newest
        ),
        notes=_notes(source),
    )


def _mentions(ticket: Ticket, phrases: Sequence[tuple[str, ...]]) -> bool:
    stems = tuple(token.stem for token in tokens(plain(f"{ticket.subject}\n{ticket.text}")))
    return any(
        stems[place : place + len(phrase)] == phrase for phrase in phrases for place in range(len(stems))
    )


def _kind(ticket: Ticket) -> str:
    return " ".join(plain(ticket.kind).split()) or "no kind given"


def _in(source: TicketTable, window: Window) -> tuple[Ticket, ...]:
    return tuple(
        ticket for ticket in source.tickets if window.start <= ticket.created_at < window.observed_end
    )


def _span(source: TicketTable) -> Window:
    """From the first ticket to the last, included."""
    first, last = source.tickets[0].created_at, source.tickets[-1].created_at
    return Window(start=first, end=last + timedelta(seconds=1), zone=source.zone)


def _overlaps(source: TicketTable, window: Window) -> bool:
    """Whether the file speaks of a span at all: before its first and after its last ticket it does not."""
    span = _span(source)
    return window.start < span.end and span.start < window.observed_end


def _span_text(source: TicketTable) -> str:
    return f"the file covers {_span(source).days()}" if source.tickets else "the file holds no ticket"


def _notes(source: TicketTable) -> tuple[str, ...]:
    rejected = (f"{len(source.rejected)} rows held no ticket",) if source.rejected else ()
    return (*source.notes, *rejected)
