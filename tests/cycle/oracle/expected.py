"""The figure that is true, for any fact of a report on the sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from oracle.anomalies import OfAnomalies
from oracle.between import Between
from oracle.experiments import OfExperiments
from oracle.incidents import OfIncidents
from oracle.otherwise import OfOtherDefinitions
from oracle.performance import OfPerformance
from oracle.planning import OfFiles, OfTickets
from oracle.requests import Figures, OfRequests
from oracle.resources import OfResources, OfTheLog
from oracle.users import OfUsers
from oracle.world import Asked, World
from postlaunch.facts import Fact, measured_in
from postlaunch.printing import value_text
from postlaunch.reports.report import Report
from postlaunch.windows import Window


class Expected:
    """Knows every figure by its name; one that it does not know is an error."""

    def __init__(self, world: World) -> None:
        self.world = world
        requests = OfRequests(world)
        parts = (
            requests,
            OfIncidents(world, requests),
            OfPerformance(world, requests),
            OfAnomalies(world, requests),
            OfResources(world),
            OfTheLog(world),
            OfUsers(world),
            OfOtherDefinitions(world),
            OfExperiments(world),
            OfTickets(world),
            OfFiles(world),
        )
        self._figures = _joined(part.figures() for part in parts)

    def of(self, report: Report, fact: Fact, part: str = "value") -> float | Between:
        """What a fact, or the baseline that it states, must be.

        Raises:
            LookupError: nothing is known of such a figure.
        """
        window = fact.window if part == "value" else _before(fact)
        known = self._figures.get(fact.name)
        if known is None:
            raise LookupError(f"nothing is known of {fact.name} of {fact.entity}")
        found = known(Asked(fact, window, report, is_before=part == "baseline"))
        assert found is not None, f"{fact.name} of {fact.entity} has no value in {window}"
        return found


def wrong_in(report: Report, expected: Expected) -> list[str]:
    """Every measured figure of a report that is not the truth as it prints: what it states, and what its
    appendix holds, which its sentences cite.
    """
    wrong = []
    for fact, part, value in _stated(report):
        try:
            true = expected.of(report, fact, part)
        except (LookupError, AssertionError, ValueError, StopIteration) as error:
            wrong.append(f"{fact.name} of {fact.entity} ({part}): {error!r}")
            continue
        if not _agrees(value, true, fact, report):
            wrong.append(f"{fact.name} of {fact.entity} ({part}): {value}, not {true}")
    return wrong


def _stated(report: Report) -> Iterable[tuple[Fact, str, float]]:
    for quantity in measured_in(report):
        yield report.fact(quantity.fact), quantity.part, quantity.value
    for fact in report.evidence.facts.values():
        yield fact, "value", fact.value
        if fact.baseline is not None:
            yield fact, "baseline", fact.baseline


def _agrees(value: float, true: float | Between, fact: Fact, report: Report) -> bool:
    if isinstance(true, Between):
        return true.holds(value)
    zone = report.window.zone
    return value_text(value, fact.unit, zone=zone) == value_text(float(true), fact.unit, zone=zone)


def _before(fact: Fact) -> Window:
    """The span of a baseline: its own, that of the whole measurement, or the first day of a trend."""
    if fact.baseline_window is not None:
        return fact.baseline_window
    stated = fact.measurement.parameters.get("baseline")
    return fact.window if stated is None else Window.model_validate(stated)


def _joined(parts: Iterable[Figures]) -> Figures:
    """All of them by name; no name twice."""
    several = list(parts)
    names = Counter(name for part in several for name in part)
    assert max(names.values()) == 1, f"known twice: {[name for name, times in names.items() if times > 1]}"
    return {name: figure for part in several for name, figure in part.items()}
