"""What is recorded of a spell of failures: its incident, what caused it, what ended it, whether it was
planned.

A request log shows that something failed, never why. The why is taken from records, each named beside it: an
incident of the ledger, a note of the people on call, a change. Their words are text from outside, and printed
as it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from postlaunch.agents.health_week import Week
from postlaunch.facts import Derived, Measured, Quantity, Unavailable
from postlaunch.reports.health import NOTHING_RECORDED, Incident, Maintenance
from postlaunch.reports.judged import NEEDS_A_MODEL, Sentence, said
from postlaunch.tools.definitions_incidents import CHANGE_END
from postlaunch.tools.incident_records import AlertSeen, ChangeSeen
from postlaunch.windows import Moment

SAME_SPELL = timedelta(minutes=5)
"""A record so near to a spell is of it, as spells so near to each other are one."""

ANSWERED_WITHIN = timedelta(hours=1)
"""How long after a spell a change, or a note, may still be what ended it."""

ANSWERS = frozenset({"configuration", "deployment", "restart", "migration", "rollback"})
STEPS_OF_THE_FIX = frozenset({"fix_applied", "restarted"})
NO_ANSWER = "not recorded: no change and no note of a fix during the spell or in the hour after it"


NOT_RECORDED = "not recorded"

Read = TypeVar("Read", bound=BaseModel)


class RecordedIncident(BaseModel):
    """An incident as the ledger keeps it, or as its report tells it, reduced to what a health report takes
    up.

    Attributes:
        cause, resolution: in the report's words; empty where it has none.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    severity: str = ""
    resolved: bool
    start: Moment
    end: Moment
    cause: tuple[str, ...] = ()
    resolution: tuple[str, ...] = ()


class _Level(BaseModel):
    level: str = ""


class _Cause(BaseModel):
    title: str
    confidence: str


class _Reported(BaseModel):
    """The part of an `IncidentReport` that a health report takes up; the rest is let be."""

    model_config = ConfigDict(extra="ignore")

    kind: Literal["incident"]
    incident_id: str
    severity: _Level
    status: str
    began: Quantity
    ended: Quantity
    root_cause: _Cause
    immediate_fix: list[JsonValue]

    def recorded(self) -> RecordedIncident | None:
        """The incident, where it has a number and a beginning."""
        if not self.incident_id or isinstance(self.began, Unavailable):
            return None
        start = datetime.fromtimestamp(self.began.value, UTC)
        ended = self.began if isinstance(self.ended, Unavailable) else self.ended
        cause = f"{self.root_cause.title}, with {self.root_cause.confidence} confidence"
        return RecordedIncident(
            id=self.incident_id,
            severity=self.severity.level,
            resolved=self.status == "Resolved",
            start=start,
            end=max(start, datetime.fromtimestamp(ended.value, UTC)),
            cause=() if self.root_cause.confidence == "inconclusive" else (cause,),
            resolution=tuple(text for text in _words(self.immediate_fix) if NOT_RECORDED not in text),
        )


class _Stored(BaseModel):
    """An `IncidentRecord`; its body may hold the report."""

    model_config = ConfigDict(extra="ignore")

    id: str
    severity: str = ""
    status: str
    started_at: Moment
    ended_at: Moment
    body: dict[str, JsonValue] = {}

    def recorded(self) -> RecordedIncident:
        """The incident, with the words of its body."""
        return RecordedIncident(
            id=self.id,
            severity=self.severity,
            resolved=self.status == "resolved",
            start=self.started_at,
            end=max(self.ended_at, self.started_at),
            cause=_words(self.body.get("root_cause")),
            resolution=_words(self.body.get("resolution")),
        )


def recorded_incidents(handed_in: JsonValue) -> tuple[RecordedIncident, ...]:
    """The incidents that a workflow hands in: reports of the incident-responder, and records of the ledger.
    What is neither is left out; of an incident that is there twice, its report goes before its record.
    """
    bodies = handed_in if isinstance(handed_in, list) else []
    reports = [report.recorded() for body in bodies if (report := _read(_Reported, body)) is not None]
    stored = [record.recorded() for body in bodies if (record := _read(_Stored, body)) is not None]
    found: dict[str, RecordedIncident] = {}
    for one in filter(None, (*reports, *stored)):
        found.setdefault(one.id, one)
    return tuple(found.values())


def _read(kind: type[Read], body: JsonValue) -> Read | None:
    try:
        return kind.model_validate(body)
    except ValidationError:
        return None


def _words(value: JsonValue) -> tuple[str, ...]:
    """Sentences as a body holds them: one text, a list of texts, or of objects with a text."""
    if isinstance(value, str):
        return (value,) if value and value != NEEDS_A_MODEL else ()
    if isinstance(value, Mapping):
        return _words(value.get("text"))
    if isinstance(value, list):
        return tuple(word for each in value for word in _words(each))
    return ()


def record_of(
    recorded: Sequence[RecordedIncident], start: datetime, end: datetime
) -> RecordedIncident | None:
    """The recorded incident that a spell is, or None."""
    near = (one for one in recorded if one.start <= end + SAME_SPELL and one.end >= start - SAME_SPELL)
    return min(near, key=lambda one: abs(one.start - start), default=None)


