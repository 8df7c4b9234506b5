"""What people and machines recorded around an incident: changes made, and alerts, pages, answers, notes.

Each record is a fact (its moment) with its words beside it as text from outside. `changes_seen` and
`alerts_seen` put the two together again for the rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import Field, JsonValue

from postlaunch.facts import Fact
from postlaunch.llm.privacy import beginning
from postlaunch.sources.alerts import AlertRecord, AlertTable
from postlaunch.sources.changes import Change, ChangeTable
from postlaunch.tools import definitions_incidents as definitions
from postlaunch.tools.measurement import (
    REGISTRY,
    Limits,
    MeasurementResult,
    Parameters,
    Reading,
    Readings,
)
from postlaunch.windows import Window

TEXT_LENGTH = 500


class IncidentChangesParameters(Parameters):
    """Which changes."""

    window: Window = Field(description="The span in which changes are looked for")


@REGISTRY.measurement("incident_changes", source="changes", parameters=IncidentChangesParameters)
def incident_changes(table: ChangeTable, parameters: IncidentChangesParameters, limits: Limits) -> Readings:
    """Deployments, changes of configuration, restarts, migrations and maintenance in a span, with when."""
    window = parameters.window
    found = [change for change in table.changes if _touches(change, window)]
    readings = [
        Reading(definitions.INCIDENT_CHANGES, len(found), n=len(table.changes), window=window),
    ]
    texts: list[Mapping[str, JsonValue]] = []
    for name, change in _named(found[: limits.rows // 2]):
        readings.append(
            Reading(definitions.CHANGE_MOMENT, change.at.timestamp(), n=1, window=window, entity=name)
        )
        if change.ended_at is not None:
            readings.append(
                Reading(definitions.CHANGE_END, change.ended_at.timestamp(), n=1, window=window, entity=name)
            )
        texts.append({"entity": name, **_said(change.model_dump(mode="json"))})
    left = len(found) - len(texts)
    return Readings(
        readings=tuple(readings),
        texts=tuple(texts),
        notes=(f"{left} later changes are not listed",) if left else (),
    )


def _touches(change: Change, window: Window) -> bool:
    """Whether a change was made, or went on, in a window."""
    ended = change.ended_at or change.at
    return change.at < window.observed_end and ended >= window.start


def _named(changes: Sequence[Change]) -> Iterable[tuple[str, Change]]:
    """Each change under its id; a number behind ids that occur more than once."""
    seen: Counter[str] = Counter()
    for change in changes:
        seen[change.id] += 1
        again = f" ({seen[change.id]})" if seen[change.id] > 1 else ""
        yield f"change {change.id}{again}", change


class IncidentAlertsParameters(Parameters):
    """Which records."""

    window: Window = Field(description="The incident's span")
    near_minutes: float = Field(
        default=30, ge=0, le=24 * 60, description="An alert this near to the span belongs to it"
    )
    after_hours: float = Field(
        default=24, ge=0, le=31 * 24, description="How long after the span its records are followed"
    )


@REGISTRY.measurement("incident_alerts", source="alerts", parameters=IncidentAlertsParameters)
def incident_alerts(table: AlertTable, parameters: IncidentAlertsParameters, limits: Limits) -> Readings:
    """What was recorded of the alerts around a span, each with when: fired, paged, answered, noted, reported
    by users, resolved.
    """
    window, near = parameters.window, timedelta(minutes=parameters.near_minutes)
    begin, end = window.start - near, window.observed_end + near
    until = window.observed_end + timedelta(hours=parameters.after_hours)
    told = {record.alert for record in table.records if record.alert and begin <= record.at < end}
    found = [
        record
        for record in table.records
        if begin <= record.at < until and (record.alert in told or (not record.alert and record.at < end))
    ]
    listed = found[: limits.rows - 1]
    readings = [Reading(definitions.INCIDENT_ALERTS, len(found), n=len(table.records), window=window)]
    texts: list[Mapping[str, JsonValue]] = []
    for place, record in enumerate(listed, 1):
        name = f"alert record {place}"
        readings.append(
            Reading(definitions.ALERT_MOMENT, record.at.timestamp(), n=1, window=window, entity=name)
        )
        texts.append({"entity": name, **_said(record.model_dump(mode="json"))})
    left = len(found) - len(listed)
    return Readings(
        readings=tuple(readings),
        texts=tuple(texts),
        notes=(f"{left} later records are not listed",) if left else (),
    )


def _said(body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What a record says, without what it leaves empty; long words cut."""
    return {
        name: beginning(value, TEXT_LENGTH) if isinstance(value, str) else value
        for name, value in body.items()
        if value not in ("", None)
    }


# --- for the rules ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChangeSeen:
    """A recorded change, with the fact of its moment."""

    fact: Fact
    change: Change

    @property
    def at(self) -> datetime:
        """When it was made."""
        return self.change.at

    @property
    def title(self) -> str:
        """What was changed, in its own words: "Configuration of database pool: 10 → 20"."""
        change = self.change
        words = change.title or f"{change.kind} {change.component}".strip()
        moved = f" ({change.before} → {change.after})" if change.before and change.after else ""
        version = f" {change.version}" if change.version and change.version not in words else ""
        shown = "" if change.before and change.before in words and change.after in words else moved
        return f"{words}{version}{shown}"


@dataclass(frozen=True)
class AlertSeen:
    """A record of an alert, with the fact of its moment."""

    fact: Fact
    record: AlertRecord

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.record.at

    @property
    def name(self) -> str:
        """The alert as people call it: its rule, else its id."""
        return self.record.rule or self.record.alert or "an alert"


def changes_seen(result: MeasurementResult | None) -> tuple[ChangeSeen, ...]:
    """The changes of a result, oldest first."""
    seen = []
    for fact, body in _bodies(result, definitions.CHANGE_MOMENT.name):
        seen.append(ChangeSeen(fact, Change.model_validate(body)))
    return tuple(sorted(seen, key=lambda one: one.at))


def alerts_seen(result: MeasurementResult | None) -> tuple[AlertSeen, ...]:
    """The records of a result, oldest first."""
    seen = []
    for fact, body in _bodies(result, definitions.ALERT_MOMENT.name):
        seen.append(AlertSeen(fact, AlertRecord.model_validate(body)))
    return tuple(sorted(seen, key=lambda one: one.at))


def _bodies(result: MeasurementResult | None, name: str) -> Iterable[tuple[Fact, dict[str, JsonValue]]]:
    """Each fact of a name with the text that belongs to it."""
    if result is None:
        return
    texts = {str(text.get("entity")): text for text in result.texts}
    for fact in result.named(name):
        text = texts.get(fact.entity)
        if text is not None:
            yield fact, {key: value for key, value in text.items() if key != "entity"}


def moment_of(fact: Fact) -> datetime:
    """The moment that a fact states."""
    return datetime.fromtimestamp(fact.value, UTC)
