"""What was done to the application: releases, configuration, planned maintenance, the incident's fix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from postlaunch.sample.experiment import Trial
from postlaunch.sample.incident import LARGER_POOL, PODS, POOL, RESTARTING, Incident
from postlaunch.sample.maintenance import Maintenance
from postlaunch.sample.rhythm import Calendar, moment

LAUNCHED_BEFORE = 7
"""Days from the launch to the first day of the sample."""

RELEASES = ((22, "1.0.1"), (43, "1.0.2"))
"""Day of the sample on which a patch release was deployed, and its version."""

VERSION = RELEASES[-1][1]

FIX_ALERT = "HighErrorRate-1"
"""The alert that the incident's fix answers."""


@dataclass(frozen=True)
class Change:
    """One line of the file; empty fields are left out of it."""

    id: str
    at: datetime
    kind: str
    title: str
    component: str
    ended_at: datetime | None = None
    version: str = ""
    before: str = ""
    after: str = ""
    by: str = ""
    planned: bool = False
    incident: str = ""
    notes: str = ""


def launch_of(calendar: Calendar) -> datetime:
    """When v1.0.0 went live: a Monday morning, one week before the sample begins."""
    return _on(calendar, calendar.days[0] - timedelta(days=LAUNCHED_BEFORE), 6)


def releases_of(calendar: Calendar) -> tuple[tuple[datetime, str], ...]:
    """When each version went live, the launch first."""
    later = tuple((_on(calendar, calendar.days[day], 10, 30), version) for day, version in RELEASES)
    return ((launch_of(calendar), "1.0.0"), *later)


def restarts_of(calendar: Calendar, incident: Incident) -> tuple[datetime, ...]:
    """When the pods began to restart, one after another: with each patch release, and to end the incident."""
    return (*(at for at, _ in releases_of(calendar)[1:]), incident.after(RESTARTING))


def restarted_at(begun: datetime, pod: int) -> datetime:
    """When a pod was back: the others serve until it is."""
    return begun + timedelta(seconds=18 * (pod + 1))


def changes_of(
    calendar: Calendar, incident: Incident, maintenance: Maintenance, trial: Trial
) -> tuple[Change, ...]:
    """Every change, oldest first."""
    changes = (
        *_releases(calendar),
        *_configuration(calendar, trial),
        Change(
            id="",
            at=moment(maintenance.start, calendar.zone),
            ended_at=moment(maintenance.end, calendar.zone),
            kind="maintenance",
            title="Kubernetes node restart (kernel update)",
            component="ingress node",
            by="devops-cicd-expert",
            planned=True,
            notes="announced on the status page a week before; nothing is answered for two minutes",
        ),
        *_fix(incident),
    )
    ordered = sorted(changes, key=lambda change: change.at)
    return tuple(_numbered(change, number) for number, change in enumerate(ordered, 1))


def _releases(calendar: Calendar) -> tuple[Change, ...]:
    (launched, first), (patched, second), (again, third) = releases_of(calendar)
    return (
        Change(
            id="",
            at=launched,
            ended_at=launched + timedelta(minutes=38),
            kind="deployment",
            title="Release v1.0.0: the launch",
            component="auth-api, admin-api, web",
            version=first,
            by="release-manager",
            planned=True,
        ),
        Change(
            id="",
            at=patched,
            ended_at=restarted_at(patched, len(PODS) - 1),
            kind="deployment",
            title="Release v1.0.1: layout of narrow windows in Safari, requests 2.32.4",
            component="auth-api, admin-api, web",
            version=second,
            before=first,
            after=second,
            by="release-manager",
            planned=True,
        ),
        Change(
            id="",
            at=patched - timedelta(minutes=4),
            ended_at=patched - timedelta(minutes=3),
            kind="migration",
            title="Index on users (last_login)",
            component="database",
            by="database-architect",
            planned=True,
            notes="built concurrently",
        ),
        Change(
            id="",
            at=again,
            ended_at=restarted_at(again, len(PODS) - 1),
            kind="deployment",
            title="Release v1.0.2: second layout of the sign-in form behind a flag, texts of mails",
            component="auth-api, web",
            version=third,
            before=second,
            after=third,
            by="release-manager",
            planned=True,
        ),
    )


def _configuration(calendar: Calendar, trial: Trial) -> tuple[Change, ...]:
    return (
        Change(
            id="",
            at=_on(calendar, calendar.days[9], 11, 5),
            kind="configuration",
            title="Retention of logs",
            component="log aggregation",
            before="14 days",
            after="30 days",
            by="devops-cicd-expert",
        ),
        Change(
            id="",
            at=_on(calendar, trial.start, 0),
            kind="configuration",
            title="Flag login_form_experiment on",
            component="web",
            before="off",
            after="on, half of the users each",
            by="analytics-specialist",
            planned=True,
        ),
        Change(
            id="",
            at=_on(calendar, trial.end + timedelta(days=1), 0),
            kind="configuration",
            title="Flag login_form_experiment off: everyone sees variant A",
            component="web",
            before="on, half of the users each",
            after="off",
            by="analytics-specialist",
            planned=True,
        ),
    )


def _fix(incident: Incident) -> tuple[Change, ...]:
    begun = incident.after(RESTARTING)
    return (
        Change(
            id="",
            at=incident.after(5, 30),
            kind="configuration",
            title="Database connections of each pod",
            component="auth-api, admin-api",
            before=str(POOL),
            after=str(LARGER_POOL),
            by="on-call engineer",
            incident=FIX_ALERT,
            notes="takes effect when a pod restarts",
        ),
        Change(
            id="",
            at=begun,
            ended_at=restarted_at(begun, len(PODS) - 1),
            kind="restart",
            title="Pods restarted one after another with the larger pool",
            component="auth-api, admin-api",
            by="on-call engineer",
            incident=FIX_ALERT,
        ),
    )


def _numbered(change: Change, number: int) -> Change:
    return Change(**{**vars(change), "id": f"CHG-{number:03d}"})


def _on(calendar: Calendar, day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=calendar.zone)
