"""The support tickets of ten weeks, in people's own words."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from postlaunch.sample.incident import Incident
from postlaunch.sample.rhythm import HOURS
from postlaunch.sample.voices import Theme, body_of, subject_of, voices
from postlaunch.sample.written_tickets import WrittenTicket
from postlaunch.windows import Window

WEEKS_OF_TICKETS = 10

FIRST_NUMBER = 4101

WEEKDAYS = (1.0,) * 5 + (0.36,) * 2
"""How many people write on each day of the week, relative to a working day."""


def tickets_of(rng: random.Random, last_week: Window, incident: Incident) -> list[WrittenTicket]:
    """Every ticket, numbered in the order of arrival."""
    drafts: list[WrittenTicket] = []
    for name, theme in voices().themes.items():
        drafts.extend(_about(rng, name, theme, last_week, incident))
    drafts.sort(key=lambda ticket: (ticket.at, ticket.person, ticket.body))
    numbered = enumerate(drafts, FIRST_NUMBER)
    return [_numbered(ticket, number) for number, ticket in numbered]


def _numbered(ticket: WrittenTicket, number: int) -> WrittenTicket:
    return WrittenTicket(
        id=f"T-{number}",
        at=ticket.at,
        person=ticket.person,
        requester=ticket.requester,
        subject=ticket.subject,
        body=ticket.body,
        kind=ticket.kind,
        theme=ticket.theme,
    )


def _about(
    rng: random.Random, name: str, theme: Theme, last_week: Window, incident: Incident
) -> list[WrittenTicket]:
    people = _people(rng, theme.tickets - theme.again)
    people += [rng.choice(people) for _ in range(theme.again)]
    said = [theme.says[place % len(theme.says)] for place in range(theme.tickets)]
    rng.shuffle(said)
    weeks = _weeks(rng, theme)
    return [
        WrittenTicket(
            id="",
            at=_arrival(rng, theme, weeks_ago, last_week, incident),
            person=person,
            requester=_as_typed(rng, person),
            subject=subject_of(rng, theme),
            body=body_of(rng, theme, says),
            kind=_filed(rng, theme),
            theme=name,
        )
        for person, says, weeks_ago in zip(people, said, weeks, strict=True)
    ]


def _people(rng: random.Random, number: int) -> list[str]:
    """Distinct addresses."""
    book, people = voices(), dict[str, None]()
    while len(people) < number:
        first, last = rng.choice(book.first_names), rng.choice(book.last_names)
        people[f"{first}.{last}@{rng.choice(book.domains)}".lower()] = None
    return list(people)


def _as_typed(rng: random.Random, person: str) -> str:
    """The address as the mail program sent it: capitals do not make another person."""
    return person.title() if rng.random() < 0.08 else person


def _filed(rng: random.Random, theme: Theme) -> str:
    """The kind the sender chose from the form's list, where the sender chose one."""
    if theme.verbatim or rng.random() < 0.22:
        return ""
    return rng.choice(("feature", "bug", "question")) if rng.random() < 0.08 else theme.kind


def _weeks(rng: random.Random, theme: Theme) -> list[int]:
    """How many weeks ago each ticket came: in equal shares, so that no week is a crisis by chance."""
    if theme.spread == "late":
        return [0] * theme.tickets
    first = rng.randrange(WEEKS_OF_TICKETS)
    weeks = [(first + place) % WEEKS_OF_TICKETS for place in range(theme.tickets)]
    rng.shuffle(weeks)
    return weeks


def _arrival(rng: random.Random, theme: Theme, weeks_ago: int, last_week: Window, incident: Incident) -> int:
    if theme.spread == "incident":
        return int((incident.start.timestamp() + 120 + rng.expovariate(1 / 4800)) * 1000)
    day = rng.choices(range(7), WEEKDAYS)[0]
    hour = rng.choices(range(24), [weight**3 for weight in HOURS])[0]
    monday = last_week.local(last_week.start).replace(tzinfo=None)
    local = monday - timedelta(weeks=weeks_ago) + timedelta(days=day, hours=hour, seconds=rng.randrange(3600))
    return _milliseconds(local, last_week.zone)


def _milliseconds(local: datetime, zone: str) -> int:
    return int(local.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
