"""The truth of tickets and of the sprint's capacity, counted in plain code."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from postlaunch.sample.rhythm import moment
from postlaunch.sample.truth_operations import ThemeTruth
from postlaunch.sample.voices import voices
from postlaunch.sample.written_tickets import WrittenTicket
from postlaunch.windows import iso_week_of


def theme_truths(tickets: Sequence[WrittenTicket], zone: str) -> dict[str, ThemeTruth]:
    """The truth of every theme, in the order of the phrase book."""
    truths = {}
    for name, theme in voices().themes.items():
        about = [ticket for ticket in tickets if ticket.theme == name]
        truths[name] = ThemeTruth(
            kind=theme.kind,
            candidate=theme.candidate,
            tickets=tuple(ticket.id for ticket in about),
            requesters=len({ticket.person for ticket in about}),
            tickets_by_week=by_week(about, zone),
        )
    return truths


def by_week(tickets: Iterable[WrittenTicket], zone: str) -> dict[str, int]:
    """Tickets per ISO week of the zone, oldest week first."""
    place = ZoneInfo(zone)
    return _counted(iso_week_of(moment(ticket.at, place).date(), zone).label for ticket in tickets)


def capacity_truth(settings: str) -> dict[str, float]:
    """Days that may be planned, by party, as the sample's settings declare them."""
    declared = tomllib.loads(settings)
    free = 1 - declared["capacity"]["buffer"]
    return {party["name"]: party["days"] * free for party in declared["roster"] if "days" in party}


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
