"""Incidents and the action items that follow from them, kept until they are resolved and closed.

A run opens an incident and writes what it finds, under its lease. A person closes an action item, under no
lease. Numbers are given inside the writing transaction, which follows every other: none is given twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pydantic import JsonValue
from sqlalchemy import Connection, Select, func, insert, select, update

from postlaunch.errors import UsageError
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import (
    ActionDraft,
    ActionItem,
    ActionStatus,
    IncidentRecord,
    IncidentStatus,
    Lease,
)
from postlaunch.ledger.rows import all_of, one_or_none, storable, values_of
from postlaunch.ledger.tables import action_items, incidents

SAME_SPELL = timedelta(minutes=5)
"""Spells of failures at most so far apart are one incident, as they are where they are measured."""

PREFIX = "incident/"

Stored = TypeVar("Stored", IncidentRecord, ActionItem)


def incident_key(application: str, start: datetime) -> str:
    """The business key of an incident: its application and the minute in which its impact began, in UTC."""
    return f"{PREFIX}{application}/{start.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _application_and_start(key: str) -> tuple[str, datetime]:
    application, _, minute = key.removeprefix(PREFIX).rpartition("/")
    try:
        start = datetime.fromisoformat(minute)
        if key.startswith(PREFIX) and application and start.tzinfo is not None:
            return application, start
    except ValueError:
        pass
    raise UsageError(
        f'"{key}" is no key of an incident',
        f"make it with incident_key: {PREFIX}APPLICATION/2025-11-18T22:15Z",
    )


def _moment(body: Mapping[str, JsonValue], name: str) -> datetime | None:
    """A moment that a body states, or None where it states none."""
    stated = body.get(name)
    if not isinstance(stated, str):
        return None
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(
            f'the incident\'s "{name}" is "{stated}"', "write a moment of ISO 8601 with its zone"
        )
    return moment


def _last_seen(body: Mapping[str, JsonValue], otherwise: datetime) -> datetime:
    return max(_moment(body, "end") or _moment(body, "seen_until") or otherwise, otherwise)


class Incidents(LedgerPart):
    """Open incidents, write what is found, and keep their action items."""

    def open_incident(
        self, lease: Lease, key: str, year: int, body: Mapping[str, JsonValue]
    ) -> IncidentRecord:
        """The incident of this key, or a new one under the next number of its application and year.

        A spell that overlaps a known incident of the application, or follows it within five minutes, is that
        incident, whatever its key says. A second call writes nothing.

        Args:
            body: what is known of it; "severity", and the moments "end" or (of one that goes on)
                "seen_until", as ISO 8601, are read from it.

        Raises:
            LeaseLost: the run passed to another process.
            UsageError: the key is none.
        """
        application, start = _application_and_start(key)
        end = _last_seen(body, start)
        with self._database.write() as connection:
            require_lease(connection, lease)
            known = self._known(connection, key, application, start, end)
            if known is not None:
                return known
            of_year = (incidents.c.application == storable(application), incidents.c.year == year)
            last = connection.execute(select(func.max(incidents.c.number)).where(*of_year)).scalar_one()
            number = (last or 0) + 1
            record = IncidentRecord(
                id=f"INC-{year}-{number:03d}",
                key=key,
                application=application,
                severity=str(body.get("severity") or ""),
                started_at=start,
                ended_at=end,
                opened_at=self._now(),
                run=lease.run,
                body=dict(body),
            )
            connection.execute(
                insert(incidents).values({**values_of(record), "year": year, "number": number})
            )
        return record

    def _known(
        self, connection: Connection, key: str, application: str, start: datetime, end: datetime
    ) -> IncidentRecord | None:
        same = one_or_none(
            connection, select(incidents).where(incidents.c.key == storable(key)), IncidentRecord
        )
        if same is not None:
            return same
        near = (
            select(incidents)
            .where(
                incidents.c.application == storable(application),
                incidents.c.started_at <= end + SAME_SPELL,
                incidents.c.ended_at >= start - SAME_SPELL,
            )
            .order_by(incidents.c.started_at)
            .limit(1)
        )
        return one_or_none(connection, near, IncidentRecord)

    def update_incident(
        self,
        lease: Lease,
        id: str,
        *,
        status: IncidentStatus,
        body: Mapping[str, JsonValue],
        application: str | None = None,
    ) -> IncidentRecord:
        """Write what is now known of an incident. It is resolved at the body's "resolved_at", or now; one
        that turns open again is not.

        Raises:
            LeaseLost: the run passed to another process.
            UsageError: there is no such incident.
        """
        with self._database.write() as connection:
            require_lease(connection, lease)
            before = _the_one(connection, _incidents_of(id, application), IncidentRecord, "incident", id)
            resolved = None
            if status == "resolved":
                resolved = _moment(body, "resolved_at") or before.resolved_at or self._now()
            changed = before.model_copy(
                update={
                    "status": status,
                    "severity": str(body.get("severity") or before.severity),
                    "ended_at": _last_seen(body, before.ended_at),
                    "resolved_at": resolved,
                    "run": lease.run,
                    "body": dict(body),
                }
            )
            connection.execute(
                update(incidents).where(incidents.c.key == before.key).values(values_of(changed))
            )
        return changed

    def incident(self, id: str, *, application: str | None = None) -> IncidentRecord:
        """An incident by its id.

        Args:
            application: needed only where several applications share the ledger.

        Raises:
            UsageError: there is none, or several applications have one.
        """
        with self._database.read() as connection:
            return _the_one(connection, _incidents_of(id, application), IncidentRecord, "incident", id)

    def incidents(self, status: IncidentStatus | None = None) -> tuple[IncidentRecord, ...]:
        """Incidents by when they started, the newest first; all, or those of one status."""
        query = select(incidents).order_by(incidents.c.started_at.desc(), incidents.c.key)
        if status is not None:
            query = query.where(incidents.c.status == status)
        with self._database.read() as connection:
            return all_of(connection, query, IncidentRecord)

    # --- action items -----------------------------------------------------------------------------------

    def put_action_items(
        self, lease: Lease, incident: str, items: Sequence[ActionDraft], *, application: str | None = None
    ) -> tuple[ActionItem, ...]:
        """Keep what is to be done after an incident, once for each key; gives all of the incident's items.

        An item whose key is known stays as it is stored: what a person was told, with its due date, does not
        move under their hands.

        Raises:
            LeaseLost: the run passed to another process.
            UsageError: there is no such incident.
        """
        with self._database.write() as connection:
            require_lease(connection, lease)
            of = _the_one(
                connection, _incidents_of(incident, application), IncidentRecord, "incident", incident
            )
            stored = list(_items_of(connection, of))
            known = {item.key for item in stored}
            for draft in items:
                if draft.key in known:
                    continue
                item = ActionItem(
                    **draft.model_dump(include=set(ActionDraft.model_fields)),
                    id=f"{of.id}-{len(stored) + 1}",
                    application=of.application,
                    incident=of.id,
                )
                connection.execute(insert(action_items).values({**values_of(item), "incident_key": of.key}))
                known.add(item.key)
                stored.append(item)
        return tuple(stored)

    def action_items(
        self, status: ActionStatus | None = None, *, incident: str | None = None
    ) -> tuple[ActionItem, ...]:
        """Action items by their due date, the earliest first; of one status, of one incident's id."""
        query = select(action_items).order_by(action_items.c.due, action_items.c.id)
        if status is not None:
            query = query.where(action_items.c.status == status)
        if incident is not None:
            query = query.where(action_items.c.incident == incident)
        with self._database.read() as connection:
            return all_of(connection, query, ActionItem)

    def close_action_item(
        self, id: str, *, by: str, note: str, at: datetime, application: str | None = None
    ) -> ActionItem:
        """Close an action item, as the person `by` says. Closing it again changes nothing.

        Raises:
            UsageError: there is no such item, or nobody is named.
        """
        if not by.strip():
            raise UsageError(f"nobody is named who closes {id}", "say who: the name stays with the item")
        query = select(action_items).where(action_items.c.id == id)
        if application is not None:
            query = query.where(action_items.c.application == application)
        with self._database.write() as connection:
            item = _the_one(connection, query, ActionItem, "action item", id)
            if item.status == "closed":
                return item
            closed = item.model_copy(
                update={"status": "closed", "closed_by": by.strip(), "closed_at": at, "note": note}
            )
            connection.execute(
                update(action_items)
                .where(action_items.c.id == id, action_items.c.application == item.application)
                .values(values_of(closed))
            )
        return closed


def _incidents_of(id: str, application: str | None) -> Select[tuple[object, ...]]:
    query = select(incidents).where(incidents.c.id == id)
    return query if application is None else query.where(incidents.c.application == application)


def _items_of(connection: Connection, incident: IncidentRecord) -> tuple[ActionItem, ...]:
    """An incident's items in the order in which they were put."""
    query = select(action_items).where(action_items.c.incident_key == incident.key)
    found = all_of(connection, query, ActionItem)
    return tuple(sorted(found, key=lambda item: int(item.id.rpartition("-")[2])))


def _the_one(
    connection: Connection, query: Select[tuple[object, ...]], kind: type[Stored], what: str, id: str
) -> Stored:
    """The one record that a query finds.

    Raises:
        UsageError: none, or one in each of several applications.
    """
    found = all_of(connection, query, kind)
    if not found:
        raise UsageError(
            f'there is no {what} "{id}"', "ids look like INC-2025-001, items like INC-2025-001-2"
        )
    if len(found) > 1:
        owners = ", ".join(record.application for record in found)
        raise UsageError(f"{what} {id} is one in several applications: {owners}", "name the application")
    return found[0]
