"""What to look into among the server errors: those outside the incidents, which are looked into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from postlaunch.agents.health_sections import during, why_none
from postlaunch.agents.health_week import Week
from postlaunch.facts import Derived, Fact, Measured
from postlaunch.printing import value_text
from postlaunch.reports.health import Incident
from postlaunch.reports.judged import NEEDS_A_MODEL, Sentence, said

SPREAD = "they are spread; the greatest part, {first} of {total} ({share}), comes from {first.entity}"

PLACES_NAMED = 3
"""Endpoints that are named with their errors outside the incidents."""

EVERY_ENDPOINT = "every endpoint"
"""Asked for beside the greatest, where errors of incidents are to be taken out."""


@dataclass(frozen=True)
class Place:
    """An endpoint's server errors outside the incidents.

    Attributes:
        whole: its fact of the whole window, in incidents and outside.
        facts: the ids behind the figure.
    """

    whole: Fact
    outside: float
    facts: tuple[str, ...]


@dataclass(frozen=True)
class ServerErrors:
    """The server errors of a window, and what of them is outside the incidents.

    Attributes:
        kinds: the counts of the statuses of 500 and above.
        incidents: those whose errors are taken out, with the count of each.
        places: endpoints by their errors outside the incidents, the most first; none where they cannot be
            told.
    """

    kinds: tuple[Fact, ...]
    incidents: tuple[tuple[Incident, Fact], ...]
    places: tuple[Place, ...]

    @property
    def total(self) -> float:
        """All of them."""
        return sum(fact.value for fact in self.kinds)

    @property
    def within(self) -> float:
        """Those inside the incidents."""
        return min(self.total, sum(fact.value for _, fact in self.incidents))

    @property
    def outside(self) -> float:
        """Those that no incident explains."""
        return self.total - self.within

    @property
    def facts(self) -> tuple[str, ...]:
        """The ids behind the totals."""
        return (*(fact.id for _, fact in self.incidents), *(fact.id for fact in self.kinds))

    @property
    def named(self) -> str:
        """The incidents taken out: "Incident #1", "incidents #1, #2"."""
        numbers = ", ".join(f"#{incident.number}" for incident, _ in self.incidents)
        return f"Incident {numbers}" if len(self.incidents) == 1 else f"incidents {numbers}"


def every_endpoint(asked: str) -> str:
    """Under which name all endpoints with errors are asked for, where the greatest are asked for as given."""
    return f"{asked}, {EVERY_ENDPOINT}"


def server_errors(week: Week, spells: Sequence[Incident]) -> ServerErrors:
    """The server errors of a window, those of the incidents taken out where they were looked into."""
    kinds = tuple(
        fact for fact in week.facts("errors_by_type", "status_count") if fact.entity.startswith("5")
    )
    taken = [
        (spell, failed, start.entity)
        for spell in spells
        if (failed := week.fact_of(spell.failed)) is not None
        and (start := week.fact_of(spell.start)) is not None
        and every_endpoint(during(start.entity)) in week.results
    ]
    asked = every_endpoint("server_errors") if taken else "server_errors"
    places = [
        _place(week, fact, [entity for *_, entity in taken]) for fact in week.facts(asked, "endpoint_errors")
    ]
    found = ServerErrors(
        kinds=kinds,
        incidents=tuple((spell, failed) for spell, failed, _ in taken),
        places=tuple(
            sorted((place for place in places if place.outside > 0), key=lambda place: -place.outside)
        ),
    )
    if taken and sum(place.outside for place in found.places) > found.outside:
        # More endpoints failed in an incident than a measurement lists.
        return ServerErrors(kinds=found.kinds, incidents=found.incidents, places=())
    return found


def _place(week: Week, whole: Fact, entities: Sequence[str]) -> Place:
    inside = [
        fact
        for entity in entities
        if (fact := week.fact(every_endpoint(during(entity)), "endpoint_errors", whole.entity)) is not None
    ]
    left = Derived.of("difference", Measured.of(whole), *map(Measured.of, inside), unit="count")
    return Place(whole=whole, outside=left.value, facts=(whole.id, *(fact.id for fact in inside)))


def cluster(week: Week, errors: ServerErrors) -> Place | None:
    """The endpoint that most of the errors outside the incidents come from, where they cluster."""
    first = errors.places[0] if errors.places else None
    clustered = first is not None and first.outside >= week.settings.verdicts.error_cluster * errors.outside
    return first if clustered else None


def error_action(week: Week, spells: Sequence[Incident]) -> tuple[Sentence, ...]:
    """What to look into among the server errors, and where they are; the trigger needs a mind."""
    errors = server_errors(week, spells)
    if not errors.kinds or not (errors.places or errors.incidents):
        return (Sentence(text=why_none(week, "server_errors", "None: no server errors (5xx)")),)
    kinds = ", ".join(fact.entity for fact in errors.kinds)
    if errors.incidents and not errors.outside:
        total = value_text(errors.total, "count")
        text = f"None beside {errors.named}: all {total} server errors ({kinds}) belong to it"
        text = text if len(errors.incidents) == 1 else text.removesuffix("it") + "them"
        return (Sentence(text=text, facts=errors.facts),)
    where = _outside(errors) if errors.incidents else _clustered(week, errors)
    lines = [where.model_copy(update={"text": f"Investigate the server errors ({kinds}): {where.text}"})]
    first = errors.places[0] if errors.places else None
    if first is not None and first.outside == first.whole.value:
        asked = every_endpoint("server_errors") if errors.incidents else "server_errors"
        rate = week.fact(asked, "endpoint_error_rate", first.whole.entity)
        if rate is not None:
            of_it = f"of the requests of {first.whole.entity}" if errors.incidents else "of its requests"
            lines.append(said("{rate} {of_it} fail", rate=rate, of_it=of_it))
    return (*lines, Sentence(text=f"trigger: {NEEDS_A_MODEL}"))


def _clustered(week: Week, errors: ServerErrors) -> Sentence:
    """Where they are, without incidents."""
    first = errors.places[0]
    where = said(
        "{first} of {total} ({share}) come from {first.entity}" if cluster(week, errors) else SPREAD,
        first=first.whole,
        total=value_text(errors.total, "count"),
        share=value_text(first.outside / errors.total, "ratio"),
    )
    return where.model_copy(update={"facts": (first.whole.id, *errors.facts)})


def _outside(errors: ServerErrors) -> Sentence:
    """How many the incidents explain, and where the others are."""
    shown = errors.places[:PLACES_NAMED]
    told = (f"{value_text(place.outside, 'count')} of {place.whole.entity}" for place in shown)
    where = ", ".join(told) or "not told apart by endpoint"
    within, total, rest = (
        value_text(value, "count") for value in (errors.within, errors.total, errors.outside)
    )
    return Sentence(
        text=f"{within} of {total} belong to {errors.named}; the other {rest}: {where}",
        facts=tuple(dict.fromkeys((*(fact for place in shown for fact in place.facts), *errors.facts))),
    )
