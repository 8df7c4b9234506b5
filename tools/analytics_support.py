"""How many support tickets there are a week."""

from __future__ import annotations

from postlaunch.sources.tickets import TicketTable
from postlaunch.tools.definitions_analytics import SUPPORT_TICKET_RATE
from postlaunch.tools.event_query import calendar_weeks
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.ticket_cover import begins_late, end_missing
from postlaunch.windows import Window


@REGISTRY.measurement("support_ticket_rate", source="tickets", parameters=WindowParameters)
def support_ticket_rate(source: TicketTable, parameters: WindowParameters, limits: Limits) -> Readings:
    """Support tickets a week over the window, of every kind."""
    window, baseline = parameters.window, parameters.baseline
    tickets = _tickets(source, window)
    if tickets is None:
        return Readings(reason="the tickets do not cover the window", notes=source.notes)
    missing = end_missing(source, window)
    if missing:
        return Readings(reason=missing, notes=source.notes)
    half = baseline is not None and begins_late(source, baseline)
    before = _tickets(source, baseline) if baseline and not half else None
    compared = baseline if before is not None else None
    return Readings(
        readings=(
            Reading(
                SUPPORT_TICKET_RATE,
                tickets / calendar_weeks(window),
                n=tickets,
                window=window,
                baseline=before / calendar_weeks(compared) if compared and before is not None else None,
                baseline_window=compared,
                baseline_n=before if compared else None,
            ),
        ),
        notes=(*source.notes, *_said_of_beginning(source, window, baseline)),
    )


def _said_of_beginning(source: TicketTable, window: Window, baseline: Window | None) -> tuple[str, ...]:
    """What the beginning of the file leaves out of the window, else of the baseline."""
    begin = f"the tickets begin {window.local(source.tickets[0].created_at):%Y-%m-%d}"
    if begins_late(source, window):
        return (f"{begin}, after the window does: the rate may be too low",)
    if baseline is not None and begins_late(source, baseline):
        return (f"{begin}, after the span before does: the rate is not compared",)
    return ()


def _tickets(source: TicketTable, window: Window) -> int | None:
    """Tickets of a window; None where the file begins after it or ends before it."""
    moments = [ticket.created_at for ticket in source.tickets]
    if not moments or moments[0] >= window.observed_end or moments[-1] < window.start:
        return None
    return sum(window.start <= moment < window.observed_end for moment in moments)
