"""Where the server errors of a health report cluster, read from its facts: those of incidents left out.

Incidents are looked into by themselves; what fails beside them is what an item may mend. It is the rule of
the report's own verdict (`agents/health_errors.py`), read again from what was published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from postlaunch.facts import Derived, Fact, Measured
from postlaunch.reports.health import HealthReport, Incident
from postlaunch.settings import Verdicts
from postlaunch.windows import Window

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Failing:
    """The endpoint that most server errors outside the incidents come from.

    Attributes:
        errors: its own, outside the incidents; measured as they are where none of them fell in one.
        total: the server errors of all endpoints outside the incidents.
        incidents: those left out: "Incident #1"; empty for none.
        facts: the ids behind both figures.
    """

    endpoint: str
    errors: Measured | Derived
    total: float
    incidents: str
    facts: tuple[str, ...]


def failing(report: HealthReport, verdicts: Verdicts) -> Failing | None:
    """The endpoint where the errors cluster; None where they do not, are too few, or cannot be told apart."""
    apart = tuple(_looked_into(report))
    kinds = server_errors(report)
    total = sum(fact.value for fact in kinds) - sum(failed.value for _, failed, _ in apart)
    inside = [_by_endpoint(report, span) for _, _, span in apart]
    places = {name: _left(fact, inside) for name, fact in _by_endpoint(report, _whole(report)).items()}
    name = max(places, key=lambda each: places[each].value, default=None)
    listed = sum(max(0.0, errors.value) for errors in places.values())
    if name is None or total < verdicts.error_cluster_least or listed > total:
        return None
    if places[name].value < verdicts.error_cluster * total:
        return None
    return Failing(
        endpoint=name,
        errors=places[name],
        total=total,
        incidents=_named([incident for incident, _, _ in apart]),
        facts=(
            *_behind(places[name]),
            *(failed.fact for _, failed, _ in apart),
            *(fact.id for fact in kinds),
        ),
    )


def server_errors(report: HealthReport) -> list[Fact]:
    """The counts of the statuses of 500 and above, of the whole window."""
    whole = _whole(report)
    return [
        fact
        for fact in report.evidence.facts.values()
        if fact.name == "status_count" and fact.entity.startswith("5") and _span_of(fact) == whole
    ]


def _looked_into(report: HealthReport) -> Iterator[tuple[Incident, Measured, Span]]:
    """The incidents whose errors are known by endpoint, with what failed and their span."""
    for incident in report.incidents.items:
        start, minutes, failed = incident.start, incident.duration, incident.failed
        if isinstance(start, Measured) and isinstance(minutes, Measured) and isinstance(failed, Measured):
            begin = datetime.fromtimestamp(start.value, UTC)
            span = (begin, begin + timedelta(minutes=minutes.value))
            if _by_endpoint(report, span):
                yield incident, failed, span


def _by_endpoint(report: HealthReport, span: Span) -> dict[str, Fact]:
    """Server errors over a span by endpoint; the same figure, measured twice, once."""
    return {
        fact.entity: fact
        for fact in report.evidence.facts.values()
        if fact.name == "endpoint_errors"
        and fact.measurement.parameters.get("status") in ("5xx", None)
        and _span_of(fact) == span
    }


def _whole(report: HealthReport) -> Span:
    return report.window.start, report.window.end


def _span_of(fact: Fact) -> Span:
    """The span that was asked for."""
    asked = fact.measurement.parameters.get("window")
    window = Window.model_validate(asked) if asked is not None else fact.window
    return window.start, window.end


def _left(whole: Fact, inside: Sequence[Mapping[str, Fact]]) -> Measured | Derived:
    """What is left of an endpoint's errors without those in the incidents."""
    taken = [Measured.of(errors[whole.entity]) for errors in inside if whole.entity in errors]
    if not taken:
        return Measured.of(whole)
    return Derived.of(
        "difference",
        Measured.of(whole),
        *taken,
        unit="count",
        statement="server errors of the endpoint less those in incidents",
    )


def _behind(errors: Measured | Derived) -> tuple[str, ...]:
    measured = (errors,) if isinstance(errors, Measured) else errors.inputs
    return tuple(one.fact for one in measured if isinstance(one, Measured))


def _named(incidents: Sequence[Incident]) -> str:
    numbers = ", ".join(f"#{incident.number}" for incident in incidents)
    if len(incidents) > 1:
        return f"incidents {numbers}"
    return f"Incident {numbers}" if incidents else ""
