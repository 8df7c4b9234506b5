"""What an opened source holds, in words for `postlaunch check`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from postlaunch.sources.alerts import AlertTable
from postlaunch.sources.app_logs import ApplicationLog
from postlaunch.sources.candidates import CandidateTable
from postlaunch.sources.changes import ChangeTable
from postlaunch.sources.competitors import Claim, CompetitorTable
from postlaunch.sources.costs import CostTable
from postlaunch.sources.event_coverage import event_coverage_text
from postlaunch.sources.events import EventLog
from postlaunch.sources.launch import LaunchSource
from postlaunch.sources.opening import OpenSource
from postlaunch.sources.requests import RequestLog, coverage_text
from postlaunch.sources.resources import FIGURES, ResourceLog
from postlaunch.sources.row_coverage import row_coverage_text
from postlaunch.sources.tables import RejectedRow
from postlaunch.sources.tickets import SOURCE as TICKETS
from postlaunch.sources.tickets import TicketTable
from postlaunch.sources.tracking_plan import TrackingPlanSource
from postlaunch.sources.vulnerabilities import ScanTable
from postlaunch.windows import zone_named

FEW = 6
"""So many names of a list are printed."""


def finding_of(source: OpenSource, zone: str) -> str:
    """What a source holds: one line, and more where something is left out or missing.

    Args:
        zone: IANA name of the zone in which moments are printed.
    """
    if isinstance(source, RequestLog):
        return coverage_text(source.coverage, zone)
    if isinstance(source, EventLog):
        return event_coverage_text(source.coverage, zone)
    if isinstance(source, ResourceLog):
        return _resources(source, zone)
    if isinstance(source, ApplicationLog):
        return row_coverage_text(source.coverage, "log line", zone)
    if isinstance(source, LaunchSource):
        return "\n".join((_launch(source, zone), *source.notes))
    if isinstance(source, TrackingPlanSource):
        return "\n".join((_plan(source), *source.notes))
    if isinstance(source, CandidateTable):
        return "\n".join((_many(len(source.items), "candidate item"), *source.notes))
    if isinstance(source, CompetitorTable):
        return "\n".join((_competitors(source), *source.remarks, *_left_out(source.rejected)))
    if isinstance(source, TicketTable):
        noun = "ticket" if source.name == TICKETS else "feature request"
        said = _many(len(source.tickets), noun) + _span([t.created_at for t in source.tickets], zone)
    elif isinstance(source, ChangeTable):
        said = _changes(source, zone)
    elif isinstance(source, AlertTable):
        said = _alerts(source, zone)
    elif isinstance(source, CostTable):
        said = _costs(source)
    else:
        said = _scans(source, zone)
    return "\n".join((said, *source.notes, *_left_out(source.rejected)))


def _resources(source: ResourceLog, zone: str) -> str:
    text = row_coverage_text(source.coverage, "resource sample", zone)
    absent = [figure for figure in FIGURES if figure not in source.coverage.columns]
    return f"{text}\nnot in the samples: {', '.join(absent)}" if absent else text


def _changes(source: ChangeTable, zone: str) -> str:
    kinds = _counted(Counter(change.kind for change in source.changes))
    return f"{_many(len(source.changes), 'change')}{_span([c.at for c in source.changes], zone)}{kinds}"


def _alerts(source: AlertTable, zone: str) -> str:
    kinds = _counted(Counter(record.kind.replace("_", " ") for record in source.records))
    alerts = len({record.alert for record in source.records if record.alert})
    span = _span([record.at for record in source.records], zone)
    return f"{_many(len(source.records), 'record')} of {_many(alerts, 'alert')}{span}{kinds}"


def _costs(source: CostTable) -> str:
    services = sorted({line.service for line in source.lines})
    first, last = source.lines[0].day, source.lines[-1].day
    return f"{_many(len(source.lines), 'cost line')} from {first} to {last}: {_few(services)}"


def _scans(source: ScanTable, zone: str) -> str:
    if not source.scans:
        return "no finding in any scan"
    scans = _many(len(source.scans), "scan") + _span(source.scans, zone)
    listed = source.listed()
    packages = sorted({finding.package for finding in listed})
    still = (
        f"{_many(len(listed), 'finding')} still listed: {_few(packages)}"
        if listed
        else "nothing still listed"
    )
    return f"{scans}; {still}"


def _competitors(source: CompetitorTable) -> str:
    claims = [
        claim
        for note in source.notes
        for claim in (note.summary, note.advantage, note.disadvantage, note.edge)
        if isinstance(claim, Claim)
    ]
    dates = sorted(claim.date for claim in claims)
    names = _few([note.name for note in source.notes])
    positioning = "" if source.positioning else "; no positioning of our own"
    return (
        f"{_many(len(source.notes), 'competitor')} ({names}), {_many(len(claims), 'claim')} "
        f"from {dates[0]} to {dates[-1]}{positioning}"
    )


def _launch(source: LaunchSource, zone: str) -> str:
    record = source.record
    version = record.version or "without a version"
    at = f", launched {_moment(record.launched_at, zone)} {zone}" if record.launched_at else ""
    parts = sorted(record.model_fields_set - {"version", "launched_at"})
    return f"the launch of {version}{at}; it tells of: {', '.join(parts).replace('_', ' ') or 'nothing else'}"


def _plan(source: TrackingPlanSource) -> str:
    events = source.plan.events
    properties = sum(len(event.properties) for event in events)
    ownerless = sum(not event.owner for event in events)
    nobody = f"; {_many(ownerless, 'event')} without an owner" if ownerless else ""
    return f"a plan of {_many(len(events), 'event')} with {_properties(properties)}{nobody}"


def _properties(count: int) -> str:
    return "1 property" if count == 1 else f"{count:,} properties"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _counted(counts: Counter[str]) -> str:
    said = ", ".join(f"{count:,} {kind}" for kind, count in counts.most_common())
    return f": {said}" if said else ""


def _span(moments: Sequence[datetime], zone: str) -> str:
    if not moments:
        return ""
    first, last = min(moments), max(moments)
    if first == last:
        return f" of {_moment(first, zone)} {zone}"
    return f" from {_moment(first, zone)} to {_moment(last, zone)} {zone}"


def _moment(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(zone_named(zone)):%Y-%m-%d %H:%M}"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more


def _left_out(rejected: Sequence[RejectedRow]) -> tuple[str, ...]:
    """How many rows do not fit, and why the first does not."""
    if not rejected:
        return ()
    first = rejected[0]
    rows = "1 row does not fit and is" if len(rejected) == 1 else f"{len(rejected):,} rows do not fit and are"
    return (f"{rows} left out; row {first.row}: {first.reason}",)
