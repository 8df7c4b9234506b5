"""The clocks of a response: how soon somebody was paged, answered, and told the others; kept or missed.

Table "SLA clocks" (`docs/definitions.md`). Times come from the records of alerts alone; a clock that nothing
records is neither kept nor missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import floor

from postlaunch.facts import Assumed, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.health import Severity
from postlaunch.reports.incident_parts import Clock, ClockVerdict
from postlaunch.reports.judged import Sentence
from postlaunch.settings_incidents import Incidents
from postlaunch.tools.incident_case import first_of, minutes_between
from postlaunch.tools.incident_records import AlertSeen
from postlaunch.windows import zone_named

FRIDAY = 4
NO_RECORD = Unavailable(reason="not recorded", remedy="record it in [sources.alerts]")


@dataclass(frozen=True)
class Response:
    """What the clocks read.

    Attributes:
        detected: when it was noticed; None where nothing records it.
        began: start of the failures.
        ended: end of the failures; None while they go on.
        alerts: the records, oldest first.
    """

    severity: Severity
    began: Measured | None
    detected: Measured | Assumed | None
    ended: Measured | None
    alerts: tuple[AlertSeen, ...]
    now: datetime
    zone: str


def response_clocks(response: Response, incidents: Incidents) -> tuple[Clock, ...]:
    """Detection, page, answer, escalation, messages: each with its limit, how long it took, the verdict."""
    return (
        _detection(response, incidents),
        _page(response, incidents),
        _answer(response, incidents),
        _escalation(response, incidents),
        _messages(response, incidents),
    )


def _clock(
    name: str, title: str, limit: str, took: Quantity, verdict: ClockVerdict, why: str, *facts: str
) -> Clock:
    return Clock(
        name=name,
        title=title,
        limit=limit,
        took=took,
        verdict=verdict,
        because=Sentence(text=why, facts=tuple(dict.fromkeys(facts))),
    )


def _within(name: str, title: str, most: float, took: Quantity, what: str, *facts: str) -> Clock:
    limit = value_text(most, "minutes")
    if isinstance(took, Unavailable):
        return _clock(name, title, limit, took, "not recorded", f"{what}: not recorded", *facts)
    verdict: ClockVerdict = "kept" if took.value <= most else "missed"
    why = f"{what} after {value_text(took.value, took.unit)}, {limit} allowed"
    return _clock(name, title, limit, took, verdict, why, *facts)


def _detection(response: Response, incidents: Incidents) -> Clock:
    """From the start of the failures to the first alert or report."""
    most, began, detected = incidents.escalate_minutes[0], response.began, response.detected
    took: Quantity = Unavailable(reason="not recorded")
    facts: tuple[str, ...] = ()
    if began is not None and isinstance(detected, Measured):
        facts = (began.fact, detected.fact)
        took = minutes_between(began, detected, "from the start of the failures to their detection")
        if took.value < 0:
            limit = value_text(most, "minutes")
            return _clock("detect", "Detect", limit, took, "kept", "Detected before requests failed", *facts)
    return _within("detect", "Detect", most, took, "Detected", *facts)


def _page(response: Response, incidents: Incidents) -> Clock:
    """From detection to the page of the person on call."""
    paged = first_of(response.alerts, "paged")
    took, facts = _since_detection(response, paged, "from detection to the page")
    return _within("page", "Page on-call", incidents.escalate_minutes[0], took, "Paged", *facts)


def _answer(response: Response, incidents: Incidents) -> Clock:
    """From detection to the first acknowledgement, or the first record that somebody works on it."""
    answered = first_of(response.alerts, "acknowledged", "investigation")
    took, facts = _since_detection(response, answered, "from detection to the first answer")
    most = acknowledge_minutes(response.severity, incidents)
    if most is not None:
        if isinstance(took, Unavailable) and response.detected is not None and response.ended is None:
            waited = (response.now.timestamp() - response.detected.value) / 60
            if waited > most:
                why = f"Nobody answered within {value_text(most, 'minutes')}, and it goes on"
                return _clock(
                    "acknowledge", "Acknowledge", value_text(most, "minutes"), took, "missed", why, *facts
                )
        return _within("acknowledge", "Acknowledge", most, took, "Acknowledged", *facts)
    return _next_business_day(response, answered, took, facts)


def _next_business_day(
    response: Response, answered: AlertSeen | None, took: Quantity, facts: tuple[str, ...]
) -> Clock:
    limit, title = "next business day", "Acknowledge"
    if response.detected is None or answered is None:
        return _clock("acknowledge", title, limit, took, "not recorded", "Acknowledged: not recorded", *facts)
    end = end_of_next_business_day(response.detected.value, response.zone)
    verdict: ClockVerdict = "kept" if answered.at < end else "missed"
    why = f"Acknowledged {answered.at.astimezone(zone_named(response.zone)):%Y-%m-%d %H:%M}, allowed: {limit}"
    return _clock("acknowledge", title, limit, took, verdict, why, *facts)


def _since_detection(
    response: Response, record: AlertSeen | None, statement: str
) -> tuple[Quantity, tuple[str, ...]]:
    if record is None or response.detected is None or record.at.timestamp() < response.detected.value:
        return NO_RECORD, ()
    took = minutes_between(response.detected, Measured.of(record.fact), statement)
    told = (response.detected.fact,) if isinstance(response.detected, Measured) else ()
    return took, (*told, record.fact.id)


def _escalation(response: Response, incidents: Incidents) -> Clock:
    """Whether a way out was decided on before a rollback was to be considered, and the lead to be told."""
    _, consider, tell = incidents.escalate_minutes
    title = "Escalate"
    soon, late = value_text(consider, "minutes"), value_text(tell, "minutes")
    limit = f"{soon} to consider a rollback, {late} to tell the lead"
    decided = first_of(response.alerts, "decision", "fix_applied")
    took, facts = _since_detection(response, decided, "from detection to the decision")
    if not isinstance(took, Unavailable):
        verdict: ClockVerdict = "kept" if took.value <= consider else "missed"
        why = f"Decided after {value_text(took.value, took.unit)}, {soon} allowed"
        return _clock("escalate", title, limit, took, verdict, why, *facts)
    if response.detected is None:
        return _clock("escalate", title, limit, took, "not recorded", "Detection is not recorded")
    until = response.ended.value if response.ended is not None else response.now.timestamp()
    lasted = (until - response.detected.value) / 60
    if lasted <= consider:
        return _clock("escalate", title, limit, took, "not due", "It was over before it was due")
    due = "a rollback was to be considered" + (", and the lead to be told" if lasted > tell else "")
    return _clock("escalate", title, limit, took, "not recorded", f"Not recorded: {due}")


def _messages(response: Response, incidents: Incidents) -> Clock:
    """How many messages were due until the failures ended. Nothing records them, unless none was due."""
    title, every = "Communicate", communicate_minutes(response.severity, incidents)
    if every is None:
        return _clock("communicate", title, "none due", NO_RECORD, "not due", "No message is due for SEV-4")
    limit = f"every {value_text(every, 'minutes')}"
    if response.detected is None:
        return _clock("communicate", title, limit, NO_RECORD, "not recorded", "Detection is not recorded")
    until = response.ended.value if response.ended is not None else response.now.timestamp()
    due = floor(max(until - response.detected.value, 0.0) / 60 / every)
    if not due:
        why = "It was over before a message was due" if response.ended is not None else "None was due so far"
        return _clock("communicate", title, limit, NO_RECORD, "not due", why)
    until_when = "until it was over" if response.ended is not None else "so far"
    why = f"{due} {'message was' if due == 1 else 'messages were'} due {until_when}; none is recorded"
    return _clock("communicate", title, limit, NO_RECORD, "not recorded", why)


def acknowledge_minutes(severity: Severity, incidents: Incidents) -> float | None:
    """Minutes within which somebody must answer; None: until the end of the next business day."""
    clocks = incidents.clocks
    return {"SEV-1": clocks.sev_1, "SEV-2": clocks.sev_2, "SEV-3": clocks.sev_3}.get(severity)


def communicate_minutes(severity: Severity, incidents: Incidents) -> float | None:
    """Minutes from one message to the next; None: none is due."""
    clocks = incidents.clocks
    every = {
        "SEV-1": clocks.communicate_1,
        "SEV-2": clocks.communicate_2,
        "SEV-3": clocks.communicate_3,
    }
    return every.get(severity)


def end_of_next_business_day(detected: float, zone: str) -> datetime:
    """Midnight after the first day from Monday to Friday that follows the day of detection.

    Args:
        detected: seconds since 1970, UTC.
        zone: of the clock on the wall.
    """
    place = zone_named(zone)
    day = datetime.fromtimestamp(detected, place).date() + timedelta(days=1)
    while day.weekday() > FRIDAY:
        day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), place)


def business_days_after(moment: datetime, days: int, zone: str) -> Iterator[datetime]:
    """The next working days after a moment, at ten in the morning on the wall clock, the first first."""
    place = zone_named(zone)
    day = moment.astimezone(place).date()
    given = 0
    while given < days:
        day += timedelta(days=1)
        if day.weekday() <= FRIDAY:
            given += 1
            yield datetime.combine(day, time(10), place)
