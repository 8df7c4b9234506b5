"""Whether the tickets reach over a window: a file exported in the middle of it has not all of its tickets."""

from __future__ import annotations

from datetime import timedelta

from postlaunch.sources.tickets import TicketTable
from postlaunch.windows import Window

CALM = timedelta(days=2)
"""Without a ticket for so long at either end of a window, it is taken to be covered all the same."""


def begins_late(source: TicketTable, window: Window) -> bool:
    """Whether the file begins so long after the window that it may not have all of its tickets."""
    return source.tickets[0].created_at - window.start > CALM


def end_missing(source: TicketTable, window: Window) -> str:
    """Why the file cannot speak for the window's end, as far as that was over; empty where it can."""
    last = source.tickets[-1].created_at
    if window.observed_end - last <= CALM:
        return ""
    return f"the tickets end {window.local(last):%Y-%m-%d}, before the span does"