# --- why, and what ended it ---------------------------------------------------------------------------------


def root_cause(
    week: Week, record: RecordedIncident | None, start: datetime, end: datetime
) -> tuple[Sentence, ...]:
    """The cause as it is recorded; without a record it needs a mind."""
    if record is not None and record.cause:
        return tuple(Sentence(text=f"{text} (incident {record.id})") for text in record.cause)
    noted = tuple(_noted(note) for note in _notes(week, start, end) if note.record.milestone == "root_cause")
    return noted or (Sentence(text=NEEDS_A_MODEL),)


def resolution(
    week: Week, record: RecordedIncident | None, start: datetime, end: datetime
) -> tuple[Sentence, ...]:
    """What ended a spell, as it is recorded, or that nothing is."""
    if record is not None and record.resolution:
        return tuple(Sentence(text=f"{text} (incident {record.id})") for text in record.resolution)
    answers = tuple(_changed(seen) for seen in week.changes if _answers(seen, start, end))
    if answers:
        return answers
    steps = tuple(
        _noted(note) for note in _notes(week, start, end) if note.record.milestone in STEPS_OF_THE_FIX
    )
    if steps:
        return steps
    known = week.settings.sources.changes is not None or week.settings.sources.alerts is not None
    return (Sentence(text=NO_ANSWER if known else NOTHING_RECORDED),)


def _answers(seen: ChangeSeen, start: datetime, end: datetime) -> bool:
    """Whether a change, made in or after a spell and not planned before it, may be what ended it."""
    return (
        seen.change.kind in ANSWERS and not seen.change.planned and start <= seen.at <= end + ANSWERED_WITHIN
    )


def _notes(week: Week, start: datetime, end: datetime) -> Iterator[AlertSeen]:
    """What people noted in a spell and the hour after it."""
    for alert in week.alerts:
        if alert.record.kind == "note" and start <= alert.at <= end + ANSWERED_WITHIN:
            yield alert


def _changed(seen: ChangeSeen) -> Sentence:
    return said("{what} at {when} (change {id})", what=seen.title, when=seen.fact, id=seen.change.id)


def _noted(note: AlertSeen) -> Sentence:
    who = note.record.by or "somebody"
    return said(
        "{text} (noted by {who} at {when})", text=note.record.text.rstrip("."), who=who, when=note.fact
    )


# --- downtime -----------------------------------------------------------------------------------------------


def outage_cause(week: Week, start: datetime, end: datetime, spell: Incident | None) -> Sentence:
    """Why minutes were down: maintenance; the spell of failures that they are of; a change that had begun
    before and answers nothing; else it needs a mind.
    """
    before = [seen for seen in week.changes if _may_cause(seen, start, end)]
    maintenance = next((seen for seen in before if seen.change.kind == "maintenance"), None)
    if maintenance is not None:
        return _named(maintenance)
    if spell is not None:
        known = [said for said in spell.root_cause if NEEDS_A_MODEL not in said.text]
        told = f": {known[0].text}" if known else ""
        return Sentence(text=f"Incident #{spell.number}{told}", facts=known[0].facts if known else ())
    return _named(before[-1]) if before else Sentence(text=NEEDS_A_MODEL)


def _named(seen: ChangeSeen) -> Sentence:
    return said("{what} (change {id})", what=seen.title, id=seen.change.id, when=seen.fact)


def _may_cause(seen: ChangeSeen, start: datetime, end: datetime) -> bool:
    """Whether a change was going on, or had just been made, when minutes went down; what answers an incident
    did not cause it.
    """
    going = _overlaps(seen, start - SAME_SPELL, end) and seen.at < start + timedelta(minutes=1)
    return going and not seen.change.incident


def planned(week: Week, start: datetime, end: datetime) -> str:
    """Whether an outage was planned maintenance: "yes", "no", or why that is not known."""
    if week.settings.sources.changes is None:
        return "not known: no maintenance calendar is configured"
    if week.results["changes"].status == "error":
        return f"not known: {week.reason('changes')}"
    inside = (seen.change for seen in week.changes if _overlaps(seen, start, end))
    return "yes" if any(change.kind == "maintenance" and change.planned for change in inside) else "no"


def _overlaps(seen: ChangeSeen, start: datetime, end: datetime) -> bool:
    return seen.at < end and (seen.change.ended_at or seen.at + timedelta(minutes=1)) > start


def maintenance(week: Week) -> tuple[Maintenance, ...]:
    """The planned maintenance that is recorded for the window, whether or not minutes were down in it."""
    found = []
    for seen in week.changes:
        change = seen.change
        if change.kind != "maintenance" or not change.planned or not week.window.contains(change.at):
            continue
        found.append(
            Maintenance(
                title=seen.title,
                change=change.id,
                start=Measured.of(seen.fact),
                duration=_duration(week, seen),
            )
        )
    return tuple(found)


def _duration(week: Week, seen: ChangeSeen) -> Derived | Unavailable:
    end = week.fact("changes", CHANGE_END.name, seen.fact.entity)
    if end is None:
        return Unavailable(reason="its end is not recorded")
    return Derived.of("minutes between", Measured.of(seen.fact), Measured.of(end), unit="minutes")
