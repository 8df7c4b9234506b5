"""Triage: which alerts and user reports are incidents, which are noise, and which somebody must look at.

A pure rule over two measurement results: the failing spells that the requests show ("incidents_seen") and the
records of alerts ("incident_alerts"), and where there is a record of changes, planned work.

| What is recorded | What the requests show | Verdict |
|---|---|---|
| an alert or a report, within half an hour of a failing spell | that spell | incident, of its severity |
| nothing | a failing spell | incident, that no alert told of |
| an alert or a report during planned work | nothing beyond it | noise: planned |
| a critical alert that has not resolved, or three users or more within an hour | nothing | incident, SEV-4 |
| another critical alert, or one user's report | nothing | look |
| a warning | nothing | noise |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from postlaunch.facts import Fact, Frozen
from postlaunch.reports.health import Severity
from postlaunch.reports.judged import Sentence, said
from postlaunch.settings import Settings
from postlaunch.tools.incident_records import AlertSeen, alerts_seen, changes_seen, moment_of
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.verdicts import severity
from postlaunch.windows import Moment

TriageVerdict = Literal["incident", "look", "noise"]
TriageTrigger = Literal["alert", "user_report", "finding"]

NEAR = timedelta(minutes=30)
USERS_TOGETHER = 3
TOGETHER = timedelta(hours=1)

SEEN, RECORDED, CHANGED = "incidents_seen", "incident_alerts", "incident_changes"
"""Names under which the measurements are handed in."""


class Triaged(Frozen):
    """One thing that was looked at, and what it is.

    Attributes:
        alerts: ids of the alerts that belong to it; empty for users' reports without one, and for a spell
            that no alert told of.
        start, end: of the failing spell; without one, of the records. None: it goes on.
        severity: of an incident; empty for the rest.
        text: for the assignment of whoever handles it.
    """

    verdict: TriageVerdict
    trigger: TriageTrigger
    alerts: tuple[str, ...] = ()
    start: Moment
    end: Moment | None = None
    severity: Severity | Literal[""] = ""
    because: Sentence
    text: str = ""


@dataclass(frozen=True)
class _Spell:
    """A failing spell of the requests."""

    start: Fact
    minutes: Fact
    rate: Fact
    failed: Fact

    @property
    def began(self) -> datetime:
        return moment_of(self.start)

    @property
    def ended(self) -> datetime:
        return self.began + timedelta(minutes=self.minutes.value)


def triage(settings: Settings, measurements: Mapping[str, MeasurementResult]) -> tuple[Triaged, ...]:
    """What each alert, report and failing spell is, by the table above; the earliest first.

    Args:
        measurements: by name; a missing one, or one without data, shows nothing.
    """
    spells = _spells(measurements.get(SEEN))
    groups = _groups(alerts_seen(measurements.get(RECORDED)))
    planned = [
        (seen.at, seen.change.ended_at or seen.at)
        for seen in changes_seen(measurements.get(CHANGED))
        if seen.change.planned
    ]
    found: list[Triaged] = []
    taken: set[int] = set()
    for spell in spells:
        near = [place for place, group in enumerate(groups) if _near(spell, group)]
        taken.update(near)
        found.append(_incident(settings, spell, [groups[place] for place in near]))
    left = [group for place, group in enumerate(groups) if place not in taken]
    reports = [group for group in left if group[0].record.kind == "user_report"]
    alerts = [group for group in left if group[0].record.kind != "user_report"]
    found += [_without_failures(group, planned, measurements) for group in alerts]
    found += _reports(reports, planned)
    return tuple(sorted(found, key=lambda one: one.start))


def _spells(result: MeasurementResult | None) -> list[_Spell]:
    spells = []
    for start in result.named("incident_start") if result else ():
        assert result is not None
        minutes, rate, failed = (
            result.fact(name, start.entity)
            for name in ("incident_minutes", "incident_error_rate", "incident_failed_requests")
        )
        if minutes is not None and rate is not None and failed is not None:
            spells.append(_Spell(start, minutes, rate, failed))
    return spells


def _groups(alerts: Sequence[AlertSeen]) -> list[list[AlertSeen]]:
    """The records of each alert together, from each time it fired; users' reports and notes without an alert
    stand alone.
    """
    groups: list[list[AlertSeen]] = []
    open_groups: dict[str, list[AlertSeen]] = {}
    for seen in alerts:
        identity = seen.record.alert or (seen.record.rule if seen.record.kind != "user_report" else "")
        if seen.record.kind in ("fired", "user_report") or not identity:
            if seen.record.kind not in ("fired", "user_report"):
                continue
            group = open_groups.get(identity) if identity and seen.record.kind == "fired" else None
            if group is not None and not _resolved(group):
                group.append(seen)
                continue
            groups.append([seen])
            if identity and seen.record.kind == "fired":
                open_groups[identity] = groups[-1]
        elif identity in open_groups:
            open_groups[identity].append(seen)
    return groups


def _resolved(group: Sequence[AlertSeen]) -> bool:
    return any(seen.record.kind == "resolved" or seen.record.milestone == "closed" for seen in group)


def _near(spell: _Spell, group: Sequence[AlertSeen]) -> bool:
    first, last = group[0].at, group[-1].at
    return first <= spell.ended + NEAR and last >= spell.began - NEAR and first >= spell.began - NEAR


def _incident(settings: Settings, spell: _Spell, groups: Sequence[Sequence[AlertSeen]]) -> Triaged:
    level = severity(spell.rate.value, settings.verdicts)
    figures = said(
        "{failed} requests failed ({rate}) within {minutes}",
        failed=spell.failed,
        rate=spell.rate,
        minutes=spell.minutes,
    )
    ids = tuple(dict.fromkeys(seen.record.alert for group in groups for seen in group if seen.record.alert))
    if not groups:
        trigger: TriageTrigger = "finding"
        told = "no alert told of it"
    else:
        first = min((group[0] for group in groups), key=lambda seen: seen.at)
        trigger = "user_report" if first.record.kind == "user_report" else "alert"
        told = f"told of by {_names(groups)}"
    because = Sentence(text=f"{figures.text}; {told}", facts=(spell.start.id, *figures.facts))
    return Triaged(
        verdict="incident",
        trigger=trigger,
        alerts=ids,
        start=spell.began,
        end=spell.ended,
        severity=level,
        because=because,
        text=_text(groups) or because.text,
    )


def _names(groups: Sequence[Sequence[AlertSeen]]) -> str:
    names = (
        "a user's report" if group[0].record.kind == "user_report" else group[0].name for group in groups
    )
    return ", ".join(dict.fromkeys(names))


def _text(groups: Sequence[Sequence[AlertSeen]]) -> str:
    """What the first alert or report says."""
    return next((group[0].record.text for group in groups if group[0].record.text), "")


def _without_failures(
    group: Sequence[AlertSeen],
    planned: Sequence[tuple[datetime, datetime]],
    measurements: Mapping[str, MeasurementResult],
) -> Triaged:
    first, resolved = group[0], _resolved(group)
    critical = any(seen.record.severity == "critical" for seen in group)
    seen_requests = _requests_seen(measurements.get(SEEN), first.at)
    quiet = "no request failed beyond the usual" if seen_requests else "no requests could be looked at"
    verdict: TriageVerdict = "noise"
    level: Severity | Literal[""] = ""
    if _planned(first.at, planned):
        why = f"{first.name} fired during planned work"
    elif critical and not resolved:
        verdict, level = "incident", "SEV-4"
        why = f"{first.name} is critical and has not resolved; {quiet}"
    elif critical or not seen_requests:
        verdict = "look"
        why = f"{first.name} fired{' and resolved' if resolved else ''}; {quiet}"
    else:
        why = f"{first.name} is a warning; {quiet}"
    return Triaged(
        verdict=verdict,
        trigger="alert",
        alerts=(first.record.alert,) if first.record.alert else (),
        start=first.at,
        end=group[-1].at if resolved else None,
        severity=level,
        because=Sentence(text=why, facts=(first.fact.id,)),
        text=first.record.text,
    )


def _requests_seen(result: MeasurementResult | None, at: datetime) -> bool:
    """Whether requests were looked at of the time at which an alert fired: a log may end before."""
    if result is None or result.status != "ok":
        return False
    return all(at < fact.window.observed_end for fact in result.named("incidents") if fact.window.partial)


def _reports(
    reports: Sequence[Sequence[AlertSeen]], planned: Sequence[tuple[datetime, datetime]]
) -> list[Triaged]:
    """Users' reports that no failing spell explains: several within an hour are an incident."""
    found: list[Triaged] = []
    left = [group[0] for group in reports]
    while left:
        together = [seen for seen in left if seen.at - left[0].at <= TOGETHER]
        left = left[len(together) :]
        first, number = together[0], len(together)
        facts = tuple(seen.fact.id for seen in together)
        verdict: TriageVerdict = "look"
        level: Severity | Literal[""] = ""
        who = "a user reports" if number == 1 else f"{number} users report"
        why = f"{who} trouble that the requests do not show"
        if _planned(first.at, planned):
            verdict, why = "noise", f"{why}, during planned work"
        elif number >= USERS_TOGETHER:
            verdict, level = "incident", "SEV-4"
        found.append(
            Triaged(
                verdict=verdict,
                trigger="user_report",
                alerts=tuple(dict.fromkeys(seen.record.alert for seen in together if seen.record.alert)),
                start=first.at,
                end=None,
                severity=level,
                because=Sentence(text=why, facts=facts),
                text=first.record.text,
            )
        )
    return found


def _planned(moment: datetime, planned: Sequence[tuple[datetime, datetime]]) -> bool:
    return any(begin <= moment <= end for begin, end in planned)
