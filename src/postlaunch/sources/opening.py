"""Opening every configured source; one that fails is kept as its error, so that the others still serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from postlaunch.errors import SourceError
from postlaunch.settings import Settings
from postlaunch.sources.action_items import ActionItemTable
from postlaunch.sources.alerts import AlertTable, open_alerts
from postlaunch.sources.app_logs import ApplicationLog, open_app_logs
from postlaunch.sources.candidates import CandidateTable, open_candidates
from postlaunch.sources.changes import ChangeTable, open_changes
from postlaunch.sources.competitors import CompetitorTable, open_competitors
from postlaunch.sources.costs import CostTable, open_costs
from postlaunch.sources.deployments import DeploymentTable
from postlaunch.sources.events import EventLog, open_events
from postlaunch.sources.feature_requests import open_feature_requests, with_requests
from postlaunch.sources.launch import LaunchSource, open_launch
from postlaunch.sources.requests import RequestLog, open_requests
from postlaunch.sources.resources import ResourceLog, open_resources
from postlaunch.sources.staged_log import StagedLog
from postlaunch.sources.tickets import TicketTable, open_tickets
from postlaunch.sources.tracking_plan import TrackingPlanSource, open_tracking_plan
from postlaunch.sources.vulnerabilities import ScanTable, open_vulnerabilities
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


OpenSource = (
    RequestLog
    | EventLog
    | ResourceLog
    | ApplicationLog
    | TicketTable
    | CandidateTable
    | ChangeTable
    | AlertTable
    | CostTable
    | ScanTable
    | CompetitorTable
    | LaunchSource
    | TrackingPlanSource
)
AnySource = OpenSource | DeploymentTable | ActionItemTable | BrokenSource
"""What measurements read: of the settings, and what the ledger knows: what went live, what is to be done."""

OPENERS: Mapping[str, Callable[[Settings, Clock], OpenSource]] = {
    "requests": open_requests,
    "events": open_events,
    "tickets": open_tickets,
    "feature_requests": open_feature_requests,
    "candidates": lambda settings, _: open_candidates(settings),
    "resources": open_resources,
    "logs": open_app_logs,
    "changes": open_changes,
    "alerts": open_alerts,
    "costs": open_costs,
    "vulnerabilities": open_vulnerabilities,
    "competitors": open_competitors,
    "launch": lambda settings, _: open_launch(settings),
    "tracking_plan": lambda settings, _: open_tracking_plan(settings),
}
"""How each source is opened, by its name in the settings."""


def open_sources(settings: Settings, clock: Clock) -> dict[str, AnySource]:
    """The configured sources by name. Staging a log for the first time reads it whole; blocking."""
    named = (name for name in OPENERS if getattr(settings.sources, name) is not None)
    sources = {name: open_source(name, settings, clock) for name in named}
    tickets, requests = sources.get("tickets"), sources.get("feature_requests")
    if isinstance(requests, TicketTable) and (tickets is None or isinstance(tickets, TicketTable)):
        sources["tickets"] = with_requests(settings, tickets, requests)
    return sources


def open_source(name: str, settings: Settings, clock: Clock) -> AnySource:
    """One source that the settings name; where it fails, its error."""
    try:
        return OPENERS[name](settings, clock)
    except SourceError as error:
        return BrokenSource(name, error)


def close_sources(sources: Mapping[str, AnySource]) -> None:
    """End every query on staged rows; tables that were read whole hold nothing open."""
    for source in sources.values():
        if isinstance(source, (RequestLog, EventLog, StagedLog)):
            source.close()
