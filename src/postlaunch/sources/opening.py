"""Opening every configured source; one that fails is kept as its error, so that the others still serve."""

from __future__ import annotations

from dataclasses import dataclass

from postlaunch.errors import SourceError
from postlaunch.settings import Settings
from postlaunch.sources.candidates import CandidateTable, open_candidates
from postlaunch.sources.events import EventLog, open_events
from postlaunch.sources.requests import RequestLog, open_requests
from postlaunch.sources.tickets import TicketTable, open_tickets
from postlaunch.windows import Clock


@dataclass(frozen=True)
class BrokenSource:
    """A configured source that could not be opened: asking for its fingerprint raises why."""

    name: str
    error: SourceError

    @property
    def fingerprint(self) -> str:
        """Never there.

        Raises:
            SourceError: always; what went wrong when the source was opened.
        """
        raise self.error


AnySource = RequestLog | EventLog | TicketTable | CandidateTable | BrokenSource


def open_sources(settings: Settings, clock: Clock) -> dict[str, AnySource]:
    """The configured sources by name. Staging a log for the first time reads it whole; blocking."""
    configured = settings.sources
    sources: dict[str, AnySource] = {}
    try:
        if configured.requests:
            sources["requests"] = open_requests(settings, clock)
    except SourceError as error:
        sources["requests"] = BrokenSource("requests", error)
    try:
        if configured.events:
            sources["events"] = open_events(settings, clock)
    except SourceError as error:
        sources["events"] = BrokenSource("events", error)
    try:
        if configured.tickets:
            sources["tickets"] = open_tickets(settings)
    except SourceError as error:
        sources["tickets"] = BrokenSource("tickets", error)
    try:
        if configured.candidates:
            sources["candidates"] = open_candidates(settings)
    except SourceError as error:
        sources["candidates"] = BrokenSource("candidates", error)
    return sources
